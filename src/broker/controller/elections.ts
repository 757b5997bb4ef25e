/** ElectLeaders (KIP-183, KIP-460): a partition's leader by wish, not because the last one failed. */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { MetadataImage } from './metadata-image.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'

/** Kafka's ElectionType on the wire. */
export const ElectionType = { PREFERRED: 0, UNCLEAN: 1 } as const

/**
 * The record that makes the preferred replica lead, or any living replica of a partition without a leader.
 *
 * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE
 */
export function electLeader(
  image: MetadataImage,
  name: string,
  index: number,
  type: 'preferred' | 'unclean',
): MetadataRecordDraft {
  const topic = image.topics.get(name)
  if (!topic) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `No such topic as ${name}`)
  const p = topic.partitions[index]
  if (!p) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `No such partition as ${name}-${index}`)
  const isActive = (broker: number): boolean => image.brokers.get(broker)?.fenced === false
  const inSync = (broker: number): boolean => isActive(broker) && (p.isr.includes(broker) || p.elr.includes(broker))
  if (type === 'preferred') {
    const preferred = p.replicas[0] ?? -1
    if (p.leader === preferred) throw new KafkaError(ErrorCode.ELECTION_NOT_NEEDED)
    if (!inSync(preferred)) throw new KafkaError(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE)
    return {
      type: 'PartitionChangeRecord',
      data: { topicId: topic.id, partitionId: index, leader: preferred },
    }
  }
  if (p.leader !== -1) throw new KafkaError(ErrorCode.ELECTION_NOT_NEEDED)
  const leader = p.replicas.find(inSync) ?? p.replicas.find(isActive)
  if (leader === undefined) throw new KafkaError(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE)
  const data = { topicId: topic.id, partitionId: index, leader, isr: [leader] }
  const hasElr = p.elr.length > 0 || p.lastKnownElr.length > 0
  return {
    type: 'PartitionChangeRecord',
    data: hasElr ? { ...data, eligibleLeaderReplicas: [], lastKnownElr: [] } : data,
  }
}
