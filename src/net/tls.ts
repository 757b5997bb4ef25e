import { createSecureContext } from 'node:tls'
import { ClientError } from './client-error.ts'
import type { TlsClientOptions } from './socket.ts'

/** Keys and certificates in Node's terms, read from Java's ssl.* settings; null where Node's default applies. */
export interface TlsClientSettings {
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
  readonly passphrase: string | null
  readonly verifyHostname: boolean
  readonly ciphers: string | null
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3'
}

/**
 * Prepares TLS for all connections of a client.
 *
 * @throws ClientError 'tls' for a key, certificate or password that doesn't fit
 */
export function tlsOptions(settings: TlsClientSettings): TlsClientOptions {
  const { ca, cert, key, passphrase, ciphers, minVersion, maxVersion, verifyHostname } = settings
  try {
    const secureContext = createSecureContext({
      ...(ca === null ? {} : { ca }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
      ...(passphrase === null ? {} : { passphrase }),
      ...(ciphers === null ? {} : { ciphers }),
      minVersion,
      maxVersion,
    })
    return { secureContext, verifyHostname, minVersion, maxVersion }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new ClientError('tls', `The TLS settings can't be used: ${text}.`, {
      cause: error,
      nextStep: 'Check ssl.keystore.location with its passwords, ssl.truststore.location and ssl.cipher.suites.',
      exceptionClass: 'org.apache.kafka.common.KafkaException',
    })
  }
}
