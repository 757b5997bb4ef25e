import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cancel, type Clock, ManualClock, systemClock } from '../../../src/base/clock.ts'
import { plainMechanism } from '../../../src/net/sasl/plain.ts'
import { scramMechanism } from '../../../src/net/sasl/scram.ts'
import type { Draft } from '../../../src/protocol/codec.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from '../../../src/protocol/generated/38-create-delegation-token.ts'
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../../src/protocol/generated/39-renew-delegation-token.ts'
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from '../../../src/protocol/generated/40-expire-delegation-token.ts'
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from '../../../src/protocol/generated/41-describe-delegation-token.ts'
import type { TestBroker, TestClient } from '../in-process.ts'
import { logIn, saslBroker, saslClient } from '../security/fixture.ts'

const DAY_MS = 86_400_000
const SECRET = 's3cr3t'

/** Stands still for what asks the time, goes on for what waits. */
class FrozenClock implements Clock {
  readonly manual = new ManualClock()
  nowMs = (): number => this.manual.nowMs()
  monotonicMs = (): number => this.manual.monotonicMs()
  schedule = (delayMs: number, fn: () => void): Cancel =>
    delayMs >= DAY_MS / 24 ? this.manual.schedule(delayMs, fn) : systemClock.schedule(delayMs, fn)
}

const create = (client: TestClient, request: Draft<CreateDelegationTokenRequest> = {}, version = 3) =>
  client.request(CreateDelegationTokenRequest, CreateDelegationTokenResponse, version, request)
const renew = (client: TestClient, hmac: Buffer, renewPeriodMs: number) =>
  client.request(RenewDelegationTokenRequest, RenewDelegationTokenResponse, 2, {
    hmac,
    renewPeriodMs: BigInt(renewPeriodMs),
  })
const expire = (client: TestClient, hmac: Buffer, expiryTimePeriodMs: number) =>
  client.request(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, 2, {
    hmac,
    expiryTimePeriodMs: BigInt(expiryTimePeriodMs),
  })
const describeTokens = (client: TestClient, owners: string[] | null, version = 3) =>
  client.request(DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, version, {
    owners: owners?.map((principalName) => ({ principalType: 'User', principalName })) ?? null,
  })

describe('delegation tokens', () => {
  const clock = new FrozenClock()
  let broker: TestBroker
  let alice: TestClient
  let bob: TestClient
  beforeAll(async () => {
    broker = await saslBroker({ 'delegation.token.secret.key': SECRET }, { clock })
    alice = await saslClient(broker)
    bob = await saslClient(broker)
    await logIn(alice, plainMechanism('alice', 'alice-pw'))
    await logIn(bob, plainMechanism('bob', 'bob-pw'))
  })
  afterAll(async () => {
    alice.close()
    bob.close()
    await broker.stop()
  })
  const logInWith = async (token: CreateDelegationTokenResponse, mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512') => {
    const client = await saslClient(broker)
    const credentials = { username: token.tokenId, password: token.hmac.toString('base64'), tokenAuth: true }
    return { client, answer: await logIn(client, scramMechanism(mechanism, credentials)) }
  }

  it.each([1, 2, 3])('are created at v%i, for a day and at most a week', async (version) => {
    const now = BigInt(clock.nowMs())
    const token = await create(alice, { ownerPrincipalType: '', ownerPrincipalName: '' }, version)
    expect(token).toMatchObject({
      errorCode: 0,
      principalType: 'User',
      principalName: 'alice',
      tokenRequesterPrincipalName: version < 3 ? '' : 'alice',
      issueTimestampMs: now,
      expiryTimestampMs: now + BigInt(DAY_MS),
      maxTimestampMs: now + BigInt(7 * DAY_MS),
    })
    expect(token.hmac).toEqual(createHmac('sha512', SECRET).update(token.tokenId).digest())
  })

  it.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('log their owner in by %s, until they expire', async (name) => {
    const token = await create(alice, { maxLifetimeMs: 5000n })
    const { client, answer } = await logInWith(token, name)
    expect(answer).toMatchObject({ errorCode: 0, sessionLifetimeMs: 5000n })
    // Whoever came by a token can't get another, nor see or prolong any.
    const refused = ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
    expect(await create(client)).toMatchObject({ errorCode: refused, principalName: 'alice', tokenId: '' })
    expect((await describeTokens(client, null)).errorCode).toBe(refused)
    expect(await renew(client, token.hmac, -1)).toMatchObject({ errorCode: refused, expiryTimestampMs: -1n })
    expect((await expire(client, token.hmac, -1)).errorCode).toBe(refused)
    client.close()
  })

  it('are for another owner when that is asked', async () => {
    const token = await create(alice, { ownerPrincipalType: 'User', ownerPrincipalName: 'carol' })
    expect(token).toMatchObject({ errorCode: 0, principalName: 'carol', tokenRequesterPrincipalName: 'alice' })
    const { tokens } = await describeTokens(alice, ['carol'])
    expect(tokens.map(({ tokenId }) => tokenId)).toEqual([token.tokenId])
    expect((await describeTokens(alice, ['carol'], 1)).tokens[0]).toMatchObject({ principalName: 'carol' })
  })

  it('are renewed by owner and renewers, up to their max lifetime', async () => {
    const now = BigInt(clock.nowMs())
    const renewers = [{ principalType: 'User', principalName: 'bob' }]
    const shared = await create(alice, { maxLifetimeMs: BigInt(DAY_MS / 2), renewers })
    expect((await renew(bob, shared.hmac, 1000)).expiryTimestampMs).toBe(now + 1000n)
    expect((await renew(alice, shared.hmac, -1)).expiryTimestampMs).toBe(shared.maxTimestampMs)
    expect((await expire(bob, shared.hmac, 2000)).expiryTimestampMs).toBe(now + 2000n)
    const own = await create(alice)
    expect((await renew(bob, own.hmac, 1000)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH)
    expect((await expire(bob, own.hmac, -1)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH)
  })

  it('end at once when expired with a negative period', async () => {
    const token = await create(alice)
    expect(await expire(alice, token.hmac, -1)).toMatchObject({
      errorCode: 0,
      expiryTimestampMs: BigInt(clock.nowMs()),
    })
    expect((await renew(alice, token.hmac, -1)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_NOT_FOUND)
    const { client, answer } = await logInWith(token, 'SCRAM-SHA-256')
    expect(answer.errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
    client.close()
  })

  it('can not be renewed once over, and are swept away', async () => {
    const token = await create(alice, { maxLifetimeMs: 1000n })
    clock.manual.advance(1001)
    expect((await renew(alice, token.hmac, -1)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_EXPIRED)
    expect((await expire(alice, token.hmac, 1)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_EXPIRED)
    clock.manual.advance(DAY_MS / 24)
    // The sweep's write comes before this one's.
    await create(alice)
    const { tokens } = await describeTokens(alice, null)
    expect(tokens.map(({ tokenId }) => tokenId)).not.toContain(token.tokenId)
    expect(tokens.length).toBeGreaterThan(0)
  })

  it('are refused with other renewers than users', async () => {
    const renewers = [{ principalType: 'Group', principalName: 'bob' }]
    expect((await create(alice, { renewers })).errorCode).toBe(ErrorCode.INVALID_PRINCIPAL_TYPE)
  })

  it('are described to none for no owner, and not over PLAINTEXT', async () => {
    expect(await describeTokens(alice, [])).toMatchObject({ errorCode: 0, tokens: [] })
    const plain = await broker.connect()
    const refused = ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
    expect((await describeTokens(plain, null)).errorCode).toBe(refused)
    expect(await create(plain)).toMatchObject({ errorCode: refused, issueTimestampMs: -1n })
    plain.close()
  })

  it('outlive the broker', async () => {
    const token = await create(bob)
    alice.close()
    bob.close()
    await broker.restart()
    alice = await saslClient(broker)
    bob = await saslClient(broker)
    await logIn(bob, plainMechanism('bob', 'bob-pw'))
    const { tokens } = await describeTokens(bob, ['bob'])
    expect(tokens.find(({ tokenId }) => tokenId === token.tokenId)?.hmac).toEqual(token.hmac)
  })
})

describe('without delegation.token.secret.key', () => {
  it('there are no delegation tokens', async () => {
    const broker = await saslBroker()
    const alice = await saslClient(broker)
    await logIn(alice, plainMechanism('alice', 'alice-pw'))
    const disabled = ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED
    expect(await create(alice)).toMatchObject({ errorCode: disabled, principalName: 'alice' })
    expect((await renew(alice, Buffer.alloc(64), -1)).errorCode).toBe(disabled)
    expect((await expire(alice, Buffer.alloc(64), -1)).errorCode).toBe(disabled)
    expect((await describeTokens(alice, null)).errorCode).toBe(disabled)
    alice.close()
    await broker.stop()
  })
})
