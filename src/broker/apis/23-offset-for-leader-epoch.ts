/**
 * OffsetForLeaderEpoch: where a leader epoch ends in the log, so that readers notice when their history is not the log's; v2-4.
 * An epoch this log never had is answered with the largest one below it, or -1.
 */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from '../../protocol/generated/23-offset-for-leader-epoch.ts'
import { AclOperation, allowedTopics, allowsCluster } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { asKafkaError } from '../partition.ts'

/** The topics of a request whose epochs its sender may know; a broker may know all. */
function readable(context: RequestContext, { topics }: OffsetForLeaderEpochRequest): ReadonlySet<string> {
  const names = topics.map(({ topic }) => topic)
  if (allowsCluster(context, AclOperation.CLUSTER_ACTION, true)) return new Set(names)
  return allowedTopics(context, AclOperation.DESCRIBE, names)
}

export const offsetForLeaderEpoch = defineApi({
  request: OffsetForLeaderEpochRequest,
  response: OffsetForLeaderEpochResponse,
  min: 2,
  max: 4,
  handle(context, request) {
    const { services } = context
    const allowed = readable(context, request)
    const topics = request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition: index, currentLeaderEpoch, leaderEpoch }) => {
        if (!allowed.has(topic)) return { partition: index, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }
        try {
          const partition = services.replicas.partition(topic, index)
          partition.checkLeader()
          partition.checkEpoch(currentLeaderEpoch)
          const found = partition.log.epochs.endOffsetFor(leaderEpoch, partition.log.logEndOffset)
          return { partition: index, leaderEpoch: found.epoch, endOffset: BigInt(found.endOffset) }
        } catch (error) {
          const known = asKafkaError(error)
          if (!(known instanceof KafkaError)) throw error
          return { partition: index, errorCode: known.code }
        }
      }),
    }))
    return { topics }
  },
  failure: (request, errorCode) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  }),
})
