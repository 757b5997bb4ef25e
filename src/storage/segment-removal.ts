import { DELETED_SUFFIX, SWAP_SUFFIX } from './file-names.ts'
import type { Log } from './log.ts'
import type { LogSegment } from './log-segment.ts'
import { deletableSegments } from './retention.ts'

/** Renames a segment's files to .deleted and removes them after file.delete.delay.ms. Throws the system error. */
function discardFiles(log: Log, segment: LogSegment): void {
  segment.changeSuffix(DELETED_SUFFIX)
  log.context.clock.schedule(log.config.fileDeleteDelayMs, () => segment.remove())
}

/** Takes a segment out of the log, its files and its producer snapshot. Throws the system error. */
export function removeSegment(log: Log, segment: LogSegment): void {
  const { fileSystem, clock } = log.context
  log.segments.remove(segment)
  discardFiles(log, segment)
  const snapshot = log.producers.snapshotPath(segment.baseOffset)
  if (fileSystem.stat(snapshot) === undefined) return
  fileSystem.rename(snapshot, snapshot + DELETED_SUFFIX)
  clock.schedule(log.config.fileDeleteDelayMs, () => fileSystem.remove(snapshot + DELETED_SUFFIX))
}

/**
 * Puts a cleaned segment into the place of those it was made of: .cleaned → .swap → .log, so that a crash at any step is
 * finished or undone by the next start. Throws the system error.
 */
export function replaceSegments(log: Log, old: readonly LogSegment[], cleaned: LogSegment): void {
  const { fileSystem } = log.context
  cleaned.changeSuffix(SWAP_SUFFIX)
  fileSystem.syncDirectory(log.directory)
  for (const segment of old) {
    if (segment.baseOffset === cleaned.baseOffset) {
      log.segments.remove(segment)
      discardFiles(log, segment)
    } else removeSegment(log, segment)
  }
  log.segments.add(cleaned)
  cleaned.changeSuffix('')
  fileSystem.syncDirectory(log.directory)
  const next = log.segments.all[log.segments.floorIndex(cleaned.baseOffset) + 1]
  log.tail.dropBelow(next?.baseOffset ?? log.logEndOffset)
}

/**
 * Applies retention.ms, retention.bytes and the log start offset; returns how many segments went. When all are due, the
 * active one is rolled first. Throws StorageError or the system error.
 */
export function deleteOldSegments(log: Log): number {
  log.producers.removeExpired(log.context.clock.nowMs())
  const { segments, reason } = deletableSegments(log)
  if (segments.length === 0) return 0
  if (segments.length === log.segments.count) log.roll()
  log.context.logger.info(`Deleting ${segments.length} segments of ${log.name}: ${reason}.`)
  // The start offset moves first: a reader never finds a gap where it may read.
  log.incrementLogStartOffset(log.segments.all[segments.length]!.baseOffset)
  for (const segment of segments) removeSegment(log, segment)
  return segments.length
}
