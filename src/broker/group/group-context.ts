import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../logger.ts'
import type { ConsumerGroupContext } from './consumer/consumer-context.ts'
import type { ShareGroupContext } from './share/share-context.ts'
import type { StreamsGroupContext } from './streams/streams-context.ts'

/** The broker configs the group coordinator reads; they are read anew at each use, so dynamic ones take effect. */
export interface GroupSettings {
  /** offsets.retention.minutes, as milliseconds */
  readonly offsetsRetentionMs: number
  /** offsets.retention.check.interval.ms */
  readonly offsetsRetentionCheckIntervalMs: number
  /** offset.metadata.max.bytes: counted in UTF-16 units, as Kafka does */
  readonly offsetMetadataMaxSize: number
  /** group.min.session.timeout.ms */
  readonly minSessionTimeoutMs: number
  /** group.max.session.timeout.ms */
  readonly maxSessionTimeoutMs: number
  /** group.initial.rebalance.delay.ms */
  readonly initialRebalanceDelayMs: number
  /** group.max.size */
  readonly maxSize: number
}

/** One record for a partition of __consumer_offsets; `value` null is a tombstone. */
export interface CoordinatorRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

/** A data record as it is found in the log. */
export interface LoadedRecord {
  readonly kind: 'record'
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly offset: number
  /** Of a transactional batch; -1 for any other. */
  readonly producerId: number
}

/** The producer of a transactional batch. */
export interface TransactionalProducer {
  readonly producerId: number
  readonly producerEpoch: number
}

/** A commit or abort marker as it is found in the log. */
export interface LoadedMarker {
  readonly kind: 'marker'
  readonly producerId: number
  readonly committed: boolean
}

/** What the group coordinator needs of the broker around it. */
export interface GroupContext {
  readonly clock: Clock
  readonly logger: Logger
  settings(): GroupSettings
  /**
   * Creates __consumer_offsets if it isn't there. Resolves when the partitions this broker leads were handed to
   * `GroupCoordinator.load`.
   */
  ensureOffsetsTopic(): Promise<void>
  /** Number of partitions of __consumer_offsets; 0 while there is no such topic. */
  offsetsPartitionCount(): number
  /**
   * Appends to a partition of __consumer_offsets, in the order of the calls, as one batch stamped `nowMs`; a transactional one when
   * `producer` is given.
   * Resolves when the records are committed; rejects with KafkaError or the storage engine's LogError.
   */
  append(
    partition: number,
    records: readonly CoordinatorRecord[],
    nowMs: number,
    producer?: TransactionalProducer,
  ): Promise<void>
  /** Name of a topic by id; undefined when there is none. */
  topicName(topicId: string): string | undefined
  /** Id of a topic by name; undefined when there is none. */
  topicId(name: string): string | undefined
  /** Number of partitions of a topic; 0 when there is none. */
  partitionCountOf(topic: string): number
  /** What consumer groups need besides. */
  readonly consumer: ConsumerGroupContext
  /** What streams groups need besides. */
  readonly streams: StreamsGroupContext
  /** What share groups need besides. */
  readonly share: ShareGroupContext
}

/** Who sent a request, as the group remembers its members. */
export interface GroupClient {
  readonly clientId: string
  /** '/127.0.0.1': Java's form of the address, as Kafka writes it into the group's metadata. */
  readonly clientHost: string
  readonly version: number
  /** Of topics, those the client may know of; all when left out. */
  describable?(names: Iterable<string>): ReadonlySet<string>
}
