/**
 * XXH3, 64 bits, seed 0: a fast hash that is no secret and no signature. Kafka keeps such hashes of topics' metadata in
 * its records of groups, so both must give the same.
 */
const MASK = (1n << 64n) - 1n
const PRIME32_1 = 0x9e3779b1n
const PRIME32_2 = 0x85ebca77n
const PRIME32_3 = 0xc2b2ae3dn
const PRIME64_1 = 0x9e3779b185ebca87n
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn
const PRIME64_3 = 0x165667b19e3779f9n
const PRIME64_4 = 0x85ebca77c2b2ae63n
const PRIME64_5 = 0x27d4eb2f165667c5n
const PRIME_MX1 = 0x165667919e3779f9n
const PRIME_MX2 = 0x9fb21c651e98df25n

/** The algorithm's fixed "secret". */
const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248e' +
    'e03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d' +
    '8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc' +
    '8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
)
const STRIPE_BYTES = 64
/** Stripes per block: the secret has room for that many steps of 8 bytes. */
const STRIPES_PER_BLOCK = (SECRET.length - STRIPE_BYTES) / 8

const u64 = (bytes: Buffer, at: number): bigint => bytes.readBigUInt64LE(at)
const u32 = (bytes: Buffer, at: number): bigint => BigInt(bytes.readUInt32LE(at))

function foldedProduct(a: bigint, b: bigint): bigint {
  const product = a * b
  return (product & MASK) ^ (product >> 64n)
}

function avalanche(hash: bigint): bigint {
  let h = hash ^ (hash >> 37n)
  h = (h * PRIME_MX1) & MASK
  return h ^ (h >> 32n)
}

function avalanche64(hash: bigint): bigint {
  let h = hash ^ (hash >> 33n)
  h = (h * PRIME64_2) & MASK
  h ^= h >> 29n
  h = (h * PRIME64_3) & MASK
  return h ^ (h >> 32n)
}

function rotateLeft(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK
}

function swapBytes(value: bigint): bigint {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64LE(value, 0)
  return bytes.readBigUInt64BE(0)
}

function hashUpTo16(input: Buffer): bigint {
  const length = input.length
  if (length > 8) {
    const low = u64(input, 0) ^ (u64(SECRET, 24) ^ u64(SECRET, 32))
    const high = u64(input, length - 8) ^ (u64(SECRET, 40) ^ u64(SECRET, 48))
    return avalanche((BigInt(length) + swapBytes(low) + high + foldedProduct(low, high)) & MASK)
  }
  if (length >= 4) {
    const combined = (u32(input, length - 4) + (u32(input, 0) << 32n)) & MASK
    let h = combined ^ (u64(SECRET, 8) ^ u64(SECRET, 16))
    h ^= rotateLeft(h, 49n) ^ rotateLeft(h, 24n)
    h = (h * PRIME_MX2) & MASK
    h ^= (h >> 35n) + BigInt(length)
    h = (h * PRIME_MX2) & MASK
    return h ^ (h >> 28n)
  }
  if (length > 0) {
    const combined =
      (BigInt(input[0]!) << 16n) |
      (BigInt(input[length >> 1]!) << 24n) |
      BigInt(input[length - 1]!) |
      (BigInt(length) << 8n)
    return avalanche64(combined ^ (u32(SECRET, 0) ^ u32(SECRET, 4)))
  }
  return avalanche64(u64(SECRET, 56) ^ u64(SECRET, 64))
}

function mix16(input: Buffer, at: number, secretAt: number): bigint {
  return foldedProduct(u64(input, at) ^ u64(SECRET, secretAt), u64(input, at + 8) ^ u64(SECRET, secretAt + 8))
}

function hashUpTo128(input: Buffer): bigint {
  const length = input.length
  let sum = BigInt(length) * PRIME64_1
  for (let i = Math.ceil(length / 32) - 1; i >= 0; i--) {
    sum += mix16(input, 16 * i, 32 * i) + mix16(input, length - 16 * (i + 1), 32 * i + 16)
  }
  return avalanche(sum & MASK)
}

function hashUpTo240(input: Buffer): bigint {
  const length = input.length
  let sum = BigInt(length) * PRIME64_1
  for (let i = 0; i < 8; i++) sum += mix16(input, 16 * i, 16 * i)
  sum = avalanche(sum & MASK)
  for (let i = 8; i < length >> 4; i++) sum += mix16(input, 16 * i, 16 * (i - 8) + 3)
  sum += mix16(input, length - 16, 136 - 17)
  return avalanche(sum & MASK)
}

function accumulate(lanes: bigint[], input: Buffer, at: number, secretAt: number): void {
  for (let lane = 0; lane < 8; lane++) {
    const value = u64(input, at + 8 * lane)
    const key = value ^ u64(SECRET, secretAt + 8 * lane)
    lanes[lane ^ 1] = (lanes[lane ^ 1]! + value) & MASK
    lanes[lane] = (lanes[lane]! + (key & 0xffffffffn) * (key >> 32n)) & MASK
  }
}

function scramble(lanes: bigint[]): void {
  for (let lane = 0; lane < 8; lane++) {
    const value = lanes[lane]!
    const key = value ^ (value >> 47n) ^ u64(SECRET, SECRET.length - STRIPE_BYTES + 8 * lane)
    lanes[lane] = (key * PRIME32_1) & MASK
  }
}

function hashLong(input: Buffer): bigint {
  const length = input.length
  const lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1]
  const stripes = Math.floor((length - 1) / STRIPE_BYTES)
  for (let stripe = 0; stripe < stripes; stripe++) {
    const inBlock = stripe % STRIPES_PER_BLOCK
    accumulate(lanes, input, stripe * STRIPE_BYTES, inBlock * 8)
    if (inBlock === STRIPES_PER_BLOCK - 1) scramble(lanes)
  }
  accumulate(lanes, input, length - STRIPE_BYTES, SECRET.length - STRIPE_BYTES - 7)
  let sum = (BigInt(length) * PRIME64_1) & MASK
  for (let i = 0; i < 4; i++) {
    const secretAt = 11 + 16 * i
    sum += foldedProduct(lanes[2 * i]! ^ u64(SECRET, secretAt), lanes[2 * i + 1]! ^ u64(SECRET, secretAt + 8))
  }
  return avalanche(sum & MASK)
}

/** @returns the hash as a signed 64-bit number, as Java shows it */
export function xxh3(input: Buffer): bigint {
  const { length } = input
  if (length <= 16) return BigInt.asIntN(64, hashUpTo16(input))
  if (length <= 128) return BigInt.asIntN(64, hashUpTo128(input))
  if (length <= 240) return BigInt.asIntN(64, hashUpTo240(input))
  return BigInt.asIntN(64, hashLong(input))
}
