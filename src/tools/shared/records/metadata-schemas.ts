import abortTransactionRecord from '../../../protocol/schema/AbortTransactionRecord.json' with { type: 'json' }
import accessControlEntryRecord from '../../../protocol/schema/AccessControlEntryRecord.json' with { type: 'json' }
import beginTransactionRecord from '../../../protocol/schema/BeginTransactionRecord.json' with { type: 'json' }
import brokerRegistrationChangeRecord from '../../../protocol/schema/BrokerRegistrationChangeRecord.json' with {
  type: 'json',
}
import clearElrRecord from '../../../protocol/schema/ClearElrRecord.json' with { type: 'json' }
import clientQuotaRecord from '../../../protocol/schema/ClientQuotaRecord.json' with { type: 'json' }
import configRecord from '../../../protocol/schema/ConfigRecord.json' with { type: 'json' }
import delegationTokenRecord from '../../../protocol/schema/DelegationTokenRecord.json' with { type: 'json' }
import endTransactionRecord from '../../../protocol/schema/EndTransactionRecord.json' with { type: 'json' }
import featureLevelRecord from '../../../protocol/schema/FeatureLevelRecord.json' with { type: 'json' }
import fenceBrokerRecord from '../../../protocol/schema/FenceBrokerRecord.json' with { type: 'json' }
import noOpRecord from '../../../protocol/schema/NoOpRecord.json' with { type: 'json' }
import partitionChangeRecord from '../../../protocol/schema/PartitionChangeRecord.json' with { type: 'json' }
import partitionRecord from '../../../protocol/schema/PartitionRecord.json' with { type: 'json' }
import producerIdsRecord from '../../../protocol/schema/ProducerIdsRecord.json' with { type: 'json' }
import registerBrokerRecord from '../../../protocol/schema/RegisterBrokerRecord.json' with { type: 'json' }
import registerControllerRecord from '../../../protocol/schema/RegisterControllerRecord.json' with { type: 'json' }
import removeAccessControlEntryRecord from '../../../protocol/schema/RemoveAccessControlEntryRecord.json' with {
  type: 'json',
}
import removeDelegationTokenRecord from '../../../protocol/schema/RemoveDelegationTokenRecord.json' with {
  type: 'json',
}
import removeTopicRecord from '../../../protocol/schema/RemoveTopicRecord.json' with { type: 'json' }
import removeUserScramCredentialRecord from '../../../protocol/schema/RemoveUserScramCredentialRecord.json' with {
  type: 'json',
}
import topicRecord from '../../../protocol/schema/TopicRecord.json' with { type: 'json' }
import unfenceBrokerRecord from '../../../protocol/schema/UnfenceBrokerRecord.json' with { type: 'json' }
import unregisterBrokerRecord from '../../../protocol/schema/UnregisterBrokerRecord.json' with { type: 'json' }
import userScramCredentialRecord from '../../../protocol/schema/UserScramCredentialRecord.json' with { type: 'json' }
import zkMigrationStateRecord from '../../../protocol/schema/ZkMigrationStateRecord.json' with { type: 'json' }
import type { MessageSchema } from './schema-json.ts'

/** Schemas of the records of __cluster_metadata. */
export const metadataSchemas = {
  AbortTransactionRecord: abortTransactionRecord,
  AccessControlEntryRecord: accessControlEntryRecord,
  BeginTransactionRecord: beginTransactionRecord,
  BrokerRegistrationChangeRecord: brokerRegistrationChangeRecord,
  ClearElrRecord: clearElrRecord,
  ClientQuotaRecord: clientQuotaRecord,
  ConfigRecord: configRecord,
  DelegationTokenRecord: delegationTokenRecord,
  EndTransactionRecord: endTransactionRecord,
  FeatureLevelRecord: featureLevelRecord,
  FenceBrokerRecord: fenceBrokerRecord,
  NoOpRecord: noOpRecord,
  PartitionChangeRecord: partitionChangeRecord,
  PartitionRecord: partitionRecord,
  ProducerIdsRecord: producerIdsRecord,
  RegisterBrokerRecord: registerBrokerRecord,
  RegisterControllerRecord: registerControllerRecord,
  RemoveAccessControlEntryRecord: removeAccessControlEntryRecord,
  RemoveDelegationTokenRecord: removeDelegationTokenRecord,
  RemoveTopicRecord: removeTopicRecord,
  RemoveUserScramCredentialRecord: removeUserScramCredentialRecord,
  TopicRecord: topicRecord,
  UnfenceBrokerRecord: unfenceBrokerRecord,
  UnregisterBrokerRecord: unregisterBrokerRecord,
  UserScramCredentialRecord: userScramCredentialRecord,
  ZkMigrationStateRecord: zkMigrationStateRecord,
} as unknown as Readonly<Record<string, MessageSchema>>
