import { OffsetOutOfRangeError } from './errors.ts'
import type { Log } from './log.ts'
import type { LogSegment, SegmentRead } from './log-segment.ts'
import { FRESH_MEMORY, type ReadMemory } from './read-memory.ts'
import type { SegmentReadResult } from './segment-read.ts'

/** What may lie between an index entry and the batch wanted, beyond index.interval.bytes. */
const SLACK_BYTES = 16 * 1024

export interface LogRead {
  startOffset: number
  /** Bytes wanted at most. */
  maxBytes: number
  /** Batches that begin at or above it are left out: high watermark, last stable offset. Default: all written. */
  upperBoundOffset?: number
  /** Return the first batch even when it is larger than maxBytes. Default true. */
  minOneBatch?: boolean
  /** Default: new memory. */
  memory?: ReadMemory
}

const EMPTY = Buffer.alloc(0)

/** Either the answer from memory, or the read to do on the segments from `index` on. */
type Plan = { records: Buffer } | { index: number; read: SegmentRead; slackBytes: number }

function plan(log: Log, read: LogRead): Plan {
  const { startOffset, maxBytes, minOneBatch = true, memory = FRESH_MEMORY } = read
  const endOffset = log.writtenOffset
  if (startOffset < log.logStartOffset || startOffset > endOffset) {
    throw new OffsetOutOfRangeError(
      `Received request for offset ${startOffset} for partition ${log.name}, but we only have log segments in the range ${log.logStartOffset} to ${endOffset}.`,
    )
  }
  const upperBoundOffset = Math.min(read.upperBoundOffset ?? endOffset, endOffset)
  if (startOffset >= upperBoundOffset || (maxBytes <= 0 && !minOneBatch)) return { records: EMPTY }
  if (startOffset >= log.tail.baseOffset) {
    return { records: log.tail.read(startOffset, maxBytes, upperBoundOffset, minOneBatch, memory) }
  }
  return {
    index: log.segments.floorIndex(startOffset),
    read: { startOffset, maxBytes, upperBoundOffset, minOneBatch, memory },
    slackBytes: log.config.indexIntervalBytes + SLACK_BYTES,
  }
}

/** The answer of a segment, or undefined if the next one has to be asked (a gap that compaction left). */
function accept(segment: LogSegment, found: SegmentReadResult | undefined): Buffer | undefined {
  if (found === undefined) return undefined
  if (found.records.length > 0) segment.addReadHint(found.nextOffset, found.nextPosition)
  return found.records
}

/** Whole batches from the one holding `startOffset` on. Throws OffsetOutOfRangeError or CorruptBatchError. */
export function readLog(log: Log, read: LogRead): Buffer {
  const planned = plan(log, read)
  if ('records' in planned) return planned.records
  for (const segment of log.segments.all.slice(Math.max(0, planned.index))) {
    const records = accept(segment, segment.read(planned.read, planned.slackBytes))
    if (records) return records
  }
  return EMPTY
}

/** As `readLog`, with file access off the event loop. */
export async function readLogAsync(log: Log, read: LogRead): Promise<Buffer> {
  const planned = plan(log, read)
  if ('records' in planned) return planned.records
  for (const segment of log.segments.all.slice(Math.max(0, planned.index))) {
    const records = accept(segment, await segment.readAsync(planned.read, planned.slackBytes))
    if (records) return records
  }
  return EMPTY
}
