import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/generated/08-offset-commit.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/generated/09-offset-fetch.ts'
import { listOffsets } from '../admin/offsets.ts'
import { changeGuard } from '../change-guard.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { findCoordinators, forgetCoordinator, isCoordinatorLost } from '../coordinator.ts'
import { byTopic } from '../leaders.ts'
import { withRetries } from '../retry.ts'
import { type OffsetAndMetadata, type OffsetSpec, type TopicPartition, topicPartitionKey } from '../types.ts'
import type { AssignedPartition } from './assignment.ts'
import type { ConsumerSettings } from './settings.ts'

/** Version 10 names topics by id, which has nothing for a consumer that knows their names. */
const BY_NAME_CAP = 9
const MANY_GROUPS_SINCE = 8
const STABLE_SINCE = 7

/** Who commits: the member as the coordinator knows it. Without a group membership -1 and ''. */
export interface CommitIdentity {
  generationIdOrMemberEpoch: number
  memberId: string
  groupInstanceId: string | null
}

/** A group, and who of it commits: what a transactional producer needs to commit for a consumer (KIP-447). */
export interface GroupMetadata extends CommitIdentity {
  groupId: string
}

/** Runs one request at a group's coordinator, looking it up again when it has moved. */
export async function atCoordinator<T>(
  cluster: Cluster,
  groupId: string,
  ask: (connection: Awaited<ReturnType<Cluster['connectNode']>>) => Promise<T>,
): Promise<T> {
  const found = (await findCoordinators(cluster, 'group', [groupId])).get(groupId)
  if (!found?.ok) throw found?.error ?? new KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
  try {
    return await ask(await cluster.connectNode(found.value, 'group'))
  } catch (error) {
    if (isCoordinatorLost(error) || error instanceof ClientError) forgetCoordinator(cluster, 'group', groupId)
    throw error
  }
}

/** What the group has committed for partitions; those without a commit are left out. */
export function fetchCommitted(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
  identity: CommitIdentity,
): Promise<Map<string, OffsetAndMetadata>> {
  const topics = [...byTopic(partitions)].map(([name, tps]) => ({
    name,
    partitionIndexes: tps.map((tp) => tp.partition),
  }))
  const attempt = (): Promise<Map<string, OffsetAndMetadata>> =>
    atCoordinator(cluster, groupId, async (connection) => {
      const version = connection.versions.pick(OffsetFetchRequest, BY_NAME_CAP)
      const { memberId, generationIdOrMemberEpoch: memberEpoch } = identity
      const member = version >= 9 && memberId !== '' && memberEpoch >= 0 ? { memberId, memberEpoch } : {}
      const message = {
        ...(version >= MANY_GROUPS_SINCE ? { groups: [{ groupId, topics, ...member }] } : { groupId, topics }),
        ...(version >= STABLE_SINCE ? { requireStable: true } : {}),
      }
      const answer = await connection.send(OffsetFetchRequest, OffsetFetchResponse, message, { version })
      const group = version >= MANY_GROUPS_SINCE ? answer.groups[0] : answer
      if (group === undefined || group.errorCode !== ErrorCode.NONE) {
        throw new KafkaError(group?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR)
      }
      const committed = new Map<string, OffsetAndMetadata>()
      for (const topic of group.topics) {
        for (const p of topic.partitions) {
          if (p.errorCode !== ErrorCode.NONE) throw new KafkaError(p.errorCode)
          if (p.committedOffset < 0n) continue
          committed.set(topicPartitionKey({ topic: topic.name, partition: p.partitionIndex }), {
            offset: Number(p.committedOffset),
            leaderEpoch: p.committedLeaderEpoch < 0 ? null : p.committedLeaderEpoch,
            metadata: p.metadata ?? '',
          })
        }
      }
      return committed
    })
  return withRetries(cluster, 'OffsetFetch', attempt, { alsoRetry: [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION] })
}

/**
 * Commits offsets once, without retries.
 *
 * @throws KafkaError with the first partition's error
 */
export async function commitOffsets(
  cluster: Cluster,
  groupId: string,
  offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
  identity: CommitIdentity,
): Promise<void> {
  await changeGuard()?.beforeChange('commitOffsets', groupId)
  return atCoordinator(cluster, groupId, async (connection) => {
    const version = connection.versions.pick(OffsetCommitRequest, BY_NAME_CAP)
    const topics = [...byTopic([...offsets.keys()])].map(([name, tps]) => ({
      name,
      partitions: tps.map((tp) => {
        const { offset = 0, leaderEpoch = null, metadata = '' } = offsets.get(tp) ?? {}
        return {
          partitionIndex: tp.partition,
          committedOffset: BigInt(offset),
          committedMetadata: metadata,
          ...(version >= 6 ? { committedLeaderEpoch: leaderEpoch ?? -1 } : {}),
        }
      }),
    }))
    const { groupInstanceId, ...member } = identity
    const message = { groupId, ...member, ...(version >= 7 ? { groupInstanceId } : {}), topics }
    const answer = await connection.send(OffsetCommitRequest, OffsetCommitResponse, message, { version })
    for (const topic of answer.topics) {
      for (const p of topic.partitions) if (p.errorCode !== ErrorCode.NONE) throw new KafkaError(p.errorCode)
    }
  })
}

/** Where a partition without a position starts by auto.offset.reset; null for 'none'. */
export function resetSpec({ autoOffsetReset }: ConsumerSettings): OffsetSpec | null {
  if (autoOffsetReset === 'none') return null
  return typeof autoOffsetReset === 'object' ? Date.now() - autoOffsetReset.durationMs : autoOffsetReset
}

/** Looks up the positions of partitions by their `reset`; one that can't be found yet stays without. */
export async function resetPositions(
  cluster: Cluster,
  settings: ConsumerSettings,
  partitions: readonly AssignedPartition[],
): Promise<void> {
  const readCommitted = settings.isolationLevel === 'read_committed'
  const look = async (specs: Map<TopicPartition, OffsetSpec>): Promise<AssignedPartition[]> => {
    const afterEnd: AssignedPartition[] = []
    for (const [tp, result] of await listOffsets(cluster, specs, { readCommitted })) {
      const partition = tp as AssignedPartition
      if (!result.ok) {
        if (result.error instanceof KafkaError && !result.error.retriable) throw result.error
      } else if (result.value.offset < 0) {
        afterEnd.push(partition)
      } else if (partition.position === null) {
        partition.seek(result.value.offset, result.value.leaderEpoch ?? -1)
      }
    }
    return afterEnd
  }
  // A time after the last record means the end of the log.
  const rest = await look(new Map(partitions.map((p): [TopicPartition, OffsetSpec] => [p, p.reset ?? 'latest'])))
  if (rest.length > 0) await look(new Map(rest.map((p): [TopicPartition, OffsetSpec] => [p, 'latest'])))
}
