import type {
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupCurrentMemberAssignmentValueTopicPartitions,
} from '../../../protocol/generated/data/consumer-group-current-member-assignment.ts'
import type { ConsumerGroupMemberMetadataValue } from '../../../protocol/generated/data/consumer-group-member-metadata.ts'
import type { MemberProtocol } from '../member.ts'
import {
  EMPTY_EPOCH_ASSIGNMENT,
  type EpochAssignment,
  listPartitions,
  partitionEpochs,
  sameEpochs,
} from './assignment.ts'

/** The epoch a joining member sends. */
export const JOIN_EPOCH = 0
/** The epoch a leaving member sends. */
export const LEAVE_EPOCH = -1
/** The epoch of a static member that left and may come back within its session timeout. */
export const STATIC_LEAVE_EPOCH = -2

/** Where a member is on its way from its old assignment to its target; the numbers are those of the records. */
export const MemberState = { STABLE: 0, UNREVOKED_PARTITIONS: 1, UNRELEASED_PARTITIONS: 2, UNKNOWN: 127 } as const
export type MemberState = (typeof MemberState)[keyof typeof MemberState]

/** What a member of the classic protocol in a consumer group brought with its JoinGroup. */
export interface ClassicMemberMetadata {
  readonly sessionTimeoutMs: number
  readonly supportedProtocols: readonly MemberProtocol[]
}

/** What a member says of itself: kept in ConsumerGroupMemberMetadata records. */
export interface MemberMetadata {
  /** null for a dynamic member. */
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly subscribedTopicNames: ReadonlySet<string>
  /** '' for none. */
  readonly subscribedTopicRegex: string
  readonly rebalanceTimeoutMs: number
  readonly serverAssignor: string | null
  /** null for a member of the consumer protocol. */
  readonly classic: ClassicMemberMetadata | null
}

/** What a member has: kept in ConsumerGroupCurrentMemberAssignment records. */
export interface CurrentAssignment {
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly state: MemberState
  readonly assigned: EpochAssignment
  /** Taken from the member, which hasn't said yet that it let go of them. */
  readonly pendingRevocation: EpochAssignment
}

/** A member of a consumer group. Never changed: a record that changes it makes a new one. */
export interface ConsumerMember extends MemberMetadata, CurrentAssignment {
  readonly memberId: string
}

/** A member of which nothing is known yet. */
export function newMember(memberId: string): ConsumerMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: new Set(),
    subscribedTopicRegex: '',
    rebalanceTimeoutMs: -1,
    serverAssignor: null,
    classic: null,
    memberEpoch: 0,
    previousMemberEpoch: -1,
    state: MemberState.STABLE,
    assigned: EMPTY_EPOCH_ASSIGNMENT,
    pendingRevocation: EMPTY_EPOCH_ASSIGNMENT,
  }
}

/** True when the member has reached its target of `assignmentEpoch`. */
export function isReconciledTo(member: ConsumerMember, assignmentEpoch: number): boolean {
  return member.state === MemberState.STABLE && member.memberEpoch === assignmentEpoch
}

/** A copy with a new epoch; the one before is remembered when it changes. */
export function withMemberEpoch(member: ConsumerMember, memberEpoch: number): ConsumerMember {
  return { ...member, memberEpoch, previousMemberEpoch: member.memberEpoch }
}

export function sameNames(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false
  for (const name of a) if (!b.has(name)) return false
  return true
}

/** True when both say the same of themselves. */
export function sameMetadata(a: MemberMetadata, b: MemberMetadata): boolean {
  return (
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.subscribedTopicRegex === b.subscribedTopicRegex &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    a.serverAssignor === b.serverAssignor &&
    sameNames(a.subscribedTopicNames, b.subscribedTopicNames) &&
    sameClassic(a.classic, b.classic)
  )
}

function sameClassic(a: ClassicMemberMetadata | null, b: ClassicMemberMetadata | null): boolean {
  if (a === null || b === null) return a === b
  return (
    a.sessionTimeoutMs === b.sessionTimeoutMs &&
    a.supportedProtocols.length === b.supportedProtocols.length &&
    a.supportedProtocols.every(({ name, metadata }, i) => {
      const other = b.supportedProtocols[i]!
      return name === other.name && metadata.equals(other.metadata)
    })
  )
}

/** True when both have the same epochs, state and partitions. */
export function sameCurrentAssignment(a: CurrentAssignment, b: CurrentAssignment): boolean {
  return (
    a.memberEpoch === b.memberEpoch &&
    a.previousMemberEpoch === b.previousMemberEpoch &&
    a.state === b.state &&
    sameEpochs(a.assigned, b.assigned) &&
    sameEpochs(a.pendingRevocation, b.pendingRevocation)
  )
}

/** The member's metadata as its record holds it. */
export function memberMetadataValue(member: ConsumerMember): ConsumerGroupMemberMetadataValue {
  const { instanceId, rackId, clientId, clientHost, subscribedTopicRegex, rebalanceTimeoutMs, serverAssignor } = member
  const classicMemberMetadata = member.classic && {
    sessionTimeoutMs: member.classic.sessionTimeoutMs,
    supportedProtocols: [...member.classic.supportedProtocols],
  }
  const subscribedTopicNames = [...member.subscribedTopicNames].sort()
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    subscribedTopicNames,
    subscribedTopicRegex,
    rebalanceTimeoutMs,
    serverAssignor,
    classicMemberMetadata,
  }
}

/** The reverse of `memberMetadataValue`. Buffers are copied: what came from the log is a view of a whole segment read. */
export function memberMetadataOf(value: ConsumerGroupMemberMetadataValue): MemberMetadata {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor } = value
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    subscribedTopicNames: new Set(value.subscribedTopicNames),
    subscribedTopicRegex: value.subscribedTopicRegex ?? '',
    rebalanceTimeoutMs,
    serverAssignor,
    classic: value.classicMemberMetadata && {
      sessionTimeoutMs: value.classicMemberMetadata.sessionTimeoutMs,
      supportedProtocols: value.classicMemberMetadata.supportedProtocols.map(({ name, metadata }) => ({
        name,
        metadata: Buffer.from(metadata),
      })),
    },
  }
}

/** The member's assignment as its record holds it. */
export function currentAssignmentValue(member: CurrentAssignment): ConsumerGroupCurrentMemberAssignmentValue {
  const { memberEpoch, previousMemberEpoch, state } = member
  return {
    memberEpoch,
    previousMemberEpoch,
    state,
    assignedPartitions: topicsWithEpochs(member.assigned),
    partitionsPendingRevocation: topicsWithEpochs(member.pendingRevocation),
  }
}

function topicsWithEpochs(assignment: EpochAssignment): ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[] {
  return listPartitions(assignment).map(({ topicId, partitions }) => ({
    topicId,
    partitions,
    assignmentEpochs: partitions.map((partition) => assignment.get(topicId)!.get(partition)!),
  }))
}

/** The reverse of `currentAssignmentValue`. */
export function currentAssignmentOf(value: ConsumerGroupCurrentMemberAssignmentValue): CurrentAssignment {
  const { memberEpoch, previousMemberEpoch } = value
  const read = (topics: readonly ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[]): EpochAssignment =>
    new Map(
      topics.map(({ topicId, partitions, assignmentEpochs }) => [
        topicId,
        partitionEpochs(partitions, assignmentEpochs, memberEpoch),
      ]),
    )
  return {
    memberEpoch,
    previousMemberEpoch,
    state: value.state >= 0 && value.state <= 2 ? (value.state as MemberState) : MemberState.UNKNOWN,
    assigned: read(value.assignedPartitions),
    pendingRevocation: read(value.partitionsPendingRevocation),
  }
}
