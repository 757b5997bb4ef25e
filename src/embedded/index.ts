/** The package's API for tests: Apache Kafka's protocol in this process, on a free port, gone without a trace afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kafka, KafkaConfig } from 'kafkajs'
import { ManualClock } from '../base/clock.ts'
import type { Broker } from '../broker/broker.ts'
import type { FaultyDisk } from '../broker/faults/faulty-disk.ts'
import { defaultEmbeddedProperties } from '../config/embedded-config.ts'
import type { BrokerClock, BrokerFaults } from './faults.ts'

/** Where the broker logs; a pino logger fits. */
export interface EmbeddedLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** How a topic is created. */
export interface TopicOptions {
  /** Default: `num.partitions`, which is 1. */
  partitions?: number
  /** Topic configs, e.g. `{ 'retention.ms': '60000' }`. */
  configs?: Record<string, string>
}

/** A topic for `startBroker` to create. */
export interface EmbeddedTopic extends TopicOptions {
  name: string
}

export interface StartBrokerOptions {
  /** Port for clients; 0, the default, takes a free one. */
  port?: number
  /** Directory of the data, kept on stop. Default: a temporary one, removed on stop. */
  dataDir?: string
  /** Broker configs as in server.properties, over the defaults of the embedded broker. */
  properties?: Record<string, string>
  /** Topics to create before `startBroker` resolves: names, or names with partitions and configs. */
  topics?: readonly (string | EmbeddedTopic)[]
  /** Default: nothing is logged. */
  logger?: EmbeddedLogger
  /** The time the broker's clock stands at, in ms since 1970, until `clock.advance` moves it. Default: real time. */
  clockMs?: number
}

/** A running broker. With `await using` it stops by itself at the end of the block. */
export interface EmbeddedBroker extends AsyncDisposable {
  /** `host:port`, as clients want it. */
  readonly bootstrapServers: string
  readonly port: number
  readonly dataDir: string
  readonly clusterId: string
  /** Faults on demand: late, lost and refused answers, a broken disk, fenced producers, expired members. */
  readonly faults: BrokerFaults
  /** The broker's clock, when `clockMs` was given. */
  readonly clock: BrokerClock | undefined
  /**
   * Creates a topic; it can be written and read when this resolves.
   * @throws Error with the broker's words, e.g. when it exists
   */
  createTopic(name: string, options?: TopicOptions): Promise<void>
  /**
   * A kafkajs client of this broker, ready for `admin()`, `producer()` and `consumer()`; disconnect these before `stop`. What kafkajs
   * logs from WARN on goes to the broker's logger. kafkajs is loaded by the first call.
   * @param config kafkajs's configuration, over the address and kt's defaults
   */
  kafkajs(config?: Partial<KafkaConfig>): Promise<Kafka>
  /** Stops the broker; removes its data if the directory was temporary. Can be called more than once. */
  stop(): Promise<void>
}

const silent: EmbeddedLogger = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * Starts a broker in this process; resolves when clients can use it.
 * @throws Error when a config is wrong, the port is taken or the data directory in use; nothing is left then
 */
export async function startBroker(options: StartBrokerOptions = {}): Promise<EmbeddedBroker> {
  const { port = 0, properties = {}, topics = [], logger = silent } = options
  const [{ runNode }, { createTopics }, { FaultyDisk }] = await Promise.all([
    import('../broker/process/run-node.ts'),
    import('../broker/process/create-topics.ts'),
    import('../broker/faults/faulty-disk.ts'),
  ])
  const disk = new FaultyDisk()
  const clock = options.clockMs === undefined ? undefined : new ManualClock(options.clockMs)
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'kt-broker-')))
  const removeData = async (): Promise<void> => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
  }
  const start = async () => {
    const texts = defaultEmbeddedProperties({ port, dataDir, overrides: properties })
    const node = await runNode({ properties: texts, logger, format: true, disk, clock })
    const specs = topics.map((topic) => (typeof topic === 'string' ? { name: topic } : topic))
    try {
      await createTopics(node.state.host, node.state.port, specs)
    } catch (error) {
      await node.stop()
      throw error
    }
    return node
  }
  const node = await start().catch(async (error: unknown) => {
    await removeData()
    throw error
  })
  const { state } = node
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= node.stop().finally(removeData))
  return {
    bootstrapServers: state.bootstrap,
    port: state.port,
    dataDir,
    clusterId: state.clusterId,
    clock,
    faults: faultsOf(node.broker, disk),
    createTopic: (name, topic = {}) => createTopics(state.host, state.port, [{ name, ...topic }]),
    kafkajs: async (config) => {
      const { connectKafkaJs } = await import('../client/kafkajs.ts')
      const warn = (message: string): void => logger.warn({ client: 'kafkajs' }, message)
      return connectKafkaJs({ bootstrapServers: [{ host: state.host, port: state.port }], warn }, config)
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function faultsOf(broker: Broker, disk: FaultyDisk): BrokerFaults {
  const { faults } = broker
  return {
    delay: (delayMs, target) => faults.add({ ...target, kind: 'delay', delayMs }),
    drop: (target) => faults.add({ ...target, kind: 'drop' }),
    close: (target) => faults.add({ ...target, kind: 'close' }),
    error: (error, target) => faults.add({ ...target, kind: 'error', error }),
    fenceProducer: (transactionalId) => broker.fenceProducer(transactionalId),
    expireMember: (groupId, member) => broker.expireMembers(groupId, member),
    clear: () => {
      faults.clear()
      disk.heal()
    },
    disk: {
      fail: (error, match) => disk.fail(error, match),
      slow: (delayMs, match) => disk.slow(delayMs, match),
      heal: () => disk.heal(),
    },
  }
}
