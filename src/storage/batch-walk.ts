import { readInt64 } from '../base/bytes.ts'
import {
  BASE_OFFSET,
  BATCH_LENGTH,
  BATCH_OVERHEAD,
  LAST_OFFSET_DELTA,
  LOG_OVERHEAD,
  MAGIC,
} from '../protocol/records/batch-header.ts'

/** Bytes of a header that walking from batch to batch needs: up to and with lastOffsetDelta. */
export const WALK_BYTES = LAST_OFFSET_DELTA + 4

export const baseOffsetAt = (buffer: Buffer, position: number): number => readInt64(buffer, position + BASE_OFFSET)

export const lastOffsetAt = (buffer: Buffer, position: number): number =>
  readInt64(buffer, position + BASE_OFFSET) + buffer.readInt32BE(position + LAST_OFFSET_DELTA)

/** Whole size of the batch, log overhead included; whatever the bytes say, also nonsense. */
export const batchSizeAt = (buffer: Buffer, position: number): number =>
  buffer.readInt32BE(position + BATCH_LENGTH) + LOG_OVERHEAD

/** Whether the header can be one of a v2 batch at all; WALK_BYTES must be there. */
export function isPlausibleBatch(buffer: Buffer, position: number): boolean {
  return (
    batchSizeAt(buffer, position) >= BATCH_OVERHEAD &&
    buffer[position + MAGIC] === 2 &&
    buffer.readInt32BE(position + LAST_OFFSET_DELTA) >= 0 &&
    baseOffsetAt(buffer, position) >= 0
  )
}
