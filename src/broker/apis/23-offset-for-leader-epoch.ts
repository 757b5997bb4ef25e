/**
 * OffsetForLeaderEpoch: where a leader epoch ends in the log, so that readers notice when their history is not the log's; v2-4.
 * An epoch this log never had is answered with the largest one below it, or -1.
 */
import { KafkaError } from '../../protocol/errors.ts'
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from '../../protocol/generated/23-offset-for-leader-epoch.ts'
import { defineApi } from '../define-api.ts'
import { asKafkaError } from '../partition.ts'

export const offsetForLeaderEpoch = defineApi({
  request: OffsetForLeaderEpochRequest,
  response: OffsetForLeaderEpochResponse,
  min: 2,
  max: 4,
  handle: ({ services }, request) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition: index, currentLeaderEpoch, leaderEpoch }) => {
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
    })),
  }),
  failure: (request, errorCode) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  }),
})
