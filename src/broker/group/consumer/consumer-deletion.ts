import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import { allPositions, type TopicPartition, tombstone, writeInParts } from '../deletion.ts'
import type { GroupShard } from '../shard.ts'
import type { ConsumerProtocol } from './consumer-protocol.ts'
import { groupTombstones } from './fence.ts'

/**
 * Deletes a consumer group with all its offsets.
 *
 * @throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP while it has members
 */
export async function deleteConsumerGroup(
  shard: GroupShard,
  protocol: ConsumerProtocol,
  groupId: string,
): Promise<void> {
  await removeGroup(shard, protocol, groupId, () => allPositions(shard, groupId))
}

/** The offsets' tombstones come first, so that no offset is left behind of a group that is gone. */
function removeGroup(
  shard: GroupShard,
  protocol: ConsumerProtocol,
  groupId: string,
  positions: () => readonly TopicPartition[],
): Promise<void> {
  let offsets: Promise<void> = Promise.resolve()
  const removed = protocol.steps.run(groupId, () => {
    const group = protocol.group(groupId)
    if (group.members.size > 0) throw new KafkaError(ErrorCode.NON_EMPTY_GROUP)
    offsets = writeInParts(
      shard,
      positions().map((position) => tombstone(groupId, position)),
    )
    return { records: groupTombstones(group), result: undefined }
  })
  return removed.then(() => offsets)
}

/** Drops the expired offsets of all consumer groups, and groups that have nothing left. */
export async function expireConsumerGroups(
  shard: GroupShard,
  protocol: ConsumerProtocol,
  nowMs: number,
): Promise<void> {
  const { logger } = shard.context
  const writes = [...shard.consumerGroups.keys()].map((groupId) =>
    expireGroup(shard, protocol, groupId, nowMs).catch((error: unknown) => {
      logger.warn({ groupId, error }, 'could not remove expired offsets')
    }),
  )
  await Promise.all(writes)
}

/** The retention of an offset runs from its commit, while no member reads the topic (KIP-496). */
async function expireGroup(
  shard: GroupShard,
  protocol: ConsumerProtocol,
  groupId: string,
  nowMs: number,
): Promise<void> {
  const group = protocol.group(groupId)
  if (!shard.inFlightOffsets(groupId)[Symbol.iterator]().next().done) return
  const { offsetsRetentionMs } = shard.context.settings()
  const expired: TopicPartition[] = []
  let kept = 0
  for (const { topic, partition, value } of shard.offsets.positions(groupId)) {
    const { commitTimestampMs, expireTimestampMs } = value
    const overMs = expireTimestampMs === -1 ? commitTimestampMs + offsetsRetentionMs : expireTimestampMs
    const isOver = nowMs >= overMs && !group.isSubscribedTo(topic)
    if (isOver && !shard.offsets.hasPending(groupId, topic, partition)) expired.push({ topic, partition })
    else kept++
  }
  if (kept === 0 && group.members.size === 0 && !shard.offsets.hasOpenTransactions(groupId)) {
    await removeGroup(shard, protocol, groupId, () => expired)
    shard.context.logger.info({ groupId, offsets: expired.length }, 'group removed: nothing of it is left')
  } else if (expired.length > 0) {
    await writeInParts(
      shard,
      expired.map((position) => tombstone(groupId, position)),
    )
    shard.context.logger.info({ groupId, offsets: expired.length }, 'expired offsets removed')
  }
}
