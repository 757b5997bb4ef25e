import { decode, decodeVersioned, encode, encodeVersioned, type MessageCodec } from '../../../protocol/codec.ts'
import {
  ShareGroupCurrentMemberAssignmentKey,
  ShareGroupCurrentMemberAssignmentValue,
} from '../../../protocol/generated/data/share-group-current-member-assignment.ts'
import {
  ShareGroupMemberMetadataKey,
  ShareGroupMemberMetadataValue,
} from '../../../protocol/generated/data/share-group-member-metadata.ts'
import {
  ShareGroupMetadataKey,
  ShareGroupMetadataValue,
} from '../../../protocol/generated/data/share-group-metadata.ts'
import {
  ShareGroupStatePartitionMetadataKey,
  ShareGroupStatePartitionMetadataValue,
} from '../../../protocol/generated/data/share-group-state-partition-metadata.ts'
import {
  ShareGroupTargetAssignmentMemberKey,
  ShareGroupTargetAssignmentMemberValue,
} from '../../../protocol/generated/data/share-group-target-assignment-member.ts'
import {
  ShareGroupTargetAssignmentMetadataKey,
  ShareGroupTargetAssignmentMetadataValue,
} from '../../../protocol/generated/data/share-group-target-assignment-metadata.ts'
import { type Assignment, listPartitions } from '../consumer/assignment.ts'
import type { StatePartitions, TopicStates } from './share-group.ts'
import { type ShareMember, shareAssignmentValue, shareMetadataValue } from './share-member.ts'

interface Common<Type extends string, Value> {
  readonly kind: 'share-group'
  readonly type: Type
  readonly groupId: string
  /** null is a tombstone. */
  readonly value: Value | null
}

interface OfMember {
  readonly memberId: string
}

/** A record of a share group in __consumer_offsets (types 10-15). */
export type ShareGroupRecord =
  | (Common<'member', ShareGroupMemberMetadataValue> & OfMember)
  | Common<'group', ShareGroupMetadataValue>
  | Common<'target', ShareGroupTargetAssignmentMetadataValue>
  | (Common<'member-target', ShareGroupTargetAssignmentMemberValue> & OfMember)
  | (Common<'current', ShareGroupCurrentMemberAssignmentValue> & OfMember)
  | Common<'state-partitions', ShareGroupStatePartitionMetadataValue>

const VERSION = 0
const kind = 'share-group'

function topicsInfo(topics: TopicStates) {
  return [...topics].map(([topicId, { name: topicName, partitions }]) => ({
    topicId,
    topicName,
    partitions: [...partitions].sort((a, b) => a - b),
  }))
}

/** Makes the records of one group. */
export class ShareRecordMaker {
  readonly #groupId: string

  constructor(groupId: string) {
    this.#groupId = groupId
  }

  epoch(epoch: number, metadataHash: bigint): ShareGroupRecord {
    return { kind, type: 'group', groupId: this.#groupId, value: { epoch, metadataHash } }
  }

  member(member: ShareMember): ShareGroupRecord {
    const { memberId } = member
    return { kind, type: 'member', groupId: this.#groupId, memberId, value: shareMetadataValue(member) }
  }

  target(assignmentEpoch: number, timestampMs: number): ShareGroupRecord {
    const value = { assignmentEpoch, assignmentTimestamp: BigInt(timestampMs) }
    return { kind, type: 'target', groupId: this.#groupId, value }
  }

  memberTarget(memberId: string, assignment: Assignment): ShareGroupRecord {
    const value = { topicPartitions: listPartitions(assignment) }
    return { kind, type: 'member-target', groupId: this.#groupId, memberId, value }
  }

  current(member: ShareMember): ShareGroupRecord {
    const { memberId } = member
    return { kind, type: 'current', groupId: this.#groupId, memberId, value: shareAssignmentValue(member) }
  }

  statePartitions({ initializing, initialized, deleting }: StatePartitions): ShareGroupRecord {
    const value = {
      initializingTopics: topicsInfo(initializing),
      initializedTopics: topicsInfo(initialized),
      deletingTopics: [...deleting].map(([topicId, topicName]) => ({ topicId, topicName })),
    }
    return { kind, type: 'state-partitions', groupId: this.#groupId, value }
  }

  /** The tombstones of a member. */
  memberTombstones(memberId: string): ShareGroupRecord[] {
    const groupId = this.#groupId
    return [
      { kind, type: 'current', groupId, memberId, value: null },
      { kind, type: 'member-target', groupId, memberId, value: null },
      { kind, type: 'member', groupId, memberId, value: null },
    ]
  }

  /** The tombstones of a group without members. */
  groupTombstones(): ShareGroupRecord[] {
    const groupId = this.#groupId
    return [
      { kind, type: 'target', groupId, value: null },
      { kind, type: 'state-partitions', groupId, value: null },
      { kind, type: 'group', groupId, value: null },
    ]
  }
}

/** @returns the bytes of a record as Kafka writes them, the key without its type */
export function encodeShareGroupRecord(record: ShareGroupRecord): { type: number; key: Buffer; value: Buffer | null } {
  const { groupId } = record
  switch (record.type) {
    case 'member': {
      const key = { groupId, memberId: record.memberId }
      return encoded(ShareGroupMemberMetadataKey, key, ShareGroupMemberMetadataValue, record.value)
    }
    case 'group':
      return encoded(ShareGroupMetadataKey, { groupId }, ShareGroupMetadataValue, record.value)
    case 'target': {
      const codec = ShareGroupTargetAssignmentMetadataValue
      return encoded(ShareGroupTargetAssignmentMetadataKey, { groupId }, codec, record.value)
    }
    case 'member-target': {
      const key = { groupId, memberId: record.memberId }
      return encoded(ShareGroupTargetAssignmentMemberKey, key, ShareGroupTargetAssignmentMemberValue, record.value)
    }
    case 'current': {
      const key = { groupId, memberId: record.memberId }
      return encoded(ShareGroupCurrentMemberAssignmentKey, key, ShareGroupCurrentMemberAssignmentValue, record.value)
    }
    case 'state-partitions': {
      const codec = ShareGroupStatePartitionMetadataValue
      return encoded(ShareGroupStatePartitionMetadataKey, { groupId }, codec, record.value)
    }
  }
}

function encoded<K, V>(keyCodec: MessageCodec<K>, key: K, valueCodec: MessageCodec<V>, value: V | null) {
  type KeyDraft = Parameters<typeof encode<K>>[1]
  type ValueDraft = Parameters<typeof encodeVersioned<V>>[1]
  const bytes = value === null ? null : encodeVersioned(valueCodec, value as ValueDraft, VERSION)
  return { type: keyCodec.apiKey, key: encode(keyCodec, key as KeyDraft, VERSION), value: bytes }
}

/**
 * Decodes a record of a share group.
 *
 * @param type the record type that the key starts with
 * @param key what follows it
 * @returns undefined for any other type
 * @throws MalformedMessageError
 */
export function decodeShareGroupRecord(type: number, key: Buffer, value: Buffer | null): ShareGroupRecord | undefined {
  switch (type) {
    case ShareGroupMemberMetadataKey.apiKey: {
      const { groupId, memberId } = decode(ShareGroupMemberMetadataKey, key, VERSION)
      return { kind, type: 'member', groupId, memberId, value: decodeVersioned(ShareGroupMemberMetadataValue, value) }
    }
    case ShareGroupMetadataKey.apiKey: {
      const { groupId } = decode(ShareGroupMetadataKey, key, VERSION)
      return { kind, type: 'group', groupId, value: decodeVersioned(ShareGroupMetadataValue, value) }
    }
    case ShareGroupTargetAssignmentMetadataKey.apiKey: {
      const { groupId } = decode(ShareGroupTargetAssignmentMetadataKey, key, VERSION)
      return { kind, type: 'target', groupId, value: decodeVersioned(ShareGroupTargetAssignmentMetadataValue, value) }
    }
    case ShareGroupTargetAssignmentMemberKey.apiKey: {
      const { groupId, memberId } = decode(ShareGroupTargetAssignmentMemberKey, key, VERSION)
      const target = decodeVersioned(ShareGroupTargetAssignmentMemberValue, value)
      return { kind, type: 'member-target', groupId, memberId, value: target }
    }
    case ShareGroupCurrentMemberAssignmentKey.apiKey: {
      const { groupId, memberId } = decode(ShareGroupCurrentMemberAssignmentKey, key, VERSION)
      const current = decodeVersioned(ShareGroupCurrentMemberAssignmentValue, value)
      return { kind, type: 'current', groupId, memberId, value: current }
    }
    case ShareGroupStatePartitionMetadataKey.apiKey: {
      const { groupId } = decode(ShareGroupStatePartitionMetadataKey, key, VERSION)
      const state = decodeVersioned(ShareGroupStatePartitionMetadataValue, value)
      return { kind, type: 'state-partitions', groupId, value: state }
    }
    default:
      return undefined
  }
}
