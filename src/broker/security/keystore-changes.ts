/** What a key or trust store of a running listener may become: the rules of Kafka's SslFactory, in its words. */
import { X509Certificate } from 'node:crypto'
import type { StoreEntry } from '../../config/tls-settings.ts'
import { subjectName } from './x500-name.ts'

/** Of a listener: what its stores held. */
export interface StoresInUse {
  /** Of the key store, in its order. */
  readonly entries: readonly StoreEntry[]
  readonly hasTruststore: boolean
}

export interface AllowedChanges {
  /** ssl.allow.dn.changes */
  readonly ofNames: boolean
  /** ssl.allow.san.changes */
  readonly ofAlternativeNames: boolean
}

/** A store that a running listener can't take. */
export class KeystoreChangeError extends Error {
  override readonly name = 'KeystoreChangeError'

  constructor(reason: string) {
    super(`org.apache.kafka.common.config.ConfigException: ${reason}`)
  }
}

/** Codes of Java's X509Certificate.getSubjectAlternativeNames(), by OpenSSL's names. */
const NAME_KINDS: Readonly<Record<string, number>> = {
  othername: 0,
  email: 1,
  DNS: 2,
  DirName: 4,
  URI: 6,
  'IP Address': 7,
  'Registered ID': 8,
}

/** @throws KeystoreChangeError if clients might not know the listener any more */
export function checkStoreChange(from: StoresInUse, to: StoresInUse, allowed: AllowedChanges): void {
  if (!allowed.ofNames) checkEach(from, to, checkName)
  if (!allowed.ofAlternativeNames) checkEach(from, to, checkAlternativeNames)
  if (to.hasTruststore && !from.hasTruststore) {
    throw new KeystoreChangeError(
      'Cannot add SSL truststore to an existing listener for which no truststore was configured.',
    )
  }
}

function checkEach(from: StoresInUse, to: StoresInUse, check: (from: StoreEntry, to: StoreEntry) => void): void {
  if (from.entries.length !== to.entries.length) {
    throw new KeystoreChangeError(
      `Keystore entries do not match, existing store contains ${from.entries.length} entries, new store contains ${to.entries.length} entries`,
    )
  }
  for (const [i, entry] of from.entries.entries()) check(entry, to.entries[i]!)
}

function checkName(from: StoreEntry, to: StoreEntry): void {
  const [existing, given] = [from, to].map(({ certificate }) =>
    subjectName(new X509Certificate(certificate).raw, ', '),
  ) as [string, string]
  if (existing.toLowerCase() === given.toLowerCase()) return
  throw new KeystoreChangeError(
    `Keystore DistinguishedName does not match:  existing={alias=${from.alias}, DN=${existing}}, new={alias=${to.alias}, DN=${given}}`,
  )
}

function checkAlternativeNames(from: StoreEntry, to: StoreEntry): void {
  const [existing, given] = [alternativeNames(from), alternativeNames(to)]
  if (existing.every((name) => given.includes(name))) return
  throw new KeystoreChangeError(
    `Keystore SubjectAltNames do not match:  existing={alias=${from.alias}, SAN=[${existing.join(', ')}]}, new={alias=${to.alias}, SAN=[${given.join(', ')}]}`,
  )
}

/** As Java prints them: '[2, localhost]'. */
function alternativeNames({ certificate }: StoreEntry): string[] {
  const text = new X509Certificate(certificate).subjectAltName ?? ''
  // OpenSSL quotes values that hold a comma.
  const names = text.match(/[^:,]+:(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? []
  return names.map((name) => {
    const [kind, value] = [name.slice(0, name.indexOf(':')).trim(), name.slice(name.indexOf(':') + 1)]
    return `[${NAME_KINDS[kind] ?? kind}, ${value}]`
  })
}
