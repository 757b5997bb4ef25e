import type { Node, Result, TopicPartition } from './types.ts'

export interface VersionRange {
  min: number
  max: number
}

export interface FeatureMetadata {
  supported: ReadonlyMap<string, VersionRange>
  /** Finalized level by feature. */
  finalized: ReadonlyMap<string, number>
  /** Null when the node doesn't know. */
  finalizedEpoch: bigint | null
}

export type FeatureUpgradeType = 'upgrade' | 'safe-downgrade' | 'unsafe-downgrade'

export interface VoterEndpoint {
  name: string
  host: string
  port: number
}

export interface QuorumReplica {
  replicaId: number
  directoryId: string
  logEndOffset: number
  /** Null when there is none, as for the leader of an old version. */
  lastFetchTimestampMs: number | null
  lastCaughtUpTimestampMs: number | null
}

export interface QuorumInfo {
  leaderId: number
  leaderEpoch: number
  highWatermark: number
  voters: QuorumReplica[]
  observers: QuorumReplica[]
  /** Where the voters listen, by their id. */
  endpoints: ReadonlyMap<number, VoterEndpoint[]>
}

export interface NodeEndpoint extends Node {
  isFenced: boolean
}

export interface ClusterEndpoints {
  clusterId: string
  controllerId: number
  nodes: NodeEndpoint[]
}

/** The calls of an Admin that look after nodes, the quorum and features. */
export interface OperationsAdmin {
  /** `nodeId` undefined: any node is asked. */
  describeFeatures(nodeId?: number): Promise<FeatureMetadata>
  /** Per feature; features left out of the broker's answer succeeded with the whole. */
  updateFeatures(
    updates: ReadonlyMap<string, { level: number; upgradeType: FeatureUpgradeType }>,
    options?: { validateOnly?: boolean },
  ): Promise<Map<string, Result<void>>>
  describeMetadataQuorum(): Promise<QuorumInfo>
  addRaftVoter(voterId: number, directoryId: string, endpoints: readonly VoterEndpoint[]): Promise<void>
  removeRaftVoter(voterId: number, directoryId: string): Promise<void>
  /** `partitions` null: all that are eligible. Only partitions the controller said something of are in the answer. */
  electLeaders(
    type: 'preferred' | 'unclean',
    partitions: readonly TopicPartition[] | null,
  ): Promise<Map<string, Result<void>>>
  /** Brokers, or controllers when connected to those (KIP-919), through DescribeCluster. */
  describeClusterEndpoints(options?: { includeFencedBrokers?: boolean }): Promise<ClusterEndpoints>
  unregisterBroker(id: number): Promise<void>
  /** What each live broker offers, by API key. */
  listApiVersions(): Promise<{ node: Node; versions: Result<ReadonlyMap<number, VersionRange>> }[]>
}
