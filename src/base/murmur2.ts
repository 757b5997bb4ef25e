const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/**
 * Murmur2 (32 bit) as Kafka's clients hash keys to partitions (Java's Utils.murmur2, seed 0x9747b28c), bit for bit.
 *
 * @returns a signed 32-bit integer, like Java's; make it a partition with `toPositive(hash) % partitions`.
 */
export function murmur2(data: Uint8Array): number {
  const length = data.length
  let h = SEED ^ length
  const words = length & ~3
  for (let i = 0; i < words; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24)
    k = Math.imul(k, M)
    k ^= k >>> R
    k = Math.imul(k, M)
    h = Math.imul(h, M) ^ k
  }
  const rest = length - words
  if (rest === 3) h ^= data[words + 2]! << 16
  if (rest >= 2) h ^= data[words + 1]! << 8
  if (rest >= 1) h = Math.imul(h ^ data[words]!, M)
  h ^= h >>> 13
  h = Math.imul(h, M)
  return h ^ (h >>> 15)
}

/** Clears the sign bit (Java's Utils.toPositive): not the same as the absolute value. */
export function toPositive(hash: number): number {
  return hash & 0x7fffffff
}
