import type { Logger } from '../../logger.ts'
import type { TopicPartitions } from './assignment.ts'
import type { ConsumerGroupContext } from './consumer-context.ts'
import { type ConsumerGroup, subscribedTopics, topicsOfMember } from './consumer-group.ts'
import { type ConsumerMember, sameCurrentAssignment, sameMetadata, sameNames } from './consumer-member.ts'
import { type ConsumerGroupRecord, RecordMaker } from './consumer-records.ts'
import { metadataHash } from './metadata-hash.ts'
import { reconcile } from './reconcile.ts'
import { checkRegex, regexIsResolved } from './regex-subscription.ts'
import { assignorName, computeTargets } from './target-assignment.ts'
import { topicIdsOf } from './topic-ids.ts'

export interface UpdateEnvironment {
  readonly consumer: ConsumerGroupContext
  readonly logger: Logger
  readonly nowMs: number
}

export interface MemberChange {
  readonly group: ConsumerGroup
  /** The member as it is; a new one if it isn't there yet, or the copy that replaces a static one. */
  readonly before: ConsumerMember
  /** The same with what it says of itself now. */
  readonly after: ConsumerMember
  /** Records that come first: of a conversion, or of the static member that is replaced. */
  readonly records: readonly ConsumerGroupRecord[]
  readonly owned: readonly TopicPartitions[] | null
}

export interface UpdateResult {
  readonly member: ConsumerMember
  readonly records: readonly ConsumerGroupRecord[]
  readonly groupEpoch: number
}

/**
 * What a heartbeat or join of a member changes: its metadata, the group's epoch when its subscription or the topics
 * changed, the targets when they are behind the epoch, and the member's own way to its target.
 *
 * @throws KafkaError INVALID_REGULAR_EXPRESSION, FENCED_MEMBER_EPOCH
 */
export function updateMember(environment: UpdateEnvironment, change: MemberChange): UpdateResult {
  const { group, before, after, owned } = change
  const { consumer } = environment
  const make = new RecordMaker(group.groupId)
  const records = [...change.records]
  if (!sameMetadata(before, after)) records.push(make.member(after))
  const namesChanged = !sameNames(before.subscribedTopicNames, after.subscribedTopicNames)
  const regexChanged = before.subscribedTopicRegex !== after.subscribedTopicRegex
  if (regexChanged) records.push(...regexRecords(group, before, after, make))
  const members = membersWith(group, after)
  const regexReady = regexChanged && regexIsResolved(group, before, after)
  const epoch = nextEpoch(environment, group, members, namesChanged || regexReady)
  records.push(...epoch.records)
  const target = nextTarget(environment, group, members, after, epoch.value)
  records.push(...target.records)
  const member = reconcile(after, {
    targetEpoch: target.epoch,
    target: target.assignment,
    subscribedTopicIds: topicIdsOf(consumer.topics, topicsOfMember(after, group.regexes)),
    subscriptionChanged: namesChanged || regexChanged,
    owned,
    owner: (topicId, partition) => group.owner(topicId, partition),
  })
  if (member !== after && !sameCurrentAssignment(member, after)) records.push(make.current(member.memberId, member))
  return { member, records, groupEpoch: epoch.value }
}

function regexRecords(
  group: ConsumerGroup,
  before: ConsumerMember,
  after: ConsumerMember,
  make: RecordMaker,
): ConsumerGroupRecord[] {
  if (after.subscribedTopicRegex !== '' && group.regexSubscribers(after.subscribedTopicRegex) === 0) {
    checkRegex(after.subscribedTopicRegex)
  }
  const old = before.subscribedTopicRegex
  return old !== '' && group.regexSubscribers(old) === 1 ? [make.regexTombstone(old)] : []
}

/** The group's members with one of them changed; a static one takes the place of its predecessor. */
export function membersWith(group: ConsumerGroup, changed: ConsumerMember): ConsumerMember[] {
  const replaced = group.staticMember(changed.instanceId)?.memberId
  const members = [...group.members.values()].filter(
    ({ memberId }) => memberId !== changed.memberId && memberId !== replaced,
  )
  members.push(changed)
  return members
}

/** Bumps the epoch when it must, or when the topics are not what they were. */
function nextEpoch(
  { consumer, logger }: UpdateEnvironment,
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
  mustBump: boolean,
): { value: number; records: ConsumerGroupRecord[] } {
  const { groupId, groupEpoch } = group
  if (!mustBump && !group.metadataChanged) return { value: groupEpoch, records: [] }
  const hash = metadataHash(consumer.topics, subscribedTopics(members, group.regexes))
  const make = new RecordMaker(groupId)
  const records: ConsumerGroupRecord[] = []
  let value = groupEpoch
  if (mustBump || hash !== group.metadataHash) {
    value = groupEpoch + 1
    records.push(make.epoch(value, hash))
    logger.info({ groupId, groupEpoch: value }, 'group epoch bumped')
  }
  if (group.hasPartitionMetadata) records.push(make.partitionMetadataTombstone())
  return { value, records }
}

/** The member's target: computed anew when the epoch is ahead and the last time isn't too short ago (KIP-1263). */
function nextTarget(
  { consumer, logger, nowMs }: UpdateEnvironment,
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
  member: ConsumerMember,
  groupEpoch: number,
) {
  const { groupId, assignmentEpoch, assignmentTimestampMs } = group
  const current = { epoch: assignmentEpoch, assignment: group.target(member.memberId, member.instanceId), records: [] }
  if (groupEpoch <= assignmentEpoch) return current
  const { assignmentIntervalMs } = consumer.groupConfig(groupId)
  const sinceMs = nowMs - assignmentTimestampMs
  // A clock that was set back must not hold assignments up.
  if (assignmentTimestampMs !== 0 && sinceMs >= 0 && sinceMs < assignmentIntervalMs) return current
  const defaultAssignor = assignorName(consumer.settings().assignors[0] ?? 'uniform')
  const { topics } = consumer
  const { targets, records, assignor } = computeTargets({
    group,
    members,
    epoch: groupEpoch,
    nowMs,
    defaultAssignor,
    topics,
  })
  logger.info({ groupId, groupEpoch, assignor, members: members.length }, 'target assignment computed')
  return { epoch: groupEpoch, assignment: targets.get(member.memberId)!, records }
}
