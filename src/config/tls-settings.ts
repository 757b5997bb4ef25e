/** ssl.* client settings, with stores read: what a TLS connection needs, in Node's terms. */
import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.ts'
import type { ConfigMap } from './config-map.ts'
import { StoreError } from './keystore/password-encryption.ts'
import { certificatesOfStore, keyOfStore } from './keystore/read-store.ts'

/** TLS versions Kafka allows. */
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/** A certificate in a key store; in PEM. */
export interface StoreEntry {
  readonly alias: string
  readonly certificate: string
}

/** Settings for node:tls; null where Node's default applies. */
export interface TlsSettings {
  /** PEM certificates to trust; null trusts what Node trusts. */
  readonly ca: string | null
  /** PEM certificate chain of the client. */
  readonly cert: string | null
  /** PEM private key of the client. */
  readonly key: string | null
  /** Of the key store: the certificate of each key, and those stored by themselves. */
  readonly entries: readonly StoreEntry[]
  /** Password of `key`. */
  readonly passphrase: string | null
  /** ssl.endpoint.identification.algorithm: whether the certificate must name the host. */
  readonly verifyHostname: boolean
  /** Cipher suites as OpenSSL names, colon separated. */
  readonly ciphers: string | null
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
const PEM_KEY =
  /-----BEGIN (?:ENCRYPTED |RSA |EC )?PRIVATE KEY-----[\s\S]+?-----END (?:ENCRYPTED |RSA |EC )?PRIVATE KEY-----/

/**
 * Reads key and trust stores: PEM inline or in files, PKCS12 and JKS files.
 * @throws ConfigError for a store that can't be read, naming what is wrong with it
 */
export function tlsSettings(config: ConfigMap): TlsSettings {
  const [minVersion, maxVersion] = versions(config.list('ssl.enabled.protocols'))
  const suites = config.list('ssl.cipher.suites')
  return {
    ca: truststore(config),
    ...keystore(config),
    verifyHostname: (config.stringOrNull('ssl.endpoint.identification.algorithm') ?? '') !== '',
    ciphers: suites.length === 0 ? null : suites.join(':'),
    minVersion,
    maxVersion,
  }
}

function versions(protocols: readonly string[]): [TlsVersion, TlsVersion] {
  const known = (['TLSv1.2', 'TLSv1.3'] as const).filter((version) => protocols.includes(version))
  const min = known[0]
  const max = known.at(-1)
  if (min === undefined || max === undefined) {
    throw new ConfigError(
      `None of ssl.enabled.protocols=${protocols.join(',')} is supported. Use TLSv1.3, TLSv1.2 or both.`,
    )
  }
  return [min, max]
}

function truststore(config: ConfigMap): string | null {
  const inline = config.stringOrNull('ssl.truststore.certificates')
  if (inline !== null) return certificates(inline, 'ssl.truststore.certificates')
  const location = config.stringOrNull('ssl.truststore.location')
  if (location === null) return null
  const content = read(location, 'ssl.truststore.location')
  if (config.string('ssl.truststore.type').toUpperCase() === 'PEM') {
    return certificates(content.toString('latin1'), `ssl.truststore.location=${location}`)
  }
  const password = config.stringOrNull('ssl.truststore.password')
  return opened('ssl.truststore', location, config, () => certificatesOfStore(content, password))
}

type KeyStore = Pick<TlsSettings, 'cert' | 'key' | 'entries' | 'passphrase'>

function keystore(config: ConfigMap): KeyStore {
  const keyPassword = config.stringOrNull('ssl.key.password')
  const inlineKey = config.stringOrNull('ssl.keystore.key')
  const inlineChain = config.stringOrNull('ssl.keystore.certificate.chain')
  if (inlineKey !== null || inlineChain !== null) {
    if (inlineKey === null || inlineChain === null) {
      throw new ConfigError('ssl.keystore.key and ssl.keystore.certificate.chain must be set together.')
    }
    const cert = certificates(inlineChain, 'ssl.keystore.certificate.chain')
    return pemStore(cert, privateKey(inlineKey, 'ssl.keystore.key'), keyPassword)
  }
  const location = config.stringOrNull('ssl.keystore.location')
  if (location === null) return { cert: null, key: null, entries: [], passphrase: null }
  const content = read(location, 'ssl.keystore.location')
  if (config.string('ssl.keystore.type').toUpperCase() === 'PEM') {
    const text = content.toString('latin1')
    const source = `ssl.keystore.location=${location}`
    return pemStore(certificates(text, source), privateKey(text, source), keyPassword)
  }
  const password = config.stringOrNull('ssl.keystore.password')
  const stored = opened('ssl.keystore', location, config, () => keyOfStore(content, password, keyPassword))
  return { ...stored, passphrase: null }
}

/** In PEM there is one key, to which Kafka gives a name. */
function pemStore(cert: string, key: string, passphrase: string | null): KeyStore {
  return { cert, key, entries: [{ alias: 'kafka', certificate: cert }], passphrase }
}

/** Kafka's words for a store that can't be opened, and the reason, which Kafka has in its stack trace. */
function opened<T>(property: 'ssl.keystore' | 'ssl.truststore', location: string, config: ConfigMap, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    const type = config.string(`${property}.type`)
    const passwords = `${property}.password${property === 'ssl.keystore' ? ' and ssl.key.password' : ''}`
    throw new ConfigError(
      `Failed to load SSL keystore ${location} of type ${type}: ${error.message}. Check ${property}.location, ${passwords}.`,
      undefined,
      undefined,
      { cause: error },
    )
  }
}

function read(path: string, property: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`The file of ${property} can't be read: ${reason}`, undefined, undefined, { cause: error })
  }
}

function certificates(pem: string, source: string): string {
  const found = pem.match(PEM_CERTIFICATE)
  if (!found) throw new ConfigError(`${source} contains no PEM certificate (-----BEGIN CERTIFICATE-----).`)
  return found.map(wrapped).join('\n')
}

function privateKey(pem: string, source: string): string {
  const found = PEM_KEY.exec(pem)
  if (!found) throw new ConfigError(`${source} contains no PEM private key (-----BEGIN PRIVATE KEY-----).`)
  return wrapped(found[0])
}

/** Inline PEM in a properties file often has blanks in place of line ends, which OpenSSL doesn't take. */
function wrapped(pem: string): string {
  const match = /^(-----BEGIN [^-]+-----)([\s\S]+?)(-----END [^-]+-----)$/.exec(pem)!
  if (match[2]!.includes('\n')) return pem
  const lines = match[2]!.replace(/\s+/g, '').match(/.{1,64}/g) ?? []
  return [match[1], ...lines, match[3]].join('\n')
}
