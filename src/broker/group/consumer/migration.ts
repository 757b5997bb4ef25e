import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type { GroupMetadataValue } from '../../../protocol/generated/data/group-metadata.ts'
import { MalformedMessageError } from '../../../protocol/reader.ts'
import type { ClassicGroup } from '../classic-group.ts'
import type { Member } from '../member.ts'
import type { GroupRecord } from '../records.ts'
import { CONSUMER_PROTOCOL_TYPE } from '../subscription.ts'
import { assignmentOf, withEpoch, withoutEpochs } from './assignment.ts'
import { byTopicId, readAssignment, readSubscription, writeAssignment } from './classic-bytes.ts'
import type { ConsumerGroupContext } from './consumer-context.ts'
import { ConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, newMember } from './consumer-member.ts'
import { type ConsumerGroupRecord, RecordMaker } from './consumer-records.ts'
import { groupTombstones } from './fence.ts'
import { metadataHash } from './metadata-hash.ts'
import { applyConsumerGroupRecord } from './replay.ts'

/** A classic group as a consumer group: what it will be once the records are committed, and the records. */
export interface Upgrade {
  readonly group: ConsumerGroup
  readonly records: readonly (GroupRecord | ConsumerGroupRecord)[]
}

/** A group that is not in the log yet takes the place of a classic group without members, whose offsets stay. */
export function replaceEmpty(groupId: string): Upgrade {
  return { group: new ConsumerGroup(groupId), records: [{ kind: 'group', groupId, value: null }] }
}

/**
 * Turns a classic group with members into a consumer group, for a member of the new protocol to join: the others keep
 * their assignments and go on with the classic protocol.
 *
 * @throws KafkaError GROUP_ID_NOT_FOUND when this isn't allowed or not possible
 */
export function upgrade(consumer: ConsumerGroupContext, classic: ClassicGroup): Upgrade {
  const { groupId } = classic
  const { migrationPolicy, maxSize } = consumer.settings()
  if (migrationPolicy !== 'upgrade' && migrationPolicy !== 'bidirectional') {
    throw refused(groupId, 'online upgrade is disabled')
  }
  if (classic.protocolType !== CONSUMER_PROTOCOL_TYPE) {
    throw refused(groupId, 'the group does not use the consumer embedded protocol')
  }
  if (classic.members.size > maxSize) {
    throw refused(groupId, 'the group size exceeds the consumer group maximum size')
  }
  let members: ConsumerMember[]
  try {
    const protocolName = classic.protocolName ?? classic.selectProtocol()
    members = [...classic.members.values()].map((member) => upgradedMember(consumer, classic, member, protocolName))
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error
    throw refused(groupId, 'the embedded consumer protocol is malformed')
  }
  const make = new RecordMaker(groupId)
  const { generationId } = classic
  const names = new Set(members.flatMap(({ subscribedTopicNames }) => [...subscribedTopicNames]))
  const records = [
    ...members.map((member) => make.member(member)),
    make.epoch(generationId, metadataHash(consumer.topics, names)),
    ...members.map(({ memberId, assigned }) => make.memberTarget(memberId, withoutEpochs(assigned))),
    make.target(generationId, 0),
    ...members.map((member) => make.current(member.memberId, member)),
  ]
  const groups = new Map<string, ConsumerGroup>()
  for (const record of records) applyConsumerGroupRecord(groups, record)
  return { group: groups.get(groupId)!, records: [{ kind: 'group', groupId, value: null }, ...records] }
}

function refused(groupId: string, why: string): KafkaError {
  const message = `Cannot upgrade classic group ${groupId} to consumer group because ${why}.`
  return new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
}

function upgradedMember(
  { topics }: ConsumerGroupContext,
  classic: ClassicGroup,
  member: Member,
  protocolName: string,
): ConsumerMember {
  const subscription = readSubscription(member.metadata(protocolName) ?? Buffer.alloc(0))
  const assignment = member.assignment.length === 0 ? null : readAssignment(member.assignment)
  if (assignment?.userData != null && assignment.userData.length > 0) {
    const why = 'an unsupported custom assignor is in use'
    const advice = 'Please refer to the documentation or switch to a default assignor before re-attempting the upgrade.'
    const message = `Cannot upgrade classic group ${classic.groupId} to consumer group because ${why}. ${advice}`
    throw new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
  }
  const assigned = assignmentOf(byTopicId(topics, assignment?.assignedPartitions ?? []))
  return {
    ...newMember(member.memberId),
    instanceId: member.groupInstanceId,
    rackId: subscription.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: new Set(subscription.topics),
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    classic: { sessionTimeoutMs: member.sessionTimeoutMs, supportedProtocols: member.protocols },
    memberEpoch: classic.generationId,
    previousMemberEpoch: classic.generationId,
    assigned: withEpoch(assigned, classic.generationId),
  }
}

/** True when a consumer group without those members has only classic ones left, and may become a classic group. */
export function canDowngrade(
  consumer: ConsumerGroupContext,
  group: ConsumerGroup,
  without: readonly ConsumerMember[],
  classicMaxSize: number,
): boolean {
  const { migrationPolicy } = consumer.settings()
  if (migrationPolicy !== 'downgrade' && migrationPolicy !== 'bidirectional') return false
  const gone = new Set(without.map(({ memberId }) => memberId))
  const left = [...group.members.values()].filter(({ memberId }) => !gone.has(memberId))
  return left.length > 0 && left.length <= classicMaxSize && left.every(({ classic }) => classic !== null)
}

/** A consumer group as the classic group it becomes when only classic members are left. */
export function downgrade(
  consumer: ConsumerGroupContext,
  group: ConsumerGroup,
  without: readonly ConsumerMember[],
  nowMs: number,
): { value: GroupMetadataValue; records: readonly (GroupRecord | ConsumerGroupRecord)[] } {
  const gone = new Set(without.map(({ memberId }) => memberId))
  const members = [...group.members.values()].filter(({ memberId }) => !gone.has(memberId))
  const protocol = commonProtocol(members)
  const value: GroupMetadataValue = {
    protocolType: CONSUMER_PROTOCOL_TYPE,
    generation: group.groupEpoch,
    protocol,
    leader: members[0]!.memberId,
    currentStateTimestamp: BigInt(nowMs),
    members: members.map((member) => downgradedMember(consumer, member, protocol)),
  }
  const records = [...groupTombstones(group), { kind: 'group' as const, groupId: group.groupId, value }]
  return { value, records }
}

function downgradedMember({ topics }: ConsumerGroupContext, member: ConsumerMember, protocol: string) {
  const { sessionTimeoutMs, supportedProtocols } = member.classic!
  const metadata = supportedProtocols.find(({ name }) => name === protocol)!.metadata
  return {
    memberId: member.memberId,
    groupInstanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeout: member.rebalanceTimeoutMs,
    sessionTimeout: sessionTimeoutMs,
    subscription: metadata,
    assignment: writeAssignment(topics, member.assigned, metadata),
  }
}

/** The first member's favourite among the protocols that all support; joining checked that there is one. */
function commonProtocol(members: readonly ConsumerMember[]): string {
  const common = members[0]!.classic!.supportedProtocols.find(({ name }) =>
    members.every(({ classic }) => classic!.supportedProtocols.some((protocol) => protocol.name === name)),
  )
  if (common === undefined) throw new KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  return common.name
}
