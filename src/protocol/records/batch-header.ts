/**
 * The fixed part of a record batch, format v2 (Kafka's DefaultRecordBatch):
 *
 *   baseOffset int64 | batchLength int32 | partitionLeaderEpoch int32 | magic int8 | crc uint32 |
 *   attributes int16 | lastOffsetDelta int32 | baseTimestamp int64 | maxTimestamp int64 |
 *   producerId int64 | producerEpoch int16 | baseSequence int32 | recordCount int32 | records…
 *
 * The CRC32C covers everything from attributes to the end, so base offset and leader epoch can be stamped
 * by the broker without touching it.
 */
export const BASE_OFFSET = 0
export const BATCH_LENGTH = 8
export const PARTITION_LEADER_EPOCH = 12
export const MAGIC = 16
export const CRC = 17
export const ATTRIBUTES = 21
export const LAST_OFFSET_DELTA = 23
export const BASE_TIMESTAMP = 27
export const MAX_TIMESTAMP = 35
export const PRODUCER_ID = 43
export const PRODUCER_EPOCH = 51
export const BASE_SEQUENCE = 53
export const RECORD_COUNT = 57
/** Where the records start; also the size of an empty batch. */
export const BATCH_OVERHEAD = 61
/** Bytes before the part that batchLength counts (baseOffset and batchLength itself). */
export const LOG_OVERHEAD = 12

export const COMPRESSION_MASK = 0x07
export const TIMESTAMP_TYPE_MASK = 0x08
export const TRANSACTIONAL_MASK = 0x10
export const CONTROL_MASK = 0x20
export const DELETE_HORIZON_MASK = 0x40

export interface BatchHeader {
  /** Byte position of the batch in the buffer it was read from. */
  position: number
  baseOffset: number
  /** Whole size in bytes, the 12 bytes of log overhead included. */
  sizeBytes: number
  partitionLeaderEpoch: number
  magic: number
  crc: number
  attributes: number
  lastOffsetDelta: number
  baseTimestamp: number
  maxTimestamp: number
  producerId: number
  producerEpoch: number
  baseSequence: number
  recordCount: number
}

/**
 * Reads the header of the batch that starts at `position`. The caller has checked that BATCH_OVERHEAD bytes are there.
 * Offsets, timestamps and producer ids come as numbers: they are exact below 2^53, which the broker's own always are.
 */
export function readBatchHeader(buffer: Buffer, position: number): BatchHeader {
  return {
    position,
    baseOffset: Number(buffer.readBigInt64BE(position + BASE_OFFSET)),
    sizeBytes: buffer.readInt32BE(position + BATCH_LENGTH) + LOG_OVERHEAD,
    partitionLeaderEpoch: buffer.readInt32BE(position + PARTITION_LEADER_EPOCH),
    magic: buffer.readInt8(position + MAGIC),
    crc: buffer.readUInt32BE(position + CRC),
    attributes: buffer.readInt16BE(position + ATTRIBUTES),
    lastOffsetDelta: buffer.readInt32BE(position + LAST_OFFSET_DELTA),
    baseTimestamp: Number(buffer.readBigInt64BE(position + BASE_TIMESTAMP)),
    maxTimestamp: Number(buffer.readBigInt64BE(position + MAX_TIMESTAMP)),
    producerId: Number(buffer.readBigInt64BE(position + PRODUCER_ID)),
    producerEpoch: buffer.readInt16BE(position + PRODUCER_EPOCH),
    baseSequence: buffer.readInt32BE(position + BASE_SEQUENCE),
    recordCount: buffer.readInt32BE(position + RECORD_COUNT),
  }
}

export const isTransactional = (attributes: number): boolean => (attributes & TRANSACTIONAL_MASK) !== 0
export const isControl = (attributes: number): boolean => (attributes & CONTROL_MASK) !== 0
export const isLogAppendTime = (attributes: number): boolean => (attributes & TIMESTAMP_TYPE_MASK) !== 0
