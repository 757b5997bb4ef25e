/**
 * LeaveGroup: removes members; v0-5. v0-2 name one member, whose error is the response's; v3+ name several, each with
 * its own error, static ones also by instance id alone (KIP-345). v5 adds a reason.
 */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/generated/13-leave-group.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { groupRight } from '../authorizer/rights.ts'
import { defineApi } from '../define-api.ts'

const BATCH_FROM = 3

export const leaveGroup = defineApi<LeaveGroupRequest, LeaveGroupResponse>({
  request: LeaveGroupRequest,
  response: LeaveGroupResponse,
  min: 0,
  max: 5,
  auth: groupRight(AclOperation.READ),
  async handle({ services, version }, request) {
    const single = { memberId: request.memberId, groupInstanceId: null, reason: null }
    const identities = version >= BATCH_FROM ? request.members : [single]
    const answers = await leave(() => services.groups.leaveGroup(request.groupId, identities))
    if (typeof answers === 'number') {
      if (version < BATCH_FROM || answers !== ErrorCode.UNKNOWN_MEMBER_ID) return { errorCode: answers }
      // A group that isn't there has none of the members.
      const members = identities.map(({ memberId, groupInstanceId }) => ({
        memberId,
        groupInstanceId,
        errorCode: answers,
      }))
      return { errorCode: ErrorCode.NONE, members }
    }
    return version >= BATCH_FROM ? { members: answers } : { errorCode: answers[0]?.errorCode ?? ErrorCode.NONE }
  },
  failure: (_request, errorCode) => ({ errorCode }),
})

/** @returns the error code of the whole request if it has one */
async function leave<Answers>(run: () => Promise<Answers>): Promise<Answers | number> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof KafkaError) return error.code
    throw error
  }
}
