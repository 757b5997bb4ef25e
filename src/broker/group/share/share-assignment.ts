import type { Assignment } from '../consumer/assignment.ts'
import { samePartitions } from '../consumer/assignment.ts'
import type { TopicDescriber } from '../consumer/consumer-context.ts'
import { metadataHash } from '../consumer/metadata-hash.ts'
import { topicIdsOf } from '../consumer/topic-ids.ts'
import { partitionsOf, type ShareGroup, subscribedTopics } from './share-group.ts'
import type { ShareMember } from './share-member.ts'
import { type ShareGroupRecord, ShareRecordMaker } from './share-records.ts'
import { assignSimple } from './simple-assignor.ts'

export interface MemberChange {
  readonly group: ShareGroup
  readonly before: ShareMember
  /** The member with what its heartbeat says. */
  readonly after: ShareMember
  readonly hasNewSubscription: boolean
  readonly nowMs: number
  readonly assignmentIntervalMs: number
}

/** What comes of a member's news: epochs, targets, its own assignment. */
export function reassign(
  topics: TopicDescriber,
  change: MemberChange,
): { member: ShareMember; records: ShareGroupRecord[]; groupEpoch: number } {
  const { group, after } = change
  const members = [...group.members.values()].filter(({ memberId }) => memberId !== after.memberId)
  members.push(after)
  const make = new ShareRecordMaker(group.groupId)
  const records: ShareGroupRecord[] = []
  const isPending = group.assignmentEpoch >= group.groupEpoch && hasUnassigned(group)
  let { groupEpoch } = group
  if (change.hasNewSubscription || isPending || group.metadataChanged) {
    const hash = metadataHash(topics, subscribedTopics(members))
    if (change.hasNewSubscription || isPending || hash !== group.metadataHash) {
      groupEpoch++
      records.push(make.epoch(groupEpoch, hash))
    }
  }
  const target = nextTarget(topics, change, members, groupEpoch)
  records.push(...target.records)
  const member = reconcile(topics, change, target)
  if (member !== after) records.push(make.current(member))
  return { member, records, groupEpoch }
}

interface Target {
  readonly epoch: number
  readonly assignment: Assignment
  readonly records: ShareGroupRecord[]
}

/** The member's target: computed anew when the epoch is ahead and the last time isn't too short ago (KIP-1263). */
function nextTarget(
  topics: TopicDescriber,
  { group, after, nowMs, assignmentIntervalMs }: MemberChange,
  members: readonly ShareMember[],
  groupEpoch: number,
): Target {
  const { assignmentEpoch, assignmentTimestampMs } = group
  const current = { epoch: assignmentEpoch, assignment: group.target(after.memberId), records: [] }
  if (groupEpoch <= assignmentEpoch) return current
  const sinceMs = nowMs - assignmentTimestampMs
  if (assignmentTimestampMs !== 0 && sinceMs >= 0 && sinceMs < assignmentIntervalMs) return current
  const make = new ShareRecordMaker(group.groupId)
  const assigned = assignSimple(
    members.map(({ memberId, subscribedTopicNames }) => ({
      memberId,
      topicIds: topicIdsOf(topics, subscribedTopicNames),
      target: group.target(memberId),
    })),
    partitionsOf(group.state?.initialized ?? new Map()),
  )
  const records: ShareGroupRecord[] = []
  for (const [memberId, assignment] of assigned) {
    const old = group.targets.get(memberId)
    if (old === undefined || !samePartitions(old, assignment)) records.push(make.memberTarget(memberId, assignment))
  }
  records.push(make.target(groupEpoch, nowMs))
  return { epoch: groupEpoch, assignment: assigned.get(after.memberId)!, records }
}

/** Members go to their target at once: nobody has to give anything up first. */
function reconcile(topics: TopicDescriber, { after, hasNewSubscription }: MemberChange, target: Target): ShareMember {
  if (target.epoch === after.memberEpoch && !hasNewSubscription) return after
  const read = topicIdsOf(topics, after.subscribedTopicNames)
  const assigned = new Map([...target.assignment].filter(([topicId]) => read.has(topicId)))
  if (target.epoch === after.memberEpoch) return { ...after, assigned }
  return { ...after, assigned, memberEpoch: target.epoch, previousMemberEpoch: after.memberEpoch }
}

/** True when partitions of topics that members read have state by now, but no target has them. */
function hasUnassigned(group: ShareGroup): boolean {
  const initialized = group.state?.initialized
  if (group.members.size === 0 || initialized === undefined || initialized.size === 0) return false
  const read = group.subscribedTopics
  const assigned = new Map<string, Set<number>>()
  for (const target of group.targets.values()) {
    for (const [topicId, partitions] of target) {
      const all = assigned.get(topicId) ?? new Set<number>()
      assigned.set(topicId, all)
      for (const partition of partitions) all.add(partition)
    }
  }
  for (const [topicId, { name, partitions }] of initialized) {
    if (!read.has(name)) continue
    const all = assigned.get(topicId)
    if (all === undefined || all.size !== partitions.size) return true
  }
  return false
}
