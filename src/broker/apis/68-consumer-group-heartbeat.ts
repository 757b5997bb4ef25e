/**
 * ConsumerGroupHeartbeat: joins a consumer group, keeps a member in it, tells it its assignment, and leaves (KIP-848);
 * v0-1. v1 adds regular expressions that the broker resolves, and members choose their ids themselves (KIP-1082).
 *
 * Needs READ on the group and DESCRIBE on each topic named; a regular expression stands for the topics that may be described.
 * UNSUPPORTED_VERSION while the feature group.version is 0 or group.coordinator.rebalance.protocols lacks 'consumer'.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../protocol/generated/68-consumer-group-heartbeat.ts'
import { AclOperation, allowedTopics, ResourceType } from '../authorizer/authorizer.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import type { GroupClient } from '../group/group-context.ts'
import { consumerProtocolIsOn, groupClient } from './group-client.ts'

/** The client, which learns of the topics that it may describe and of no others. */
function clientOf(context: RequestContext): GroupClient {
  const client = groupClient(context)
  if (!context.services.authorizer.isEnabled) return client
  return { ...client, describable: (names) => allowedTopics(context, AclOperation.DESCRIBE, names, true) }
}

export const consumerGroupHeartbeat = defineApi<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>({
  request: ConsumerGroupHeartbeatRequest,
  response: ConsumerGroupHeartbeatResponse,
  min: 0,
  max: 1,
  async handle(context, request) {
    const { services } = context
    if (!consumerProtocolIsOn(services)) return { errorCode: ErrorCode.UNSUPPORTED_VERSION }
    if (!services.authorizer.allows(context, AclOperation.READ, ResourceType.GROUP, request.groupId)) {
      return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, errorMessage: null }
    }
    const names = new Set(request.subscribedTopicNames ?? [])
    if (allowedTopics(context, AclOperation.DESCRIBE, names).size < names.size) {
      return { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, errorMessage: null }
    }
    return await services.groups.consumerGroupHeartbeat(clientOf(context), request)
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
