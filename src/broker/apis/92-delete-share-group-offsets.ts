/**
 * DeleteShareGroupOffsets: makes a share group without members forget where it was in topics (KIP-932); v0. Each topic has
 * its own error.
 */
import { ErrorCode, errorInfo } from '../../protocol/errors.ts'
import {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../protocol/generated/92-delete-share-group-offsets.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'
import { requireGroup, requireShareProtocol } from './share-protocol.ts'

export const deleteShareGroupOffsets = defineApi<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse>({
  request: DeleteShareGroupOffsetsRequest,
  response: DeleteShareGroupOffsetsResponse,
  min: 0,
  max: 0,
  async handle(context, request) {
    requireShareProtocol(context)
    requireGroup(context, AclOperation.DELETE, request.groupId)
    const { authorizer, groups } = context.services
    const hidden = request.topics.filter(
      ({ topicName }) => !authorizer.allows(context, AclOperation.READ, ResourceType.TOPIC, topicName),
    )
    const topics = request.topics.filter((topic) => !hidden.includes(topic))
    const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
    const refused = hidden.map(({ topicName }) => ({
      topicName,
      errorCode,
      errorMessage: errorInfo(errorCode).message,
    }))
    if (topics.length === 0 && refused.length > 0) return { responses: refused }
    const deleted = await groups.shareGroups.deleteOffsets({ ...request, topics })
    return { ...deleted, responses: [...refused, ...(deleted.responses ?? [])] }
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
