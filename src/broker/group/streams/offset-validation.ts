import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type { CheckPartition, CommitSender } from '../consumer/offset-validation.ts'
import type { StreamsGroup } from './streams-group.ts'
import { memberOf } from './streams-protocol.ts'

/** First version of OffsetCommit that knows the errors of member epochs. */
const MEMBER_EPOCH_FROM = 9

const anyPartition: CheckPartition = () => {}

/**
 * Checks that a sender may commit offsets to a streams group. An epoch that is behind is good for the tasks the member got
 * in it and still has (KIP-1251): the commit may have been sent before it heard of the new one.
 *
 * @returns the check of each partition
 * @throws KafkaError UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH, UNSUPPORTED_VERSION
 */
export function validateStreamsCommit(group: StreamsGroup, sender: CommitSender): CheckPartition {
  const { memberId, groupInstanceId, memberEpoch, version } = sender
  if (memberEpoch < 0 && group.members.size === 0) return anyPartition
  if (version === null && memberEpoch === -1 && memberId === '' && groupInstanceId === null) return anyPartition
  const member = memberOf(group, memberId)
  if (version !== null && version < MEMBER_EPOCH_FROM) {
    const message = 'OffsetCommit version 9 or above must be used by members using the streams group protocol'
    throw new KafkaError(ErrorCode.UNSUPPORTED_VERSION, message)
  }
  if (memberEpoch === member.memberEpoch) return anyPartition
  if (memberEpoch > member.memberEpoch) {
    throw stale(`Received member epoch ${memberEpoch} is newer than current member epoch ${member.memberEpoch}.`)
  }
  const { topology } = group
  if (topology === null) throw stale('Topology is not available for offset commit validation.')
  return (topic, _topicId, partition) => {
    const id = topology.reader(topic)?.subtopologyId
    if (id === undefined) throw stale(`Topic ${topic} is not in the topology.`)
    const assignmentEpoch =
      member.assigned.active.get(id)?.get(partition) ?? member.pendingRevocation.active.get(id)?.get(partition)
    if (assignmentEpoch === undefined) {
      throw stale(`Task ${id}-${partition} is not assigned or pending revocation for member.`)
    }
    if (memberEpoch < assignmentEpoch) {
      const which = `assignment epoch ${assignmentEpoch} for task ${id}-${partition}`
      throw stale(`Received member epoch ${memberEpoch} is older than ${which}.`)
    }
  }
}

function stale(message: string): KafkaError {
  return new KafkaError(ErrorCode.STALE_MEMBER_EPOCH, message)
}

/**
 * Checks that a sender may read a streams group's offsets.
 *
 * @param memberId null for whoever doesn't say
 * @throws KafkaError UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH
 */
export function validateStreamsFetch(group: StreamsGroup, memberId: string | null, memberEpoch: number): void {
  if (memberId === null && memberEpoch < 0) return
  const member = memberOf(group, memberId ?? '')
  if (memberEpoch === member.memberEpoch) return
  throw stale(
    `The received member epoch ${memberEpoch} does not match the expected member epoch ${member.memberEpoch}.`,
  )
}
