/**
 * Metadata: brokers, topics and where their partitions are; v0-13.
 *
 * - v0 reads an empty topic list as all topics; from v1 null is all and empty is none.
 * - A topic that is missing is created when the request (v4+) and auto.create.topics.enable allow it.
 * - v10 adds topic ids to the answer, v12 lets the request name a topic by id alone.
 * - v8 adds authorized operations; those of the cluster moved to DescribeCluster with v11. v13 adds a top-level error code.
 */

import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../protocol/generated/03-metadata.ts'
import type { TopicImage } from '../controller/metadata-image.ts'
import { isInternalTopic, topicNameProblem } from '../controller/topic-names.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { brokersFor } from './brokers.ts'
import { CLUSTER_OPERATIONS, OPERATIONS_OMITTED, TOPIC_OPERATIONS } from './operations.ts'

type Topic = Draft<MetadataResponse['topics'][number]>

function describe(topic: TopicImage, operations: number): Topic {
  return {
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    topicAuthorizedOperations: operations,
    partitions: topic.partitions.map((p) => ({
      errorCode: p.leader < 0 ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE,
      partitionIndex: p.partition,
      leaderId: p.leader,
      leaderEpoch: p.leaderEpoch,
      replicaNodes: p.replicas,
      isrNodes: p.isr,
      offlineReplicas: [],
    })),
  }
}

async function lookUp(
  context: RequestContext,
  request: MetadataRequest,
  name: string,
  operations: number,
): Promise<Topic> {
  const { services, version } = context
  const found = services.metadata.topics.get(name)
  if (found) return describe(found, operations)
  const failed = (errorCode: number): Topic => ({
    errorCode,
    name,
    isInternal: isInternalTopic(name),
    topicAuthorizedOperations: OPERATIONS_OMITTED,
  })
  if (topicNameProblem(name)) return failed(ErrorCode.INVALID_TOPIC_EXCEPTION)
  const wanted = version < 4 || request.allowAutoTopicCreation
  if (!wanted || !services.autoCreate.enabled) return failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  try {
    return describe(await services.autoCreate.create(name), operations)
  } catch (error) {
    if (error instanceof KafkaError) return failed(error.code)
    throw error
  }
}

async function topicsFor(context: RequestContext, request: MetadataRequest): Promise<Topic[]> {
  const { metadata } = context.services
  const operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : OPERATIONS_OMITTED
  const all = request.topics === null || (context.version === 0 && request.topics.length === 0)
  if (all) return [...metadata.topics.values()].map((topic) => describe(topic, operations))
  const out: Topic[] = []
  const seen = new Set<string>()
  for (const { name, topicId } of request.topics ?? []) {
    const key = name ?? topicId
    if (seen.has(key)) continue
    seen.add(key)
    if (name !== null && topicId === ZERO_UUID) out.push(await lookUp(context, request, name, operations))
    else if (context.version < 12 || name !== null) throw new KafkaError(ErrorCode.INVALID_REQUEST)
    else {
      const topic = metadata.topicsById.get(topicId)
      if (topic) out.push(describe(topic, operations))
      else
        out.push({
          errorCode: ErrorCode.UNKNOWN_TOPIC_ID,
          name: null,
          topicId,
          topicAuthorizedOperations: OPERATIONS_OMITTED,
        })
    }
  }
  return out
}

export const metadata = defineApi({
  request: MetadataRequest,
  response: MetadataResponse,
  min: 0,
  max: 13,
  async handle(context, request) {
    const { services, connection, version } = context
    const response: Draft<MetadataResponse> = {
      brokers: brokersFor(services, connection.listenerName).filter((broker) => !broker.fenced),
      clusterId: services.clusterId,
      controllerId: services.nodeId,
      topics: await topicsFor(context, request),
    }
    if (version >= 8 && version <= 10) {
      response.clusterAuthorizedOperations = request.includeClusterAuthorizedOperations
        ? CLUSTER_OPERATIONS
        : OPERATIONS_OMITTED
    }
    return response
  },
  failure: (request, errorCode) => ({
    errorCode,
    topics: (request.topics ?? []).map(({ name, topicId }) => ({ errorCode, name: name ?? '', topicId })),
  }),
})
