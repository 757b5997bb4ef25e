import { type Clock, systemClock } from '../base/clock.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import { META_PROPERTIES_FILE, readMetaProperties } from '../storage/meta-properties.ts'
import { createStorageContext, type StorageContext } from '../storage/storage-context.ts'
import { APIS } from './apis/index.ts'
import { ALLOW_ALL } from './authorizer/authorizer.ts'
import { AutoCreate } from './auto-create.ts'
import { BrokerStartError } from './broker-start-error.ts'
import { ConfigStore } from './config-store.ts'
import { bootstrapRecords } from './controller/bootstrap.ts'
import { Controller } from './controller/controller.ts'
import { ConfigResourceType, MetadataImage } from './controller/metadata-image.ts'
import { MetadataLog } from './controller/metadata-log.ts'
import type { MetadataRecord, MetadataRecordDraft } from './controller/metadata-record.ts'
import { fencingRecord, registrationRecord } from './controller/registration.ts'
import { FetchSessions } from './fetch-sessions.ts'
import { Groups } from './groups.ts'
import { type Logger, silentLogger } from './logger.ts'
import { BrokerMetrics } from './metrics.ts'
import type { MetricsServer } from './metrics-server.ts'
import { asKafkaError } from './partition.ts'
import { ProducerIds } from './producer-ids.ts'
import { Purgatory } from './purgatory.ts'
import { ApiRegistry } from './registry.ts'
import { Replicas } from './replicas.ts'
import { ListenerServer } from './server.ts'
import type { BrokerServices } from './services.ts'
import { Shares } from './shares.ts'
import { Transactions } from './transactions.ts'

export interface BrokerOptions {
  config: BrokerConfig
  /** Default: says nothing. */
  logger?: Logger
  clock?: Clock
  /** Port on localhost for Prometheus' /metrics; 0 takes a free one. Default: no metrics are served. */
  metricsPort?: number
  /** The disk, for tests that break it. */
  storage?: Partial<StorageContext>
}

interface Identity {
  clusterId: string
  directoryId: string
}

/**
 * A whole broker and its controller on one node, in this process (`process.roles=broker,controller`). Its log directories are formatted
 * and nobody else's: whoever starts it holds their lock.
 */
export class Broker {
  readonly nodeId: number
  readonly clusterId: string
  readonly image = new MetadataImage()
  private readonly options: Required<Omit<BrokerOptions, 'storage' | 'metricsPort'>> & {
    storage: StorageContext
    metricsPort?: number
  }
  private readonly identity: Identity
  private readonly configs: ConfigStore
  private readonly listeners: ListenerServer[] = []
  private readonly ports = new Map<string, number>()
  private readonly purgatory: Purgatory
  private readonly metrics = new BrokerMetrics()
  private metricsServer: MetricsServer | undefined
  private metadataLog!: MetadataLog
  private controller!: Controller
  private replicas!: Replicas
  private groups: Groups | undefined
  private transactions: Transactions | undefined
  private shares: Shares | undefined
  private brokerEpoch = -1
  private stopping: Promise<void> | undefined

  private constructor(options: BrokerOptions) {
    const { config, logger = silentLogger, clock = systemClock } = options
    const report = {
      info: (message: string) => logger.info({}, message),
      warn: (message: string) => logger.warn({}, message),
      error: (message: string) => logger.error({}, message),
    }
    const storage = createStorageContext({
      clock,
      logger: report,
      producerIdExpirationMs: config.int('producer.id.expiration.ms'),
      ...options.storage,
    })
    this.options = { config, logger, clock, storage, metricsPort: options.metricsPort }
    this.nodeId = config.topology.nodeId
    this.identity = this.readIdentity()
    this.clusterId = this.identity.clusterId
    this.purgatory = new Purgatory(clock)
    this.configs = new ConfigStore(config, this.image, this.nodeId)
  }

  /**
   * Starts a broker; resolves when it answers clients. Throws BrokerStartError, StorageError, ListenError, UnsupportedMetadataError; nothing is left
   * running then.
   */
  static async start(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options)
    try {
      await broker.run()
      return broker
    } catch (error) {
      await broker.cleanUp()
      throw error
    }
  }

  private readIdentity(): Identity {
    const { topology } = this.options.config
    const dirs = [...new Set([topology.metadataLogDir, ...topology.logDirs])]
    let first: Identity | undefined
    for (const dir of dirs) {
      const found = readMetaProperties(this.options.storage.fileSystem, dir)
      if (!found)
        throw new BrokerStartError(
          `No readable ${META_PROPERTIES_FILE} files found in ${dir}. Format it first: kt storage format --standalone -t $(kt storage random-uuid) -c FILE`,
        )
      if (found.nodeId !== this.nodeId) {
        throw new BrokerStartError(
          `${dir} belongs to node ${found.nodeId}, but node.id is ${this.nodeId}. Use that node.id, or another directory.`,
        )
      }
      if (first && found.clusterId !== first.clusterId) {
        throw new BrokerStartError(
          `${dir} belongs to cluster ${found.clusterId}, the other log directories to ${first.clusterId}.`,
        )
      }
      first ??= found
    }
    if (!first) throw new BrokerStartError('log.dirs is empty')
    return first
  }

  private async run(): Promise<void> {
    this.refuseUnservedListeners()
    await this.openMetadata()
    await this.bindListeners()
    await this.register()
    await this.openReplicas()
    const autoCreate = new AutoCreate(this.controller, this.image, this.configs)
    const { clock, logger } = this.options
    const { image, replicas } = this
    const { purgatory } = this
    const common = { clock, logger, config: () => this.configs.broker, image, replicas, autoCreate }
    this.shares = await Shares.open({ ...common, purgatory })
    this.groups = await Groups.open({ ...common, shareState: this.shares.state })
    const producerIds = new ProducerIds(this.controller)
    this.transactions = await Transactions.open({
      ...{ ...common, producerIds },
      groups: this.groups.coordinator,
    })
    const services = this.makeServices(autoCreate, this.groups, this.transactions, this.shares, producerIds)
    await this.serveMetrics()
    for (const listener of this.listeners) listener.open(services)
    this.options.logger.info({ nodeId: this.nodeId, listeners: Object.fromEntries(this.ports) }, 'broker started')
  }

  private async serveMetrics(): Promise<void> {
    const { metricsPort } = this.options
    this.image.onChange((change) => {
      if (change.kind === 'topic-removed') this.metrics.topicRemoved(change.topic.name)
    })
    if (metricsPort === undefined) return
    const { MetricsServer: Server } = await import('./metrics-server.ts')
    const { metrics, replicas } = this
    this.metricsServer = await Server.start(metricsPort, {
      metrics,
      replicas,
      connectionCount: () => this.connectionCount,
    })
  }

  /** Where /metrics is served; undefined when it isn't. */
  get metricsPort(): number | undefined {
    return this.metricsServer?.port
  }

  private refuseUnservedListeners(): void {
    for (const { listener } of this.options.config.topology.brokerListeners) {
      const protocol = this.options.config.topology.securityProtocols.get(listener)
      if (protocol !== 'PLAINTEXT') {
        throw new BrokerStartError(
          `listener ${listener} wants ${protocol}: this version of the broker serves PLAINTEXT listeners only`,
        )
      }
    }
  }

  private async openMetadata(): Promise<void> {
    const { config, clock, storage } = this.options
    const dir = config.topology.metadataLogDir
    this.metadataLog = await MetadataLog.open({
      context: storage,
      dir,
      nodeId: this.nodeId,
      clock,
      apply: (record, offset) => this.image.apply(record, offset),
    })
    await this.metadataLog.becomeLeader()
    this.controller = new Controller({
      image: this.image,
      nodeId: this.nodeId,
      directoryId: this.identity.directoryId,
      policy: this.configs,
      defaults: () => ({
        numPartitions: this.configs.broker.int('num.partitions'),
        replicationFactor: this.configs.broker.int('default.replication.factor'),
      }),
      append: (records) => this.append(records),
    })
    if (this.image.features.size === 0) {
      await this.append(await bootstrapRecords(storage.fileSystem, dir, config.int('min.insync.replicas')))
    }
  }

  private async append(records: readonly MetadataRecordDraft[]): Promise<void> {
    try {
      await this.metadataLog.append(records, (written) => this.prepare(written))
    } catch (error) {
      throw asKafkaError(error)
    }
  }

  /** Makes the logs of new partitions before anyone can learn of them: a client told of a leader finds it there. */
  private async prepare(records: readonly MetadataRecord[]): Promise<void> {
    if (!this.replicas) return
    const names = new Map<string, string>()
    for (const record of records) if (record.type === 'TopicRecord') names.set(record.data.topicId, record.data.name)
    const partitions = records.flatMap((record) => (record.type === 'PartitionRecord' ? [record.data] : []))
    await Promise.all(
      partitions.map(async ({ topicId, partitionId, replicas }) => {
        const name = names.get(topicId) ?? this.image.topicName(topicId)
        if (name === undefined || !replicas.includes(this.nodeId)) return
        try {
          await this.replicas.prepare(name, topicId, partitionId)
        } catch (error) {
          // The partition is there, its log is not: clients get KAFKA_STORAGE_ERROR until the disk is mended.
          this.options.logger.error(
            { err: error, partition: `${name}-${partitionId}` },
            "a partition's log can't be created",
          )
        }
      }),
    )
  }

  private async bindListeners(): Promise<void> {
    for (const { listener, host, port } of this.options.config.topology.brokerListeners) {
      const server = new ListenerServer({ name: listener, host: host ?? '', port })
      this.listeners.push(server)
      this.ports.set(listener, await server.listen())
    }
  }

  private async register(): Promise<void> {
    this.brokerEpoch = this.metadataLog.endOffset
    const endpoints = this.options.config.topology.brokerListeners.map(({ listener }) => ({
      name: listener,
      ...this.advertisedListener(listener),
    }))
    await this.append([
      registrationRecord({
        nodeId: this.nodeId,
        brokerEpoch: this.brokerEpoch,
        endpoints,
        rack: this.options.config.stringOrNull('broker.rack'),
        logDirs: [this.identity.directoryId],
      }),
    ])
  }

  private async openReplicas(): Promise<void> {
    const { config, logger, storage } = this.options
    this.replicas = await Replicas.open({
      nodeId: this.nodeId,
      image: this.image,
      logger,
      storage: {
        context: storage,
        logDirs: config.topology.logDirs,
        configOf: (topic) => this.configs.logConfig(topic),
        checkpointIntervalMs: config.int('log.flush.offset.checkpoint.interval.ms'),
        highWatermarkCheckpointIntervalMs: config.long('replica.high.watermark.checkpoint.interval.ms'),
        retentionCheckIntervalMs: config.long('log.retention.check.interval.ms'),
        cleanerBackoffMs: () => {
          const { broker } = this.configs
          return broker.boolean('log.cleaner.enable') ? broker.long('log.cleaner.backoff.ms') : undefined
        },
      },
      onAdvance: (key) => this.purgatory.wake(key),
    })
    const updateAll = (): void => {
      for (const topic of this.image.topics.keys()) this.replicas.updateConfig(topic)
    }
    this.configs.onBrokerChange(updateAll)
    this.image.onChange((change) => {
      if (change.kind === 'config-changed' && change.resourceType === ConfigResourceType.TOPIC)
        this.replicas.updateConfig(change.resourceName)
    })
    await this.controller.takeLeadership(!this.replicas.wasClean)
  }

  private makeServices(
    autoCreate: AutoCreate,
    groups: Groups,
    transactions: Transactions,
    shares: Shares,
    producerIds: ProducerIds,
  ): BrokerServices {
    const { clock, logger } = this.options
    const { configs, controller, replicas, image, purgatory } = this
    return {
      nodeId: this.nodeId,
      clusterId: this.clusterId,
      clock,
      logger,
      metrics: this.metrics,
      apis: new ApiRegistry(APIS),
      get config() {
        return configs.broker
      },
      configs,
      metadata: image,
      controller,
      replicas,
      purgatory,
      groups: groups.coordinator,
      transactions,
      shares,
      producerIds,
      fetchSessions: new FetchSessions(clock, () => configs.broker.int('max.incremental.fetch.session.cache.slots')),
      autoCreate,
      authorizer: ALLOW_ALL,
      advertisedListener: (name) => this.advertisedListener(name),
    }
  }

  /** What clients of a listener are told to connect to. */
  private advertisedListener(name: string): { host: string; port: number } {
    const { topology } = this.options.config
    const bound = this.listenerPort(name)
    const advertised = topology.advertisedListeners.find((endpoint) => endpoint.listener === name)
    return { host: advertised?.host || 'localhost', port: advertised?.port || bound }
  }

  /** The port a listener is bound to. */
  listenerPort(name: string): number {
    const port = this.ports.get(name)
    if (port === undefined)
      throw new RangeError(`there is no listener ${name}; there are: ${[...this.ports.keys()].join(', ')}`)
    return port
  }

  /** Clients connected now. */
  get connectionCount(): number {
    return this.listeners.reduce((sum, listener) => sum + listener.connectionCount, 0)
  }

  /** Clients ever accepted. */
  get acceptedConnections(): number {
    return this.metrics.connectionsAccepted
  }

  /** Stops cleanly: connections are closed, logs flushed, the clean-shutdown marker written. Can be called more than once. */
  stop(): Promise<void> {
    this.stopping ??= this.stopNow()
    return this.stopping
  }

  private async stopNow(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.close()))
    this.transactions?.close()
    this.groups?.close()
    this.shares?.close()
    try {
      await this.append([fencingRecord(this.nodeId, this.brokerEpoch)])
    } catch (error) {
      this.options.logger.error({ err: error }, 'the metadata log took no more records')
    }
    await this.cleanUp()
    this.options.logger.info({ nodeId: this.nodeId }, 'broker stopped')
  }

  private async cleanUp(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.close()))
    await this.metricsServer?.close()
    await this.replicas?.close(this.brokerEpoch)
    await this.metadataLog?.close()
  }
}
