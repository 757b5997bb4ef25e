import type { Producer } from '../../client/producer/producer.ts'
import type { Admin } from '../../client/types.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { RecordHeaderInput } from '../../protocol/records/batch-builder.ts'
import { ConnectError } from '../data/errors.ts'
import type { ConsumedRecord } from './consumed-record.ts'
import type { Log } from './log.ts'
import type { Failure } from './record-errors.ts'
import { exceptionClassOf, messageOf, traceOf } from './trace.ts'

export interface DeadLetterSettings {
  readonly topic: string
  readonly replicationFactor: number
  /** errors.deadletterqueue.context.headers.enable */
  readonly withContext: boolean
  readonly connector: string
  readonly task: number
}

const PREFIX = '__connect.errors.'

const contextHeaders = (
  { connector, task }: DeadLetterSettings,
  { record, error, stage, className }: Failure<ConsumedRecord>,
): RecordHeaderInput[] =>
  Object.entries({
    topic: record.topic,
    partition: String(record.partition),
    offset: String(record.offset),
    'connector.name': connector,
    'task.id': String(task),
    stage,
    'class.name': className,
    'exception.class.name': exceptionClassOf(error),
    'exception.message': messageOf(error),
    'exception.stacktrace': traceOf(error),
  }).map(([name, value]) => ({ key: `${PREFIX}${name}`, value: Buffer.from(value) }))

/** Makes sure the topic of the dead letters is there. @throws ConnectError */
export const ensureDeadLetterTopic = async (admin: Admin, settings: DeadLetterSettings, log: Log): Promise<void> => {
  const { topic, replicationFactor } = settings
  const topics = await admin.listTopics()
  if (topics.some(({ name }) => name === topic)) return
  log.error(`Topic ${topic} doesn't exist. Will attempt to create topic.`)
  const result = (await admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor }])).get(topic)
  if (result === undefined || result.ok) return
  if (result.error instanceof KafkaError && result.error.code === ErrorCode.TOPIC_ALREADY_EXISTS) return
  throw new ConnectError('Could not initialize dead letter queue', { cause: result.error })
}

/** Sends failed records to a topic, as they were read (KIP-298). */
export class DeadLetterQueue {
  readonly #settings: DeadLetterSettings
  readonly #producer: Producer
  readonly #log: Log

  constructor(settings: DeadLetterSettings, producer: Producer, log: Log) {
    this.#settings = settings
    this.#producer = producer
    this.#log = log
  }

  /** Resolves once the letter is written; one that can't be is told to the log. */
  async report(failure: Failure<ConsumedRecord>): Promise<void> {
    const { topic, withContext } = this.#settings
    const { key, value, timestamp, headers } = failure.record
    const all = withContext ? [...headers, ...contextHeaders(this.#settings, failure)] : headers
    try {
      await this.#producer.send({ topic, key, value, headers: all, ...(timestamp < 0 ? {} : { timestamp }) })
    } catch (error) {
      this.#log.error(`Could not produce message to dead letter queue. topic=${topic}: ${messageOf(error)}`)
    }
  }

  close(): Promise<void> {
    return this.#producer.close()
  }
}
