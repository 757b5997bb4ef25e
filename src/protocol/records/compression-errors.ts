import type { CompressionType } from './compression.ts'

/** Compressed data that can't be decoded: damaged, cut off, or written by something that isn't this codec. */
export class DecompressionError extends Error {
  override readonly name = 'DecompressionError'

  constructor(type: CompressionType, reason: string, options?: ErrorOptions) {
    super(`The ${type} data can't be decompressed: ${reason}`, options)
  }
}

/** Data that is larger once decompressed than the caller allows: very likely a decompression bomb. */
export class DecompressedTooLargeError extends Error {
  override readonly name = 'DecompressedTooLargeError'
  readonly maxOutputBytes: number

  constructor(type: CompressionType, maxOutputBytes: number) {
    super(
      `The ${type} data holds more than the allowed ${maxOutputBytes} bytes. ` +
        'Either it was made to exhaust memory, or the limit has to be raised.',
    )
    this.maxOutputBytes = maxOutputBytes
  }
}

/** A compression id that no Kafka version knows (5 to 7), or a name that isn't a codec. */
export class UnknownCompressionError extends Error {
  override readonly name = 'UnknownCompressionError'

  constructor(idOrName: number | string) {
    super(`Unknown compression type ${idOrName}: known are none (0), gzip (1), snappy (2), lz4 (3) and zstd (4).`)
  }
}

/** A compression level outside of what Kafka's configuration allows for the codec. */
export class CompressionLevelError extends Error {
  override readonly name = 'CompressionLevelError'

  constructor(type: CompressionType, level: number, allowed: string) {
    super(`Compression level ${level} is not valid for ${type}: use ${allowed}.`)
  }
}

/** A codec was used before `ensureCodec` had loaded it: a mistake in the calling code. */
export class CodecNotLoadedError extends Error {
  override readonly name = 'CodecNotLoadedError'

  constructor(type: CompressionType) {
    super(`The ${type} codec is not loaded: await ensureCodec('${type}') first.`)
  }
}
