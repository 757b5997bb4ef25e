import type { ShareGroupStatePartitionMetadataValue } from '../../../protocol/generated/data/share-group-state-partition-metadata.ts'
import { assignmentOf } from '../consumer/assignment.ts'
import { ShareGroup, type StatePartitions } from './share-group.ts'
import { newShareMember, withShareAssignment, withShareMetadata } from './share-member.ts'
import type { ShareGroupRecord } from './share-records.ts'

/** The one place where a share group changes: by a record, read from the log or just written to it. */
export function applyShareGroupRecord(groups: Map<string, ShareGroup>, record: ShareGroupRecord, nowMs: number): void {
  const { groupId } = record
  if (record.value === null) {
    const existing = groups.get(groupId)
    if (existing !== undefined) applyTombstone(groups, existing, record)
    return
  }
  const group = groups.get(groupId) ?? new ShareGroup(groupId)
  groups.set(groupId, group)
  switch (record.type) {
    case 'group':
      group.groupEpoch = record.value.epoch
      group.metadataHash = record.value.metadataHash
      group.isPersisted = true
      return
    case 'member':
      group.members.set(record.memberId, withShareMetadata(memberOf(group, record.memberId), record.value))
      return
    case 'current':
      group.members.set(record.memberId, withShareAssignment(memberOf(group, record.memberId), record.value))
      return
    case 'target':
      group.assignmentEpoch = record.value.assignmentEpoch
      group.assignmentTimestampMs = Number(record.value.assignmentTimestamp)
      return
    case 'member-target':
      group.targets.set(record.memberId, assignmentOf(record.value.topicPartitions))
      return
    case 'state-partitions':
      group.state = stateOf(record.value, nowMs)
      return
  }
}

function memberOf(group: ShareGroup, memberId: string) {
  return group.members.get(memberId) ?? newShareMember(memberId)
}

function stateOf(value: ShareGroupStatePartitionMetadataValue, timestampMs: number): StatePartitions {
  const read = (topics: ShareGroupStatePartitionMetadataValue['initializedTopics']) =>
    new Map(
      topics.map(({ topicId, topicName: name, partitions }) => [
        topicId,
        { name, partitions: new Set(partitions), timestampMs },
      ]),
    )
  return {
    initializing: read(value.initializingTopics),
    initialized: read(value.initializedTopics),
    deleting: new Map(value.deletingTopics.map(({ topicId, topicName }) => [topicId, topicName])),
  }
}

function applyTombstone(groups: Map<string, ShareGroup>, group: ShareGroup, record: ShareGroupRecord): void {
  switch (record.type) {
    case 'group':
      groups.delete(group.groupId)
      return
    case 'member':
      group.members.delete(record.memberId)
      return
    case 'current': {
      const member = group.members.get(record.memberId)
      if (member === undefined) return
      const { memberEpoch, previousMemberEpoch, assigned } = newShareMember(record.memberId)
      group.members.set(record.memberId, { ...member, memberEpoch, previousMemberEpoch, assigned })
      return
    }
    case 'target':
      group.assignmentEpoch = 0
      group.assignmentTimestampMs = 0
      return
    case 'member-target':
      group.targets.delete(record.memberId)
      return
    case 'state-partitions':
      group.state = undefined
      return
  }
}
