import { InvalidTokenError } from './oauthbearer-server.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** A token in compact serialization (RFC 7515), not verified. */
export interface Jws {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly signature: Buffer
  /** What the signature covers. */
  readonly signed: string
}

const BASE64URL = /^[A-Za-z0-9_-]*$/

/** @throws InvalidTokenError if the text is no such token */
export function parseJws(token: string): Jws {
  const parts = token.split('.')
  if (parts.length !== 3) {
    throw new InvalidTokenError('JWS compact serializations must have 3 dot-separated Base64URL-encoded values')
  }
  const [header, claims, signature] = parts as [string, string, string]
  if (!BASE64URL.test(signature)) throw new InvalidTokenError('malformed Base64 URL encoded value')
  return {
    header: jsonObject(header),
    claims: jsonObject(claims),
    signature: Buffer.from(signature, 'base64url'),
    signed: `${header}.${claims}`,
  }
}

function jsonObject(encoded: string): JsonObject {
  const text = encoded.replace(/=+$/, '')
  if (!BASE64URL.test(text)) throw new InvalidTokenError('malformed Base64 URL encoded value')
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  } catch {
    // Falls through to the same refusal.
  }
  throw new InvalidTokenError('malformed JSON')
}

/** A claim that is a number of seconds, or undefined. @throws InvalidTokenError if it is something else */
export function secondsClaim(claims: JsonObject, name: string): number | undefined {
  const value = claims[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new InvalidTokenError(`The '${name}' claim was not a number`)
}

/** A claim that is a text with something in it. @throws InvalidTokenError if it isn't */
export function textClaim(claims: JsonObject, name: string): string {
  const value = claims[name]
  if (value === undefined || value === null) throw new InvalidTokenError(`Required claim missing: ${name}`)
  if (typeof value !== 'string' || value.trim() === '') {
    throw new InvalidTokenError(`The ${name} claim had the incorrect type or was empty`)
  }
  return value
}

/** Scopes of a claim, which is a list or a text with blanks between. */
export function scopesOf(claims: JsonObject, name: string): string[] {
  const value = claims[name]
  if (typeof value === 'string')
    return value
      .trim()
      .split(/ +/)
      .filter((scope) => scope !== '')
  return Array.isArray(value) ? value.map(String) : []
}
