/**
 * ConsumerGroupHeartbeat: joins a consumer group, keeps a member in it, tells it its assignment, and leaves (KIP-848);
 * v0-1. v1 adds regular expressions that the broker resolves, and members choose their ids themselves (KIP-1082).
 *
 * UNSUPPORTED_VERSION while the feature group.version is 0 or group.coordinator.rebalance.protocols lacks 'consumer'.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../protocol/generated/68-consumer-group-heartbeat.ts'
import { defineApi } from '../define-api.ts'
import { consumerProtocolIsOn, groupClient } from './group-client.ts'

export const consumerGroupHeartbeat = defineApi<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>({
  request: ConsumerGroupHeartbeatRequest,
  response: ConsumerGroupHeartbeatResponse,
  min: 0,
  max: 1,
  async handle(context, request) {
    const { services } = context
    if (!consumerProtocolIsOn(services)) return { errorCode: ErrorCode.UNSUPPORTED_VERSION }
    return await services.groups.consumerGroupHeartbeat(groupClient(context), request)
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
