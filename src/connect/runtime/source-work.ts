import type { Producer } from '../../client/producer/producer.ts'
import type { TopicWriter } from '../../client/producer/topic-writer.ts'
import type { RecordHeaderInput } from '../../protocol/records/batch-builder.ts'
import type { Props } from '../api/config.ts'
import type { SourceTask } from '../api/connector.ts'
import type { SourceRecord } from '../api/record.ts'
import { ConnectError } from '../data/errors.ts'
import type { OffsetStore } from '../offsets/store.ts'
import type { Converters } from './converters.ts'
import type { Log } from './log.ts'
import type { Position, RecordErrors } from './record-errors.ts'
import { type Submitted, SubmittedOffsets } from './submitted-offsets.ts'
import type { TopicCreation } from './topic-creation.ts'
import { messageOf } from './trace.ts'
import type { TransformationChain } from './transformation-chain.ts'
import { stopTask, type TaskWork, untilAborted, within } from './worker-task.ts'

/** What the work of a source task is made of. */
export interface SourceParts {
  readonly connector: string
  /** `name-0` */
  readonly id: string
  readonly props: Props
  readonly task: SourceTask
  readonly chain: TransformationChain
  readonly converters: Converters
  readonly errors: RecordErrors<SourceRecord>
  readonly offsets: OffsetStore
  readonly openProducer: (onError: (error: Error) => void) => Promise<Producer>
  /** Null: the brokers create topics, or nobody. */
  readonly topicCreation: TopicCreation | null
  readonly flushIntervalMs: number
  readonly flushTimeoutMs: number
  /** A topic was written to. */
  readonly onTopic: (topic: string) => void
  readonly log: Log
  /** Aborted when the task is stopped. */
  readonly stopped: AbortSignal
}

/** A record as the producer takes it. */
interface Prepared {
  readonly topic: string
  readonly partition: number | null
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeaderInput[] | null
  readonly timestamp: number
}

/** A source task's loop: poll, transform, convert, send; in intervals the offsets of what was acknowledged are stored. */
export class SourceWork implements TaskWork {
  readonly #parts: SourceParts
  readonly #submitted = new SubmittedOffsets()
  readonly #writers = new Map<string, TopicWriter>()
  #producer: Producer | null = null
  #started = false
  #timer: NodeJS.Timeout | null = null
  #committing: Promise<void> = Promise.resolve()
  /** What the producer refused last; it says so while the record is appended. */
  #refused: Error | null = null
  #failure: Error | null = null

  constructor(parts: SourceParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { task, props, offsets, connector, flushIntervalMs, log } = this.#parts
    this.#producer = await this.#parts.openProducer((error) => {
      this.#refused = error
    })
    this.#started = true
    const reader = { offset: async (partition: Parameters<OffsetStore['get']>[1]) => offsets.get(connector, partition) }
    await task.start(props, { offsets: reader, props, log })
    log.info(`WorkerSourceTask{id=${this.#parts.id}} Source task finished initialization and start`)
    this.#timer = setInterval(() => void this.#commitInBackground(), Math.max(1, flushIntervalMs))
  }

  async turn(signal: AbortSignal, paused: boolean): Promise<void> {
    this.#throwFailure()
    if (paused) return untilAborted(signal)
    const records = await this.#parts.task.poll(signal)
    for (const record of records ?? []) {
      this.#throwFailure()
      await this.#send(record)
    }
    // A source that always has something at hand must not keep the event loop from everybody else.
    await new Promise((resolve) => setImmediate(resolve))
  }

  async #send(record: SourceRecord): Promise<void> {
    const { errors } = this.#parts
    const outcome = errors.run(record, (at) => this.#prepare(record, at))
    const prepared = outcome instanceof Promise ? await outcome : outcome
    if (prepared === undefined || prepared === null) return this.#parts.task.commitRecord?.(record, null)
    if (!this.#producer!.hasRoom || !this.#submitted.hasRoom) await this.#untilRoom()
    const writer = this.#writers.get(prepared.topic) ?? (await this.#openTopic(prepared.topic))
    await this.#append(writer, prepared, record)
  }

  /** Waits for room, after a stop only so long: the rest of what was polled is then read again. */
  async #untilRoom(): Promise<void> {
    const room = Promise.all([this.#producer!.drained(), this.#submitted.room()])
    const { stopped, flushTimeoutMs } = this.#parts
    const inTime = await Promise.race([room, untilAborted(stopped).then(() => within(room, flushTimeoutMs))])
    if (inTime === false) {
      throw new ConnectError(
        'The producer had no room left when the task was stopped; what was not sent is read again.',
      )
    }
  }

  #prepare(record: SourceRecord, at: Position): Prepared | null {
    const { chain, converters } = this.#parts
    const made = chain.apply(record, at)
    if (made === null) return null
    const { topic, kafkaPartition, timestamp } = made
    const headers = made.headers.length === 0 ? [] : [...made.headers]
    at.stage = 'KEY_CONVERTER'
    at.className = converters.classes.key
    const key = converters.key.fromConnectData(topic, headers, made.keySchema, made.key)
    at.stage = 'VALUE_CONVERTER'
    at.className = converters.classes.value
    const value = converters.value.fromConnectData(topic, headers, made.valueSchema, made.value)
    at.stage = 'HEADER_CONVERTER'
    at.className = converters.classes.header
    const written =
      headers.length === 0
        ? null
        : headers.map((header) => ({
            key: header.key,
            value: converters.header.fromConnectHeader(topic, header.key, header.schema, header.value),
          }))
    at.stage = 'KAFKA_PRODUCE'
    at.className = 'org.apache.kafka.connect.source.SourceTask'
    if (topic === '' || typeof topic !== 'string') throw new ConnectError('A source record has no topic.')
    return { topic, partition: kafkaPartition, key, value, headers: written, timestamp: timestamp ?? Date.now() }
  }

  async #openTopic(topic: string): Promise<TopicWriter> {
    const open = async (): Promise<TopicWriter> => {
      await this.#parts.topicCreation?.ensure(topic)
      return this.#producer!.topic(topic)
    }
    const opening = open()
    opening.catch(() => {})
    const opened = await Promise.race([opening, untilAborted(this.#parts.stopped)])
    if (opened === undefined) {
      throw new ConnectError(`The task was stopped while topic ${topic} was not there yet; nothing was sent to it.`)
    }
    this.#writers.set(topic, opened)
    this.#parts.onTopic(topic)
    return opened
  }

  async #append(writer: TopicWriter, prepared: Prepared, record: SourceRecord): Promise<void> {
    const { topic, partition, key, value, headers, timestamp } = prepared
    if (partition !== null && (partition < 0 || partition >= writer.partitionCount)) {
      const range = `[0...${writer.partitionCount})`
      return this.#lost(
        record,
        new ConnectError(`Invalid partition given with record: ${partition} is not in the range ${range}.`),
      )
    }
    const batch = writer.append(key, value, headers, timestamp, partition ?? undefined)
    if (batch === null)
      return this.#lost(record, this.#refused ?? new ConnectError(`A record for ${topic} was refused.`))
    const submitted = this.#submitted.submit(record.sourcePartition, record.sourceOffset)
    batch.callbacks.push({
      index: batch.recordCount - 1,
      timestamp,
      resolve: (metadata) => this.#acknowledged(submitted, record, metadata),
      reject: (error) => {
        this.#lost(record, error).then(
          () => this.#submitted.acknowledge(submitted),
          (failure: unknown) => {
            this.#failure ??= failure as Error
          },
        )
      },
    })
  }

  #acknowledged(
    submitted: Submitted,
    record: SourceRecord,
    metadata: Parameters<NonNullable<SourceTask['commitRecord']>>[1],
  ): void {
    this.#submitted.acknowledge(submitted)
    try {
      this.#parts.task.commitRecord?.(record, metadata)
    } catch (error) {
      this.#parts.log.error(`Exception thrown while calling task.commitRecord(): ${messageOf(error)}`)
    }
  }

  /** A record that could not be written: skipped where errors are tolerated. */
  async #lost(record: SourceRecord, error: Error): Promise<void> {
    const at = { stage: 'KAFKA_PRODUCE', className: 'org.apache.kafka.connect.source.SourceTask' } as const
    this.#parts.log.error(
      `WorkerSourceTask{id=${this.#parts.id}} failed to send record to ${record.topic}: ${messageOf(error)}`,
    )
    try {
      await this.#parts.errors.failed({ ...at, record, error })
    } catch {
      throw new ConnectError('Unrecoverable exception from producer send callback', { cause: error })
    }
    this.#parts.task.commitRecord?.(record, null)
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure
  }

  #commitInBackground(): Promise<void> {
    this.#committing = this.#committing.then(() => this.#commit())
    return this.#committing
  }

  /** Stores the offsets of what was acknowledged. Never rejects: the next try has them again, or newer ones. */
  async #commit(): Promise<void> {
    const { offsets, connector, id, task, log } = this.#parts
    const committable = this.#submitted.takeCommittable()
    try {
      if (committable.length > 0) await offsets.set(connector, committable)
    } catch (error) {
      log.error(`WorkerSourceTask{id=${id}} Failed to flush offsets to storage: ${messageOf(error)}`)
      return
    }
    try {
      await task.commit?.()
    } catch (error) {
      log.error(`WorkerSourceTask{id=${id}} Exception thrown while calling task.commit(): ${messageOf(error)}`)
    }
  }

  async finish(): Promise<void> {
    const { flushTimeoutMs, log, id } = this.#parts
    const flushed = await within(this.#producer!.flush(), flushTimeoutMs)
    if (!flushed)
      log.error(
        `WorkerSourceTask{id=${id}} Timed out waiting for ${this.#submitted.pending} records to be acknowledged; they will be sent again.`,
      )
    this.#throwFailure()
  }

  async release(): Promise<void> {
    const { task, chain, log, id, flushTimeoutMs } = this.#parts
    if (this.#timer) clearInterval(this.#timer)
    await this.#commitInBackground()
    if (this.#started) await stopTask(task, log, `WorkerSourceTask{id=${id}}`)
    chain.close()
    await this.#parts.topicCreation?.close()
    const producer = this.#producer
    if (producer === null) return
    const closed = await within(producer.close(), flushTimeoutMs).catch(() => true)
    // What can't be delivered must not keep the process.
    if (!closed) await producer.cluster.close()
  }
}
