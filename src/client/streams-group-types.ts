import type { Node, Result } from './types.ts'

/** Tasks of one subtopology. */
export interface StreamsTasks {
  subtopologyId: string
  partitions: number[]
}

export interface StreamsAssignment {
  activeTasks: StreamsTasks[]
  standbyTasks: StreamsTasks[]
  warmupTasks: StreamsTasks[]
}

export interface StreamsMemberDescription {
  memberId: string
  memberEpoch: number
  clientId: string
  host: string
  processId: string
  isClassic: boolean
  assignment: StreamsAssignment
  targetAssignment: StreamsAssignment
}

export interface StreamsSubtopology {
  subtopologyId: string
  sourceTopics: string[]
  repartitionSourceTopics: string[]
  stateChangelogTopics: string[]
}

export interface StreamsGroupDescription {
  groupId: string
  state: string
  coordinator: Node
  groupEpoch: number
  assignmentEpoch: number
  topologyEpoch: number
  subtopologies: StreamsSubtopology[]
  members: StreamsMemberDescription[]
}

/** A member to throw out. */
export interface MemberIdentity {
  memberId: string
  groupInstanceId: string | null
}

/** The calls about streams groups (KIP-1071); their offsets are those of consumer groups. */
export interface StreamsGroupAdmin {
  describeStreamsGroups(groupIds: string[]): Promise<Map<string, Result<StreamsGroupDescription>>>
  /** Throws members out of a group of the classic protocol, as applications of Kafka Streams have them. */
  removeGroupMembers(groupId: string, members: readonly MemberIdentity[]): Promise<void>
}
