/**
 * ExpireDelegationToken: sets when a token ends, or with a negative period removes it at once; v1-2 (KIP-48).
 *
 * - Only its owner and its renewers may.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from '../../protocol/generated/40-expire-delegation-token.ts'
import { defineApi } from '../define-api.ts'
import { mayUseTokens } from './token-principals.ts'

export const expireDelegationToken = defineApi({
  request: ExpireDelegationTokenRequest,
  response: ExpireDelegationTokenResponse,
  min: 1,
  max: 2,
  async handle(context, request) {
    if (!mayUseTokens(context))
      return { errorCode: ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, expiryTimestampMs: -1n }
    const { connection, services } = context
    const { hmac, expiryTimePeriodMs } = request
    const expiryMs = await services.tokens.expire(hmac, connection.principal, Number(expiryTimePeriodMs))
    return { expiryTimestampMs: BigInt(expiryMs) }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
