/**
 * ShareAcknowledge: what a member of a share group did with records it has (KIP-932); v1-2. v2 adds renewing locks
 * (KIP-1222) and says how long they hold.
 *
 * It belongs to a session that a ShareFetch began; epoch -1 ends that. Each partition has its own error, and names the leader where that
 * is about leaders (KIP-951).
 */
import type { Draft } from '../../protocol/codec.ts'
import { ShareAcknowledgeRequest, ShareAcknowledgeResponse } from '../../protocol/generated/79-share-acknowledge.ts'
import { defineApi } from '../define-api.ts'
import type { BrokerServices } from '../services.ts'
import { CurrentLeaders } from './current-leaders.ts'
import { type AcknowledgementResult, acknowledgeAll } from './share-acknowledgements.ts'
import { requireShareMember } from './share-protocol.ts'

export const shareAcknowledge = defineApi<ShareAcknowledgeRequest, ShareAcknowledgeResponse>({
  request: ShareAcknowledgeRequest,
  response: ShareAcknowledgeResponse,
  min: 1,
  max: 2,
  async handle(context, request) {
    const member = requireShareMember(context, request)
    const { groupId, memberId } = member
    const { partitions: shares } = context.services.shares
    const isLast = shares.sessions.acknowledge(groupId, memberId, request.shareSessionEpoch)
    const partitions = request.topics.flatMap(({ topicId, partitions: each }) =>
      each.map(({ partitionIndex, acknowledgementBatches: batches }) => ({
        topicId,
        partition: partitionIndex,
        batches,
      })),
    )
    const results = await acknowledgeAll(context, member, partitions, request.isRenewAck)
    if (isLast) await shares.endSession(groupId, memberId)
    const leaders = new CurrentLeaders(context.services, context.connection.listenerName)
    return {
      acquisitionLockTimeoutMs: shares.groupConfig(groupId).recordLockDurationMs,
      responses: byTopic(results, leaders, context.services),
      nodeEndpoints: leaders.nodeEndpoints,
    }
  },
  failure: (_request, errorCode) => ({ errorCode, errorMessage: null }),
})

type TopicResult = Draft<ShareAcknowledgeResponse['responses'][number]>
type PartitionResult = Draft<ShareAcknowledgeResponse['responses'][number]['partitions'][number]>

function byTopic(
  results: readonly AcknowledgementResult[],
  leaders: CurrentLeaders,
  { metadata }: BrokerServices,
): TopicResult[] {
  const topics = new Map<string, PartitionResult[]>()
  for (const { topicId, partition: partitionIndex, errorCode, errorMessage } of results) {
    const partitions = topics.get(topicId) ?? []
    topics.set(topicId, partitions)
    const currentLeader = leaders.besides(errorCode, metadata.topicName(topicId), partitionIndex)
    partitions.push({ partitionIndex, errorCode, errorMessage, ...(currentLeader && { currentLeader }) })
  }
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }))
}
