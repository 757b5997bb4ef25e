/** PKCS12 stores (RFC 7292), as Java's keytool and OpenSSL write them. */
import { type Der, derChildren, objectId, octets, readDer } from '../../base/der.ts'
import { issuerName, subjectName } from './certificate-names.ts'
import { checkMac, decrypt, StoreError } from './password-encryption.ts'
import type { KeyEntry, StoreContent } from './store-content.ts'

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const Bag = {
  KEY: '1.2.840.113549.1.12.10.1.1',
  SHROUDED_KEY: '1.2.840.113549.1.12.10.1.2',
  CERTIFICATE: '1.2.840.113549.1.12.10.1.3',
  SAFE_CONTENTS: '1.2.840.113549.1.12.10.1.6',
} as const
const X509 = '1.2.840.113549.1.9.22.1'
const FRIENDLY_NAME = '1.2.840.113549.1.9.20'
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21'
/** Java's mark of a certificate that is trusted, not part of a key's chain. */
const TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1'
const MAX_DEPTH = 8
const MAX_CHAIN = 100

interface SafeBag {
  readonly kind: string
  readonly value: Der
  readonly attributes: ReadonlyMap<string, Buffer>
}

interface Certificate {
  readonly der: Buffer
  readonly attributes: ReadonlyMap<string, Buffer>
}

/**
 * @param password of the store; null reads what isn't encrypted, and leaves the MAC unchecked
 * @throws StoreError, DerError for another password, algorithm or format
 */
export function readPkcs12(bytes: Buffer, password: string | null): StoreContent {
  const [, authSafe, macData] = derChildren(readDer(bytes).content)
  const content = dataOf(required(authSafe))
  if (macData !== undefined && password !== null) checkMac(macData, content, password)
  const keys: SafeBag[] = []
  const certificates: Certificate[] = []
  for (const info of derChildren(readDer(content).content)) {
    for (const bag of safeBags(safeContents(info, password))) {
      if (bag.kind === Bag.KEY || bag.kind === Bag.SHROUDED_KEY) keys.push(bag)
      else if (bag.kind === Bag.CERTIFICATE) {
        const der = x509Of(bag.value)
        if (der !== undefined) certificates.push({ der, attributes: bag.attributes })
      }
    }
  }
  const entries = keys.map((bag) => keyEntry(bag, certificates))
  const marked = certificates.filter(({ attributes }) => attributes.has(TRUSTED_KEY_USAGE))
  // OpenSSL doesn't mark what is trusted: in a store without keys everything is.
  const trusted = marked.length > 0 || keys.length > 0 ? marked : certificates
  return { keys: entries, trusted: trusted.map(({ der }) => der) }
}

/** The octets of a ContentInfo of plain data. */
function dataOf(info: Der): Buffer {
  const [type, wrapped] = derChildren(info.content)
  const id = objectId(required(type).content)
  if (id !== DATA)
    throw new StoreError(`its content is of type ${id}; only stores protected by a password are supported`)
  return octets(readDer(required(wrapped).content))
}

function safeContents(info: Der, password: string | null): Buffer {
  const [type, wrapped] = derChildren(info.content)
  if (objectId(required(type).content) !== ENCRYPTED_DATA) return dataOf(info)
  if (password === null) throw new StoreError('it is encrypted, and no password is set')
  const [, encrypted] = derChildren(readDer(required(wrapped).content).content)
  const [, algorithm, content] = derChildren(required(encrypted).content)
  return decrypt(required(algorithm), octets(required(content)), password)
}

function safeBags(contents: Buffer, depth = 0): SafeBag[] {
  if (depth > MAX_DEPTH) throw new StoreError('it is nested too deeply')
  return derChildren(readDer(contents).content).flatMap((bag) => {
    const [id, wrapped, attributes] = derChildren(bag.content)
    const kind = objectId(required(id).content)
    const value = readDer(required(wrapped).content)
    if (kind === Bag.SAFE_CONTENTS) return safeBags(value.whole, depth + 1)
    return [{ kind, value, attributes: attributesOf(attributes) }]
  })
}

function attributesOf(set: Der | undefined): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  for (const attribute of set === undefined ? [] : derChildren(set.content)) {
    const [id, values] = derChildren(attribute.content)
    const first = derChildren(required(values).content)[0]
    found.set(objectId(required(id).content), first?.content ?? Buffer.alloc(0))
  }
  return found
}

function x509Of(bag: Der): Buffer | undefined {
  const [id, wrapped] = derChildren(bag.content)
  return objectId(required(id).content) === X509 ? octets(readDer(required(wrapped).content)) : undefined
}

function keyEntry(bag: SafeBag, certificates: readonly Certificate[]): KeyEntry {
  const id = bag.attributes.get(LOCAL_KEY_ID)
  const name = bag.attributes.get(FRIENDLY_NAME)
  const leaf =
    certificates.find(({ attributes }) => id !== undefined && attributes.get(LOCAL_KEY_ID)?.equals(id)) ??
    (certificates.length === 1 ? certificates[0] : undefined)
  if (leaf === undefined) throw new StoreError('it has a private key without its certificate')
  return {
    alias: name === undefined ? '' : Buffer.from(name).swap16().toString('utf16le').toLowerCase(),
    key: (password) => (bag.kind === Bag.KEY ? bag.value.whole : unshrouded(bag.value, password)),
    chain: chainOf(leaf.der, certificates),
  }
}

function unshrouded(info: Der, password: string | null): Buffer {
  if (password === null) throw new StoreError('its private key is encrypted, and no password is set')
  const [algorithm, encrypted] = derChildren(info.content)
  return decrypt(required(algorithm), octets(required(encrypted)), password)
}

/** From the certificate of a key up to its root, or as far as the store has it. */
function chainOf(leaf: Buffer, certificates: readonly Certificate[]): Buffer[] {
  const chain = [leaf]
  for (let last = leaf; chain.length < MAX_CHAIN; ) {
    const issuer = issuerName(last)
    if (issuer.equals(subjectName(last))) break
    const next = certificates.find(({ der }) => subjectName(der).equals(issuer))
    if (next === undefined) break
    last = next.der
    chain.push(last)
  }
  return chain
}

function required(value: Der | undefined): Der {
  if (value === undefined) throw new StoreError('it is incomplete')
  return value
}
