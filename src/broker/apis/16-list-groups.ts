/**
 * ListGroups: the groups this broker coordinates; v0-5. v4 filters by state and shows it, v5 the same for the type.
 */
import { ListGroupsRequest, ListGroupsResponse } from '../../protocol/generated/16-list-groups.ts'
import { defineApi } from '../define-api.ts'

export const listGroups = defineApi<ListGroupsRequest, ListGroupsResponse>({
  request: ListGroupsRequest,
  response: ListGroupsResponse,
  min: 0,
  max: 5,
  handle: ({ services }, request) => services.groups.listGroups(request),
  failure: (_request, errorCode) => ({ errorCode }),
})
