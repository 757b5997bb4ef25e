/** Puts a task together: the plugin's task, converters, transformations, clients and what happens to errors. */
import { javaRegex } from '../../base/java-regex.ts'
import type { Props } from '../api/config.ts'
import type { SinkPlugin, SourcePlugin } from '../api/plugin.ts'
import type { SourceRecord } from '../api/record.ts'
import { PluginConfig } from '../config/plugin-config.ts'
import { runtimeKeys } from '../config/validate.ts'
import type { WorkerConfig } from '../config/worker-config.ts'
import { writeJson } from '../offsets/json.ts'
import type { OffsetStore } from '../offsets/store.ts'
import type { Plugins } from '../plugins/registry.ts'
import { type ClientSource, openAdmin, openConsumer, openProducer } from './clients.ts'
import { type ConsumedRecord, describeConsumed } from './consumed-record.ts'
import { makeConverters } from './converters.ts'
import { DeadLetterQueue, type DeadLetterSettings, ensureDeadLetterTopic } from './dead-letter-queue.ts'
import type { Log } from './log.ts'
import { type ErrorSettings, logReporter, RecordErrors, type Reporter } from './record-errors.ts'
import { SinkWork } from './sink-work.ts'
import { SourceWork } from './source-work.ts'
import { hasTopicCreation, TopicCreation, topicGroups } from './topic-creation.ts'
import { TransformationChain } from './transformation-chain.ts'
import { WorkerTask } from './worker-task.ts'

/** What all tasks of a worker share. */
export interface WorkerParts {
  readonly config: WorkerConfig
  readonly plugins: Plugins
  readonly offsets: OffsetStore
  readonly log: Log
}

export interface TaskOrder {
  readonly connector: string
  readonly task: number
  readonly plugin: SourcePlugin | SinkPlugin
  /** The connector's configs, which rule the clients, converters and transformations. */
  readonly connectorProps: Props
  readonly taskProps: Props
  readonly paused: boolean
  readonly onTopic: (topic: string) => void
}

/** The group of a sink connector. */
export const groupOf = (connector: string, props: Props): string =>
  props['consumer.override.group.id'] ?? `connect-${connector}`

const errorSettings = (configs: PluginConfig): ErrorSettings => ({
  retryTimeoutMs: Number(configs.number('errors.retry.timeout')),
  retryDelayMaxMs: Number(configs.number('errors.retry.delay.max.ms')),
  tolerance: configs.text('errors.tolerance') === 'all' ? 'all' : 'none',
})

/** The log, if failed records are told of there. */
const logReporters = <R>(
  configs: PluginConfig,
  log: Log,
  id: string,
  describe: (record: R) => string,
): Reporter<R>[] => {
  if (!configs.flag('errors.log.enable')) return []
  return [logReporter(log, id, configs.flag('errors.log.include.messages') ? describe : null)]
}

const describeSource = (record: SourceRecord): string =>
  `source record is {sourcePartition=${writeJson(record.sourcePartition)}, sourceOffset=${writeJson(record.sourceOffset)}, topic='${record.topic}'}`

/** @throws whatever is wrong with converters, transformations or configs */
export const makeTask = (worker: WorkerParts, order: TaskOrder): WorkerTask => {
  const { connector, task, plugin, connectorProps, paused } = order
  const log = worker.log.of(connector, `task-${task}`)
  const stopped = new AbortController()
  const keys = runtimeKeys(worker.plugins, worker.config, plugin.type === 'source', plugin.version)
  const configs = new PluginConfig(
    keys.map((key) => (key.type === 'CLASS' ? { ...key, type: 'STRING' } : key)),
    connectorProps,
  )
  const make = plugin.type === 'source' ? sourceWork : sinkWork
  const work = make(worker, { ...order, plugin: plugin as SourcePlugin & SinkPlugin }, configs, log, stopped.signal)
  return new WorkerTask({ connector, task }, work, log, paused, stopped)
}

const sourceWork = (
  worker: WorkerParts,
  order: TaskOrder & { plugin: SourcePlugin },
  configs: PluginConfig,
  log: Log,
  stopped: AbortSignal,
): SourceWork => {
  const { connector, connectorProps: props, taskProps, plugin } = order
  const { config, plugins, offsets } = worker
  const id = `${connector}-${order.task}`
  const clients: ClientSource = { worker: config, props, log }
  const reporters = logReporters(configs, log, id, describeSource)
  const createsTopics = config.boolean('topic.creation.enable') && hasTopicCreation(props)
  return new SourceWork({
    connector,
    id,
    props: taskProps,
    task: plugin.makeTask(),
    chain: new TransformationChain(plugins, props),
    converters: makeConverters(plugins, config, props),
    errors: new RecordErrors(errorSettings(configs), reporters, stopped),
    offsets,
    openProducer: (onError) => openProducer(clients, `connector-producer-${id}`, onError),
    topicCreation: createsTopics
      ? new TopicCreation(topicGroups(props), () => openAdmin(clients, `connector-adminclient-${id}`), log)
      : null,
    flushIntervalMs: config.number('offset.flush.interval.ms'),
    flushTimeoutMs: config.number('offset.flush.timeout.ms'),
    onTopic: order.onTopic,
    log,
    stopped,
  })
}

/** Opened when the task starts, since its topic may have to be made. */
class LateDeadLetters {
  #queue: DeadLetterQueue | null = null
  readonly #open: () => Promise<DeadLetterQueue>

  constructor(open: () => Promise<DeadLetterQueue>) {
    this.#open = open
  }

  async open(): Promise<void> {
    this.#queue = await this.#open()
  }

  readonly report: Reporter<ConsumedRecord> = async (failure) => this.#queue?.report(failure)

  async close(): Promise<void> {
    await this.#queue?.close()
  }
}

const deadLetters = (
  order: TaskOrder,
  configs: PluginConfig,
  clients: ClientSource,
  log: Log,
): LateDeadLetters | null => {
  const topic = configs.text('errors.deadletterqueue.topic.name') ?? ''
  if (topic === '') return null
  const settings: DeadLetterSettings = {
    topic,
    replicationFactor: configs.number('errors.deadletterqueue.topic.replication.factor'),
    withContext: configs.flag('errors.deadletterqueue.context.headers.enable'),
    connector: order.connector,
    task: order.task,
  }
  const id = `${order.connector}-${order.task}`
  return new LateDeadLetters(async () => {
    const admin = await openAdmin(clients, `connector-dlq-adminclient-${id}`)
    try {
      await ensureDeadLetterTopic(admin, settings, log)
    } finally {
      await admin.close()
    }
    const producer = await openProducer(clients, `connector-dlq-producer-${id}`, () => {})
    return new DeadLetterQueue(settings, producer, log)
  })
}

const sinkWork = (
  worker: WorkerParts,
  order: TaskOrder & { plugin: SinkPlugin },
  configs: PluginConfig,
  log: Log,
  stopped: AbortSignal,
): SinkWork => {
  const { connector, connectorProps: props, taskProps, plugin } = order
  const { config, plugins } = worker
  const id = `${connector}-${order.task}`
  const clients: ClientSource = { worker: config, props, log }
  const letters = deadLetters(order, configs, clients, log)
  const reporters = logReporters(configs, log, id, describeConsumed)
  if (letters) reporters.push(letters.report)
  const regex = configs.text('topics.regex') ?? ''
  return new SinkWork({
    id,
    props: taskProps,
    task: plugin.makeTask(),
    subscription: regex === '' ? { topics: configs.list('topics') } : { pattern: javaRegex(regex) },
    chain: new TransformationChain(plugins, props),
    converters: makeConverters(plugins, config, props),
    errors: new RecordErrors(errorSettings(configs), reporters, stopped),
    openConsumer: async (beforeRevoke) => {
      await letters?.open()
      return openConsumer(clients, groupOf(connector, props), `connector-consumer-${id}`, beforeRevoke)
    },
    flushIntervalMs: config.number('offset.flush.interval.ms'),
    onTopic: order.onTopic,
    closeReporters: async () => letters?.close(),
    log,
  })
}
