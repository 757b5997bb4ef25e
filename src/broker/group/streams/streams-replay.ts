import { StreamsGroup } from './streams-group.ts'
import {
  newStreamsMember,
  noAssignment,
  type StreamsMember,
  streamsAssignmentOf,
  streamsMetadataOf,
} from './streams-member.ts'
import type { StreamsGroupRecord } from './streams-records.ts'
import { taskSet } from './tasks.ts'
import { StreamsTopology } from './topology.ts'

/** The epoch of a member whose assignment was removed, and of targets that were. */
const NO_EPOCH = -1

/** The one place where a streams group changes: by a record, read from the log or just written to it. */
export function applyStreamsGroupRecord(groups: Map<string, StreamsGroup>, record: StreamsGroupRecord): void {
  const { groupId } = record
  if (record.value === null) {
    const existing = groups.get(groupId)
    if (existing !== undefined) applyTombstone(groups, existing, record)
    return
  }
  const group = groups.get(groupId) ?? new StreamsGroup(groupId)
  groups.set(groupId, group)
  switch (record.type) {
    case 'group':
      group.groupEpoch = record.value.epoch
      group.metadataHash = record.value.metadataHash
      group.validatedTopologyEpoch = record.value.validatedTopologyEpoch
      group.assignmentConfigs = new Map(record.value.lastAssignmentConfigs?.map(({ key, value }) => [key, value]))
      return
    case 'topology':
      group.topology = new StreamsTopology(record.value)
      return
    case 'member':
      group.setMember({ ...memberOf(group, record.memberId), ...streamsMetadataOf(record.value) })
      return
    case 'target':
      group.assignmentEpoch = record.value.assignmentEpoch
      group.assignmentTimestampMs = Number(record.value.assignmentTimestamp)
      return
    case 'member-target': {
      const { activeTasks, standbyTasks, warmupTasks } = record.value
      const tasks = { active: taskSet(activeTasks), standby: taskSet(standbyTasks), warmup: taskSet(warmupTasks) }
      group.targets.set(record.memberId, tasks)
      return
    }
    case 'current':
      group.setMember({ ...memberOf(group, record.memberId), ...streamsAssignmentOf(record.value) })
      return
  }
}

function memberOf(group: StreamsGroup, memberId: string): StreamsMember {
  return group.members.get(memberId) ?? newStreamsMember(memberId)
}

function applyTombstone(groups: Map<string, StreamsGroup>, group: StreamsGroup, record: StreamsGroupRecord): void {
  switch (record.type) {
    case 'group':
      groups.delete(group.groupId)
      return
    case 'topology':
      group.topology = null
      return
    case 'member':
      group.removeMember(record.memberId)
      return
    case 'target':
      group.assignmentEpoch = NO_EPOCH
      group.assignmentTimestampMs = 0
      return
    case 'member-target':
      group.targets.delete(record.memberId)
      return
    case 'current': {
      const member = group.members.get(record.memberId)
      if (member !== undefined) group.setMember({ ...member, ...noAssignment(NO_EPOCH) })
      return
    }
  }
}
