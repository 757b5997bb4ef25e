/**
 * DeleteTopics: by name, from v6 also by id; v1-6.
 *
 * - The logs are renamed at once and removed after file.delete.delay.ms; group offsets of the topic go too.
 * - With delete.topic.enable=false: TOPIC_DELETION_DISABLED.
 */

import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../protocol/generated/20-delete-topics.ts'
import { defineApi, type RequestContext } from '../define-api.ts'

/** THROTTLING_QUOTA_EXCEEDED is known from here on (KIP-599). */
const STRICT_QUOTA_FROM = 5

type Result = Draft<DeleteTopicsResponse['responses'][number]>

interface Target {
  name: string | null
  topicId: string
}

function resolve({ services }: RequestContext, { name, topicId }: Target): { name: string; topicId: string } {
  const { metadata } = services
  if (name !== null && topicId !== ZERO_UUID) {
    throw new KafkaError(ErrorCode.INVALID_REQUEST, 'You may not specify both topic name and topic id.')
  }
  if (name === null && topicId === ZERO_UUID) {
    throw new KafkaError(ErrorCode.INVALID_REQUEST, 'Neither topic name nor id were specified.')
  }
  const topic = name === null ? metadata.topicsById.get(topicId) : metadata.topics.get(name)
  if (!topic) throw new KafkaError(name === null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  return { name: topic.name, topicId: topic.id }
}

async function remove(context: RequestContext, target: Target): Promise<Result> {
  try {
    const found = resolve(context, target)
    await context.services.controller.deleteTopic(found.topicId, (partitions) =>
      context.quota?.chargeMutations(partitions, context.version >= STRICT_QUOTA_FROM),
    )
    return found
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return { ...target, errorCode: error.code, errorMessage: error.message }
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
    const responses: Result[] = []
    for (const { name, topicId } of targets) {
      const twice =
        targets.filter((other) => (name === null ? other.topicId === topicId : other.name === name)).length > 1
      if (!twice) responses.push(await remove(context, { name, topicId }))
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
