/**
 * DescribeGroups: state and members of classic groups; v0-6. Up to v5 an unknown group is described as Dead, v6 says
 * GROUP_ID_NOT_FOUND with a message. v3 adds authorized operations, v4 instance ids.
 */
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../protocol/generated/15-describe-groups.ts'
import { defineApi } from '../define-api.ts'

export const describeGroups = defineApi<DescribeGroupsRequest, DescribeGroupsResponse>({
  request: DescribeGroupsRequest,
  response: DescribeGroupsResponse,
  min: 0,
  max: 6,
  handle: ({ services, version }, request) => ({ groups: services.groups.describeGroups(version, request) }),
  failure: (request, errorCode) => ({ groups: request.groups.map((groupId) => ({ groupId, errorCode })) }),
})
