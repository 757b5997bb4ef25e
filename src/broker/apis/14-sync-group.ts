/**
 * SyncGroup: the leader's assignments in, each member's own out; v0-5. Answered when the assignments are in the log.
 *
 * - v3 adds static members; v5 says protocol type and name again, which must be the group's.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { SyncGroupRequest, SyncGroupResponse } from '../../protocol/generated/14-sync-group.ts'
import { AclOperation, ResourceType, requireRight } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

const PROTOCOL_REQUIRED_FROM = 5

export const syncGroup = defineApi<SyncGroupRequest, SyncGroupResponse>({
  request: SyncGroupRequest,
  response: SyncGroupResponse,
  min: 0,
  max: 5,
  auth: 'in handler',
  handle(context, request) {
    const { services, version } = context
    const unnamed = request.protocolType === null || request.protocolName === null
    if (version >= PROTOCOL_REQUIRED_FROM && unnamed) return { errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL }
    requireRight(context, AclOperation.READ, ResourceType.GROUP, request.groupId)
    return services.groups.syncGroup(request)
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
