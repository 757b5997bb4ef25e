/**
 * AlterShareGroupOffsets: sets where a share group without members goes on (KIP-932); v0. A group that isn't there comes to
 * be. Each partition has its own error.
 */
import { ZERO_UUID } from '../../base/uuid.ts'
import { ErrorCode, errorInfo } from '../../protocol/errors.ts'
import {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../protocol/generated/91-alter-share-group-offsets.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'
import { requireGroup, requireShareProtocol } from './share-protocol.ts'

export const alterShareGroupOffsets = defineApi<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse>({
  request: AlterShareGroupOffsetsRequest,
  response: AlterShareGroupOffsetsResponse,
  min: 0,
  max: 0,
  async handle(context, request) {
    requireShareProtocol(context)
    requireGroup(context, AclOperation.READ, request.groupId)
    const { authorizer, groups, metadata } = context.services
    const hidden = request.topics.filter(
      ({ topicName }) => !authorizer.allows(context, AclOperation.READ, ResourceType.TOPIC, topicName),
    )
    const topics = request.topics.filter((topic) => !hidden.includes(topic))
    const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
    const refused = hidden.map(({ topicName, partitions }) => ({
      topicName,
      topicId: metadata.topics.get(topicName)?.id ?? ZERO_UUID,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode,
        errorMessage: errorInfo(errorCode).message,
      })),
    }))
    if (topics.length === 0 && refused.length > 0) return { responses: refused }
    const altered = await groups.shareGroups.alterOffsets({ ...request, topics })
    return { ...altered, responses: [...refused, ...(altered.responses ?? [])] }
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
