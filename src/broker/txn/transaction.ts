import { assert } from '../../base/assert.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { partitionDirName, type TopicPartition } from '../../storage/file-names.ts'
import { canFollow, isIdle, isPrepared, type TransactionState } from './transaction-state.ts'

export const NO_PRODUCER_ID = -1
export const NO_PRODUCER_EPOCH = -1
/** The last epoch there is. Clients never get it: it is kept for fencing them. */
export const MAX_EPOCH = 2 ** 15 - 1
/** transaction.version from which the epoch rises with every transaction (KIP-890, part 2). */
export const EPOCH_BUMP_VERSION = 2
/** The timeout of transactions that never time out (two-phase commit, KIP-939). */
const NO_TIMEOUT_MS = 2 ** 31 - 1

/** True when a producer with this epoch can't be given a higher one and needs a new id. */
export const isEpochExhausted = (producerEpoch: number): boolean => producerEpoch >= MAX_EPOCH - 1

/** Partitions by `topic-0`. */
export type PartitionSet = ReadonlyMap<string, TopicPartition>

/** What is known of a transactional id, as it stands in the log. Never changed in place. */
export interface TransactionValues {
  readonly producerId: number
  /** The producer id before the last transition: what a client says that retries over a change of id. */
  readonly previousProducerId: number
  /** The id that the producer goes on with once the transaction under way is complete; -1 when that is the present one. */
  readonly nextProducerId: number
  /** -1 until the id was first initialised. */
  readonly producerEpoch: number
  /** The epoch before, which a retry says; -1 when unknown, as after a restart. */
  readonly lastProducerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  /** Where the transaction under way has written, or has its markers still to come. */
  readonly partitions: PartitionSet
  /** When the first partition was added; -1 without a transaction. */
  readonly startTimestampMs: number
  readonly lastUpdateTimestampMs: number
  /** The transaction.version of the client that made the last transition. */
  readonly clientTransactionVersion: number
}

const NO_PARTITIONS: PartitionSet = new Map()

/** A producer as a request names it. */
export interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * The state machine of one transactional id. A transition is prepared, written to the log and then completed; meanwhile
 * nothing else may be prepared. The functions that prepare check that the transition is one of Kafka's.
 */
export class Transaction {
  readonly transactionalId: string
  #values: TransactionValues
  #pending: TransactionState | undefined
  /** The log refused a raised epoch that is in memory already: fencing again must not raise it once more. */
  #fenceFailed = false

  constructor(transactionalId: string, values: TransactionValues) {
    this.transactionalId = transactionalId
    this.#values = values
  }

  /** A transactional id that was never used. */
  static create(transactionalId: string, producerId: number, timeoutMs: number, nowMs: number): Transaction {
    return new Transaction(transactionalId, {
      producerId,
      previousProducerId: NO_PRODUCER_ID,
      nextProducerId: NO_PRODUCER_ID,
      producerEpoch: NO_PRODUCER_EPOCH,
      lastProducerEpoch: NO_PRODUCER_EPOCH,
      timeoutMs,
      state: 'Empty',
      partitions: NO_PARTITIONS,
      startTimestampMs: -1,
      lastUpdateTimestampMs: nowMs,
      clientTransactionVersion: 0,
    })
  }

  get values(): TransactionValues {
    return this.#values
  }

  get state(): TransactionState {
    return this.#values.state
  }

  /** The state that a prepared transition leads to. */
  get pending(): TransactionState | undefined {
    return this.#pending
  }

  /** True while no other transition may be prepared. */
  get isBusy(): boolean {
    return this.#pending !== undefined
  }

  get isEpochExhausted(): boolean {
    return isEpochExhausted(this.#values.producerEpoch)
  }

  hasTimedOut(nowMs: number): boolean {
    const { state, startTimestampMs, timeoutMs } = this.#values
    return state === 'Ongoing' && timeoutMs !== NO_TIMEOUT_MS && startTimestampMs + timeoutMs < nowMs
  }

  /** Begins the fencing of a producer whose transaction is open: the next transition has to be an abort. Nothing is written yet. */
  prepareFence(): Producer {
    const { producerId, producerEpoch } = this.#values
    const keep = this.#fenceFailed || producerEpoch === MAX_EPOCH
    const fenced = keep ? producerEpoch : producerEpoch + 1
    this.#prepare({ state: 'PrepareEpochFence', producerEpoch: fenced })
    return { producerId, producerEpoch: fenced }
  }

  /** The fence became an abort of transactions v1: the raised epoch counts from here on. */
  applyFence(producerEpoch: number): void {
    assert(this.#pending === 'PrepareEpochFence', 'a fence is applied that was not prepared')
    this.#pending = undefined
    this.#values = { ...this.#values, producerEpoch, lastProducerEpoch: NO_PRODUCER_EPOCH }
  }

  fenceFailed(): void {
    this.#fenceFailed = true
  }

  /**
   * InitProducerId: the next epoch, or for a repeated request the one it got before.
   *
   * @param expectedEpoch what the client believes to have (KIP-360); undefined fences whoever has the id now
   * @throws KafkaError PRODUCER_FENCED
   */
  prepareNextEpoch(timeoutMs: number, expectedEpoch: number | undefined, nowMs: number): TransactionValues {
    const { producerEpoch, lastProducerEpoch } = this.#values
    const cleared = { timeoutMs, ...this.#emptied(nowMs) }
    const isCurrent = producerEpoch === NO_PRODUCER_EPOCH || expectedEpoch === producerEpoch
    if (expectedEpoch !== undefined && !isCurrent) {
      // Nobody else had the id since: another client's call would have made the last epoch unknown.
      if (expectedEpoch === lastProducerEpoch) return this.#prepare(cleared)
      throw new KafkaError(ErrorCode.PRODUCER_FENCED)
    }
    assert(!this.isEpochExhausted, 'a producer id without epochs left can not get the next one')
    return this.#prepare({
      ...cleared,
      producerEpoch: producerEpoch + 1,
      lastProducerEpoch: expectedEpoch === undefined ? NO_PRODUCER_EPOCH : producerEpoch,
    })
  }

  /** InitProducerId when the epochs are used up: a new producer id with epoch 0. */
  prepareNewProducerId(
    producerId: number,
    timeoutMs: number,
    keepLastEpoch: boolean,
    nowMs: number,
  ): TransactionValues {
    return this.#prepare({
      ...this.#emptied(nowMs),
      producerId,
      producerEpoch: 0,
      lastProducerEpoch: keepLastEpoch ? this.#values.producerEpoch : NO_PRODUCER_EPOCH,
      timeoutMs,
    })
  }

  #emptied(nowMs: number): Partial<TransactionValues> & { state: TransactionState } {
    return { state: 'Empty', partitions: NO_PARTITIONS, startTimestampMs: -1, lastUpdateTimestampMs: nowMs }
  }

  hasPartitions(partitions: readonly TopicPartition[]): boolean {
    return partitions.every((partition) => this.#values.partitions.has(partitionDirName(partition)))
  }

  prepareAddPartitions(
    added: readonly TopicPartition[],
    clientTransactionVersion: number,
    nowMs: number,
  ): TransactionValues {
    const { state, startTimestampMs } = this.#values
    const partitions = new Map(this.#values.partitions)
    for (const partition of added) partitions.set(partitionDirName(partition), partition)
    return this.#prepare({
      state: 'Ongoing',
      partitions,
      startTimestampMs: isIdle(state) ? nowMs : startTimestampMs,
      lastUpdateTimestampMs: nowMs,
      clientTransactionVersion,
    })
  }

  /**
   * EndTxn: the decision, after which the markers are written. In transactions v2 it takes the next epoch, so that whatever
   * belongs to this transaction and comes late is recognised.
   *
   * @param nextProducerId the id to go on with when the epoch is exhausted; -1 otherwise
   */
  prepareEnd(
    state: 'PrepareCommit' | 'PrepareAbort',
    clientTransactionVersion: number,
    nextProducerId: number,
    nowMs: number,
  ): TransactionValues {
    const { producerEpoch, startTimestampMs } = this.#values
    const isEmpty = this.#values.state !== 'Ongoing'
    const ended = {
      state,
      nextProducerId,
      // An abort without any partition has no start of its own, but the log wants one.
      startTimestampMs: isEmpty ? nowMs : startTimestampMs,
      lastUpdateTimestampMs: nowMs,
      clientTransactionVersion,
    }
    if (clientTransactionVersion < EPOCH_BUMP_VERSION) return this.#prepare(ended)
    const bumped = Math.min(producerEpoch + 1, MAX_EPOCH)
    return this.#prepare({ ...ended, producerEpoch: bumped, lastProducerEpoch: producerEpoch })
  }

  /** All markers are to be written: what the id is once they are. */
  prepareComplete(nowMs: number): TransactionValues {
    this.#fenceFailed = false
    const { state, nextProducerId, clientTransactionVersion } = this.#values
    assert(isPrepared(state), 'only a prepared transaction can be completed')
    const takesNewId = clientTransactionVersion >= EPOCH_BUMP_VERSION && nextProducerId !== NO_PRODUCER_ID
    return this.#prepare({
      state: state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
      ...(takesNewId ? { producerId: nextProducerId, producerEpoch: 0 } : {}),
      nextProducerId: NO_PRODUCER_ID,
      partitions: NO_PARTITIONS,
      lastUpdateTimestampMs: nowMs,
    })
  }

  /** The id is to be forgotten. */
  prepareDead(): void {
    this.#prepare({ state: 'Dead', partitions: NO_PARTITIONS })
  }

  #prepare(changes: Partial<TransactionValues> & { state: TransactionState }): TransactionValues {
    const from = this.#values
    assert(this.#pending === undefined, 'a transaction is in transition already')
    assert(canFollow(from.state, changes.state), `a transaction can not go from ${from.state} to ${changes.state}`)
    this.#pending = changes.state
    return { ...from, previousProducerId: from.producerId, ...changes }
  }

  /** The prepared transition is in the log. */
  complete(values: TransactionValues): void {
    assert(this.#pending === values.state, 'a transition ends that was not prepared')
    this.#values = values
    this.#pending = undefined
  }

  /** The prepared transition will not be: the log refused it. */
  cancel(): void {
    this.#pending = undefined
  }

  /** The marker of a partition is written, or can't be any more. */
  removePartition(key: string): void {
    assert(isPrepared(this.state), 'only a prepared transaction loses partitions')
    const partitions = new Map(this.#values.partitions)
    partitions.delete(key)
    this.#values = { ...this.#values, partitions }
  }
}
