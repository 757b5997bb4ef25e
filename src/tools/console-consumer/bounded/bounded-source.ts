import type { FetchedPartition } from '../../../client/consumer/fetched.ts'
import type { TopicSelection } from '../../../client/consumer/subscription.ts'
import { type TopicPartition, topicPartitionKey } from '../../../client/types.ts'
import type { RecordCursor } from '../../../protocol/records/record-cursor.ts'
import type { RecordSource } from '../consume.ts'

/** The part of the consumer of src/client that reading between bounds needs. */
export interface BoundedConsumer extends RecordSource {
  position(tp: TopicPartition): number | null
  advance(tp: TopicPartition, nextOffset: number): void
  nothingUntil(tp: TopicPartition): number
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  assignedPartitions(): TopicPartition[]
  readonly isSettled: boolean
}

/** What is read of one partition. */
export interface PartitionBound {
  /** Offset before which reading ends; infinite when it goes on. */
  end: number
  /** How many of the first records are not wanted. */
  skip: number
}

/** How often it is looked whether the end is reached while nothing comes. */
const LOOK_MS = 200
/** How long a member of a group waits for partitions that others hold. */
const IDLE_MEMBER_MS = 10_000

/** Whether nothing is left before `end`: neither records nor offsets that have lost theirs. */
export const hasReached = (consumer: BoundedConsumer, tp: TopicPartition, end: number): boolean => {
  const position = consumer.position(tp)
  return position !== null && (position >= end || consumer.nothingUntil(tp) >= end)
}

/**
 * A source of records that ends: at the bound of every partition it holds. Partitions without a bound weren't there when it was set
 * and are left alone. What is fetched and lies within the bounds passes through untouched.
 */
export class BoundedSource implements RecordSource {
  readonly #consumer: BoundedConsumer
  readonly #bounds: ReadonlyMap<string, PartitionBound>
  readonly #ends: boolean
  #complete = false
  #idleSinceMs = 0

  /**
   * @param bounds by topicPartitionKey
   * @param ends false when reading goes on at the ends
   */
  constructor(consumer: BoundedConsumer, bounds: ReadonlyMap<string, PartitionBound>, ends: boolean) {
    this.#consumer = consumer
    this.#bounds = bounds
    this.#ends = ends
    this.#look()
  }

  /** Undefined for a source that goes on. */
  get isComplete(): boolean | undefined {
    return this.#ends ? this.#complete : undefined
  }

  async poll(timeoutMs: number): Promise<FetchedPartition[]> {
    if (!this.#ends) return this.#consumer.poll(timeoutMs)
    this.#look()
    if (this.#complete) return []
    return this.#consumer.poll(Math.min(timeoutMs, LOOK_MS))
  }

  consume(fetched: FetchedPartition, visitor: (cursor: RecordCursor) => unknown): number {
    const bound = this.#bounds.get(topicPartitionKey(fetched))
    if (bound === undefined || fetched.fetchOffset >= bound.end) return fetched.fetchOffset
    return fetched.nextOffset <= bound.end && bound.skip === 0
      ? this.#consumer.consume(fetched, visitor)
      : this.#consumeCut(fetched, bound, visitor)
  }

  #consumeCut(fetched: FetchedPartition, bound: PartitionBound, visitor: (cursor: RecordCursor) => unknown): number {
    let cut = false
    const next = this.#consumer.consume(fetched, (cursor) => {
      if (cursor.offset >= bound.end) {
        cut = true
        return false
      }
      if (bound.skip > 0) {
        bound.skip--
        return true
      }
      return visitor(cursor)
    })
    if (!cut) return next
    // The record at the bound was looked at but not read.
    this.#consumer.advance(fetched, bound.end)
    return bound.end
  }

  /** Stops fetching what is done, and notices when all is. */
  #look(): void {
    if (!this.#ends || this.#complete) return
    if (this.#bounds.size === 0) {
      this.#complete = true
      return
    }
    const held = this.#consumer.assignedPartitions()
    const done = held.filter((tp) => hasReached(this.#consumer, tp, this.#endOf(tp)))
    if (done.length > 0) this.#consumer.pause(done)
    if (held.length > 0) this.#idleSinceMs = 0
    this.#complete = done.length === held.length && this.#consumer.isSettled && (held.length > 0 || this.#isLeftOut())
  }

  /** A partition that appeared later has nothing of what is read. */
  #endOf(tp: TopicPartition): number {
    return this.#bounds.get(topicPartitionKey(tp))?.end ?? Number.NEGATIVE_INFINITY
  }

  /** A member of a group to which the others leave nothing, for some while. */
  #isLeftOut(): boolean {
    if (this.#idleSinceMs === 0) this.#idleSinceMs = performance.now()
    return performance.now() - this.#idleSinceMs >= IDLE_MEMBER_MS
  }

  assign(partitions: readonly TopicPartition[]): void {
    this.#consumer.assign(partitions)
  }

  subscribe(subscription: TopicSelection): void {
    this.#consumer.subscribe(subscription)
  }

  seek(partition: TopicPartition, to: 'earliest' | 'latest' | { offset: number }): void {
    this.#consumer.seek(partition, to)
  }

  wakeup(): void {
    this.#consumer.wakeup()
  }

  close(): Promise<void> {
    return this.#consumer.close()
  }
}
