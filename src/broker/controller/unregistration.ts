/** UnregisterBroker: a broker that will not come back is forgotten. */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { MetadataImage } from './metadata-image.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'

/**
 * The records that take a broker out of every ISR and remove its registration.
 *
 * @throws KafkaError BROKER_ID_NOT_REGISTERED
 */
export function unregistration(image: MetadataImage, brokerId: number): MetadataRecordDraft[] {
  const broker = image.brokers.get(brokerId)
  if (!broker) {
    throw new KafkaError(ErrorCode.BROKER_ID_NOT_REGISTERED, `Broker ID ${brokerId} is not currently registered`)
  }
  const isActive = (id: number): boolean => id !== brokerId && image.brokers.get(id)?.fenced === false
  const records: MetadataRecordDraft[] = []
  for (const topic of image.topics.values()) {
    for (const p of topic.partitions) {
      if (!p.isr.includes(brokerId) && p.leader !== brokerId) continue
      // The last replica in sync stays the one that knows everything; others just leave.
      const left = p.isr.filter((id) => id !== brokerId)
      const isr = left.length > 0 ? left : p.isr
      const leader = p.leader === brokerId ? (p.replicas.find((id) => isr.includes(id) && isActive(id)) ?? -1) : p.leader
      const leaderChange = leader === p.leader ? {} : { leader }
      const isrChange = left.length > 0 && left.length < p.isr.length ? { isr } : {}
      const data = { topicId: topic.id, partitionId: p.partition, ...leaderChange, ...isrChange }
      if (Object.keys(data).length > 2) records.push({ type: 'PartitionChangeRecord', data })
    }
  }
  records.push({
    type: 'UnregisterBrokerRecord',
    data: { brokerId, brokerEpoch: broker.registration.brokerEpoch },
  })
  return records
}
