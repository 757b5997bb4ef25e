import { ZERO_UUID } from '../../../base/uuid.ts'
import type { Draft } from '../../../protocol/codec.ts'
import { ErrorCode, errorInfo, KafkaError } from '../../../protocol/errors.ts'
import type {
  DescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestGroup as DescribeRequest,
  DescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseGroup as DescribeResponse,
} from '../../../protocol/generated/90-describe-share-group-offsets.ts'
import type {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../../protocol/generated/91-alter-share-group-offsets.ts'
import type {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../../protocol/generated/92-delete-share-group-offsets.ts'
import type { GroupContext } from '../group-context.ts'
import { NO_STATE, subtract, type TopicState } from './share-group.ts'
import type { ShareProtocol } from './share-protocol.ts'
import { ShareRecordMaker } from './share-records.ts'
import { forEachPartition, initializingRecord, keysOf, withoutTopicsRecord } from './share-state-steps.ts'

type DescribedTopics = NonNullable<Draft<DescribeResponse>['topics']>

/** Where a share group is in each partition, and how much it has before it. */
export function describeOffsets(
  context: GroupContext,
  protocol: ShareProtocol,
  { groupId, topics }: DescribeRequest,
): Draft<DescribeResponse> {
  const { topics: names } = context.consumer
  const wanted =
    topics === null
      ? initializedTopics(context, protocol, groupId)
      : topics.map(({ topicName, partitions }) => ({ topicName, topicId: names.topicId(topicName), partitions }))
  return {
    groupId,
    topics: wanted.map(({ topicName, topicId, partitions }) => {
      if (topicId === undefined) {
        const unknown = partitions.map((partitionIndex) => ({ partitionIndex, startOffset: -1n }))
        return { topicName, topicId: ZERO_UUID, partitions: unknown }
      }
      const described = partitions.map((partition) =>
        describePartition(context, { groupId, topicId, partition }, topicName),
      )
      return { topicName, topicId, partitions: described }
    }),
  }
}

function initializedTopics({ consumer }: GroupContext, protocol: ShareProtocol, groupId: string) {
  let initialized = NO_STATE.initialized
  try {
    initialized = (protocol.group(groupId).state ?? NO_STATE).initialized
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
  }
  return [...initialized].flatMap(([topicId, { partitions }]) => {
    const topicName = consumer.topics.topicName(topicId)
    return topicName === undefined ? [] : [{ topicName, topicId, partitions: [...partitions].sort((a, b) => a - b) }]
  })
}

function describePartition(
  { share }: GroupContext,
  key: { groupId: string; topicId: string; partition: number },
  topic: string,
): NonNullable<DescribedTopics[number]['partitions']>[number] {
  const { partition: partitionIndex } = key
  try {
    const found = share.persister.summary(key)
    const { startOffset = -1, leaderEpoch = 0, deliveryCompleteCount = -1 } = found ?? {}
    const end = share.highWatermark(topic, partitionIndex)
    const hasLag = startOffset !== -1 && deliveryCompleteCount !== -1 && end !== undefined
    const lag = hasLag ? BigInt(end - startOffset - deliveryCompleteCount) : -1n
    return { partitionIndex, startOffset: BigInt(startOffset), leaderEpoch, lag }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    // Without its topic there is no state of any group. Kafka makes the topic to look into it.
    if (error.code === ErrorCode.NOT_COORDINATOR) return { partitionIndex, startOffset: -1n, leaderEpoch: 0, lag: -1n }
    return { partitionIndex, startOffset: -1n, leaderEpoch: 0, errorCode: error.code, errorMessage: error.message }
  }
}

/**
 * Sets where an empty group goes on; a group that isn't there comes to be.
 *
 * @throws KafkaError NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND for another kind of group
 */
export async function alterOffsets(
  context: GroupContext,
  protocol: ShareProtocol,
  { groupId, topics }: AlterShareGroupOffsetsRequest,
): Promise<Draft<AlterShareGroupOffsetsResponse>> {
  const { topics: names } = context.consumer
  const offsets = new Map<string, number>()
  const states = new Map<string, TopicState>()
  const failures = new Map<string, KafkaError>()
  const timestampMs = context.clock.nowMs()
  for (const { topicName: name, partitions } of topics) {
    const topicId = names.topicId(name)
    const count = topicId === undefined ? 0 : names.partitionCount(topicId)
    const known = partitions.filter(({ partitionIndex }) => partitionIndex >= 0 && partitionIndex < count)
    if (topicId === undefined || known.length === 0) continue
    states.set(topicId, { name, partitions: new Set(known.map(({ partitionIndex }) => partitionIndex)), timestampMs })
    for (const { partitionIndex, startOffset } of known)
      offsets.set(`${topicId}:${partitionIndex}`, Number(startOffset))
  }
  const stateEpoch = await protocol.steps.run(groupId, () => {
    const group = protocol.groupOrNew(groupId)
    if (group.members.size > 0) throw new KafkaError(ErrorCode.NON_EMPTY_GROUP)
    return { records: states.size === 0 ? [] : [initializingRecord(group, states)], result: group.groupEpoch }
  })
  const { persister } = context.share
  const failed = await forEachPartition(persister, keysOf(groupId, states), (key) =>
    persister.initialize(key, stateEpoch, offsets.get(`${key.topicId}:${key.partition}`)!),
  )
  for (const { key, error } of failed) failures.set(`${key.topicId}:${key.partition}`, error)
  const gone = new Map<string, Set<number>>()
  for (const { key } of failed) gone.set(key.topicId, (gone.get(key.topicId) ?? new Set()).add(key.partition))
  await protocol.markInitialized(groupId, subtract(states, gone), true)
  const responses = topics.map(({ topicName, partitions }) => {
    const topicId = names.topicId(topicName)
    const known = topicId === undefined ? undefined : states.get(topicId)?.partitions
    return {
      topicName,
      topicId: topicId ?? ZERO_UUID,
      partitions: partitions.map(({ partitionIndex }) => {
        const error = known?.has(partitionIndex)
          ? failures.get(`${topicId}:${partitionIndex}`)
          : new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        return { partitionIndex, errorCode: error?.code ?? ErrorCode.NONE, errorMessage: error?.message ?? null }
      }),
    }
  })
  return { errorCode: ErrorCode.NONE, errorMessage: null, responses }
}

/**
 * Forgets where an empty group was in topics.
 *
 * @throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP
 */
export async function deleteShareOffsets(
  context: GroupContext,
  protocol: ShareProtocol,
  { groupId, topics }: DeleteShareGroupOffsetsRequest,
): Promise<Draft<DeleteShareGroupOffsetsResponse>> {
  type Answer = NonNullable<Draft<DeleteShareGroupOffsetsResponse>['responses']>[number]
  const unknown = (topicName: string, message: string): Answer => {
    return { topicName, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: message }
  }
  const { topics: names } = context.consumer
  const found = await protocol.steps.run(groupId, () => {
    const group = protocol.group(groupId)
    if (group.members.size > 0) throw new KafkaError(ErrorCode.NON_EMPTY_GROUP)
    const responses: Answer[] = []
    const deleted = new Map<string, TopicState>()
    const { state } = group
    for (const { topicName } of state === undefined ? [] : topics) {
      const topicId = names.topicId(topicName)
      const known = topicId === undefined ? undefined : state?.initialized.get(topicId)
      if (topicId === undefined) {
        responses.push(unknown(topicName, errorInfo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION).message))
      } else if (known !== undefined) deleted.set(topicId, known)
      else if (state?.deleting.has(topicId)) {
        const count = names.partitionCount(topicId)
        const partitions = new Set(Array.from({ length: count }, (_, i) => i))
        deleted.set(topicId, { name: topicName, partitions, timestampMs: -1 })
      } else responses.push(unknown(topicName, 'There is no offset information to delete.'))
    }
    if (state === undefined || deleted.size === 0) return { records: [], result: { responses, deleted } }
    const initialized = new Map([...state.initialized].filter(([topicId]) => !deleted.has(topicId)))
    const deleting = new Map(state.deleting)
    for (const [topicId, { name }] of deleted) deleting.set(topicId, name)
    const record = new ShareRecordMaker(groupId).statePartitions({ ...state, initialized, deleting })
    return { records: [record], result: { responses, deleted } }
  })
  const { persister } = context.share
  const failed = await forEachPartition(persister, keysOf(groupId, found.deleted), (key) => persister.delete(key))
  const errors = new Map(failed.map(({ key, error }) => [key.topicId, error]))
  const done = new Set([...found.deleted.keys()].filter((topicId) => !errors.has(topicId)))
  await protocol.steps.run(groupId, () => {
    const record = withoutTopicsRecord(protocol.group(groupId), done)
    return { records: record === undefined ? [] : [record], result: undefined }
  })
  const deleted = [...found.deleted].map(([topicId, { name: topicName }]) => {
    const error = errors.get(topicId)
    return { topicName, topicId, errorCode: error?.code ?? ErrorCode.NONE, errorMessage: error?.message ?? null }
  })
  return { errorCode: ErrorCode.NONE, errorMessage: null, responses: [...deleted, ...found.responses] }
}
