/**
 * OffsetFetch: the committed offsets of groups; v1-10. A partition without one has offset -1 and no error.
 *
 * - v1 knows errors of partitions only, v2 adds the group's and the null topic list that means all.
 * - v7 adds requireStable (KIP-447), v8 asks for several groups at once; v10 names topics by id.
 * - v9 brings the member's epoch, which only groups of the consumer protocol check.
 */
import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  OffsetFetchRequest,
  OffsetFetchResponse,
  type OffsetFetchResponseOffsetFetchResponseGroup,
} from '../../protocol/generated/09-offset-fetch.ts'
import { AclOperation, allowedTopics, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import type { OffsetFetchQuery } from '../group/offset-fetch.ts'

const GROUPS_FROM = 8
const TOPIC_ID_FROM = 10

type Answer = Draft<OffsetFetchResponseOffsetFetchResponseGroup>

export const offsetFetch = defineApi<OffsetFetchRequest, OffsetFetchResponse>({
  request: OffsetFetchRequest,
  response: OffsetFetchResponse,
  min: 1,
  max: 10,
  auth: 'in handler',
  handle(context, request) {
    if (context.version < GROUPS_FROM) return fetchOne(context, request)
    const { requireStable } = request
    const byId = context.version >= TOPIC_ID_FROM
    const groups = request.groups.map(({ groupId, topics, memberId, memberEpoch }) =>
      fetchGroup(context, { groupId, topics, memberId, memberEpoch, requireStable, byId }),
    )
    return { groups }
  },
  failure: (request, errorCode) => ({
    errorCode,
    topics: failedTopics(request.topics ?? [], errorCode),
    groups: request.groups.map(({ groupId }) => ({ groupId, errorCode })),
  }),
})

/** The offsets of a group that the client may describe, of the topics that it may. */
function fetchGroup(context: RequestContext, query: OffsetFetchQuery): Answer {
  const { authorizer, groups } = context.services
  const { groupId, topics } = query
  if (!authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.GROUP, groupId)) {
    return { groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }
  }
  if (topics === null) {
    const answer = groups.offsetFetch(query)
    const mayDescribe = describable(context, query, answer.topics ?? [])
    return { ...answer, topics: answer.topics?.filter(mayDescribe) }
  }
  const mayDescribe = describable(context, query, topics)
  const answer = groups.offsetFetch({ ...query, topics: topics.filter(mayDescribe) })
  if (answer.errorCode) return answer
  const denied = topics.filter((topic) => !mayDescribe(topic))
  return {
    ...answer,
    topics: [...(answer.topics ?? []), ...failedTopics(denied, ErrorCode.TOPIC_AUTHORIZATION_FAILED)],
  }
}

/** Tells the topics that the client may describe; an id that no topic has is for the coordinator to refuse. */
function describable(context: RequestContext, { byId }: OffsetFetchQuery, topics: readonly TopicKey[]) {
  const nameOf = ({ name = '', topicId = ZERO_UUID }: TopicKey): string | undefined =>
    byId ? context.services.metadata.topicName(topicId) : name
  const names = topics.flatMap((topic) => nameOf(topic) ?? [])
  const allowed = allowedTopics(context, AclOperation.DESCRIBE, names)
  return (topic: TopicKey): boolean => {
    const name = nameOf(topic)
    return name === undefined || allowed.has(name)
  }
}

interface TopicKey {
  readonly name?: string
  readonly topicId?: string
}

function fetchOne(context: RequestContext, request: OffsetFetchRequest): Draft<OffsetFetchResponse> {
  const { groupId, requireStable } = request
  const topics = request.topics?.map((topic) => ({ ...topic, topicId: ZERO_UUID })) ?? null
  const answer = fetchGroup(context, { groupId, topics, requireStable, byId: false })
  const { errorCode = ErrorCode.NONE, topics: found } = answer
  if (errorCode !== ErrorCode.NONE && context.version === 1) {
    return { topics: failedTopics(topics ?? [], errorCode).map(withoutId) }
  }
  return { errorCode, topics: found?.map(withoutId) }
}

const withoutId = <Partitions>({ name, partitions }: { name?: string; partitions?: Partitions }) => ({
  name,
  partitions,
})

interface Asked {
  readonly name: string
  readonly topicId?: string
  readonly partitionIndexes: readonly number[]
}

function failedTopics(topics: readonly Asked[], errorCode: number) {
  return topics.map(({ name, topicId, partitionIndexes }) => ({
    name,
    topicId,
    partitions: partitionIndexes.map((partitionIndex) => ({
      partitionIndex,
      committedOffset: -1n,
      metadata: '',
      errorCode,
    })),
  }))
}
