/**
 * ConsumerGroupDescribe: state, epochs, members and their assignments of consumer groups (KIP-848); v0-1. Each group
 * has its own error. v1 adds the kind of each member (KIP-1099).
 */
import { ErrorCode } from '../../protocol/errors.ts'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../../protocol/generated/69-consumer-group-describe.ts'
import { defineApi } from '../define-api.ts'
import { consumerProtocolIsOn } from './group-client.ts'

export const consumerGroupDescribe = defineApi<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>({
  request: ConsumerGroupDescribeRequest,
  response: ConsumerGroupDescribeResponse,
  min: 0,
  max: 1,
  handle({ services }, request) {
    if (!consumerProtocolIsOn(services)) return failure(request, ErrorCode.UNSUPPORTED_VERSION)
    return { groups: services.groups.consumerGroupDescribe(request) }
  },
  failure,
})

function failure(request: ConsumerGroupDescribeRequest, errorCode: number) {
  return { groups: request.groupIds.map((groupId) => ({ groupId, errorCode })) }
}
