/**
 * DescribeGroups: state and members of classic groups; v0-6. Up to v5 an unknown group is described as Dead, v6 says
 * GROUP_ID_NOT_FOUND with a message. v3 adds authorized operations, v4 instance ids.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../protocol/generated/15-describe-groups.ts'
import { AclOperation, allowedNames, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'
import { groupOperations } from './operations.ts'

export const describeGroups = defineApi<DescribeGroupsRequest, DescribeGroupsResponse>({
  request: DescribeGroupsRequest,
  response: DescribeGroupsResponse,
  min: 0,
  max: 6,
  handle(context, request) {
    const allowed = allowedNames(context, AclOperation.DESCRIBE, ResourceType.GROUP, request.groups)
    const denied = request.groups.filter((groupId) => !allowed.has(groupId))
    const groups = request.groups.filter((groupId) => allowed.has(groupId))
    const described = context.services.groups.describeGroups(context.version, groups).map((group) => {
      if (!request.includeAuthorizedOperations || group.errorCode) return group
      return { ...group, authorizedOperations: groupOperations(context, group.groupId ?? '') }
    })
    const errorCode = ErrorCode.GROUP_AUTHORIZATION_FAILED
    return { groups: [...denied.map((groupId) => ({ groupId, errorCode })), ...described] }
  },
  failure: (request, errorCode) => ({ groups: request.groups.map((groupId) => ({ groupId, errorCode })) }),
})
