import type { Clock } from '../base/clock.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { buildBatch } from '../protocol/records/batch-builder.ts'
import { isControl, isTransactional } from '../protocol/records/batch-header.ts'
import { ensureBatchCodecs, readBatches } from '../protocol/records/batch-reader.ts'
import { decodeEndTxnMarker } from '../protocol/records/control-records.ts'
import { readRecords } from '../protocol/records/record-cursor.ts'
import type { Log } from '../storage/log.ts'
import type { AutoCreate } from './auto-create.ts'
import { consumerGroupContext } from './consumer-group-context.ts'
import type { MetadataImage, TopicImage } from './controller/metadata-image.ts'
import { OFFSETS_TOPIC } from './controller/topic-names.ts'
import type {
  CoordinatorRecord,
  GroupSettings,
  LoadedMarker,
  LoadedRecord,
  TransactionalProducer,
} from './group/group-context.ts'
import { GroupCoordinator } from './group/group-coordinator.ts'
import type { SharePersister } from './group/share/share-context.ts'
import type { Logger } from './logger.ts'
import type { Replicas } from './replicas.ts'
import { shareGroupContext } from './share-group-context.ts'
import { streamsGroupContext } from './streams-group-context.ts'

const LOAD_BYTES = 4 * 1024 * 1024

export interface GroupsOptions {
  clock: Clock
  logger: Logger
  config(): BrokerConfig
  image: MetadataImage
  replicas: Replicas
  autoCreate: AutoCreate
  shareState: SharePersister
}

/** A partition's records in order, read piece by piece. */
export async function* recordsOf(log: Log): AsyncGenerator<LoadedRecord | LoadedMarker> {
  for (let offset = log.logStartOffset; offset < log.writtenOffset; ) {
    const chunk = await log.readAsync({ startOffset: offset, maxBytes: LOAD_BYTES })
    if (chunk.length === 0) return
    await ensureBatchCodecs(chunk)
    for (const header of readBatches(chunk)) {
      offset = header.baseOffset + header.lastOffsetDelta + 1
      const producerId = isTransactional(header.attributes) ? header.producerId : -1
      for (const record of readRecords(chunk, header)) {
        if (!isControl(header.attributes))
          yield { kind: 'record', key: record.key, value: record.value, offset: record.offset, producerId }
        else {
          const marker = decodeEndTxnMarker(record.key, record.value)
          if (marker) yield { kind: 'marker', producerId: header.producerId, committed: marker.commit }
        }
      }
    }
  }
}

function settingsOf(config: BrokerConfig): GroupSettings {
  return {
    offsetsRetentionMs: config.int('offsets.retention.minutes') * 60_000,
    offsetsRetentionCheckIntervalMs: config.long('offsets.retention.check.interval.ms'),
    offsetMetadataMaxSize: config.int('offset.metadata.max.bytes'),
    minSessionTimeoutMs: config.int('group.min.session.timeout.ms'),
    maxSessionTimeoutMs: config.int('group.max.session.timeout.ms'),
    initialRebalanceDelayMs: config.int('group.initial.rebalance.delay.ms'),
    maxSize: config.int('group.max.size'),
  }
}

/** The group coordinator and its ties to this broker's partitions of __consumer_offsets. */
export class Groups {
  readonly coordinator: GroupCoordinator
  private readonly options: GroupsOptions
  private readonly loading = new Set<Promise<void>>()

  private constructor(options: GroupsOptions) {
    this.options = options
    const { image } = options
    this.coordinator = new GroupCoordinator({
      clock: options.clock,
      logger: options.logger,
      settings: () => settingsOf(options.config()),
      ensureOffsetsTopic: async () => {
        await options.autoCreate.create(OFFSETS_TOPIC)
        await Promise.all(this.loading)
      },
      offsetsPartitionCount: () => image.topics.get(OFFSETS_TOPIC)?.partitions.length ?? 0,
      append: (partition, records, nowMs, producer) => this.append(partition, records, nowMs, producer),
      topicName: (id) => image.topicName(id),
      topicId: (name) => image.topics.get(name)?.id,
      partitionCountOf: (topic) => image.topics.get(topic)?.partitions.length ?? 0,
      consumer: consumerGroupContext(options.config, image),
      streams: streamsGroupContext(options.config, image),
      share: shareGroupContext(options),
    })
  }

  /** Loads the groups of all partitions that are here and follows changes of the metadata. Rejects when a log can't be read. */
  static async open(options: GroupsOptions): Promise<Groups> {
    const groups = new Groups(options)
    const { image } = options
    const existing = image.topics.get(OFFSETS_TOPIC)?.partitions ?? []
    await Promise.all(existing.map(({ partition }) => groups.load(partition)))
    image.onChange((change) => {
      if (change.kind !== 'config-changed') groups.coordinator.onTopicChanged(change.topic.name)
      if (change.kind === 'partition-added' && change.topic.name === OFFSETS_TOPIC) {
        const { partition } = change.partition
        groups.load(partition).catch((error: unknown) => {
          options.logger.error({ err: error, partition }, 'a partition of the group coordinator can not be loaded')
        })
      } else if (change.kind === 'topic-removed') groups.topicRemoved(change.topic)
    })
    groups.coordinator.start()
    return groups
  }

  private load(partition: number): Promise<void> {
    const found = this.options.replicas.find(OFFSETS_TOPIC, partition)
    if (!found) return Promise.resolve()
    const loading = this.coordinator.load(partition, recordsOf(found.log)).finally(() => this.loading.delete(loading))
    this.loading.add(loading)
    return loading
  }

  private topicRemoved({ name, id: topicId, partitions }: TopicImage): void {
    if (name === OFFSETS_TOPIC) {
      for (const { partition } of partitions) this.coordinator.unload(partition)
      return
    }
    this.coordinator.onTopicsDeleted([{ name, topicId }]).catch((error: unknown) => {
      this.options.logger.error({ err: error, topic: name }, "a deleted topic's group offsets can't be removed")
    })
  }

  private async append(
    partition: number,
    records: readonly CoordinatorRecord[],
    nowMs: number,
    producer: TransactionalProducer | undefined,
  ): Promise<void> {
    const found = this.options.replicas.find(OFFSETS_TOPIC, partition)
    if (!found) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    const batch = buildBatch(
      records.map(({ key, value }) => ({ key, value, timestamp: nowMs })),
      producer && { ...producer, transactional: true },
    )
    await found.log.append(batch, { leaderEpoch: found.leaderEpoch, origin: 'coordinator' }).written
  }

  close(): void {
    this.coordinator.stop()
  }
}
