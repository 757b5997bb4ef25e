import type { Authenticator } from '../net/connection.ts'
import type { SaslClientSettings } from '../net/sasl/mechanism.ts'
import type { TlsClientOptions } from '../net/socket.ts'
import type { TlsClientSettings } from '../net/tls.ts'

/** Host and port of a broker. */
export interface Address {
  host: string
  port: number
}

/** What the client layer needs to know of a cluster and of how to treat it. Names are Kafka's, times in ms. */
export interface ClientSettings {
  bootstrapServers: readonly Address[]
  /** The addresses are those of controllers (KIP-919): every request goes to the active one. */
  bootstrapControllers: boolean
  clientId: string
  requestTimeoutMs: number
  defaultApiTimeoutMs: number
  retryBackoffMs: number
  retryBackoffMaxMs: number
  socketConnectionSetupTimeoutMs: number
  metadataMaxAgeMs: number
  /** As src/config reads it from Java's settings; the code for it is loaded only when the protocol isn't PLAINTEXT. */
  security: SecuritySettings
  /** Gets what a user should know at once while the client goes on trying, one sentence at a time. */
  warn: (message: string) => void
}

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'

export interface SecuritySettings {
  protocol: SecurityProtocol
  /** Null unless the protocol is SSL or SASL_SSL. */
  tls: TlsClientSettings | null
  /** Null unless the protocol is SASL_PLAINTEXT or SASL_SSL. */
  sasl: SaslClientSettings | null
}

/** What a connection is given of the security settings. */
export interface ConnectionSecurity {
  tls: TlsClientOptions | null
  authenticator: Authenticator | null
}

/** Everything a caller may leave out; these are the Java Admin client's defaults. */
export const DEFAULT_SETTINGS = {
  bootstrapControllers: false,
  clientId: 'adminclient-1',
  requestTimeoutMs: 30_000,
  defaultApiTimeoutMs: 60_000,
  retryBackoffMs: 100,
  retryBackoffMaxMs: 1000,
  socketConnectionSetupTimeoutMs: 10_000,
  metadataMaxAgeMs: 300_000,
  security: { protocol: 'PLAINTEXT', tls: null, sasl: null } as SecuritySettings,
  warn: (): void => {},
} as const

/** Fills in what is left out. */
export function completeSettings(
  given: Partial<ClientSettings> & Pick<ClientSettings, 'bootstrapServers'>,
): ClientSettings {
  const settings: ClientSettings = { ...DEFAULT_SETTINGS, bootstrapServers: given.bootstrapServers }
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined) Object.assign(settings, { [key]: value })
  }
  return settings
}
