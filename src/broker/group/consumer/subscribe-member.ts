import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import { contains, EMPTY_ASSIGNMENT, type TopicPartitions } from './assignment.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, JOIN_EPOCH, newMember, STATIC_LEAVE_EPOCH } from './consumer-member.ts'
import { type ConsumerGroupRecord, RecordMaker } from './consumer-records.ts'

/** Who sends a request, and as what. */
export interface MemberIdentity {
  readonly memberId: string
  readonly instanceId: string | null
  /** null for members of the classic protocol: their generation is checked elsewhere. */
  readonly memberEpoch: number | null
  /** The sender may be new to the group. */
  readonly joins: boolean
  readonly owned: readonly TopicPartitions[] | null
}

export interface Subscribed {
  readonly member: ConsumerMember
  /** Of the static member it replaces, if any. */
  readonly records: readonly ConsumerGroupRecord[]
}

/** @throws KafkaError UNKNOWN_MEMBER_ID */
export function memberOf(group: ConsumerGroup, memberId: string): ConsumerMember {
  const member = group.members.get(memberId)
  if (member !== undefined) return member
  const message = `Member ${memberId} is not a member of group ${group.groupId}.`
  throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, message)
}

/** @throws KafkaError UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID when another has taken the instance id over */
export function staticMemberOf(group: ConsumerGroup, instanceId: string, memberId: string): ConsumerMember {
  const member = group.staticMember(instanceId)
  if (member === undefined) {
    throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`)
  }
  if (member.memberId !== memberId) {
    const message = `Static member ${memberId} with instance id ${instanceId} was fenced by member ${member.memberId}.`
    throw new KafkaError(ErrorCode.FENCED_INSTANCE_ID, message)
  }
  return member
}

/**
 * Finds the sender among the members, or makes it one if it joins.
 *
 * @throws KafkaError UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, FENCED_INSTANCE_ID, UNRELEASED_INSTANCE_ID
 */
export function subscribeMember(group: ConsumerGroup, identity: MemberIdentity): Subscribed {
  const { memberId, instanceId, joins } = identity
  if (instanceId === null) {
    const member = joins ? (group.members.get(memberId) ?? newMember(memberId)) : memberOf(group, memberId)
    checkEpoch(member, identity)
    return { member, records: [] }
  }
  if (!joins) {
    const member = staticMemberOf(group, instanceId, memberId)
    checkEpoch(member, identity)
    return { member, records: [] }
  }
  const existing = group.staticMember(instanceId)
  if (existing === undefined) return { member: group.members.get(memberId) ?? newMember(memberId), records: [] }
  return replaceStatic(group, existing, identity)
}

/** A static member comes back under a new id, or as itself: it gets what its predecessor had. */
function replaceStatic(group: ConsumerGroup, existing: ConsumerMember, identity: MemberIdentity): Subscribed {
  const { memberId, instanceId, memberEpoch } = identity
  const bothAreConsumers = memberEpoch !== null && existing.classic === null
  if (bothAreConsumers && existing.memberEpoch !== STATIC_LEAVE_EPOCH) {
    throw new KafkaError(
      ErrorCode.UNRELEASED_INSTANCE_ID,
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is ` +
        `owned by ${existing.memberId} member.`,
    )
  }
  const member: ConsumerMember = { ...existing, memberId, memberEpoch: JOIN_EPOCH, previousMemberEpoch: JOIN_EPOCH }
  const make = new RecordMaker(group.groupId)
  const records = [
    ...removalRecords(make, existing.memberId),
    make.member(member),
    make.memberTarget(memberId, group.targets.get(existing.memberId) ?? EMPTY_ASSIGNMENT),
    make.current(memberId, member),
  ]
  return { member, records }
}

/** The tombstones of a member. */
export function removalRecords(make: RecordMaker, memberId: string): ConsumerGroupRecord[] {
  return [make.currentTombstone(memberId), make.memberTargetTombstone(memberId), make.memberTombstone(memberId)]
}

function checkEpoch(member: ConsumerMember, { memberEpoch, owned }: MemberIdentity): void {
  if (memberEpoch === null || memberEpoch === JOIN_EPOCH || memberEpoch === member.memberEpoch) return
  if (memberEpoch > member.memberEpoch) throw fenced('greater', memberEpoch, member)
  // The answer with the new epoch may have been lost: the last one is as good while the member has nothing more.
  const isRetry = memberEpoch === member.previousMemberEpoch && owned !== null && contains(member.assigned, owned)
  if (!isRetry) throw fenced('smaller', memberEpoch, member)
}

function fenced(how: string, memberEpoch: number, member: ConsumerMember): KafkaError {
  return new KafkaError(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The consumer group member has a ${how} member epoch (${memberEpoch}) than the one known by the group ` +
      `coordinator (${member.memberEpoch}). The member must abandon all its partitions and rejoin.`,
  )
}
