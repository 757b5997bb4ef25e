import { encodeVersioned } from '../../protocol/codec.ts'
import { ConsumerProtocolAssignment } from '../../protocol/generated/data/consumer-protocol-assignment.ts'
import { ConsumerProtocolSubscription } from '../../protocol/generated/data/consumer-protocol-subscription.ts'
import { Reader } from '../../protocol/reader.ts'
import { byTopic } from '../leaders.ts'
import type { TopicPartition } from '../types.ts'
import type { AssignorMember } from './assignors.ts'

/** What members of a classic group tell each other, in the formats that all clients share. */

const grouped = (partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] =>
  [...byTopic(partitions)].map(([topic, tps]) => ({ topic, partitions: tps.map((tp) => tp.partition) }))

const flat = (topics: readonly { topic: string; partitions: number[] }[]): TopicPartition[] =>
  topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))

/** A later version only adds to the end, so it is read as the latest one known. */
function reader(buffer: Buffer, maxVersion: number): [Reader, number] {
  const input = new Reader(buffer)
  return [input, Math.min(input.int16(), maxVersion)]
}

export function encodeSubscription(
  topics: readonly string[],
  owned: readonly TopicPartition[],
  generationId: number,
  rackId: string,
): Buffer {
  const message = { topics, ownedPartitions: grouped(owned), generationId, rackId: rackId === '' ? null : rackId }
  return encodeVersioned(ConsumerProtocolSubscription, message, ConsumerProtocolSubscription.maxVersion)
}

/** @throws MalformedMessageError */
export function decodeSubscription(metadata: Buffer): Pick<AssignorMember, 'topics' | 'owned' | 'generation'> {
  const [input, version] = reader(metadata, ConsumerProtocolSubscription.maxVersion)
  const { topics, ownedPartitions, generationId } = ConsumerProtocolSubscription.read(input, version)
  return { topics, owned: flat(ownedPartitions), generation: version >= 2 ? generationId : -1 }
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  return encodeVersioned(
    ConsumerProtocolAssignment,
    { assignedPartitions: grouped(partitions) },
    ConsumerProtocolAssignment.maxVersion,
  )
}

/** @throws MalformedMessageError */
export function decodeAssignment(assignment: Buffer): TopicPartition[] {
  if (assignment.length === 0) return []
  const [input, version] = reader(assignment, ConsumerProtocolAssignment.maxVersion)
  return flat(ConsumerProtocolAssignment.read(input, version).assignedPartitions)
}
