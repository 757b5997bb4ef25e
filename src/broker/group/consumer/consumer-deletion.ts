import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import { allPositions, type TopicPartition, tombstone, writeInParts } from '../deletion.ts'
import type { WrittenRecord } from '../records.ts'
import type { GroupShard } from '../shard.ts'
import type { GroupSteps } from './group-steps.ts'

/** What deletion needs of the groups of a kind that keeps its state in records of its own. */
export interface ModernKind {
  readonly steps: GroupSteps
  groupIds(): Iterable<string>
  /** @throws KafkaError GROUP_ID_NOT_FOUND */
  group(groupId: string): { readonly members: ReadonlyMap<string, unknown>; isSubscribedTo(topic: string): boolean }
  /** The tombstones of all its records. */
  tombstones(groupId: string): readonly WrittenRecord[]
}

/**
 * Deletes a consumer or streams group with all its offsets.
 *
 * @throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP while it has members
 */
export async function deleteModernGroup(shard: GroupShard, kind: ModernKind, groupId: string): Promise<void> {
  await removeGroup(shard, kind, groupId, () => allPositions(shard, groupId))
}

/** The offsets' tombstones come first, so that no offset is left behind of a group that is gone. */
function removeGroup(
  shard: GroupShard,
  kind: ModernKind,
  groupId: string,
  positions: () => readonly TopicPartition[],
): Promise<void> {
  let offsets: Promise<void> = Promise.resolve()
  const removed = kind.steps.run(groupId, () => {
    const group = kind.group(groupId)
    if (group.members.size > 0) throw new KafkaError(ErrorCode.NON_EMPTY_GROUP)
    offsets = writeInParts(
      shard,
      positions().map((position) => tombstone(groupId, position)),
    )
    return { records: kind.tombstones(groupId), result: undefined }
  })
  return removed.then(() => offsets)
}

/** Drops the expired offsets of all groups of a kind, and groups that have nothing left. */
export async function expireModernGroups(shard: GroupShard, kind: ModernKind, nowMs: number): Promise<void> {
  const { logger } = shard.context
  const writes = [...kind.groupIds()].map((groupId) =>
    expireGroup(shard, kind, groupId, nowMs).catch((error: unknown) => {
      logger.warn({ groupId, error }, 'could not remove expired offsets')
    }),
  )
  await Promise.all(writes)
}

/** The retention of an offset runs from its commit, while no member reads the topic (KIP-496). */
async function expireGroup(shard: GroupShard, kind: ModernKind, groupId: string, nowMs: number): Promise<void> {
  const group = kind.group(groupId)
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
    await removeGroup(shard, kind, groupId, () => expired)
    shard.context.logger.info({ groupId, offsets: expired.length }, 'group removed: nothing of it is left')
  } else if (expired.length > 0) {
    await writeInParts(
      shard,
      expired.map((position) => tombstone(groupId, position)),
    )
    shard.context.logger.info({ groupId, offsets: expired.length }, 'expired offsets removed')
  }
}
