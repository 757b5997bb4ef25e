import { type Assignment, EMPTY_ASSIGNMENT, samePartitions } from './assignment.ts'
import type { Assignor } from './assignor.ts'
import type { TopicDescriber } from './consumer-context.ts'
import { type ConsumerGroup, topicsOfMember } from './consumer-group.ts'
import type { ConsumerMember } from './consumer-member.ts'
import { type ConsumerGroupRecord, RecordMaker } from './consumer-records.ts'
import { rangeAssignor } from './range-assignor.ts'
import { topicIdsOf } from './topic-ids.ts'
import { uniformAssignor } from './uniform-assignor.ts'

const ASSIGNORS: ReadonlyMap<string, Assignor> = new Map(
  [uniformAssignor, rangeAssignor].map((assignor) => [assignor.name, assignor]),
)
const BUILT_IN_PREFIX = 'org.apache.kafka.coordinator.group.assignor.'

/** The name of an assignor in group.consumer.assignors: configs may also name Kafka's classes. */
export function assignorName(configured: string): string {
  if (configured === `${BUILT_IN_PREFIX}UniformAssignor`) return uniformAssignor.name
  if (configured === `${BUILT_IN_PREFIX}RangeAssignor`) return rangeAssignor.name
  return configured
}

/** The assignor most members ask for; `fallback` when none asks for any. */
export function preferredAssignor(members: Iterable<ConsumerMember>, fallback: string): string {
  const votes = new Map<string, number>()
  for (const { serverAssignor } of members) {
    if (serverAssignor !== null) votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1)
  }
  let best = fallback
  for (const [name, count] of votes) if (count > (votes.get(best) ?? 0)) best = name
  return best
}

export interface TargetInput {
  readonly group: ConsumerGroup
  /** The members the group will have, with the one that is being changed as it will be. */
  readonly members: readonly ConsumerMember[]
  readonly epoch: number
  readonly nowMs: number
  readonly defaultAssignor: string
  readonly topics: TopicDescriber
}

export interface TargetResult {
  readonly targets: ReadonlyMap<string, Assignment>
  readonly records: readonly ConsumerGroupRecord[]
  readonly assignor: string
}

/** Assigns all partitions anew; there are records only for members whose target changes, and for the epoch. */
export function computeTargets(input: TargetInput): TargetResult {
  const { group, members, epoch, nowMs, topics } = input
  const make = new RecordMaker(group.groupId)
  const preferred = preferredAssignor(members, input.defaultAssignor)
  // A member may come from a coordinator that had more assignors.
  const assignor = ASSIGNORS.get(preferred) ?? ASSIGNORS.get(input.defaultAssignor) ?? uniformAssignor
  const assigned = assignor.assign({
    members: members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      topicIds: topicIdsOf(topics, topicsOfMember(member, group.regexes)),
      target: group.target(member.memberId, member.instanceId),
    })),
    partitionCount: (topicId) => topics.partitionCount(topicId),
  })
  const targets = new Map<string, Assignment>()
  const records: ConsumerGroupRecord[] = []
  for (const { memberId } of members) {
    const target = assigned.get(memberId) ?? EMPTY_ASSIGNMENT
    targets.set(memberId, target)
    const old = group.targets.get(memberId)
    if (old === undefined || !samePartitions(old, target)) records.push(make.memberTarget(memberId, target))
  }
  records.push(make.target(epoch, nowMs))
  return { targets, records, assignor: assignor.name }
}
