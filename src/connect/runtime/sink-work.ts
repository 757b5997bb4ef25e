import type { Consumer } from '../../client/consumer/consumer.ts'
import type { FetchedPartition } from '../../client/consumer/fetched.ts'
import { type OffsetAndMetadata, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { isLogAppendTime } from '../../protocol/records/batch-header.ts'
import type { Props } from '../api/config.ts'
import type { SinkOffsets, SinkTask } from '../api/connector.ts'
import type { SinkRecord } from '../api/record.ts'
import { ConnectError, RetriableError } from '../data/errors.ts'
import type { ConsumedRecord } from './consumed-record.ts'
import type { Converters } from './converters.ts'
import type { Log } from './log.ts'
import type { Position, RecordErrors } from './record-errors.ts'
import { SinkContext } from './sink-context.ts'
import { messageOf } from './trace.ts'
import type { TransformationChain } from './transformation-chain.ts'
import { stopTask, type TaskWork } from './worker-task.ts'

/** What the work of a sink task is made of. */
export interface SinkParts {
  /** `name-0` */
  readonly id: string
  readonly props: Props
  readonly task: SinkTask
  readonly subscription: { topics: readonly string[] } | { pattern: RegExp }
  readonly chain: TransformationChain
  readonly converters: Converters
  readonly errors: RecordErrors<ConsumedRecord>
  readonly openConsumer: (
    beforeRevoke: (partitions: readonly TopicPartition[]) => Promise<void>,
  ) => Promise<{ consumer: Consumer; maxPollRecords: number }>
  readonly flushIntervalMs: number
  readonly onTopic: (topic: string) => void
  /** Closes what reports errors. */
  readonly closeReporters: () => Promise<void>
  readonly log: Log
}

/** How long a poll waits at most: stopping and pausing interrupt it anyway. */
const MAX_POLL_MS = 60_000

/**
 * A sink task's loop: poll, convert, transform, put; in intervals, and before partitions are given away, the task is flushed and what it
 * has taken is committed. While it has no use for more records (RetriableError) its partitions are paused and the same records are put again.
 */
export class SinkWork implements TaskWork {
  readonly #parts: SinkParts
  readonly #context: SinkContext
  #consumer!: Consumer
  #maxPollRecords = 500
  #isOpen = false
  #started = false
  #topics = new Set<string>()
  /** Read from Kafka and not put yet. */
  #pending: ConsumedRecord[] = []
  /** Converted, and to be put again. */
  #batch: SinkRecord[] = []
  #retrying = false
  #paused = false
  #assigned = new Map<string, TopicPartition>()
  /** Next offsets after what was put, and what was committed last. */
  #current = new Map<string, number>()
  #committed = new Map<string, number>()
  #nextCommitMs = 0
  #working: Promise<void> = Promise.resolve()

  constructor(parts: SinkParts) {
    this.#parts = parts
    this.#context = new SinkContext({
      props: parts.props,
      log: parts.log,
      assignment: () => [...this.#assigned.values()],
      pause: (partitions) => this.#consumer.pause(partitions),
      resume: (partitions) => this.#resume(partitions),
      report: parts.errors.hasReporters ? (record, error) => this.#reported(record, error) : null,
    })
  }

  async start(): Promise<void> {
    const { task, props, log, id, subscription, flushIntervalMs } = this.#parts
    const opened = await this.#parts.openConsumer((partitions) => this.#revoked(partitions))
    this.#consumer = opened.consumer
    this.#maxPollRecords = opened.maxPollRecords
    this.#isOpen = true
    this.#consumer.subscribe(subscription)
    this.#started = true
    await task.start(props, this.#context)
    this.#nextCommitMs = performance.now() + flushIntervalMs
    log.info(`WorkerSinkTask{id=${id}} Sink task finished initialization and start`)
  }

  async turn(signal: AbortSignal, paused: boolean): Promise<void> {
    const wake = (): void => this.#consumer.wakeup()
    signal.addEventListener('abort', wake)
    try {
      await this.#turn(paused)
    } catch (error) {
      if ((error as { reason?: string }).reason !== 'wakeup') throw error
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }

  async #turn(paused: boolean): Promise<void> {
    if (paused !== this.#paused) {
      this.#paused = paused
      if (paused) this.#consumer.pause([...this.#assigned.values()])
      else this.#resume([...this.#assigned.values()])
    }
    const now = performance.now()
    if (now >= this.#nextCommitMs || this.#context.takeCommitRequest()) await this.#alone(() => this.#commit())
    const mayPut = !paused && !(this.#retrying && this.#context.retryAtMs > now)
    const hasWork = mayPut && (this.#batch.length > 0 || this.#pending.length > 0)
    const fetched = await this.#consumer.poll(hasWork ? 0 : this.#waitMs(now))
    await this.#alone(async () => {
      await this.#followAssignment()
      for (const one of fetched) this.#take(one)
      if (!mayPut) return
      await this.#convert()
      await this.#deliver()
    })
  }

  /** A rebalance may begin at any time, but the task does one thing at a time. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const before = this.#working
    const mine = before.then(work)
    this.#working = mine.catch(() => {})
    await mine
  }

  #waitMs(now: number): number {
    const retryMs = this.#retrying ? this.#context.retryAtMs - now : MAX_POLL_MS
    return Math.max(0, Math.min(MAX_POLL_MS, this.#nextCommitMs - now, retryMs))
  }

  #resume(partitions: readonly TopicPartition[]): void {
    if (this.#paused || this.#retrying) return
    this.#consumer.resume(partitions.filter((tp) => !this.#context.paused.has(topicPartitionKey(tp))))
  }

  /** Opens what came with the last rebalance, and forgets what was lost without warning. */
  async #followAssignment(): Promise<void> {
    const now = new Map(this.#consumer.assignedPartitions().map((tp) => [topicPartitionKey(tp), tp]))
    const lost = [...this.#assigned].filter(([key]) => !now.has(key)).map(([, tp]) => tp)
    const added = [...now].filter(([key]) => !this.#assigned.has(key)).map(([, tp]) => tp)
    if (lost.length > 0) await this.#close(lost)
    if (added.length === 0) return
    this.#assigned = now
    if (this.#paused || this.#retrying) this.#consumer.pause(added)
    await this.#parts.task.open?.(added)
    this.#rewind()
  }

  /** The group takes partitions away: commit what was put, and close them. */
  #revoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#alone(() => this.#giveBack(partitions))
  }

  async #giveBack(partitions: readonly TopicPartition[]): Promise<void> {
    const mine = partitions.filter((tp) => this.#assigned.has(topicPartitionKey(tp)))
    if (mine.length === 0) return
    try {
      await this.#commit(mine)
      await this.#close(mine)
    } catch (error) {
      this.#parts.log.error(`WorkerSinkTask{id=${this.#parts.id}} Closing partitions failed: ${messageOf(error)}`)
    }
  }

  async #close(partitions: readonly TopicPartition[]): Promise<void> {
    const keys = new Set(partitions.map(topicPartitionKey))
    const isGone = (topic: string, partition: number): boolean => keys.has(topicPartitionKey({ topic, partition }))
    await this.#parts.task.close?.(partitions)
    for (const key of keys) for (const map of [this.#assigned, this.#current, this.#committed]) map.delete(key)
    this.#pending = this.#pending.filter(({ topic, partition }) => !isGone(topic, partition))
    this.#batch = this.#batch.filter((record) => !isGone(record.originalTopic, record.originalKafkaPartition))
    if (this.#batch.length === 0) this.#retrying = false
  }

  #take(fetched: FetchedPartition): void {
    const { topic, partition } = fetched
    if (!this.#assigned.has(topicPartitionKey(fetched))) return
    if (!this.#topics.has(topic)) {
      this.#topics.add(topic)
      this.#parts.onTopic(topic)
    }
    this.#consumer.consume(fetched, (cursor) => {
      const timestampType = isLogAppendTime(cursor.batch.attributes) ? 'LogAppendTime' : 'CreateTime'
      this.#pending.push({ topic, partition, timestampType, ...cursor.decode() })
    })
  }

  /** Makes the next records to put. */
  async #convert(): Promise<void> {
    if (this.#batch.length > 0 || this.#pending.length === 0) return
    const { errors } = this.#parts
    const raw = this.#pending.splice(0, this.#maxPollRecords)
    for (const record of raw) {
      const outcome = errors.run(record, (at) => this.#sinkRecord(record, at))
      const made = outcome instanceof Promise ? await outcome : outcome
      if (made) this.#batch.push(made)
      // What was skipped is done with as well.
      this.#current.set(topicPartitionKey(record), record.offset + 1)
    }
  }

  #sinkRecord(record: ConsumedRecord, at: Position): SinkRecord | null {
    const { converters, chain } = this.#parts
    const { topic, partition, offset, timestamp, headers } = record
    at.stage = 'KEY_CONVERTER'
    at.className = converters.classes.key
    const key = converters.key.toConnectData(topic, headers, record.key)
    at.stage = 'VALUE_CONVERTER'
    at.className = converters.classes.value
    const value = converters.value.toConnectData(topic, headers, record.value)
    at.stage = 'HEADER_CONVERTER'
    at.className = converters.classes.header
    const connectHeaders = headers.map((header) => ({
      key: header.key,
      ...converters.header.toConnectHeader(topic, header.key, header.value),
    }))
    const made = chain.apply<SinkRecord>(
      {
        topic,
        kafkaPartition: partition,
        kafkaOffset: offset,
        keySchema: key.schema,
        key: key.value,
        valueSchema: value.schema,
        value: value.value,
        timestamp,
        timestampType: record.timestampType,
        headers: connectHeaders,
        originalTopic: topic,
        originalKafkaPartition: partition,
        originalKafkaOffset: offset,
      },
      at,
    )
    if (made !== null) this.#context.remember(made, record)
    return made
  }

  async #deliver(): Promise<void> {
    try {
      await this.#parts.task.put(this.#batch)
      await this.#context.reportsDone()
    } catch (error) {
      if (!(error instanceof RetriableError)) {
        throw new ConnectError('Exiting WorkerSinkTask due to unrecoverable exception.', { cause: error })
      }
      const { id, log, flushIntervalMs } = this.#parts
      log.error(`WorkerSinkTask{id=${id}} RetriableException from SinkTask: ${messageOf(error)}`)
      this.#retrying = true
      this.#context.retryAfter(Math.max(0, Math.min(flushIntervalMs, this.#nextCommitMs - performance.now())))
      this.#consumer.pause([...this.#assigned.values()])
      return
    }
    this.#batch = []
    if (this.#retrying) {
      this.#retrying = false
      this.#resume([...this.#assigned.values()])
    }
    this.#rewind()
  }

  /** Goes to the offsets the task asked for. */
  #rewind(): void {
    for (const [tp, offset] of this.#context.takeRewinds()) {
      const key = topicPartitionKey(tp)
      if (!this.#assigned.has(key)) continue
      this.#consumer.seek(tp, { offset })
      this.#current.set(key, offset)
      this.#pending = this.#pending.filter((record) => topicPartitionKey(record) !== key)
    }
  }

  /** What may be committed: what was put, and nothing of a batch that is to be put again. */
  #delivered(only: readonly TopicPartition[] | undefined): Map<string, number> {
    const delivered = new Map(this.#current)
    for (const { originalTopic: topic, originalKafkaPartition: partition, originalKafkaOffset: offset } of this
      .#batch) {
      const key = topicPartitionKey({ topic, partition })
      delivered.set(key, Math.min(delivered.get(key) ?? offset, offset))
    }
    if (only === undefined) return delivered
    const keys = new Set(only.map(topicPartitionKey))
    return new Map([...delivered].filter(([key]) => keys.has(key)))
  }

  async #commit(only?: readonly TopicPartition[]): Promise<void> {
    const { task, log, id, flushIntervalMs } = this.#parts
    this.#nextCommitMs = performance.now() + flushIntervalMs
    const current = this.#delivered(only)
    if (current.size === 0) return
    let wanted: SinkOffsets
    try {
      wanted = await preCommit(task, current)
    } catch (error) {
      log.error(
        `WorkerSinkTask{id=${id}} Offset commit failed, rewinding to last committed offsets: ${messageOf(error)}`,
      )
      this.#rewindToCommitted(current)
      return
    }
    const offsets = new Map<TopicPartition, OffsetAndMetadata>()
    for (const [key, offset] of wanted) {
      const tp = this.#assigned.get(key)
      if (tp === undefined || offset > (current.get(key) ?? -1)) {
        log.warn(`WorkerSinkTask{id=${id}} Ignoring invalid task provided offset ${key}/${offset}`)
      } else if (this.#committed.get(key) !== offset) offsets.set(tp, { offset, leaderEpoch: null, metadata: '' })
    }
    if (offsets.size === 0) return
    try {
      await this.#consumer.commitSync(offsets)
      for (const [tp, { offset }] of offsets) this.#committed.set(topicPartitionKey(tp), offset)
    } catch (error) {
      // The next commit has these offsets again, or newer ones.
      log.error(`WorkerSinkTask{id=${id}} Commit of offsets threw an unexpected exception: ${messageOf(error)}`)
    }
  }

  #rewindToCommitted(current: ReadonlyMap<string, number>): void {
    for (const key of current.keys()) {
      const tp = this.#assigned.get(key)
      const offset = this.#committed.get(key)
      if (tp && offset !== undefined) this.#context.offset(tp, offset)
    }
    this.#batch = []
    this.#rewind()
  }

  #reported(record: SinkRecord, error: Error): Promise<void> {
    const raw = this.#context.recall(record)
    if (raw === undefined) return Promise.reject(new ConnectError('This record did not come from this task.'))
    const className = 'org.apache.kafka.connect.sink.SinkTask'
    return this.#parts.errors.failed({ stage: 'TASK_PUT', className, record: raw, error })
  }

  async finish(): Promise<void> {
    await this.#commit()
    await this.#close([...this.#assigned.values()])
  }

  async release(): Promise<void> {
    const { task, chain, log, id } = this.#parts
    if (this.#started) await stopTask(task, log, `WorkerSinkTask{id=${id}}`)
    chain.close()
    if (this.#isOpen) await this.#consumer.close().catch((error: unknown) => log.warn(messageOf(error)))
    await this.#parts.closeReporters().catch((error: unknown) => log.warn(messageOf(error)))
  }
}

/** What a task lets be committed: by default everything, once it is flushed. */
const preCommit = async (task: SinkTask, current: SinkOffsets): Promise<SinkOffsets> => {
  if (task.preCommit) return task.preCommit(current)
  await task.flush?.(current)
  return current
}
