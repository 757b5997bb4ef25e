import type { BatchHeader } from '../protocol/records/batch-header.ts'
import { ensureBatchCodecs } from '../protocol/records/batch-reader.ts'
import { RecordCursor } from '../protocol/records/record-cursor.ts'
import type { Log } from './log.ts'
import type { LogSegment } from './log-segment.ts'

export interface TimestampLookup {
  timestamp: number
  offset: number
  /** Leader epoch of the batch, -1 when it has none. */
  leaderEpoch: number
}

/** The first record at or above the log start offset whose timestamp is at least `timestamp`, or null (ListOffsets). */
export async function offsetForTimestamp(log: Log, timestamp: number): Promise<TimestampLookup | null> {
  const segments = log.segments.all.filter((segment) => segment.largest.timestamp >= timestamp)
  for (const segment of segments) {
    const from = segment.withIndexes(() => {
      const entry = segment.timeIndex.lookup(timestamp - 1)
      return segment.offsetIndex.lookup(Math.max(entry.offset, log.logStartOffset)).position
    })
    const found = await firstRecord(log, segment, from, timestamp)
    if (found) return found
  }
  return null
}

/** The first record with the largest timestamp of the log, or null in a log without timestamps (ListOffsets -3). */
export async function offsetOfMaxTimestamp(log: Log): Promise<TimestampLookup | null> {
  let latest: LogSegment | undefined
  for (const segment of log.segments.all) {
    if (segment.largest.timestamp >= 0 && segment.largest.timestamp > (latest?.largest.timestamp ?? -1))
      latest = segment
  }
  if (latest === undefined) return null
  const { timestamp, offset } = latest.largest
  const from = latest.withIndexes(() => latest.offsetIndex.lookup(offset).position)
  const found = await firstRecord(log, latest, from, timestamp)
  return found ?? { timestamp, offset, leaderEpoch: log.epochs.epochForOffset(offset) ?? -1 }
}

async function firstRecord(
  log: Log,
  segment: LogSegment,
  fromPosition: number,
  timestamp: number,
): Promise<TimestampLookup | null> {
  for (const { header, buffer } of segment.scan(fromPosition, false)) {
    const lastOffset = header.baseOffset + header.lastOffsetDelta
    if (header.maxTimestamp < timestamp || lastOffset < log.logStartOffset) continue
    // The scan goes on in the same buffer only after this batch is done with.
    const batch = buffer.subarray(header.position, header.position + header.sizeBytes)
    await ensureBatchCodecs(batch)
    const found = recordAtOrAfter(batch, { ...header, position: 0 }, timestamp, log.logStartOffset)
    if (found) return found
  }
  return null
}

function recordAtOrAfter(
  batch: Buffer,
  header: BatchHeader,
  timestamp: number,
  startOffset: number,
): TimestampLookup | null {
  const cursor = new RecordCursor(batch, header)
  while (cursor.next()) {
    if (cursor.timestamp >= timestamp && cursor.offset >= startOffset) {
      return { timestamp: cursor.timestamp, offset: cursor.offset, leaderEpoch: header.partitionLeaderEpoch }
    }
  }
  return null
}
