/**
 * CreateTopics: v2-7.
 *
 * - Each topic stands for itself; a name given twice is refused for that name alone.
 * - Needs CREATE on the cluster or on the topic; configs and counts are shown to who has DESCRIBE_CONFIGS on it.
 * - v5 answers with partition count, replication factor and effective configs (KIP-525), v7 with the topic id.
 * - numPartitions and replicationFactor of -1 mean the broker's defaults (v4+, KIP-464).
 */

import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/generated/19-create-topics.ts'
import { METADATA_TOPIC } from '../../storage/log-manager.ts'
import { AclOperation, allowedTopics, allowsCluster } from '../authorizer/authorizer.ts'
import type { NewTopicSpec } from '../controller/controller.ts'
import { ConfigResourceType } from '../controller/metadata-image.ts'
import { defineApi, type RequestContext } from '../define-api.ts'

/** THROTTLING_QUOTA_EXCEEDED is known from here on (KIP-599). */
const STRICT_QUOTA_FROM = 6

type Result = Draft<CreateTopicsResponse['topics'][number]>
type Wanted = CreateTopicsRequest['topics'][number]

function specOf(topic: Wanted): NewTopicSpec {
  const assignments = new Map<number, readonly number[]>()
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (assignments.has(partitionIndex)) {
      throw new KafkaError(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Found multiple manual partition assignments for partition ${partitionIndex}`,
      )
    }
    assignments.set(partitionIndex, brokerIds)
  }
  const { name, numPartitions, replicationFactor } = topic
  return {
    name,
    numPartitions,
    replicationFactor,
    assignments,
    configs: new Map(topic.configs.map((c) => [c.name, c.value])),
  }
}

async function create(
  { services, quota, version }: RequestContext,
  topic: Wanted,
  validateOnly: boolean,
  showsConfigs: boolean,
): Promise<Result> {
  try {
    const created = await services.controller.createTopic(specOf(topic), validateOnly, (partitions) =>
      quota?.chargeMutations(partitions, version >= STRICT_QUOTA_FROM),
    )
    if (!showsConfigs) {
      const topicConfigErrorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
      return { name: topic.name, topicId: created.id, errorMessage: null, topicConfigErrorCode }
    }
    const overrides = new Map(topic.configs.filter((c) => c.value !== null).map((c) => [c.name, c.value as string]))
    return {
      name: topic.name,
      topicId: created.id,
      errorMessage: null,
      numPartitions: created.numPartitions,
      replicationFactor: created.replicationFactor,
      configs: services.configs.describe(ConfigResourceType.TOPIC, topic.name, overrides).map((entry) => ({
        name: entry.name,
        value: entry.value,
        readOnly: entry.readOnly,
        configSource: entry.source,
        isSensitive: entry.isSensitive,
      })),
    }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return {
      name: topic.name,
      errorCode: error.code,
      errorMessage: error.message,
      configs: [],
      numPartitions: -1,
      replicationFactor: -1,
    }
  }
}

/** The topics that the client may create, and those whose configs it may see. */
function rights(
  context: RequestContext,
  { topics }: CreateTopicsRequest,
): { creatable: ReadonlySet<string>; describable: ReadonlySet<string> } {
  const names = new Set(topics.map(({ name }) => name))
  names.delete(METADATA_TOPIC)
  const anyTopic = allowsCluster(context, AclOperation.CREATE, true)
  return {
    creatable: anyTopic ? names : allowedTopics(context, AclOperation.CREATE, names),
    describable: allowedTopics(context, AclOperation.DESCRIBE_CONFIGS, names, true),
  }
}

const prohibited = ({ name }: Wanted): Result => ({
  name,
  errorCode: ErrorCode.INVALID_REQUEST,
  errorMessage: `Creation of internal topic ${METADATA_TOPIC} is prohibited.`,
})

const denied = ({ name }: Wanted): Result => ({
  name,
  errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  errorMessage: 'Authorization failed.',
})

export const createTopics = defineApi({
  request: CreateTopicsRequest,
  response: CreateTopicsResponse,
  min: 2,
  max: 7,
  async handle(context, request): Promise<Draft<CreateTopicsResponse>> {
    // The controller's deadline is over when it begins.
    if (request.timeoutMs <= 0) {
      const errorCode = ErrorCode.REQUEST_TIMED_OUT
      return { topics: request.topics.map(({ name }) => ({ name, errorCode, errorMessage: null, configs: [] })) }
    }
    const counts = new Map<string, number>()
    for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1)
    const topics: Result[] = []
    const { creatable, describable } = rights(context, request)
    for (const topic of request.topics) {
      if (counts.get(topic.name) !== 1) continue
      if (topic.name === METADATA_TOPIC) topics.push(prohibited(topic))
      else if (creatable.has(topic.name)) {
        topics.push(await create(context, topic, request.validateOnly, describable.has(topic.name)))
      } else topics.push(denied(topic))
    }
    for (const [name, count] of counts) {
      if (count > 1)
        topics.push({
          name,
          errorCode: ErrorCode.INVALID_REQUEST,
          errorMessage: 'Duplicate topic name.',
          configs: [],
        })
    }
    return { topics }
  },
  failure: (request, errorCode, errorMessage) => ({
    topics: request.topics.map(({ name }) => ({ name, errorCode, errorMessage, configs: [] })),
  }),
})
