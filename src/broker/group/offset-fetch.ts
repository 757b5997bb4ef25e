import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  OffsetFetchResponseOffsetFetchResponseGroup,
  OffsetFetchResponseOffsetFetchResponsePartitions,
} from '../../protocol/generated/09-offset-fetch.ts'
import { validateConsumerFetch } from './consumer/offset-validation.ts'
import type { GroupContext } from './group-context.ts'
import { codeOf } from './group-errors.ts'
import type { CommittedOffset } from './offsets.ts'
import { ResponseTopics } from './response-topics.ts'
import type { GroupShard } from './shard.ts'
import { validateStreamsFetch } from './streams/offset-validation.ts'

type Partition = Draft<OffsetFetchResponseOffsetFetchResponsePartitions>

/** What is asked of one group. */
export interface OffsetFetchQuery {
  readonly groupId: string
  /** null: everything the group has committed. */
  readonly topics:
    | readonly { readonly name: string; readonly topicId: string; readonly partitionIndexes: readonly number[] }[]
    | null
  /** Who asks, for consumer groups (v9+); null and -1 for whoever doesn't say. */
  readonly memberId?: string | null
  readonly memberEpoch?: number
  /** Offsets of an open transaction make their partition UNSTABLE_OFFSET_COMMIT (KIP-447). */
  readonly requireStable: boolean
  /** Topics are named by id (version 10). */
  readonly byId: boolean
}

/**
 * The committed offsets of a group. A group or partition without any is no error: its offset is -1.
 *
 * @param find the group's shard; may throw KafkaError, which becomes the group's error
 */
export function fetchOffsets(
  context: GroupContext,
  find: (groupId: string) => GroupShard,
  query: OffsetFetchQuery,
): Draft<OffsetFetchResponseOffsetFetchResponseGroup> {
  const { groupId } = query
  try {
    const shard = find(groupId)
    const group = shard.consumerGroups.get(groupId)
    if (group !== undefined) validateConsumerFetch(group, query.memberId ?? null, query.memberEpoch ?? -1)
    const streams = shard.streamsGroups.get(groupId)
    if (streams !== undefined) validateStreamsFetch(streams, query.memberId ?? null, query.memberEpoch ?? -1)
    const topics =
      query.topics === null ? fetchAll(context, shard, query) : fetchSome(context, shard, query, query.topics)
    return { groupId, topics, errorCode: ErrorCode.NONE }
  } catch (error) {
    return { groupId, topics: [], errorCode: codeOf(error) }
  }
}

function fetchAll(context: GroupContext, shard: GroupShard, query: OffsetFetchQuery) {
  const topics = new ResponseTopics<Partition>()
  const positions = [...shard.offsets.positions(query.groupId)].sort((a, b) => a.partition - b.partition)
  for (const { topic, partition, value } of positions) {
    const topicId = query.byId ? context.topicId(topic) : ZERO_UUID
    // By id there is no way to name a topic that is gone.
    if (topicId === undefined) continue
    topics.add(query.byId ? '' : topic, topicId, answerFor(shard, query, topic, partition, value))
  }
  return topics.list()
}

function fetchSome(
  context: GroupContext,
  shard: GroupShard,
  query: OffsetFetchQuery,
  asked: NonNullable<OffsetFetchQuery['topics']>,
) {
  return asked.map((topic) => {
    const name = query.byId ? context.topicName(topic.topicId) : topic.name
    const partitions = topic.partitionIndexes.map((partitionIndex) => {
      if (name === undefined) return { ...NOTHING, partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_ID }
      const value = shard.offsets.get(query.groupId, name, partitionIndex)
      // An offset of a deleted topic of the same name is none of this topic's.
      const stale = query.byId && value !== undefined && value.topicId !== ZERO_UUID && value.topicId !== topic.topicId
      return answerFor(shard, query, name, partitionIndex, stale ? undefined : value)
    })
    return { name: topic.name, topicId: topic.topicId, partitions }
  })
}

const NOTHING = { committedOffset: -1n, committedLeaderEpoch: -1, metadata: '' }

function answerFor(
  shard: GroupShard,
  query: OffsetFetchQuery,
  topic: string,
  partitionIndex: number,
  value: CommittedOffset | undefined,
): Partition {
  if (query.requireStable && shard.offsets.hasPending(query.groupId, topic, partitionIndex)) {
    return { ...NOTHING, partitionIndex, errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT }
  }
  if (value === undefined) return { ...NOTHING, partitionIndex, errorCode: ErrorCode.NONE }
  const { offset, leaderEpoch: committedLeaderEpoch, metadata } = value
  return { partitionIndex, committedOffset: BigInt(offset), committedLeaderEpoch, metadata, errorCode: ErrorCode.NONE }
}
