import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../base/clock.ts'

const FETCH_TIMEOUT_MS = 10_000
/** An answer above this is no key set. */
const MAX_KEY_SET_BYTES = 1024 * 1024
/** How soon a token with an unknown key may make the key set be fetched again. */
const MIN_REFETCH_INTERVAL_MS = 10_000

/** A public key of the authorization server. */
export interface VerificationKey {
  readonly id: string | undefined
  readonly type: string
  /** `alg`, when the key is for one algorithm only. */
  readonly algorithm: string | undefined
  readonly key: KeyObject
}

export interface JwksOptions {
  /** http:, https: or file:. */
  url: string
  /** sasl.oauthbearer.jwks.endpoint.refresh.ms */
  refreshMs: number
  clock: Clock
  onError(error: unknown): void
}

/**
 * The key set of an authorization server (RFC 7517), kept and fetched anew every `refreshMs` when it is used, and when a token names a key
 * that it lacks. What was fetched last stays in use while the server can't be reached.
 */
export class Jwks {
  private readonly options: JwksOptions
  private keys: readonly VerificationKey[] | undefined
  private triedAtMs = Number.NEGATIVE_INFINITY
  private fetching: Promise<void> | undefined

  constructor(options: JwksOptions) {
    this.options = options
  }

  /** Keys that may have signed a token with this header. */
  async keysFor(keyId: string | undefined, type: string): Promise<readonly VerificationKey[]> {
    const ageMs = this.options.clock.monotonicMs() - this.triedAtMs
    if (this.keys === undefined) await this.fetchOnce(ageMs)
    else if (ageMs >= this.options.refreshMs) void this.fetchOnce(ageMs)
    const found = this.select(keyId, type)
    if (found.length > 0 || keyId === undefined) return found
    await this.fetchOnce(this.options.clock.monotonicMs() - this.triedAtMs)
    return this.select(keyId, type)
  }

  private select(keyId: string | undefined, type: string): VerificationKey[] {
    return (this.keys ?? []).filter((key) => key.type === type && (keyId === undefined || key.id === keyId))
  }

  private fetchOnce(ageMs: number): Promise<void> {
    if (this.fetching !== undefined) return this.fetching
    if (ageMs < MIN_REFETCH_INTERVAL_MS && this.keys !== undefined) return Promise.resolve()
    this.triedAtMs = this.options.clock.monotonicMs()
    this.fetching = this.load()
      .then(
        (keys) => {
          this.keys = keys
        },
        (error: unknown) => this.options.onError(error),
      )
      .finally(() => {
        this.fetching = undefined
      })
    return this.fetching
  }

  private async load(): Promise<VerificationKey[]> {
    const url = new URL(this.options.url)
    const text = url.protocol === 'file:' ? await readFile(fileURLToPath(url), 'utf8') : await download(url)
    return parseKeySet(text)
  }
}

async function download(url: URL): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' })
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}`)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array)
    sizeBytes += (chunk as Uint8Array).length
    if (sizeBytes > MAX_KEY_SET_BYTES) throw new Error(`${url.href} answered more than ${MAX_KEY_SET_BYTES} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseKeySet(text: string): VerificationKey[] {
  const set = JSON.parse(text) as { keys?: unknown }
  if (!Array.isArray(set.keys)) throw new Error('The JSON Web Key Set has no "keys".')
  return set.keys.flatMap((jwk: JsonWebKey & { kid?: string; use?: string; alg?: string }): VerificationKey[] => {
    // Symmetric keys would let everybody who can check a token make one; keys for encryption sign nothing.
    if (jwk.kty === 'oct' || jwk.kty === undefined || (jwk.use !== undefined && jwk.use !== 'sig')) return []
    try {
      const key = createPublicKey({ key: jwk, format: 'jwk' })
      return [{ id: jwk.kid, type: jwk.kty, algorithm: jwk.alg, key }]
    } catch {
      return []
    }
  })
}
