import { throwIfError } from '../../protocol/errors.ts'
import {
  DescribeQuorumRequest,
  DescribeQuorumResponse,
  type DescribeQuorumResponseReplicaState,
} from '../../protocol/generated/55-describe-quorum.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../protocol/generated/80-add-raft-voter.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../../protocol/generated/81-remove-raft-voter.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { askController } from '../controller.ts'
import type { QuorumInfo, QuorumReplica, VoterEndpoint } from '../operations-types.ts'

const METADATA_TOPIC = '__cluster_metadata'

const timeOf = (timestampMs: bigint): number | null => (timestampMs < 0n ? null : Number(timestampMs))

const replicaOf = (state: DescribeQuorumResponseReplicaState): QuorumReplica => ({
  replicaId: state.replicaId,
  directoryId: state.replicaDirectoryId,
  logEndOffset: Number(state.logEndOffset),
  lastFetchTimestampMs: timeOf(state.lastFetchTimestamp),
  lastCaughtUpTimestampMs: timeOf(state.lastCaughtUpTimestamp),
})

/** Leader, voters and observers of the metadata log (KIP-595, KIP-836). */
export async function describeMetadataQuorum(cluster: Cluster): Promise<QuorumInfo> {
  return askController(cluster, 'describeMetadataQuorum', async (connection) => {
    const message = { topics: [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }] }
    const answer = await connection.send(DescribeQuorumRequest, DescribeQuorumResponse, message)
    throwIfError(answer.errorCode, answer.errorMessage)
    const partition = answer.topics.find(({ topicName }) => topicName === METADATA_TOPIC)?.partitions[0]
    if (partition === undefined) throw new ClientError('protocol', 'DescribeQuorum answered without the metadata log.')
    throwIfError(partition.errorCode, partition.errorMessage)
    return {
      leaderId: partition.leaderId,
      leaderEpoch: partition.leaderEpoch,
      highWatermark: Number(partition.highWatermark),
      voters: partition.currentVoters.map(replicaOf),
      observers: partition.observers.map(replicaOf),
      endpoints: new Map(answer.nodes.map(({ nodeId, listeners }) => [nodeId, listeners])),
    }
  })
}

/** Makes a controller a voter (KIP-853). */
export async function addRaftVoter(
  cluster: Cluster,
  voterId: number,
  voterDirectoryId: string,
  endpoints: readonly VoterEndpoint[],
): Promise<void> {
  await askController(cluster, 'addRaftVoter', async (connection) => {
    const answer = await connection.send(AddRaftVoterRequest, AddRaftVoterResponse, {
      clusterId: null,
      timeoutMs: cluster.settings.requestTimeoutMs,
      voterId,
      voterDirectoryId,
      listeners: [...endpoints],
    })
    throwIfError(answer.errorCode, answer.errorMessage)
  })
}

/** Takes a controller out of the voters (KIP-853). */
export async function removeRaftVoter(cluster: Cluster, voterId: number, voterDirectoryId: string): Promise<void> {
  await askController(cluster, 'removeRaftVoter', async (connection) => {
    const message = { clusterId: null, voterId, voterDirectoryId }
    const answer = await connection.send(RemoveRaftVoterRequest, RemoveRaftVoterResponse, message)
    throwIfError(answer.errorCode, answer.errorMessage)
  })
}
