import type { BatchHeader } from '../protocol/records/batch-header.ts'
import { ControlRecordError, endTxnMarkerAt } from '../protocol/records/control-records.ts'
import { RecordCursor } from '../protocol/records/record-cursor.ts'
import { CorruptBatchError } from './errors.ts'

/** The end of a transaction, as the coordinator writes it into every partition that took part. */
export interface EndTransactionMarker {
  isCommit: boolean
  coordinatorEpoch: number
  timestamp: number
}

/**
 * Reads the first record of a control batch as an end-of-transaction marker. Undefined for an empty batch (cleaned away)
 * and for control records of other kinds. Throws CorruptBatchError.
 */
export function readEndTransactionMarker(buffer: Buffer, header: BatchHeader): EndTransactionMarker | undefined {
  try {
    const cursor = new RecordCursor(buffer, header)
    if (!cursor.next()) return undefined
    const marker = endTxnMarkerAt(cursor)
    return marker && { isCommit: marker.commit, coordinatorEpoch: marker.coordinatorEpoch, timestamp: cursor.timestamp }
  } catch (error) {
    if (error instanceof ControlRecordError) throw new CorruptBatchError(error.message)
    throw error
  }
}
