import { AbortedTransactions, type FetchedPartition } from '../../../client/consumer/fetched.ts'
import type { TopicSelection } from '../../../client/consumer/subscription.ts'
import { type TopicPartition, topicPartitionKey } from '../../../client/types.ts'
import { isControl } from '../../../protocol/records/batch-header.ts'
import { batchAt, validateBatch } from '../../../protocol/records/batch-reader.ts'
import { RecordCursor } from '../../../protocol/records/record-cursor.ts'
import type { RecordSource } from '../consume.ts'
import { type BoundedConsumer, hasReached, type PartitionBound } from './bounded-source.ts'

/** How often it is looked whether an end is reached while nothing comes. */
const LOOK_MS = 200

/** A partition's next record, and what was fetched after it. */
class Head {
  readonly fetched: FetchedPartition
  readonly bound: PartitionBound
  /** Valid after `next` was true. */
  cursor: RecordCursor | undefined
  readonly #aborted: AbortedTransactions | undefined
  #position = 0

  constructor(fetched: FetchedPartition, bound: PartitionBound, readCommitted: boolean) {
    this.fetched = fetched
    this.bound = bound
    this.#aborted = readCommitted ? new AbortedTransactions(fetched.abortedTransactions) : undefined
  }

  /** Moves to the next record that is wanted; false when what was fetched, or the bound, is at its end. */
  next(): boolean {
    for (;;) {
      while (this.cursor?.next()) {
        const { offset } = this.cursor
        if (offset >= this.bound.end) return false
        if (offset < this.fetched.fetchOffset) continue
        if (this.bound.skip === 0) return true
        this.bound.skip--
      }
      if (!this.#nextBatch()) return false
    }
  }

  #nextBatch(): boolean {
    const { buffer, fetchOffset } = this.fetched
    for (;;) {
      const header = batchAt(buffer, this.#position)
      if (header === undefined) return false
      this.#position += header.sizeBytes
      if (header.baseOffset + header.lastOffsetDelta < fetchOffset) continue
      validateBatch(buffer, header)
      if (this.#aborted?.covers(buffer, header) || isControl(header.attributes)) continue
      this.cursor = new RecordCursor(buffer, header)
      return true
    }
  }
}

/**
 * A source that ends at the bounds of its partitions and hands their records out merged by timestamp: of the next records of all
 * partitions, the oldest first. Within a partition the order stays that of the log. At most what one fetch brought is held of each.
 */
export class MergedSource implements RecordSource {
  readonly #consumer: BoundedConsumer
  readonly #bounds: ReadonlyMap<string, PartitionBound>
  readonly #readCommitted: boolean
  readonly #heads = new Map<string, Head>()
  #run: { head: Head; untilMs: number } | undefined
  #complete = false

  /**
   * @param consumer assigned the partitions of `bounds`, with positions
   * @param bounds by topicPartitionKey
   */
  constructor(consumer: BoundedConsumer, bounds: ReadonlyMap<string, PartitionBound>, readCommitted: boolean) {
    this.#consumer = consumer
    this.#bounds = bounds
    this.#readCommitted = readCommitted
    this.#complete = bounds.size === 0
  }

  get isComplete(): boolean {
    return this.#complete
  }

  /** The next records that all are of one partition; `consume` stops where those of another come first. */
  async poll(timeoutMs: number): Promise<FetchedPartition[]> {
    const deadlineMs = performance.now() + timeoutMs
    while (this.#isWaiting()) {
      const remainingMs = deadlineMs - performance.now()
      const polled = await this.#consumer.poll(Math.max(0, Math.min(LOOK_MS, remainingMs)))
      for (const fetched of polled) this.#take(fetched)
      if (polled.length === 0 && remainingMs <= 0) return []
    }
    let first: Head | undefined
    let untilMs = Number.POSITIVE_INFINITY
    for (const head of this.#heads.values()) {
      if (first === undefined || head.cursor!.timestamp < first.cursor!.timestamp) {
        if (first !== undefined) untilMs = first.cursor!.timestamp
        first = head
      } else untilMs = Math.min(untilMs, head.cursor!.timestamp)
    }
    this.#run = first && { head: first, untilMs }
    this.#complete = first === undefined
    return first === undefined ? [] : [first.fetched]
  }

  consume(fetched: FetchedPartition, visitor: (cursor: RecordCursor) => unknown): number {
    const run = this.#run
    if (run === undefined || run.head.fetched !== fetched) return fetched.fetchOffset
    const { head, untilMs } = run
    for (;;) {
      const goesOn = visitor(head.cursor!) !== false
      if (!head.next()) {
        this.#release(head)
        return fetched.nextOffset
      }
      if (!goesOn || head.cursor!.timestamp > untilMs) return head.cursor!.offset
    }
  }

  /** Whether some partition with something left has no head yet. */
  #isWaiting(): boolean {
    return this.#consumer.assignedPartitions().some((tp) => {
      const key = topicPartitionKey(tp)
      const bound = this.#bounds.get(key)
      return bound !== undefined && !this.#heads.has(key) && !hasReached(this.#consumer, tp, bound.end)
    })
  }

  #take(fetched: FetchedPartition): void {
    const key = topicPartitionKey(fetched)
    const bound = this.#bounds.get(key)
    if (bound === undefined) return
    this.#consumer.pause([fetched])
    const head = new Head(fetched, bound, this.#readCommitted)
    if (head.next()) this.#heads.set(key, head)
    else this.#release(head)
  }

  #release({ fetched, bound }: Head): void {
    this.#heads.delete(topicPartitionKey(fetched))
    this.#consumer.advance(fetched, Math.min(fetched.nextOffset, bound.end))
    if (fetched.nextOffset < bound.end) this.#consumer.resume([fetched])
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
