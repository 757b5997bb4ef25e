import { crc32c as nativeCrc32c } from '@node-rs/crc32'

/**
 * CRC-32C (Castagnoli) of the buffer as an unsigned 32-bit integer: the checksum of record batches v2.
 *
 * @param seed checksum of the bytes before this buffer, to go on from: `crc32c(b, crc32c(a)) === crc32c(a + b)`.
 */
export function crc32c(buffer: Uint8Array, seed = 0): number {
  return nativeCrc32c(buffer, seed) >>> 0
}
