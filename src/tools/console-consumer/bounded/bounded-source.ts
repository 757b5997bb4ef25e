import type { FetchedPartition } from '../../../client/consumer/fetched.ts'
import { type TopicPartition, topicPartitionKey } from '../../../client/types.ts'
import type { RecordCursor } from '../../../protocol/records/record-cursor.ts'
import { type BoundedConsumer, ConsumerSource, hasReached, LOOK_MS, type PartitionBound } from './consumer-source.ts'

/** How long a member of a group waits for partitions that others hold. */
const IDLE_MEMBER_MS = 10_000

/**
 * A source of records that ends: at the bound of every partition it holds. Partitions without a bound weren't there when it was set
 * and are left alone. What is fetched and lies within the bounds passes through untouched.
 */
export class BoundedSource extends ConsumerSource {
  readonly #bounds: ReadonlyMap<string, PartitionBound>
  readonly #ends: boolean
  readonly #whenIdle: () => Promise<void>
  #complete = false
  #idleSinceMs = 0

  /**
   * @param bounds by topicPartitionKey
   * @param ends false when reading goes on at the ends
   * @param whenIdle called while nothing comes; what it throws ends the read
   */
  constructor(
    consumer: BoundedConsumer,
    bounds: ReadonlyMap<string, PartitionBound>,
    ends: boolean,
    whenIdle = async (): Promise<void> => {},
  ) {
    super(consumer)
    this.#bounds = bounds
    this.#ends = ends
    this.#whenIdle = whenIdle
    this.#look()
  }

  /** Undefined for a source that goes on. */
  get isComplete(): boolean | undefined {
    return this.#ends ? this.#complete : undefined
  }

  async poll(timeoutMs: number): Promise<FetchedPartition[]> {
    if (!this.#ends) return this.consumer.poll(timeoutMs)
    this.#look()
    if (this.#complete) return []
    const polled = await this.consumer.poll(Math.min(timeoutMs, LOOK_MS))
    if (polled.length === 0) await this.#whenIdle()
    return polled
  }

  consume(fetched: FetchedPartition, visitor: (cursor: RecordCursor) => unknown): number {
    const bound = this.#bounds.get(topicPartitionKey(fetched))
    if (bound === undefined || fetched.fetchOffset >= bound.end) return fetched.fetchOffset
    return fetched.nextOffset <= bound.end && bound.skip === 0
      ? this.consumer.consume(fetched, visitor)
      : this.#consumeCut(fetched, bound, visitor)
  }

  #consumeCut(fetched: FetchedPartition, bound: PartitionBound, visitor: (cursor: RecordCursor) => unknown): number {
    let cut = false
    const next = this.consumer.consume(fetched, (cursor) => {
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
    this.consumer.advance(fetched, bound.end)
    return bound.end
  }

  /** Stops fetching what is done, and notices when all is. */
  #look(): void {
    if (!this.#ends || this.#complete) return
    if (this.#bounds.size === 0) {
      this.#complete = true
      return
    }
    const held = this.consumer.assignedPartitions()
    const done = held.filter((tp) => hasReached(this.consumer, tp, this.#endOf(tp)))
    if (done.length > 0) this.consumer.pause(done)
    if (held.length > 0) this.#idleSinceMs = 0
    this.#complete = done.length === held.length && this.consumer.isSettled && (held.length > 0 || this.#isLeftOut())
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
}
