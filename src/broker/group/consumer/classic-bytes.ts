import { encodeVersioned } from '../../../protocol/codec.ts'
import { ConsumerProtocolAssignment } from '../../../protocol/generated/data/consumer-protocol-assignment.ts'
import { ConsumerProtocolSubscription } from '../../../protocol/generated/data/consumer-protocol-subscription.ts'
import { Reader } from '../../../protocol/reader.ts'
import type { EpochAssignment, TopicPartitions } from './assignment.ts'
import { listPartitions } from './assignment.ts'
import type { TopicDescriber } from './consumer-context.ts'

/**
 * The subscription in a classic consumer's metadata; versions newer than known are read as the newest known one.
 *
 * @throws MalformedMessageError
 */
export function readSubscription(metadata: Buffer): ConsumerProtocolSubscription {
  const reader = new Reader(metadata)
  return ConsumerProtocolSubscription.read(reader, clamp(reader.int16(), ConsumerProtocolSubscription.maxVersion))
}

/** @throws MalformedMessageError */
export function readAssignment(bytes: Buffer): ConsumerProtocolAssignment {
  const reader = new Reader(bytes)
  return ConsumerProtocolAssignment.read(reader, clamp(reader.int16(), ConsumerProtocolAssignment.maxVersion))
}

/** An assignment as classic consumers read it, in the version of the metadata they sent; deleted topics are left out. */
export function writeAssignment(topics: TopicDescriber, assignment: EpochAssignment, metadata: Buffer): Buffer {
  const assignedPartitions = listPartitions(assignment).flatMap(({ topicId, partitions }) => {
    const topic = topics.topicName(topicId)
    return topic === undefined ? [] : [{ topic, partitions }]
  })
  const version = clamp(metadata.readInt16BE(0), ConsumerProtocolAssignment.maxVersion)
  return encodeVersioned(ConsumerProtocolAssignment, { assignedPartitions, userData: null }, version)
}

/** Topics by name, as the classic protocol has them, by id; topics that don't exist are left out. */
export function byTopicId(
  topics: TopicDescriber,
  named: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): TopicPartitions[] {
  return named.flatMap(({ topic, partitions }) => {
    const topicId = topics.topicId(topic)
    return topicId === undefined ? [] : [{ topicId, partitions }]
  })
}

function clamp(version: number, max: number): number {
  return Math.max(0, Math.min(version, max))
}
