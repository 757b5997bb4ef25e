import type { ClientSettings } from '../settings.ts'
import type { TopicPartition } from '../types.ts'

/** What a consumer is told besides the cluster's settings. Names are Kafka's consumer configs. */
export interface ConsumerSettings extends ClientSettings {
  /** Null: no group, nothing is committed. */
  groupId: string | null
  groupInstanceId: string | null
  groupProtocol: 'CLASSIC' | 'CONSUMER'
  groupRemoteAssignor: string | null
  /** Java class names or plain names (range, roundrobin, sticky, cooperative-sticky), by preference. */
  partitionAssignmentStrategy: readonly string[]
  sessionTimeoutMs: number
  heartbeatIntervalMs: number
  maxPollIntervalMs: number
  enableAutoCommit: boolean
  autoCommitIntervalMs: number
  /** Where to start without a committed offset; a duration counts back from now. */
  autoOffsetReset: 'earliest' | 'latest' | 'none' | { readonly durationMs: number }
  isolationLevel: 'read_uncommitted' | 'read_committed'
  fetchMinBytes: number
  fetchMaxBytes: number
  fetchMaxWaitMs: number
  maxPartitionFetchBytes: number
  checkCrcs: boolean
  allowAutoCreateTopics: boolean
  excludeInternalTopics: boolean
  clientRack: string
  /**
   * Called when the group is about to take these partitions away, while they still are the consumer's: the place to commit them. The
   * rebalance waits for it; it must not reject.
   */
  beforeRevoke: ((partitions: readonly TopicPartition[]) => Promise<void>) | null
}

/** Java's defaults. */
export const CONSUMER_DEFAULTS = {
  clientId: 'consumer-1',
  groupId: null,
  groupInstanceId: null,
  groupProtocol: 'CLASSIC',
  groupRemoteAssignor: null,
  partitionAssignmentStrategy: ['range', 'cooperative-sticky'],
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 3000,
  maxPollIntervalMs: 300_000,
  enableAutoCommit: true,
  autoCommitIntervalMs: 5000,
  autoOffsetReset: 'latest',
  isolationLevel: 'read_uncommitted',
  fetchMinBytes: 1,
  fetchMaxBytes: 52_428_800,
  fetchMaxWaitMs: 500,
  maxPartitionFetchBytes: 1_048_576,
  checkCrcs: true,
  allowAutoCreateTopics: true,
  excludeInternalTopics: true,
  clientRack: '',
  beforeRevoke: null,
} as const satisfies Partial<ConsumerSettings>
