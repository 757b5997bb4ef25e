import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { BatchBuilder } from '../protocol/records/batch-builder.ts'
import {
  BATCH_LENGTH,
  BATCH_OVERHEAD,
  type BatchHeader,
  isControl,
  isLogAppendTime,
  LOG_OVERHEAD,
  MAGIC,
  readBatchHeader,
} from '../protocol/records/batch-header.ts'
import { batchCompression, validateBatch } from '../protocol/records/batch-reader.ts'
import { stampLogAppendTime } from '../protocol/records/batch-stamp.ts'
import type { CompressionType } from '../protocol/records/compression.ts'
import {
  DecompressedTooLargeError,
  DecompressionError,
  UnknownCompressionError,
} from '../protocol/records/compression-errors.ts'
import { CorruptRecordError } from '../protocol/records/corrupt-record-error.ts'
import { forEachRecord, type RecordCursor } from '../protocol/records/record-cursor.ts'

/** What a topic's configs ask of produced records. */
export interface ProduceRules {
  /** 'topic-0', for messages. */
  partition: string
  /** max.message.bytes */
  maxMessageBytes: number
  /** message.timestamp.type is LogAppendTime */
  logAppendTime: boolean
  /** message.timestamp.before.max.ms */
  timestampBeforeMaxMs: number
  /** message.timestamp.after.max.ms */
  timestampAfterMaxMs: number
  /** compression.type; 'producer' leaves it as it came */
  compression: CompressionType | 'producer'
  /** compression.<type>.level; undefined for codecs without levels */
  compressionLevel: number | undefined
  /** cleanup.policy has compact: every record needs a key */
  compacted: boolean
}

export interface ValidatedRecords {
  /** Exactly one batch, ready for the log. */
  records: Buffer
  /** The time the broker stamped, or -1. */
  logAppendTimeMs: number
}

/** Records refused one by one (KIP-467). */
export class InvalidRecordsError extends KafkaError {
  readonly recordErrors: readonly { batchIndex: number; message: string }[]

  constructor(code: number, message: string, recordErrors: readonly { batchIndex: number; message: string }[] = []) {
    super(code, message)
    this.recordErrors = recordErrors
  }
}

/** A batch begins to be one when its magic is there. */
const MAGIC_END = MAGIC + 1
const ZSTD_FROM_VERSION = 7
/** A batch may grow to this many times the size limit when decompressed; more is taken for a bomb. */
const MAX_EXPANSION = 100
/** Where the size limit is set high, that would be far too much memory: this much, or a few times the limit, has to do. */
const MAX_EXPANDED_BYTES = 128 * 1024 * 1024
const MIN_EXPANSION = 4

/** Most bytes that a batch's records are decompressed to. A batch that holds more is refused before more is allocated. */
export function maxExpandedBytes(maxMessageBytes: number): number {
  return Math.min(maxMessageBytes * MAX_EXPANSION, Math.max(MAX_EXPANDED_BYTES, maxMessageBytes * MIN_EXPANSION))
}

/** What was sent is not one batch of a version there is. */
export class MalformedRecordsError extends InvalidRecordsError {}

const malformed = (message: string): MalformedRecordsError =>
  new MalformedRecordsError(ErrorCode.INVALID_RECORD, message)
const invalid = (message: string): InvalidRecordsError => new InvalidRecordsError(ErrorCode.INVALID_RECORD, message)

/** Whether a second whole batch follows; bytes that are less than one are ignored, as Kafka does. */
function hasAnother(records: Buffer, position: number): boolean {
  if (records.length < position + MAGIC_END) return false
  return position + LOG_OVERHEAD + records.readInt32BE(position + BATCH_LENGTH) <= records.length
}

function onlyBatch(records: Buffer, version: number, rules: ProduceRules): BatchHeader {
  if (records.length === 0)
    throw malformed(`Produce requests with version ${version} must have at least one record batch per partition`)
  const sizeBytes =
    records.length < MAGIC_END ? Number.POSITIVE_INFINITY : records.readInt32BE(BATCH_LENGTH) + LOG_OVERHEAD
  if (sizeBytes > records.length)
    throw malformed(`Produce requests with version ${version} must have at least one record batch per partition`)
  if (records.readInt8(MAGIC) !== 2)
    throw malformed(
      `Produce requests with version ${version} are only allowed to contain record batches with magic version 2`,
    )
  if (sizeBytes < BATCH_OVERHEAD) {
    throw new KafkaError(
      ErrorCode.CORRUPT_MESSAGE,
      `Record batch of ${sizeBytes} bytes in append to ${rules.partition} is too short.`,
    )
  }
  const header = readBatchHeader(records, 0)
  if (hasAnother(records, sizeBytes))
    throw malformed(
      `Produce requests with version ${version} are only allowed to contain exactly one record batch per partition`,
    )
  return header
}

function checkHeader(header: BatchHeader, version: number, rules: ProduceRules): void {
  if (header.sizeBytes > rules.maxMessageBytes) {
    throw new KafkaError(
      ErrorCode.MESSAGE_TOO_LARGE,
      `The record batch size in the append to ${rules.partition} is ${header.sizeBytes} bytes which exceeds the maximum configured value of ${rules.maxMessageBytes}.`,
    )
  }
  if (isControl(header.attributes)) throw invalid('Clients are not allowed to write control records')
  const { baseOffset, lastOffsetDelta, recordCount } = header
  if (baseOffset !== 0) {
    throw invalid(
      `The baseOffset of the record batch in the append to ${rules.partition} should be 0, but it is ${baseOffset}`,
    )
  }
  if (lastOffsetDelta < 0)
    throw invalid(`Batch has an invalid offset range: [${baseOffset}, ${baseOffset + lastOffsetDelta}]`)
  if (lastOffsetDelta + 1 !== recordCount) {
    throw invalid(
      `Inconsistent batch offset range [${baseOffset}, ${baseOffset + lastOffsetDelta}] and count of records ${recordCount}`,
    )
  }
  if (header.producerId >= 0 && header.baseSequence < 0) {
    throw invalid(`Invalid sequence number ${header.baseSequence} in record batch with producerId ${header.producerId}`)
  }
  if (version < ZSTD_FROM_VERSION && batchCompression(header) === 'zstd') {
    throw new KafkaError(
      ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
      `Produce requests with version ${version} are not allowed to use ZStandard compression`,
    )
  }
}

/** Whether every record has to be looked at, in a compressed batch too. */
function needsRecords(header: BatchHeader, rules: ProduceRules): boolean {
  // The newest timestamp stands in the header; the oldest does not.
  return rules.compacted || rules.timestampBeforeMaxMs < header.maxTimestamp || batchCompression(header) === 'none'
}

function checkRecords(records: Buffer, header: BatchHeader, rules: ProduceRules, nowMs: number): void {
  const earliest = nowMs - rules.timestampBeforeMaxMs
  const latest = nowMs + rules.timestampAfterMaxMs
  const checkTime = !rules.logAppendTime
  const errors: { batchIndex: number; message: string }[] = []
  let badTimes = 0
  const outOfRange = (timestamp: number): boolean => timestamp !== -1 && (timestamp > latest || timestamp < earliest)
  if (needsRecords(header, rules)) {
    let index = 0
    const visit = (cursor: RecordCursor): void => {
      if (rules.compacted && cursor.keyStart < 0) {
        errors.push({
          batchIndex: index,
          message: `Compacted topic cannot accept message without key in topic partition ${rules.partition}`,
        })
      } else if (checkTime && outOfRange(cursor.timestamp)) {
        badTimes++
        errors.push({
          batchIndex: index,
          message: `Timestamp ${cursor.timestamp} of message with offset ${index} is out of range. The timestamp should be within [${earliest}, ${latest}]`,
        })
      }
      index++
    }
    forEachRecord(records, header, visit, { maxOutputBytes: maxExpandedBytes(rules.maxMessageBytes) })
    if (index !== header.recordCount)
      throw invalid(`Found ${index} records in a batch whose header says ${header.recordCount}`)
  } else if (checkTime && outOfRange(header.maxTimestamp)) {
    badTimes = 1
    errors.push({
      batchIndex: 0,
      message: `Timestamp ${header.maxTimestamp} of the batch is out of range. The timestamp should be within [${earliest}, ${latest}]`,
    })
  }
  if (errors.length === 0) return
  if (badTimes > 0) {
    throw new InvalidRecordsError(
      ErrorCode.INVALID_TIMESTAMP,
      'One or more records have been rejected due to invalid timestamp',
      errors,
    )
  }
  const shown = errors
    .slice(0, 3)
    .map((error) => `RecordError(batchIndex=${error.batchIndex}, message='${error.message}')`)
  throw new InvalidRecordsError(
    ErrorCode.INVALID_RECORD,
    `One or more records have been rejected due to ${errors.length} record errors in total, and only showing the first three errors at most: [${shown.join(', ')}]`,
    errors,
  )
}

/** As checkRecords; records that can't be told from one another are invalid, where the batch as a whole would be corrupt. */
function checkShape(records: Buffer, header: BatchHeader, rules: ProduceRules, nowMs: number): void {
  try {
    checkRecords(records, header, rules, nowMs)
  } catch (error) {
    throw error instanceof CorruptRecordError ? invalid(`${error.message} (append to ${rules.partition})`) : error
  }
}

/** The batch once more, in the topic's compression. */
function recompress(records: Buffer, header: BatchHeader, compression: CompressionType, rules: ProduceRules): Buffer {
  const builder = new BatchBuilder({
    compression,
    compressionLevel: rules.compressionLevel,
    producerId: header.producerId,
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    transactional: (header.attributes & 0x10) !== 0,
    maxBytes: maxExpandedBytes(rules.maxMessageBytes),
  })
  const visit = (cursor: RecordCursor): boolean =>
    builder.appendBody(cursor.data, cursor.bodyStart, cursor.recordEnd, cursor.offset, cursor.timestamp)
  forEachRecord(records, header, visit, { maxOutputBytes: maxExpandedBytes(rules.maxMessageBytes) })
  return builder.finish()
}

/** Records of a batch as KafkaErrors: what the log's own readers throw names no protocol error. */
function translate(error: unknown, rules: ProduceRules): unknown {
  if (error instanceof UnknownCompressionError)
    return new KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, error.message)
  if (error instanceof DecompressionError || error instanceof DecompressedTooLargeError)
    return invalid(`${error.message} (append to ${rules.partition})`)
  if (error instanceof CorruptRecordError)
    return new KafkaError(ErrorCode.CORRUPT_MESSAGE, `${error.message} (append to ${rules.partition})`)
  return error
}

/**
 * Checks what a client produced and makes it ready for the log (Kafka's LogValidator). The batch stays as it came unless the topic wants
 * another compression; LogAppendTime is stamped in place. Codecs must be loaded.
 *
 * @throws KafkaError, for single records InvalidRecordsError
 */
export function validateProducedRecords(
  records: Buffer,
  version: number,
  rules: ProduceRules,
  nowMs: number,
): ValidatedRecords {
  try {
    const header = onlyBatch(records, version, rules)
    checkHeader(header, version, rules)
    const batch = records.length > header.sizeBytes ? records.subarray(0, header.sizeBytes) : records
    validateBatch(batch, header)
    if (isLogAppendTime(header.attributes)) {
      throw new InvalidRecordsError(
        ErrorCode.INVALID_TIMESTAMP,
        `Invalid timestamp type in message: producers must send CreateTime (append to ${rules.partition})`,
      )
    }
    checkShape(batch, header, rules, nowMs)
    const compression = batchCompression(header)
    const wanted = rules.compression === 'producer' ? compression : rules.compression
    const out = wanted === compression ? batch : recompress(batch, header, wanted, rules)
    if (rules.logAppendTime) stampLogAppendTime(out, 0, nowMs)
    return { records: out, logAppendTimeMs: rules.logAppendTime ? nowMs : -1 }
  } catch (error) {
    throw translate(error, rules)
  }
}
