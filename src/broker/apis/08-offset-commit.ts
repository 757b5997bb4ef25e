/**
 * OffsetCommit: stores a group's offsets; v2-10. Each partition has its own error; a group's error is that of all its
 * partitions.
 *
 * - Needs READ on the group and on each topic.
 * - v2-4 may carry a retention time, which then counts instead of offsets.retention.minutes from the commit on.
 * - v6 adds the leader epoch, v7 static membership, v9 GROUP_ID_NOT_FOUND; v10 names topics by id.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/generated/08-offset-commit.ts'
import { AclOperation, allowedTopics } from '../authorizer/authorizer.ts'
import { groupRight } from '../authorizer/rights.ts'
import { defineApi, type RequestContext } from '../define-api.ts'

const TOPIC_ID_FROM = 10

type Topic = OffsetCommitRequest['topics'][number]

export const offsetCommit = defineApi<OffsetCommitRequest, OffsetCommitResponse>({
  request: OffsetCommitRequest,
  response: OffsetCommitResponse,
  min: 2,
  max: 10,
  differs: 'a topic named twice is answered as one',
  auth: groupRight(AclOperation.READ),
  handle: commit,
  failure: ({ topics }, errorCode) => ({ topics: failedTopics(topics, errorCode) }),
})

async function commit(context: RequestContext, request: OffsetCommitRequest): Promise<Draft<OffsetCommitResponse>> {
  const { services, version } = context
  const nameOf = ({ name, topicId }: Topic): string | undefined =>
    version >= TOPIC_ID_FROM ? services.metadata.topicName(topicId) : name
  const names = request.topics.flatMap((topic) => nameOf(topic) ?? [])
  const readable = allowedTopics(context, AclOperation.READ, names)
  const isDenied = (topic: Topic): boolean => {
    const name = nameOf(topic)
    return name !== undefined && !readable.has(name)
  }
  const denied = failedTopics(request.topics.filter(isDenied), ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  if (denied.length === 0) return services.groups.offsetCommit(version, request)
  const topics = request.topics.filter((topic) => !isDenied(topic))
  if (topics.length === 0) return { topics: denied }
  const answer = await services.groups.offsetCommit(version, { ...request, topics })
  return { ...answer, topics: [...denied, ...(answer.topics ?? [])] }
}

function failedTopics(topics: readonly Topic[], errorCode: number) {
  return topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }))
}
