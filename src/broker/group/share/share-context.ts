import type { SharePartitionKey, ShareState } from '../../share/share-state.ts'

/** The configs each share group can have of its own; read anew at each use. */
export interface ShareGroupMemberConfig {
  /** share.session.timeout.ms */
  readonly sessionTimeoutMs: number
  /** share.heartbeat.interval.ms */
  readonly heartbeatIntervalMs: number
  /** share.assignment.interval.ms */
  readonly assignmentIntervalMs: number
}

/** Where the state of share partitions is kept. */
export interface SharePersister {
  /** The partition that holds a share partition; its topic is created when it is missing. @throws KafkaError */
  partitionFor(coordinatorKey: string): Promise<number>
  /** @throws KafkaError */
  initialize(key: SharePartitionKey, stateEpoch: number, startOffset: number): Promise<void>
  /** @throws KafkaError */
  delete(key: SharePartitionKey): Promise<void>
  /** undefined while there is none. @throws KafkaError */
  summary(key: SharePartitionKey): ShareState | undefined
}

/** What share groups need of the broker beyond what all groups do. */
export interface ShareGroupContext {
  /** group.share.max.size */
  maxSize(): number
  groupConfig(groupId: string): ShareGroupMemberConfig
  readonly persister: SharePersister
  /** The high watermark of a partition; undefined when this broker doesn't lead it. */
  highWatermark(topic: string, partition: number): number | undefined
}
