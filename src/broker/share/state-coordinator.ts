import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { LoadedRecord } from '../group/group-context.ts'
import { partitionForGroup } from '../group/partition-for-group.ts'
import { Timer } from '../group/timer.ts'
import { coordinatorKey, type SharePartitionKey, type ShareState } from './share-state.ts'
import type { ShareStateContext } from './state-context.ts'
import { StateShard, type StateWrite } from './state-shard.ts'

/** How often records are pruned and cold share partitions get a snapshot (Kafka's internal configs' defaults). */
const MAINTENANCE_INTERVAL_MS = 300_000

/** The share coordinator: keeps the state of share partitions in __share_group_state. */
export class ShareStateCoordinator {
  readonly #context: ShareStateContext
  readonly #shards = new Map<number, StateShard>()
  readonly #maintenance: Timer

  constructor(context: ShareStateContext) {
    this.#context = context
    this.#maintenance = new Timer(context.clock)
  }

  /** Starts the periodic pruning and snapshots. */
  start(): void {
    this.#maintenance.set(MAINTENANCE_INTERVAL_MS, () => {
      void this.maintain()
      this.start()
    })
  }

  stop(): void {
    this.#maintenance.cancel()
    for (const partition of [...this.#shards.keys()]) this.unload(partition)
  }

  /** One round of snapshots and pruning; failures are logged and the next round tries again. */
  async maintain(): Promise<void> {
    for (const shard of this.#shards.values()) {
      if (!shard.loaded) continue
      try {
        await shard.snapshotCold(MAINTENANCE_INTERVAL_MS)
        shard.prune()
      } catch (error) {
        this.#context.logger.warn({ partition: shard.partition, error }, 'share group state could not be pruned')
      }
    }
  }

  /** Takes a partition of __share_group_state over by replaying its log. @throws what `records` throws */
  async load(partition: number, records: AsyncIterable<LoadedRecord> | Iterable<LoadedRecord>): Promise<void> {
    this.unload(partition)
    const shard = new StateShard(partition, this.#context)
    this.#shards.set(partition, shard)
    try {
      for await (const record of records) {
        if (shard.closed) return
        shard.replay(record)
      }
    } catch (error) {
      if (this.#shards.get(partition) === shard) this.unload(partition)
      throw error
    }
    shard.loaded = true
  }

  /** Gives a partition up. */
  unload(partition: number): void {
    this.#shards.get(partition)?.close()
    this.#shards.delete(partition)
  }

  /**
   * The partition of __share_group_state that holds a share partition; the topic is created when it is missing.
   *
   * @param key as `coordinatorKey` makes it
   * @throws KafkaError COORDINATOR_NOT_AVAILABLE when the topic could not be created now
   */
  async partitionFor(key: string): Promise<number> {
    if (this.#context.partitionCount() === 0) await this.#context.ensureTopic()
    const count = this.#context.partitionCount()
    if (count === 0) throw new KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    return partitionForGroup(key, count)
  }

  /** @throws KafkaError */
  async initialize(key: SharePartitionKey, stateEpoch: number, startOffset: number): Promise<void> {
    await this.#shardOf(key).initialize(key, stateEpoch, startOffset)
  }

  /** @throws KafkaError */
  async read(key: SharePartitionKey, leaderEpoch: number): Promise<ShareState> {
    return await this.#shardOf(key).read(key, leaderEpoch)
  }

  /** @throws KafkaError */
  async write(key: SharePartitionKey, write: StateWrite): Promise<void> {
    await this.#shardOf(key).write(key, write)
  }

  /** @throws KafkaError */
  async delete(key: SharePartitionKey): Promise<void> {
    await this.#shardOf(key).delete(key)
  }

  /** undefined while the share partition isn't initialized. @throws KafkaError */
  summary(key: SharePartitionKey): ShareState | undefined {
    return this.#shardOf(key).summary(key)
  }

  /** Forgets the state of a deleted topic. */
  async onTopicDeleted(topicId: string): Promise<void> {
    await Promise.all([...this.#shards.values()].filter(({ loaded }) => loaded).map((s) => s.topicDeleted(topicId)))
  }

  #shardOf(key: SharePartitionKey): StateShard {
    if (key.partition < 0) {
      throw new KafkaError(ErrorCode.INVALID_REQUEST, 'The partition id cannot be a negative number.')
    }
    const count = this.#context.partitionCount()
    const shard = count === 0 ? undefined : this.#shards.get(partitionForGroup(coordinatorKey(key), count))
    if (shard === undefined) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    if (!shard.loaded) throw new KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    return shard
  }
}
