import {
  BATCH_OVERHEAD,
  type BatchHeader,
  isControl,
  isLogAppendTime,
  isTransactional,
  readBatchHeader,
} from '../protocol/records/batch-header.ts'
import { batchSizeAt, isPlausibleBatch } from './batch-walk.ts'
import { readEndTransactionMarker } from './control-record.ts'
import { CorruptBatchError } from './errors.ts'
import { type AppendOrigin, type CompletedTransaction, ProducerAppendInfo } from './producer-append-info.ts'
import { type BatchMetadata, findDuplicate, incrementSequence } from './producer-state-entry.ts'
import type { ProducerStateManager } from './producer-state-manager.ts'

/** Splits a buffer into its batches. Throws CorruptBatchError when it isn't exactly a row of v2 batches. */
export function batchesOf(buffer: Buffer, where: string): BatchHeader[] {
  const headers: BatchHeader[] = []
  for (let at = 0; at < buffer.length; ) {
    if (buffer.length - at < BATCH_OVERHEAD || batchSizeAt(buffer, at) > buffer.length - at) {
      throw new CorruptBatchError(`The records for ${where} end within a batch, at byte ${at} of ${buffer.length}.`)
    }
    if (!isPlausibleBatch(buffer, at)) {
      throw new CorruptBatchError(`The records for ${where} hold no batch of format 2 at byte ${at}.`)
    }
    const header = readBatchHeader(buffer, at)
    headers.push(header)
    at += header.sizeBytes
  }
  if (headers.length === 0) throw new CorruptBatchError(`The records for ${where} are empty.`)
  return headers
}

export const lastOffsetOf = (header: BatchHeader): number => header.baseOffset + header.lastOffsetDelta

export const hasProducerId = (header: BatchHeader): boolean => header.producerId >= 0

export const lastSequenceOfBatch = (header: BatchHeader): number =>
  header.baseSequence < 0 ? -1 : incrementSequence(header.baseSequence, header.lastOffsetDelta)

/** The batch already in the log that a client sends once more, if it is one. */
export function findDuplicateBatch(
  producers: ProducerStateManager,
  headers: readonly BatchHeader[],
): BatchMetadata | undefined {
  for (const header of headers) {
    if (!hasProducerId(header)) continue
    const entry = producers.lastEntry(header.producerId)
    const found = entry && findDuplicate(entry, header.producerEpoch, header.baseSequence, lastSequenceOfBatch(header))
    if (found) return found
  }
  return undefined
}

export interface ProducerUpdates {
  updated: Map<number, ProducerAppendInfo>
  completed: CompletedTransaction[]
}

export interface ProducerChecks {
  where: string
  origin: AppendOrigin
  /** Of the WriteTxnMarkers request: 2 makes the epoch check of markers strict (KIP-890). */
  transactionVersion?: number
  requireZeroWithoutState?: boolean
}

/**
 * Checks batches, whose offsets are set, against the producers' state and returns what would change. Throws
 * InvalidProducerEpochError, OutOfOrderSequenceError, InvalidTxnStateError or TransactionCoordinatorFencedError.
 */
export function checkProducers(
  producers: ProducerStateManager,
  buffer: Buffer,
  headers: readonly BatchHeader[],
  checks: ProducerChecks,
): ProducerUpdates {
  const updated = new Map<number, ProducerAppendInfo>()
  const completed: CompletedTransaction[] = []
  for (const header of headers) {
    if (!hasProducerId(header)) continue
    const id = header.producerId
    let info = updated.get(id)
    if (info === undefined) {
      info = new ProducerAppendInfo(
        checks.where,
        id,
        producers.lastEntry(id),
        checks.origin,
        checks.requireZeroWithoutState,
      )
      updated.set(id, info)
    }
    const txn = appendTo(info, buffer, header, checks.transactionVersion ?? -1)
    if (txn) completed.push(txn)
  }
  return { updated, completed }
}

function appendTo(
  info: ProducerAppendInfo,
  buffer: Buffer,
  header: BatchHeader,
  transactionVersion: number,
): CompletedTransaction | undefined {
  if (isControl(header.attributes)) {
    const marker = readEndTransactionMarker(buffer, header)
    return marker && info.appendMarker(marker, header.producerEpoch, header.baseOffset, transactionVersion)
  }
  info.appendData({
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    lastSequence: lastSequenceOfBatch(header),
    maxTimestamp: header.maxTimestamp,
    baseOffset: header.baseOffset,
    lastOffset: lastOffsetOf(header),
    isTransactional: isTransactional(header.attributes),
  })
  return undefined
}

/** The time that the broker stamped on the batches, -1 when they carry their producer's. */
export function logAppendTimeOf(headers: readonly BatchHeader[]): number {
  const last = headers.at(-1)
  return last && isLogAppendTime(last.attributes) ? last.maxTimestamp : -1
}
