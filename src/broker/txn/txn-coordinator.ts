import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { partitionDirName, type TopicPartition } from '../../storage/file-names.ts'
import { partitionForGroup } from '../group/partition-for-group.ts'
import { Timer } from '../group/timer.ts'
import { Purgatory } from '../purgatory.ts'
import { Completion } from './completion.ts'
import { decideEnd, type EndRequest, needsProducerId, prepareEnd } from './end-decision.ts'
import { TxnShard } from './shard.ts'
import { EPOCH_BUMP_VERSION, isEpochExhausted, NO_PRODUCER_EPOCH, type Producer, Transaction } from './transaction.ts'
import { isIdle, isPrepared } from './transaction-state.ts'
import type { LoadedTransaction, TxnContext } from './txn-context.ts'

export interface InitRequest {
  readonly transactionalId: string
  readonly timeoutMs: number
  /** What the client believes to have (KIP-360); undefined when it is new. */
  readonly expected: Producer | undefined
}

interface Known {
  readonly shard: TxnShard
  readonly transaction: Transaction
}

/**
 * The transaction coordinator: one state machine per transactional id, over the partitions of __transaction_state that this broker leads.
 * What it promises to a client is in the log first. Errors are thrown as KafkaError with the code to answer.
 */
export class TxnCoordinator {
  readonly #context: TxnContext
  readonly #shards = new Map<number, TxnShard>()
  readonly #completion: Completion
  /** Requests that wait for the end of a transition, by transactional id. */
  readonly #settling: Purgatory
  readonly #abortTimer: Timer
  readonly #expiryTimer: Timer

  constructor(context: TxnContext) {
    this.#context = context
    this.#settling = new Purgatory(context.clock)
    this.#completion = new Completion(context)
    this.#abortTimer = new Timer(context.clock)
    this.#expiryTimer = new Timer(context.clock)
  }

  /** Starts what runs by the clock: the abort of transactions whose time is up, the removal of unused ids. */
  start(): void {
    this.#scheduleAborts()
    this.#scheduleExpiry()
  }

  #scheduleAborts(): void {
    this.#abortTimer.set(this.#context.settings().abortIntervalMs, () => {
      this.#abortTimedOut()
      this.#scheduleAborts()
    })
  }

  #scheduleExpiry(): void {
    this.#expiryTimer.set(this.#context.settings().removeIntervalMs, () => {
      this.#removeExpired()
      this.#scheduleExpiry()
    })
  }

  stop(): void {
    this.#abortTimer.cancel()
    this.#expiryTimer.cancel()
    for (const partition of [...this.#shards.keys()]) this.unload(partition)
    this.#completion.stop()
  }

  /**
   * Takes a partition of __transaction_state over by replaying its log; transactions whose end was decided go on to it. Its ids answer
   * COORDINATOR_LOAD_IN_PROGRESS until this resolves.
   *
   * @param coordinatorEpoch the partition's leader epoch
   * @throws what `records` throws; the partition is not taken over then
   */
  async load(
    partition: number,
    coordinatorEpoch: number,
    records: Iterable<LoadedTransaction> | AsyncIterable<LoadedTransaction>,
  ): Promise<void> {
    this.unload(partition)
    const shard = new TxnShard(partition, coordinatorEpoch, this.#context, (id) => this.#settling.wake(id))
    this.#shards.set(partition, shard)
    try {
      for await (const record of records) {
        if (shard.closed) return
        shard.replay(record)
      }
    } catch (error) {
      if (this.#shards.get(partition) === shard) this.unload(partition)
      throw error
    }
    if (shard.closed) return
    shard.loaded = true
    for (const transaction of shard.prepared()) this.#completion.start(shard, transaction)
  }

  /** Gives a partition up. */
  unload(partition: number): void {
    this.#shards.get(partition)?.close()
    this.#shards.delete(partition)
  }

  /**
   * The partition of __transaction_state that holds an id; the topic is created when it is missing.
   *
   * @throws KafkaError when the topic can not be created now
   */
  async partitionFor(transactionalId: string): Promise<number> {
    if (this.#context.partitionCount() === 0) await this.#context.ensureTopic()
    const count = this.#context.partitionCount()
    if (count === 0) throw new KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    return partitionForGroup(transactionalId, count)
  }

  /** The shards of this broker, for listings. */
  get shards(): Iterable<TxnShard> {
    return this.#shards.values()
  }

  /** @throws KafkaError NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS */
  shardOf(transactionalId: string): TxnShard {
    const count = this.#context.partitionCount()
    const shard = count === 0 ? undefined : this.#shards.get(partitionForGroup(transactionalId, count))
    if (shard === undefined) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    if (!shard.loaded) throw new KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    return shard
  }

  #known(transactionalId: string): Known {
    if (transactionalId === '') throw new KafkaError(ErrorCode.INVALID_REQUEST)
    const shard = this.shardOf(transactionalId)
    const transaction = shard.transactions.get(transactionalId)
    if (transaction === undefined) throw new KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    return { shard, transaction }
  }

  /**
   * InitProducerId with a transactional id: gives the producer its id and an epoch that fences all before it. A transaction that is open
   * is aborted first: CONCURRENT_TRANSACTIONS lets the client try again.
   */
  async initProducerId({ transactionalId, timeoutMs, expected }: InitRequest): Promise<Producer> {
    const { clock } = this.#context
    if (transactionalId === '') throw new KafkaError(ErrorCode.INVALID_REQUEST)
    if (timeoutMs <= 0 || timeoutMs > this.#context.settings().maxTimeoutMs) {
      throw new KafkaError(ErrorCode.INVALID_TRANSACTION_TIMEOUT)
    }
    // A new producer id takes time to get; what is decided is decided on the state after that.
    let newId: number | undefined
    for (;;) {
      const shard = this.shardOf(transactionalId)
      let transaction = shard.transactions.get(transactionalId)
      if (needsNewId(transaction, expected) && newId === undefined) {
        newId = await this.#context.nextProducerId()
        continue
      }
      if (transaction === undefined) {
        transaction = Transaction.create(transactionalId, newId!, timeoutMs, clock.nowMs())
        shard.transactions.set(transactionalId, transaction)
      }
      if (transaction.isBusy || isPrepared(transaction.state)) throw new KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
      if (expected !== undefined && !isOwner(transaction, expected)) throw new KafkaError(ErrorCode.PRODUCER_FENCED)
      if (transaction.state === 'Ongoing') {
        await this.#fence(transaction)
        throw new KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
      }
      const nowMs = clock.nowMs()
      const next = needsNewId(transaction, expected)
        ? transaction.prepareNewProducerId(newId!, timeoutMs, expected !== undefined, nowMs)
        : transaction.prepareNextEpoch(timeoutMs, expected?.producerEpoch, nowMs)
      await shard.write(transaction, next)
      return { producerId: next.producerId, producerEpoch: next.producerEpoch }
    }
  }

  /** Aborts an open transaction with an epoch above its producer's. */
  async #fence(transaction: Transaction): Promise<void> {
    const transactionVersion = this.#context.transactionVersion()
    const endsId = transactionVersion >= EPOCH_BUMP_VERSION && transaction.isEpochExhausted
    const newId = endsId ? await this.#context.nextProducerId() : undefined
    if (transaction.isBusy || transaction.state !== 'Ongoing') throw new KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
    const fenced = transaction.prepareFence()
    const request = { ...fenced, committed: false, transactionVersion, isFromClient: false }
    await this.#end(transaction.transactionalId, request, newId)
  }

  /** AddPartitionsToTxn, AddOffsetsToTxn: the partitions are the transaction's; it begins when there is none. */
  async addPartitions(
    transactionalId: string,
    producer: Producer,
    partitions: readonly TopicPartition[],
    transactionVersion: number,
  ): Promise<void> {
    const { shard, transaction } = this.#known(transactionalId)
    // First, as the producer may use the id that the transition brings.
    if (transaction.isBusy) throw new KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
    checkProducer(transaction, producer)
    if (transaction.state === 'Ongoing' && transaction.hasPartitions(partitions)) return
    const nowMs = this.#context.clock.nowMs()
    await shard.write(transaction, transaction.prepareAddPartitions(partitions, transactionVersion, nowMs))
  }

  /**
   * AddPartitionsToTxn that only asks whether the partitions are the transaction's.
   *
   * @returns NONE or TRANSACTION_ABORTABLE by `topic-0`
   */
  verifyPartitions(
    transactionalId: string,
    producer: Producer,
    partitions: readonly TopicPartition[],
  ): Map<string, number> {
    const { transaction } = this.#known(transactionalId)
    checkProducer(transaction, producer)
    return new Map(
      partitions.map((partition) => [
        partitionDirName(partition),
        transaction.hasPartitions([partition]) ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE,
      ]),
    )
  }

  /**
   * EndTxn. Resolves when the decision is in the log: the markers follow by themselves.
   *
   * @returns what the producer goes on with: in transactions v2 the next epoch, or a new id
   */
  endTransaction(transactionalId: string, request: EndRequest): Promise<Producer> {
    return this.#end(transactionalId, request, undefined)
  }

  async #end(transactionalId: string, request: EndRequest, spareId: number | undefined): Promise<Producer> {
    let newId = spareId
    for (;;) {
      const { shard, transaction } = this.#known(transactionalId)
      const decision = decideEnd(transaction, request)
      if (decision.kind === 'repeated') return producerOf(transaction)
      if (needsProducerId(transaction, request, decision) && newId === undefined) {
        newId = await this.#context.nextProducerId()
        continue
      }
      const values = prepareEnd(transaction, request, decision, newId, this.#context.clock.nowMs())
      try {
        await shard.write(transaction, values)
      } catch (error) {
        if (decision.isFence) transaction.fenceFailed()
        throw error
      }
      const { producerId, producerEpoch } = this.#completion.start(shard, transaction)
      return { producerId, producerEpoch }
    }
  }

  /**
   * Runs `attempt` again when a transition or a transaction's end is in its way (CONCURRENT_TRANSACTIONS), as soon as that is over, for
   * at most `patienceMs` from now. It saves clients the round trip and their pause.
   */
  async patiently<T>(transactionalId: string, patienceMs: number, attempt: () => Promise<T> | T): Promise<T> {
    const endMs = this.#context.clock.monotonicMs() + patienceMs
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        const leftMs = endMs - this.#context.clock.monotonicMs()
        const isConcurrent = error instanceof KafkaError && error.code === ErrorCode.CONCURRENT_TRANSACTIONS
        if (!isConcurrent || leftMs <= 0) throw error
        const how = await this.#settling.wait([transactionalId], leftMs, () => this.#isSettled(transactionalId))
        if (how === 'timeout') throw error
      }
    }
  }

  #isSettled(transactionalId: string): boolean {
    try {
      const { transaction } = this.#known(transactionalId)
      return !transaction.isBusy && !isPrepared(transaction.state)
    } catch {
      return true
    }
  }

  #abortTimedOut(): void {
    const nowMs = this.#context.clock.nowMs()
    for (const shard of this.#shards.values()) {
      for (const transaction of shard.transactions.values()) {
        if (!shard.loaded || transaction.isBusy || !transaction.hasTimedOut(nowMs)) continue
        const { transactionalId } = transaction
        this.#fence(transaction).then(
          () => this.#context.logger.info({ transactionalId }, 'aborted a transaction whose time is up'),
          (error: unknown) =>
            this.#context.logger.warn({ transactionalId, error }, 'a transaction whose time is up can not be aborted'),
        )
      }
    }
  }

  #removeExpired(): void {
    const beforeMs = this.#context.clock.nowMs() - this.#context.settings().idExpirationMs
    for (const shard of this.#shards.values()) {
      if (!shard.loaded) continue
      const expired = [...shard.transactions.values()].filter(
        ({ state, isBusy, values }) => isIdle(state) && !isBusy && values.lastUpdateTimestampMs <= beforeMs,
      )
      if (expired.length > 0) void shard.remove(expired)
    }
  }
}

const producerOf = ({ values }: Transaction): Producer => ({
  producerId: values.producerId,
  producerEpoch: values.producerEpoch,
})

/** Whether InitProducerId has to give a new producer id: the transactional id is new, or its epochs are used up. */
function needsNewId(transaction: Transaction | undefined, expected: Producer | undefined): boolean {
  if (transaction === undefined) return true
  if (transaction.isBusy || !isIdle(transaction.state) || !transaction.isEpochExhausted) return false
  return expected === undefined || expected.producerEpoch === transaction.values.producerEpoch
}

/** Whether a producer that knows its id and epoch may have the transactional id (KIP-360). */
function isOwner({ values }: Transaction, expected: Producer): boolean {
  const { producerId, previousProducerId, producerEpoch } = values
  if (producerEpoch === NO_PRODUCER_EPOCH || expected.producerId === producerId) return true
  // It may not have heard of the new id that it got when its epochs were used up.
  return expected.producerId === previousProducerId && isEpochExhausted(expected.producerEpoch)
}

function checkProducer(transaction: Transaction, producer: Producer): void {
  const { producerId, producerEpoch, state } = transaction.values
  if (producerId !== producer.producerId) throw new KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  if (producerEpoch !== producer.producerEpoch) throw new KafkaError(ErrorCode.PRODUCER_FENCED)
  if (isPrepared(state)) throw new KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
}
