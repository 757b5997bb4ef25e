import { gunzipSync, gzipSync } from 'node:zlib'
import type { Codec } from './compression.ts'
import { DecompressedTooLargeError, DecompressionError } from './compression-errors.ts'

const MAX_CHUNK_BYTES = 256 * 1024
/** zlib takes no smaller chunk. */
const MIN_CHUNK_BYTES = 64

/** Output buffers sized to what is likely: one that fits is faster than many that have to be joined. */
const chunkBytes = (likelyBytes: number): number => Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, likelyBytes))

/** GZIP streams (RFC 1952); several members in a row are read as one stream, as Java does. */
export const gzipCodec: Codec = {
  compress: (data, level) => gzipSync(data, { level, chunkSize: chunkBytes(data.length) }),

  decompress(data, maxOutputBytes) {
    // zlib wants a limit of at least one; nothing at all is checked afterwards.
    const options = { maxOutputLength: Math.max(1, maxOutputBytes), chunkSize: chunkBytes(data.length * 4) }
    let output: Buffer
    try {
      output = gunzipSync(data, options)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
        throw new DecompressedTooLargeError('gzip', maxOutputBytes)
      }
      throw new DecompressionError('gzip', (error as Error).message, { cause: error })
    }
    if (output.length > maxOutputBytes) throw new DecompressedTooLargeError('gzip', maxOutputBytes)
    return output
  },
}
