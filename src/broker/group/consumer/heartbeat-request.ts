import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type { ConsumerGroupHeartbeatRequest } from '../../../protocol/generated/68-consumer-group-heartbeat.ts'
import { JOIN_EPOCH, LEAVE_EPOCH, STATIC_LEAVE_EPOCH } from './consumer-member.ts'
import { assignorName } from './target-assignment.ts'

/** First version whose members choose their ids themselves (KIP-1082). */
const OWN_MEMBER_ID_FROM = 1

/**
 * Checks what a heartbeat must and must not have, whatever the group.
 *
 * @param assignors group.consumer.assignors
 * @throws KafkaError INVALID_REQUEST, UNSUPPORTED_ASSIGNOR
 */
export function validateHeartbeat(
  request: ConsumerGroupHeartbeatRequest,
  version: number,
  assignors: readonly string[],
): void {
  const { memberEpoch, serverAssignor } = request
  const needsMemberId = version >= OWN_MEMBER_ID_FROM || memberEpoch > JOIN_EPOCH || memberEpoch === LEAVE_EPOCH
  if (needsMemberId) check(request.memberId.trim() !== '', "MemberId can't be empty.")
  check(request.groupId.trim() !== '', "GroupId can't be empty.")
  check(request.instanceId?.trim() !== '', "InstanceId can't be empty.")
  check(request.rackId?.trim() !== '', "RackId can't be empty.")
  if (memberEpoch === JOIN_EPOCH) {
    check(request.rebalanceTimeoutMs !== -1, 'RebalanceTimeoutMs must be provided in first request.')
    check(request.topicPartitions?.length === 0, 'TopicPartitions must be empty when (re-)joining.')
    check(
      request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null,
      'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.',
    )
  } else if (memberEpoch === STATIC_LEAVE_EPOCH) {
    check(request.instanceId !== null, "InstanceId can't be null.")
  } else {
    check(memberEpoch >= LEAVE_EPOCH, 'MemberEpoch is invalid.')
  }
  const names = assignors.map(assignorName)
  if (serverAssignor !== null && !names.includes(serverAssignor)) {
    const message = `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${names.join(', ')}.`
    throw new KafkaError(ErrorCode.UNSUPPORTED_ASSIGNOR, message)
  }
}

function check(holds: boolean, message: string): void {
  if (!holds) throw new KafkaError(ErrorCode.INVALID_REQUEST, message)
}
