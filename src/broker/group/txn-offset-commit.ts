import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitRequestTxnOffsetCommitRequestPartition,
  TxnOffsetCommitResponse,
  TxnOffsetCommitResponseTxnOffsetCommitResponsePartition,
} from '../../protocol/generated/28-txn-offset-commit.ts'
import { validateConsumerCommit } from './consumer/offset-validation.ts'
import type { GroupContext } from './group-context.ts'
import { codeOf } from './group-errors.ts'
import type { OffsetRecord } from './records.ts'
import { ResponseTopics } from './response-topics.ts'
import type { GroupShard } from './shard.ts'
import { validateStreamsCommit } from './streams/offset-validation.ts'

type Answer = Draft<TxnOffsetCommitResponseTxnOffsetCommitResponsePartition>

interface Wanted {
  readonly topic: string
  readonly partition: TxnOffsetCommitRequestTxnOffsetCommitRequestPartition
}

/**
 * Stores a group's offsets as part of a producer's transaction (KIP-98, KIP-447): they count when it commits. Unknown topics and
 * partitions fail by themselves; an error of the group fails all others.
 *
 * @param find the group's shard; may throw KafkaError
 */
export async function commitTransactionalOffsets(
  context: GroupContext,
  find: () => GroupShard,
  request: TxnOffsetCommitRequest,
): Promise<Draft<TxnOffsetCommitResponse>> {
  const topics = new ResponseTopics<Answer>()
  const wanted: Wanted[] = []
  const answer = (topic: string, partitionIndex: number, errorCode: number): void =>
    topics.add(topic, ZERO_UUID, { partitionIndex, errorCode })
  for (const { name, partitions } of request.topics) {
    const count = context.partitionCountOf(name)
    for (const partition of partitions) {
      const { partitionIndex } = partition
      if (partitionIndex >= 0 && partitionIndex < count) wanted.push({ topic: name, partition })
      else answer(name, partitionIndex, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    }
  }
  const answerAll = (codeFor: (item: Wanted) => number): void => {
    for (const item of wanted) answer(item.topic, item.partition.partitionIndex, codeFor(item))
  }
  const maxSize = context.settings().offsetMetadataMaxSize
  const fits = ({ partition }: Wanted): boolean => (partition.committedMetadata?.length ?? 0) <= maxSize
  try {
    if (wanted.length > 0) {
      const shard = find()
      validate(context, shard, request, wanted)
      const producer = { producerId: Number(request.producerId), producerEpoch: request.producerEpoch }
      await shard.write(offsetRecords(context, request, wanted.filter(fits)), producer)
    }
    answerAll((item) => (fits(item) ? ErrorCode.NONE : ErrorCode.OFFSET_METADATA_TOO_LARGE))
  } catch (error) {
    const errorCode = codeOf(error)
    answerAll(() => errorCode)
  }
  return { topics: topics.list().map(({ name, partitions }) => ({ name, partitions })) }
}

/**
 * Unlike a plain commit, this one may come without a member while the group has some: before version 3 the request names none.
 *
 * @throws KafkaError when the member or its generation doesn't allow a commit
 */
function validate(
  context: GroupContext,
  shard: GroupShard,
  request: TxnOffsetCommitRequest,
  wanted: readonly Wanted[],
): void {
  const { groupId, memberId, groupInstanceId, generationId } = request
  const consumerGroup = shard.consumerGroups.get(groupId)
  const streamsGroup = shard.streamsGroups.get(groupId)
  if (consumerGroup !== undefined || streamsGroup !== undefined) {
    const sender = { memberId, groupInstanceId, memberEpoch: generationId, version: null }
    withoutMemberEpochs(() => {
      const check =
        consumerGroup === undefined
          ? validateStreamsCommit(streamsGroup!, sender)
          : validateConsumerCommit(consumerGroup, sender)
      for (const { topic, partition } of wanted)
        check(topic, context.topicId(topic) ?? ZERO_UUID, partition.partitionIndex)
    })
    return
  }
  let group = shard.groups.get(groupId)
  if (group === undefined) {
    if (generationId >= 0 || shard.modernGroups.has(groupId)) throw new KafkaError(ErrorCode.ILLEGAL_GENERATION)
    group = shard.getOrCreate(groupId)
  }
  if (generationId < 0 && group.state === 'Empty') return
  if (generationId < 0 && memberId === '' && groupInstanceId === null) return
  group.validateMember(memberId, groupInstanceId)
  if (generationId !== group.generationId) throw new KafkaError(ErrorCode.ILLEGAL_GENERATION)
}

/** Runs a check in the words of this request, which knows generations only. */
function withoutMemberEpochs(check: () => void): void {
  try {
    check()
  } catch (error) {
    const isStale = error instanceof KafkaError && error.code === ErrorCode.STALE_MEMBER_EPOCH
    throw isStale ? new KafkaError(ErrorCode.ILLEGAL_GENERATION) : error
  }
}

function offsetRecords(
  context: GroupContext,
  request: TxnOffsetCommitRequest,
  wanted: readonly Wanted[],
): OffsetRecord[] {
  const commitTimestampMs = context.clock.nowMs()
  return wanted.map(({ topic, partition }) => ({
    kind: 'offset',
    groupId: request.groupId,
    topic,
    partition: partition.partitionIndex,
    value: {
      offset: Number(partition.committedOffset),
      leaderEpoch: partition.committedLeaderEpoch,
      metadata: partition.committedMetadata ?? '',
      commitTimestampMs,
      expireTimestampMs: -1,
      topicId: context.topicId(topic) ?? ZERO_UUID,
    },
  }))
}
