import { decode, decodeVersioned, encode, encodeVersioned, type MessageCodec } from '../../../protocol/codec.ts'
import {
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupCurrentMemberAssignmentValue,
} from '../../../protocol/generated/data/consumer-group-current-member-assignment.ts'
import {
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMemberMetadataValue,
} from '../../../protocol/generated/data/consumer-group-member-metadata.ts'
import {
  ConsumerGroupMetadataKey,
  ConsumerGroupMetadataValue,
} from '../../../protocol/generated/data/consumer-group-metadata.ts'
import { ConsumerGroupPartitionMetadataKey } from '../../../protocol/generated/data/consumer-group-partition-metadata.ts'
import {
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupRegularExpressionValue,
} from '../../../protocol/generated/data/consumer-group-regular-expression.ts'
import {
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMemberValue,
} from '../../../protocol/generated/data/consumer-group-target-assignment-member.ts'
import {
  ConsumerGroupTargetAssignmentMetadataKey,
  ConsumerGroupTargetAssignmentMetadataValue,
} from '../../../protocol/generated/data/consumer-group-target-assignment-metadata.ts'
import { type Assignment, listPartitions } from './assignment.ts'
import type { ResolvedRegex } from './consumer-group.ts'
import {
  type ConsumerMember,
  type CurrentAssignment,
  currentAssignmentValue,
  memberMetadataValue,
} from './consumer-member.ts'

interface RecordOf<Type extends string, Value> {
  readonly kind: 'consumer-group'
  readonly type: Type
  readonly groupId: string
  /** null is a tombstone. */
  readonly value: Value | null
}

interface MemberRecordOf<Type extends string, Value> extends RecordOf<Type, Value> {
  readonly memberId: string
}

/** The records of consumer groups in __consumer_offsets, types 3 to 8 and 16. */
export type ConsumerGroupRecord =
  | RecordOf<'group', ConsumerGroupMetadataValue>
  /** Read only: Kafka wrote it before 4.1. What its value says is not needed. */
  | RecordOf<'partition-metadata', Record<string, never>>
  | MemberRecordOf<'member', ConsumerGroupMemberMetadataValue>
  | RecordOf<'target', ConsumerGroupTargetAssignmentMetadataValue>
  | MemberRecordOf<'member-target', ConsumerGroupTargetAssignmentMemberValue>
  | MemberRecordOf<'current', ConsumerGroupCurrentMemberAssignmentValue>
  | (RecordOf<'regex', ConsumerGroupRegularExpressionValue> & { readonly regex: string })

const VALUE_VERSION = 0

/** Makes the records of one group. */
export class RecordMaker {
  readonly #groupId: string

  constructor(groupId: string) {
    this.#groupId = groupId
  }

  epoch(epoch: number, metadataHash: bigint): ConsumerGroupRecord {
    return { kind: 'consumer-group', type: 'group', groupId: this.#groupId, value: { epoch, metadataHash } }
  }

  epochTombstone(): ConsumerGroupRecord {
    return { kind: 'consumer-group', type: 'group', groupId: this.#groupId, value: null }
  }

  partitionMetadataTombstone(): ConsumerGroupRecord {
    return { kind: 'consumer-group', type: 'partition-metadata', groupId: this.#groupId, value: null }
  }

  member(member: ConsumerMember): ConsumerGroupRecord {
    const { memberId } = member
    const value = memberMetadataValue(member)
    return { kind: 'consumer-group', type: 'member', groupId: this.#groupId, memberId, value }
  }

  memberTombstone(memberId: string): ConsumerGroupRecord {
    return { kind: 'consumer-group', type: 'member', groupId: this.#groupId, memberId, value: null }
  }

  target(assignmentEpoch: number, timestampMs: number): ConsumerGroupRecord {
    const value = { assignmentEpoch, assignmentTimestamp: BigInt(timestampMs) }
    return { kind: 'consumer-group', type: 'target', groupId: this.#groupId, value }
  }

  targetTombstone(): ConsumerGroupRecord {
    return { kind: 'consumer-group', type: 'target', groupId: this.#groupId, value: null }
  }

  memberTarget(memberId: string, assignment: Assignment): ConsumerGroupRecord {
    const value = { topicPartitions: listPartitions(assignment) }
    return { kind: 'consumer-group', type: 'member-target', groupId: this.#groupId, memberId, value }
  }

  memberTargetTombstone(memberId: string): ConsumerGroupRecord {
    return { kind: 'consumer-group', type: 'member-target', groupId: this.#groupId, memberId, value: null }
  }

  current(memberId: string, assignment: CurrentAssignment): ConsumerGroupRecord {
    const value = currentAssignmentValue(assignment)
    return { kind: 'consumer-group', type: 'current', groupId: this.#groupId, memberId, value }
  }

  currentTombstone(memberId: string): ConsumerGroupRecord {
    return { kind: 'consumer-group', type: 'current', groupId: this.#groupId, memberId, value: null }
  }

  regex(regex: string, resolved: ResolvedRegex): ConsumerGroupRecord {
    const value = {
      topics: [...resolved.topics].sort(),
      version: BigInt(resolved.version),
      timestamp: BigInt(resolved.timestampMs),
    }
    return { kind: 'consumer-group', type: 'regex', groupId: this.#groupId, regex, value }
  }

  regexTombstone(regex: string): ConsumerGroupRecord {
    return { kind: 'consumer-group', type: 'regex', groupId: this.#groupId, regex, value: null }
  }
}

/** @returns the bytes of a record as Kafka 4.3 writes them, the key without its type */
export function encodeConsumerGroupRecord(record: ConsumerGroupRecord): {
  type: number
  key: Buffer
  value: Buffer | null
} {
  const { groupId } = record
  switch (record.type) {
    case 'group':
      return encoded(ConsumerGroupMetadataKey, { groupId }, ConsumerGroupMetadataValue, record.value)
    case 'partition-metadata':
      if (record.value !== null)
        throw new TypeError('ConsumerGroupPartitionMetadata is a type of the past: only its tombstone is written')
      return { ...encodedKey(ConsumerGroupPartitionMetadataKey, { groupId }), value: null }
    case 'member': {
      const key = { groupId, memberId: record.memberId }
      return encoded(ConsumerGroupMemberMetadataKey, key, ConsumerGroupMemberMetadataValue, record.value)
    }
    case 'target':
      return encoded(
        ConsumerGroupTargetAssignmentMetadataKey,
        { groupId },
        ConsumerGroupTargetAssignmentMetadataValue,
        record.value,
      )
    case 'member-target': {
      const key = { groupId, memberId: record.memberId }
      return encoded(
        ConsumerGroupTargetAssignmentMemberKey,
        key,
        ConsumerGroupTargetAssignmentMemberValue,
        record.value,
      )
    }
    case 'current': {
      const key = { groupId, memberId: record.memberId }
      return encoded(
        ConsumerGroupCurrentMemberAssignmentKey,
        key,
        ConsumerGroupCurrentMemberAssignmentValue,
        record.value,
      )
    }
    case 'regex': {
      const key = { groupId, regularExpression: record.regex }
      return encoded(ConsumerGroupRegularExpressionKey, key, ConsumerGroupRegularExpressionValue, record.value)
    }
  }
}

/** @returns the type and the bytes of a record of a key and a value, a tombstone for null */
export function encoded<K, V>(keyCodec: MessageCodec<K>, key: K, valueCodec: MessageCodec<V>, value: V | null) {
  type ValueDraft = Parameters<typeof encodeVersioned<V>>[1]
  const bytes = value === null ? null : encodeVersioned(valueCodec, value as ValueDraft, VALUE_VERSION)
  return { ...encodedKey(keyCodec, key), value: bytes }
}

/** @returns the type and the bytes of a key */
export function encodedKey<K>(codec: MessageCodec<K>, key: K) {
  return { type: codec.apiKey, key: encode(codec, key as Parameters<typeof encode<K>>[1], 0) }
}

/**
 * Decodes a record of a consumer group.
 *
 * @param type the record type that the key starts with
 * @param key what follows it
 * @returns undefined for any other type
 * @throws MalformedMessageError
 */
export function decodeConsumerGroupRecord(
  type: number,
  key: Buffer,
  value: Buffer | null,
): ConsumerGroupRecord | undefined {
  const kind = 'consumer-group'
  switch (type) {
    case ConsumerGroupMetadataKey.apiKey: {
      const { groupId } = decode(ConsumerGroupMetadataKey, key, 0)
      return { kind, type: 'group', groupId, value: decodeVersioned(ConsumerGroupMetadataValue, value) }
    }
    case ConsumerGroupPartitionMetadataKey.apiKey: {
      const { groupId } = decode(ConsumerGroupPartitionMetadataKey, key, 0)
      return { kind, type: 'partition-metadata', groupId, value: value === null ? null : {} }
    }
    case ConsumerGroupMemberMetadataKey.apiKey: {
      const { groupId, memberId } = decode(ConsumerGroupMemberMetadataKey, key, 0)
      return {
        kind,
        type: 'member',
        groupId,
        memberId,
        value: decodeVersioned(ConsumerGroupMemberMetadataValue, value),
      }
    }
    case ConsumerGroupTargetAssignmentMetadataKey.apiKey: {
      const { groupId } = decode(ConsumerGroupTargetAssignmentMetadataKey, key, 0)
      return {
        kind,
        type: 'target',
        groupId,
        value: decodeVersioned(ConsumerGroupTargetAssignmentMetadataValue, value),
      }
    }
    case ConsumerGroupTargetAssignmentMemberKey.apiKey: {
      const { groupId, memberId } = decode(ConsumerGroupTargetAssignmentMemberKey, key, 0)
      const target = decodeVersioned(ConsumerGroupTargetAssignmentMemberValue, value)
      return { kind, type: 'member-target', groupId, memberId, value: target }
    }
    case ConsumerGroupCurrentMemberAssignmentKey.apiKey: {
      const { groupId, memberId } = decode(ConsumerGroupCurrentMemberAssignmentKey, key, 0)
      const current = decodeVersioned(ConsumerGroupCurrentMemberAssignmentValue, value)
      return { kind, type: 'current', groupId, memberId, value: current }
    }
    case ConsumerGroupRegularExpressionKey.apiKey: {
      const { groupId, regularExpression: regex } = decode(ConsumerGroupRegularExpressionKey, key, 0)
      return { kind, type: 'regex', groupId, regex, value: decodeVersioned(ConsumerGroupRegularExpressionValue, value) }
    }
    default:
      return undefined
  }
}
