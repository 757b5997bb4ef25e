import { assignmentOf } from './assignment.ts'
import { ConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, currentAssignmentOf, memberMetadataOf, newMember } from './consumer-member.ts'
import type { ConsumerGroupRecord } from './consumer-records.ts'

/** The one place where a consumer group changes: by a record, read from the log or just written to it. */
export function applyConsumerGroupRecord(groups: Map<string, ConsumerGroup>, record: ConsumerGroupRecord): void {
  const { groupId } = record
  if (record.value === null) {
    const existing = groups.get(groupId)
    if (existing !== undefined) applyTombstone(groups, existing, record)
    return
  }
  const group = groups.get(groupId) ?? new ConsumerGroup(groupId)
  groups.set(groupId, group)
  switch (record.type) {
    case 'group':
      group.groupEpoch = record.value.epoch
      group.metadataHash = record.value.metadataHash
      return
    case 'partition-metadata':
      group.hasPartitionMetadata = true
      return
    case 'member':
      group.setMember({ ...memberOf(group, record.memberId), ...memberMetadataOf(record.value) })
      return
    case 'target':
      group.assignmentEpoch = record.value.assignmentEpoch
      group.assignmentTimestampMs = Number(record.value.assignmentTimestamp)
      return
    case 'member-target':
      group.targets.set(record.memberId, assignmentOf(record.value.topicPartitions))
      return
    case 'current':
      group.setMember({ ...memberOf(group, record.memberId), ...currentAssignmentOf(record.value) })
      return
    case 'regex': {
      const { topics, version, timestamp } = record.value
      const resolved = { topics: new Set(topics), version: Number(version), timestampMs: Number(timestamp) }
      group.setRegex(record.regex, resolved)
      return
    }
  }
}

function memberOf(group: ConsumerGroup, memberId: string): ConsumerMember {
  return group.members.get(memberId) ?? newMember(memberId)
}

function applyTombstone(groups: Map<string, ConsumerGroup>, group: ConsumerGroup, record: ConsumerGroupRecord): void {
  switch (record.type) {
    case 'group':
      groups.delete(group.groupId)
      return
    case 'partition-metadata':
      group.hasPartitionMetadata = false
      return
    case 'member':
      group.removeMember(record.memberId)
      return
    case 'target':
      group.assignmentEpoch = 0
      group.assignmentTimestampMs = 0
      return
    case 'member-target':
      group.targets.delete(record.memberId)
      return
    case 'current': {
      const member = group.members.get(record.memberId)
      if (member === undefined) return
      const { memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = newMember(record.memberId)
      group.setMember({ ...member, memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation })
      return
    }
    case 'regex':
      group.setRegex(record.regex, null)
      return
  }
}
