import type { Connection } from '../../net/connection.ts'
import { ErrorCode, KafkaError, throwIfError } from '../../protocol/errors.ts'
import {
  ShareGroupDescribeRequest,
  ShareGroupDescribeResponse,
} from '../../protocol/generated/77-share-group-describe.ts'
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../../protocol/generated/90-describe-share-group-offsets.ts'
import {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../protocol/generated/91-alter-share-group-offsets.ts'
import {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../protocol/generated/92-delete-share-group-offsets.ts'
import type { Cluster } from '../cluster.ts'
import { findCoordinators, forgetCoordinator, isCoordinatorLost, perCoordinator } from '../coordinator.ts'
import { byTopic } from '../leaders.ts'
import { failed, resultOf, withRetries, withRetriesPerKey } from '../retry.ts'
import type { ShareGroupDescription, SharePartitionOffset } from '../share-group-types.ts'
import { type Result, type TopicPartition, topicPartitionKey } from '../types.ts'

/** Describes share groups through their coordinators. */
export const describeShareGroups = (
  cluster: Cluster,
  groupIds: string[],
): Promise<Map<string, Result<ShareGroupDescription>>> =>
  withRetriesPerKey(cluster, 'describeShareGroups', [...new Set(groupIds)], (open) =>
    perCoordinator(cluster, 'group', open, async (nodeId, ids) => {
      const connection = await cluster.connectNode(nodeId)
      const message = { groupIds: ids, includeAuthorizedOperations: false }
      const answer = await connection.send(ShareGroupDescribeRequest, ShareGroupDescribeResponse, message)
      return new Map(
        answer.groups.map((group): [string, Result<ShareGroupDescription>] => {
          const description = (): ShareGroupDescription => ({
            groupId: group.groupId,
            state: group.groupState,
            coordinator: cluster.metadata.node(nodeId),
            groupEpoch: group.groupEpoch,
            assignmentEpoch: group.assignmentEpoch,
            members: group.members.map((member) => ({
              memberId: member.memberId,
              clientId: member.clientId,
              host: member.clientHost,
              memberEpoch: member.memberEpoch,
              assignment: member.assignment.topicPartitions.flatMap(({ topicName, partitions }) =>
                partitions.map((partition) => ({ topic: topicName, partition })),
              ),
            })),
          })
          return [group.groupId, resultOf(group.errorCode, group.errorMessage, description)]
        }),
      )
    }),
  )

/** Asks a group's coordinator, and again where it has moved to. */
const askCoordinator = <T>(
  cluster: Cluster,
  call: string,
  groupId: string,
  ask: (connection: Connection) => Promise<T>,
): Promise<T> =>
  withRetries(
    cluster,
    call,
    async () => {
      const found = (await findCoordinators(cluster, 'group', [groupId])).get(groupId)
      if (!found?.ok) throw found?.error ?? new KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
      try {
        return await ask(await cluster.connectNode(found.value))
      } catch (error) {
        if (isCoordinatorLost(error) || !(error instanceof KafkaError)) forgetCoordinator(cluster, 'group', groupId)
        throw error
      }
    },
    { alsoRetry: [ErrorCode.REBALANCE_IN_PROGRESS] },
  )

/** Where a share group's partitions start. Partitions with an error are left out, as Java's client does. */
export const listShareGroupOffsets = (
  cluster: Cluster,
  groupId: string,
): Promise<Map<TopicPartition, SharePartitionOffset | null>> =>
  askCoordinator(cluster, 'listShareGroupOffsets', groupId, async (connection) => {
    const answer = await connection.send(DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, {
      groups: [{ groupId, topics: null }],
    })
    const group = answer.groups.find((one) => one.groupId === groupId)
    throwIfError(group?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR, group?.errorMessage)
    return offsetsOf(group?.topics ?? [])
  })

/** Where many share groups start, one request per coordinator. Partitions with an error are left out. */
export const listShareGroupsOffsets = (
  cluster: Cluster,
  groupIds: string[],
): Promise<Map<string, Result<Map<string, SharePartitionOffset | null>>>> =>
  withRetriesPerKey(cluster, 'listShareGroupOffsets', [...new Set(groupIds)], (open) =>
    perCoordinator(cluster, 'group', open, async (nodeId, ids) => {
      const connection = await cluster.connectNode(nodeId)
      const message = { groups: ids.map((groupId) => ({ groupId, topics: null })) }
      const answer = await connection.send(DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, message)
      return new Map(
        answer.groups.map(({ groupId, errorCode, errorMessage, topics }) => {
          const named = () => new Map([...offsetsOf(topics)].map(([tp, offset]) => [topicPartitionKey(tp), offset]))
          return [groupId, resultOf(errorCode, errorMessage, named)] as const
        }),
      )
    }),
  )

type DescribedTopics = DescribeShareGroupOffsetsResponse['groups'][number]['topics']

const offsetsOf = (topics: DescribedTopics): Map<TopicPartition, SharePartitionOffset | null> => {
  const offsets = new Map<TopicPartition, SharePartitionOffset | null>()
  for (const { topicName, partitions } of topics) {
    for (const { partitionIndex, startOffset, leaderEpoch, lag, errorCode } of partitions) {
      if (errorCode !== ErrorCode.NONE) continue
      const offset = {
        startOffset: Number(startOffset),
        leaderEpoch: leaderEpoch < 0 ? null : leaderEpoch,
        lag: lag < 0n ? null : Number(lag),
      }
      offsets.set({ topic: topicName, partition: partitionIndex }, startOffset < 0n ? null : offset)
    }
  }
  return offsets
}

/** Moves the start of share partitions. */
export const alterShareGroupOffsets = async (
  cluster: Cluster,
  groupId: string,
  offsets: Map<TopicPartition, number>,
): Promise<Map<TopicPartition, Result<void>>> => {
  const topics = [...byTopic([...offsets.keys()])].map(([topicName, list]) => ({
    topicName,
    partitions: list.map((tp) => ({ partitionIndex: tp.partition, startOffset: BigInt(offsets.get(tp) ?? 0) })),
  }))
  const keys = new Map([...offsets.keys()].map((tp) => [topicPartitionKey(tp), tp]))
  try {
    return await askCoordinator(cluster, 'alterShareGroupOffsets', groupId, async (connection) => {
      const message = { groupId, topics }
      const answer = await connection.send(AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, message)
      throwIfError(answer.errorCode, answer.errorMessage)
      const results = new Map<TopicPartition, Result<void>>()
      for (const { topicName, partitions } of answer.responses) {
        for (const { partitionIndex, errorCode, errorMessage } of partitions) {
          const tp = keys.get(topicPartitionKey({ topic: topicName, partition: partitionIndex }))
          if (tp !== undefined)
            results.set(
              tp,
              resultOf<void>(errorCode, errorMessage, () => undefined),
            )
        }
      }
      return results
    })
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return new Map([...offsets.keys()].map((tp) => [tp, failed(error)]))
  }
}

/** Forgets what a share group knows of topics. */
export const deleteShareGroupOffsets = (
  cluster: Cluster,
  groupId: string,
  topics: string[],
): Promise<Map<string, Result<void>>> =>
  askCoordinator(cluster, 'deleteShareGroupOffsets', groupId, async (connection) => {
    const answer = await connection.send(DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, {
      groupId,
      topics: topics.map((topicName) => ({ topicName })),
    })
    throwIfError(answer.errorCode, answer.errorMessage)
    return new Map(
      answer.responses.map(({ topicName, errorCode, errorMessage }) => [
        topicName,
        resultOf<void>(errorCode, errorMessage, () => undefined),
      ]),
    )
  })
