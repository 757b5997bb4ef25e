import type { EndTransactionMarker } from './control-record.ts'
import {
  InvalidProducerEpochError,
  InvalidTxnStateError,
  OutOfOrderSequenceError,
  TransactionCoordinatorFencedError,
} from './errors.ts'
import {
  emptyProducerEntry,
  isInSequence,
  lastSequenceOf,
  type ProducerStateEntry,
  withBatch,
} from './producer-state-entry.ts'

/** Where an append comes from, which decides how much is checked (Kafka's AppendOrigin). */
export type AppendOrigin = 'client' | 'coordinator' | 'replication' | 'raft-leader'

/** A transaction that a marker ended. */
export interface CompletedTransaction {
  producerId: number
  firstOffset: number
  /** Offset of the marker. */
  lastOffset: number
  isAborted: boolean
}

export interface ProducerBatch {
  producerEpoch: number
  baseSequence: number
  lastSequence: number
  maxTimestamp: number
  baseOffset: number
  lastOffset: number
  isTransactional: boolean
}

/**
 * Checks the batches of one producer within one append against what the log knows, and builds the new entry
 * (Kafka's ProducerAppendInfo). Nothing changes in the log's state until the caller adopts `entry`.
 */
export class ProducerAppendInfo {
  readonly #where: string
  readonly #origin: AppendOrigin
  readonly #current: ProducerStateEntry
  readonly #requireZeroWithoutState: boolean
  #entry: ProducerStateEntry

  /** @param requireZeroWithoutState KIP-890: an unknown producer must start with sequence 0. */
  constructor(
    where: string,
    producerId: number,
    current: ProducerStateEntry | undefined,
    origin: AppendOrigin,
    requireZeroWithoutState = false,
  ) {
    this.#where = where
    this.#origin = origin
    this.#current = current ?? emptyProducerEntry(producerId)
    // The new batches are gathered apart, so that the checks below see which ones came in this append.
    this.#entry = this.#current
    this.#requireZeroWithoutState = requireZeroWithoutState
  }

  get entry(): ProducerStateEntry {
    return this.#entry
  }

  /**
   * Takes a data batch. Throws InvalidProducerEpochError, OutOfOrderSequenceError or InvalidTxnStateError.
   */
  appendData(batch: ProducerBatch): void {
    this.#checkEpoch(batch.producerEpoch, batch.baseOffset, -1)
    if (this.#origin === 'client') this.#checkSequence(batch)
    const inTransaction = this.#entry.currentTxnFirstOffset >= 0
    if (inTransaction && !batch.isTransactional) {
      throw new InvalidTxnStateError(
        `Expected transactional write from producer ${this.#entry.producerId} at offset ${batch.baseOffset} in partition ${this.#where}`,
      )
    }
    const updated = withBatch(this.#entry, batch.producerEpoch, {
      lastSequence: batch.lastSequence,
      lastOffset: batch.lastOffset,
      offsetDelta: batch.lastOffset - batch.baseOffset,
      timestamp: batch.maxTimestamp,
    })
    this.#entry =
      batch.isTransactional && !inTransaction ? { ...updated, currentTxnFirstOffset: batch.baseOffset } : updated
  }

  /**
   * Takes an end-of-transaction marker; returns the transaction it ends, if one was under way.
   * Throws InvalidProducerEpochError or TransactionCoordinatorFencedError.
   */
  appendMarker(
    marker: EndTransactionMarker,
    producerEpoch: number,
    offset: number,
    transactionVersion: number,
  ): CompletedTransaction | undefined {
    this.#checkEpoch(producerEpoch, offset, transactionVersion)
    const entry = this.#entry
    if (entry.coordinatorEpoch > marker.coordinatorEpoch && this.#origin !== 'replication') {
      throw new TransactionCoordinatorFencedError(
        `Invalid coordinator epoch for producerId ${entry.producerId} at offset ${offset} in partition ${this.#where}: ${marker.coordinatorEpoch} (zombie), ${entry.coordinatorEpoch} (current)`,
      )
    }
    this.#entry = {
      producerId: entry.producerId,
      producerEpoch,
      coordinatorEpoch: marker.coordinatorEpoch,
      lastTimestamp: marker.timestamp,
      currentTxnFirstOffset: -1,
      batches: producerEpoch === entry.producerEpoch ? entry.batches : [],
    }
    if (entry.currentTxnFirstOffset < 0) return undefined
    return {
      producerId: entry.producerId,
      firstOffset: entry.currentTxnFirstOffset,
      lastOffset: offset,
      isAborted: !marker.isCommit,
    }
  }

  #checkEpoch(producerEpoch: number, offset: number, transactionVersion: number): void {
    if (this.#origin === 'replication') return
    const entry = this.#entry
    const isStrict = transactionVersion >= 2
    const isInvalid = isStrict ? producerEpoch <= entry.producerEpoch : producerEpoch < entry.producerEpoch
    if (!isInvalid) return
    // A marker of transactions v2 that comes again after the transaction ended is a retry, not a zombie.
    if (isStrict && producerEpoch === entry.producerEpoch && entry.currentTxnFirstOffset < 0) return
    throw new InvalidProducerEpochError(
      `Epoch of producer ${entry.producerId} at offset ${offset} in ${this.#where} is ${producerEpoch}, which is ${isStrict ? '<=' : '<'} the last seen epoch ${entry.producerEpoch}`,
    )
  }

  #checkSequence(batch: ProducerBatch): void {
    const first = batch.baseSequence
    const entry = this.#entry
    const fail = (detail: string): never => {
      throw new OutOfOrderSequenceError(
        `Out of order sequence number for producer ${entry.producerId} at offset ${batch.baseOffset} in partition ${this.#where}: ${first} (incoming seq. number), ${detail}`,
      )
    }
    if (this.#requireZeroWithoutState && first !== 0 && this.#current.batches.length === 0) {
      fail('expected sequence 0 for a transactions v2 producer with no existing state')
    }
    if (batch.producerEpoch !== entry.producerEpoch) {
      if (first !== 0 && entry.producerEpoch !== -1) {
        fail(`${batch.producerEpoch} (request epoch), ${entry.producerEpoch} (current producer epoch)`)
      }
      return
    }
    // A producer that nothing is known of (its records were deleted) may go on with any sequence number.
    if (this.#current.producerEpoch === -1) return
    const last = lastSequenceOf(entry)
    if (!isInSequence(last, first)) fail(`${last} (current end sequence number)`)
  }
}
