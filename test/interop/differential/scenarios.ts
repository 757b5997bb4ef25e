import * as admin from './admin-cases.ts'
import * as fetch from './fetch-cases.ts'
import * as groups from './group-cases.ts'
import * as metadata from './metadata-cases.ts'
import * as newGroups from './new-group-cases.ts'
import * as produce from './produce-cases.ts'
import type { Session } from './session.ts'
import * as topics from './topic-cases.ts'
import * as txn from './txn-cases.ts'

/** A conversation; its name says which API it is about. */
export interface Scenario {
  name: string
  run(session: Session): Promise<void>
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'apiVersions', run: metadata.apiVersions },
  { name: 'frames', run: metadata.frames },
  { name: 'metadata', run: metadata.metadata },
  { name: 'describeCluster', run: metadata.describeCluster },
  { name: 'describeTopicPartitions', run: metadata.describeTopicPartitions },
  { name: 'listConfigResources', run: metadata.listConfigResources },
  { name: 'produce', run: produce.produce },
  { name: 'sequences of produce', run: produce.sequences },
  { name: 'fetch', run: fetch.fetch },
  { name: 'sessions of fetch', run: fetch.sessions },
  { name: 'listOffsets', run: fetch.listOffsets },
  { name: 'deleteRecords', run: produce.deleteRecords },
  { name: 'offsetForLeaderEpoch', run: produce.offsetForLeaderEpoch },
  { name: 'createTopics', run: topics.createTopics },
  { name: 'deleteTopics', run: topics.deleteTopics },
  { name: 'createPartitions', run: topics.createPartitions },
  { name: 'describeConfigs', run: topics.describeConfigs },
  { name: 'alterConfigs', run: topics.alterConfigs },
  { name: 'incrementalAlterConfigs', run: topics.incrementalAlterConfigs },
  { name: 'findCoordinator', run: groups.findCoordinator },
  { name: 'offsets', run: groups.offsets },
  { name: 'offsetDelete', run: groups.offsetDelete },
  { name: 'members', run: groups.members },
  { name: 'heartbeats', run: groups.heartbeats },
  { name: 'endOfGroups', run: groups.endOfGroups },
  { name: 'initProducerId', run: txn.initProducerId },
  { name: 'transactions', run: txn.transactions },
  { name: 'describeTxns', run: txn.describeTxns },
  { name: 'consumer groups', run: newGroups.consumer },
  { name: 'share groups', run: newGroups.share },
  { name: 'streams groups', run: newGroups.streams },
  { name: 'acls', run: admin.acls },
  { name: 'quotas', run: admin.quotas },
  { name: 'scram', run: admin.scram },
  { name: 'cluster', run: admin.cluster },
  { name: 'rest', run: admin.rest },
]
