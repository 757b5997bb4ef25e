import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatRequestTopology,
} from '../../../protocol/generated/88-streams-group-heartbeat.ts'

/** The epoch a joining member sends. */
export const JOIN_EPOCH = 0
/** The epoch a leaving member sends. */
export const LEAVE_EPOCH = -1
/** The epoch a static member would send that may come back. */
export const STATIC_LEAVE_EPOCH = -2

/**
 * Checks what a heartbeat must and must not have, whatever the group.
 *
 * @throws KafkaError INVALID_REQUEST, also for what 4.3 doesn't support; STREAMS_INVALID_TOPOLOGY
 */
export function validateStreamsHeartbeat(request: StreamsGroupHeartbeatRequest): void {
  checkSupported(request)
  const { memberEpoch, activeTasks, standbyTasks, warmupTasks, topology } = request
  check(request.memberId.trim() !== '', "MemberId can't be empty.")
  check(request.groupId.trim() !== '', "GroupId can't be empty.")
  check(request.instanceId?.trim() !== '', "InstanceId can't be empty.")
  check(request.rackId?.trim() !== '', "RackId can't be empty.")
  if (memberEpoch === JOIN_EPOCH) {
    check(request.rebalanceTimeoutMs !== -1, 'RebalanceTimeoutMs must be provided in first request.')
    check(activeTasks?.length === 0, 'ActiveTasks must be empty when (re-)joining.')
    check(standbyTasks?.length === 0, 'StandbyTasks must be empty when (re-)joining.')
    check(warmupTasks?.length === 0, 'WarmupTasks must be empty when (re-)joining.')
    if (topology === null) throw invalid('Topology must be non-null when (re-)joining.')
    checkChangelogs(topology)
  } else if (memberEpoch === STATIC_LEAVE_EPOCH) {
    check(request.instanceId !== null, "InstanceId can't be null.")
  } else {
    const message = `MemberEpoch is ${memberEpoch}, but must be greater than or equal to -2.`
    check(memberEpoch >= STATIC_LEAVE_EPOCH, message)
  }
  const kinds = [activeTasks, standbyTasks, warmupTasks]
  const given = kinds.filter((tasks) => tasks !== null)
  check(given.length === 0 || given.length === kinds.length, 'If one task-type is non-null, all must be non-null.')
  if (memberEpoch !== JOIN_EPOCH) check(topology === null, 'Topology can only be provided when (re-)joining.')
}

function checkSupported(request: StreamsGroupHeartbeatRequest): void {
  check(request.instanceId === null, 'Static membership is not yet supported.')
  check(request.taskOffsets === null, 'TaskOffsets are not supported yet.')
  check(request.taskEndOffsets === null, 'TaskEndOffsets are not supported yet.')
  check((request.warmupTasks ?? []).length === 0, 'WarmupTasks are not supported yet.')
  for (const { sourceTopicRegex } of request.topology?.subtopologies ?? []) {
    check(sourceTopicRegex.length === 0, 'Regular expressions for source topics are not supported yet.')
  }
}

function checkChangelogs({ subtopologies }: StreamsGroupHeartbeatRequestTopology): void {
  for (const { stateChangelogTopics } of subtopologies) {
    for (const { name, partitions } of stateChangelogTopics) {
      if (partitions === 0) continue
      throw new KafkaError(
        ErrorCode.STREAMS_INVALID_TOPOLOGY,
        `Changelog topic ${name} must have an undefined partition count, but it is set to ${partitions}.`,
      )
    }
  }
}

function check(holds: boolean, message: string): void {
  if (!holds) throw invalid(message)
}

function invalid(message: string): KafkaError {
  return new KafkaError(ErrorCode.INVALID_REQUEST, message)
}
