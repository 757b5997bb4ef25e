/**
 * ShareGroupDescribe: state, epochs, members and their partitions of share groups (KIP-932); v1. Each group has its own
 * error. A group that reads topics the client may not see is not shown.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  ShareGroupDescribeRequest,
  ShareGroupDescribeResponse,
  type ShareGroupDescribeResponseDescribedGroup,
} from '../../protocol/generated/77-share-group-describe.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { groupOperations, OPERATIONS_OMITTED } from './operations.ts'
import { requireShareProtocol } from './share-protocol.ts'

const HIDDEN = 'The group has described topic(s) that the client is not authorized to describe.'

export const shareGroupDescribe = defineApi<ShareGroupDescribeRequest, ShareGroupDescribeResponse>({
  request: ShareGroupDescribeRequest,
  response: ShareGroupDescribeResponse,
  min: 1,
  max: 1,
  handle(context, request) {
    requireShareProtocol(context)
    const { authorizer, groups } = context.services
    const isAllowed = (id: string) => authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.GROUP, id)
    const groupIds = request.groupIds.filter(isAllowed)
    const refused = request.groupIds
      .filter((groupId) => !groupIds.includes(groupId))
      .map((groupId) => ({ groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }))
    const described = groups.shareGroups.describe(groupIds).map((group) => {
      const isAsked = request.includeAuthorizedOperations && !group.errorCode
      const authorizedOperations = isAsked ? groupOperations(context, group.groupId ?? '') : OPERATIONS_OMITTED
      return visible(context, { ...group, authorizedOperations })
    })
    return { groups: [...refused, ...described] }
  },
  failure: ({ groupIds }, errorCode, errorMessage) => ({
    groups: groupIds.map((groupId) => ({ groupId, errorCode, errorMessage })),
  }),
})

function visible(
  context: RequestContext,
  group: Draft<ShareGroupDescribeResponseDescribedGroup>,
): Draft<ShareGroupDescribeResponseDescribedGroup> {
  const { authorizer } = context.services
  const topics = (group.members ?? []).flatMap(({ assignment }) => assignment?.topicPartitions ?? [])
  const names = new Set(topics.map(({ topicName = '' }) => topicName))
  const isAllowed = (name: string) => authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name)
  if ([...names].every(isAllowed)) return group
  return { groupId: group.groupId ?? '', errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, errorMessage: HIDDEN }
}
