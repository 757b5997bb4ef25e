import type {
  StreamsGroupCurrentMemberAssignmentValue,
  StreamsGroupCurrentMemberAssignmentValueTaskIds,
} from '../../../protocol/generated/data/streams-group-current-member-assignment.ts'
import type { StreamsGroupMemberMetadataValue } from '../../../protocol/generated/data/streams-group-member-metadata.ts'
import { partitionEpochs } from '../consumer/assignment.ts'
import { type AssignedTasks, EMPTY_TASKS, type EpochTasks, listTasks, sameAssigned, taskSet } from './tasks.ts'

/** Where a member is on its way from its old assignment to its target; the numbers are those of the records. */
export const StreamsMemberState = { STABLE: 1, UNREVOKED_TASKS: 2, UNRELEASED_TASKS: 3, UNKNOWN: 127 } as const
export type StreamsMemberState = (typeof StreamsMemberState)[keyof typeof StreamsMemberState]

/** Where a member answers interactive queries. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** What a member says of itself: kept in StreamsGroupMemberMetadata records. */
export interface StreamsMemberMetadata {
  /** Kept for records of later versions; 4.3 refuses static members. */
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly topologyEpoch: number
  /** The instance it is a thread of: tasks of one process share a state directory. */
  readonly processId: string
  readonly userEndpoint: Endpoint | null
  readonly clientTags: ReadonlyMap<string, string>
}

/** What a member has: kept in StreamsGroupCurrentMemberAssignment records. */
export interface StreamsCurrentAssignment {
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly state: StreamsMemberState
  readonly assigned: AssignedTasks
  /** Taken from the member, which hasn't said yet that it let go of them. */
  readonly pendingRevocation: AssignedTasks
}

/** A member of a streams group. Never changed: a record that changes it makes a new one. */
export interface StreamsMember extends StreamsMemberMetadata, StreamsCurrentAssignment {
  readonly memberId: string
}

/** A member of which nothing is known yet. */
export function newStreamsMember(memberId: string): StreamsMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    topologyEpoch: -1,
    processId: '',
    userEndpoint: null,
    clientTags: new Map(),
    ...noAssignment(0),
  }
}

/** What a member has before its first assignment, and after the tombstone of its last. */
export function noAssignment(epoch: number): StreamsCurrentAssignment {
  return {
    memberEpoch: epoch,
    previousMemberEpoch: epoch,
    state: StreamsMemberState.STABLE,
    assigned: EMPTY_TASKS,
    pendingRevocation: EMPTY_TASKS,
  }
}

/** True when the member has reached its target of `assignmentEpoch`. */
export function isReconciledTo(member: StreamsCurrentAssignment, assignmentEpoch: number): boolean {
  return member.state === StreamsMemberState.STABLE && member.memberEpoch === assignmentEpoch
}

/** True when both say the same of themselves. */
export function sameStreamsMetadata(a: StreamsMemberMetadata, b: StreamsMemberMetadata): boolean {
  return (
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    a.topologyEpoch === b.topologyEpoch &&
    a.processId === b.processId &&
    a.userEndpoint?.host === b.userEndpoint?.host &&
    a.userEndpoint?.port === b.userEndpoint?.port &&
    a.clientTags.size === b.clientTags.size &&
    [...a.clientTags].every(([key, value]) => b.clientTags.get(key) === value)
  )
}

/** True when both have the same epochs, state and tasks. */
export function sameStreamsAssignment(a: StreamsCurrentAssignment, b: StreamsCurrentAssignment): boolean {
  return (
    a.memberEpoch === b.memberEpoch &&
    a.previousMemberEpoch === b.previousMemberEpoch &&
    a.state === b.state &&
    sameAssigned(a.assigned, b.assigned) &&
    sameAssigned(a.pendingRevocation, b.pendingRevocation)
  )
}

/** The member's metadata as its record holds it. */
export function streamsMetadataValue(member: StreamsMember): StreamsGroupMemberMetadataValue {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, topologyEpoch, processId } = member
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    topologyEpoch,
    processId,
    userEndpoint: member.userEndpoint && { ...member.userEndpoint },
    clientTags: [...member.clientTags].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ key, value })),
  }
}

/** The reverse of `streamsMetadataValue`. */
export function streamsMetadataOf(value: StreamsGroupMemberMetadataValue): StreamsMemberMetadata {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, topologyEpoch, processId } = value
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    topologyEpoch,
    processId,
    userEndpoint: value.userEndpoint && { host: value.userEndpoint.host, port: value.userEndpoint.port },
    clientTags: new Map(value.clientTags.map((tag) => [tag.key, tag.value])),
  }
}

/** The member's assignment as its record holds it. */
export function streamsAssignmentValue(member: StreamsCurrentAssignment): StreamsGroupCurrentMemberAssignmentValue {
  const { memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = member
  const plain = (tasks: AssignedTasks['standby']) => listTasks(tasks).map((each) => ({ ...each, assignmentEpochs: [] }))
  return {
    memberEpoch,
    previousMemberEpoch,
    state,
    activeTasks: withEpochs(assigned.active),
    standbyTasks: plain(assigned.standby),
    warmupTasks: plain(assigned.warmup),
    activeTasksPendingRevocation: withEpochs(pendingRevocation.active),
    standbyTasksPendingRevocation: plain(pendingRevocation.standby),
    warmupTasksPendingRevocation: plain(pendingRevocation.warmup),
  }
}

function withEpochs(tasks: EpochTasks): StreamsGroupCurrentMemberAssignmentValueTaskIds[] {
  return listTasks(tasks).map(({ subtopologyId, partitions }) => ({
    subtopologyId,
    partitions,
    assignmentEpochs: partitions.map((partition) => tasks.get(subtopologyId)!.get(partition)!),
  }))
}

/** The reverse of `streamsAssignmentValue`. */
export function streamsAssignmentOf(value: StreamsGroupCurrentMemberAssignmentValue): StreamsCurrentAssignment {
  const { memberEpoch, previousMemberEpoch, state } = value
  const read = (tasks: readonly StreamsGroupCurrentMemberAssignmentValueTaskIds[]): EpochTasks =>
    new Map(
      tasks.map(({ subtopologyId, partitions, assignmentEpochs }) => [
        subtopologyId,
        partitionEpochs(partitions, assignmentEpochs, memberEpoch),
      ]),
    )
  return {
    memberEpoch,
    previousMemberEpoch,
    state: state >= 1 && state <= 3 ? (state as StreamsMemberState) : StreamsMemberState.UNKNOWN,
    assigned: {
      active: read(value.activeTasks),
      standby: taskSet(value.standbyTasks),
      warmup: taskSet(value.warmupTasks),
    },
    pendingRevocation: {
      active: read(value.activeTasksPendingRevocation),
      standby: taskSet(value.standbyTasksPendingRevocation),
      warmup: taskSet(value.warmupTasksPendingRevocation),
    },
  }
}
