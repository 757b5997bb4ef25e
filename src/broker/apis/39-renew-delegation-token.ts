/**
 * RenewDelegationToken: lets a token live longer, up to its max timestamp; v1-2 (KIP-48).
 *
 * - Only its owner and its renewers may. A token that has ended can't be renewed (DELEGATION_TOKEN_EXPIRED).
 */
import { ErrorCode } from '../../protocol/errors.ts'
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../protocol/generated/39-renew-delegation-token.ts'
import { defineApi } from '../define-api.ts'
import { mayUseTokens } from './token-principals.ts'

export const renewDelegationToken = defineApi({
  request: RenewDelegationTokenRequest,
  response: RenewDelegationTokenResponse,
  min: 1,
  max: 2,
  async handle(context, request) {
    if (!mayUseTokens(context))
      return { errorCode: ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, expiryTimestampMs: -1n }
    const { connection, services } = context
    const expiryMs = await services.tokens.renew(request.hmac, connection.principal, Number(request.renewPeriodMs))
    return { expiryTimestampMs: BigInt(expiryMs) }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
