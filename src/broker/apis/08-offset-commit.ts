/**
 * OffsetCommit: stores a group's offsets; v2-10. Each partition has its own error; a group's error is that of all its
 * partitions.
 *
 * - v2-4 may carry a retention time, which then counts instead of offsets.retention.minutes from the commit on.
 * - v6 adds the leader epoch, v7 static membership, v9 GROUP_ID_NOT_FOUND; v10 names topics by id.
 */
import { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/generated/08-offset-commit.ts'
import { defineApi } from '../define-api.ts'

export const offsetCommit = defineApi<OffsetCommitRequest, OffsetCommitResponse>({
  request: OffsetCommitRequest,
  response: OffsetCommitResponse,
  min: 2,
  max: 10,
  handle: ({ services, version }, request) => services.groups.offsetCommit(version, request),
  failure: (request, errorCode) => ({
    topics: request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }),
})
