import { SCRAM_MECHANISMS } from '../../client/security-types.ts'
import { AclOperation, PatternType, PermissionType, ResourceType } from '../../protocol/acl-codes.ts'
import type { AccessControlEntryRecord } from '../../protocol/generated/metadata/access-control-entry-record.ts'
import type { BrokerRegistrationChangeRecord } from '../../protocol/generated/metadata/broker-registration-change-record.ts'
import type { ClientQuotaRecord } from '../../protocol/generated/metadata/client-quota-record.ts'
import type { ConfigRecord } from '../../protocol/generated/metadata/config-record.ts'
import type { DelegationTokenRecord } from '../../protocol/generated/metadata/delegation-token-record.ts'
import type { FeatureLevelRecord } from '../../protocol/generated/metadata/feature-level-record.ts'
import type { PartitionChangeRecord } from '../../protocol/generated/metadata/partition-change-record.ts'
import type { PartitionRecord } from '../../protocol/generated/metadata/partition-record.ts'
import type { RegisterBrokerRecord } from '../../protocol/generated/metadata/register-broker-record.ts'
import type { RegisterControllerRecord } from '../../protocol/generated/metadata/register-controller-record.ts'
import type { UserScramCredentialRecord } from '../../protocol/generated/metadata/user-scram-credential-record.ts'
import { javaDouble, javaList } from '../shared/java.ts'
import type { DecodedMetadataRecord } from '../shared/records/metadata-records.ts'
import { directory, file, type MetadataNode } from './node.ts'
import { brokerText, controllerText, partitionText } from './registration-text.ts'

const CONFIG_TYPES: Readonly<Record<number, string>> = {
  2: 'TOPIC',
  4: 'BROKER',
  8: 'BROKER_LOGGER',
  16: 'CLIENT_METRICS',
  32: 'GROUP',
}
const NO_LEADER_CHANGE = -2
const COMMIT_ID = 'a9ce3221537b8653'
const KAFKA_RELEASE = '4.3.0'

const nameOf = (codes: Readonly<Record<string, number>>, code: number): string =>
  Object.entries(codes).find(([, value]) => value === code)?.[0] ?? 'UNKNOWN'

interface Topic {
  name: string
  id: string
  partitions: Map<number, PartitionRecord>
}

/** What the records of the metadata log add up to, as the tree that Kafka's shell shows. */
export class MetadataTree {
  readonly #features = new Map<string, number>()
  readonly #topics = new Map<string, Topic>()
  readonly #brokers = new Map<number, RegisterBrokerRecord>()
  readonly #controllers = new Map<number, RegisterControllerRecord>()
  readonly #configs = new Map<string, Map<string, string>>()
  readonly #quotas = new Map<string, Map<string, number>>()
  readonly #acls = new Map<string, AccessControlEntryRecord>()
  readonly #scram = new Map<string, UserScramCredentialRecord>()
  readonly #tokens = new Map<string, DelegationTokenRecord>()
  readonly #metadataVersionName: (level: number) => string
  #nextProducerId = -1n
  /** Of the last batch taken in. */
  provenance = { offset: -1, epoch: -1, timeMs: -1 }

  constructor(metadataVersionName: (level: number) => string) {
    this.#metadataVersionName = metadataVersionName
  }

  /** Takes in one record; what says nothing of the tree is passed over. */
  apply({ type, data }: DecodedMetadataRecord): void {
    const appliers: Readonly<Record<string, (record: never) => void>> = {
      FeatureLevelRecord: (record: FeatureLevelRecord) => this.#features.set(record.name, record.featureLevel),
      TopicRecord: (record: { name: string; topicId: string }) =>
        this.#topics.set(record.topicId, { name: record.name, id: record.topicId, partitions: new Map() }),
      RemoveTopicRecord: (record: { topicId: string }) => this.#removeTopic(record.topicId),
      PartitionRecord: (record: PartitionRecord) =>
        this.#topics.get(record.topicId)?.partitions.set(record.partitionId, { ...record }),
      PartitionChangeRecord: (record: PartitionChangeRecord) => this.#changePartition(record),
      ConfigRecord: (record: ConfigRecord) => this.#config(record),
      RegisterBrokerRecord: (record: RegisterBrokerRecord) => this.#brokers.set(record.brokerId, { ...record }),
      UnregisterBrokerRecord: (record: { brokerId: number }) => this.#brokers.delete(record.brokerId),
      BrokerRegistrationChangeRecord: (record: BrokerRegistrationChangeRecord) => this.#changeBroker(record),
      FenceBrokerRecord: (record: { id: number }) => this.#fence(record.id, true),
      UnfenceBrokerRecord: (record: { id: number }) => this.#fence(record.id, false),
      RegisterControllerRecord: (record: RegisterControllerRecord) =>
        this.#controllers.set(record.controllerId, record),
      ProducerIdsRecord: (record: { nextProducerId: bigint }) => {
        this.#nextProducerId = record.nextProducerId
      },
      ClientQuotaRecord: (record: ClientQuotaRecord) => this.#quota(record),
      AccessControlEntryRecord: (record: AccessControlEntryRecord) => this.#acls.set(record.id, record),
      RemoveAccessControlEntryRecord: (record: { id: string }) => this.#acls.delete(record.id),
      UserScramCredentialRecord: (record: UserScramCredentialRecord) =>
        this.#scram.set(`${record.mechanism}/${record.name}`, record),
      RemoveUserScramCredentialRecord: (record: { mechanism: number; name: string }) =>
        this.#scram.delete(`${record.mechanism}/${record.name}`),
      DelegationTokenRecord: (record: DelegationTokenRecord) => this.#tokens.set(record.tokenId, record),
      RemoveDelegationTokenRecord: (record: { tokenId: string }) => this.#tokens.delete(record.tokenId),
    }
    appliers[type]?.(data as never)
  }

  #removeTopic(id: string): void {
    const topic = this.#topics.get(id)
    this.#topics.delete(id)
    if (topic) this.#configs.delete(`TOPIC:${topic.name}`)
  }

  #changePartition(change: PartitionChangeRecord): void {
    const partition = this.#topics.get(change.topicId)?.partitions.get(change.partitionId)
    if (partition === undefined) return
    const { isr, replicas, removingReplicas, addingReplicas, directories, eligibleLeaderReplicas, lastKnownElr } =
      change
    const lists = { isr, replicas, removingReplicas, addingReplicas, directories, eligibleLeaderReplicas, lastKnownElr }
    for (const [key, value] of Object.entries(lists)) if (value !== null) Object.assign(partition, { [key]: value })
    if (change.leaderRecoveryState >= 0) partition.leaderRecoveryState = change.leaderRecoveryState
    if (change.leader !== NO_LEADER_CHANGE) {
      partition.leader = change.leader
      partition.leaderEpoch++
    }
    partition.partitionEpoch++
  }

  #fence(id: number, fenced: boolean): void {
    const broker = this.#brokers.get(id)
    if (broker) broker.fenced = fenced
  }

  #changeBroker(change: BrokerRegistrationChangeRecord): void {
    const broker = this.#brokers.get(change.brokerId)
    if (broker === undefined) return
    if (change.fenced !== 0) broker.fenced = change.fenced > 0
    if (change.inControlledShutdown !== 0) broker.inControlledShutdown = change.inControlledShutdown > 0
    if (change.logDirs.length > 0) broker.logDirs = change.logDirs
    if (change.cordonedLogDirs !== null) broker.cordonedLogDirs = change.cordonedLogDirs
  }

  #config({ resourceType, resourceName, name, value }: ConfigRecord): void {
    const type = CONFIG_TYPES[resourceType] ?? 'UNKNOWN'
    const key = resourceName === '' ? type : `${type}:${resourceName}`
    const configs = this.#configs.get(key) ?? new Map<string, string>()
    if (value === null) configs.delete(name)
    else configs.set(name, value)
    if (configs.size === 0) this.#configs.delete(key)
    else this.#configs.set(key, configs)
  }

  #quota({ entity, key, value, remove }: ClientQuotaRecord): void {
    const order = ['user', 'client-id', 'ip']
    const titles: Readonly<Record<string, string>> = { user: 'user', 'client-id': 'clientId', ip: 'ip' }
    const name = [...entity]
      .sort((a, b) => order.indexOf(a.entityType) - order.indexOf(b.entityType))
      .map(
        (one) => `${titles[one.entityType] ?? one.entityType}${one.entityName === null ? '' : `(${one.entityName})`}`,
      )
      .join('_')
    const quotas = this.#quotas.get(name) ?? new Map<string, number>()
    if (remove) quotas.delete(key)
    else quotas.set(key, value)
    if (quotas.size === 0) this.#quotas.delete(name)
    else this.#quotas.set(name, quotas)
  }

  /** The tree as it stands. */
  root(): MetadataNode {
    const image = directory([
      ['provenance', file(this.#provenanceText())],
      ['features', this.#featuresNode()],
      ['cluster', this.#clusterNode()],
      ['topics', this.#topicsNode()],
      ['configs', directory([...this.#configs].map(([name, configs]) => [name, filesOf(configs)] as const))],
      [
        'clientQuotas',
        directory(
          [...this.#quotas].map(
            ([name, quotas]) =>
              [name, filesOf(new Map([...quotas].map(([key, value]) => [key, javaDouble(value)])))] as const,
          ),
        ),
      ],
      ['producerIds', directory([['nextProducerId', file(String(this.#nextProducerId))]])],
      ['acls', directory([['byId', this.#aclsNode()]])],
      ['scram', this.#scramNode()],
      ['delegationToken', directory([...this.#tokens].map(([id, token]) => [id, file(tokenText(token))] as const))],
    ])
    const local = directory([
      ['commitId', file(COMMIT_ID)],
      ['version', file(KAFKA_RELEASE)],
    ])
    return directory([
      ['image', image],
      ['local', local],
    ])
  }

  #provenanceText(): string {
    const { offset, epoch, timeMs } = this.provenance
    return `offset ${offset}, epoch ${epoch}, time ${new Date(timeMs).toISOString().replace(/\.000Z$/, 'Z')}[UTC]`
  }

  #featuresNode(): MetadataNode {
    const level = this.#features.get('metadata.version')
    const others = [...this.#features].filter(([name, value]) => name !== 'metadata.version' && value > 0)
    return directory([
      ...others.map(([name, value]) => [`finalized_${name}`, file(String(value))] as const),
      [
        'metadataVersion',
        file(level === undefined ? 'Optional.empty' : `Optional[${this.#metadataVersionName(level)}]`),
      ],
    ])
  }

  #clusterNode(): MetadataNode {
    return directory([
      ['brokers', directory([...this.#brokers].map(([id, one]) => [String(id), file(brokerText(one))] as const))],
      [
        'controllers',
        directory([...this.#controllers].map(([id, one]) => [String(id), file(controllerText(one))] as const)),
      ],
    ])
  }

  #topicsNode(): MetadataNode {
    const nodes = [...this.#topics.values()].map(({ name, id, partitions }) => {
      const files = [...partitions].map(([number, one]) => [String(number), file(partitionText(one))] as const)
      return { name, id, node: directory([['name', file(name)], ['id', file(id)], ...files]) }
    })
    return directory([
      ['byName', directory(nodes.map(({ name, node }) => [name, node] as const))],
      ['byId', directory(nodes.map(({ id, node }) => [id, node] as const))],
    ])
  }

  #aclsNode(): MetadataNode {
    return directory(
      [...this.#acls].map(([id, acl]) => {
        const text =
          `StandardAcl[resourceType=${nameOf(ResourceType, acl.resourceType)}, resourceName=${acl.resourceName}, ` +
          `patternType=${nameOf(PatternType, acl.patternType)}, principal=${acl.principal}, host=${acl.host}, ` +
          `operation=${nameOf(AclOperation, acl.operation)}, permissionType=${nameOf(PermissionType, acl.permissionType)}]`
        return [id, file(text)] as const
      }),
    )
  }

  #scramNode(): MetadataNode {
    const mechanisms = SCRAM_MECHANISMS.map((name, number) => ({ name, number })).filter(({ number }) => number > 0)
    return directory(
      mechanisms.map(({ name, number }) => {
        const users = [...this.#scram.values()].filter(({ mechanism }) => mechanism === number)
        const text = 'ScramCredentialData(salt=[hidden], storedKey=[hidden], serverKey=[hidden], iterations=[hidden])'
        return [name, directory(users.map((user) => [user.name, file(text)] as const))] as const
      }),
    )
  }
}

const filesOf = (values: ReadonlyMap<string, string>): MetadataNode =>
  directory([...values].map(([name, value]) => [name, file(value)] as const))

const tokenText = (token: DelegationTokenRecord): string =>
  `DelegationTokenData(tokenInformation=TokenInformation{owner=${token.owner}, tokenRequester=${token.requester}, ` +
  `renewers=${javaList(token.renewers)}, issueTimestamp=${token.issueTimestamp}, maxTimestamp=${token.maxTimestamp}, ` +
  `expiryTimestamp=${token.expirationTimestamp}, tokenId='${token.tokenId}'})`
