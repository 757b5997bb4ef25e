/**
 * ShareGroupHeartbeat: joins a share group, keeps a member in it, tells it its partitions, and leaves (KIP-932); v1.
 *
 * UNSUPPORTED_VERSION while the feature share.version is 0.
 */
import { ErrorCode, errorInfo, KafkaError } from '../../protocol/errors.ts'
import {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../protocol/generated/76-share-group-heartbeat.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'
import { groupClient } from './group-client.ts'
import { requireGroup, requireMemberId, requireShareProtocol } from './share-protocol.ts'

export const shareGroupHeartbeat = defineApi<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse>({
  request: ShareGroupHeartbeatRequest,
  response: ShareGroupHeartbeatResponse,
  min: 1,
  max: 1,
  async handle(context, request) {
    requireShareProtocol(context)
    requireGroup(context, AclOperation.READ, request.groupId)
    requireMemberId(request.memberId)
    const { authorizer, groups } = context.services
    const isAllowed = (name: string) => authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name)
    if (!(request.subscribedTopicNames ?? []).every(isAllowed)) {
      throw new KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    }
    return await groups.shareGroups.heartbeat(groupClient(context), request)
  },
  failure: (_request, errorCode, errorMessage) => ({
    errorCode,
    errorMessage: errorMessage === errorInfo(errorCode).message ? null : errorMessage,
  }),
})
