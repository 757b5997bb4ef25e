import type { Clock } from '../base/clock.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import { resolveGroupConfig } from '../config/group-config.ts'
import { parseJavaDuration } from '../config/java-duration.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { buildBatch } from '../protocol/records/batch-builder.ts'
import type { Log } from '../storage/log.ts'
import type { AutoCreate } from './auto-create.ts'
import { ConfigResourceType, type MetadataImage, type TopicImage } from './controller/metadata-image.ts'
import { SHARE_STATE_TOPIC } from './controller/topic-names.ts'
import type { CoordinatorRecord, LoadedRecord } from './group/group-context.ts'
import { recordsOf } from './groups.ts'
import type { Logger } from './logger.ts'
import type { Purgatory } from './purgatory.ts'
import type { Replicas } from './replicas.ts'
import { type ShareGroupConfig, SharePartitions } from './share/share-partitions.ts'
import { ShareStateCoordinator } from './share/state-coordinator.ts'

export interface SharesOptions {
  clock: Clock
  logger: Logger
  config(): BrokerConfig
  image: MetadataImage
  replicas: Replicas
  purgatory: Purgatory
  autoCreate: AutoCreate
}

async function* stateOf(log: Log): AsyncGenerator<LoadedRecord> {
  for await (const record of recordsOf(log)) if (record.kind === 'record') yield record
}

/** Share groups' reading side (KIP-932) and its ties to this broker's logs: the state coordinator and the share partitions. */
export class Shares {
  readonly state: ShareStateCoordinator
  readonly partitions: SharePartitions
  private readonly options: SharesOptions
  private readonly loading = new Set<Promise<void>>()
  private readonly groupConfigs = new Map<string, { of: BrokerConfig; value: ShareGroupConfig }>()

  private constructor(options: SharesOptions) {
    this.options = options
    const { image, autoCreate, clock, logger, config, replicas, purgatory } = options
    this.state = new ShareStateCoordinator({
      clock,
      logger,
      updatesPerSnapshot: () => config().int('share.coordinator.snapshot.update.records.per.snapshot'),
      ensureTopic: async () => {
        await autoCreate.create(SHARE_STATE_TOPIC)
        await Promise.all(this.loading)
      },
      partitionCount: () => image.topics.get(SHARE_STATE_TOPIC)?.partitions.length ?? 0,
      append: (partition, records, nowMs) => this.append(partition, records, nowMs),
      deleteRecords: (partition, before) => this.deleteRecords(partition, before),
      partitionCountOf: (topicId) => image.topicsById.get(topicId)?.partitions.length ?? 0,
    })
    this.partitions = new SharePartitions({
      ...{ clock, logger, replicas, purgatory, state: this.state },
      topicName: (topicId) => image.topicName(topicId),
      groupConfig: (groupId) => this.groupConfig(groupId),
      maxSessions: () => config().int('group.share.max.share.sessions'),
    })
  }

  /** Loads the state of all partitions that are here and follows changes of the metadata. Rejects when a log can't be read. */
  static async open(options: SharesOptions): Promise<Shares> {
    const shares = new Shares(options)
    const { image } = options
    const existing = image.topics.get(SHARE_STATE_TOPIC)?.partitions ?? []
    await Promise.all(existing.map(({ partition }) => shares.load(partition)))
    image.onChange((change) => {
      if (change.kind === 'config-changed') shares.groupConfigs.clear()
      else if (change.kind === 'partition-added' && change.topic.name === SHARE_STATE_TOPIC) {
        const { partition } = change.partition
        shares.load(partition).catch((error: unknown) => {
          options.logger.error({ err: error, partition }, 'a partition of the share coordinator can not be loaded')
        })
      } else if (change.kind === 'topic-removed') shares.topicRemoved(change.topic)
    })
    shares.state.start()
    return shares
  }

  /** Resolved once and kept until a config changes: it is asked for at every step. */
  private groupConfig(groupId: string): ShareGroupConfig {
    const of = this.options.config()
    const known = this.groupConfigs.get(groupId)
    if (known?.of === of) return known.value
    if (this.groupConfigs.size >= MAX_KNOWN_CONFIGS) this.groupConfigs.clear()
    const value = groupConfigOf(this.options.image, groupId, of)
    this.groupConfigs.set(groupId, { of, value })
    return value
  }

  private load(partition: number): Promise<void> {
    const found = this.options.replicas.find(SHARE_STATE_TOPIC, partition)
    if (!found) return Promise.resolve()
    const loading = this.state.load(partition, stateOf(found.log)).finally(() => this.loading.delete(loading))
    this.loading.add(loading)
    return loading
  }

  private topicRemoved({ name, id, partitions }: TopicImage): void {
    if (name === SHARE_STATE_TOPIC) {
      for (const { partition } of partitions) this.state.unload(partition)
      return
    }
    this.partitions.onTopicDeleted(id)
    this.state.onTopicDeleted(id).catch((error: unknown) => {
      this.options.logger.error({ err: error, topic: name }, "a deleted topic's share group state can't be removed")
    })
  }

  private async append(partition: number, records: readonly CoordinatorRecord[], nowMs: number): Promise<number> {
    const found = this.options.replicas.find(SHARE_STATE_TOPIC, partition)
    if (!found) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    const batch = buildBatch(records.map(({ key, value }) => ({ key, value, timestamp: nowMs })))
    const { firstOffset, written } = found.log.append(batch, { leaderEpoch: found.leaderEpoch, origin: 'coordinator' })
    await written
    return firstOffset
  }

  private deleteRecords(partition: number, beforeOffset: number): void {
    this.options.replicas.find(SHARE_STATE_TOPIC, partition)?.log.deleteRecords(beforeOffset)
  }

  close(): void {
    this.partitions.close()
    this.state.stop()
  }
}

/** Groups whose resolved configs are kept at a time. */
const MAX_KNOWN_CONFIGS = 1000
const BY_DURATION = 'by_duration:'

/** The configs of a share group for reading, its own and the broker's. */
function groupConfigOf(image: MetadataImage, groupId: string, config: BrokerConfig): ShareGroupConfig {
  const values = resolveGroupConfig(image.configOf(ConfigResourceType.GROUP, groupId), config)
  const reset = values.string('share.auto.offset.reset').toLowerCase()
  return {
    recordLockDurationMs: values.int('share.record.lock.duration.ms'),
    maxRecordLocks: values.int('share.partition.max.record.locks'),
    deliveryCountLimit: values.int('share.delivery.count.limit'),
    isRenewEnabled: values.boolean('share.renew.acknowledge.enable'),
    isolation:
      values.string('share.isolation.level').toLowerCase() === 'read_committed' ? 'read_committed' : 'read_uncommitted',
    autoOffsetReset: reset.startsWith(BY_DURATION)
      ? { durationMs: parseJavaDuration(reset.slice(BY_DURATION.length)) ?? 0 }
      : reset === 'earliest'
        ? 'earliest'
        : 'latest',
  }
}
