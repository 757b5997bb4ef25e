import type { BatchHeader } from '../../protocol/records/batch-header.ts'
import { isControl, isTransactional } from '../../protocol/records/batch-header.ts'
import { batchAt, validateBatch } from '../../protocol/records/batch-reader.ts'
import { endTxnMarkerAt } from '../../protocol/records/control-records.ts'
import { RecordCursor } from '../../protocol/records/record-cursor.ts'

/** What one fetch brought of one partition: raw record batches, of which the last may be cut off. */
export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  /** First offset asked for: the first batch may start before it. */
  readonly fetchOffset: number
  /** Offset after the last whole batch. */
  readonly nextOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly buffer: Buffer
  /** With read_committed: transactions whose records are to be skipped from firstOffset to their marker. */
  readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[]
}

export interface ReadOptions {
  readCommitted: boolean
  checkCrcs: boolean
}

/** How far reading came. */
export interface ReadProgress {
  /** Offset of the next record to read. */
  nextOffset: number
  /** Leader epoch of the last batch read; -1 when there was none. */
  leaderEpoch: number
}

/** Follows which producers' transactions are aborted while the batches of a partition go by (KIP-98). */
export class AbortedTransactions {
  private readonly pending: { producerId: number; firstOffset: number }[]
  private readonly open = new Set<number>()

  constructor(aborted: FetchedPartition['abortedTransactions']) {
    this.pending = [...aborted].sort((a, b) => b.firstOffset - a.firstOffset)
  }

  /** Whether the batch belongs to an aborted transaction. */
  covers(buffer: Buffer, header: BatchHeader): boolean {
    if (header.producerId < 0) return false
    const lastOffset = header.baseOffset + header.lastOffsetDelta
    for (
      let next = this.pending.at(-1);
      next !== undefined && next.firstOffset <= lastOffset;
      next = this.pending.at(-1)
    ) {
      this.open.add(next.producerId)
      this.pending.pop()
    }
    if (!this.open.has(header.producerId)) return false
    if (!isControl(header.attributes)) return isTransactional(header.attributes)
    const cursor = new RecordCursor(buffer, header)
    if (cursor.next() && endTxnMarkerAt(cursor)?.commit === false) this.open.delete(header.producerId)
    return false
  }
}

/**
 * Calls `visitor` with one and the same cursor for each record a consumer may see: from fetchOffset on, without control records
 * and, with readCommitted, without aborted ones. The cursor's positions are not to be kept beyond the call. Batches may be
 * compressed; the poll that brought them has loaded their codecs.
 *
 * @param visitor returns false to stop after the current record.
 * @throws CorruptRecordError for a batch that fails its checksum or can't be read
 */
export function readFetched(
  fetched: FetchedPartition,
  options: ReadOptions,
  visitor: (cursor: RecordCursor) => unknown,
): ReadProgress {
  const { buffer, fetchOffset } = fetched
  const aborted = options.readCommitted ? new AbortedTransactions(fetched.abortedTransactions) : null
  const progress: ReadProgress = { nextOffset: fetchOffset, leaderEpoch: -1 }
  let position = 0
  for (let header = batchAt(buffer, position); header !== undefined; header = batchAt(buffer, position)) {
    position += header.sizeBytes
    const lastOffset = header.baseOffset + header.lastOffsetDelta
    if (lastOffset < fetchOffset) continue
    if (options.checkCrcs) validateBatch(buffer, header)
    progress.leaderEpoch = header.partitionLeaderEpoch
    if (!aborted?.covers(buffer, header) && !isControl(header.attributes)) {
      const cursor = new RecordCursor(buffer, header)
      while (cursor.next()) {
        if (cursor.offset < fetchOffset) continue
        if (visitor(cursor) === false) {
          progress.nextOffset = cursor.offset + 1
          return progress
        }
      }
    }
    progress.nextOffset = lastOffset + 1
  }
  return progress
}

/** Offset after the last whole batch; `fetchOffset` when there is none. */
export function offsetAfter(buffer: Buffer, fetchOffset: number): number {
  let next = fetchOffset
  let position = 0
  for (let header = batchAt(buffer, position); header !== undefined; header = batchAt(buffer, position)) {
    position += header.sizeBytes
    next = Math.max(next, header.baseOffset + header.lastOffsetDelta + 1)
  }
  return next
}
