import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import type { RequestContext } from '../define-api.ts'
import type { AcknowledgementBatch } from '../share/acknowledge.ts'
import type { SessionPartition } from '../share/share-sessions.ts'

/** An acknowledgement of one partition as ShareFetch and ShareAcknowledge carry it. */
export interface PartitionAcknowledgement extends SessionPartition {
  readonly batches: readonly {
    readonly firstOffset: bigint
    readonly lastOffset: bigint
    readonly acknowledgeTypes: readonly number[]
  }[]
}

export interface AcknowledgementResult extends SessionPartition {
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** Renewing came with version 2 of both requests (KIP-1222). */
const RENEW_FROM = 2
const MAX_TYPE = 3
const RENEW_TYPE = 4

/**
 * Acknowledges for a member, each partition by itself.
 *
 * @param isRenew the request says that it renews locks
 */
export async function acknowledgeAll(
  context: RequestContext,
  member: { readonly groupId: string; readonly memberId: string },
  partitions: readonly PartitionAcknowledgement[],
  isRenew: boolean,
): Promise<AcknowledgementResult[]> {
  return await Promise.all(
    partitions.map(async ({ topicId, partition, batches }) => {
      try {
        const checked = checkBatches(batches, context.version >= RENEW_FROM, isRenew)
        checkTopic(context, topicId, partition)
        const share = context.services.shares.partitions.find({ groupId: member.groupId, topicId, partition })
        if (share === undefined) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        await share.acknowledge(member.memberId, checked)
        return { topicId, partition, errorCode: ErrorCode.NONE, errorMessage: null }
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        return { topicId, partition, errorCode: error.code, errorMessage: error.message }
      }
    }),
  )
}

/** @throws KafkaError INVALID_REQUEST unless the batches are in order and each says what becomes of its records */
function checkBatches(
  batches: PartitionAcknowledgement['batches'],
  supportsRenew: boolean,
  isRenew: boolean,
): AcknowledgementBatch[] {
  let previousEnd = -1
  return batches.map(({ firstOffset, lastOffset, acknowledgeTypes: types }) => {
    const [first, last] = [Number(firstOffset), Number(lastOffset)]
    const isOk =
      first <= last &&
      first >= previousEnd &&
      types.length > 0 &&
      (types.length === 1 || types.length === last - first + 1) &&
      types.every((type) => type >= 0 && type <= (supportsRenew ? RENEW_TYPE : MAX_TYPE)) &&
      (isRenew || !types.includes(RENEW_TYPE))
    if (!isOk) throw new KafkaError(ErrorCode.INVALID_REQUEST)
    previousEnd = last
    return { firstOffset: first, lastOffset: last, types }
  })
}

/** @throws KafkaError UNKNOWN_TOPIC_ID, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_OR_PARTITION */
export function checkTopic(context: RequestContext, topicId: string, partition: number): void {
  const { metadata, authorizer } = context.services
  const name = metadata.topicName(topicId)
  if (name === undefined) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_ID)
  if (!authorizer.allows(context, AclOperation.READ, ResourceType.TOPIC, name)) {
    throw new KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  }
  if (metadata.partition(name, partition) === undefined) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
}
