import { BATCH_OVERHEAD } from '../protocol/records/batch-header.ts'
import { baseOffsetAt, batchSizeAt, isPlausibleBatch, lastOffsetAt, WALK_BYTES } from './batch-walk.ts'
import { CorruptBatchError } from './errors.ts'

export interface SegmentReadOptions {
  path: string
  /** Position of a batch at or before the one wanted. */
  fromPosition: number
  /** Bytes that may have to be skipped from there to the batch wanted. */
  slackBytes: number
  /** End of the readable part of the file. */
  endPosition: number
  startOffset: number
  maxBytes: number
  /** Batches that begin at or above it are left out. */
  upperBoundOffset: number
  /** Return the first batch even when it is larger than maxBytes. */
  minOneBatch: boolean
}

export interface ReadRequest {
  position: number
  length: number
}

export interface SegmentReadResult {
  /** Whole batches; empty when none fits or none is below the upper bound. */
  records: Buffer
  /** Offset after the last batch returned, and its file position. */
  nextOffset: number
  nextPosition: number
}

/**
 * The reading of batches from a segment file as a dialogue: it yields the reads it wants and is resumed with the bytes,
 * so that one algorithm serves both reads at once and reads off the event loop. When it asks for more bytes, those before
 * are needed no more. Returns undefined when no batch at or above the start offset is in the file. Throws CorruptBatchError
 * with file and position.
 */
export function* readSegment(
  options: SegmentReadOptions,
): Generator<ReadRequest, SegmentReadResult | undefined, Buffer> {
  const { startOffset, endPosition } = options
  let chunkStart = options.fromPosition
  const length = Math.max(options.maxBytes + options.slackBytes, BATCH_OVERHEAD)
  let chunk: Buffer = Buffer.alloc(0)
  let at = 0
  for (;;) {
    if (chunk.length - at < WALK_BYTES) {
      chunkStart += at
      at = 0
      if (chunkStart >= endPosition) return undefined
      chunk = yield { position: chunkStart, length: Math.min(length, endPosition - chunkStart) }
      if (chunk.length < WALK_BYTES) throw corrupt(options.path, chunkStart)
    }
    if (!isPlausibleBatch(chunk, at)) throw corrupt(options.path, chunkStart + at)
    if (lastOffsetAt(chunk, at) >= startOffset) break
    at += batchSizeAt(chunk, at)
    if (at > chunk.length) {
      chunkStart += at
      at = 0
      chunk = Buffer.alloc(0)
    }
  }
  const position = chunkStart + at
  const firstBytes = batchSizeAt(chunk, at)
  if (position + firstBytes > endPosition) throw corrupt(options.path, position)
  const none = { records: Buffer.alloc(0), nextOffset: startOffset, nextPosition: position }
  if (baseOffsetAt(chunk, at) >= options.upperBoundOffset) return none
  if (firstBytes > options.maxBytes && !options.minOneBatch) return none
  const wanted = Math.min(Math.max(options.maxBytes, firstBytes), endPosition - position)
  let found = chunk.subarray(at)
  if (found.length < firstBytes || found.length < wanted / 2) found = yield { position, length: wanted }
  return wholeBatches(found.subarray(0, Math.min(found.length, wanted)), position, options)
}

function wholeBatches(bytes: Buffer, position: number, options: SegmentReadOptions): SegmentReadResult {
  let end = 0
  let nextOffset = options.startOffset
  while (bytes.length - end >= WALK_BYTES && baseOffsetAt(bytes, end) < options.upperBoundOffset) {
    if (!isPlausibleBatch(bytes, end)) throw corrupt(options.path, position + end)
    const next = end + batchSizeAt(bytes, end)
    if (next > bytes.length) break
    nextOffset = lastOffsetAt(bytes, end) + 1
    end = next
  }
  return { records: bytes.subarray(0, end), nextOffset, nextPosition: position + end }
}

function corrupt(path: string, position: number): CorruptBatchError {
  return new CorruptBatchError(
    `${path} is corrupt at byte ${position}: no record batch begins there. Check the disk; an unclean restart truncates what can't be read.`,
  )
}
