import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import type { StorageError } from '../storage/errors.ts'
import type { Log } from '../storage/log.ts'
import { LogManager, type LogManagerOptions } from '../storage/log-manager.ts'
import type { MetadataImage, PartitionImage, TopicImage } from './controller/metadata-image.ts'
import type { Logger } from './logger.ts'
import { Partition } from './partition.ts'

export interface ReplicasOptions {
  nodeId: number
  image: MetadataImage
  logger: Logger
  storage: Omit<LogManagerOptions, 'listener' | 'moved'>
  /** A partition's log is in another log directory now. */
  onMoved?(partition: Partition): void
  /** New records are readable in a partition. */
  onAdvance(partitionKey: string): void
  onStorageFailure?(log: Log, error: StorageError): void
}

/** The partitions this broker has replicas of, each with its log. Follows the metadata image. */
export class Replicas {
  readonly logDirs: readonly string[]
  private readonly partitions = new Map<string, Map<number, Partition>>()
  private readonly options: ReplicasOptions
  private readonly manager: LogManager

  private constructor(options: ReplicasOptions, manager: LogManager) {
    this.options = options
    this.manager = manager
    this.logDirs = options.storage.logDirs
  }

  /**
   * Loads the logs of all partitions in the image; a missing one is created. Throws
   * StorageError.
   */
  static async open(options: ReplicasOptions): Promise<Replicas> {
    const manager: LogManager = await LogManager.open({
      ...options.storage,
      moved: (log) => replicas.moved(log),
      listener: {
        highWatermarkAdvanced: (log) => options.onAdvance(log.name),
        storageFailed: (log, error) => options.onStorageFailure?.(log, error),
      },
    })
    const replicas: Replicas = new Replicas(options, manager)
    replicas.sortOutStrays()
    for (const topic of options.image.topics.values()) {
      for (const partition of topic.partitions) {
        if (!partition.replicas.includes(options.nodeId)) continue
        await manager.getOrCreate({ topic: topic.name, partition: partition.partition }, topic.id)
        replicas.attach(topic, partition)
      }
    }
    options.image.onChange((change) => {
      if (change.kind === 'partition-added') replicas.attach(change.topic, change.partition)
      else if (change.kind === 'partition-changed') replicas.changed(change.topic, change.partition)
      else if (change.kind === 'topic-removed') replicas.remove(change.topic)
    })
    manager.start()
    await manager.futures.resume()
    return replicas
  }

  /** Whether the last shutdown was clean in all log directories. */
  get wasClean(): boolean {
    return this.manager.wasClean
  }

  /**
   * Logs of topics that the metadata log doesn't have. One whose removal it records is deleted: the broker died in the middle. Any other is
   * set aside, not deleted: the metadata may be what is lost.
   */
  private sortOutStrays(): void {
    const { image, logger } = this.options
    for (const log of [...this.manager.logs]) {
      const { topic, partition } = log.topicPartition
      const known = image.topics.get(topic)
      if (known?.partitions[partition] && (log.topicId === undefined || log.topicId === known.id)) continue
      const fields = { partition: log.name, topicId: log.topicId }
      if (log.topicId !== undefined && image.removedTopicIds.has(log.topicId)) {
        logger.info(fields, 'deleting the log of a deleted topic')
        this.manager.delete(log.topicPartition)
      } else {
        const directory = this.manager.setAside(log.topicPartition)
        logger.warn(
          { ...fields, directory },
          'the log of a topic that the metadata does not know was set aside; it is kept',
        )
      }
    }
  }

  /** Makes the log of a partition that is about to be added to the image. Throws StorageError. */
  async prepare(topic: string, topicId: string, partition: number): Promise<void> {
    await this.manager.getOrCreate({ topic, partition }, topicId)
  }

  private attach(topic: TopicImage, image: PartitionImage): void {
    const log = this.manager.get({ topic: topic.name, partition: image.partition })
    if (!log) return
    const byIndex = this.partitions.get(topic.name) ?? new Map<number, Partition>()
    this.partitions.set(topic.name, byIndex)
    byIndex.set(image.partition, new Partition(topic.name, topic.id, image, log, this.options.nodeId))
  }

  /** A replica came to this broker, or went away. */
  private changed(topic: TopicImage, image: PartitionImage): void {
    const found = this.find(topic.name, image.partition)
    if (image.replicas.includes(this.options.nodeId)) {
      if (!found) this.attach(topic, image)
      return
    }
    if (!found) return
    this.partitions.get(topic.name)?.delete(image.partition)
    this.manager.delete(found.log.topicPartition)
    this.options.onAdvance(found.key)
  }

  private moved(log: Log): void {
    const { topic, partition: index } = log.topicPartition
    const partition = this.find(topic, index)
    if (!partition) return
    partition.log = log
    this.options.onMoved?.(partition)
    this.options.onAdvance(partition.key)
  }

  /** The log directory of a partition. */
  dirOf(partition: Partition): string {
    return this.manager.dirOf(partition.log)
  }

  /** The copy of a partition's log that is on its way to another log directory. */
  futureOf(partition: Partition): { log: Log; dir: string } | undefined {
    const log = this.manager.futures.of(partition.log.topicPartition)
    return log && { log, dir: this.manager.dirOf(log) }
  }

  /** Begins to move a partition's log to another log directory of this broker. Throws StorageError. */
  moveLog(partition: Partition, dir: string): Promise<void> {
    return this.manager.futures.move(partition.log.topicPartition, dir)
  }

  private remove(topic: TopicImage): void {
    const byIndex = this.partitions.get(topic.name)
    this.partitions.delete(topic.name)
    for (const partition of byIndex?.values() ?? []) {
      try {
        this.manager.delete({ topic: topic.name, partition: partition.index })
      } catch (error) {
        this.options.logger.error({ err: error, partition: partition.key }, 'a deleted topic leaves its log behind')
      }
      this.options.onAdvance(partition.key)
    }
  }

  /** Applies changed topic configs to the topic's logs. */
  updateConfig(topic: string): void {
    this.manager.updateTopicConfig(topic, this.options.storage.configOf(topic))
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION for a partition that isn't there, KAFKA_STORAGE_ERROR for one whose log is missing. */
  partition(topic: string, index: number): Partition {
    const found = this.partitions.get(topic)?.get(index)
    if (found) return found
    const known = this.options.image.partition(topic, index)
    throw new KafkaError(known ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  }

  find(topic: string, index: number): Partition | undefined {
    return this.partitions.get(topic)?.get(index)
  }

  *all(): Generator<Partition> {
    for (const byIndex of this.partitions.values()) yield* byIndex.values()
  }

  /** Closes all logs; the clean-shutdown marker is written when all went well. */
  async close(brokerEpoch: number): Promise<void> {
    await this.manager.shutdown(brokerEpoch)
  }

  /** Drops everything without writing: what a crash leaves. */
  abandon(): void {
    this.manager.abandon()
  }
}
