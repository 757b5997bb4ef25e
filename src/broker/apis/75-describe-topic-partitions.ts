/**
 * DescribeTopicPartitions: topics' partitions with eligible leader replicas, in pages; v0 (KIP-966).
 *
 * - Topics are answered in order of name, each once. A page ends after responsePartitionLimit partitions (at most
 *   max.request.partition.size.limit) and then names where the next one starts.
 * - With a cursor, topics before the cursor's are left out.
 */

import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from '../../protocol/generated/75-describe-topic-partitions.ts'
import type { TopicImage } from '../controller/metadata-image.ts'
import { isInternalTopic, topicNameProblem } from '../controller/topic-names.ts'
import { defineApi } from '../define-api.ts'
import { OPERATIONS_OMITTED, TOPIC_OPERATIONS } from './operations.ts'

type Topic = Draft<DescribeTopicPartitionsResponse['topics'][number]>

function describe(topic: TopicImage, from: number, limit: number): Topic {
  return {
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    topicAuthorizedOperations: TOPIC_OPERATIONS,
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

export const describeTopicPartitions = defineApi({
  request: DescribeTopicPartitionsRequest,
  response: DescribeTopicPartitionsResponse,
  min: 0,
  max: 0,
  handle({ services }, { topics, cursor, responsePartitionLimit }) {
    if (cursor && cursor.partitionIndex < 0) {
      throw new KafkaError(
        ErrorCode.INVALID_REQUEST,
        `DescribeTopicPartitionsRequest cursor partition must be valid: ${cursor.partitionIndex}`,
      )
    }
    const all = topics.length === 0 ? [...services.metadata.topics.keys()] : topics.map((topic) => topic.name)
    const names = [...new Set(all)].sort().filter((name) => !cursor || name >= cursor.topicName)
    let left = Math.max(1, Math.min(responsePartitionLimit, services.config.int('max.request.partition.size.limit')))
    const out: Topic[] = []
    for (const name of names) {
      const topic = services.metadata.topics.get(name)
      if (!topic) {
        const errorCode = topicNameProblem(name)
          ? ErrorCode.INVALID_TOPIC_EXCEPTION
          : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        out.push({ errorCode, name, isInternal: isInternalTopic(name), topicAuthorizedOperations: OPERATIONS_OMITTED })
        continue
      }
      if (left === 0) return { topics: out, nextCursor: { topicName: name, partitionIndex: 0 } }
      const from = cursor?.topicName === name ? cursor.partitionIndex : 0
      const count = Math.max(0, Math.min(left, topic.partitions.length - from))
      out.push(describe(topic, from, count))
      left -= count
      if (from + count < topic.partitions.length) {
        return { topics: out, nextCursor: { topicName: name, partitionIndex: from + count } }
      }
    }
    return { topics: out, nextCursor: null }
  },
  failure: (request, errorCode) => ({ topics: request.topics.map(({ name }) => ({ errorCode, name })) }),
})
