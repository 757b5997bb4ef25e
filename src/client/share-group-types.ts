import type { Node, Result, TopicPartition } from './types.ts'

export interface ShareMemberDescription {
  memberId: string
  clientId: string
  host: string
  memberEpoch: number
  assignment: TopicPartition[]
}

export interface ShareGroupDescription {
  groupId: string
  state: string
  coordinator: Node
  groupEpoch: number
  assignmentEpoch: number
  members: ShareMemberDescription[]
}

/** Where a share partition starts; null fields are unknown to the coordinator. */
export interface SharePartitionOffset {
  startOffset: number
  leaderEpoch: number | null
  lag: number | null
}

/** The calls about share groups (KIP-932). */
export interface ShareGroupAdmin {
  describeShareGroups(groupIds: string[]): Promise<Map<string, Result<ShareGroupDescription>>>
  /** All partitions the group has; null: not initialised yet. Rejects with the group's error. */
  listShareGroupOffsets(groupId: string): Promise<Map<TopicPartition, SharePartitionOffset | null>>
  alterShareGroupOffsets(
    groupId: string,
    offsets: Map<TopicPartition, number>,
  ): Promise<Map<TopicPartition, Result<void>>>
  /** Per topic; rejects with the group's error. */
  deleteShareGroupOffsets(groupId: string, topics: string[]): Promise<Map<string, Result<void>>>
}
