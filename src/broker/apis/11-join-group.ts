/**
 * JoinGroup: makes the sender part of the group's next generation; v0-9. Answered when everyone has joined or the
 * rebalance timeout is over.
 *
 * - v0 has no rebalance timeout: the session timeout counts for both.
 * - v4+ members must come back with the id that MEMBER_ID_REQUIRED gave them (KIP-394).
 * - v5 adds static members (KIP-345), v7 the protocol type, v8 a reason, v9 skipAssignment (KIP-814).
 */
import { JoinGroupRequest, JoinGroupResponse } from '../../protocol/generated/11-join-group.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { groupRight } from '../authorizer/rights.ts'
import { defineApi } from '../define-api.ts'
import { joinError } from '../group/classic-group.ts'
import { groupClient } from './group-client.ts'

/** From here on the protocol name may be null; before, clients get ''. */
const NULL_PROTOCOL_FROM = 7

export const joinGroup = defineApi<JoinGroupRequest, JoinGroupResponse>({
  request: JoinGroupRequest,
  response: JoinGroupResponse,
  min: 0,
  max: 9,
  auth: groupRight(AclOperation.READ),
  async handle(context, request) {
    const response = await context.services.groups.joinGroup(groupClient(context), request)
    if (context.version >= NULL_PROTOCOL_FROM) return response
    return { ...response, protocolName: response.protocolName ?? '' }
  },
  // An empty protocol name is what all versions can hold.
  failure: (request, errorCode) => ({ ...joinError(request.memberId, errorCode), protocolName: '' }),
})
