/**
 * JoinGroup: makes the sender part of the group's next generation; v0-9. Answered when everyone has joined or the
 * rebalance timeout is over.
 *
 * - v0 has no rebalance timeout: the session timeout counts for both.
 * - v4+ members must come back with the id that MEMBER_ID_REQUIRED gave them (KIP-394).
 * - v5 adds static members (KIP-345), v7 the protocol type, v8 a reason, v9 skipAssignment (KIP-814).
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { JoinGroupRequest, JoinGroupResponse } from '../../protocol/generated/11-join-group.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { joinError } from '../group/classic-group.ts'
import { groupClient } from './group-client.ts'

/** From here on the protocol name may be null; before, clients get ''. */
const NULL_PROTOCOL_FROM = 7

export const joinGroup = defineApi<JoinGroupRequest, JoinGroupResponse>({
  request: JoinGroupRequest,
  response: JoinGroupResponse,
  min: 0,
  max: 9,
  auth: 'in handler',
  async handle(context, request) {
    const response = await join(context, request)
    if (context.version >= NULL_PROTOCOL_FROM) return response
    return { ...response, protocolName: response.protocolName ?? '' }
  },
  // An empty protocol name is what all versions can hold.
  failure: (request, errorCode) => ({ ...joinError(request.memberId, errorCode), protocolName: '' }),
})

async function join(context: RequestContext, request: JoinGroupRequest): Promise<Draft<JoinGroupResponse>> {
  const { authorizer, groups } = context.services
  if (!authorizer.allows(context, AclOperation.READ, ResourceType.GROUP, request.groupId)) {
    return joinError(request.memberId, ErrorCode.GROUP_AUTHORIZATION_FAILED)
  }
  return await groups.joinGroup(groupClient(context), request)
}
