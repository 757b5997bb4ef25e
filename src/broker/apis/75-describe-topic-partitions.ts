/**
 * DescribeTopicPartitions: topics' partitions with eligible leader replicas, in pages; v0 (KIP-966).
 *
 * - Topics are answered in order of name, each once. A page ends after responsePartitionLimit partitions (at most
 *   max.request.partition.size.limit) and then names where the next one starts.
 * - With a cursor, topics before the cursor's are left out. Of topics that are listed it has to name one: INVALID_REQUEST.
 */

import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from '../../protocol/generated/75-describe-topic-partitions.ts'
import { AclOperation, allowedTopics } from '../authorizer/authorizer.ts'
import type { TopicImage } from '../controller/metadata-image.ts'
import { isInternalTopic, topicNameProblem } from '../controller/topic-names.ts'
import { defineApi } from '../define-api.ts'
import { OPERATIONS_OMITTED, topicOperations } from './operations.ts'

type Topic = Draft<DescribeTopicPartitionsResponse['topics'][number]>

function describe(topic: TopicImage, operations: number, from: number, limit: number): Topic {
  return {
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    topicAuthorizedOperations: operations,
    partitions: topic.partitions.slice(from, from + limit).map((p) => ({
      errorCode: p.leader < 0 ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE,
      partitionIndex: p.partition,
      leaderId: p.leader,
      leaderEpoch: p.leaderEpoch,
      replicaNodes: p.replicas,
      isrNodes: p.isr,
      eligibleLeaderReplicas: p.elr,
      lastKnownElr: p.lastKnownElr,
      offlineReplicas: [],
    })),
  }
}

const deniedTopic = (name: string): Topic => ({
  errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  name,
  topicAuthorizedOperations: OPERATIONS_OMITTED,
})

export const describeTopicPartitions = defineApi({
  request: DescribeTopicPartitionsRequest,
  response: DescribeTopicPartitionsResponse,
  min: 0,
  max: 0,
  handle(context, { topics, cursor, responsePartitionLimit }): Draft<DescribeTopicPartitionsResponse> {
    const { services } = context
    if (cursor && cursor.partitionIndex < 0) {
      throw new KafkaError(
        ErrorCode.INVALID_REQUEST,
        `DescribeTopicPartitionsRequest cursor partition must be valid: ${cursor.partitionIndex}`,
      )
    }
    const all = topics.length === 0 ? [...services.metadata.topics.keys()] : topics.map((topic) => topic.name)
    if (cursor && topics.length > 0 && !all.includes(cursor.topicName)) {
      throw new KafkaError(
        ErrorCode.INVALID_REQUEST,
        `DescribeTopicPartitionsRequest topic list should contain the cursor topic: ${cursor.topicName}`,
      )
    }
    const wanted = [...new Set(all)].sort().filter((name) => !cursor || name >= cursor.topicName)
    const allowed = allowedTopics(context, AclOperation.DESCRIBE, wanted)
    const names = wanted.filter((name) => allowed.has(name))
    // They come last, in whichever page. Among all topics they are left out.
    const denied = topics.length === 0 ? [] : wanted.filter((name) => !allowed.has(name)).map(deniedTopic)
    let left = Math.max(1, Math.min(responsePartitionLimit, services.config.int('max.request.partition.size.limit')))
    const out: Topic[] = []
    const page = (topicName: string, partitionIndex: number): Draft<DescribeTopicPartitionsResponse> => ({
      topics: [...out, ...denied],
      nextCursor: { topicName, partitionIndex },
    })
    for (const name of names) {
      const topic = services.metadata.topics.get(name)
      if (!topic) {
        const errorCode = topicNameProblem(name)
          ? ErrorCode.INVALID_TOPIC_EXCEPTION
          : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        const operations = topicOperations(context, name)
        out.push({ errorCode, name, isInternal: isInternalTopic(name), topicAuthorizedOperations: operations })
        continue
      }
      if (left === 0) return page(name, 0)
      const from = cursor?.topicName === name ? cursor.partitionIndex : 0
      const count = Math.max(0, Math.min(left, topic.partitions.length - from))
      out.push(describe(topic, topicOperations(context, name), from, count))
      left -= count
      if (from + count < topic.partitions.length) {
        return page(name, from + count)
      }
    }
    return { topics: [...out, ...denied], nextCursor: null }
  },
  failure: (request, errorCode) => ({ topics: request.topics.map(({ name }) => ({ errorCode, name })) }),
})
