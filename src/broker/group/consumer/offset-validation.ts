import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { memberOf } from './subscribe-member.ts'

/** First version of OffsetCommit that knows the errors of member epochs. */
const MEMBER_EPOCH_FROM = 9

export interface CommitSender {
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** Its member epoch, or generation; -1 for administrators and consumers without a group. */
  readonly memberEpoch: number
  /** Version of OffsetCommit; null for TxnOffsetCommit. */
  readonly version: number | null
}

/** Throws KafkaError when the sender may not commit for the partition. */
export type CheckPartition = (topic: string, topicId: string, partition: number) => void

const anyPartition: CheckPartition = () => {}

/**
 * Checks that a sender may commit offsets to a consumer group. An epoch that is behind is good for what the member got
 * in it and still has (KIP-1251): the commit may have been sent before it heard of the new one.
 *
 * @returns the check of each partition
 * @throws KafkaError UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH, ILLEGAL_GENERATION, UNSUPPORTED_VERSION
 */
export function validateConsumerCommit(group: ConsumerGroup, sender: CommitSender): CheckPartition {
  const { memberId, groupInstanceId, memberEpoch, version } = sender
  if (memberEpoch < 0 && group.members.size === 0) return anyPartition
  if (version === null && memberEpoch === -1 && memberId === '' && groupInstanceId === null) return anyPartition
  const member = memberOf(group, memberId)
  const code = member.classic === null ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.ILLEGAL_GENERATION
  if (version !== null && member.classic === null && version < MEMBER_EPOCH_FROM) {
    const message = 'OffsetCommit version 9 or above must be used by members using the consumer group protocol'
    throw new KafkaError(ErrorCode.UNSUPPORTED_VERSION, message)
  }
  if (memberEpoch === member.memberEpoch) return anyPartition
  if (memberEpoch > member.memberEpoch) {
    throw new KafkaError(
      code,
      `Received member epoch ${memberEpoch} is newer than current member epoch ${member.memberEpoch}.`,
    )
  }
  return (topic, topicId, partition) => {
    const assignmentEpoch =
      member.assigned.get(topicId)?.get(partition) ?? member.pendingRevocation.get(topicId)?.get(partition)
    if (assignmentEpoch === undefined) {
      const message = `Partition ${topic}-${partition} is not assigned or pending revocation for member.`
      throw new KafkaError(code, message)
    }
    if (memberEpoch < assignmentEpoch) {
      const which = `assignment epoch ${assignmentEpoch} for partition ${topic}-${partition}`
      throw new KafkaError(code, `Received member epoch ${memberEpoch} is older than ${which}.`)
    }
  }
}

/**
 * Checks that a sender may read a consumer group's offsets.
 *
 * @param memberId null for whoever doesn't say
 * @throws KafkaError UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH, ILLEGAL_GENERATION
 */
export function validateConsumerFetch(group: ConsumerGroup, memberId: string | null, memberEpoch: number): void {
  if (memberId === null && memberEpoch < 0) return
  const member = memberOf(group, memberId ?? '')
  if (memberEpoch === member.memberEpoch) return
  const code = member.classic === null ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.ILLEGAL_GENERATION
  const message = `The received member epoch ${memberEpoch} does not match the expected member epoch ${member.memberEpoch}.`
  throw new KafkaError(code, message)
}
