import { type OffsetSpec, type TopicPartition, topicPartitionKey } from '../types.ts'
import type { FetchedPartition } from './fetched.ts'

/** One partition a consumer reads. */
export class AssignedPartition {
  readonly topic: string
  readonly partition: number
  readonly key: string
  /**
   * Offset of the next record the application will get: what is committed. Null until it is known. Moves by `consume` and `advance`
   * only, never by fetching.
   */
  position: number | null = null
  /** Leader epoch of the last record before `position`; -1 when unknown. */
  leaderEpoch = -1
  /** Offset of the next fetch; ahead of `position` by what is buffered. */
  fetchOffset = -1
  /** Where to look the position up when it is null; null: the committed offset first. */
  reset: OffsetSpec | null = null
  paused = false
  /** Fetched and not handed out yet. */
  buffered: FetchedPartition | null = null
  /** As of the last fetch; -1 before. */
  highWatermark = -1
  /**
   * When the last answer had nothing at `fetchOffset` though offsets go on: the end it was asked up to. So it is where the last records
   * were compacted away. -1 when nothing of the kind is known.
   */
  nothingUntil = -1

  private backoffs = 0

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic
    this.partition = partition
    this.key = topicPartitionKey({ topic, partition })
  }

  /** Sets the position and drops what was fetched for another. */
  seek(offset: number, leaderEpoch = -1): void {
    this.position = offset
    this.fetchOffset = offset
    this.leaderEpoch = leaderEpoch
    this.reset = null
    this.buffered = null
    this.nothingUntil = -1
  }

  /** Whether nothing is asked of it for now, after an error. */
  get isBackingOff(): boolean {
    return this.backoffs > 0
  }

  /** Asks nothing of it for `delayMs`, then calls `wake`. The timer alone ends it: clocks and timers may differ by a little. */
  backOff(delayMs: number, wake: () => void): void {
    this.backoffs++
    setTimeout(() => {
      this.backoffs--
      wake()
    }, delayMs)
  }

  /** Makes the position be looked up anew. */
  forget(reset: OffsetSpec | null): void {
    this.position = null
    this.reset = reset
    this.buffered = null
  }
}

/** The partitions a consumer reads. Iteration starts with those that were fetched longest ago. */
export class Assignment {
  private readonly partitions = new Map<string, AssignedPartition>()

  get size(): number {
    return this.partitions.size
  }

  [Symbol.iterator](): Iterator<AssignedPartition> {
    return this.partitions.values()
  }

  get(tp: TopicPartition): AssignedPartition | undefined {
    return this.partitions.get(topicPartitionKey(tp))
  }

  byKey(key: string): AssignedPartition | undefined {
    return this.partitions.get(key)
  }

  list(): TopicPartition[] {
    return [...this.partitions.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  /** Keeps what stays, drops what is gone, adds what is new. */
  replace(wanted: readonly TopicPartition[]): void {
    const keys = new Set(wanted.map(topicPartitionKey))
    for (const key of [...this.partitions.keys()]) if (!keys.has(key)) this.partitions.delete(key)
    for (const tp of wanted) {
      const key = topicPartitionKey(tp)
      if (!this.partitions.has(key)) this.partitions.set(key, new AssignedPartition(tp))
    }
  }

  /** Moves a partition to the end of the order, so that all get their turn. */
  rotate(partition: AssignedPartition): void {
    if (this.partitions.delete(partition.key)) this.partitions.set(partition.key, partition)
  }
}
