/**
 * DescribeDelegationToken: the tokens one may see, with their secrets; v1-3 (KIP-48).
 *
 * - Owner, requester and renewers see a token; so does who may DESCRIBE the token, or DESCRIBE_TOKENS of its owner (KIP-373).
 * - Null asks for the tokens of all owners, an empty list for none.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
  type DescribeDelegationTokenResponseDescribedDelegationToken,
} from '../../protocol/generated/41-describe-delegation-token.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import type { IssuedToken } from '../security/delegation-tokens.ts'
import { mayUseTokens, principalParts } from './token-principals.ts'

function maySee(context: RequestContext, { tokenId, owner, requester, renewers }: IssuedToken): boolean {
  const { connection, services } = context
  if ([owner, requester, ...renewers].includes(connection.principal)) return true
  const { authorizer } = services
  return (
    authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.DELEGATION_TOKEN, tokenId, true) ||
    authorizer.allows(context, AclOperation.DESCRIBE_TOKENS, ResourceType.USER, owner, true)
  )
}

function described(
  token: IssuedToken,
  version: number,
): Draft<DescribeDelegationTokenResponseDescribedDelegationToken> {
  const requester = principalParts(token.requester)
  return {
    ...principalParts(token.owner),
    ...(version < 3
      ? {}
      : { tokenRequesterPrincipalType: requester.principalType, tokenRequesterPrincipalName: requester.principalName }),
    issueTimestamp: BigInt(token.issueTimestampMs),
    expiryTimestamp: BigInt(token.expiryTimestampMs),
    maxTimestamp: BigInt(token.maxTimestampMs),
    tokenId: token.tokenId,
    hmac: token.hmac,
    renewers: token.renewers.map(principalParts),
  }
}

export const describeDelegationToken = defineApi({
  request: DescribeDelegationTokenRequest,
  response: DescribeDelegationTokenResponse,
  min: 1,
  max: 3,
  handle(context, { owners }) {
    if (!mayUseTokens(context)) return { errorCode: ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED }
    const { tokens } = context.services
    if (!tokens.isEnabled) return { errorCode: ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED }
    const wanted = owners?.map(({ principalType, principalName }) => `${principalType}:${principalName}`)
    const visible = tokens
      .all()
      .filter((token) => (wanted === undefined || wanted.includes(token.owner)) && maySee(context, token))
    return { tokens: visible.map((token) => described(token, context.version)) }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
