import type { BatchHeader } from '../protocol/records/batch-header.ts'
import type { LogConfig } from './log-config.ts'
import type { LogSegment } from './log-segment.ts'
import type { PendingWrite } from './pending-write.ts'

/**
 * Whether appending the batches calls for a new segment (Kafka's LogSegment.shouldRoll): size, age by record time, a full
 * index, or offsets that don't fit the index any more. An empty segment is only left when it can't hold the offsets.
 *
 * @param pending what was appended to the active segment and isn't written yet
 */
export function isRollDue(
  segment: LogSegment,
  pending: PendingWrite | undefined,
  headers: readonly BatchHeader[],
  config: LogConfig,
  nowMs: number,
): boolean {
  const last = headers.at(-1)!
  if (!segment.canHold(last.baseOffset + last.lastOffsetDelta)) return true
  const sizeBytes = segment.sizeBytes + (pending?.sizeBytes ?? 0)
  if (sizeBytes === 0) return false
  let bytes = 0
  let maxTimestamp = -1
  for (const header of headers) {
    bytes += header.sizeBytes
    if (header.maxTimestamp > maxTimestamp) maxTimestamp = header.maxTimestamp
  }
  const maxAgeMs = config.segmentMs - Math.min(config.segmentJitterMs, config.segmentMs)
  return (
    sizeBytes > config.segmentBytes - bytes ||
    segment.timeWaitedForRoll(nowMs, maxTimestamp, pending?.headers[0]?.maxTimestamp) > maxAgeMs ||
    segment.offsetIndex.isFull(config.segmentIndexBytes) ||
    segment.timeIndex.isFull(config.segmentIndexBytes)
  )
}
