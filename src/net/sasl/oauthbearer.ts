import { SaslError, type SaslExchange, type SaslMechanism } from './exchange.ts'

/** Fields of the initial client response are set apart by this (RFC 7628). */
const SEPARATOR = '\x01'
/** Renewed this long before it expires, so that an exchange under way has a valid token. */
const RENEW_BEFORE_MS = 60_000
/** How long a token without `expires_in` is used. */
const UNKNOWN_LIFETIME_MS = 60_000
const TOKEN_TIMEOUT_MS = 30_000

/** Where a bearer token comes from. */
export type TokenSource = () => Promise<string>

/**
 * OAUTHBEARER (RFC 7628): the token in one message; a server that refuses it sends JSON, which the client has to acknowledge
 * before the broker reports the failure.
 */
export function oauthBearerMechanism(
  token: TokenSource,
  extensions: ReadonlyMap<string, string> = new Map(),
): SaslMechanism {
  return { name: 'OAUTHBEARER', exchange: () => new OAuthBearerExchange(token, extensions) }
}

class OAuthBearerExchange implements SaslExchange {
  private readonly token: TokenSource
  private readonly extensions: ReadonlyMap<string, string>

  constructor(token: TokenSource, extensions: ReadonlyMap<string, string>) {
    this.token = token
    this.extensions = extensions
  }

  async start(): Promise<Buffer> {
    const token = await this.token()
    const fields = [`auth=Bearer ${token}`, ...[...this.extensions].map(([name, value]) => `${name}=${value}`)]
    return Buffer.from(`n,,${SEPARATOR}${fields.join(SEPARATOR)}${SEPARATOR}${SEPARATOR}`)
  }

  next(challenge: Buffer): Buffer | null {
    return challenge.length === 0 ? null : Buffer.from(SEPARATOR)
  }
}

const base64Json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token without a signature (RFC 7515, alg none), which brokers accept in development only. */
export function unsecuredToken(
  claims: ReadonlyMap<string, string | number | readonly string[]>,
  lifetimeSeconds: number,
  nowMs: () => number = Date.now,
): TokenSource {
  return async () => {
    const iat = nowMs() / 1000
    const payload = { iat, exp: iat + lifetimeSeconds, ...Object.fromEntries(claims) }
    return `${base64Json({ alg: 'none' })}.${base64Json(payload)}.`
  }
}

export interface TokenEndpoint {
  url: string
  clientId: string
  clientSecret: string
  scope: string | null
}

/**
 * Tokens by the client credentials grant (RFC 6749, 4.4); one is kept until shortly before it expires.
 *
 * @throws SaslError naming the endpoint, when it can't be reached or gives no token
 */
export function tokenFromEndpoint(endpoint: TokenEndpoint, nowMs: () => number = Date.now): TokenSource {
  let kept: { token: string; untilMs: number } | null = null
  return async () => {
    if (kept !== null && nowMs() < kept.untilMs) return kept.token
    const answer = await requestToken(endpoint)
    const lifetimeMs = answer.expiresInSeconds === null ? UNKNOWN_LIFETIME_MS : answer.expiresInSeconds * 1000
    kept = { token: answer.token, untilMs: nowMs() + lifetimeMs - Math.min(RENEW_BEFORE_MS, lifetimeMs / 5) }
    return answer.token
  }
}

async function requestToken(endpoint: TokenEndpoint): Promise<{ token: string; expiresInSeconds: number | null }> {
  const { url, clientId, clientSecret, scope } = endpoint
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === null ? {} : { scope }) })
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  let status: number
  let text: string
  try {
    const signal = AbortSignal.timeout(TOKEN_TIMEOUT_MS)
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization, accept: 'application/json' },
      body,
      signal,
    })
    status = response.status
    text = await response.text()
  } catch (error) {
    throw new SaslError(`The token endpoint ${url} can't be reached: ${reasonOf(error)}.`, { cause: error })
  }
  if (status !== 200) throw new SaslError(`The token endpoint ${url} answered ${status}: ${text.slice(0, 200)}`)
  const answer = parseToken(text)
  if (answer === null) throw new SaslError(`The token endpoint ${url} gave no access_token.`)
  return answer
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

function parseToken(text: string): { token: string; expiresInSeconds: number | null } | null {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null || !('access_token' in answer)) return null
    if (typeof answer.access_token !== 'string' || answer.access_token === '') return null
    const seconds = 'expires_in' in answer ? Number(answer.expires_in) : Number.NaN
    return { token: answer.access_token, expiresInSeconds: Number.isFinite(seconds) ? seconds : null }
  } catch {
    return null
  }
}
