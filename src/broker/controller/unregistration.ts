/** UnregisterBroker: a broker that will not come back is forgotten. */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { MetadataImage } from './metadata-image.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'

const ELR_FEATURE = 'eligible.leader.replicas.version'

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
  const hasElr = (image.features.get(ELR_FEATURE) ?? 0) > 0
  const records: MetadataRecordDraft[] = []
  for (const topic of image.topics.values()) {
    for (const p of topic.partitions) {
      if (!p.isr.includes(brokerId) && p.leader !== brokerId) continue
      const left = p.isr.filter((id) => id !== brokerId)
      // The last replica in sync stays known as the one that has everything: in the ISR, or as an eligible leader (KIP-966).
      const isr = left.length > 0 || hasElr ? left : p.isr
      const leader =
        p.leader === brokerId ? (p.replicas.find((id) => isr.includes(id) && isActive(id)) ?? -1) : p.leader
      const data = {
        ...{ topicId: topic.id, partitionId: p.partition },
        ...(leader === p.leader ? {} : { leader }),
        ...(isr.length === p.isr.length ? {} : { isr }),
        ...(isr.length === 0 ? { eligibleLeaderReplicas: [...new Set([...p.isr, ...p.elr])] } : {}),
      }
      records.push({ type: 'PartitionChangeRecord', data })
    }
  }
  records.push({
    type: 'UnregisterBrokerRecord',
    data: { brokerId, brokerEpoch: broker.registration.brokerEpoch },
  })
  return records
}
