import type { LagAdmin } from './lag-types.ts'
import type { OperationsAdmin } from './operations-types.ts'
import type { ReplicaAdmin } from './replica-types.ts'
import type { SecurityAdmin } from './security-types.ts'
import type { ShareGroupAdmin } from './share-group-types.ts'
import type { StreamsGroupAdmin } from './streams-group-types.ts'
import type { TransactionAdmin } from './transaction-types.ts'

/**
 * What commands see of a cluster: one interface for remote and embedded brokers. Names follow Kafka's Java Admin client, so that
 * its documentation applies. Errors are KafkaError (src/protocol/errors.ts) or ClientError (src/client/client-error.ts).
 */
export interface TopicPartition {
  topic: string
  partition: number
}

export interface Node {
  id: number
  host: string
  port: number
  rack: string | null
}

export interface PartitionDescription {
  partition: number
  leader: Node | null
  replicas: Node[]
  isr: Node[]
  /** Eligible leader replicas (KIP-966); null when the answer doesn't tell them, as Metadata's doesn't. */
  elr: Node[] | null
  lastKnownElr: Node[] | null
}

export interface TopicDescription {
  name: string
  topicId: string
  internal: boolean
  partitions: PartitionDescription[]
}

export interface TopicListing {
  name: string
  topicId: string
  internal: boolean
}

export interface NewTopic {
  name: string
  /** Undefined: the broker's num.partitions. */
  numPartitions?: number
  /** Undefined: the broker's default.replication.factor. */
  replicationFactor?: number
  /** Partition → broker ids; excludes the two counts. */
  replicasAssignments?: Map<number, number[]>
  configs?: Map<string, string>
}

export type ConfigResourceType = 'topic' | 'broker' | 'broker-logger' | 'client-metrics' | 'group'

export interface ConfigResource {
  type: ConfigResourceType
  /** Empty for the default broker. */
  name: string
}

export type ConfigSource =
  | 'UNKNOWN'
  | 'DYNAMIC_TOPIC_CONFIG'
  | 'DYNAMIC_BROKER_CONFIG'
  | 'DYNAMIC_DEFAULT_BROKER_CONFIG'
  | 'STATIC_BROKER_CONFIG'
  | 'DEFAULT_CONFIG'
  | 'DYNAMIC_BROKER_LOGGER_CONFIG'
  | 'DYNAMIC_CLIENT_METRICS_CONFIG'
  | 'DYNAMIC_GROUP_CONFIG'

export interface ConfigSynonym {
  name: string
  value: string | null
  source: ConfigSource
}

export interface ConfigEntry {
  name: string
  value: string | null
  source: ConfigSource
  isSensitive: boolean
  isReadOnly: boolean
  synonyms: ConfigSynonym[]
  /** Numeric config type as on the wire (DescribeConfigs v3+). */
  type: number
  documentation: string | null
}

export type AlterConfigOp = { name: string; op: 'set' | 'delete' | 'append' | 'subtract'; value?: string | null }

export interface GroupListing {
  groupId: string
  protocolType: string
  /** 'Stable', 'Empty' …; '' when the broker is too old to say. */
  state: string
  /** 'classic', 'consumer', 'share', 'streams' as the broker writes them. */
  type: string
}

export interface MemberDescription {
  memberId: string
  groupInstanceId: string | null
  clientId: string
  host: string
  assignment: TopicPartition[]
  /** KIP-848 only. */
  targetAssignment: TopicPartition[] | null
  memberEpoch: number | null
  /** true: classic protocol member inside a consumer group; null: unknown. */
  isClassic: boolean | null
}

export interface ConsumerGroupDescription {
  groupId: string
  isSimple: boolean
  members: MemberDescription[]
  partitionAssignor: string
  state: string
  type: string
  coordinator: Node
  groupEpoch: number | null
  targetAssignmentEpoch: number | null
}

export interface OffsetAndMetadata {
  offset: number
  leaderEpoch: number | null
  metadata: string
}

/** Which offset ListOffsets is asked for. A number is a timestamp in ms. */
export type OffsetSpec =
  | 'earliest'
  | 'latest'
  | 'max-timestamp'
  | 'earliest-local'
  | 'latest-tiered'
  | 'earliest-pending-upload'
  | number

export interface ListedOffset {
  /** -1 when there is none (a timestamp after the last record). */
  offset: number
  timestamp: number
  leaderEpoch: number | null
}

export type Result<T> = { ok: true; value: T } | { ok: false; error: Error }

/**
 * The administrative side of a cluster. Every method keeps Kafka's default.api.timeout.ms, retries what is retriable with
 * backoff, refreshes metadata on NOT_LEADER/NOT_COORDINATOR/NOT_CONTROLLER, and rejects with KafkaError or ClientError.
 * Methods over many things answer one Result per thing, in the order asked, so that one failure hides no other.
 */
export interface Admin
  extends SecurityAdmin,
    OperationsAdmin,
    TransactionAdmin,
    ReplicaAdmin,
    ShareGroupAdmin,
    StreamsGroupAdmin,
    LagAdmin {
  describeCluster(): Promise<{ clusterId: string; controllerId: number; nodes: Node[] }>
  listTopics(options?: { listInternal?: boolean }): Promise<TopicListing[]>
  describeTopics(
    names: string[],
    options?: { partitionSizeLimitPerResponse?: number },
  ): Promise<Map<string, Result<TopicDescription>>>
  describeTopicsById(ids: string[]): Promise<Map<string, Result<TopicDescription>>>
  createTopics(
    topics: NewTopic[],
    options?: { validateOnly?: boolean; retryOnQuotaViolation?: boolean },
  ): Promise<Map<string, Result<{ topicId: string; numPartitions: number }>>>
  deleteTopics(names: string[]): Promise<Map<string, Result<void>>>
  createPartitions(
    counts: Map<string, { totalCount: number; assignments?: number[][] }>,
  ): Promise<Map<string, Result<void>>>
  deleteRecords(
    beforeOffsets: Map<TopicPartition, number>,
  ): Promise<Map<TopicPartition, Result<{ lowWatermark: number }>>>
  describeConfigs(
    resources: ConfigResource[],
    options?: { includeSynonyms?: boolean; includeDocumentation?: boolean },
  ): Promise<Map<ConfigResource, Result<ConfigEntry[]>>>
  incrementalAlterConfigs(
    changes: Map<ConfigResource, AlterConfigOp[]>,
    options?: { validateOnly?: boolean },
  ): Promise<Map<ConfigResource, Result<void>>>
  listConfigResources(types: ConfigResourceType[]): Promise<ConfigResource[]>
  listPartitionReassignments(): Promise<
    Map<string, { replicas: number[]; addingReplicas: number[]; removingReplicas: number[] }>
  >
  listOffsets(
    specs: Map<TopicPartition, OffsetSpec>,
    options?: { readCommitted?: boolean },
  ): Promise<Map<TopicPartition, Result<ListedOffset>>>
  listGroups(options?: { states?: string[]; types?: string[]; protocolTypes?: string[] }): Promise<GroupListing[]>
  /** Classic and KIP-848 consumer groups. */
  describeConsumerGroups(groupIds: string[]): Promise<Map<string, Result<ConsumerGroupDescription>>>
  /** `partitions` undefined: all the group has. An absent commit is null. */
  listConsumerGroupOffsets(
    groupIds: string[],
    partitions?: TopicPartition[],
  ): Promise<Map<string, Result<Map<string, OffsetAndMetadata | null>>>>
  alterConsumerGroupOffsets(
    groupId: string,
    offsets: Map<TopicPartition, OffsetAndMetadata>,
  ): Promise<Map<TopicPartition, Result<void>>>
  deleteConsumerGroups(groupIds: string[]): Promise<Map<string, Result<void>>>
  deleteConsumerGroupOffsets(groupId: string, partitions: TopicPartition[]): Promise<Map<TopicPartition, Result<void>>>
  close(): Promise<void>
}

/** Key of a TopicPartition in string-keyed maps, as Kafka prints it: `topic-0`. */
export const topicPartitionKey = (tp: TopicPartition): string => `${tp.topic}-${tp.partition}`
