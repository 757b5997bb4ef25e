import type { Clock } from '../../base/clock.ts'
import { parseJws, scopesOf, secondsClaim, textClaim } from './jws.ts'
import { InvalidTokenError, type TokenValidator } from './oauthbearer-server.ts'

const OPTION = 'unsecuredValidator'

/**
 * Tokens without a signature, as Kafka's OAuthBearerUnsecuredValidatorCallbackHandler takes them by default: for development only, since
 * anybody can make one.
 *
 * @param options unsecuredValidator… of the JAAS entry
 * @throws RangeError for an option that is out of range
 */
export function unsecuredValidator(options: ReadonlyMap<string, string>, clock: Clock): TokenValidator {
  const option = (name: string): string => options.get(OPTION + name)?.trim() ?? ''
  const principalClaim = option('PrincipalClaimName') || 'sub'
  const scopeClaim = option('ScopeClaimName') || 'scope'
  const requiredScopes = option('RequiredScope')
    .split(/ +/)
    .filter((scope) => scope !== '')
  const skewMs = Number(option('AllowableClockSkewMs') || '0')
  if (!Number.isInteger(skewMs) || skewMs < 0) {
    throw new RangeError(`Allowable clock skew millis must not be negative: ${option('AllowableClockSkewMs')}`)
  }
  return (token) => {
    const { header, claims, signature } = parseJws(token)
    if (header.alg !== 'none') throw new InvalidTokenError("Unsecured JWS must have 'none' for an algorithm")
    if (signature.length > 0) throw new InvalidTokenError('Unsecured JWS must not contain a digital signature')
    const principal = textClaim(claims, principalClaim)
    const issued = secondsClaim(claims, 'iat')
    const expires = secondsClaim(claims, 'exp')
    const nowMs = clock.nowMs()
    if (issued !== undefined && issued * 1000 > nowMs + skewMs) {
      throw new InvalidTokenError(
        `The Issued At value (${issued} seconds) was after the indicated time (${nowMs} ms) plus allowable clock skew (${skewMs} ms)`,
      )
    }
    if (expires === undefined) throw new InvalidTokenError('Required claim missing: exp')
    if (nowMs - skewMs >= expires * 1000) {
      throw new InvalidTokenError(
        `The indicated time (${nowMs} ms) minus allowable clock skew (${skewMs} ms) was on or after the Expiration Time value (${expires} seconds)`,
      )
    }
    if (issued !== undefined && expires <= issued) {
      throw new InvalidTokenError(
        `The Expiration Time time (${expires} seconds) was not after the Issued At time (${issued} seconds)`,
      )
    }
    const scopes = scopesOf(claims, scopeClaim)
    const missing = requiredScopes.find((scope) => !scopes.includes(scope))
    if (missing !== undefined) {
      throw new InvalidTokenError(
        `The provided scope (${scopes.join(', ')}) was missing a required scope (${missing}).`,
        'insufficient_scope',
        requiredScopes.join(' '),
      )
    }
    return { principal, expiresAtMs: Math.floor(expires * 1000) }
  }
}
