/**
 * StreamsGroupDescribe: state, epochs, topology, members and their tasks of streams groups (KIP-1071); v0. Each group has its own
 * error: needs DESCRIBE on the group, and on each topic of its topology.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
  type StreamsGroupDescribeResponseDescribedGroup,
} from '../../protocol/generated/89-streams-group-describe.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { streamsProtocolIsOn } from './group-client.ts'
import { groupOperations, OPERATIONS_OMITTED } from './operations.ts'

type Described = Draft<StreamsGroupDescribeResponseDescribedGroup>

export const streamsGroupDescribe = defineApi<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>({
  request: StreamsGroupDescribeRequest,
  response: StreamsGroupDescribeResponse,
  min: 0,
  max: 0,
  handle(context, request) {
    const { services } = context
    if (!streamsProtocolIsOn(services)) return failure(request, ErrorCode.UNSUPPORTED_VERSION)
    const allowed = request.groupIds.filter((groupId) =>
      services.authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.GROUP, groupId),
    )
    const refused = request.groupIds
      .filter((groupId) => !allowed.includes(groupId))
      .map((groupId) => ({ groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }))
    const described = services.groups.streamsGroupDescribe(allowed).map((group): Described => {
      const hasOperations = request.includeAuthorizedOperations && group.errorCode === undefined
      const authorizedOperations = hasOperations ? groupOperations(context, group.groupId ?? '') : OPERATIONS_OMITTED
      return withoutForbiddenTopics(context, { ...group, authorizedOperations })
    })
    return { groups: [...refused, ...described] }
  },
  failure,
})

function withoutForbiddenTopics(context: RequestContext, group: Described): Described {
  const { authorizer } = context.services
  if (!authorizer.isEnabled) return group
  const names = (group.topology?.subtopologies ?? []).flatMap((each) => [
    ...(each.sourceTopics ?? []),
    ...(each.repartitionSinkTopics ?? []),
    ...(each.repartitionSourceTopics ?? []).map(({ name = '' }) => name),
    ...(each.stateChangelogTopics ?? []).map(({ name = '' }) => name),
  ])
  const mayDescribe = (name: string) => authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name)
  if ([...new Set(names)].every(mayDescribe)) return group
  return {
    groupId: group.groupId,
    errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    errorMessage: 'The described group uses topics that the client is not authorized to describe.',
  }
}

function failure(request: StreamsGroupDescribeRequest, errorCode: number) {
  return { groups: request.groupIds.map((groupId) => ({ groupId, errorCode })) }
}
