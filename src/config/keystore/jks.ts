/** Java's own store format, JKS: entries, then a digest over all that and the password. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { derChildren, objectId, octets, readDer } from '../../base/der.ts'
import { StoreError } from './password-encryption.ts'
import type { KeyEntry, StoreContent } from './store-content.ts'

const MAGIC = 0xfeedfeed
const KEY_ENTRY = 1
const DIGEST_BYTES = 20
/** Hashed between password and content. */
const DIGEST_SEED = 'Mighty Aphrodite'
const KEY_PROTECTION = '1.3.6.1.4.1.42.2.17.1.1'

export const isJks = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.readUInt32BE(0) === MAGIC

/**
 * @param password of the store; null leaves its digest unchecked
 * @throws StoreError for another password or format
 */
export function readJks(bytes: Buffer, password: string | null): StoreContent {
  const end = bytes.length - DIGEST_BYTES
  if (password !== null) checkDigest(bytes, end, password)
  const reader = new JksReader(bytes.subarray(0, Math.max(0, end)))
  reader.uint32()
  const version = reader.uint32()
  if (version !== 1 && version !== 2) throw new StoreError(`it is JKS of version ${version}, which is not known`)
  const keys: KeyEntry[] = []
  const trusted: Buffer[] = []
  for (let left = reader.uint32(); left > 0; left--) {
    const isKey = reader.uint32() === KEY_ENTRY
    const alias = reader.text()
    // When it was made.
    reader.take(8)
    const certificate = (): Buffer => {
      if (version === 2) reader.text()
      return reader.take(reader.uint32())
    }
    if (isKey) {
      const protectedKey = reader.take(reader.uint32())
      const chain: Buffer[] = []
      for (let certificates = reader.uint32(); certificates > 0; certificates--) chain.push(certificate())
      keys.push({ alias, key: (secret) => unprotected(protectedKey, secret), chain })
    } else trusted.push(certificate())
  }
  return { keys, trusted }
}

const passwordBytes = (password: string): Buffer => Buffer.from(password, 'utf16le').swap16()

function checkDigest(bytes: Buffer, end: number, password: string): void {
  const digest = createHash('sha1').update(passwordBytes(password)).update(DIGEST_SEED)
  const expected = digest.update(bytes.subarray(0, Math.max(0, end))).digest()
  const given = bytes.subarray(Math.max(0, end))
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new StoreError('the password is wrong, or the content is broken')
  }
}

/** A key is XORed with a chain of hashes of password and salt; behind it is a hash of password and key. */
function unprotected(info: Buffer, password: string | null): Buffer {
  if (password === null) throw new StoreError('its private key is encrypted, and no password is set')
  const [algorithm, content] = derChildren(readDer(info).content)
  const id = algorithm === undefined ? undefined : derChildren(algorithm.content)[0]
  if (id === undefined || content === undefined) throw new StoreError('it is incomplete')
  if (objectId(id.content) !== KEY_PROTECTION) {
    throw new StoreError(`its algorithm ${objectId(id.content)} is not supported`)
  }
  const bytes = octets(content)
  const secret = passwordBytes(password)
  const key = Buffer.from(bytes.subarray(DIGEST_BYTES, -DIGEST_BYTES))
  let block = bytes.subarray(0, DIGEST_BYTES)
  for (let at = 0; at < key.length; at += DIGEST_BYTES) {
    block = createHash('sha1').update(secret).update(block).digest()
    for (let i = 0; i < DIGEST_BYTES && at + i < key.length; i++) key[at + i] = key[at + i]! ^ block[i]!
  }
  if (!createHash('sha1').update(secret).update(key).digest().equals(bytes.subarray(-DIGEST_BYTES))) {
    throw new StoreError('the password of its private key is wrong')
  }
  return key
}

/** Big-endian numbers and counted bytes, never beyond the end. */
class JksReader {
  private readonly bytes: Buffer
  private position = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  take(length: number): Buffer {
    const end = this.position + length
    if (end > this.bytes.length) throw new StoreError('it ends within an entry')
    const taken = this.bytes.subarray(this.position, end)
    this.position = end
    return taken
  }

  uint32(): number {
    return this.take(4).readUInt32BE(0)
  }

  text(): string {
    return this.take(this.take(2).readUInt16BE(0)).toString('utf8')
  }
}
