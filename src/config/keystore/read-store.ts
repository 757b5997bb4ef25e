/** Key and trust stores of Java, whatever they are called: the content tells which format it is. */
import { createPrivateKey } from 'node:crypto'
import { DerError } from '../../base/der.ts'
import { isJks, readJks } from './jks.ts'
import { StoreError } from './password-encryption.ts'
import { readPkcs12 } from './pkcs12.ts'
import type { StoreContent } from './store-content.ts'

const JCEKS_MAGIC = 0xcececece
const SEQUENCE = 0x30

/** A key and its certificates in PEM. */
export interface StoredKey {
  readonly key: string
  readonly cert: string
  /** All entries of the store, other keys and trusted certificates included. */
  readonly entries: readonly { readonly alias: string; readonly certificate: string }[]
}

/**
 * The key of a store; the first, if there are several.
 * @param keyPassword null if it is that of the store
 * @throws StoreError naming what is wrong
 */
export function keyOfStore(bytes: Buffer, password: string | null, keyPassword: string | null): StoredKey {
  const content = readStore(bytes, password)
  const [entry] = content.keys
  if (entry === undefined) throw new StoreError('it has no private key')
  const der = translated(() => entry.key(keyPassword ?? password))
  try {
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const entries = [
      ...content.keys.map(({ alias, chain }) => ({ alias, certificate: chain[0]! })),
      ...content.trusted.map((certificate) => ({ alias: '', certificate })),
    ]
    return {
      key: key.export({ format: 'pem', type: 'pkcs8' }) as string,
      cert: entry.chain.map(pem).join(''),
      entries: entries.map(({ alias, certificate }) => ({ alias, certificate: pem(certificate) })),
    }
  } catch (error) {
    throw new StoreError('its private key is of a kind that is not supported', { cause: error })
  }
}

/**
 * The certificates a store makes trusted, as Java counts them: those stored by themselves, and that of each key.
 * @returns PEM
 * @throws StoreError naming what is wrong
 */
export function certificatesOfStore(bytes: Buffer, password: string | null): string {
  const { trusted, keys } = readStore(bytes, password)
  const certificates = [...trusted, ...keys.flatMap(({ chain }) => chain.slice(0, 1))]
  if (certificates.length === 0) throw new StoreError('it has no certificate')
  return certificates.map(pem).join('')
}

function readStore(bytes: Buffer, password: string | null): StoreContent {
  if (isJks(bytes)) return translated(() => readJks(bytes, password))
  if (bytes[0] === SEQUENCE) return translated(() => readPkcs12(bytes, password))
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === JCEKS_MAGIC) {
    throw new StoreError(
      'it is a JCEKS file, which only Java can read; "keytool -importkeystore" makes a PKCS12 file of it',
    )
  }
  throw new StoreError('it is neither a PKCS12 nor a JKS file')
}

function translated<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) throw new StoreError(`its content is broken: ${error.message}`, { cause: error })
    throw error
  }
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
