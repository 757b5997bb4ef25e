import {
  CodecNotLoadedError,
  CompressionLevelError,
  DecompressedTooLargeError,
  UnknownCompressionError,
} from './compression-errors.ts'

/** The compression types of Kafka in the order of their ids: the low three bits of a batch's attributes. */
export const COMPRESSION_TYPES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** As Kafka's `compression.type` spells it. */
export type CompressionType = (typeof COMPRESSION_TYPES)[number]

/** What a codec's module offers once it is loaded. */
export interface Codec {
  /** The whole input as one compressed stream; `level` is already checked. */
  compress(data: Buffer, level: number): Buffer
  /** @throws DecompressionError, DecompressedTooLargeError (before it has allocated more than `maxOutputBytes`) */
  decompress(data: Buffer, maxOutputBytes: number): Buffer
}

interface LevelRange {
  min: number
  max: number
  default: number
}

/** Kafka's `compression.<type>.level`; gzip also takes -1, zlib's own default. */
const LEVELS: Partial<Record<CompressionType, LevelRange>> = {
  gzip: { min: 1, max: 9, default: -1 },
  lz4: { min: 1, max: 17, default: 9 },
  zstd: { min: -131072, max: 22, default: 3 },
}

const loaded = new Map<CompressionType, Codec>()
const loading = new Map<CompressionType, Promise<void>>()

async function loadCodec(type: CompressionType): Promise<Codec> {
  switch (type) {
    case 'gzip':
      return (await import('./gzip.ts')).gzipCodec
    case 'snappy':
      return (await import('./snappy.ts')).snappyCodec
    case 'lz4':
      return (await import('./lz4.ts')).lz4Codec
    case 'zstd':
      return (await import('./zstd.ts')).loadZstdCodec()
    default:
      throw new UnknownCompressionError(type)
  }
}

/**
 * Loads the codec, once in a process, so that `compress` and `decompress` may be called for it. Nothing of a codec that
 * isn't asked for is ever loaded. 'none' is always ready.
 *
 * @throws UnknownCompressionError, or the import's own error when the native module doesn't exist for this platform;
 *   the next call then tries again.
 */
export async function ensureCodec(type: CompressionType): Promise<void> {
  if (isCodecReady(type)) return
  let pending = loading.get(type)
  if (pending === undefined) {
    pending = loadCodec(type)
      .then((codec) => void loaded.set(type, codec))
      .finally(() => loading.delete(type))
    loading.set(type, pending)
  }
  await pending
}

/** Whether `compress` and `decompress` can be called for the type now. */
export function isCodecReady(type: CompressionType): boolean {
  return type === 'none' || loaded.has(type)
}

/**
 * The type of a compression id (batch attributes & 7).
 *
 * @throws UnknownCompressionError for 5, 6 and 7.
 */
export function compressionTypeOf(id: number): CompressionType {
  const type = COMPRESSION_TYPES[id]
  if (type === undefined) throw new UnknownCompressionError(id)
  return type
}

/** The id of a type, as it stands in the attributes of a batch. */
export function compressionId(type: CompressionType): number {
  return COMPRESSION_TYPES.indexOf(type)
}

/**
 * Checks a level as Kafka's `compression.gzip.level` (-1 or 1 to 9), `compression.lz4.level` (1 to 17) and
 * `compression.zstd.level` (-131072 to 22) do, and fills in the default (-1, 9, 3). none and snappy have no levels: any
 * level given for them is ignored, as Kafka ignores it.
 *
 * @throws CompressionLevelError
 */
export function checkCompressionLevel(type: CompressionType, level?: number): number {
  const range = LEVELS[type]
  if (range === undefined) return 0
  if (level === undefined || level === range.default) return range.default
  if (!Number.isInteger(level) || level < range.min || level > range.max) {
    const also = range.default < range.min && type === 'gzip' ? `${range.default} or ` : ''
    throw new CompressionLevelError(type, level, `${also}an integer from ${range.min} to ${range.max}`)
  }
  return level
}

/**
 * Compresses what follows the header of a batch, in the form Java's clients write: gzip; snappy in xerial framing with
 * 32 KB blocks; LZ4 frames of independent 64 KB blocks; zstd frames.
 *
 * The LZ4 library has one level only: levels of lz4 are checked and make no difference.
 *
 * @throws CodecNotLoadedError, CompressionLevelError
 */
export function compress(type: CompressionType, data: Buffer, level?: number): Buffer {
  if (type === 'none') return data
  return loadedCodec(type).compress(data, checkCompressionLevel(type, level))
}

/**
 * Decompresses what follows the header of a batch. Snappy may be xerial-framed (Java) or raw (librdkafka); zstd frames
 * may lack a content size, as streaming encoders write them. With 'none' the same buffer comes back.
 *
 * @param maxOutputBytes the most the result may hold; no more than that is allocated to find out.
 * @throws DecompressedTooLargeError, DecompressionError (damaged data), CodecNotLoadedError
 */
export function decompress(type: CompressionType, data: Buffer, maxOutputBytes: number): Buffer {
  if (type === 'none') {
    if (data.length > maxOutputBytes) throw new DecompressedTooLargeError(type, maxOutputBytes)
    return data
  }
  return loadedCodec(type).decompress(data, maxOutputBytes)
}

function loadedCodec(type: CompressionType): Codec {
  const codec = loaded.get(type)
  if (codec === undefined) {
    if (!COMPRESSION_TYPES.includes(type)) throw new UnknownCompressionError(type)
    throw new CodecNotLoadedError(type)
  }
  return codec
}
