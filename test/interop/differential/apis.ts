import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../../src/protocol/generated/01-fetch.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../../src/protocol/generated/02-list-offsets.ts'
import { MetadataRequest, MetadataResponse } from '../../../src/protocol/generated/03-metadata.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../../src/protocol/generated/08-offset-commit.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../../src/protocol/generated/09-offset-fetch.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../../src/protocol/generated/10-find-coordinator.ts'
import { JoinGroupRequest, JoinGroupResponse } from '../../../src/protocol/generated/11-join-group.ts'
import { HeartbeatRequest, HeartbeatResponse } from '../../../src/protocol/generated/12-heartbeat.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from '../../../src/protocol/generated/13-leave-group.ts'
import { SyncGroupRequest, SyncGroupResponse } from '../../../src/protocol/generated/14-sync-group.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../../src/protocol/generated/15-describe-groups.ts'
import { ListGroupsRequest, ListGroupsResponse } from '../../../src/protocol/generated/16-list-groups.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../src/protocol/generated/18-api-versions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../../src/protocol/generated/20-delete-topics.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../../src/protocol/generated/21-delete-records.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../../src/protocol/generated/22-init-producer-id.ts'
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from '../../../src/protocol/generated/23-offset-for-leader-epoch.ts'
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../../src/protocol/generated/24-add-partitions-to-txn.ts'
import {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from '../../../src/protocol/generated/25-add-offsets-to-txn.ts'
import { EndTxnRequest, EndTxnResponse } from '../../../src/protocol/generated/26-end-txn.ts'
import {
  WriteTxnMarkersRequest,
  WriteTxnMarkersResponse,
} from '../../../src/protocol/generated/27-write-txn-markers.ts'
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../../src/protocol/generated/28-txn-offset-commit.ts'
import { DescribeAclsRequest, DescribeAclsResponse } from '../../../src/protocol/generated/29-describe-acls.ts'
import { CreateAclsRequest, CreateAclsResponse } from '../../../src/protocol/generated/30-create-acls.ts'
import { DeleteAclsRequest, DeleteAclsResponse } from '../../../src/protocol/generated/31-delete-acls.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../../../src/protocol/generated/32-describe-configs.ts'
import { AlterConfigsRequest, AlterConfigsResponse } from '../../../src/protocol/generated/33-alter-configs.ts'
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from '../../../src/protocol/generated/34-alter-replica-log-dirs.ts'
import {
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
} from '../../../src/protocol/generated/35-describe-log-dirs.ts'
import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../../src/protocol/generated/37-create-partitions.ts'
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from '../../../src/protocol/generated/38-create-delegation-token.ts'
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../../src/protocol/generated/39-renew-delegation-token.ts'
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from '../../../src/protocol/generated/40-expire-delegation-token.ts'
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from '../../../src/protocol/generated/41-describe-delegation-token.ts'
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../../src/protocol/generated/42-delete-groups.ts'
import { ElectLeadersRequest, ElectLeadersResponse } from '../../../src/protocol/generated/43-elect-leaders.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../../src/protocol/generated/44-incremental-alter-configs.ts'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../../src/protocol/generated/45-alter-partition-reassignments.ts'
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../../src/protocol/generated/46-list-partition-reassignments.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../../src/protocol/generated/47-offset-delete.ts'
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from '../../../src/protocol/generated/48-describe-client-quotas.ts'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../../../src/protocol/generated/49-alter-client-quotas.ts'
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from '../../../src/protocol/generated/50-describe-user-scram-credentials.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../../src/protocol/generated/51-alter-user-scram-credentials.ts'
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../../../src/protocol/generated/55-describe-quorum.ts'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../../src/protocol/generated/57-update-features.ts'
import { FetchSnapshotRequest, FetchSnapshotResponse } from '../../../src/protocol/generated/59-fetch-snapshot.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../../src/protocol/generated/60-describe-cluster.ts'
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from '../../../src/protocol/generated/61-describe-producers.ts'
import {
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
} from '../../../src/protocol/generated/64-unregister-broker.ts'
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from '../../../src/protocol/generated/65-describe-transactions.ts'
import {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../../../src/protocol/generated/66-list-transactions.ts'
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../src/protocol/generated/68-consumer-group-heartbeat.ts'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../../../src/protocol/generated/69-consumer-group-describe.ts'
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from '../../../src/protocol/generated/71-get-telemetry-subscriptions.ts'
import { PushTelemetryRequest, PushTelemetryResponse } from '../../../src/protocol/generated/72-push-telemetry.ts'
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from '../../../src/protocol/generated/74-list-config-resources.ts'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from '../../../src/protocol/generated/75-describe-topic-partitions.ts'
import {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../../src/protocol/generated/76-share-group-heartbeat.ts'
import {
  ShareGroupDescribeRequest,
  ShareGroupDescribeResponse,
} from '../../../src/protocol/generated/77-share-group-describe.ts'
import { ShareFetchRequest, ShareFetchResponse } from '../../../src/protocol/generated/78-share-fetch.ts'
import {
  ShareAcknowledgeRequest,
  ShareAcknowledgeResponse,
} from '../../../src/protocol/generated/79-share-acknowledge.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../../src/protocol/generated/80-add-raft-voter.ts'
import {
  RemoveRaftVoterRequest,
  RemoveRaftVoterResponse,
} from '../../../src/protocol/generated/81-remove-raft-voter.ts'
import {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from '../../../src/protocol/generated/83-initialize-share-group-state.ts'
import {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from '../../../src/protocol/generated/84-read-share-group-state.ts'
import {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from '../../../src/protocol/generated/85-write-share-group-state.ts'
import {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from '../../../src/protocol/generated/86-delete-share-group-state.ts'
import {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from '../../../src/protocol/generated/87-read-share-group-state-summary.ts'
import {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../../src/protocol/generated/88-streams-group-heartbeat.ts'
import {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from '../../../src/protocol/generated/89-streams-group-describe.ts'
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../../../src/protocol/generated/90-describe-share-group-offsets.ts'
import {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../../src/protocol/generated/91-alter-share-group-offsets.ts'
import {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../../src/protocol/generated/92-delete-share-group-offsets.ts'

export const produce = { request: ProduceRequest, response: ProduceResponse }
export const fetch = { request: FetchRequest, response: FetchResponse }
export const listOffsets = { request: ListOffsetsRequest, response: ListOffsetsResponse }
export const metadata = { request: MetadataRequest, response: MetadataResponse }
export const offsetCommit = { request: OffsetCommitRequest, response: OffsetCommitResponse }
export const offsetFetch = { request: OffsetFetchRequest, response: OffsetFetchResponse }
export const findCoordinator = { request: FindCoordinatorRequest, response: FindCoordinatorResponse }
export const joinGroup = { request: JoinGroupRequest, response: JoinGroupResponse }
export const heartbeat = { request: HeartbeatRequest, response: HeartbeatResponse }
export const leaveGroup = { request: LeaveGroupRequest, response: LeaveGroupResponse }
export const syncGroup = { request: SyncGroupRequest, response: SyncGroupResponse }
export const describeGroups = { request: DescribeGroupsRequest, response: DescribeGroupsResponse }
export const listGroups = { request: ListGroupsRequest, response: ListGroupsResponse }
export const apiVersions = { request: ApiVersionsRequest, response: ApiVersionsResponse }
export const createTopics = { request: CreateTopicsRequest, response: CreateTopicsResponse }
export const deleteTopics = { request: DeleteTopicsRequest, response: DeleteTopicsResponse }
export const deleteRecords = { request: DeleteRecordsRequest, response: DeleteRecordsResponse }
export const initProducerId = { request: InitProducerIdRequest, response: InitProducerIdResponse }
export const offsetForLeaderEpoch = { request: OffsetForLeaderEpochRequest, response: OffsetForLeaderEpochResponse }
export const addPartitionsToTxn = { request: AddPartitionsToTxnRequest, response: AddPartitionsToTxnResponse }
export const addOffsetsToTxn = { request: AddOffsetsToTxnRequest, response: AddOffsetsToTxnResponse }
export const endTxn = { request: EndTxnRequest, response: EndTxnResponse }
export const writeTxnMarkers = { request: WriteTxnMarkersRequest, response: WriteTxnMarkersResponse }
export const txnOffsetCommit = { request: TxnOffsetCommitRequest, response: TxnOffsetCommitResponse }
export const describeAcls = { request: DescribeAclsRequest, response: DescribeAclsResponse }
export const createAcls = { request: CreateAclsRequest, response: CreateAclsResponse }
export const deleteAcls = { request: DeleteAclsRequest, response: DeleteAclsResponse }
export const describeConfigs = { request: DescribeConfigsRequest, response: DescribeConfigsResponse }
export const alterConfigs = { request: AlterConfigsRequest, response: AlterConfigsResponse }
export const alterReplicaLogDirs = { request: AlterReplicaLogDirsRequest, response: AlterReplicaLogDirsResponse }
export const describeLogDirs = { request: DescribeLogDirsRequest, response: DescribeLogDirsResponse }
export const createPartitions = { request: CreatePartitionsRequest, response: CreatePartitionsResponse }
export const createDelegationToken = { request: CreateDelegationTokenRequest, response: CreateDelegationTokenResponse }
export const renewDelegationToken = { request: RenewDelegationTokenRequest, response: RenewDelegationTokenResponse }
export const expireDelegationToken = { request: ExpireDelegationTokenRequest, response: ExpireDelegationTokenResponse }
export const describeDelegationToken = {
  request: DescribeDelegationTokenRequest,
  response: DescribeDelegationTokenResponse,
}
export const deleteGroups = { request: DeleteGroupsRequest, response: DeleteGroupsResponse }
export const electLeaders = { request: ElectLeadersRequest, response: ElectLeadersResponse }
export const incrementalAlterConfigs = {
  request: IncrementalAlterConfigsRequest,
  response: IncrementalAlterConfigsResponse,
}
export const alterPartitionReassignments = {
  request: AlterPartitionReassignmentsRequest,
  response: AlterPartitionReassignmentsResponse,
}
export const listPartitionReassignments = {
  request: ListPartitionReassignmentsRequest,
  response: ListPartitionReassignmentsResponse,
}
export const offsetDelete = { request: OffsetDeleteRequest, response: OffsetDeleteResponse }
export const describeClientQuotas = { request: DescribeClientQuotasRequest, response: DescribeClientQuotasResponse }
export const alterClientQuotas = { request: AlterClientQuotasRequest, response: AlterClientQuotasResponse }
export const describeUserScramCredentials = {
  request: DescribeUserScramCredentialsRequest,
  response: DescribeUserScramCredentialsResponse,
}
export const alterUserScramCredentials = {
  request: AlterUserScramCredentialsRequest,
  response: AlterUserScramCredentialsResponse,
}
export const describeQuorum = { request: DescribeQuorumRequest, response: DescribeQuorumResponse }
export const updateFeatures = { request: UpdateFeaturesRequest, response: UpdateFeaturesResponse }
export const fetchSnapshot = { request: FetchSnapshotRequest, response: FetchSnapshotResponse }
export const describeCluster = { request: DescribeClusterRequest, response: DescribeClusterResponse }
export const describeProducers = { request: DescribeProducersRequest, response: DescribeProducersResponse }
export const unregisterBroker = { request: UnregisterBrokerRequest, response: UnregisterBrokerResponse }
export const describeTransactions = { request: DescribeTransactionsRequest, response: DescribeTransactionsResponse }
export const listTransactions = { request: ListTransactionsRequest, response: ListTransactionsResponse }
export const consumerGroupHeartbeat = {
  request: ConsumerGroupHeartbeatRequest,
  response: ConsumerGroupHeartbeatResponse,
}
export const consumerGroupDescribe = { request: ConsumerGroupDescribeRequest, response: ConsumerGroupDescribeResponse }
export const getTelemetrySubscriptions = {
  request: GetTelemetrySubscriptionsRequest,
  response: GetTelemetrySubscriptionsResponse,
}
export const pushTelemetry = { request: PushTelemetryRequest, response: PushTelemetryResponse }
export const listConfigResources = { request: ListConfigResourcesRequest, response: ListConfigResourcesResponse }
export const describeTopicPartitions = {
  request: DescribeTopicPartitionsRequest,
  response: DescribeTopicPartitionsResponse,
}
export const shareGroupHeartbeat = { request: ShareGroupHeartbeatRequest, response: ShareGroupHeartbeatResponse }
export const shareGroupDescribe = { request: ShareGroupDescribeRequest, response: ShareGroupDescribeResponse }
export const shareFetch = { request: ShareFetchRequest, response: ShareFetchResponse }
export const shareAcknowledge = { request: ShareAcknowledgeRequest, response: ShareAcknowledgeResponse }
export const addRaftVoter = { request: AddRaftVoterRequest, response: AddRaftVoterResponse }
export const removeRaftVoter = { request: RemoveRaftVoterRequest, response: RemoveRaftVoterResponse }
export const initializeShareGroupState = {
  request: InitializeShareGroupStateRequest,
  response: InitializeShareGroupStateResponse,
}
export const readShareGroupState = { request: ReadShareGroupStateRequest, response: ReadShareGroupStateResponse }
export const writeShareGroupState = { request: WriteShareGroupStateRequest, response: WriteShareGroupStateResponse }
export const deleteShareGroupState = { request: DeleteShareGroupStateRequest, response: DeleteShareGroupStateResponse }
export const readShareGroupStateSummary = {
  request: ReadShareGroupStateSummaryRequest,
  response: ReadShareGroupStateSummaryResponse,
}
export const streamsGroupHeartbeat = { request: StreamsGroupHeartbeatRequest, response: StreamsGroupHeartbeatResponse }
export const streamsGroupDescribe = { request: StreamsGroupDescribeRequest, response: StreamsGroupDescribeResponse }
export const describeShareGroupOffsets = {
  request: DescribeShareGroupOffsetsRequest,
  response: DescribeShareGroupOffsetsResponse,
}
export const alterShareGroupOffsets = {
  request: AlterShareGroupOffsetsRequest,
  response: AlterShareGroupOffsetsResponse,
}
export const deleteShareGroupOffsets = {
  request: DeleteShareGroupOffsetsRequest,
  response: DeleteShareGroupOffsetsResponse,
}
