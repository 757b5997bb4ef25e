import { crc32c } from '../../base/crc32c.ts'
import {
  ATTRIBUTES,
  BATCH_LENGTH,
  BATCH_OVERHEAD,
  type BatchHeader,
  COMPRESSION_MASK,
  LOG_OVERHEAD,
  MAGIC,
  readBatchHeader,
} from './batch-header.ts'
import { COMPRESSION_TYPES, type CompressionType, compressionTypeOf, ensureCodec, isCodecReady } from './compression.ts'
import { CorruptRecordError } from './corrupt-record-error.ts'

/** The only batch format there is since Kafka 4.0 (KIP-724). */
export const CURRENT_MAGIC = 2

/**
 * The header of the batch at `position`, or undefined when the buffer ends within the batch: the usual end of a fetch
 * response and of a log that was cut off while writing.
 *
 * Checked are the size and the magic, not the checksum: for that, see `validateBatch`.
 *
 * @throws CorruptRecordError for a size below that of an empty batch, or a magic other than 2.
 */
export function batchAt(buffer: Buffer, position: number): BatchHeader | undefined {
  const available = buffer.length - position
  if (available < LOG_OVERHEAD) return undefined
  const sizeBytes = buffer.readInt32BE(position + BATCH_LENGTH) + LOG_OVERHEAD
  if (available > MAGIC && sizeBytes > MAGIC) {
    const magic = buffer.readInt8(position + MAGIC)
    if (magic !== CURRENT_MAGIC) throw new CorruptRecordError(position, unsupportedMagic(magic))
  }
  if (sizeBytes < BATCH_OVERHEAD) {
    throw new CorruptRecordError(
      position,
      `its size of ${sizeBytes} bytes is less than the ${BATCH_OVERHEAD} of a header`,
    )
  }
  if (sizeBytes > available) return undefined
  return readBatchHeader(buffer, position)
}

/**
 * The headers of the whole batches in a buffer, in order; an incomplete last batch is left out.
 *
 * @throws CorruptRecordError as batchAt, after the batches before it were yielded.
 */
export function* readBatches(buffer: Buffer, position = 0): Generator<BatchHeader, void, void> {
  let at = position
  for (let header = batchAt(buffer, at); header !== undefined; header = batchAt(buffer, at)) {
    yield header
    at += header.sizeBytes
  }
}

/**
 * Calls `visitor` for each whole batch of a buffer, until it returns false.
 *
 * @returns the position after the last batch that was visited: less than `buffer.length` if an incomplete one follows.
 * @throws CorruptRecordError as batchAt, after the batches before it were visited.
 */
export function forEachBatch(buffer: Buffer, visitor: (header: BatchHeader) => unknown, position = 0): number {
  let at = position
  for (let header = batchAt(buffer, at); header !== undefined; header = batchAt(buffer, at)) {
    at += header.sizeBytes
    if (visitor(header) === false) break
  }
  return at
}

/**
 * Checks that a batch is whole and unchanged: size, magic, record count and last offset delta not negative, and the
 * CRC-32C over everything from the attributes on. The records themselves are checked when they are read.
 *
 * @param buffer what `header` was read from.
 * @throws CorruptRecordError
 */
export function validateBatch(buffer: Buffer, header: BatchHeader): void {
  const { position, sizeBytes } = header
  checkBounds(buffer, header)
  const computed = crc32c(buffer.subarray(position + ATTRIBUTES, position + sizeBytes))
  if (computed !== header.crc) {
    throw new CorruptRecordError(position, `its checksum is ${hex(computed)} where ${hex(header.crc)} is recorded`)
  }
  if (header.recordCount < 0) throw new CorruptRecordError(position, `its record count is ${header.recordCount}`)
  if (header.lastOffsetDelta < 0) {
    throw new CorruptRecordError(position, `its last offset delta is ${header.lastOffsetDelta}`)
  }
}

/**
 * Checks that the batch lies within the buffer and has the current format; all that reading its records relies on.
 *
 * @throws CorruptRecordError
 */
export function checkBounds(buffer: Buffer, header: BatchHeader): void {
  const { position, sizeBytes, magic } = header
  if (magic !== CURRENT_MAGIC) throw new CorruptRecordError(position, unsupportedMagic(magic))
  if (sizeBytes < BATCH_OVERHEAD || sizeBytes > buffer.length - position) {
    throw new CorruptRecordError(
      position,
      `its size is ${sizeBytes} bytes where ${BATCH_OVERHEAD} to ${buffer.length - position} are possible`,
    )
  }
}

/**
 * The compression of a batch.
 *
 * @throws UnknownCompressionError for the ids 5 to 7.
 */
export function batchCompression(header: BatchHeader): CompressionType {
  return compressionTypeOf(header.attributes & COMPRESSION_MASK)
}

/**
 * Loads the codecs that the batches of a buffer need, so that their records can be read synchronously.
 *
 * @returns undefined when all are loaded already, so that the common case needs no await. Unknown compression ids and
 *   corrupt batches are left for the reading to report.
 */
export function ensureBatchCodecs(buffer: Buffer): Promise<void> | undefined {
  const missing = new Set<CompressionType>()
  try {
    forEachBatch(buffer, ({ attributes }) => {
      const type = COMPRESSION_TYPES[attributes & COMPRESSION_MASK]
      if (type !== undefined && !isCodecReady(type)) missing.add(type)
    })
  } catch (error) {
    if (!(error instanceof CorruptRecordError)) throw error
  }
  if (missing.size === 0) return undefined
  return Promise.all([...missing].map(ensureCodec)).then(() => undefined)
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`

const unsupportedMagic = (magic: number): string =>
  `its magic is ${magic}, and only ${CURRENT_MAGIC} is supported (formats 0 and 1 ended with Kafka 4.0)`
