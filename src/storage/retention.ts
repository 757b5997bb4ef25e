import type { Log } from './log.ts'
import { isDeleted } from './log-config.ts'
import type { LogSegment } from './log-segment.ts'

export interface Deletable {
  segments: LogSegment[]
  /** Why, for the log output. */
  reason: string
}

/**
 * The oldest segments that retention.ms, retention.bytes or the log start offset call for deleting (Kafka's
 * UnifiedLog.deleteOldSegments). Only what lies below the high watermark; an empty active segment stays.
 */
export function deletableSegments(log: Log): Deletable {
  const { config, segments } = log
  const nowMs = log.context.clock.nowMs()
  const all = segments.all
  const chosen = new Set<LogSegment>()
  const reasons: string[] = []
  const take = (reason: string, isDue: (segment: LogSegment, next: LogSegment | undefined) => boolean): void => {
    const before = chosen.size
    for (const [index, segment] of all.entries()) {
      const next = all[index + 1]
      const upperBound = next?.baseOffset ?? log.writtenOffset
      const isEmptyActive = next === undefined && segment.sizeBytes === 0
      if (isEmptyActive || upperBound > log.highWatermark || !isDue(segment, next)) break
      chosen.add(segment)
    }
    if (chosen.size > before) reasons.push(reason)
  }
  if (isDeleted(config)) {
    if (config.retentionMs >= 0) {
      take('retention.ms passed', (segment) => nowMs - segment.largestTimestamp > config.retentionMs)
    }
    if (config.retentionBytes >= 0) {
      let excessBytes = segments.sizeBytes - config.retentionBytes
      take('the log is larger than retention.bytes', (segment) => {
        excessBytes -= segment.sizeBytes
        return excessBytes >= 0
      })
    }
  }
  take('they are below the log start offset', (_, next) => next !== undefined && next.baseOffset <= log.logStartOffset)
  return { segments: all.filter((segment) => chosen.has(segment)), reason: reasons.join(', ') }
}
