import type { Result, TopicPartition } from './types.ts'

/** One copy of a partition on a broker's disk. */
export interface LogDirReplica extends TopicPartition {
  sizeBytes: bigint
  offsetLag: bigint
  /** A copy on its way to this directory. */
  isFuture: boolean
}

export interface LogDirDescription {
  path: string
  /** Java's exception class, null when all is well. */
  errorClass: string | null
  errorCode: number
  replicas: LogDirReplica[]
  /** -1 when the broker doesn't say. */
  totalBytes: bigint
  usableBytes: bigint
}

/** A partition on a broker. */
export interface Replica extends TopicPartition {
  broker: number
}

export interface ReplicaLogDirs {
  current: string | null
  future: string | null
}

/** Where to read a partition on. */
export interface ReplicaPosition extends TopicPartition {
  topicId: string
  offset: number
}

/** What a broker has of a partition from a position on. */
export interface ReplicaData {
  highWatermark: number
  records: Buffer
}

/** Where replicas are, and moving them. */
export interface ReplicaAdmin {
  describeLogDirs(brokers: number[]): Promise<Map<number, LogDirDescription[]>>
  describeReplicaLogDirs(replicas: Replica[]): Promise<Map<Replica, ReplicaLogDirs>>
  alterReplicaLogDirs(targets: Map<Replica, string>): Promise<Map<Replica, Result<void>>>
  /** Null cancels what is under way. */
  alterPartitionReassignments(
    targets: Map<TopicPartition, number[] | null>,
    options?: { allowReplicationFactorChange?: boolean },
  ): Promise<Map<TopicPartition, Result<void>>>
  /** Reads one broker's copies, by partition as Kafka prints it. */
  fetchReplicas(
    broker: number,
    positions: readonly ReplicaPosition[],
    limits: { maxBytes: number; maxWaitMs: number },
  ): Promise<Map<string, ReplicaData>>
}
