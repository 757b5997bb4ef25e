import { changeGuard } from '../change-guard.ts'
import type { Admin } from '../types.ts'

type Call = Exclude<keyof Admin, 'close'>

/** Is this call meant to change something, or only to be checked by the broker? Its arguments tell for some. */
type Changes = (...args: never[]) => boolean

const always: Changes = () => true
const unlessValidating: Changes = (_what: unknown, options?: { validateOnly?: boolean }) => !options?.validateOnly

/** Every call of Admin: those that only ask are false; for the others, when they change something. */
export const CALLS: Readonly<Record<Call, false | Changes>> = {
  describeCluster: false,
  listTopics: false,
  describeTopics: false,
  describeTopicsById: false,
  createTopics: unlessValidating,
  deleteTopics: always,
  createPartitions: always,
  deleteRecords: always,
  describeConfigs: false,
  incrementalAlterConfigs: unlessValidating,
  listConfigResources: false,
  listPartitionReassignments: false,
  listOffsets: false,
  listGroups: false,
  describeConsumerGroups: false,
  listConsumerGroupOffsets: false,
  alterConsumerGroupOffsets: always,
  deleteConsumerGroups: always,
  deleteConsumerGroupOffsets: always,
  describeAcls: false,
  createAcls: always,
  deleteAcls: always,
  describeClientQuotas: false,
  alterClientQuotas: always,
  describeUserScramCredentials: false,
  alterUserScramCredentials: always,
  createDelegationToken: always,
  renewDelegationToken: always,
  expireDelegationToken: always,
  describeDelegationTokens: false,
  describeFeatures: false,
  updateFeatures: unlessValidating,
  describeMetadataQuorum: false,
  addRaftVoter: always,
  removeRaftVoter: always,
  electLeaders: always,
  describeClusterEndpoints: false,
  unregisterBroker: always,
  listApiVersions: false,
  listTransactions: false,
  describeTransactions: false,
  describeProducers: false,
  abortTransaction: always,
  fenceProducer: always,
  describeLogDirs: false,
  describeReplicaLogDirs: false,
  alterReplicaLogDirs: always,
  alterPartitionReassignments: always,
  fetchReplicas: false,
  describeShareGroups: false,
  listShareGroupOffsets: false,
  listShareGroupsOffsets: false,
  firstRecords: false,
  alterShareGroupOffsets: always,
  deleteShareGroupOffsets: always,
  describeStreamsGroups: false,
  removeGroupMembers: always,
}

/**
 * An Admin whose changing calls ask the process's guard first. Nothing of a call is sent, and none of its time runs, before the
 * guard has agreed.
 */
export const guarded = (admin: Admin): Admin => {
  const calls = admin as unknown as Record<string, (...args: never[]) => Promise<unknown>>
  const copy: Record<string, unknown> = { ...admin }
  for (const [name, changes] of Object.entries(CALLS)) {
    const call = calls[name]
    if (changes === false || call === undefined) continue
    copy[name] = async (...args: never[]): Promise<unknown> => {
      if (changes(...args)) await changeGuard()?.beforeChange(name)
      return call(...args)
    }
  }
  return copy as unknown as Admin
}
