import { writeInt64 } from '../../base/bytes.ts'
import { crc32c } from '../../base/crc32c.ts'
import {
  ATTRIBUTES,
  BASE_OFFSET,
  BATCH_LENGTH,
  CRC,
  LOG_OVERHEAD,
  MAX_TIMESTAMP,
  PARTITION_LEADER_EPOCH,
  TIMESTAMP_TYPE_MASK,
} from './batch-header.ts'

/** Gives a batch its place in the log, in the buffer itself. Both fields lie outside of the checksum. */
export function stampPlace(buffer: Buffer, position: number, baseOffset: number, partitionLeaderEpoch: number): void {
  writeInt64(buffer, position + BASE_OFFSET, baseOffset)
  buffer.writeInt32BE(partitionLeaderEpoch, position + PARTITION_LEADER_EPOCH)
}

/** Gives a whole batch LogAppendTime (message.timestamp.type) in the buffer itself, and a new checksum. */
export function stampLogAppendTime(buffer: Buffer, position: number, logAppendTimeMs: number): void {
  const end = position + LOG_OVERHEAD + buffer.readInt32BE(position + BATCH_LENGTH)
  const attributes = buffer.readInt16BE(position + ATTRIBUTES)
  buffer.writeInt16BE(attributes | TIMESTAMP_TYPE_MASK, position + ATTRIBUTES)
  writeInt64(buffer, position + MAX_TIMESTAMP, logAppendTimeMs)
  buffer.writeUInt32BE(crc32c(buffer.subarray(position + ATTRIBUTES, end)), position + CRC)
}
