import type { ConnectValue, Schema } from './data.ts'

export interface ConnectHeader {
  readonly key: string
  readonly schema: Schema | null
  readonly value: ConnectValue
}

/** A record between a connector and Kafka. Immutable: a transformation makes a new one by spreading the old. */
export interface ConnectRecord {
  readonly topic: string
  /** Null: the producer's partitioner decides. */
  readonly kafkaPartition: number | null
  readonly keySchema: Schema | null
  readonly key: ConnectValue
  readonly valueSchema: Schema | null
  readonly value: ConnectValue
  /** Milliseconds since 1970; null: when it is produced. */
  readonly timestamp: number | null
  readonly headers: readonly ConnectHeader[]
}

/** What a source tells of where it reads and how far it got: plain JSON values, integers as bigint or number. */
export type OffsetMap = Readonly<Record<string, string | number | bigint | boolean | null>>

export interface SourceRecord extends ConnectRecord {
  readonly sourcePartition: OffsetMap
  readonly sourceOffset: OffsetMap
}

export interface SinkRecord extends ConnectRecord {
  readonly kafkaPartition: number
  readonly kafkaOffset: number
  readonly timestampType: 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'
  /** Where it was read, whatever transformations made of it (KIP-793). */
  readonly originalTopic: string
  readonly originalKafkaPartition: number
  readonly originalKafkaOffset: number
}
