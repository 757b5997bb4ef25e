import { assert } from '../../base/assert.ts'
import type { PartitionChangeRecord } from '../../protocol/generated/metadata/partition-change-record.ts'
import type { PartitionRecord } from '../../protocol/generated/metadata/partition-record.ts'
import type { RegisterBrokerRecord } from '../../protocol/generated/metadata/register-broker-record.ts'
import { AclImage } from './acl-image.ts'
import { DelegationTokenImage } from './delegation-token-image.ts'
import type { MetadataRecord } from './metadata-record.ts'
import { QuotaImage } from './quota-image.ts'
import { ScramImage } from './scram-image.ts'

/** Resource types of ConfigRecord and the config APIs (Kafka's ConfigResource.Type). */
export const ConfigResourceType = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 } as const

export interface PartitionImage {
  readonly partition: number
  replicas: number[]
  isr: number[]
  addingReplicas: number[]
  removingReplicas: number[]
  /** -1: none. */
  leader: number
  leaderEpoch: number
  partitionEpoch: number
  directories: string[]
  elr: number[]
  lastKnownElr: number[]
}

export interface TopicImage {
  readonly name: string
  readonly id: string
  readonly partitions: PartitionImage[]
}

export interface BrokerImage {
  readonly registration: RegisterBrokerRecord
  fenced: boolean
}

/** What changed when a record was applied. Listeners run before the next record is applied. */
export type MetadataChange =
  | { kind: 'partition-added'; topic: TopicImage; partition: PartitionImage }
  | { kind: 'partition-changed'; topic: TopicImage; partition: PartitionImage }
  | { kind: 'topic-removed'; topic: TopicImage }
  | { kind: 'config-changed'; resourceType: number; resourceName: string }

/**
 * The cluster as the records of __cluster_metadata say it is. Only `apply` changes it, so replaying the log rebuilds it.
 */
export class MetadataImage {
  readonly topics = new Map<string, TopicImage>()
  readonly topicsById = new Map<string, TopicImage>()
  readonly features = new Map<string, number>()
  readonly brokers = new Map<number, BrokerImage>()
  readonly quotas = new QuotaImage()
  readonly scram = new ScramImage()
  readonly delegationTokens = new DelegationTokenImage()
  /** Topics whose removal stands in the log: what is left of them on disk may go. */
  readonly removedTopicIds = new Set<string>()
  readonly acls = new AclImage()
  nextProducerId = 0
  /** Offset of the last record applied, -1 before the first. */
  offset = -1
  private readonly configs = new Map<string, Map<string, string>>()
  private readonly recordListeners: ((record: MetadataRecord) => void)[] = []
  private readonly listeners: ((change: MetadataChange) => void)[] = []
  /** Records between Begin- and EndTransactionRecord wait here (KIP-868). */
  private transaction: { record: MetadataRecord; offset: number }[] | undefined

  onChange(listener: (change: MetadataChange) => void): void {
    this.listeners.push(listener)
  }

  /** Told of each record as it takes effect, in order. */
  onRecord(listener: (record: MetadataRecord) => void): void {
    this.recordListeners.push(listener)
  }

  /** Whether a metadata transaction is open: its records wait for the end. */
  get isInTransaction(): boolean {
    return this.transaction !== undefined
  }

  /** Dynamic configs of a resource, name → value. Empty when it has none. */
  configOf(resourceType: number, resourceName: string): ReadonlyMap<string, string> {
    return this.configs.get(`${resourceType}/${resourceName}`) ?? new Map()
  }

  /** Names of the resources of a type that have dynamic configs. */
  configuredResources(resourceType: number): string[] {
    const prefix = `${resourceType}/`
    return [...this.configs.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
  }

  partition(topic: string, partition: number): PartitionImage | undefined {
    return this.topics.get(topic)?.partitions[partition]
  }

  topicName(id: string): string | undefined {
    return this.topicsById.get(id)?.name
  }

  /** Applies one record, in log order. */
  apply(record: MetadataRecord, offset: number): void {
    if (record.type === 'BeginTransactionRecord') this.transaction = []
    else if (record.type === 'AbortTransactionRecord') this.transaction = undefined
    else if (record.type === 'EndTransactionRecord') {
      const waiting = this.transaction ?? []
      this.transaction = undefined
      for (const entry of waiting) this.applyNow(entry.record)
    } else if (this.transaction) this.transaction.push({ record, offset })
    else this.applyNow(record)
    this.offset = offset
  }

  private applyNow(record: MetadataRecord): void {
    for (const listener of this.recordListeners) listener(record)
    switch (record.type) {
      case 'TopicRecord': {
        const topic: TopicImage = { name: record.data.name, id: record.data.topicId, partitions: [] }
        this.topics.set(topic.name, topic)
        this.topicsById.set(topic.id, topic)
        return
      }
      case 'PartitionRecord':
        this.addPartition(record.data)
        return
      case 'PartitionChangeRecord':
        this.changePartition(record.data)
        return
      case 'RemoveTopicRecord':
        this.removeTopic(record.data.topicId)
        return
      case 'ConfigRecord':
        this.setConfig(record.data.resourceType, record.data.resourceName, record.data.name, record.data.value)
        return
      case 'FeatureLevelRecord':
        if (record.data.featureLevel === 0) this.features.delete(record.data.name)
        else this.features.set(record.data.name, record.data.featureLevel)
        return
      case 'ClientQuotaRecord':
        this.quotas.apply(record.data)
        return
      case 'ProducerIdsRecord':
        this.nextProducerId = Number(record.data.nextProducerId)
        return
      case 'RegisterBrokerRecord':
        this.brokers.set(record.data.brokerId, { registration: record.data, fenced: record.data.fenced })
        return
      case 'UnregisterBrokerRecord':
        this.brokers.delete(record.data.brokerId)
        return
      case 'FenceBrokerRecord':
        this.setFenced(record.data.id, true)
        return
      case 'UnfenceBrokerRecord':
        this.setFenced(record.data.id, false)
        return
      case 'BrokerRegistrationChangeRecord':
        if (record.data.fenced !== 0) this.setFenced(record.data.brokerId, record.data.fenced > 0)
        return
      case 'AccessControlEntryRecord':
        this.acls.add(record.data)
        return
      case 'RemoveAccessControlEntryRecord':
        this.acls.remove(record.data.id)
        return
      default:
        // Each part takes what concerns it; what concerns none stays in the log untouched.
        this.scram.apply(record)
        this.delegationTokens.apply(record)
    }
  }

  private setFenced(brokerId: number, fenced: boolean): void {
    const broker = this.brokers.get(brokerId)
    if (broker) broker.fenced = fenced
  }

  private addPartition(record: PartitionRecord): void {
    const topic = this.topicsById.get(record.topicId)
    assert(topic, `PartitionRecord for unknown topic id ${record.topicId}`)
    const partition: PartitionImage = {
      partition: record.partitionId,
      replicas: record.replicas,
      isr: record.isr,
      addingReplicas: record.addingReplicas,
      removingReplicas: record.removingReplicas,
      leader: record.leader,
      leaderEpoch: record.leaderEpoch,
      partitionEpoch: record.partitionEpoch,
      directories: record.directories,
      elr: record.eligibleLeaderReplicas ?? [],
      lastKnownElr: record.lastKnownElr ?? [],
    }
    topic.partitions[record.partitionId] = partition
    this.tell({ kind: 'partition-added', topic, partition })
  }

  private changePartition(record: PartitionChangeRecord): void {
    const topic = this.topicsById.get(record.topicId)
    const partition = topic?.partitions[record.partitionId]
    assert(topic && partition, `PartitionChangeRecord for unknown partition ${record.topicId}-${record.partitionId}`)
    if (record.isr) partition.isr = record.isr
    if (record.replicas) partition.replicas = record.replicas
    if (record.addingReplicas) partition.addingReplicas = record.addingReplicas
    if (record.removingReplicas) partition.removingReplicas = record.removingReplicas
    if (record.directories) partition.directories = record.directories
    if (record.eligibleLeaderReplicas) partition.elr = record.eligibleLeaderReplicas
    if (record.lastKnownElr) partition.lastKnownElr = record.lastKnownElr
    if (record.leader !== -2) {
      partition.leader = record.leader
      partition.leaderEpoch++
    }
    partition.partitionEpoch++
    this.tell({ kind: 'partition-changed', topic, partition })
  }

  private removeTopic(id: string): void {
    const topic = this.topicsById.get(id)
    if (!topic) return
    this.topics.delete(topic.name)
    this.topicsById.delete(id)
    this.removedTopicIds.add(id)
    this.configs.delete(`${ConfigResourceType.TOPIC}/${topic.name}`)
    this.tell({ kind: 'topic-removed', topic })
  }

  private setConfig(resourceType: number, resourceName: string, name: string, value: string | null): void {
    const key = `${resourceType}/${resourceName}`
    const configs = this.configs.get(key) ?? new Map<string, string>()
    if (value === null) configs.delete(name)
    else configs.set(name, value)
    if (configs.size === 0) this.configs.delete(key)
    else this.configs.set(key, configs)
    this.tell({ kind: 'config-changed', resourceType, resourceName })
  }

  private tell(change: MetadataChange): void {
    for (const listener of this.listeners) listener(change)
  }
}
