import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/generated/08-offset-commit.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/generated/09-offset-fetch.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/generated/47-offset-delete.ts'
import type { Cluster } from '../cluster.ts'
import { perCoordinator } from '../coordinator.ts'
import { byTopic } from '../leaders.ts'
import { failed, ok, resultOf, withRetriesPerKey } from '../retry.ts'
import type { Admin, OffsetAndMetadata, Result, TopicPartition } from '../types.ts'
import { topicPartitionKey } from '../types.ts'

/** Several groups in one request from this version on (KIP-709). */
const MANY_GROUPS_SINCE = 8
/** Version 10 names topics by id (KIP-848), which would need their metadata first. */
const BY_NAME_CAP = 9

type GroupOffsets = Map<string, OffsetAndMetadata | null>

interface FetchedPartition {
  partitionIndex: number
  committedOffset: bigint
  committedLeaderEpoch: number
  metadata: string | null
  errorCode: number
}

/** What groups have committed: for all their partitions, or for the given ones. Absent commits are null. */
export async function listConsumerGroupOffsets(
  cluster: Cluster,
  groupIds: string[],
  partitions?: TopicPartition[],
): ReturnType<Admin['listConsumerGroupOffsets']> {
  const topics = partitions
    ? [...byTopic(partitions)].map(([name, tps]) => ({ name, partitionIndexes: tps.map((tp) => tp.partition) }))
    : null
  return withRetriesPerKey(cluster, 'listConsumerGroupOffsets', [...new Set(groupIds)], (open) =>
    perCoordinator(cluster, 'group', open, async (nodeId, groups) => {
      const connection = await cluster.connectNode(nodeId)
      const version = connection.versions.pick(OffsetFetchRequest, BY_NAME_CAP)
      if (version >= MANY_GROUPS_SINCE) {
        const message = { groups: groups.map((groupId) => ({ groupId, topics })), requireStable: false }
        const answer = await connection.send(OffsetFetchRequest, OffsetFetchResponse, message, { version })
        return new Map(answer.groups.map((g) => [g.groupId, groupOffsets(g.errorCode, g.topics)]))
      }
      const results = new Map<string, Result<GroupOffsets>>()
      for (const groupId of groups) {
        const answer = await connection.send(OffsetFetchRequest, OffsetFetchResponse, { groupId, topics }, { version })
        results.set(groupId, groupOffsets(answer.errorCode, answer.topics))
      }
      return results
    }),
  )
}

function groupOffsets(code: number, topics: { name: string; partitions: FetchedPartition[] }[]): Result<GroupOffsets> {
  if (code !== ErrorCode.NONE) return failed(new KafkaError(code))
  const offsets: GroupOffsets = new Map()
  for (const { name, partitions } of topics) {
    for (const p of partitions) {
      if (p.errorCode === ErrorCode.UNSTABLE_OFFSET_COMMIT) return failed(new KafkaError(p.errorCode))
      if (p.errorCode !== ErrorCode.NONE) continue
      offsets.set(topicPartitionKey({ topic: name, partition: p.partitionIndex }), committed(p))
    }
  }
  return ok(offsets)
}

function committed(p: FetchedPartition): OffsetAndMetadata | null {
  if (p.committedOffset < 0n) return null
  return {
    offset: Number(p.committedOffset),
    leaderEpoch: p.committedLeaderEpoch < 0 ? null : p.committedLeaderEpoch,
    metadata: p.metadata ?? '',
  }
}

/** Spreads a group's single Result over its partitions. */
function perPartition<V>(
  partitions: readonly TopicPartition[],
  results: Map<string, Result<Map<TopicPartition, Result<V>>>>,
  groupId: string,
): Map<TopicPartition, Result<V>> {
  const group = results.get(groupId)
  if (group?.ok) return group.value
  const result = failed(group?.error)
  return new Map(partitions.map((tp) => [tp, result]))
}

/** Sets a group's offsets, as a member of none of its generations: the group must be empty. */
export async function alterConsumerGroupOffsets(
  cluster: Cluster,
  groupId: string,
  offsets: Map<TopicPartition, OffsetAndMetadata>,
): Promise<Map<TopicPartition, Result<void>>> {
  return withRetriesPerKey(cluster, 'alterConsumerGroupOffsets', [...offsets.keys()], async (open) => {
    const results = await perCoordinator(cluster, 'group', [groupId], async (nodeId) => {
      const connection = await cluster.connectNode(nodeId)
      const version = connection.versions.pick(OffsetCommitRequest, BY_NAME_CAP)
      const topics = [...byTopic(open)].map(([name, tps]) => ({
        name,
        partitions: tps.map((tp) => committedPartition(tp.partition, offsets.get(tp), version)),
      }))
      const message = { groupId, generationIdOrMemberEpoch: -1, memberId: '', topics }
      const answer = await connection.send(OffsetCommitRequest, OffsetCommitResponse, message, { version })
      return new Map([[groupId, groupResult(open, answer.topics)]])
    })
    return perPartition(open, results, groupId)
  })
}

function committedPartition(partitionIndex: number, offset: OffsetAndMetadata | undefined, version: number) {
  return {
    partitionIndex,
    committedOffset: BigInt(offset?.offset ?? 0),
    committedMetadata: offset?.metadata ?? '',
    ...(version >= 6 ? { committedLeaderEpoch: offset?.leaderEpoch ?? -1 } : {}),
  }
}

/** Deletes what a group committed for partitions. An error of the whole group is each partition's. */
export async function deleteConsumerGroupOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: TopicPartition[],
): Promise<Map<TopicPartition, Result<void>>> {
  return withRetriesPerKey(cluster, 'deleteConsumerGroupOffsets', partitions, async (open) => {
    const results = await perCoordinator(cluster, 'group', [groupId], async (nodeId) => {
      const connection = await cluster.connectNode(nodeId)
      const topics = [...byTopic(open)].map(([name, tps]) => ({
        name,
        partitions: tps.map((tp) => ({ partitionIndex: tp.partition })),
      }))
      const answer = await connection.send(OffsetDeleteRequest, OffsetDeleteResponse, { groupId, topics })
      return new Map([[groupId, groupResult(open, answer.topics, answer.errorCode)]])
    })
    return perPartition(open, results, groupId)
  })
}

/** One group's Result out of its partitions' codes; a lost coordinator fails the group, so that it is looked up again. */
function groupResult(
  asked: TopicPartition[],
  topics: { name: string; partitions: { partitionIndex: number; errorCode: number }[] }[],
  groupCode: number = ErrorCode.NONE,
): Result<Map<TopicPartition, Result<void>>> {
  if (groupCode !== ErrorCode.NONE) return failed(new KafkaError(groupCode))
  const codes = new Map<string, number>()
  for (const { name, partitions } of topics) {
    for (const { partitionIndex, errorCode } of partitions) {
      codes.set(topicPartitionKey({ topic: name, partition: partitionIndex }), errorCode)
      if (errorCode === ErrorCode.NOT_COORDINATOR || errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE) {
        return failed(new KafkaError(errorCode))
      }
    }
  }
  const results = new Map<TopicPartition, Result<void>>()
  for (const tp of asked) {
    const code = codes.get(topicPartitionKey(tp))
    if (code !== undefined)
      results.set(
        tp,
        resultOf(code, null, () => undefined),
      )
  }
  return ok(results)
}
