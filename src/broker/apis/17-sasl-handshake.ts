/**
 * SaslHandshake: the client names its SASL mechanism; v0-1.
 *
 * - On a SASL listener the connection answers it before any handler (security/sasl-authenticator.ts): v0 is followed by the
 *   mechanism's bare messages, v1 by SaslAuthenticate requests (KIP-152).
 * - What comes to this handler came at the wrong time: on a listener without SASL, or when authenticated for good.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from '../../protocol/generated/17-sasl-handshake.ts'
import { defineApi } from '../define-api.ts'

export const saslHandshake = defineApi({
  request: SaslHandshakeRequest,
  response: SaslHandshakeResponse,
  min: 0,
  max: 1,
  handle: () => ({ errorCode: ErrorCode.ILLEGAL_SASL_STATE }),
  failure: (_request, errorCode) => ({ errorCode }),
})
