import { readInt64 } from '../base/bytes.ts'
import { BatchBuilder } from '../protocol/records/batch-builder.ts'
import {
  BASE_TIMESTAMP,
  type BatchHeader,
  DELETE_HORIZON_MASK,
  isControl,
  isLogAppendTime,
  isTransactional,
} from '../protocol/records/batch-header.ts'
import { batchCompression } from '../protocol/records/batch-reader.ts'
import { RecordCursor } from '../protocol/records/record-cursor.ts'
import { lastOffsetOf } from './append-batches.ts'
import type { CleanedTransactions } from './cleaned-transactions.ts'
import { readEndTransactionMarker } from './control-record.ts'
import type { OffsetMap } from './offset-map.ts'
import type { ProducerStateEntry } from './producer-state-entry.ts'

const NO_LIMIT_BYTES = 2 ** 31 - 1

export interface FilterOptions {
  offsets: OffsetMap
  /** Records at or above it aren't in the map and stay. */
  mapEndOffset: number
  transactions: CleanedTransactions
  producers: ReadonlyMap<number, ProducerStateEntry>
  nowMs: number
  deleteRetentionMs: number
}

/** When tombstones and marker of a batch may go; undefined before the first cleaning has set it (KIP-534). */
function deleteHorizonOf(buffer: Buffer, header: BatchHeader): number | undefined {
  return header.attributes & DELETE_HORIZON_MASK ? readInt64(buffer, header.position + BASE_TIMESTAMP) : undefined
}

/** Whether the batch is the last of its producer: it stays, if need be empty, to carry the sequence. */
function isLastOfProducer(header: BatchHeader, { producers }: FilterOptions): boolean {
  const entry = header.producerId >= 0 ? producers.get(header.producerId) : undefined
  if (!entry) return false
  const last = entry.batches.at(-1)
  if (last) return last.lastOffset === lastOffsetOf(header)
  return isControl(header.attributes) && header.producerEpoch === entry.producerEpoch
}

/**
 * What compaction leaves of a batch (Kafka's Cleaner and MemoryRecords.filterTo): the same bytes when everything stays, a
 * rebuilt batch with the same offsets, or undefined. Its codec must be loaded.
 */
export function filterBatch(buffer: Buffer, header: BatchHeader, options: FilterOptions): Buffer | undefined {
  const { transactions, nowMs } = options
  const horizon = deleteHorizonOf(buffer, header)
  const control = isControl(header.attributes)
  const isEmptyTxn = control && transactions.isMarkerOfNothing(header, readEndTransactionMarker(buffer, header))
  const discard = control ? isEmptyTxn && horizon !== undefined && horizon <= nowMs : transactions.isAborted(header)
  const cursor = new RecordCursor(buffer, header)
  const kept: { start: number; end: number; offset: number; timestamp: number }[] = []
  let hasTombstones = false
  while (!discard && cursor.next()) {
    if (!control && !isKept(cursor, horizon, options)) continue
    if (!control && cursor.valueStart < 0) hasTombstones = true
    kept.push({ start: cursor.bodyStart, end: cursor.recordEnd, offset: cursor.offset, timestamp: cursor.timestamp })
  }
  if (kept.length === 0 && !isLastOfProducer(header, options)) return undefined
  const needsHorizon = horizon === undefined && (hasTombstones || isEmptyTxn) && kept.length > 0
  if (kept.length === header.recordCount && !needsHorizon) {
    return Buffer.from(buffer.subarray(header.position, header.position + header.sizeBytes))
  }
  const builder = new BatchBuilder({
    compression: kept.length > 0 ? batchCompression(header) : 'none',
    producerId: header.producerId,
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    partitionLeaderEpoch: header.partitionLeaderEpoch,
    baseOffset: header.baseOffset,
    lastOffset: lastOffsetOf(header),
    transactional: isTransactional(header.attributes),
    control,
    logAppendTimeMs: isLogAppendTime(header.attributes) ? header.maxTimestamp : undefined,
    deleteHorizonMs: needsHorizon ? nowMs + options.deleteRetentionMs : horizon,
    emptyMaxTimestamp: header.maxTimestamp,
    maxBytes: NO_LIMIT_BYTES,
  })
  for (const { start, end, offset, timestamp } of kept) builder.appendBody(cursor.data, start, end, offset, timestamp)
  return builder.finish()
}

function isKept(cursor: RecordCursor, horizon: number | undefined, options: FilterOptions): boolean {
  if (cursor.offset >= options.mapEndOffset) return true
  // A record without key has no place on a compacted topic.
  if (cursor.keyStart < 0) return false
  if (cursor.offset < options.offsets.get(cursor.data.subarray(cursor.keyStart, cursor.keyEnd))) return false
  return cursor.valueStart >= 0 || horizon === undefined || options.nowMs < horizon
}
