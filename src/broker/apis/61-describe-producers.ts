/**
 * DescribeProducers: the idempotent and transactional producers that a partition's log remembers; v0 (KIP-664).
 *
 * - Needs READ on the topic.
 * - Only the partition's leader answers. A producer is remembered for producer.id.expiration.ms after its last batch.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, errorInfo, KafkaError } from '../../protocol/errors.ts'
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
  type DescribeProducersResponsePartitionResponse,
} from '../../protocol/generated/61-describe-producers.ts'
import { lastSequenceOf } from '../../storage/producer-state-entry.ts'
import { AclOperation, allowedTopics } from '../authorizer/authorizer.ts'
import { checkTopicName } from '../controller/topic-names.ts'
import { defineApi, type RequestContext } from '../define-api.ts'

function describe(
  { services }: RequestContext,
  topic: string,
  partitionIndex: number,
): Draft<DescribeProducersResponsePartitionResponse> {
  try {
    checkTopicName(topic)
    const partition = services.replicas.partition(topic, partitionIndex)
    partition.checkLeader()
    const producers = [...partition.log.producers.producers.values()]
    return {
      partitionIndex,
      errorMessage: null,
      activeProducers: producers.map((entry) => ({
        producerId: BigInt(entry.producerId),
        producerEpoch: entry.producerEpoch,
        lastSequence: lastSequenceOf(entry),
        lastTimestamp: BigInt(entry.lastTimestamp),
        coordinatorEpoch: entry.coordinatorEpoch,
        currentTxnStartOffset: BigInt(entry.currentTxnFirstOffset),
      })),
    }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    // As Kafka does it: only for a topic that isn't there at all there is a message.
    const errorMessage = services.metadata.topics.has(topic) ? null : error.message
    return { partitionIndex, errorCode: error.code, errorMessage }
  }
}

export const describeProducers = defineApi({
  request: DescribeProducersRequest,
  response: DescribeProducersResponse,
  min: 0,
  max: 0,
  handle(context, request) {
    const names = request.topics.map(({ name }) => name)
    const readable = allowedTopics(context, AclOperation.READ, names)
    const topics = request.topics.map((topic) => {
      const { name, partitionIndexes } = topic
      if (!readable.has(name)) return failed(topic, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
      return { name, partitions: partitionIndexes.map((index) => describe(context, name, index)) }
    })
    return { topics }
  },
  failure: ({ topics }, errorCode) => ({
    topics: topics.map((topic) => failed(topic, errorCode || ErrorCode.UNKNOWN_SERVER_ERROR)),
  }),
})

function failed({ name, partitionIndexes }: DescribeProducersRequest['topics'][number], errorCode: number) {
  const errorMessage = errorInfo(errorCode).message
  return { name, partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode, errorMessage })) }
}
