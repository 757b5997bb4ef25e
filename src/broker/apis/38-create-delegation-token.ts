/**
 * CreateDelegationToken: a secret by which others can act as the owner for a while; v1-3 (KIP-48).
 *
 * - v3 can name another owner than the requester, who needs CREATE_TOKENS on that user then (KIP-373).
 * - Refused on connections that haven't proven who they are, or did so by a token (DELEGATION_TOKEN_REQUEST_NOT_ALLOWED), and
 *   without delegation.token.secret.key (DELEGATION_TOKEN_AUTH_DISABLED).
 * - Renewers can only be of type User (INVALID_PRINCIPAL_TYPE).
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from '../../protocol/generated/38-create-delegation-token.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { mayUseTokens, principalParts } from './token-principals.ts'

type Principals = Pick<
  Draft<CreateDelegationTokenResponse>,
  'principalType' | 'principalName' | 'tokenRequesterPrincipalType' | 'tokenRequesterPrincipalName'
>

function ownerOf({ connection }: RequestContext, request: CreateDelegationTokenRequest): string {
  const { ownerPrincipalType, ownerPrincipalName } = request
  return ownerPrincipalName ? `${ownerPrincipalType ?? ''}:${ownerPrincipalName}` : connection.principal
}

function refusal(context: RequestContext, request: CreateDelegationTokenRequest, owner: string): number {
  const { connection, services } = context
  if (!mayUseTokens(context)) return ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
  if (
    owner !== connection.principal &&
    !services.authorizer.allows(context, AclOperation.CREATE_TOKENS, ResourceType.USER, owner)
  ) {
    return ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED
  }
  const isUser = request.renewers.every(({ principalType }) => principalType === 'User')
  return isUser ? ErrorCode.NONE : ErrorCode.INVALID_PRINCIPAL_TYPE
}

export const createDelegationToken = defineApi({
  request: CreateDelegationTokenRequest,
  response: CreateDelegationTokenResponse,
  min: 1,
  max: 3,
  async handle(context, request) {
    const { connection, services, version } = context
    const owner = ownerOf(context, request)
    const requester = principalParts(connection.principal)
    const principals: Principals = {
      ...principalParts(owner),
      ...(version < 3
        ? {}
        : {
            tokenRequesterPrincipalType: requester.principalType,
            tokenRequesterPrincipalName: requester.principalName,
          }),
    }
    const none = { ...principals, issueTimestampMs: -1n, expiryTimestampMs: -1n, maxTimestampMs: -1n }
    const errorCode = refusal(context, request, owner)
    if (errorCode !== ErrorCode.NONE) return { ...none, errorCode }
    if (!services.tokens.isEnabled) return { ...principals, errorCode: ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED }
    const renewers = request.renewers.map(({ principalType, principalName }) => `${principalType}:${principalName}`)
    const token = await services.tokens.create(owner, connection.principal, renewers, Number(request.maxLifetimeMs))
    return {
      ...principals,
      issueTimestampMs: BigInt(token.issueTimestampMs),
      expiryTimestampMs: BigInt(token.expiryTimestampMs),
      maxTimestampMs: BigInt(token.maxTimestampMs),
      tokenId: token.tokenId,
      hmac: token.hmac,
    }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
