import type { FetchedPartition } from '../../../client/consumer/fetched.ts'
import type { TopicSelection } from '../../../client/consumer/subscription.ts'
import type { TopicPartition } from '../../../client/types.ts'
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

/** How often it is looked whether an end is reached while nothing comes. */
export const LOOK_MS = 200

/** Whether nothing is left before `end`: neither records nor offsets that have lost theirs. */
export const hasReached = (consumer: BoundedConsumer, tp: TopicPartition, end: number): boolean => {
  const position = consumer.position(tp)
  return position !== null && (position >= end || consumer.nothingUntil(tp) >= end)
}

/** A source that ends, on top of a consumer: what it does not decide itself is the consumer's. */
export abstract class ConsumerSource implements RecordSource {
  protected readonly consumer: BoundedConsumer

  constructor(consumer: BoundedConsumer) {
    this.consumer = consumer
  }

  abstract get isComplete(): boolean | undefined
  abstract poll(timeoutMs: number): Promise<FetchedPartition[]>
  abstract consume(fetched: FetchedPartition, visitor: (cursor: RecordCursor) => unknown): number

  assign(partitions: readonly TopicPartition[]): void {
    this.consumer.assign(partitions)
  }

  subscribe(subscription: TopicSelection): void {
    this.consumer.subscribe(subscription)
  }

  seek(partition: TopicPartition, to: 'earliest' | 'latest' | { offset: number }): void {
    this.consumer.seek(partition, to)
  }

  wakeup(): void {
    this.consumer.wakeup()
  }

  close(): Promise<void> {
    return this.consumer.close()
  }
}
