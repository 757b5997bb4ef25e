import type { ConsumerGroupContext } from './consumer-context.ts'
import { type ConsumerGroup, subscribedTopics } from './consumer-group.ts'
import type { ConsumerMember } from './consumer-member.ts'
import { type ConsumerGroupRecord, RecordMaker } from './consumer-records.ts'
import { metadataHash } from './metadata-hash.ts'
import { removalRecords } from './subscribe-member.ts'

/** The records that remove members: what they had is free when these are committed. */
export function fenceRecords(
  consumer: ConsumerGroupContext,
  group: ConsumerGroup,
  fenced: readonly ConsumerMember[],
): ConsumerGroupRecord[] {
  const make = new RecordMaker(group.groupId)
  const records = fenced.flatMap(({ memberId }) => removalRecords(make, memberId))
  const gone = new Set(fenced.map(({ memberId }) => memberId))
  const remaining = [...group.members.values()].filter(({ memberId }) => !gone.has(memberId))
  const regexes = new Map(group.regexes)
  const kept = new Set(remaining.map(({ subscribedTopicRegex }) => subscribedTopicRegex))
  for (const regex of new Set(fenced.map(({ subscribedTopicRegex }) => subscribedTopicRegex))) {
    if (regex === '' || kept.has(regex)) continue
    records.push(make.regexTombstone(regex))
    regexes.delete(regex)
  }
  records.push(make.epoch(group.groupEpoch + 1, metadataHash(consumer.topics, subscribedTopics(remaining, regexes))))
  return records
}

/** The tombstones of all records of a group. */
export function groupTombstones(group: ConsumerGroup): ConsumerGroupRecord[] {
  const make = new RecordMaker(group.groupId)
  const memberIds = [...group.members.keys()]
  return [
    ...memberIds.map((memberId) => make.currentTombstone(memberId)),
    ...memberIds.map((memberId) => make.memberTargetTombstone(memberId)),
    make.targetTombstone(),
    ...memberIds.map((memberId) => make.memberTombstone(memberId)),
    ...[...group.regexes.keys()].map((regex) => make.regexTombstone(regex)),
    ...(group.hasPartitionMetadata ? [make.partitionMetadataTombstone()] : []),
    make.epochTombstone(),
  ]
}
