import type { MetadataImage, PartitionImage } from './metadata-image.ts'
import { ConfigResourceType } from './metadata-image.ts'
import type { MetadataRecord, MetadataRecordDraft } from './metadata-record.ts'

/** Records one of which replaces an earlier one of the same key: what it takes to write them down again later. */
type Kept = Extract<
  MetadataRecord,
  {
    type:
      | 'AccessControlEntryRecord'
      | 'ClientQuotaRecord'
      | 'DelegationTokenRecord'
      | 'ProducerIdsRecord'
      | 'RegisterControllerRecord'
      | 'UserScramCredentialRecord'
  }
>

/** Order of a snapshot's records after topics and configs, as Kafka's images write themselves. */
const ORDER: readonly Kept['type'][] = [
  'ClientQuotaRecord',
  'ProducerIdsRecord',
  'AccessControlEntryRecord',
  'UserScramCredentialRecord',
  'DelegationTokenRecord',
]

/**
 * All that a snapshot of the metadata holds. Brokers, topics, features and configs come from the image; records of other parts (ACLs,
 * quotas, credentials, tokens) are kept here as they are, so that a snapshot needs none of those parts.
 */
export class SnapshotRecords {
  private readonly image: MetadataImage
  private readonly kept = new Map<Kept['type'], Map<string, Kept>>()

  constructor(image: MetadataImage) {
    this.image = image
    image.onRecord((record) => this.note(record))
  }

  private put(key: string, record: Kept): void {
    const byKey = this.kept.get(record.type) ?? new Map<string, Kept>()
    byKey.set(key, record)
    this.kept.set(record.type, byKey)
  }

  private note(record: MetadataRecord): void {
    switch (record.type) {
      case 'AccessControlEntryRecord':
        this.put(record.data.id, record)
        return
      case 'RemoveAccessControlEntryRecord':
        this.kept.get('AccessControlEntryRecord')?.delete(record.data.id)
        return
      case 'UserScramCredentialRecord':
        this.put(`${record.data.mechanism}/${record.data.name}`, record)
        return
      case 'RemoveUserScramCredentialRecord':
        this.kept.get('UserScramCredentialRecord')?.delete(`${record.data.mechanism}/${record.data.name}`)
        return
      case 'DelegationTokenRecord':
        this.put(record.data.tokenId, record)
        return
      case 'RemoveDelegationTokenRecord':
        this.kept.get('DelegationTokenRecord')?.delete(record.data.tokenId)
        return
      case 'ClientQuotaRecord': {
        const entity = record.data.entity.map(({ entityType, entityName }) => [entityType, entityName])
        const key = JSON.stringify([entity.sort(), record.data.key])
        if (record.data.remove) this.kept.get('ClientQuotaRecord')?.delete(key)
        else this.put(key, record)
        return
      }
      case 'ProducerIdsRecord':
        this.put('', record)
        return
      case 'RegisterControllerRecord':
        this.put(String(record.data.controllerId), record)
        return
      default:
        return
    }
  }

  /** The records from which the present state can be replayed; undefined in the middle of a metadata transaction. */
  records(): MetadataRecordDraft[] | undefined {
    if (this.image.isInTransaction) return undefined
    return [
      ...this.features(),
      ...this.brokers(),
      ...(this.kept.get('RegisterControllerRecord')?.values() ?? []),
      ...this.topics(),
      ...this.configs(),
      ...ORDER.flatMap((type) => [...(this.kept.get(type)?.values() ?? [])]),
    ]
  }

  private *features(): Generator<MetadataRecordDraft> {
    // metadata.version first: it says how to read what follows.
    const levels = [...this.image.features].sort(([a], [b]) => Number(b === METADATA) - Number(a === METADATA))
    for (const [name, featureLevel] of levels) yield { type: 'FeatureLevelRecord', data: { name, featureLevel } }
  }

  private *brokers(): Generator<MetadataRecordDraft> {
    for (const { registration, fenced } of this.image.brokers.values()) {
      yield { type: 'RegisterBrokerRecord', data: { ...registration, fenced } }
    }
  }

  private *topics(): Generator<MetadataRecordDraft> {
    for (const topic of this.image.topics.values()) {
      yield { type: 'TopicRecord', data: { name: topic.name, topicId: topic.id } }
      for (const partition of topic.partitions) if (partition) yield partitionRecord(topic.id, partition)
    }
  }

  private *configs(): Generator<MetadataRecordDraft> {
    for (const resourceType of Object.values(ConfigResourceType)) {
      for (const resourceName of this.image.configuredResources(resourceType)) {
        for (const [name, value] of this.image.configOf(resourceType, resourceName)) {
          yield { type: 'ConfigRecord', data: { resourceType, resourceName, name, value } }
        }
      }
    }
  }
}

const METADATA = 'metadata.version'

function partitionRecord(topicId: string, { partition, elr, ...p }: PartitionImage): MetadataRecordDraft {
  const { replicas, isr, addingReplicas, removingReplicas, leader, leaderEpoch, partitionEpoch, directories } = p
  return {
    type: 'PartitionRecord',
    data: {
      ...{ partitionId: partition, topicId, replicas, isr, addingReplicas, removingReplicas },
      ...{ leader, leaderEpoch, partitionEpoch, directories },
      eligibleLeaderReplicas: elr.length > 0 ? elr : null,
      lastKnownElr: p.lastKnownElr.length > 0 ? p.lastKnownElr : null,
    },
  }
}
