import { ZERO_UUID } from '../../base/uuid.ts'
import type { Connection } from '../../net/connection.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../protocol/generated/03-metadata.ts'
import {
  type DescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopic as DescribedTopic,
  DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsRequestCursor,
  DescribeTopicPartitionsResponse,
} from '../../protocol/generated/75-describe-topic-partitions.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { failed, resultOf, withRetries } from '../retry.ts'
import type { Admin, Node, Result, TopicDescription, TopicListing } from '../types.ts'

/** Java's default of DescribeTopicsOptions.partitionSizeLimitPerResponse. */
const PARTITION_LIMIT = 2000
/** Metadata requests can ask by topic id from this version on (KIP-516). */
const BY_ID_SINCE = 12

/** All topics, internal ones only when asked for. */
export async function listTopics(
  cluster: Cluster,
  options: Parameters<Admin['listTopics']>[0] = {},
): Promise<TopicListing[]> {
  await withRetries(cluster, 'listTopics', ({ remainingMs }) => cluster.refresh(null, { timeoutMs: remainingMs() }))
  const listed: TopicListing[] = []
  for (const { name, topicId, internal } of cluster.metadata.topics.values()) {
    if (!internal || options.listInternal) listed.push({ name, topicId, internal })
  }
  return listed
}

/**
 * Describes topics through DescribeTopicPartitions (KIP-966), which has the eligible leader replicas; through Metadata where
 * the broker lacks it. A missing topic is UNKNOWN_TOPIC_OR_PARTITION.
 */
export async function describeTopics(
  cluster: Cluster,
  names: string[],
  options: Parameters<Admin['describeTopics']>[1] = {},
): Promise<Map<string, Result<TopicDescription>>> {
  const results = new Map<string, Result<TopicDescription>>()
  if (names.length === 0) return results
  const limit = options.partitionSizeLimitPerResponse ?? PARTITION_LIMIT
  const wanted = names.filter((name) => name !== '')
  const described = await withRetries(cluster, 'describeTopics', async () => {
    const connection = await cluster.connectAny()
    if (wanted.length === 0) return new Map<string, Result<TopicDescription>>()
    if (connection.versions.highest(DescribeTopicPartitionsRequest) < 0) return describeByMetadata(cluster, wanted)
    const [, topics] = await Promise.all([cluster.refresh([]), describePages(connection, wanted, limit)])
    return new Map(topics.map((topic) => [topic.name ?? '', describedTopic(cluster, topic)]))
  })
  for (const name of names) {
    if (name === '') results.set(name, failed(new KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION)))
    else results.set(name, described.get(name) ?? failed(new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)))
  }
  return results
}

/** Follows the answer's cursor; the partitions of a topic may be spread over several pages. */
async function describePages(connection: Connection, names: string[], limit: number): Promise<DescribedTopic[]> {
  const sorted = [...new Set(names)].sort()
  const topics = new Map<string, DescribedTopic>()
  let cursor: DescribeTopicPartitionsRequestCursor | null = null
  do {
    const from: string | undefined = cursor?.topicName
    const message: Draft<DescribeTopicPartitionsRequest> = {
      topics: sorted.filter((name) => from === undefined || name >= from).map((name) => ({ name })),
      responsePartitionLimit: limit,
      cursor,
    }
    const answer: DescribeTopicPartitionsResponse = await connection.send(
      DescribeTopicPartitionsRequest,
      DescribeTopicPartitionsResponse,
      message,
    )
    for (const topic of answer.topics) {
      const before = topics.get(topic.name ?? '')
      if (before) before.partitions.push(...topic.partitions)
      else topics.set(topic.name ?? '', topic)
    }
    const next: DescribeTopicPartitionsRequestCursor | null = answer.nextCursor
    if (next && cursor && next.topicName === cursor.topicName && next.partitionIndex <= cursor.partitionIndex) {
      throw new ClientError('protocol', `The broker's DescribeTopicPartitions does not get past ${next.topicName}.`)
    }
    cursor = next
  } while (cursor !== null)
  return [...topics.values()]
}

function describedTopic(cluster: Cluster, topic: DescribedTopic): Result<TopicDescription> {
  const nodes = (ids: number[] | null): Node[] => (ids ?? []).map((id) => cluster.metadata.node(id))
  return resultOf(topic.errorCode, null, () => ({
    name: topic.name ?? '',
    topicId: topic.topicId,
    internal: topic.isInternal,
    partitions: topic.partitions
      .map((p) => ({
        partition: p.partitionIndex,
        leader: leaderOf(cluster, p.leaderId),
        replicas: nodes(p.replicaNodes),
        isr: nodes(p.isrNodes),
        elr: nodes(p.eligibleLeaderReplicas),
        lastKnownElr: nodes(p.lastKnownElr),
      }))
      .sort((a, b) => a.partition - b.partition),
  }))
}

const leaderOf = (cluster: Cluster, id: number): Node | null =>
  id < 0 ? null : (cluster.metadata.nodes.get(id) ?? null)

async function describeByMetadata(cluster: Cluster, names: string[]): Promise<Map<string, Result<TopicDescription>>> {
  await cluster.refresh(names)
  return new Map(names.map((name) => [name, fromMetadata(cluster, name)]))
}

function fromMetadata(cluster: Cluster, name: string): Result<TopicDescription> {
  const topic = cluster.metadata.topics.get(name)
  if (topic === undefined) return failed(new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
  const nodes = (ids: number[]): Node[] => ids.map((id) => cluster.metadata.node(id))
  return resultOf(topic.errorCode, null, () => ({
    name,
    topicId: topic.topicId,
    internal: topic.internal,
    partitions: topic.partitions.map((p) => ({
      partition: p.partition,
      leader: leaderOf(cluster, p.leaderId),
      replicas: nodes(p.replicas),
      isr: nodes(p.isr),
      elr: null,
      lastKnownElr: null,
    })),
  }))
}

/** Describes topics by id, in Kafka's text form; an unknown one is UNKNOWN_TOPIC_ID. */
export async function describeTopicsById(
  cluster: Cluster,
  ids: string[],
): Promise<Map<string, Result<TopicDescription>>> {
  const results = new Map<string, Result<TopicDescription>>()
  if (ids.length === 0) return results
  await withRetries(cluster, 'describeTopics', async () => {
    const connection = await cluster.connectAny()
    const version = connection.versions.pick({ ...MetadataRequest, minVersion: BY_ID_SINCE })
    const message = { topics: ids.map((topicId) => ({ topicId, name: null })), allowAutoTopicCreation: false }
    const answer = await connection.send(MetadataRequest, MetadataResponse, message, { version })
    cluster.metadata.update(answer, false)
    for (const topic of answer.topics) {
      const description = topic.name === null ? null : fromMetadata(cluster, topic.name)
      results.set(topic.topicId, description ?? failed(new KafkaError(topic.errorCode || ErrorCode.UNKNOWN_TOPIC_ID)))
    }
  })
  const unknown = failed(new KafkaError(ErrorCode.UNKNOWN_TOPIC_ID))
  return new Map(ids.map((id) => [id, id === ZERO_UUID ? unknown : (results.get(id) ?? unknown)]))
}

/** The cluster's id, controller and live brokers. */
export async function describeCluster(cluster: Cluster): ReturnType<Admin['describeCluster']> {
  await withRetries(cluster, 'listNodes', ({ remainingMs }) => cluster.refresh([], { timeoutMs: remainingMs() }))
  const { clusterId, controllerId, nodes } = cluster.metadata
  return { clusterId: clusterId ?? '', controllerId, nodes: [...nodes.values()] }
}
