/**
 * DeleteGroups: removes groups without members, and their offsets; v0-2.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../protocol/generated/42-delete-groups.ts'
import { AclOperation, allowedNames, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

export const deleteGroups = defineApi<DeleteGroupsRequest, DeleteGroupsResponse>({
  request: DeleteGroupsRequest,
  response: DeleteGroupsResponse,
  min: 0,
  max: 2,
  async handle(context, request) {
    const groupIds = [...new Set(request.groupsNames)]
    const allowed = allowedNames(context, AclOperation.DELETE, ResourceType.GROUP, groupIds)
    const results = groupIds.map(async (groupId) => ({
      groupId,
      errorCode: allowed.has(groupId)
        ? await context.services.groups.deleteGroup(groupId)
        : ErrorCode.GROUP_AUTHORIZATION_FAILED,
    }))
    return { results: await Promise.all(results) }
  },
  failure: (request, errorCode) => ({ results: request.groupsNames.map((groupId) => ({ groupId, errorCode })) }),
})
