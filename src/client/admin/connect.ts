import { Cluster } from '../cluster.ts'
import type { LagAdmin } from '../lag-types.ts'
import type { OperationsAdmin } from '../operations-types.ts'
import type { ReplicaAdmin } from '../replica-types.ts'
import type { SecurityAdmin } from '../security-types.ts'
import { type ClientSettings, completeSettings } from '../settings.ts'
import type { ShareGroupAdmin } from '../share-group-types.ts'
import type { StreamsGroupAdmin } from '../streams-group-types.ts'
import type { TransactionAdmin } from '../transaction-types.ts'
import type { Admin } from '../types.ts'
import { guarded } from './guarded.ts'

/**
 * The administrative client of a cluster. Nothing is connected before the first call, and each family of calls is loaded
 * when it is first used, so that a command pays for what it does only.
 *
 * @param settings bootstrapServers, and what differs from the Java Admin client's defaults.
 * @throws ClientError 'config' when there is no bootstrap server
 */
export async function connectAdmin(
  settings: Partial<ClientSettings> & Pick<ClientSettings, 'bootstrapServers'>,
): Promise<Admin> {
  return adminOf(new Cluster(completeSettings(settings)))
}

const topics = () => import('./topics.ts')
const topicChanges = () => import('./topic-changes.ts')
const configs = () => import('./configs.ts')
const offsets = () => import('./offsets.ts')
const groups = () => import('./groups.ts')
const groupOffsets = () => import('./group-offsets.ts')
const settle = () => import('./settle.ts')
const reassignments = () => import('./reassignments.ts')
const acls = () => import('./acls.ts')
const quotas = () => import('./quotas.ts')
const scram = () => import('./scram.ts')
const tokens = () => import('./tokens.ts')
const features = () => import('./features.ts')
const quorum = () => import('./quorum.ts')
const elections = () => import('./elections.ts')
const nodes = () => import('./nodes.ts')
const transactions = () => import('./transactions.ts')
const replicas = () => import('./replicas.ts')
const shareGroups = () => import('./share-groups.ts')
const streamsGroups = () => import('./streams-groups.ts')

const securityAdmin = (cluster: Cluster): SecurityAdmin => ({
  describeAcls: async (filter) => (await acls()).describeAcls(cluster, filter),
  createAcls: async (bindings) => (await acls()).createAcls(cluster, bindings),
  deleteAcls: async (filters) => (await acls()).deleteAcls(cluster, filters),
  describeClientQuotas: async (filter, strict) => (await quotas()).describeClientQuotas(cluster, filter, strict),
  alterClientQuotas: async (entity, values) => (await quotas()).alterClientQuotas(cluster, entity, values),
  describeUserScramCredentials: async (users) => (await scram()).describeUserScramCredentials(cluster, users),
  alterUserScramCredentials: async (changes) => (await scram()).alterUserScramCredentials(cluster, changes),
  createDelegationToken: async (options) => (await tokens()).createDelegationToken(cluster, options),
  renewDelegationToken: async (hmac, periodMs) => (await tokens()).renewDelegationToken(cluster, hmac, periodMs),
  expireDelegationToken: async (hmac, periodMs) => (await tokens()).expireDelegationToken(cluster, hmac, periodMs),
  describeDelegationTokens: async (owners) => (await tokens()).describeDelegationTokens(cluster, owners),
})

const operationsAdmin = (cluster: Cluster): OperationsAdmin => ({
  describeFeatures: async (nodeId) => (await features()).describeFeatures(cluster, nodeId),
  updateFeatures: async (updates, options) => (await features()).updateFeatures(cluster, updates, options),
  describeMetadataQuorum: async () => (await quorum()).describeMetadataQuorum(cluster),
  addRaftVoter: async (id, directory, endpoints) => (await quorum()).addRaftVoter(cluster, id, directory, endpoints),
  removeRaftVoter: async (id, directory) => (await quorum()).removeRaftVoter(cluster, id, directory),
  electLeaders: async (type, partitions) => (await elections()).electLeaders(cluster, type, partitions),
  describeClusterEndpoints: async (options) => (await nodes()).describeClusterEndpoints(cluster, options),
  unregisterBroker: async (id) => (await nodes()).unregisterBroker(cluster, id),
  listApiVersions: async () => (await nodes()).listApiVersions(cluster),
})

const transactionAdmin = (cluster: Cluster): TransactionAdmin => ({
  listTransactions: async (filters) => (await transactions()).listTransactions(cluster, filters),
  describeTransactions: async (ids) => (await transactions()).describeTransactions(cluster, ids),
  describeProducers: async (tps, broker) => (await transactions()).describeProducers(cluster, tps, broker),
  abortTransaction: async (spec) => (await transactions()).abortTransaction(cluster, spec),
  fenceProducer: async (id) => (await transactions()).fenceProducer(cluster, id),
})

const replicaAdmin = (cluster: Cluster): ReplicaAdmin => ({
  describeLogDirs: async (brokers) => (await replicas()).describeLogDirs(cluster, brokers),
  describeReplicaLogDirs: async (list) => (await replicas()).describeReplicaLogDirs(cluster, list),
  alterReplicaLogDirs: async (targets) => (await replicas()).alterReplicaLogDirs(cluster, targets),
  alterPartitionReassignments: async (targets, options) =>
    (await replicas()).alterPartitionReassignments(cluster, targets, options),
  fetchReplicas: async (broker, positions, limits) =>
    (await import('./replica-fetch.ts')).fetchReplicas(cluster, broker, positions, limits),
})

const typedGroupAdmin = (cluster: Cluster): ShareGroupAdmin & StreamsGroupAdmin => ({
  describeShareGroups: async (ids) => (await shareGroups()).describeShareGroups(cluster, ids),
  listShareGroupOffsets: async (id) => (await shareGroups()).listShareGroupOffsets(cluster, id),
  alterShareGroupOffsets: async (id, changed) => (await shareGroups()).alterShareGroupOffsets(cluster, id, changed),
  deleteShareGroupOffsets: async (id, names) => (await shareGroups()).deleteShareGroupOffsets(cluster, id, names),
  describeStreamsGroups: async (ids) => (await streamsGroups()).describeStreamsGroups(cluster, ids),
  removeGroupMembers: async (id, members) => (await streamsGroups()).removeGroupMembers(cluster, id, members),
})

const lagAdmin = (cluster: Cluster): LagAdmin => ({
  firstRecords: async (positions, options) =>
    (await import('./first-records.ts')).firstRecords(cluster, positions, options),
  listShareGroupsOffsets: async (ids) => (await shareGroups()).listShareGroupsOffsets(cluster, ids),
})

/** An Admin over a cluster that others may use too; `close` closes the cluster. Its changes ask the process's guard first. */
export function adminOf(cluster: Cluster): Admin {
  const admin: Admin = {
    describeCluster: async () => (await topics()).describeCluster(cluster),
    listTopics: async (options) => (await topics()).listTopics(cluster, options),
    describeTopics: async (names, options) => (await topics()).describeTopics(cluster, names, options),
    describeTopicsById: async (ids) => (await topics()).describeTopicsById(cluster, ids),
    createTopics: async (list, options) => {
      const results = await (await topicChanges()).createTopics(cluster, list, options)
      const created = [...results].flatMap(([name, { ok }]) => (ok ? [name] : []))
      if (!options?.validateOnly) await (await settle()).untilTopicsShow(admin, created)
      return results
    },
    deleteTopics: async (names) => (await topicChanges()).deleteTopics(cluster, names),
    createPartitions: async (counts) => (await topicChanges()).createPartitions(cluster, counts),
    deleteRecords: async (before) => (await offsets()).deleteRecords(cluster, before),
    listOffsets: async (specs, options) => (await offsets()).listOffsets(cluster, specs, options),
    describeConfigs: async (resources, options) => (await configs()).describeConfigs(cluster, resources, options),
    incrementalAlterConfigs: async (changes, options) => {
      const results = await (await configs()).incrementalAlterConfigs(cluster, changes, options)
      const changed = new Map([...changes].filter(([resource]) => results.get(resource)?.ok))
      if (!options?.validateOnly) await (await settle()).untilConfigsShow(admin, changed)
      return results
    },
    listConfigResources: async (types) => (await configs()).listConfigResources(cluster, types),
    listPartitionReassignments: async () => (await reassignments()).listPartitionReassignments(cluster),
    listGroups: async (options) => (await groups()).listGroups(cluster, options),
    describeConsumerGroups: async (ids) => (await groups()).describeConsumerGroups(cluster, ids),
    deleteConsumerGroups: async (ids) => (await groups()).deleteConsumerGroups(cluster, ids),
    listConsumerGroupOffsets: async (ids, partitions) =>
      (await groupOffsets()).listConsumerGroupOffsets(cluster, ids, partitions),
    alterConsumerGroupOffsets: async (id, changed) =>
      (await groupOffsets()).alterConsumerGroupOffsets(cluster, id, changed),
    deleteConsumerGroupOffsets: async (id, partitions) =>
      (await groupOffsets()).deleteConsumerGroupOffsets(cluster, id, partitions),
    ...securityAdmin(cluster),
    ...operationsAdmin(cluster),
    ...transactionAdmin(cluster),
    ...replicaAdmin(cluster),
    ...typedGroupAdmin(cluster),
    ...lagAdmin(cluster),
    close: () => cluster.close(),
  }
  return guarded(admin)
}
