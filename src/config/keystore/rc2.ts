/**
 * RC2 in CBC mode (RFC 2268), decryption alone. Java up to version 8 encrypted the certificates of every PKCS12 store with its
 * 40-bit form, which OpenSSL 3 has no more.
 */

const BLOCK_BYTES = 8
const ROTATIONS = [1, 2, 3, 5] as const

/** PITABLE of RFC 2268, section 2: a permutation of all bytes. */
const PI_TABLE = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32' +
    'bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a' +
    '961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e' +
    'c5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
)

/** The 64 words of the key. Its effective length is that of the key itself. */
function expand(key: Buffer): number[] {
  const bytes = Buffer.alloc(128)
  key.copy(bytes)
  for (let i = key.length; i < 128; i++) bytes[i] = PI_TABLE[(bytes[i - 1]! + bytes[i - key.length]!) & 0xff]!
  bytes[128 - key.length] = PI_TABLE[bytes[128 - key.length]!]!
  for (let i = 127 - key.length; i >= 0; i--) bytes[i] = PI_TABLE[bytes[i + 1]! ^ bytes[i + key.length]!]!
  return Array.from({ length: 64 }, (_, i) => bytes.readUInt16LE(2 * i))
}

function decryptBlock(words: readonly number[], block: Buffer): Buffer {
  const r = [0, 2, 4, 6].map((at) => block.readUInt16LE(at)) as [number, number, number, number]
  let next = 63
  for (let round = 15; round >= 0; round--) {
    for (let i = 3; i >= 0; i--) {
      const [one, two, three] = [r[(i + 3) & 3]!, r[(i + 2) & 3]!, r[(i + 1) & 3]!]
      const rotated = (r[i]! >>> ROTATIONS[i]!) | (r[i]! << (16 - ROTATIONS[i]!))
      r[i] = (rotated - words[next--]! - (one & two) - (~one & three)) & 0xffff
    }
    // Two mashing rounds: after 5 and 11 rounds of mixing.
    if (round === 11 || round === 5) for (let i = 3; i >= 0; i--) r[i] = (r[i]! - words[r[(i + 3) & 3]! & 63]!) & 0xffff
  }
  const plain = Buffer.alloc(BLOCK_BYTES)
  for (const [i, word] of r.entries()) plain.writeUInt16LE(word, 2 * i)
  return plain
}

/**
 * @param key 1 to 128 bytes
 * @param iv 8 bytes
 * @returns what was encrypted, without its padding
 * @throws Error for a length or padding that can't be, as when the key is wrong
 */
export function decryptRc2(key: Buffer, iv: Buffer, encrypted: Buffer): Buffer {
  if (encrypted.length === 0 || encrypted.length % BLOCK_BYTES !== 0) throw new Error('bad decrypt: wrong length')
  const words = expand(key)
  const plain = Buffer.alloc(encrypted.length)
  let previous = iv
  for (let at = 0; at < encrypted.length; at += BLOCK_BYTES) {
    const block = encrypted.subarray(at, at + BLOCK_BYTES)
    for (const [i, byte] of decryptBlock(words, block).entries()) plain[at + i] = byte ^ previous[i]!
    previous = block
  }
  const padding = plain.at(-1)!
  const isPadded = padding >= 1 && padding <= BLOCK_BYTES && plain.subarray(-padding).every((byte) => byte === padding)
  if (!isPadded) throw new Error('bad decrypt: wrong padding')
  return plain.subarray(0, plain.length - padding)
}
