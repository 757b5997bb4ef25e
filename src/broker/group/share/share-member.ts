import type { ShareGroupCurrentMemberAssignmentValue } from '../../../protocol/generated/data/share-group-current-member-assignment.ts'
import type { ShareGroupMemberMetadataValue } from '../../../protocol/generated/data/share-group-member-metadata.ts'
import { type Assignment, assignmentOf, EMPTY_ASSIGNMENT, listPartitions } from '../consumer/assignment.ts'
import { sameNames } from '../consumer/consumer-member.ts'

/** The epoch a joining member sends. */
export const JOIN_EPOCH = 0
/** The epoch a leaving member sends. */
export const LEAVE_EPOCH = -1
/** Members of share groups are always where they should be: nothing has to be given up first. */
const STABLE = 0

/** A member of a share group. Never changed: a record that changes it makes a new one. */
export interface ShareMember {
  readonly memberId: string
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly subscribedTopicNames: ReadonlySet<string>
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly assigned: Assignment
}

/** A member of which nothing is known yet. */
export function newShareMember(memberId: string): ShareMember {
  return {
    memberId,
    rackId: null,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: new Set(),
    memberEpoch: 0,
    previousMemberEpoch: -1,
    assigned: EMPTY_ASSIGNMENT,
  }
}

/** True when both say the same of themselves. */
export function sameShareMetadata(a: ShareMember, b: ShareMember): boolean {
  return (
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    sameNames(a.subscribedTopicNames, b.subscribedTopicNames)
  )
}

export function shareMetadataValue(member: ShareMember): ShareGroupMemberMetadataValue {
  const { rackId, clientId, clientHost, subscribedTopicNames } = member
  return { rackId, clientId, clientHost, subscribedTopicNames: [...subscribedTopicNames].sort() }
}

/** The reverse of `shareMetadataValue`. */
export function withShareMetadata(member: ShareMember, value: ShareGroupMemberMetadataValue): ShareMember {
  const { rackId, clientId, clientHost, subscribedTopicNames } = value
  return { ...member, rackId, clientId, clientHost, subscribedTopicNames: new Set(subscribedTopicNames) }
}

export function shareAssignmentValue(member: ShareMember): ShareGroupCurrentMemberAssignmentValue {
  const { memberEpoch, previousMemberEpoch, assigned } = member
  return { memberEpoch, previousMemberEpoch, state: STABLE, assignedPartitions: listPartitions(assigned) }
}

/** The reverse of `shareAssignmentValue`. */
export function withShareAssignment(member: ShareMember, value: ShareGroupCurrentMemberAssignmentValue): ShareMember {
  const { memberEpoch, previousMemberEpoch, assignedPartitions } = value
  return { ...member, memberEpoch, previousMemberEpoch, assigned: assignmentOf(assignedPartitions) }
}
