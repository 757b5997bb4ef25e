/**
 * ListGroups: the groups this broker coordinates and the client may describe; v0-5. v4 filters by state and shows it, v5 the same for the type.
 */
import { ListGroupsRequest, ListGroupsResponse } from '../../protocol/generated/16-list-groups.ts'
import { AclOperation, allowedNames, allowsCluster, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

export const listGroups = defineApi<ListGroupsRequest, ListGroupsResponse>({
  request: ListGroupsRequest,
  response: ListGroupsResponse,
  min: 0,
  max: 5,
  handle(context, request) {
    const answer = context.services.groups.listGroups(request)
    if (allowsCluster(context, AclOperation.DESCRIBE, true)) return answer
    const groups = answer.groups ?? []
    const ids = groups.map(({ groupId = '' }) => groupId)
    const allowed = allowedNames(context, AclOperation.DESCRIBE, ResourceType.GROUP, ids, true)
    return { ...answer, groups: groups.filter(({ groupId = '' }) => allowed.has(groupId)) }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})
