import { type Clock, systemClock } from '../base/clock.ts'
import { ZERO_UUID } from '../base/uuid.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { createStorageContext, type StorageContext } from '../storage/storage-context.ts'
import { METADATA_LOG_KEY } from './apis/01-fetch-metadata-log.ts'
import { CONTROLLER_APIS } from './apis/controller-index.ts'
import { APIS } from './apis/index.ts'
import { ALLOW_ALL, type Authorizer } from './authorizer/authorizer.ts'
import { makeAuthorizer } from './authorizer/make-authorizer.ts'
import { AutoCreate } from './auto-create.ts'
import { ConfigStore } from './config-store.ts'
import { bootstrapRecords } from './controller/bootstrap.ts'
import { Controller } from './controller/controller.ts'
import { ConfigResourceType, MetadataImage } from './controller/metadata-image.ts'
import { MetadataLog } from './controller/metadata-log.ts'
import type { MetadataRecord, MetadataRecordDraft } from './controller/metadata-record.ts'
import type { SnapshotId } from './controller/metadata-snapshots.ts'
import { Quorum } from './controller/quorum.ts'
import { fencingRecord, registrationRecord } from './controller/registration.ts'
import { SnapshotRecords } from './controller/snapshot-records.ts'
import { DirectoryAssignments } from './directory-assignments.ts'
import { Faults } from './faults/faults.ts'
import { FetchSessions } from './fetch-sessions.ts'
import { Groups } from './groups.ts'
import { type Identity, readIdentity } from './identity.ts'
import { type Logger, silentLogger } from './logger.ts'
import { BrokerMetrics } from './metrics.ts'
import type { MetricsServer } from './metrics-server.ts'
import { asKafkaError } from './partition.ts'
import { ProducerIds } from './producer-ids.ts'
import { Purgatory } from './purgatory.ts'
import { AnswerMemory } from './quota/answer-memory.ts'
import { ClientQuotas } from './quota/client-quotas.ts'
import { RequestMemory } from './quota/request-memory.ts'
import { ApiRegistry } from './registry.ts'
import { Replicas } from './replicas.ts'
import { DelegationTokens, tokenSettings } from './security/delegation-tokens.ts'
import { listenerSecurity } from './security/listener-security.ts'
import { ListenerServer } from './server.ts'
import type { BrokerServices } from './services.ts'
import { Shares } from './shares.ts'
import { StreamsTopics } from './streams-topics.ts'
import { Telemetry } from './telemetry.ts'
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

/** transaction.timeout.ms of the producer that fences another; it never opens a transaction. */
const FENCE_TIMEOUT_MS = 60_000

/**
 * A whole broker and its controller on one node, in this process (`process.roles=broker,controller`). Its log directories are formatted
 * and nobody else's: whoever starts it holds their lock.
 */
export class Broker {
  readonly nodeId: number
  readonly clusterId: string
  readonly image = new MetadataImage()
  /** Faults on demand, for tests of clients. */
  readonly faults = new Faults()
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
  private readonly telemetry: Telemetry
  private metricsServer: MetricsServer | undefined
  private metadataLog!: MetadataLog
  private controller!: Controller
  private quorum!: Quorum
  private replicas!: Replicas
  private groups: Groups | undefined
  private transactions: Transactions | undefined
  private readonly tokens: DelegationTokens
  private directories: DirectoryAssignments | undefined
  private authorizer: Authorizer = ALLOW_ALL
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
    this.identity = readIdentity(config, storage.fileSystem)
    this.clusterId = this.identity.clusterId
    this.purgatory = new Purgatory(clock)
    this.telemetry = new Telemetry(this.image, clock)
    this.configs = new ConfigStore(config, this.image, this.nodeId)
    this.tokens = new DelegationTokens({
      ...{ clock, logger, image: this.image },
      controller: () => this.controller,
      settings: tokenSettings(config),
    })
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

  private async run(): Promise<void> {
    this.authorizer = makeAuthorizer(this.options.config, this.image.acls, this.options.logger)
    await this.openMetadata()
    await this.bindListeners()
    await this.register()
    await this.openReplicas()
    const autoCreate = new AutoCreate(this.controller, this.image, this.configs, this.options.logger)
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
    // A controller's listener is the same broker with another list of APIs, and clients of its own to count.
    const apis = new ApiRegistry(CONTROLLER_APIS)
    const quotas = this.makeQuotas()
    const controllerServices = Object.create(services, {
      apis: { value: apis },
      quotas: { value: quotas },
    }) as BrokerServices
    const { controllerListenerNames } = this.options.config.topology
    for (const listener of this.listeners) {
      listener.open(controllerListenerNames.includes(listener.spec.name) ? controllerServices : services)
    }
    this.tokens.startSweeping()
    this.options.logger.info({ nodeId: this.nodeId, listeners: Object.fromEntries(this.ports) }, 'broker started')
  }

  private async serveMetrics(): Promise<void> {
    const { metricsPort } = this.options
    this.image.onChange((change) => {
      if (change.kind === 'topic-removed') this.metrics.topicRemoved(change.topic.name)
    })
    if (metricsPort === undefined) return
    const { MetricsServer: Server } = await import('./metrics-server.ts')
    const { metrics, replicas, telemetry } = this
    this.metricsServer = await Server.start(metricsPort, {
      metrics,
      telemetry: telemetry.counts,
      replicas,
      connectionCount: () => this.connectionCount,
    })
  }

  /** Where /metrics is served; undefined when it isn't. */
  get metricsPort(): number | undefined {
    return this.metricsServer?.port
  }

  private async openMetadata(): Promise<void> {
    const { config, clock, storage } = this.options
    const dir = config.topology.metadataLogDir
    const snapshot = new SnapshotRecords(this.image)
    this.metadataLog = await MetadataLog.open({
      context: storage,
      dir,
      nodeId: this.nodeId,
      clock,
      apply: (record, offset) => this.image.apply(record, offset),
      onAdvance: () => this.purgatory.wake(METADATA_LOG_KEY),
      segmentBytes: config.int('metadata.log.segment.bytes'),
      segmentMs: config.long('metadata.log.segment.ms'),
      snapshots: {
        records: () => snapshot.records(),
        maxBytesBetween: config.long('metadata.log.max.record.bytes.between.snapshots'),
        maxIntervalMs: config.long('metadata.log.max.snapshot.interval.ms'),
        retention: { bytes: config.long('metadata.max.retention.bytes'), ms: config.long('metadata.max.retention.ms') },
      },
    })
    await this.metadataLog.becomeLeader()
    this.quorum = new Quorum({
      ...{ nodeId: this.nodeId, clusterId: this.clusterId, directoryId: this.identity.directoryId },
      ...{ log: this.metadataLog, image: this.image },
      endpoints: () =>
        config.topology.controllerListeners.map(({ listener: name }) => ({ name, ...this.address(name) })),
    })
    this.controller = new Controller({
      image: this.image,
      nodeId: this.nodeId,
      directoryId: this.onlyDirectoryId,
      policy: this.configs,
      defaults: () => ({
        numPartitions: this.configs.broker.int('num.partitions'),
        replicationFactor: this.configs.broker.int('default.replication.factor'),
        isCordoned: this.configs.broker.topology.isCordoned,
      }),
      append: (records) => this.append(records),
    })
    if (this.image.features.size === 0) {
      await this.append(await bootstrapRecords(storage.fileSystem, dir, config.int('min.insync.replicas')))
    }
  }

  /** The directory every new partition is in; zero with several, as nobody knows until the log is made. */
  private get onlyDirectoryId(): string {
    const ids = [...this.identity.logDirIds.values()]
    return ids.length === 1 ? (ids[0] as string) : ZERO_UUID
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
    const partitions = records.flatMap((record) =>
      record.type === 'PartitionRecord' || record.type === 'PartitionChangeRecord' ? [record.data] : [],
    )
    await Promise.all(
      partitions.map(async ({ topicId, partitionId, replicas }) => {
        const name = names.get(topicId) ?? this.image.topicName(topicId)
        if (name === undefined || !replicas?.includes(this.nodeId)) return
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
    const { clock, logger, config } = this.options
    const backlog = config.int('socket.listen.backlog.size')
    for (const { listener, host, port } of config.topology.listeners) {
      const sources = { configs: this.configs, clock, logger, scram: this.image.scram, tokens: this.tokens }
      const security = listenerSecurity(sources, listener)
      const server = new ListenerServer({ name: listener, host: host ?? '', port, backlog }, security)
      this.listeners.push(server)
      this.ports.set(listener, await server.listen())
    }
  }

  private async register(): Promise<void> {
    this.brokerEpoch = this.metadataLog.endOffset
    const endpoints = this.options.config.topology.brokerListeners.map(({ listener }) => ({
      name: listener,
      ...this.address(listener),
      securityProtocol: this.options.config.topology.securityProtocols.get(listener) ?? 'PLAINTEXT',
    }))
    await this.append([
      registrationRecord({
        nodeId: this.nodeId,
        brokerEpoch: this.brokerEpoch,
        endpoints,
        rack: this.options.config.stringOrNull('broker.rack'),
        logDirs: [...this.identity.logDirIds.values()],
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
        moveBytesPerSecond: () => this.moveRate(),
        isCordoned: (dir) => this.configs.broker.topology.cordonedLogDirs.includes(dir),
      },
      onMoved: (partition) => this.directories?.assign(partition),
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
    const { image, replicas, controller, nodeId } = this
    const { logDirIds: directoryIds } = this.identity
    this.directories = new DirectoryAssignments({ nodeId, image, replicas, controller, logger, directoryIds })
  }

  /** replica.alter.log.dirs.io.max.bytes.per.second: dynamic only, of this broker or of all. */
  private moveRate(): number {
    const name = 'replica.alter.log.dirs.io.max.bytes.per.second'
    const own = this.image.configOf(ConfigResourceType.BROKER, String(this.nodeId)).get(name)
    return Number(own ?? this.image.configOf(ConfigResourceType.BROKER, '').get(name) ?? Number.POSITIVE_INFINITY)
  }

  private makeQuotas(): ClientQuotas {
    const { configs, image } = this
    const quotas = new ClientQuotas({ clock: this.options.clock, config: () => configs.broker, image: image.quotas })
    configs.onBrokerChange(() => quotas.connections.wakeAll())
    return quotas
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
    const quotas = this.makeQuotas()
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
      quorum: this.quorum,
      replicas,
      purgatory,
      groups: groups.coordinator,
      transactions,
      shares,
      producerIds,
      fetchSessions: new FetchSessions(clock, () => configs.broker.int('max.incremental.fetch.session.cache.slots')),
      telemetry: this.telemetry,
      receivesTelemetry: this.options.metricsPort !== undefined,
      autoCreate,
      streamsTopics: new StreamsTopics(controller, clock, logger),
      authorizer: this.authorizer,
      faults: this.faults,
      quotas,
      answerMemory: new AnswerMemory(),
      requestMemory: new RequestMemory(this.options.config.long('queued.max.request.bytes')),
      tokens: this.tokens,
      registerAgain: async () => {
        await controller.run(() => this.register())
        await controller.run(() => controller.takeLeadership(false))
      },
      advertisedListener: (name) => this.address(name),
    }
  }

  /** What clients of a listener are told to connect to. */
  private address(name: string): { host: string; port: number } {
    const { topology } = this.options.config
    const bound = this.listenerPort(name)
    const advertised = [...topology.advertisedListeners, ...topology.controllerListeners].find(
      (endpoint) => endpoint.listener === name,
    )
    return { host: advertised?.host || 'localhost', port: advertised?.port || bound }
  }

  /** The port a listener is bound to. */
  listenerPort(name: string): number {
    const port = this.ports.get(name)
    if (port === undefined)
      throw new RangeError(`there is no listener ${name}; there are: ${[...this.ports.keys()].join(', ')}`)
    return port
  }

  /**
   * Fences a transactional producer as a newer one with its id would: its open transaction is aborted.
   *
   * @throws KafkaError
   */
  async fenceProducer(transactionalId: string): Promise<void> {
    const fence = { transactionalId, timeoutMs: FENCE_TIMEOUT_MS, expected: undefined }
    for (;;) {
      try {
        await this.transactions?.coordinator.initProducerId(fence)
        return
      } catch (error) {
        if (!(error instanceof KafkaError && error.code === ErrorCode.CONCURRENT_TRANSACTIONS)) throw error
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  /** Ends the sessions of a group's members; `who` is a member id, group.instance.id or client.id. Returns how many. */
  expireMembers(groupId: string, who: string): number {
    return this.groups?.coordinator.expireMembers(groupId, who) ?? 0
  }

  /** The newest snapshot of the metadata log. */
  get latestMetadataSnapshot(): SnapshotId | undefined {
    return this.metadataLog.latestSnapshotId
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
    this.tokens.close()
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
