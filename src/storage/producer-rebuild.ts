import type { BatchHeader } from '../protocol/records/batch-header.ts'
import { checkProducers, hasProducerId } from './append-batches.ts'
import type { LogSegment } from './log-segment.ts'
import type { LogSegments } from './log-segments.ts'
import type { ProducerStateManager } from './producer-state-manager.ts'

/** Takes one batch of the log into the producers' state, and aborted transactions into the segment's index if given. */
export function replayBatch(
  producers: ProducerStateManager,
  buffer: Buffer,
  header: BatchHeader,
  where: string,
  indexInto?: LogSegment,
): void {
  if (hasProducerId(header)) {
    const { updated, completed } = checkProducers(producers, buffer, [header], { where, origin: 'replication' })
    for (const txn of completed) {
      if (txn.isAborted && indexInto) {
        indexInto.txnIndex.append({ ...txn, lastStableOffset: producers.lastStableOffsetAfter(txn) })
      }
    }
    for (const info of updated.values()) producers.update(info.entry)
  }
  producers.updateMapEndOffset(header.baseOffset + header.lastOffsetDelta + 1)
}

/**
 * Brings the producers' state to `endOffset`: from the newest usable snapshot, and then from the batches after it
 * (Kafka's UnifiedLog.rebuildProducerState). Snapshots are taken at the bases of the last two segments.
 *
 * @param isClean after a clean shutdown without any snapshot there are no producers, and nothing is scanned.
 */
export function rebuildProducerState(
  producers: ProducerStateManager,
  segments: LogSegments,
  logStartOffset: number,
  endOffset: number,
  nowMs: number,
  where: string,
  isClean = false,
): void {
  if (isClean && producers.snapshotOffsets().length === 0) {
    producers.startAt(logStartOffset)
    producers.updateMapEndOffset(endOffset)
    return
  }
  producers.reload(logStartOffset, endOffset, nowMs)
  if (producers.mapEndOffset < endOffset) {
    const snapshotAt = new Set(segments.all.slice(-2).map((segment) => segment.baseOffset))
    for (const segment of segments.range(producers.mapEndOffset, endOffset)) {
      const startOffset = Math.max(segment.baseOffset, producers.mapEndOffset, logStartOffset)
      producers.updateMapEndOffset(startOffset)
      if (snapshotAt.has(segment.baseOffset)) producers.takeSnapshot()
      const from = segment.withIndexes(() => segment.offsetIndex.lookup(startOffset).position)
      for (const { header, buffer } of segment.scan(from, false)) {
        if (header.baseOffset + header.lastOffsetDelta < startOffset) continue
        if (header.baseOffset >= endOffset) break
        replayBatch(producers, buffer, header, where)
      }
    }
  }
  producers.updateMapEndOffset(endOffset)
  producers.commit()
}
