import { constants, type VerifyKeyObjectInput, verify } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Jwks } from './jwks.ts'
import { type JsonObject, type Jws, parseJws, scopesOf, secondsClaim, textClaim } from './jws.ts'
import { InvalidTokenError, type TokenValidator } from './oauthbearer-server.ts'

/** sasl.oauthbearer.* for signed tokens. */
export interface JwtSettings {
  readonly expectedAudience: readonly string[]
  readonly expectedIssuer: string | null
  readonly clockSkewSeconds: number
  readonly scopeClaim: string
  readonly subClaim: string
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const P1363 = { dsaEncoding: 'ieee-p1363' } as const

/** Signature algorithms (RFC 7518, RFC 8037) by name: type of the key, hash, and how Node is to check. */
const ALGORITHMS: Readonly<Record<string, [type: string, hash: string | null, how: Partial<VerifyKeyObjectInput>]>> = {
  RS256: ['RSA', 'sha256', {}],
  RS384: ['RSA', 'sha384', {}],
  RS512: ['RSA', 'sha512', {}],
  PS256: ['RSA', 'sha256', PSS],
  PS384: ['RSA', 'sha384', PSS],
  PS512: ['RSA', 'sha512', PSS],
  ES256: ['EC', 'sha256', P1363],
  ES384: ['EC', 'sha384', P1363],
  ES512: ['EC', 'sha512', P1363],
  EdDSA: ['OKP', null, {}],
}

/** Tokens signed by an authorization server, checked as Kafka's BrokerJwtValidator does (KIP-768). */
export function jwtValidator(settings: JwtSettings, jwks: Jwks, clock: Clock): TokenValidator {
  return async (token) => {
    const jws = parseJws(token)
    await verifySignature(jws, jwks)
    const { claims } = jws
    const expires = secondsClaim(claims, 'exp')
    const issued = secondsClaim(claims, 'iat')
    if (expires === undefined) throw new InvalidTokenError('No Expiration Time (exp) claim present.')
    if (issued === undefined || issued < 0) throw new InvalidTokenError('No Issued At (iat) claim present.')
    checkTimes(claims, expires, settings.clockSkewSeconds, clock.nowMs() / 1000)
    checkAudience(claims, settings.expectedAudience)
    if (settings.expectedIssuer !== null && claims.iss !== settings.expectedIssuer) {
      throw new InvalidTokenError(`Issuer (iss) claim value (${String(claims.iss)}) doesn't match expected value.`)
    }
    checkScopes(scopesOf(claims, settings.scopeClaim))
    return { principal: textClaim(claims, settings.subClaim), expiresAtMs: Math.floor(expires * 1000) }
  }
}

async function verifySignature({ header, signature, signed }: Jws, jwks: Jwks): Promise<void> {
  const name = typeof header.alg === 'string' ? header.alg : ''
  const algorithm = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined
  // "none" is no algorithm here: whoever sends it could claim anything.
  if (algorithm === undefined) throw new InvalidTokenError(`The signature algorithm '${name}' is not accepted.`)
  if (header.crit !== undefined)
    throw new InvalidTokenError('The token has critical headers, which are not understood.')
  const [type, hash, how] = algorithm
  const keys = await jwks.keysFor(typeof header.kid === 'string' ? header.kid : undefined, type)
  for (const { key, algorithm: only } of keys) {
    if (only !== undefined && only !== name) continue
    if (verify(hash, Buffer.from(signed), { ...how, key }, signature)) return
  }
  throw new InvalidTokenError(
    keys.length === 0 ? 'No suitable verification key was found in the JWKS.' : 'The signature is not valid.',
  )
}

function checkTimes(claims: JsonObject, expires: number, skewSeconds: number, nowSeconds: number): void {
  if (nowSeconds - skewSeconds >= expires) {
    throw new InvalidTokenError(`The token has expired: it was valid until ${expires}, and it is ${nowSeconds}.`)
  }
  const notBefore = secondsClaim(claims, 'nbf')
  if (notBefore !== undefined && nowSeconds + skewSeconds < notBefore) {
    throw new InvalidTokenError(`The token is not valid before ${notBefore}, and it is ${nowSeconds}.`)
  }
}

/** A token for an audience is for nobody else: without sasl.oauthbearer.expected.audience only one without `aud` is taken. */
function checkAudience({ aud }: JsonObject, expected: readonly string[]): void {
  const audiences = aud === undefined || aud === null ? [] : Array.isArray(aud) ? aud.map(String) : [String(aud)]
  if (audiences.length === 0 && expected.length === 0) return
  if (!audiences.some((audience) => expected.includes(audience))) {
    throw new InvalidTokenError(
      `Audience (aud) claim [${audiences.join(', ')}] doesn't contain an acceptable identifier. Expected one of [${expected.join(', ')}].`,
    )
  }
}

function checkScopes(scopes: readonly string[]): void {
  if (new Set(scopes).size !== scopes.length) throw new InvalidTokenError('scope value must not contain duplicates')
}
