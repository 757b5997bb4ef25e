/** Password-based encryption and MACs as PKCS12 stores have them: PBES2 and PBMAC1 (RFC 8018), and PKCS12's own (RFC 7292). */
import { createDecipheriv, createHash, createHmac, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto'
import { type Der, DerTag, derChildren, objectId } from '../../base/der.ts'
import { decryptRc2 } from './rc2.ts'

/** The store, or a key in it, can't be read: a wrong password, an algorithm that is not supported, broken content. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/** As in Java: more would keep the program busy for minutes. */
const MAX_ITERATIONS = 5_000_000
const MAX_SCRYPT_BYTES = 256 * 1024 * 1024

const PBES2 = '1.2.840.113549.1.5.13'
const PBMAC1 = '1.2.840.113549.1.5.14'
const PBKDF2 = '1.2.840.113549.1.5.12'
const SCRYPT = '1.3.6.1.4.1.11591.4.11'

const DIGESTS: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.5': 'sha512-224',
  '2.16.840.1.101.3.4.2.6': 'sha512-256',
}
const HMACS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
  '1.2.840.113549.2.12': 'sha512-224',
  '1.2.840.113549.2.13': 'sha512-256',
}

interface Cipher {
  readonly keyBytes: number
  readonly ivBytes: number
  decrypt(key: Buffer, iv: Buffer, encrypted: Buffer): Buffer
}

function openssl(name: string, keyBytes: number, ivBytes: number): Cipher {
  return {
    keyBytes,
    ivBytes,
    decrypt(key, iv, encrypted) {
      const decipher = createDecipheriv(name, key, iv)
      return Buffer.concat([decipher.update(encrypted), decipher.final()])
    },
  }
}

/** OpenSSL knows triple DES with three keys; with two the first counts twice. */
const twoKeyDes: Cipher = {
  ...openssl('des-ede3-cbc', 16, 8),
  decrypt: (key, iv, encrypted) =>
    openssl('des-ede3-cbc', 24, 8).decrypt(Buffer.concat([key, key.subarray(0, 8)]), iv, encrypted),
}
const rc2 = (keyBytes: number): Cipher => ({ keyBytes, ivBytes: 8, decrypt: decryptRc2 })

const PBES2_CIPHERS: Readonly<Record<string, Cipher>> = {
  '2.16.840.1.101.3.4.1.2': openssl('aes-128-cbc', 16, 16),
  '2.16.840.1.101.3.4.1.22': openssl('aes-192-cbc', 24, 16),
  '2.16.840.1.101.3.4.1.42': openssl('aes-256-cbc', 32, 16),
  '1.2.840.113549.3.7': openssl('des-ede3-cbc', 24, 8),
}
/** With SHA-1, RFC 7292 appendix C. */
const PKCS12_CIPHERS: Readonly<Record<string, Cipher>> = {
  '1.2.840.113549.1.12.1.3': openssl('des-ede3-cbc', 24, 8),
  '1.2.840.113549.1.12.1.4': twoKeyDes,
  '1.2.840.113549.1.12.1.5': rc2(16),
  '1.2.840.113549.1.12.1.6': rc2(5),
}

/** What a derived key is for (RFC 7292, appendix B.3). */
const Purpose = { KEY: 1, IV: 2, MAC: 3 } as const

/** Decrypts what an AlgorithmIdentifier describes. @throws StoreError */
export function decrypt(algorithm: Der, encrypted: Buffer, password: string): Buffer {
  const [id, parameters] = identifier(algorithm)
  const { cipher, key, iv } = id === PBES2 ? pbes2(parameters, password) : pkcs12Encryption(id, parameters, password)
  try {
    return cipher.decrypt(key, iv, encrypted)
  } catch (error) {
    throw new StoreError('the password is wrong, or the content is broken', { cause: error })
  }
}

/** Checks the MAC of a store (MacData of RFC 7292). @throws StoreError if it isn't that of these bytes and password */
export function checkMac(macData: Der, content: Buffer, password: string): void {
  const [info, salt, iterations] = derChildren(macData.content)
  const [algorithm, mac] = derChildren(part(info).content)
  const [id, parameters] = identifier(part(algorithm))
  let expected: Buffer
  if (id === PBMAC1) {
    const [derivation, hmac] = derChildren(part(parameters).content)
    const digest = known(HMACS, identifier(part(hmac))[0])
    expected = createHmac(digest, derivedKey(part(derivation), password, undefined))
      .update(content)
      .digest()
  } else {
    const digest = known(DIGESTS, id)
    const count = iterations === undefined ? 1 : iterationCount(iterations)
    const keyBytes = createHash(digest).digest().length
    const key = pkcs12Key(digest, password, part(salt).content, count, Purpose.MAC, keyBytes)
    expected = createHmac(digest, key).update(content).digest()
  }
  const given = part(mac).content
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new StoreError('the password is wrong, or the content is broken')
  }
}

interface Keyed {
  readonly cipher: Cipher
  readonly key: Buffer
  readonly iv: Buffer
}

function pbes2(parameters: Der | undefined, password: string): Keyed {
  const [derivation, scheme] = derChildren(part(parameters).content)
  const [id, iv] = identifier(part(scheme))
  const cipher = known(PBES2_CIPHERS, id)
  return { cipher, key: derivedKey(part(derivation), password, cipher.keyBytes), iv: part(iv).content }
}

function pkcs12Encryption(id: string, parameters: Der | undefined, password: string): Keyed {
  const cipher = known(PKCS12_CIPHERS, id)
  const [salt, iterations] = derChildren(part(parameters).content)
  const count = iterationCount(part(iterations))
  const derive = (purpose: number, bytes: number): Buffer =>
    pkcs12Key('sha1', password, part(salt).content, count, purpose, bytes)
  return { cipher, key: derive(Purpose.KEY, cipher.keyBytes), iv: derive(Purpose.IV, cipher.ivBytes) }
}

/** @param keyBytes undefined where the parameters have to name it */
function derivedKey(derivation: Der, password: string, keyBytes: number | undefined): Buffer {
  const [id, parameters] = identifier(derivation)
  const [salt, ...rest] = derChildren(part(parameters).content)
  const text = Buffer.from(password, 'utf8')
  if (id === SCRYPT) {
    const [N, r, p] = rest.map(iterationCount)
    if (N === undefined || r === undefined || p === undefined) throw new StoreError('it is incomplete')
    try {
      return scryptSync(text, part(salt).content, keyBytes ?? 32, { N, r, p, maxmem: MAX_SCRYPT_BYTES })
    } catch (error) {
      throw new StoreError('its scrypt parameters are beyond what is supported', { cause: error })
    }
  }
  if (id !== PBKDF2) throw unsupported(id)
  const count = iterationCount(part(rest[0]))
  const length = rest.slice(1).find(({ tag }) => tag === DerTag.INTEGER)
  const prf = rest.find(({ tag }) => tag === DerTag.SEQUENCE)
  const digest = prf === undefined ? 'sha1' : known(HMACS, identifier(prf)[0])
  const bytes = keyBytes ?? Math.min(iterationCount(part(length)), 1024)
  return pbkdf2Sync(text, part(salt).content, count, bytes, digest)
}

/** Key derivation of RFC 7292, appendix B.2. */
function pkcs12Key(
  digest: string,
  password: string,
  salt: Buffer,
  iterations: number,
  purpose: number,
  bytes: number,
): Buffer {
  const blockBytes = digest === 'sha384' || digest.startsWith('sha512') ? 128 : 64
  const filled = (source: Buffer): Buffer =>
    source.length === 0 ? source : Buffer.alloc(Math.ceil(source.length / blockBytes) * blockBytes, source)
  const input = Buffer.concat([filled(salt), filled(Buffer.from(`${password}\0`, 'utf16le').swap16())])
  const diversifier = Buffer.alloc(blockBytes, purpose)
  const pieces: Buffer[] = []
  for (let have = 0; have < bytes; ) {
    let hash = createHash(digest).update(diversifier).update(input).digest()
    for (let i = 1; i < iterations; i++) hash = createHash(digest).update(hash).digest()
    pieces.push(hash)
    have += hash.length
    const addend = Buffer.alloc(blockBytes, hash)
    for (let at = 0; at < input.length; at += blockBytes) addOne(input.subarray(at, at + blockBytes), addend)
  }
  return Buffer.concat(pieces).subarray(0, bytes)
}

/** target = target + addend + 1, as big-endian numbers of equal size. */
function addOne(target: Buffer, addend: Buffer): void {
  let carry = 1
  for (let i = target.length - 1; i >= 0; i--) {
    carry += target[i]! + addend[i]!
    target[i] = carry & 0xff
    carry >>= 8
  }
}

function identifier(algorithm: Der): [id: string, parameters: Der | undefined] {
  const [id, parameters] = derChildren(algorithm.content)
  return [objectId(part(id).content), parameters]
}

function iterationCount({ content }: Der): number {
  const count = content.length <= 4 ? content.readIntBE(0, content.length) : Number.POSITIVE_INFINITY
  if (count >= 1 && count <= MAX_ITERATIONS) return count
  throw new StoreError(`it wants ${count} rounds of key derivation; 1 to ${MAX_ITERATIONS} are supported`)
}

function known<T>(table: Readonly<Record<string, T>>, id: string): T {
  if (!Object.hasOwn(table, id)) throw unsupported(id)
  return table[id] as T
}

const unsupported = (id: string): StoreError => new StoreError(`its algorithm ${id} is not supported`)

function part(value: Der | undefined): Der {
  if (value === undefined) throw new StoreError('it is incomplete')
  return value
}
