/**
 * ConsumerGroupDescribe: state, epochs, members and their assignments of consumer groups (KIP-848); v0-1. Each group
 * has its own error. v1 adds the kind of each member (KIP-1099).
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
  type ConsumerGroupDescribeResponseDescribedGroup,
} from '../../protocol/generated/69-consumer-group-describe.ts'
import { AclOperation, allowedNames, allowedTopics, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { consumerProtocolIsOn } from './group-client.ts'
import { groupOperations } from './operations.ts'

type Group = Draft<ConsumerGroupDescribeResponseDescribedGroup>

const HIDDEN = 'The group has described topic(s) that the client is not authorized to describe.'

export const consumerGroupDescribe = defineApi<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>({
  request: ConsumerGroupDescribeRequest,
  response: ConsumerGroupDescribeResponse,
  min: 0,
  max: 1,
  auth: 'in handler',
  handle(context, request) {
    const { services } = context
    if (!consumerProtocolIsOn(services)) return failure(request, ErrorCode.UNSUPPORTED_VERSION)
    const allowed = allowedNames(context, AclOperation.DESCRIBE, ResourceType.GROUP, request.groupIds)
    const denied = request.groupIds.filter((groupId) => !allowed.has(groupId))
    const groups = services.groups
      .consumerGroupDescribe(request.groupIds.filter((groupId) => allowed.has(groupId)))
      .map((group) => (request.includeAuthorizedOperations ? withOperations(context, group) : group))
    const errorCode = ErrorCode.GROUP_AUTHORIZATION_FAILED
    return {
      groups: [
        ...denied.map((groupId) => ({ groupId, errorCode, errorMessage: null })),
        ...hideTopics(context, groups),
      ],
    }
  },
  failure,
})

function withOperations(context: RequestContext, group: Group): Group {
  if (group.errorCode) return group
  return { ...group, authorizedOperations: groupOperations(context, group.groupId ?? '') }
}

/** Groups with topics that the client may not describe are not described either. */
function hideTopics(context: RequestContext, groups: readonly Group[]): Group[] {
  const described = groups.map((group) => ({ group, topics: topicsOf(group) }))
  const topics = new Set(described.flatMap((entry) => entry.topics))
  const allowed = allowedTopics(context, AclOperation.DESCRIBE, topics)
  return described.map(({ group, topics: own }) => {
    if (own.every((topic) => allowed.has(topic))) return group
    const { groupId } = group
    return { groupId, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, errorMessage: HIDDEN, members: [] }
  })
}

/** The topics that members subscribe to by name, have or are to have. */
function topicsOf({ members = [] }: Group): string[] {
  return members.flatMap(({ subscribedTopicNames = [], assignment, targetAssignment }) => {
    const assigned = [...(assignment?.topicPartitions ?? []), ...(targetAssignment?.topicPartitions ?? [])]
    return [...subscribedTopicNames, ...assigned.map(({ topicName = '' }) => topicName)]
  })
}

function failure(request: ConsumerGroupDescribeRequest, errorCode: number) {
  return { groups: request.groupIds.map((groupId) => ({ groupId, errorCode })) }
}
