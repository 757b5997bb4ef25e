/**
 * SaslAuthenticate: the messages of a SASL mechanism; v0-2 (KIP-152).
 *
 * - While a connection authenticates, it is answered before any handler (security/sasl-authenticator.ts). v1 tells how long the
 *   session lasts (KIP-368).
 * - What comes to this handler came after authentication, or on a listener without SASL.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from '../../protocol/generated/36-sasl-authenticate.ts'
import { defineApi } from '../define-api.ts'

export const saslAuthenticate = defineApi({
  request: SaslAuthenticateRequest,
  response: SaslAuthenticateResponse,
  min: 0,
  max: 2,
  handle: () => ({
    errorCode: ErrorCode.ILLEGAL_SASL_STATE,
    errorMessage: 'SaslAuthenticate request received after successful authentication',
  }),
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
