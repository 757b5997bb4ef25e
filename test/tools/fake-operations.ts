import type { AclBinding } from '../../src/client/acl-types.ts'
import type { FeatureMetadata, OperationsAdmin, QuorumInfo } from '../../src/client/operations-types.ts'
import type { QuotaEntity, QuotaEntry, ScramAlteration, SecurityAdmin } from '../../src/client/security-types.ts'
import type { Node, Result, TopicPartition } from '../../src/client/types.ts'
import { topicPartitionKey } from '../../src/client/types.ts'
import { ErrorCode, KafkaError } from '../../src/protocol/errors.ts'

const ok = <T>(value: T): Result<T> => ({ ok: true, value })

const token = {
  tokenId: 'id-1',
  hmac: Buffer.from('secret'),
  owner: { type: 'User', name: 'alice' },
  requester: { type: 'User', name: 'alice' },
  renewers: [{ type: 'User', name: 'bob' }],
  issueTimestampMs: 0,
  expiryTimestampMs: 60_000,
  maxTimestampMs: 120_000,
}

/** Security, quotas, nodes and the quorum of a cluster in memory. What was asked to change is kept in `asked`. */
export class FakeOperations implements SecurityAdmin, OperationsAdmin {
  acls: AclBinding[] = []
  quotas: QuotaEntry[] = []
  scram = new Map<string, Result<{ mechanism: string; iterations: number }[]>>()
  features: FeatureMetadata = { supported: new Map(), finalized: new Map(), finalizedEpoch: 7n }
  featureError: Error | undefined
  quorum: QuorumInfo | undefined
  elections = new Map<string, Result<void>>()
  fencedNodes: (Node & { isFenced: boolean })[] = []
  asked: unknown[] = []

  describeAcls({ pattern }: AclBinding) {
    const matches = ({ pattern: other }: AclBinding): boolean =>
      pattern.resourceType === 'ANY' || (other.resourceType === pattern.resourceType && other.name === pattern.name)
    return Promise.resolve(this.acls.filter(matches))
  }

  createAcls(bindings: readonly AclBinding[]) {
    this.acls.push(...bindings)
    return Promise.resolve(bindings.map(() => ok<void>(undefined)))
  }

  deleteAcls(filters: readonly AclBinding[]) {
    this.asked.push(['deleteAcls', filters])
    return Promise.resolve(filters.map(() => ok<AclBinding[]>([])))
  }

  describeClientQuotas() {
    return Promise.resolve(this.quotas)
  }

  alterClientQuotas(entity: QuotaEntity, values: ReadonlyMap<string, number | null>) {
    this.asked.push(['quotas', [...entity], [...values]])
    return Promise.resolve()
  }

  describeUserScramCredentials() {
    return Promise.resolve(this.scram)
  }

  alterUserScramCredentials(alterations: readonly ScramAlteration[]) {
    this.asked.push(['scram', alterations])
    return Promise.resolve(new Map(alterations.map(({ user }) => [user, ok<void>(undefined)])))
  }

  createDelegationToken(options: unknown) {
    this.asked.push(['token', options])
    return Promise.resolve(token)
  }

  renewDelegationToken() {
    return Promise.resolve(60_000)
  }

  expireDelegationToken(): Promise<number> {
    return Promise.reject(new KafkaError(ErrorCode.DELEGATION_TOKEN_NOT_FOUND))
  }

  describeDelegationTokens() {
    return Promise.resolve([token])
  }

  describeFeatures() {
    return Promise.resolve(this.features)
  }

  updateFeatures(updates: ReadonlyMap<string, unknown>) {
    this.asked.push(['features', [...updates]])
    const result: Result<void> = this.featureError ? { ok: false, error: this.featureError } : ok(undefined)
    return Promise.resolve(new Map([...updates.keys()].map((name) => [name, result])))
  }

  describeMetadataQuorum() {
    return this.quorum ? Promise.resolve(this.quorum) : Promise.reject(new KafkaError(ErrorCode.NOT_CONTROLLER))
  }

  addRaftVoter(...voter: unknown[]) {
    this.asked.push(['add', ...voter])
    return Promise.resolve()
  }

  removeRaftVoter(...voter: unknown[]) {
    this.asked.push(['remove', ...voter])
    return Promise.resolve()
  }

  electLeaders(type: string, partitions: readonly TopicPartition[] | null) {
    this.asked.push(['elect', type, partitions?.map(topicPartitionKey) ?? null])
    return Promise.resolve(this.elections)
  }

  describeClusterEndpoints() {
    return Promise.resolve({ clusterId: 'c', controllerId: 1, nodes: this.fencedNodes })
  }

  unregisterBroker(id: number): Promise<void> {
    return Promise.reject(
      new KafkaError(ErrorCode.BROKER_ID_NOT_REGISTERED, `Broker ID ${id} is not currently registered`),
    )
  }

  listApiVersions() {
    const node = { id: 1, host: 'h', port: 1, rack: null }
    return Promise.resolve([{ node, versions: ok(new Map([[0, { min: 3, max: 13 }]])) }])
  }
}
