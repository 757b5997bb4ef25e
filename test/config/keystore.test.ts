import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StoreError } from '../../src/config/keystore/password-encryption.ts'
import { decryptRc2 } from '../../src/config/keystore/rc2.ts'
import { certificatesOfStore, keyOfStore } from '../../src/config/keystore/read-store.ts'

const path = (name: string): URL => new URL(`fixtures/stores/${name}`, import.meta.url)
const store = (name: string): Buffer => readFileSync(path(name))
const pemOf = (name: string): X509Certificate => new X509Certificate(store(name))
const prints = (pem: string): string[] =>
  (pem.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one).fingerprint256,
  )

const SECRET = 'secret1'
const SERVER = ['server.pem']
const CHAIN = ['leaf.pem', 'ca.pem']

describe('the key and chain of a store', () => {
  it.each([
    ['keytool, PBES2 with AES-256', 'key.p12', SECRET, null, SERVER],
    ['keytool before Java 9: triple DES and RC2-40', 'legacy-key.p12', SECRET, null, SERVER],
    ['keytool, JKS', 'key.jks', SECRET, null, SERVER],
    ['keytool, JKS, another password for the key', 'key2.jks', SECRET, 'keysecret', SERVER],
    ['openssl, a chain', 'openssl-chain.p12', SECRET, null, CHAIN],
    ['openssl, two-key and triple DES', 'openssl-des.p12', SECRET, null, CHAIN],
    ['openssl, RC2-128', 'openssl-rc2-128.p12', SECRET, null, CHAIN],
    ['openssl, AES-128, AES-192 and SHA-512, a password beyond ASCII', 'openssl-sha512.p12', 'pässwörd €', null, CHAIN],
    ['openssl, nothing encrypted, no MAC', 'openssl-plain.p12', null, null, ['leaf.pem']],
  ])('%s', (_, name, password, keyPassword, certificates) => {
    const { key, cert } = keyOfStore(store(name), password, keyPassword)
    expect(prints(cert)).toEqual(certificates.map((certificate) => pemOf(certificate).fingerprint256))
    expect(pemOf(certificates[0]!).checkPrivateKey(createPrivateKey(key))).toBe(true)
  })

  it.each([
    ['key.p12', 'wrong', null, 'the password is wrong, or the content is broken'],
    ['legacy-key.p12', 'wrong', null, 'the password is wrong'],
    ['key.jks', 'wrong', null, 'the password is wrong, or the content is broken'],
    ['key2.jks', SECRET, null, 'the password of its private key is wrong'],
    ['key.p12', SECRET, 'wrong', 'the password is wrong'],
    ['key.p12', null, null, 'it is encrypted, and no password is set'],
    ['openssl-chain.p12', null, null, 'it is encrypted, and no password is set'],
    ['key.jks', null, null, 'its private key is encrypted, and no password is set'],
    ['trust.p12', SECRET, null, 'it has no private key'],
    ['trust.jks', SECRET, null, 'it has no private key'],
    ['server.pem', SECRET, null, 'neither a PKCS12 nor a JKS file'],
  ])('of %s with password %s and %s for the key is refused', (name, password, keyPassword, why) => {
    expect(() => keyOfStore(store(name), password, keyPassword)).toThrow(why)
  })
})

describe('the certificates a store makes trusted', () => {
  it.each([
    ['keytool', 'trust.p12', SECRET, 'server.pem'],
    ['keytool before Java 9', 'legacy-trust.p12', SECRET, 'server.pem'],
    ['keytool without password', 'plain-trust.p12', null, 'server.pem'],
    ['keytool, JKS', 'trust.jks', SECRET, 'server.pem'],
    ['keytool, JKS whose password nobody knows', 'trust.jks', null, 'server.pem'],
    ['openssl -nokeys', 'openssl-trust.p12', SECRET, 'ca.pem'],
    ['a key store: the certificate of its key alone', 'openssl-chain.p12', SECRET, 'leaf.pem'],
    ['a key store whose key has another password', 'key2.jks', SECRET, 'server.pem'],
  ])('%s', (_, name, password, certificate) => {
    expect(prints(certificatesOfStore(store(name), password))).toEqual([pemOf(certificate).fingerprint256])
  })
})

describe('RC2', () => {
  // The examples of RFC 2268, section 5, whose effective key length is that of the key.
  it.each([
    ['ffffffffffffffff', 'ffffffffffffffff', '278b27e42e2f0d49'],
    ['3000000000000000', '1000000000000001', '30649edf9be7d2c2'],
    ['88bca90e90875a7f0f79c384627bafb2', '0000000000000000', '2269552ab0f85ca6'],
  ])('decrypts with key %s', (key, plain, encrypted) => {
    // Single blocks, without padding: this iv makes of the right plain text a block of nothing but padding, and of any other none.
    const iv = Buffer.from(Buffer.from(plain, 'hex').map((byte) => byte ^ 8))
    expect(decryptRc2(Buffer.from(key, 'hex'), iv, Buffer.from(encrypted, 'hex'))).toHaveLength(0)
  })
})

describe('broken stores', () => {
  const names = ['trust.p12', 'plain-trust.p12', 'openssl-plain.p12', 'trust.jks', 'key.jks']
  const flip = fc.record({ at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }), cut: fc.boolean() })

  it.each(names)('%s: any change or cut is read, or refused as a StoreError', (name) => {
    const whole = store(name)
    fc.assert(
      fc.property(flip, ({ at, bits, cut }) => {
        const position = at % whole.length
        const bytes = Buffer.from(cut ? whole.subarray(0, position) : whole)
        if (!cut) bytes[position]! ^= bits
        for (const read of [() => certificatesOfStore(bytes, null), () => keyOfStore(bytes, null, SECRET)]) {
          try {
            read()
          } catch (error) {
            expect(error).toBeInstanceOf(StoreError)
          }
        }
      }),
      { numRuns: 400 },
    )
  })

  it('with more rounds of key derivation than anybody waits for are refused at once', () => {
    const bytes = store('key.p12')
    // 10,000 rounds as PKCS12 writes them; the last is that of the MAC.
    const at = bytes.lastIndexOf(Buffer.from('02022710', 'hex'))
    const many = Buffer.from(bytes)
    many.writeUInt16BE(0x7f_ff, at + 2)
    expect(() => keyOfStore(many, SECRET, null)).toThrow('the password is wrong')
    const negative = Buffer.from(bytes)
    negative.writeUInt16BE(0xff_ff, at + 2)
    expect(() => keyOfStore(negative, SECRET, null)).toThrow('it wants -1 rounds of key derivation')
  })

  it('of BER with unknown lengths are read', () => {
    // SEQUENCE { 3, data } whose own lengths are unknown, and whose content is cut in two, as other programs write it.
    const der = store('openssl-plain.p12')
    // Behind the type of the content: [0] and the octet string, 4 bytes each.
    const content = der.subarray(der.indexOf(Buffer.from('06092a864886f70d010701', 'hex')) + 11 + 8)
    const half = content.length >> 1
    const piece = (bytes: Buffer): Buffer =>
      Buffer.concat([Buffer.from([0x04, 0x82, bytes.length >> 8, bytes.length & 0xff]), bytes])
    const ber = Buffer.concat([
      Buffer.from('3080020103308006092a864886f70d010701a0802480', 'hex'),
      piece(content.subarray(0, half)),
      piece(content.subarray(half)),
      Buffer.alloc(8),
    ])
    const { cert } = keyOfStore(ber, null, null)
    expect(prints(cert)).toEqual([pemOf('leaf.pem').fingerprint256])
  })
})
