/**
 * Heartbeat: keeps a member's session alive and tells it of a rebalance; v0-4. v3 adds static members.
 */
import { HeartbeatRequest, HeartbeatResponse } from '../../protocol/generated/12-heartbeat.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { groupRight } from '../authorizer/rights.ts'
import { defineApi } from '../define-api.ts'

export const heartbeat = defineApi<HeartbeatRequest, HeartbeatResponse>({
  request: HeartbeatRequest,
  response: HeartbeatResponse,
  min: 0,
  max: 4,
  auth: groupRight(AclOperation.READ),
  handle: async ({ services }, request) => ({ errorCode: await services.groups.heartbeat(request) }),
  failure: (_request, errorCode) => ({ errorCode }),
})
