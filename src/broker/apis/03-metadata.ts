/**
 * Metadata: brokers, topics and where their partitions are; v0-13.
 *
 * - v0 reads an empty topic list as all topics; from v1 null is all and empty is none.
 * - A topic that is missing is created when the request (v4+) and auto.create.topics.enable allow it. The answer doesn't wait for that: it
 *   says UNKNOWN_TOPIC_OR_PARTITION, and clients ask again.
 * - A topic that may not be described is not told from one that is missing: both have no id, and nothing is created. Asked for by id, which
 *   is no secret, it has its id but no name. Among all topics it is left out.
 * - v10 adds topic ids to the answer, v12 lets the request name a topic by id alone.
 * - v8 adds authorized operations; those of the cluster moved to DescribeCluster with v11. v13 adds a top-level error code.
 */

import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../protocol/generated/03-metadata.ts'
import { AclOperation, allowedTopics, allowsCluster, ResourceType, requireRight } from '../authorizer/authorizer.ts'
import type { TopicImage } from '../controller/metadata-image.ts'
import { isInternalTopic, topicNameProblem } from '../controller/topic-names.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { brokersFor } from './brokers.ts'
import { clusterOperations, OPERATIONS_OMITTED, topicOperations } from './operations.ts'

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

/** @throws KafkaError TOPIC_AUTHORIZATION_FAILED */
function checkCreation(context: RequestContext, name: string): void {
  if (allowsCluster(context, AclOperation.CREATE, true)) return
  requireRight(context, AclOperation.CREATE, ResourceType.TOPIC, name)
}

function lookUp(context: RequestContext, request: MetadataRequest, name: string): Topic {
  const { services, version } = context
  const operations = operationsOn(context, request, name)
  const found = services.metadata.topics.get(name)
  if (found) return describe(found, operations)
  const failed = (errorCode: number): Topic => ({
    errorCode,
    name,
    isInternal: isInternalTopic(name),
    topicAuthorizedOperations: operations,
  })
  if (topicNameProblem(name)) return failed(ErrorCode.INVALID_TOPIC_EXCEPTION)
  const wanted = version < 4 || request.allowAutoTopicCreation
  if (!wanted || !services.autoCreate.enabled) return failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  try {
    checkCreation(context, name)
    services.autoCreate.start(name)
    return failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    if (error.code === ErrorCode.TOPIC_AUTHORIZATION_FAILED) return denied({ name })
    return failed(error.code)
  }
}

/** What a client may do with a topic, if it asks for that. */
function operationsOn(context: RequestContext, request: MetadataRequest, name: string): number {
  return request.includeTopicAuthorizedOperations ? topicOperations(context, name) : OPERATIONS_OMITTED
}

const denied = (topic: { name: string | null; topicId?: string }): Topic => ({
  ...topic,
  errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  topicAuthorizedOperations: OPERATIONS_OMITTED,
})

function topicsFor(context: RequestContext, request: MetadataRequest): Topic[] {
  const { version } = context
  const { metadata } = context.services
  if (request.topics === null || (version === 0 && request.topics.length === 0)) {
    const allowed = allowedTopics(context, AclOperation.DESCRIBE, metadata.topics.keys(), true)
    const topics = [...metadata.topics.values()].filter(({ name }) => allowed.has(name))
    return topics.map((topic) => describe(topic, operationsOn(context, request, topic.name)))
  }
  const wanted = new Map<string, Wanted>()
  // Where any topic is named by id, only ids count.
  const named = request.topics.some(({ topicId }) => topicId !== ZERO_UUID)
  for (const { name, topicId } of request.topics) {
    const byId = topicId !== ZERO_UUID
    if (byId ? version < 12 : name === null) throw new KafkaError(ErrorCode.INVALID_REQUEST)
    if (named && !byId) continue
    const found = byId ? metadata.topicName(topicId) : (name ?? undefined)
    wanted.set(byId ? topicId : (name ?? ''), { name: found, topicId, byId })
  }
  const names = [...wanted.values()].flatMap(({ name }) => name ?? [])
  const allowed = allowedTopics(context, AclOperation.DESCRIBE, names)
  const out: Topic[] = []
  for (const topic of wanted.values()) out.push(answerFor(context, request, topic, allowed))
  return out
}

interface Wanted {
  /** undefined: there is no topic with the id. */
  name: string | undefined
  topicId: string
  byId: boolean
}

function answerFor(
  context: RequestContext,
  request: MetadataRequest,
  { name, topicId, byId }: Wanted,
  allowed: ReadonlySet<string>,
): Topic {
  if (name === undefined) {
    const errorCode = ErrorCode.UNKNOWN_TOPIC_ID
    return { errorCode, name: null, topicId, topicAuthorizedOperations: OPERATIONS_OMITTED }
  }
  if (!allowed.has(name)) return denied(byId ? { name: null, topicId } : { name })
  return lookUp(context, request, name)
}

export const metadata = defineApi({
  request: MetadataRequest,
  response: MetadataResponse,
  min: 0,
  max: 13,
  handle(context, request) {
    const { services, connection, version } = context
    const response: Draft<MetadataResponse> = {
      brokers: brokersFor(services, connection.listenerName).filter((broker) => !broker.fenced),
      clusterId: services.clusterId,
      controllerId: services.nodeId,
      topics: topicsFor(context, request),
    }
    if (version >= 8 && version <= 10) {
      response.clusterAuthorizedOperations = request.includeClusterAuthorizedOperations
        ? clusterOperations(context)
        : OPERATIONS_OMITTED
    }
    return response
  },
  failure: (request, errorCode) => ({
    errorCode,
    topics: (request.topics ?? []).map(({ name, topicId }) => ({ errorCode, name: name ?? '', topicId })),
  }),
})
