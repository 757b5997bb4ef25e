import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type {
  OffsetCommitRequest,
  OffsetCommitRequestOffsetCommitRequestPartition,
  OffsetCommitResponse,
  OffsetCommitResponseOffsetCommitResponsePartition,
} from '../../protocol/generated/08-offset-commit.ts'
import type { ClassicGroup } from './classic-group.ts'
import { validateConsumerCommit } from './consumer/offset-validation.ts'
import type { GroupContext } from './group-context.ts'
import { codeOf } from './group-errors.ts'
import type { Rebalance } from './rebalance.ts'
import type { OffsetRecord } from './records.ts'
import { ResponseTopics } from './response-topics.ts'
import type { GroupShard } from './shard.ts'
import { validateStreamsCommit } from './streams/offset-validation.ts'

/** First version that says GROUP_ID_NOT_FOUND (KIP-848); older clients know ILLEGAL_GENERATION for it. */
const GROUP_NOT_FOUND_FROM = 9
/** First version that names topics by id. */
const TOPIC_ID_FROM = 10
const NO_RETENTION_TIME = -1n

type Partition = Draft<OffsetCommitResponseOffsetCommitResponsePartition>

interface Accepted {
  readonly name: string
  readonly topicId: string
  /** As the response has to name the topic. */
  readonly answerName: string
  readonly answerTopicId: string
  readonly partition: OffsetCommitRequestOffsetCommitRequestPartition
}

interface ActiveShard {
  readonly shard: GroupShard
  readonly rebalance: Rebalance
}

/**
 * Commits offsets of a group, or of a consumer without one (a "simple" group comes to be then). Unknown topics and
 * partitions fail by themselves; an error of the group fails all others.
 *
 * @param find the group's shard; may throw KafkaError
 */
export async function commitOffsets(
  context: GroupContext,
  find: () => ActiveShard,
  version: number,
  request: OffsetCommitRequest,
): Promise<Draft<OffsetCommitResponse>> {
  const topics = new ResponseTopics<Partition>()
  const accepted = acceptPartitions(context, version, request, topics)
  if (accepted.length === 0) return { topics: topics.list() }
  const answer = ({ answerName, answerTopicId, partition }: Accepted, errorCode: number) =>
    topics.add(answerName, answerTopicId, { partitionIndex: partition.partitionIndex, errorCode })
  try {
    const active = find()
    const maxSize = context.settings().offsetMetadataMaxSize
    const fits = accepted.filter(({ partition }) => (partition.committedMetadata?.length ?? 0) <= maxSize)
    validate(active, version, request, fits)
    await active.shard.write(offsetRecords(request, fits, context.clock.nowMs()))
    const written = new Set(fits)
    for (const item of accepted) {
      answer(item, written.has(item) ? ErrorCode.NONE : ErrorCode.OFFSET_METADATA_TOO_LARGE)
    }
  } catch (error) {
    const errorCode = codeOf(error)
    for (const item of accepted) answer(item, errorCode)
  }
  return { topics: topics.list() }
}

/** Sorts out partitions that don't exist: they are answered into `topics`. */
function acceptPartitions(
  context: GroupContext,
  version: number,
  request: OffsetCommitRequest,
  topics: ResponseTopics<Partition>,
): Accepted[] {
  const byId = version >= TOPIC_ID_FROM
  const accepted: Accepted[] = []
  for (const topic of request.topics) {
    const name = byId ? context.topicName(topic.topicId) : topic.name
    const topicId = byId ? topic.topicId : (context.topicId(topic.name) ?? ZERO_UUID)
    const answerName = byId ? '' : topic.name
    const answerTopicId = byId ? topic.topicId : ZERO_UUID
    const count = name === undefined ? 0 : context.partitionCountOf(name)
    for (const partition of topic.partitions) {
      const { partitionIndex } = partition
      if (name === undefined) {
        topics.add(answerName, answerTopicId, { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_ID })
      } else if (partitionIndex < 0 || partitionIndex >= count) {
        topics.add(answerName, answerTopicId, { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION })
      } else {
        accepted.push({ name, topicId, answerName, answerTopicId, partition })
      }
    }
  }
  return accepted
}

/** @throws KafkaError when the member may not commit, or not for one of the partitions */
function validate(active: ActiveShard, version: number, request: OffsetCommitRequest, fits: readonly Accepted[]): void {
  const { consumerGroups, streamsGroups } = active.shard
  const group = consumerGroups.get(request.groupId)
  const streams = streamsGroups.get(request.groupId)
  if (group === undefined && streams === undefined) {
    keepSession(active, validateCommit(active.shard, version, request), request.memberId)
    return
  }
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: memberEpoch } = request
  const sender = { memberId, groupInstanceId, memberEpoch, version }
  const check = group === undefined ? validateStreamsCommit(streams!, sender) : validateConsumerCommit(group, sender)
  for (const { name, topicId, partition } of fits) check(name, topicId, partition.partitionIndex)
}

/** @throws KafkaError when the member, its generation or the state doesn't allow a commit */
function validateCommit(shard: GroupShard, version: number, request: OffsetCommitRequest): ClassicGroup {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request
  let group = shard.groups.get(groupId)
  if (group === undefined) {
    const known = generationId < 0 && !shard.modernGroups.has(groupId)
    if (!known) {
      throw new KafkaError(
        version >= GROUP_NOT_FOUND_FROM ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION,
      )
    }
    group = shard.getOrCreate(groupId)
  }
  // Administrators and consumers with partitions of their own choice commit so.
  if (generationId < 0 && group.state === 'Empty') return group
  if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
    group.validateMember(memberId, groupInstanceId)
    if (generationId !== group.generationId) throw new KafkaError(ErrorCode.ILLEGAL_GENERATION)
  } else if (group.state !== 'Empty') {
    throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
  }
  // The member knows the new generation already, but the partitions it commits for may be another's in it.
  if (group.state === 'CompletingRebalance') throw new KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
  return group
}

/** A commit is a sign of life. */
function keepSession({ rebalance }: ActiveShard, group: ClassicGroup, memberId: string): void {
  if (group.state !== 'Stable' && group.state !== 'PreparingRebalance') return
  const member = group.members.get(memberId)
  if (member !== undefined) rebalance.restartSession(group, member)
}

function offsetRecords(request: OffsetCommitRequest, accepted: readonly Accepted[], nowMs: number): OffsetRecord[] {
  const { groupId, retentionTimeMs } = request
  const expireTimestampMs = retentionTimeMs === NO_RETENTION_TIME ? -1 : nowMs + Number(retentionTimeMs)
  return accepted.map(({ name, topicId, partition }) => ({
    kind: 'offset',
    groupId,
    topic: name,
    partition: partition.partitionIndex,
    value: {
      offset: Number(partition.committedOffset),
      leaderEpoch: partition.committedLeaderEpoch,
      metadata: partition.committedMetadata ?? '',
      commitTimestampMs: nowMs,
      expireTimestampMs,
      topicId,
    },
  }))
}
