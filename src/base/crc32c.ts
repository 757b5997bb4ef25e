import { createRequire } from 'node:module'
import type * as Native from '@node-rs/crc32'

/** Reversed polynomial of CRC-32C. */
const POLYNOMIAL = 0x82f63b78

/**
 * What is done before the native code is loaded, which takes as long as this takes for a megabyte: a command that reads or writes a few records
 * does without.
 */
const NATIVE_FROM_BYTES = 256 * 1024

let native: typeof Native.crc32c | null = null
let table: Int32Array | null = null
let doneBytes = 0

/**
 * CRC-32C (Castagnoli) of the buffer as an unsigned 32-bit integer: the checksum of record batches v2.
 *
 * @param seed checksum of the bytes before this buffer, to go on from: `crc32c(b, crc32c(a)) === crc32c(a + b)`.
 */
export function crc32c(buffer: Uint8Array, seed = 0): number {
  if (native !== null) return native(buffer, seed) >>> 0
  doneBytes += buffer.length
  if (doneBytes < NATIVE_FROM_BYTES) return byTable(buffer, seed)
  native = (createRequire(import.meta.url)('@node-rs/crc32') as typeof Native).crc32c
  return native(buffer, seed) >>> 0
}

function byTable(bytes: Uint8Array, seed: number): number {
  table ??= Int32Array.from({ length: 256 }, (_, index) => {
    let value = index
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
    return value
  })
  let crc = ~seed
  for (let index = 0; index < bytes.length; index++) crc = (crc >>> 8) ^ table[(crc ^ bytes[index]!) & 0xff]!
  return ~crc >>> 0
}
