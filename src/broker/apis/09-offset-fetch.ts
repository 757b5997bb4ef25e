/**
 * OffsetFetch: the committed offsets of groups; v1-10. A partition without one has offset -1 and no error.
 *
 * - v1 knows errors of partitions only, v2 adds the group's and the null topic list that means all.
 * - v7 adds requireStable (KIP-447), v8 asks for several groups at once; v10 names topics by id.
 * - v9 brings the member's epoch, which only groups of the consumer protocol check.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/generated/09-offset-fetch.ts'
import { defineApi } from '../define-api.ts'
import type { GroupCoordinator } from '../group/group-coordinator.ts'
import { ZERO_UUID } from '../group/records.ts'

const GROUPS_FROM = 8
const TOPIC_ID_FROM = 10

export const offsetFetch = defineApi<OffsetFetchRequest, OffsetFetchResponse>({
  request: OffsetFetchRequest,
  response: OffsetFetchResponse,
  min: 1,
  max: 10,
  handle({ services, version }, request) {
    if (version < GROUPS_FROM) return fetchOne(services.groups, version, request)
    const { requireStable } = request
    const byId = version >= TOPIC_ID_FROM
    const groups = request.groups.map(({ groupId, topics, memberId, memberEpoch }) =>
      services.groups.offsetFetch({ groupId, topics, memberId, memberEpoch, requireStable, byId }),
    )
    return { groups }
  },
  failure: (request, errorCode) => ({
    errorCode,
    topics: failedTopics(request.topics ?? [], errorCode),
    groups: request.groups.map(({ groupId }) => ({ groupId, errorCode })),
  }),
})

function fetchOne(groups: GroupCoordinator, version: number, request: OffsetFetchRequest): Draft<OffsetFetchResponse> {
  const { groupId, requireStable } = request
  const topics = request.topics?.map((topic) => ({ ...topic, topicId: ZERO_UUID })) ?? null
  const { errorCode = ErrorCode.NONE, topics: found } = groups.offsetFetch({
    groupId,
    topics,
    requireStable,
    byId: false,
  })
  if (errorCode !== ErrorCode.NONE && version === 1) return { topics: failedTopics(request.topics ?? [], errorCode) }
  return { errorCode, topics: found?.map(({ name, partitions }) => ({ name, partitions })) }
}

function failedTopics(topics: NonNullable<OffsetFetchRequest['topics']>, errorCode: number) {
  return topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({
      partitionIndex,
      committedOffset: -1n,
      metadata: '',
      errorCode,
    })),
  }))
}
