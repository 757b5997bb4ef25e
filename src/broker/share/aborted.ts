import type { AbortedTransaction } from '../../storage/transaction-index.ts'
import type { LogBatch } from './acquire.ts'

/** A batch as far as transactions are concerned. */
export interface TransactionalBatch extends LogBatch {
  readonly producerId: number
  readonly isTransactional: boolean
  readonly isControl: boolean
}

/** The batches that belong to aborted transactions, markers aside. */
export function abortedBatches(
  batches: readonly TransactionalBatch[],
  aborted: readonly AbortedTransaction[],
): LogBatch[] {
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<number>()
  const found: LogBatch[] = []
  for (const batch of batches) {
    while (waiting.length > 0 && waiting[0]!.firstOffset <= batch.lastOffset) open.add(waiting.shift()!.producerId)
    if (!open.has(batch.producerId)) continue
    // The marker ends the transaction; the producer's next batch belongs to another.
    if (batch.isControl) open.delete(batch.producerId)
    else if (batch.isTransactional) found.push(batch)
  }
  return found
}
