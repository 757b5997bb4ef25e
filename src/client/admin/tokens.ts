import { throwIfError } from '../../protocol/errors.ts'
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from '../../protocol/generated/38-create-delegation-token.ts'
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../protocol/generated/39-renew-delegation-token.ts'
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from '../../protocol/generated/40-expire-delegation-token.ts'
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from '../../protocol/generated/41-describe-delegation-token.ts'
import type { Cluster } from '../cluster.ts'
import { askController } from '../controller.ts'
import { withRetries } from '../retry.ts'
import type { DelegationToken, Principal, SecurityAdmin } from '../security-types.ts'

/** Tokens have an owner other than their requester from this version on (KIP-373). */
const OWNER_SINCE = 3

const wirePrincipal = ({ type, name }: Principal) => ({ principalType: type, principalName: name })

interface WireToken {
  principalType: string
  principalName: string
  tokenRequesterPrincipalType: string
  tokenRequesterPrincipalName: string
  tokenId: string
  hmac: Buffer
}

function tokenOf(wire: WireToken, version: number, more: Pick<DelegationToken, 'renewers'>, timesMs: bigint[]) {
  const owner = { type: wire.principalType, name: wire.principalName }
  const requester = { type: wire.tokenRequesterPrincipalType, name: wire.tokenRequesterPrincipalName }
  const [issueTimestampMs = 0, expiryTimestampMs = 0, maxTimestampMs = 0] = timesMs.map(Number)
  return {
    tokenId: wire.tokenId,
    hmac: wire.hmac,
    owner,
    requester: version >= OWNER_SINCE ? requester : owner,
    ...more,
    issueTimestampMs,
    expiryTimestampMs,
    maxTimestampMs,
  }
}

/** A new delegation token for the authenticated user, or for `owner` (KIP-48, KIP-373). */
export async function createDelegationToken(
  cluster: Cluster,
  { owner, renewers, maxLifetimeMs }: Parameters<SecurityAdmin['createDelegationToken']>[0],
): Promise<DelegationToken> {
  cluster.refuseControllers()
  return askController(cluster, 'createDelegationToken', async (connection) => {
    const version = connection.versions.pick({
      ...CreateDelegationTokenRequest,
      minVersion: owner === null ? CreateDelegationTokenRequest.minVersion : OWNER_SINCE,
    })
    const message = {
      renewers: renewers.map(wirePrincipal),
      maxLifetimeMs,
      ...(owner === null ? {} : { ownerPrincipalType: owner.type, ownerPrincipalName: owner.name }),
    }
    const answer = await connection.send(CreateDelegationTokenRequest, CreateDelegationTokenResponse, message, {
      version,
    })
    throwIfError(answer.errorCode)
    const timesMs = [answer.issueTimestampMs, answer.expiryTimestampMs, answer.maxTimestampMs]
    return tokenOf(answer, version, { renewers }, timesMs)
  })
}

/** Prolongs a token; the new expiry time in ms. */
export async function renewDelegationToken(cluster: Cluster, hmac: Buffer, renewPeriodMs: bigint): Promise<number> {
  cluster.refuseControllers()
  return askController(cluster, 'renewDelegationToken', async (connection) => {
    const message = { hmac, renewPeriodMs }
    const answer = await connection.send(RenewDelegationTokenRequest, RenewDelegationTokenResponse, message)
    throwIfError(answer.errorCode)
    return Number(answer.expiryTimestampMs)
  })
}

/** Makes a token expire; the new expiry time in ms. */
export async function expireDelegationToken(
  cluster: Cluster,
  hmac: Buffer,
  expiryTimePeriodMs: bigint,
): Promise<number> {
  cluster.refuseControllers()
  return askController(cluster, 'expireDelegationToken', async (connection) => {
    const message = { hmac, expiryTimePeriodMs }
    const answer = await connection.send(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, message)
    throwIfError(answer.errorCode)
    return Number(answer.expiryTimestampMs)
  })
}

/** The tokens of these owners; null: those of the authenticated user. */
export async function describeDelegationTokens(
  cluster: Cluster,
  owners: readonly Principal[] | null,
): Promise<DelegationToken[]> {
  return withRetries(cluster, 'describeDelegationToken', async () => {
    const connection = await cluster.connectAny()
    const message = { owners: owners?.map(wirePrincipal) ?? null }
    const { response, version } = await cluster.ask(
      connection,
      DescribeDelegationTokenRequest,
      DescribeDelegationTokenResponse,
      { message },
    )
    throwIfError(response.errorCode)
    return response.tokens.map((token) => {
      const renewers = token.renewers.map(({ principalType, principalName }) => ({
        type: principalType,
        name: principalName,
      }))
      return tokenOf(token, version, { renewers }, [token.issueTimestamp, token.expiryTimestamp, token.maxTimestamp])
    })
  })
}
