import { ZERO_UUID } from '../../base/uuid.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/generated/47-offset-delete.ts'
import type { ClassicGroup } from './classic-group.ts'
import type { GroupContext } from './group-context.ts'
import { codeOf } from './group-errors.ts'
import type { WrittenRecord } from './records.ts'
import { ResponseTopics } from './response-topics.ts'
import type { GroupShard } from './shard.ts'

/** Tombstones in one batch: keeps it far below max.message.bytes. */
const MAX_RECORDS_PER_WRITE = 1000

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Every partition a group has an offset for: committed, of an open transaction, or on its way to the log. */
export function allPositions(shard: GroupShard, groupId: string): TopicPartition[] {
  const found = new Map<string, TopicPartition>()
  const add = ({ topic, partition }: TopicPartition) => found.set(`${topic}-${partition}`, { topic, partition })
  for (const position of shard.offsets.positions(groupId)) add(position)
  for (const position of shard.offsets.pendingPositions(groupId)) add(position)
  for (const record of shard.inFlightOffsets(groupId)) add(record)
  return [...found.values()]
}

/** The record that removes an offset. */
export function tombstone(groupId: string, { topic, partition }: TopicPartition): WrittenRecord {
  return { kind: 'offset', groupId, topic, partition, value: null }
}

/** Writes many records as several batches. */
export async function writeInParts(shard: GroupShard, records: readonly WrittenRecord[]): Promise<void> {
  const writes: Promise<void>[] = []
  for (let at = 0; at < records.length; at += MAX_RECORDS_PER_WRITE) {
    writes.push(shard.write(records.slice(at, at + MAX_RECORDS_PER_WRITE)))
  }
  await Promise.all(writes)
}

/**
 * Deletes a group with all its offsets.
 *
 * @throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP while it has members
 */
export async function deleteGroup(shard: GroupShard, groupId: string): Promise<void> {
  const group = shard.group(groupId)
  if (group.state !== 'Empty') throw new KafkaError(ErrorCode.NON_EMPTY_GROUP)
  await removeGroup(shard, group, allPositions(shard, groupId))
}

/** Writes the tombstones of a group and `positions`; the group is gone at once, and back if the write fails. */
async function removeGroup(
  shard: GroupShard,
  group: ClassicGroup,
  positions: readonly TopicPartition[],
): Promise<void> {
  const { groupId } = group
  const records = positions.map((position) => tombstone(groupId, position))
  group.cancelTimers()
  shard.groups.delete(groupId)
  try {
    await writeInParts(shard, [...records, { kind: 'group', groupId, value: null }])
  } catch (error) {
    if (!shard.closed && !shard.groups.has(groupId)) shard.groups.set(groupId, group)
    throw error
  }
}

/**
 * Deletes offsets of topics that no member of the group reads.
 *
 * @param find the group's shard; may throw KafkaError
 */
export async function deleteOffsets(
  context: GroupContext,
  find: () => GroupShard,
  request: OffsetDeleteRequest,
): Promise<Draft<OffsetDeleteResponse>> {
  const { groupId } = request
  try {
    const shard = find()
    const group = groupForOffsetDelete(shard, groupId)
    const existing = new Set(allPositions(shard, groupId).map(({ topic, partition }) => `${topic}-${partition}`))
    const topics = new ResponseTopics<{ partitionIndex: number; errorCode: number }>()
    const records: WrittenRecord[] = []
    for (const { name, partitions } of request.topics) {
      const count = context.partitionCountOf(name)
      for (const { partitionIndex: partition } of partitions) {
        let errorCode: number = ErrorCode.NONE
        if (partition < 0 || partition >= count) errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        else if (group.isSubscribedTo(name)) errorCode = ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
        else if (existing.has(`${name}-${partition}`)) records.push(tombstone(groupId, { topic: name, partition }))
        topics.add(name, ZERO_UUID, { partitionIndex: partition, errorCode })
      }
    }
    await writeInParts(shard, records)
    return { errorCode: ErrorCode.NONE, topics: topics.list() }
  } catch (error) {
    return { errorCode: codeOf(error), topics: [] }
  }
}

/** @throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP when its members may read any topic */
function groupForOffsetDelete(shard: GroupShard, groupId: string): { isSubscribedTo(topic: string): boolean } {
  const modern = shard.consumerGroups.get(groupId) ?? shard.streamsGroups.get(groupId)
  if (modern !== undefined) return modern
  const group = shard.group(groupId)
  if (group.state !== 'Empty' && !group.usesConsumerProtocol) throw new KafkaError(ErrorCode.NON_EMPTY_GROUP)
  return group
}

/** Drops the offsets of deleted topics; those of a topic made since under the same name stay. */
export async function deleteOffsetsOfTopics(
  shard: GroupShard,
  topics: readonly { readonly name: string; readonly topicId: string }[],
): Promise<void> {
  const idByName = new Map(topics.map(({ name, topicId }) => [name, topicId]))
  const writes: Promise<void>[] = []
  for (const groupId of [...shard.groups.keys(), ...shard.consumerGroups.keys(), ...shard.streamsGroups.keys()]) {
    const found = new Map<string, TopicPartition>()
    const check = (topic: string, partition: number, topicId: string) => {
      const deletedId = idByName.get(topic)
      if (deletedId === undefined || (topicId !== ZERO_UUID && topicId !== deletedId)) return
      found.set(`${topic}-${partition}`, { topic, partition })
    }
    for (const { topic, partition, value } of shard.offsets.positions(groupId)) check(topic, partition, value.topicId)
    for (const { topic, partition, value } of shard.inFlightOffsets(groupId)) {
      if (value !== null) check(topic, partition, value.topicId)
    }
    const records = [...found.values()].map((position) => tombstone(groupId, position))
    if (records.length > 0) writes.push(writeInParts(shard, records))
  }
  await Promise.all(writes)
}

/**
 * Drops offsets whose retention is over, and groups that have nothing left. Failed writes are logged; the next round
 * tries again.
 */
export async function expireOffsets(shard: GroupShard, nowMs: number): Promise<void> {
  const { logger } = shard.context
  const writes = [...shard.groups.values()].map((group) =>
    expireGroup(shard, group, nowMs).catch((error: unknown) => {
      logger.warn({ groupId: group.groupId, error }, 'could not remove expired offsets')
    }),
  )
  await Promise.all(writes)
}

async function expireGroup(shard: GroupShard, group: ClassicGroup, nowMs: number): Promise<void> {
  const { groupId } = group
  if (!shard.inFlightOffsets(groupId)[Symbol.iterator]().next().done) return
  const expired: TopicPartition[] = []
  let kept = 0
  for (const { topic, partition, value } of shard.offsets.positions(groupId)) {
    const sinceMs = retentionStartMs(group, topic, value.commitTimestampMs)
    const overMs =
      value.expireTimestampMs === -1 ? sinceMs + shard.context.settings().offsetsRetentionMs : value.expireTimestampMs
    const isOver = sinceMs !== NEVER_MS && nowMs >= overMs
    if (isOver && !shard.offsets.hasPending(groupId, topic, partition)) expired.push({ topic, partition })
    else kept++
  }
  const isUnused = group.state === 'Empty' && group.pendingMembers.size === 0
  if (kept === 0 && isUnused && !shard.offsets.hasOpenTransactions(groupId)) {
    await removeGroup(shard, group, expired)
    shard.context.logger.info({ groupId, offsets: expired.length }, 'group removed: nothing of it is left')
  } else if (expired.length > 0) {
    await writeInParts(
      shard,
      expired.map((position) => tombstone(groupId, position)),
    )
    shard.context.logger.info({ groupId, offsets: expired.length }, 'expired offsets removed')
  }
}

const NEVER_MS = Number.POSITIVE_INFINITY

/** When the retention of an offset began (KIP-496, KIP-211); NEVER_MS while it isn't running. */
function retentionStartMs(group: ClassicGroup, topic: string, commitTimestampMs: number): number {
  if (group.isSubscribedTo(topic) && group.state !== 'Empty') return NEVER_MS
  if (group.protocolType === null) return commitTimestampMs
  if (group.state === 'Empty') return group.stateTimestampMs === -1 ? commitTimestampMs : group.stateTimestampMs
  if (group.usesConsumerProtocol && group.knowsSubscription && group.state === 'Stable') return commitTimestampMs
  return NEVER_MS
}
