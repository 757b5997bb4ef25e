import { ErrorCode, throwIfError } from '../../protocol/errors.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/generated/22-init-producer-id.ts'
import type { RecordHeaderInput } from '../../protocol/records/batch-builder.ts'
import { ensureCodec } from '../../protocol/records/compression.ts'
import { changeGuard } from '../change-guard.ts'
import { ClientError } from '../client-error.ts'
import { Cluster } from '../cluster.ts'
import type { GroupMetadata } from '../consumer/offsets.ts'
import type { Metric } from '../metrics.ts'
import { withRetries } from '../retry.ts'
import { completeSettings } from '../settings.ts'
import type { OffsetAndMetadata, TopicPartition } from '../types.ts'
import type { ProducerBatch, RecordMetadata } from './batch.ts'
import { ProducerMetrics } from './metrics.ts'
import type { PartitionQueue, ProducerIdentity } from './partition-queue.ts'
import { requireFits } from './record-size.ts'
import { type Outcome, Sender, type SenderOwner } from './sender.ts'
import { isIdempotent, PRODUCER_DEFAULTS, type ProducerSettings } from './settings.ts'
import { type Accumulator, TopicWriter } from './topic-writer.ts'
import { Transactions } from './transactions.ts'
import { waitForTopic } from './wait-for-topic.ts'

/** InitProducerId version 6 is about two-phase commit (KIP-939), which this producer has no use for. */
const INIT_PRODUCER_ID_CAP = 5

export interface ProducerRecord {
  topic: string
  partition?: number
  key?: Buffer | null
  value: Buffer | null
  headers?: readonly RecordHeaderInput[]
  /** Default: now. */
  timestamp?: number
}

/** Buffers kept for batches to come. */
const MAX_FREE_BUFFERS = 8

/**
 * A producer after Java's KafkaProducer, for streams of records: no promise and no object per record. What can't be written is
 * told to `settings.onError`, record by record.
 *
 * Memory: `sendRaw` and the TopicWriter functions never wait, so their caller has to: while `hasRoom` is false, await `drained()`.
 */
export class Producer implements Accumulator, SenderOwner {
  private readonly free: Buffer[] = []
  readonly settings: ProducerSettings
  readonly cluster: Cluster
  /** Null without a transactional id. Everything is sent between its `begin` and the `commit` or `abort` below. */
  readonly transactions: Transactions | null
  bufferedBytes = 0
  /** Records acknowledged, and given up, so far. */
  readonly counts = { acknowledged: 0, failed: 0 }
  /** What `listMetrics` tells of. */
  readonly metrics = new ProducerMetrics()
  private readonly sender: Sender
  private readonly writers = new Map<string, TopicWriter>()
  private readonly opening = new Map<string, Promise<TopicWriter>>()
  private identityPromise: Promise<ProducerIdentity | null> | null = null
  private currentIdentity: ProducerIdentity | null | undefined
  private scheduled = false
  private timer: NodeJS.Timeout | null = null
  private timerAtMs = Number.POSITIVE_INFINITY
  private flushers = 0
  private roomWaiters: (() => void)[] = []
  private idleWaiters: (() => void)[] = []
  /** sendRaw records whose topic is still being looked up. */
  private unplaced = 0
  private closed = false

  constructor(settings: Partial<ProducerSettings> & Pick<ProducerSettings, 'bootstrapServers'>) {
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
    this.settings = {
      ...PRODUCER_DEFAULTS,
      ...completeSettings({ ...PRODUCER_DEFAULTS, ...settings }),
      ...given,
    } as ProducerSettings
    this.cluster = new Cluster(this.settings)
    const { transactionalId } = this.settings
    this.transactions = transactionalId === null ? null : new Transactions(this.cluster, this.settings, transactionalId)
    this.sender = new Sender(this.cluster, this.settings, this)
  }

  /** True while buffer.memory has room for more records. */
  get hasRoom(): boolean {
    return this.bufferedBytes < this.settings.bufferMemoryBytes
  }

  get hurry(): boolean {
    return this.flushers > 0 || this.roomWaiters.length > 0
  }

  get queues(): Iterable<PartitionQueue> {
    return this.allQueues()
  }

  private *allQueues(): Generator<PartitionQueue> {
    for (const writer of this.writers.values()) yield* writer.queues
  }

  /**
   * The writer of a topic, for the hot path: looks the topic up (creating it where the broker does that by itself), loads the
   * codec and gets a producer id.
   *
   * @throws ClientError 'timeout' "Topic x not present in metadata after 60000 ms.", as Java; KafkaError for an invalid or
   *   forbidden topic
   */
  topic(name: string): Promise<TopicWriter> {
    const existing = this.opening.get(name)
    if (existing) return existing
    const opening = this.openTopic(name)
    this.opening.set(name, opening)
    opening.catch(() => this.opening.delete(name))
    return opening
  }

  private async openTopic(name: string): Promise<TopicWriter> {
    if (this.closed) throw new ClientError('closed', 'Cannot perform operation after producer has been closed')
    await changeGuard()?.beforeChange('produce')
    await ensureCodec(this.settings.compressionType)
    const metadata = await this.metrics.timed('metadata-wait', () =>
      waitForTopic(this.cluster, name, this.settings.maxBlockMs),
    )
    await this.identity()
    const writer = new TopicWriter(name, this)
    const available = metadata.partitions.filter((p) => p.leaderId >= 0).map((p) => p.partition)
    writer.update(metadata.partitions.length, available)
    this.writers.set(name, writer)
    return writer
  }

  /**
   * Appends one record; the fast path has no promise. While the topic is not known yet the record is kept back. Errors go to
   * `settings.onError`.
   *
   * @returns hasRoom: false asks the caller to await `drained()`.
   */
  sendRaw(
    topic: string,
    key: Buffer | null,
    value: Buffer | null,
    headers: readonly RecordHeaderInput[] | null,
    timestamp: number,
  ): boolean {
    const writer = this.writers.get(topic)
    if (writer === undefined || this.unplaced > 0) {
      this.place(topic, key, value, headers, timestamp)
      return this.hasRoom
    }
    writer.append(key, value, headers, timestamp)
    return this.hasRoom
  }

  private place(
    topic: string,
    key: Buffer | null,
    value: Buffer | null,
    headers: readonly RecordHeaderInput[] | null,
    timestamp: number,
  ): void {
    const bytes = (key?.length ?? 0) + (value?.length ?? 0) + 64
    this.unplaced++
    this.bufferedBytes += bytes
    this.topic(topic)
      .then((writer) => writer.append(key, value, headers, timestamp))
      .catch((error: unknown) => this.reject(error as Error, topic, key, value))
      .finally(() => {
        this.unplaced--
        this.released(bytes)
      })
  }

  reject(error: Error, topic: string, key: Buffer | null, value: Buffer | null): void {
    this.counts.failed++
    this.settings.onError(error, { topic, partition: -1, key, value })
  }

  /**
   * Sends one record and resolves when it is written as `acks` says.
   *
   * @throws KafkaError, ClientError
   */
  async send(record: ProducerRecord): Promise<RecordMetadata> {
    const { topic, partition, key = null, value, headers = null, timestamp = Date.now() } = record
    const writer = await this.topic(topic)
    requireFits(this.settings, key, value, headers)
    if (!this.hasRoom) await this.drained()
    if (partition !== undefined && (partition < 0 || partition >= writer.partitionCount)) {
      throw new ClientError(
        'config',
        `Invalid partition given with record: ${partition} is not in the range [0...${writer.partitionCount}).`,
        {
          exceptionClass: 'org.apache.kafka.common.KafkaException',
        },
      )
    }
    const batch = writer.append(key, value, headers, timestamp, partition)
    if (batch === null) throw new ClientError('record-too-large', 'The record is too large.')
    const index = batch.recordCount - 1
    return new Promise((resolve, reject) => batch.callbacks.push({ index, timestamp, resolve, reject }))
  }

  /** Resolves when there is room in buffer.memory; what is buffered goes out without lingering meanwhile. */
  async drained(): Promise<void> {
    if (this.hasRoom) return
    const room = new Promise<void>((resolve) => {
      this.roomWaiters.push(resolve)
      this.wake(true)
    })
    await this.metrics.timed('bufferpool-wait', () => room)
  }

  /** Sends everything without lingering and resolves when all of it is acknowledged or given up. */
  flush(): Promise<void> {
    return this.metrics.timed('flush', () => this.flushAll())
  }

  private async flushAll(): Promise<void> {
    this.flushers++
    try {
      while (this.isBusy()) {
        await new Promise<void>((resolve) => {
          this.idleWaiters.push(resolve)
          this.wake(true)
        })
      }
    } finally {
      this.flushers--
    }
  }

  /**
   * Makes a group's offsets part of the transaction under way: they count when it commits, and only while the group has that member in
   * that generation. Resolves when the group's coordinator has noted them. Await it before `commitTransaction`.
   *
   * @param offsets the next offset to read, per partition
   * @param group `groupMetadata` of the consumer; without a member -1, '' and null
   * @throws KafkaError, ClientError: the transaction is to be aborted, or with `transactions.fatal` the producer to be closed
   */
  async sendOffsets(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>, group: GroupMetadata): Promise<void> {
    if (this.transactions === null) throw new ClientError('config', 'Offsets in a transaction need a transactional.id.')
    await this.identity()
    const { transactions } = this
    await this.metrics.timed('txn-send-offsets', () => transactions.sendOffsets(offsets, group))
  }

  /**
   * Ends the transaction under way: flushes, then commits.
   *
   * @throws the error of a record that could not be written; the transaction is then to be aborted
   */
  async commitTransaction(): Promise<void> {
    await this.metrics.timed('txn-commit', async () => {
      await this.flushAll()
      await this.transactions?.end(true)
    })
  }

  /** Ends the transaction under way without its records. */
  async abortTransaction(): Promise<void> {
    await this.metrics.timed('txn-abort', async () => {
      await this.flushAll()
      await this.transactions?.end(false)
    })
  }

  /** Java's metrics of a producer, those that this one measures. */
  listMetrics(): Metric[] {
    const totalBytes = this.settings.bufferMemoryBytes
    return this.metrics.list(this.cluster, { totalBytes, availableBytes: totalBytes - this.bufferedBytes })
  }

  private isBusy(): boolean {
    if (this.unplaced > 0) return true
    for (const queue of this.queues) if (!queue.isIdle) return true
    return false
  }

  /** Flushes, then closes the connections. */
  async close(): Promise<void> {
    if (this.closed) return
    await this.flushAll()
    this.closed = true
    if (this.timer) clearTimeout(this.timer)
    await this.cluster.close()
  }

  /** The producer id, asked for once (InitProducerId); null when the producer isn't idempotent. */
  identity(): Promise<ProducerIdentity | null> {
    this.identityPromise ??= this.initProducerId().then((identity) => {
      this.currentIdentity = identity
      return identity
    })
    const promise = this.identityPromise
    promise.catch(() => {
      if (this.identityPromise === promise) this.identityPromise = null
    })
    return promise
  }

  resetIdentity(): void {
    this.identityPromise = null
    this.currentIdentity = undefined
    this.renewIdentity()
  }

  private renewIdentity(): void {
    this.identity()
      .then(() => this.wake(true))
      .catch((error: unknown) => this.sender.giveUp(error as Error))
  }

  private async initProducerId(): Promise<ProducerIdentity | null> {
    const { transactions } = this
    if (transactions) return this.metrics.timed('txn-init', () => transactions.init())
    if (!isIdempotent(this.settings)) return null
    const alsoRetry = [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.COORDINATOR_NOT_AVAILABLE]
    const call = async (): Promise<ProducerIdentity> => {
      const connection = await this.cluster.connectAny()
      const { response } = await this.cluster.ask(connection, InitProducerIdRequest, InitProducerIdResponse, {
        cap: INIT_PRODUCER_ID_CAP,
        message: { transactionalId: null, transactionTimeoutMs: 0x7fffffff },
      })
      throwIfError(response.errorCode)
      return { producerId: Number(response.producerId), epoch: response.producerEpoch }
    }
    return withRetries(this.cluster, 'initProducerId', call, { timeoutMs: this.settings.maxBlockMs, alsoRetry })
  }

  /** Lets the sender look for work: soon when a batch is full or nothing lingers (a timer takes 1 ms at least), when it is due otherwise. */
  wake(full: boolean): void {
    if (full || this.settings.lingerMs === 0) {
      if (this.scheduled) return
      this.scheduled = true
      setImmediate(() => {
        this.scheduled = false
        this.run()
      })
      return
    }
    this.runAt(performance.now() + this.settings.lingerMs)
  }

  private run(): void {
    if (this.idleWaiters.length > 0 && !this.isBusy()) for (const resolve of this.idleWaiters.splice(0)) resolve()
    if (this.currentIdentity === undefined) {
      // A new producer id is on its way, and its arrival calls again.
      if (this.identityPromise === null && this.isBusy()) this.renewIdentity()
      return
    }
    for (const writer of this.writers.values()) this.followPartitions(writer)
    const nextMs = this.sender.drain(this.transactions?.current ?? this.currentIdentity)
    if (nextMs !== Number.POSITIVE_INFINITY) this.runAt(nextMs)
  }

  /** Uses partitions that were added since. */
  private followPartitions(writer: TopicWriter): void {
    const partitions = this.cluster.metadata.topics.get(writer.topic)?.partitions
    if (partitions === undefined || partitions.length === writer.partitionCount) return
    const available = partitions.filter((p) => p.leaderId >= 0).map((p) => p.partition)
    writer.update(partitions.length, available)
  }

  private runAt(atMs: number): void {
    if (this.timer !== null && this.timerAtMs <= atMs) return
    if (this.timer !== null) clearTimeout(this.timer)
    this.timerAtMs = atMs
    this.timer = setTimeout(
      () => {
        this.timer = null
        this.timerAtMs = Number.POSITIVE_INFINITY
        this.run()
      },
      Math.max(0, Math.ceil(atMs - performance.now())),
    )
  }

  completed(queue: PartitionQueue, batch: ProducerBatch, outcome: Outcome): void {
    const { topic, partition } = queue
    if (outcome.ok) {
      this.counts.acknowledged += batch.recordCount
      const { baseOffset, logAppendTimeMs } = outcome
      for (const { index, timestamp, resolve } of batch.callbacks) {
        const offset = baseOffset < 0 ? -1 : baseOffset + index
        resolve({ topic, partition, offset, timestamp: logAppendTimeMs >= 0 ? logAppendTimeMs : timestamp })
      }
    } else {
      this.reportFailure(queue, batch, outcome)
    }
    this.metrics.done(topic, batch, outcome.ok)
    if (!outcome.ok) this.transactions?.fail(outcome.error)
    this.settings.onBatchDone?.(batch, outcome.ok ? undefined : outcome.error)
    this.recycle(batch, outcome)
    this.released(batch.reservedBytes)
  }

  /** Keeps the buffer of a batch that the broker has confirmed at the first try: nothing can want to read it again. */
  private recycle(batch: ProducerBatch, outcome: Outcome): void {
    const { storage } = batch
    const isDone = outcome.ok && batch.attempts === 1 && this.settings.acks !== 0
    if (isDone && storage && this.free.length < MAX_FREE_BUFFERS) this.free.push(storage)
  }

  recycled(): Buffer | undefined {
    return this.free.pop()
  }

  private reportFailure(queue: PartitionQueue, batch: ProducerBatch, outcome: Outcome & { ok: false }): void {
    const { topic, partition } = queue
    const errorOf = (index: number): Error => outcome.recordErrors.get(index) ?? outcome.error
    const promised = new Set(batch.callbacks.map((callback) => callback.index))
    for (const { index, reject } of batch.callbacks) reject(errorOf(index))
    this.counts.failed += batch.recordCount
    if (promised.size === batch.recordCount) return
    const cursor = batch.cursor()
    for (let index = 0; cursor.next(); index++) {
      if (promised.has(index)) continue
      this.settings.onError(errorOf(index), { topic, partition, key: cursor.key(), value: cursor.value() })
    }
  }

  private released(bytes: number): void {
    this.bufferedBytes -= bytes
    if (this.hasRoom && this.roomWaiters.length > 0) for (const resolve of this.roomWaiters.splice(0)) resolve()
    if (this.idleWaiters.length > 0) this.wake(true)
  }
}
