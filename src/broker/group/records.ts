import { decode, decodeVersioned, encode, encodeVersioned } from '../../protocol/codec.ts'
import { GroupMetadataKey, GroupMetadataValue } from '../../protocol/generated/data/group-metadata.ts'
import { LegacyOffsetCommitKey } from '../../protocol/generated/data/legacy-offset-commit.ts'
import { OffsetCommitKey, OffsetCommitValue } from '../../protocol/generated/data/offset-commit.ts'
import { MalformedMessageError } from '../../protocol/reader.ts'
import {
  type ConsumerGroupRecord,
  decodeConsumerGroupRecord,
  encodeConsumerGroupRecord,
} from './consumer/consumer-records.ts'
import type { CoordinatorRecord } from './group-context.ts'
import type { CommittedOffset } from './offsets.ts'
import { decodeShareGroupRecord, encodeShareGroupRecord, type ShareGroupRecord } from './share/share-records.ts'
import {
  decodeStreamsGroupRecord,
  encodeStreamsGroupRecord,
  type StreamsGroupRecord,
} from './streams/streams-records.ts'

/** GroupMetadataValue as Kafka 4.3 writes it. */
const GROUP_METADATA_VERSION = 3
/** OffsetCommitValue as Kafka 4.3 writes it: version 4 has the topic's id. */
const OFFSET_VERSION = 4
/** The version of an offset that came with a retention time of its own (OffsetCommit v2-4): the only one to hold it. */
const OFFSET_VERSION_WITH_EXPIRY = 1

export interface OffsetRecord {
  readonly kind: 'offset'
  readonly groupId: string
  readonly topic: string
  readonly partition: number
  /** null is a tombstone. */
  readonly value: CommittedOffset | null
}

export interface GroupRecord {
  readonly kind: 'group'
  readonly groupId: string
  /** null is a tombstone. */
  readonly value: GroupMetadataValue | null
}

/** A record of a type that carries nothing for the kinds of groups that are here. */
export interface UnknownRecord {
  readonly kind: 'unknown'
}

export type DecodedRecord = WrittenRecord | UnknownRecord

/** What the coordinator writes. */
export type WrittenRecord = OffsetRecord | GroupRecord | ConsumerGroupRecord | ShareGroupRecord | StreamsGroupRecord

/** @returns the bytes of a record as Kafka 4.3 writes them */
export function encodeRecord(record: WrittenRecord): CoordinatorRecord {
  if (record.kind === 'consumer-group' || record.kind === 'streams-group') {
    const { type, key, value } =
      record.kind === 'consumer-group' ? encodeConsumerGroupRecord(record) : encodeStreamsGroupRecord(record)
    return { key: keyOf(type, key), value }
  }
  if (record.kind === 'share-group') {
    const { type, key, value } = encodeShareGroupRecord(record)
    return { key: keyOf(type, key), value }
  }
  if (record.kind === 'group') {
    const key = keyOf(GroupMetadataKey.apiKey, encode(GroupMetadataKey, { group: record.groupId }, 0))
    const value =
      record.value === null ? null : encodeVersioned(GroupMetadataValue, record.value, GROUP_METADATA_VERSION)
    return { key, value }
  }
  const { groupId, topic, partition, value } = record
  const key = keyOf(OffsetCommitKey.apiKey, encode(OffsetCommitKey, { group: groupId, topic, partition }, 0))
  return { key, value: value === null ? null : encodeOffset(value) }
}

/** A key starts with its record type (int16), where a value has its version. */
function keyOf(recordType: number, body: Buffer): Buffer {
  const key = Buffer.allocUnsafe(2 + body.length)
  key.writeInt16BE(recordType, 0)
  body.copy(key, 2)
  return key
}

function encodeOffset(value: CommittedOffset): Buffer {
  const expires = value.expireTimestampMs !== -1
  const message = {
    offset: BigInt(value.offset),
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestamp: BigInt(value.commitTimestampMs),
    expireTimestamp: BigInt(value.expireTimestampMs),
    topicId: value.topicId,
  }
  return encodeVersioned(OffsetCommitValue, message, expires ? OFFSET_VERSION_WITH_EXPIRY : OFFSET_VERSION)
}

/**
 * Decodes a record of __consumer_offsets.
 *
 * @returns kind 'unknown' for record types of kinds of groups that are not here
 * @throws MalformedMessageError when the bytes aren't what their type and version say
 */
export function decodeRecord(key: Buffer, value: Buffer | null): DecodedRecord {
  if (key.length < 2) throw new MalformedMessageError('a key of __consumer_offsets is shorter than its record type')
  const body = key.subarray(2)
  switch (key.readInt16BE(0)) {
    case LegacyOffsetCommitKey.apiKey: {
      const { group, topic, partition } = decode(LegacyOffsetCommitKey, body, 0)
      return { kind: 'offset', groupId: group, topic, partition, value: value === null ? null : decodeOffset(value) }
    }
    case OffsetCommitKey.apiKey: {
      const { group, topic, partition } = decode(OffsetCommitKey, body, 0)
      return { kind: 'offset', groupId: group, topic, partition, value: value === null ? null : decodeOffset(value) }
    }
    case GroupMetadataKey.apiKey: {
      const groupId = decode(GroupMetadataKey, body, 0).group
      return { kind: 'group', groupId, value: value === null ? null : decodeVersioned(GroupMetadataValue, value) }
    }
    default: {
      const type = key.readInt16BE(0)
      const record =
        decodeConsumerGroupRecord(type, body, value) ??
        decodeShareGroupRecord(type, body, value) ??
        decodeStreamsGroupRecord(type, body, value)
      return record ?? { kind: 'unknown' }
    }
  }
}

function decodeOffset(value: Buffer): CommittedOffset {
  // Kafka read the legacy type's value (version 0) with the same layout as OffsetCommitValue's version 0.
  const message = decodeVersioned(OffsetCommitValue, value)
  return {
    offset: Number(message.offset),
    leaderEpoch: message.leaderEpoch,
    metadata: message.metadata,
    commitTimestampMs: Number(message.commitTimestamp),
    expireTimestampMs: Number(message.expireTimestamp),
    topicId: message.topicId,
  }
}
