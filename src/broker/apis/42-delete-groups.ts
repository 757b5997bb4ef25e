/**
 * DeleteGroups: removes groups without members, and their offsets; v0-2.
 */
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../protocol/generated/42-delete-groups.ts'
import { defineApi } from '../define-api.ts'

export const deleteGroups = defineApi<DeleteGroupsRequest, DeleteGroupsResponse>({
  request: DeleteGroupsRequest,
  response: DeleteGroupsResponse,
  min: 0,
  max: 2,
  async handle({ services }, request) {
    const groupIds = [...new Set(request.groupsNames)]
    const results = groupIds.map(async (groupId) => ({
      groupId,
      errorCode: await services.groups.deleteGroup(groupId),
    }))
    return { results: await Promise.all(results) }
  },
  failure: (request, errorCode) => ({ results: request.groupsNames.map((groupId) => ({ groupId, errorCode })) }),
})
