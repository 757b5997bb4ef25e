import { type BatchHeader, isTransactional } from '../protocol/records/batch-header.ts'
import { lastOffsetOf } from './append-batches.ts'
import type { EndTransactionMarker } from './control-record.ts'
import type { AbortedTransaction } from './transaction-index.ts'

interface OngoingAbort {
  txn: AbortedTransaction
  sawBatch: boolean
}

/**
 * Follows transactions while segments are cleaned in order (Kafka's CleanedTransactionMetadata): which batches belong to
 * aborted ones, and whose marker may go because none of its batches is left.
 */
export class CleanedTransactions {
  readonly #aborted: AbortedTransaction[]
  readonly #ongoingAborted = new Map<number, OngoingAbort>()
  readonly #ongoingCommitted = new Set<number>()
  /** Called for aborted transactions of which batches are left: they go into the cleaned segment's index. */
  onKept: (txn: AbortedTransaction) => void = () => {}

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#aborted = [...aborted].sort((a, b) => b.firstOffset - a.firstOffset)
  }

  #startUpTo(offset: number): void {
    for (let next = this.#aborted.at(-1); next && next.firstOffset <= offset; next = this.#aborted.at(-1)) {
      this.#aborted.pop()
      if (!this.#ongoingAborted.has(next.producerId)) {
        this.#ongoingAborted.set(next.producerId, { txn: next, sawBatch: false })
      }
    }
  }

  /** Takes a data batch; returns whether it was aborted. */
  isAborted(header: BatchHeader): boolean {
    this.#startUpTo(lastOffsetOf(header))
    if (!isTransactional(header.attributes)) return false
    const ongoing = this.#ongoingAborted.get(header.producerId)
    if (ongoing) ongoing.sawBatch = true
    else this.#ongoingCommitted.add(header.producerId)
    return ongoing !== undefined
  }

  /** Takes a control batch; returns whether nothing of its transaction is left, so that it may go. */
  isMarkerOfNothing(header: BatchHeader, marker: EndTransactionMarker | undefined): boolean {
    this.#startUpTo(lastOffsetOf(header))
    if (header.recordCount === 0) return true
    if (marker === undefined) return false
    if (marker.isCommit) return !this.#ongoingCommitted.delete(header.producerId)
    const ongoing = this.#ongoingAborted.get(header.producerId)
    this.#ongoingAborted.delete(header.producerId)
    if (!ongoing?.sawBatch) return true
    this.onKept(ongoing.txn)
    return false
  }
}
