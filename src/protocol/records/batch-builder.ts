import { assert } from '../../base/assert.ts'
import { writeInt64 } from '../../base/bytes.ts'
import { crc32c } from '../../base/crc32c.ts'
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from '../../base/varint.ts'
import * as layout from './batch-header.ts'
import { CURRENT_MAGIC } from './batch-reader.ts'
import { type CompressionType, checkCompressionLevel, compress, compressionId } from './compression.ts'

/** What a batch says about itself beside its records. All have the defaults of a plain producer's batch. */
export interface BatchOptions {
  /** The codec must be loaded (`ensureCodec`) before `finish`. Default none. */
  compression?: CompressionType
  /** As Kafka's compression.<type>.level. */
  compressionLevel?: number
  producerId?: number
  producerEpoch?: number
  baseSequence?: number
  partitionLeaderEpoch?: number
  baseOffset?: number
  transactional?: boolean
  control?: boolean
  /** Given: the batch has LogAppendTime, and all its records this time. Default: CreateTime. */
  logAppendTimeMs?: number
  /** When tombstones and markers in the batch may go (KIP-534); stands in the place of the base timestamp. */
  deleteHorizonMs?: number
  /** The last offset if it isn't the last record's: batches keep theirs when compaction removes their last records. */
  lastOffset?: number
  /** The max timestamp of a batch without records, which only one with `lastOffset` may be. */
  emptyMaxTimestamp?: number
  /** Size limit in bytes, header included, before compression. A first record always has room. Default 1 MiB. */
  maxBytes?: number
  /** Bytes to start with, for who knows how large it gets: each growth copies. Default 16 KiB. */
  initialBytes?: number
}

/** What is known only when a batch is sent. */
export type SendOptions = Pick<
  BatchOptions,
  'producerId' | 'producerEpoch' | 'baseSequence' | 'partitionLeaderEpoch' | 'baseOffset'
>

export interface RecordHeaderInput {
  key: string | Buffer
  value: Buffer | null
}

export interface RecordInput {
  key?: Buffer | null
  value: Buffer | null
  headers?: readonly RecordHeaderInput[]
  /** Milliseconds since 1970; -1 for none. */
  timestamp: number
  /** Default: the offset after the record before. Has to be greater than that one's. */
  offset?: number
}

const DEFAULT_MAX_BYTES = 1024 * 1024
const INITIAL_BYTES = 16 * 1024
/** Up to here a loop copies faster than the call that it saves. */
const SHORT_COPY_BYTES = 48
/** Most bytes of a record beside key, value and headers: length 5, attributes 1, deltas 10 + 5, three counts of 5. */
const MAX_RECORD_OVERHEAD = 36
const MAX_INT32 = 2 ** 31 - 1
const NULL_LENGTH = -1

/**
 * Builds a record batch v2. Records go straight into one growable buffer, which `finish` completes and hands out; the
 * builder can then be used for the next batch after `reset`.
 *
 * The append functions return false, and change nothing, when the record doesn't fit any more.
 */
export class BatchBuilder {
  readonly #options: BatchOptions
  readonly #maxBytes: number
  readonly #compression: CompressionType
  #buffer: Buffer
  #position = layout.BATCH_OVERHEAD
  #recordCount = 0
  #baseTimestamp = -1
  #maxTimestamp = -1
  #nextOffsetDelta = 0
  #finished = false

  /** @throws CompressionLevelError */
  constructor(options: BatchOptions = {}) {
    this.#options = options
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
    this.#compression = options.compression ?? 'none'
    checkCompressionLevel(this.#compression, options.compressionLevel)
    const initialBytes = Math.min(this.#maxBytes, options.initialBytes ?? INITIAL_BYTES)
    this.#buffer = Buffer.allocUnsafe(Math.max(layout.BATCH_OVERHEAD, initialBytes))
  }

  get recordCount(): number {
    return this.#recordCount
  }

  /** The whole buffer that records are put into: for `reset` of another builder, when nobody reads its batch any more. */
  get storage(): Buffer {
    return this.#buffer
  }

  /** Size in bytes so far, header included, before compression. */
  get sizeBytes(): number {
    return this.#position
  }

  /**
   * Whether a record is certain to fit, whatever its timestamp. As in Kafka, there is always room for a first record,
   * however large: whoever takes in records limits their size (max.request.size) before.
   *
   * @param keyLength 0 for a null key.
   * @param valueLength 0 for a null value.
   */
  hasRoom(keyLength: number, valueLength: number, headers: readonly RecordHeaderInput[] = []): boolean {
    if (this.#recordCount === 0) return true
    const sizeBytes = MAX_RECORD_OVERHEAD + keyLength + valueLength + sizeOfHeaders(headers)
    return this.#position + sizeBytes <= this.#maxBytes
  }

  /** Appends a record without key and headers, its value copied from `source`: the fast path for lines of a stream. */
  appendValue(source: Buffer, start: number, end: number, timestamp: number): boolean {
    const length = end - start
    const bodyBytes = 2 + sizeOfVarint(length) + length
    if (!this.#begin(bodyBytes, this.#nextOffsetDelta, timestamp)) return false
    const buffer = this.#buffer
    let position = writeVarint(buffer, this.#position, NULL_LENGTH)
    position = writeVarint(buffer, position, length)
    position = copyBytes(source, start, end, buffer, position)
    this.#position = writeVarint(buffer, position, 0)
    return true
  }

  /** Appends a record without headers, key and value being slices of one source: for lines with a key separator. */
  appendKeyValue(
    source: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    timestamp: number,
  ): boolean {
    const keyLength = keyEnd - keyStart
    const valueLength = valueEnd - valueStart
    const bodyBytes = sizeOfVarint(keyLength) + keyLength + sizeOfVarint(valueLength) + valueLength + 1
    if (!this.#begin(bodyBytes, this.#nextOffsetDelta, timestamp)) return false
    const buffer = this.#buffer
    let position = writeVarint(buffer, this.#position, keyLength)
    position = copyBytes(source, keyStart, keyEnd, buffer, position)
    position = writeVarint(buffer, position, valueLength)
    position = copyBytes(source, valueStart, valueEnd, buffer, position)
    this.#position = writeVarint(buffer, position, 0)
    return true
  }

  /**
   * Appends the body of an existing record as it is: `bodyStart` to `recordEnd` of a RecordCursor over `source`. Keeps
   * the bytes of key, value and headers exactly, which compaction and recompression have to.
   */
  appendBody(source: Buffer, bodyStart: number, recordEnd: number, offset: number, timestamp: number): boolean {
    if (!this.#begin(recordEnd - bodyStart, this.#deltaOf(offset), timestamp)) return false
    this.#position = copyBytes(source, bodyStart, recordEnd, this.#buffer, this.#position)
    return true
  }

  /** Appends a record. */
  append(record: RecordInput): boolean {
    const key = record.key ?? null
    const { value, headers = [], timestamp, offset } = record
    const bodyBytes = sizeOfField(key) + sizeOfField(value) + sizeOfVarint(headers.length) + sizeOfHeaders(headers)
    const offsetDelta = offset === undefined ? this.#nextOffsetDelta : this.#deltaOf(offset)
    if (!this.#begin(bodyBytes, offsetDelta, timestamp)) return false
    const buffer = this.#buffer
    let position = writeField(key, buffer, this.#position)
    position = writeField(value, buffer, position)
    position = writeVarint(buffer, position, headers.length)
    for (const header of headers) position = writeHeader(header, buffer, position)
    this.#position = position
    return true
  }

  /**
   * Completes the batch: compresses it, writes the header and the checksum.
   *
   * @param send overrides the builder's options of the same name.
   * @returns the batch; the builder must be `reset` before it is used again.
   * @throws CodecNotLoadedError
   */
  finish(send: SendOptions = {}): Buffer {
    const { lastOffset, emptyMaxTimestamp = -1, logAppendTimeMs, deleteHorizonMs } = this.#options
    assert(!this.#finished, 'a batch is finished once')
    assert(this.#recordCount > 0 || lastOffset !== undefined, 'a batch without records needs its last offset')
    this.#finished = true
    if (this.#recordCount === 0) {
      this.#baseTimestamp = deleteHorizonMs ?? emptyMaxTimestamp
      this.#maxTimestamp = logAppendTimeMs ?? emptyMaxTimestamp
    }
    let batch = this.#buffer.subarray(0, this.#position)
    const compression = this.#recordCount > 0 ? this.#compression : 'none'
    if (compression !== 'none') {
      const records = batch.subarray(layout.BATCH_OVERHEAD)
      const compressed = compress(compression, records, this.#options.compressionLevel)
      batch = Buffer.allocUnsafe(layout.BATCH_OVERHEAD + compressed.length)
      compressed.copy(batch, layout.BATCH_OVERHEAD)
    }
    this.#writeHeader(batch, { ...this.#options, ...send, compression })
    return batch
  }

  /**
   * Makes the builder ready for the next batch with the same options.
   *
   * @param recycled a buffer to build it in: one that an earlier `finish` returned and that nobody reads any more.
   */
  reset(recycled?: Buffer): void {
    // An uncompressed batch is the buffer itself and belongs to whoever asked for it.
    const handedOut = this.#finished && (this.#compression === 'none' || this.#recordCount === 0)
    if (recycled !== undefined && recycled.length >= layout.BATCH_OVERHEAD) this.#buffer = recycled
    else if (handedOut) this.#buffer = Buffer.allocUnsafe(this.#buffer.length)
    this.#position = layout.BATCH_OVERHEAD
    this.#recordCount = 0
    this.#nextOffsetDelta = 0
    this.#baseTimestamp = -1
    this.#maxTimestamp = -1
    this.#finished = false
  }

  /** Makes room for a record and writes what comes before its body; false if it doesn't fit. */
  #begin(bodyBytes: number, offsetDelta: number, givenTimestamp: number): boolean {
    const timestamp = this.#options.logAppendTimeMs ?? givenTimestamp
    const isFirst = this.#recordCount === 0
    const baseTimestamp = isFirst ? (this.#options.deleteHorizonMs ?? timestamp) : this.#baseTimestamp
    const timestampDelta = timestamp - baseTimestamp
    const length = 1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(offsetDelta) + bodyBytes
    const needed = this.#position + sizeOfVarint(length) + length
    if (needed > this.#maxBytes && !isFirst) return false
    if (offsetDelta > MAX_INT32) return false
    assert(!this.#finished, 'a finished batch takes no more records before reset')
    if (needed > this.#buffer.length) this.#grow(needed)
    const buffer = this.#buffer
    let position = writeVarint(buffer, this.#position, length)
    buffer[position++] = 0
    position = writeVarlong(buffer, position, timestampDelta)
    this.#position = writeVarint(buffer, position, offsetDelta)
    this.#baseTimestamp = baseTimestamp
    if (isFirst || timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
    this.#recordCount++
    this.#nextOffsetDelta = offsetDelta + 1
    return true
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(this.#buffer.length * 2, this.#maxBytes)))
    this.#buffer.copy(larger, 0, 0, this.#position)
    this.#buffer = larger
  }

  #deltaOf(offset: number): number {
    const delta = offset - (this.#options.baseOffset ?? 0)
    assert(delta >= this.#nextOffsetDelta, 'offsets in a batch have to grow, from its base offset on')
    return delta
  }

  #writeHeader(batch: Buffer, options: BatchOptions): void {
    const { baseOffset = 0 } = options
    const lastOffsetDelta =
      this.#options.lastOffset === undefined
        ? this.#nextOffsetDelta - 1
        : this.#options.lastOffset - (this.#options.baseOffset ?? 0)
    assert(lastOffsetDelta >= this.#nextOffsetDelta - 1, 'the last offset is at least that of the last record')
    writeInt64(batch, layout.BASE_OFFSET, baseOffset)
    batch.writeInt32BE(batch.length - layout.LOG_OVERHEAD, layout.BATCH_LENGTH)
    batch.writeInt32BE(options.partitionLeaderEpoch ?? -1, layout.PARTITION_LEADER_EPOCH)
    batch.writeInt8(CURRENT_MAGIC, layout.MAGIC)
    batch.writeInt16BE(attributesOf(options), layout.ATTRIBUTES)
    batch.writeInt32BE(lastOffsetDelta, layout.LAST_OFFSET_DELTA)
    writeInt64(batch, layout.BASE_TIMESTAMP, this.#baseTimestamp)
    writeInt64(batch, layout.MAX_TIMESTAMP, this.#maxTimestamp)
    writeInt64(batch, layout.PRODUCER_ID, options.producerId ?? -1)
    batch.writeInt16BE(options.producerEpoch ?? -1, layout.PRODUCER_EPOCH)
    batch.writeInt32BE(options.baseSequence ?? -1, layout.BASE_SEQUENCE)
    batch.writeInt32BE(this.#recordCount, layout.RECORD_COUNT)
    batch.writeUInt32BE(crc32c(batch.subarray(layout.ATTRIBUTES)), layout.CRC)
  }
}

/**
 * One batch of the given records, however large they are together.
 *
 * @throws CodecNotLoadedError, CompressionLevelError
 */
export function buildBatch(records: Iterable<RecordInput>, options: Omit<BatchOptions, 'maxBytes'> = {}): Buffer {
  const builder = new BatchBuilder({ ...options, maxBytes: MAX_INT32 })
  for (const record of records) assert(builder.append(record), 'a batch can not be larger than 2 GiB')
  return builder.finish()
}

function attributesOf(options: BatchOptions): number {
  return (
    compressionId(options.compression ?? 'none') |
    (options.logAppendTimeMs === undefined ? 0 : layout.TIMESTAMP_TYPE_MASK) |
    (options.transactional ? layout.TRANSACTIONAL_MASK : 0) |
    (options.control ? layout.CONTROL_MASK : 0) |
    (options.deleteHorizonMs === undefined ? 0 : layout.DELETE_HORIZON_MASK)
  )
}

function copyBytes(source: Buffer, start: number, end: number, target: Buffer, position: number): number {
  const length = end - start
  if (length > SHORT_COPY_BYTES) source.copy(target, position, start, end)
  else for (let i = 0; i < length; i++) target[position + i] = source[start + i]!
  return position + length
}

function sizeOfField(field: Buffer | null): number {
  return field === null ? 1 : sizeOfVarint(field.length) + field.length
}

function sizeOfHeaders(headers: readonly RecordHeaderInput[]): number {
  let sizeBytes = 0
  for (const { key, value } of headers) {
    const keyLength = typeof key === 'string' ? Buffer.byteLength(key) : key.length
    sizeBytes += sizeOfVarint(keyLength) + keyLength + sizeOfField(value)
  }
  return sizeBytes
}

function writeField(field: Buffer | null, target: Buffer, position: number): number {
  if (field === null) return writeVarint(target, position, NULL_LENGTH)
  return copyBytes(field, 0, field.length, target, writeVarint(target, position, field.length))
}

function writeHeader(header: RecordHeaderInput, target: Buffer, position: number): number {
  const key = typeof header.key === 'string' ? Buffer.from(header.key) : header.key
  return writeField(header.value, target, writeField(key, target, position))
}
