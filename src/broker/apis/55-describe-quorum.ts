/**
 * DescribeQuorum: leader, epoch and voters of __cluster_metadata-0; v0-2 (KIP-595, KIP-836, KIP-853).
 *
 * - Any other list of partitions is answered with UNKNOWN_TOPIC_OR_PARTITION for each.
 * - v1 brings times of the last fetch, which for the leader itself are now; v2 directory ids and the voters' addresses.
 * - Needs DESCRIBE on the cluster.
 */
import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../../protocol/generated/55-describe-quorum.ts'
import { METADATA_TOPIC } from '../../storage/log-manager.ts'
import { AclOperation, allowsCluster } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

const DIRECTORY_IDS_FROM = 2

function asksForMetadata({ topics }: DescribeQuorumRequest): boolean {
  const partitions = topics[0]?.partitions
  const isOne = topics.length === 1 && topics[0]?.topicName === METADATA_TOPIC && partitions?.length === 1
  return isOne && partitions?.[0]?.partitionIndex === 0
}

export const describeQuorum = defineApi({
  request: DescribeQuorumRequest,
  response: DescribeQuorumResponse,
  min: 0,
  max: 2,
  differs: 'observers are not listed',
  handle(context, request): Draft<DescribeQuorumResponse> {
    if (!allowsCluster(context, AclOperation.DESCRIBE)) throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    const { quorum, clock } = context.services
    if (!asksForMetadata(request)) {
      const { code: errorCode, message: errorMessage } = new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      return {
        errorMessage: '',
        topics: request.topics.map(({ topicName, partitions }) => ({
          topicName,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage })),
        })),
      }
    }
    const now = BigInt(clock.nowMs())
    const { log } = quorum
    const partition = {
      partitionIndex: 0,
      errorMessage: '',
      leaderId: quorum.nodeId,
      leaderEpoch: log.epoch,
      highWatermark: BigInt(log.highWatermark),
      currentVoters: quorum.voters.map(({ id, directoryId }) => ({
        replicaId: id,
        replicaDirectoryId: context.version >= DIRECTORY_IDS_FROM ? directoryId : ZERO_UUID,
        logEndOffset: BigInt(log.endOffset),
        lastFetchTimestamp: now,
        lastCaughtUpTimestamp: now,
      })),
    }
    return {
      errorMessage: '',
      topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
      nodes:
        context.version < DIRECTORY_IDS_FROM
          ? []
          : [{ nodeId: quorum.nodeId, listeners: quorum.endpoints.map((endpoint) => ({ ...endpoint })) }],
    }
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
