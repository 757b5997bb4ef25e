/**
 * DeleteTopics: by name, from v6 also by id; v1-6.
 *
 * - The logs are renamed at once and removed after file.delete.delay.ms; group offsets of the topic go too.
 * - Needs DELETE on the cluster or the topic. A topic that may not be described is not told from a missing one: asked for by id, its name is
 *   not in the answer.
 * - With delete.topic.enable=false: TOPIC_DELETION_DISABLED.
 */

import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../protocol/generated/20-delete-topics.ts'
import { AclOperation, allowedTopics, allowsCluster } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'

/** THROTTLING_QUOTA_EXCEEDED is known from here on (KIP-599). */
const STRICT_QUOTA_FROM = 5

type Result = Draft<DeleteTopicsResponse['responses'][number]>

interface Target {
  name: string | null
  topicId: string
}

interface Rights {
  readonly describable: ReadonlySet<string>
  readonly deletable: ReadonlySet<string>
}

/** What the client may do with the topics of a request, by name. */
function rightsOn(context: RequestContext, targets: readonly Target[]): Rights {
  const { metadata } = context.services
  const valid = targets.filter(({ name, topicId }) => (name === null) !== (topicId === ZERO_UUID))
  const names = new Set(valid.flatMap(({ name, topicId }) => name ?? metadata.topicName(topicId) ?? []))
  if (allowsCluster(context, AclOperation.DELETE, true)) return { describable: names, deletable: names }
  return {
    describable: allowedTopics(context, AclOperation.DESCRIBE, names),
    deletable: allowedTopics(context, AclOperation.DELETE, names),
  }
}

/**
 * Finds a topic, unless the client may not know of it.
 *
 * @param told what the answer may say of the topic: a name that the client may see is filled in
 */
function resolve(context: RequestContext, told: Target, { describable, deletable }: Rights): Found {
  const { name, topicId } = told
  const { metadata } = context.services
  if (name !== null && topicId !== ZERO_UUID) {
    throw new KafkaError(ErrorCode.INVALID_REQUEST, 'You may not specify both topic name and topic id.')
  }
  if (name === null && topicId === ZERO_UUID) {
    throw new KafkaError(ErrorCode.INVALID_REQUEST, 'Neither topic name nor id were specified.')
  }
  if (name !== null && !describable.has(name)) throw new KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  const topic = name === null ? metadata.topicsById.get(topicId) : metadata.topics.get(name)
  if (!topic) throw new KafkaError(name === null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  if (!deletable.has(topic.name)) {
    if (describable.has(topic.name)) told.name = topic.name
    throw new KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  }
  return { name: topic.name, topicId: topic.id }
}

interface Found {
  name: string
  topicId: string
}

async function remove(context: RequestContext, target: Target, rights: Rights): Promise<Result> {
  const told = { ...target }
  try {
    const found = resolve(context, told, rights)
    await context.services.controller.deleteTopic(found.topicId, (partitions) =>
      context.quota?.chargeMutations(partitions, context.version >= STRICT_QUOTA_FROM),
    )
    return found
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return { ...told, errorCode: error.code, errorMessage: error.message }
  }
}

/** Topics that are given by id and by name: neither counts. */
function namedTwice({ services }: RequestContext, targets: readonly Target[]): ReadonlySet<string> {
  const ids = targets.flatMap(({ name, topicId }) => (name === null ? [topicId] : []))
  const byId = new Set(ids.map((topicId) => services.metadata.topicName(topicId)))
  return new Set(
    targets.flatMap(({ name, topicId }) => (name !== null && topicId === ZERO_UUID && byId.has(name) ? [name] : [])),
  )
}

function suppliedAlready({ services }: RequestContext, name: string): Result {
  return {
    name,
    topicId: services.metadata.topics.get(name)?.id ?? ZERO_UUID,
    errorCode: ErrorCode.INVALID_REQUEST,
    errorMessage: 'The provided topic name maps to an ID that was already supplied.',
  }
}

export const deleteTopics = defineApi({
  request: DeleteTopicsRequest,
  response: DeleteTopicsResponse,
  min: 1,
  max: 6,
  async handle(context, request) {
    const targets: Target[] =
      context.version >= 6 ? request.topics : request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }))
    if (!context.services.config.boolean('delete.topic.enable')) {
      const code = context.version < 3 ? ErrorCode.INVALID_REQUEST : ErrorCode.TOPIC_DELETION_DISABLED
      throw new KafkaError(code)
    }
    const rights = rightsOn(context, targets)
    const responses: Result[] = []
    const byBoth = namedTwice(context, targets)
    for (const { name, topicId } of targets) {
      const named = name ?? context.services.metadata.topicName(topicId)
      if (named !== undefined && byBoth.has(named)) {
        if (name !== null) responses.push(suppliedAlready(context, name))
        continue
      }
      const twice =
        targets.filter((other) => (name === null ? other.topicId === topicId : other.name === name)).length > 1
      if (!twice) responses.push(await remove(context, { name, topicId }, rights))
      else if (!responses.some((r) => r.name === name && r.topicId === topicId)) {
        const errorMessage = name === null ? 'Duplicate topic id.' : 'Duplicate topic name.'
        responses.push({ name, topicId, errorCode: ErrorCode.INVALID_REQUEST, errorMessage })
      }
    }
    return { responses }
  },
  failure: (request, errorCode, errorMessage) => ({
    responses: [
      ...request.topics.map(({ name, topicId }) => ({ name, topicId, errorCode, errorMessage })),
      ...request.topicNames.map((name) => ({ name, errorCode, errorMessage })),
    ],
  }),
})
