import { type Cursor, readVarint, readVarlong, VarintError } from '../../base/varint.ts'
import { BATCH_OVERHEAD, type BatchHeader, isLogAppendTime } from './batch-header.ts'
import { batchCompression, checkBounds } from './batch-reader.ts'
import { decompress } from './compression.ts'
import { DecompressionError } from './compression-errors.ts'
import { CorruptRecordError } from './corrupt-record-error.ts'

export interface RecordHeader {
  key: string
  value: Buffer | null
}

/** A decoded record. Key, value and header values are slices of the batch, or of its decompressed copy. */
export interface DecodedRecord {
  offset: number
  /** Milliseconds since 1970; the batch's append time if it has LogAppendTime. */
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  headers: RecordHeader[]
}

export interface ReadRecordsOptions {
  /** The most a compressed batch may hold once decompressed. Default 256 MiB. */
  maxOutputBytes?: number
}

const DEFAULT_MAX_OUTPUT_BYTES = 256 * 1024 * 1024
/** Length, attributes, timestamp delta, offset delta, key length, value length, header count: a byte each. */
const MIN_RECORD_BYTES = 7
const MIN_HEADER_BYTES = 2

/**
 * Steps through the records of a batch without an object per record: `next` moves to the next record and sets the
 * fields to describe it. Starts and ends are positions in `data`. The record's own layout is
 *
 *   length varint | attributes int8 | timestampDelta varlong | offsetDelta varint |
 *   keyLength varint | key | valueLength varint | value | headerCount varint |
 *   (keyLength varint | key | valueLength varint | value)…
 *
 * where everything from keyLength on (`bodyStart` to `recordEnd`) doesn't depend on the record's place in the batch.
 */
export class RecordCursor {
  /** What the positions refer to: the buffer of the batch, or its decompressed records. */
  readonly data: Buffer
  offset = -1
  timestamp = -1
  recordStart = 0
  bodyStart = 0
  /** -1 for a null key; then keyEnd is -1 too. */
  keyStart = -1
  keyEnd = -1
  /** -1 for a null value (a tombstone); then valueEnd is -1 too. */
  valueStart = -1
  valueEnd = -1
  headerCount = 0
  recordEnd = 0

  readonly #header: BatchHeader
  readonly #recordsEnd: number
  readonly #appendTime: number | undefined
  readonly #at: Cursor
  #headersStart = 0
  #index = 0

  /**
   * Opens a batch, decompressing it if need be; its codec must be loaded (`ensureBatchCodecs`). The checksum is not
   * checked here: without it, no input can do worse than the errors below.
   *
   * @param buffer what `header` was read from.
   * @throws CorruptRecordError, UnknownCompressionError, DecompressedTooLargeError, CodecNotLoadedError
   */
  constructor(buffer: Buffer, header: BatchHeader, options: ReadRecordsOptions = {}) {
    checkBounds(buffer, header)
    const start = header.position + BATCH_OVERHEAD
    const end = header.position + header.sizeBytes
    const compression = batchCompression(header)
    this.#header = header
    this.#appendTime = isLogAppendTime(header.attributes) ? header.maxTimestamp : undefined
    if (compression === 'none' || header.recordCount === 0) {
      this.data = buffer
      this.#at = { buffer, position: start, end }
      this.#recordsEnd = end
    } else {
      try {
        const maxOutputBytes = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES
        this.data = decompress(compression, buffer.subarray(start, end), maxOutputBytes)
      } catch (error) {
        if (!(error instanceof DecompressionError)) throw error
        throw new CorruptRecordError(header.position, error.message, { cause: error })
      }
      this.#at = { buffer: this.data, position: 0, end: this.data.length }
      this.#recordsEnd = this.data.length
    }
    const maxRecords = (this.#recordsEnd - this.#at.position) / MIN_RECORD_BYTES
    if (header.recordCount < 0 || header.recordCount > maxRecords) {
      throw new CorruptRecordError(header.position, `it can't hold the ${header.recordCount} records it declares`)
    }
  }

  /**
   * Moves to the next record, or returns false after the last.
   *
   * @throws CorruptRecordError when the record breaks the format, or bytes are left after the last one.
   */
  next(): boolean {
    const at = this.#at
    if (this.#index === this.#header.recordCount) {
      if (at.position !== this.#recordsEnd && !this.#isEmptied()) {
        throw this.#corrupt(`${this.#recordsEnd - at.position} bytes follow its last record`)
      }
      return false
    }
    try {
      this.#read(at)
    } catch (error) {
      if (error instanceof VarintError) throw this.#corrupt(`${error.message} in record ${this.#index}`)
      throw error
    }
    this.#index++
    return true
  }

  /** The current record's key as a slice of `data`. */
  key(): Buffer | null {
    return this.keyStart < 0 ? null : this.data.subarray(this.keyStart, this.keyEnd)
  }

  /** The current record's value as a slice of `data`. */
  value(): Buffer | null {
    return this.valueStart < 0 ? null : this.data.subarray(this.valueStart, this.valueEnd)
  }

  /** The batch the record is in. */
  get batch(): BatchHeader {
    return this.#header
  }

  /** Where the first header of the current record lies, behind their count. */
  get headersStart(): number {
    return this.#headersStart
  }

  /** The current record's headers; `next` has already checked them. */
  headers(): RecordHeader[] {
    if (this.headerCount === 0) return []
    const headers: RecordHeader[] = []
    const at: Cursor = { buffer: this.data, position: this.#headersStart, end: this.recordEnd }
    for (let i = 0; i < this.headerCount; i++) {
      const keyLength = readVarint(at)
      const key = this.data.toString('utf8', at.position, at.position + keyLength)
      at.position += keyLength
      const valueLength = readVarint(at)
      const value = valueLength < 0 ? null : this.data.subarray(at.position, at.position + valueLength)
      at.position += Math.max(0, valueLength)
      headers.push({ key, value })
    }
    return headers
  }

  /** The current record as an object of its own. */
  decode(): DecodedRecord {
    return {
      offset: this.offset,
      timestamp: this.timestamp,
      key: this.key(),
      value: this.value(),
      headers: this.headers(),
    }
  }

  #read(at: Cursor): void {
    at.end = this.#recordsEnd
    this.recordStart = at.position
    const length = readVarint(at)
    if (length < 0 || length > at.end - at.position) {
      throw this.#corrupt(`record ${this.#index} is ${length} bytes long where ${at.end - at.position} are left`)
    }
    const recordEnd = at.position + length
    // From here on nothing may reach beyond the record itself.
    at.end = recordEnd
    at.position += 1
    const timestampDelta = readVarlong(at)
    this.timestamp = this.#appendTime ?? this.#header.baseTimestamp + timestampDelta
    this.offset = this.#header.baseOffset + readVarint(at)
    this.bodyStart = at.position

    const keyLength = this.#fieldLength(at, 'key')
    this.keyStart = keyLength < 0 ? -1 : at.position
    this.keyEnd = keyLength < 0 ? -1 : at.position + keyLength
    if (keyLength > 0) at.position += keyLength

    const valueLength = this.#fieldLength(at, 'value')
    this.valueStart = valueLength < 0 ? -1 : at.position
    this.valueEnd = valueLength < 0 ? -1 : at.position + valueLength
    if (valueLength > 0) at.position += valueLength

    this.headerCount = readVarint(at)
    this.#headersStart = at.position
    if (this.headerCount !== 0) this.#skipHeaders(at)
    if (at.position !== recordEnd) {
      throw this.#corrupt(`record ${this.#index} is longer by ${recordEnd - at.position} bytes than what it holds`)
    }
    this.recordEnd = recordEnd
  }

  /** Reads a nullable field's length: -1 for null, else no more than is left of the record. */
  #fieldLength(at: Cursor, what: string): number {
    const length = readVarint(at)
    if (length < -1 || length > at.end - at.position) {
      throw this.#corrupt(
        `the ${what} of record ${this.#index} is ${length} bytes long where ${at.end - at.position} are left`,
      )
    }
    return length
  }

  #skipHeaders(at: Cursor): void {
    const count = this.headerCount
    if (count < 0 || count > (at.end - at.position) / MIN_HEADER_BYTES) {
      throw this.#corrupt(`record ${this.#index} can't hold the ${count} headers it declares`)
    }
    for (let i = 0; i < count; i++) {
      const keyLength = this.#fieldLength(at, 'header key')
      if (keyLength < 0) throw this.#corrupt(`a header of record ${this.#index} has no key`)
      at.position += keyLength
      const valueLength = this.#fieldLength(at, 'header value')
      if (valueLength > 0) at.position += valueLength
    }
  }

  /** A compressed batch whose records were all removed may keep an empty compressed stream. */
  #isEmptied(): boolean {
    return this.#header.recordCount === 0 && batchCompression(this.#header) !== 'none'
  }

  #corrupt(reason: string): CorruptRecordError {
    return new CorruptRecordError(this.#header.position, reason)
  }
}

/**
 * Calls `visitor` with one and the same cursor for each record of a batch, until it returns false. Positions that the
 * visitor keeps are valid as long as `cursor.data`; the cursor itself is not to be kept.
 *
 * @throws as RecordCursor's constructor and `next`; records before a corrupt one have then been visited.
 */
export function forEachRecord(
  buffer: Buffer,
  header: BatchHeader,
  visitor: (cursor: RecordCursor) => unknown,
  options?: ReadRecordsOptions,
): void {
  const cursor = new RecordCursor(buffer, header, options)
  while (cursor.next()) {
    if (visitor(cursor) === false) return
  }
}

/**
 * The records of a batch as objects, one at a time.
 *
 * @throws as RecordCursor's constructor and `next`; records before a corrupt one have then been yielded.
 */
export function* readRecords(
  buffer: Buffer,
  header: BatchHeader,
  options?: ReadRecordsOptions,
): Generator<DecodedRecord, void, void> {
  const cursor = new RecordCursor(buffer, header, options)
  while (cursor.next()) yield cursor.decode()
}
