/**
 * OffsetDelete: removes committed offsets of topics the group doesn't read; v0. Needs DELETE on the group and READ on each topic.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/generated/47-offset-delete.ts'
import { AclOperation, allowedTopics } from '../authorizer/authorizer.ts'
import { groupRight } from '../authorizer/rights.ts'
import { defineApi, type RequestContext } from '../define-api.ts'

export const offsetDelete = defineApi<OffsetDeleteRequest, OffsetDeleteResponse>({
  request: OffsetDeleteRequest,
  response: OffsetDeleteResponse,
  min: 0,
  max: 0,
  auth: groupRight(AclOperation.DELETE),
  handle: remove,
  failure: (_request, errorCode) => ({ errorCode }),
})

async function remove(context: RequestContext, request: OffsetDeleteRequest): Promise<Draft<OffsetDeleteResponse>> {
  if (request.groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID }
  const names = request.topics.map(({ name }) => name)
  const readable = allowedTopics(context, AclOperation.READ, names)
  const topics = request.topics.filter(({ name }) => readable.has(name))
  const answer = await context.services.groups.offsetDelete({ ...request, topics })
  if (answer.errorCode) return answer
  const denied = request.topics
    .filter(({ name }) => !readable.has(name))
    .map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      })),
    }))
  return { ...answer, topics: [...denied, ...(answer.topics ?? [])] }
}
