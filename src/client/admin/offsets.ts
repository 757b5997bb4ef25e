import { ListOffsetsRequest, ListOffsetsResponse } from '../../protocol/generated/02-list-offsets.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../protocol/generated/21-delete-records.ts'
import type { Cluster } from '../cluster.ts'
import { byTopic, perLeader } from '../leaders.ts'
import { resultOf, withRetriesPerKey } from '../retry.ts'
import type { Admin, ListedOffset, OffsetSpec, Result, TopicPartition } from '../types.ts'
import { topicPartitionKey } from '../types.ts'

/** The timestamps that stand for a place in the log, and the request version that knows them. */
const SPECS: Record<Exclude<OffsetSpec, number>, { timestamp: number; since: number }> = {
  latest: { timestamp: -1, since: 1 },
  earliest: { timestamp: -2, since: 1 },
  'max-timestamp': { timestamp: -3, since: 7 },
  'earliest-local': { timestamp: -4, since: 8 },
  'latest-tiered': { timestamp: -5, since: 9 },
  'earliest-pending-upload': { timestamp: -6, since: 11 },
}

const specOf = (spec: OffsetSpec): { timestamp: number; since: number } =>
  typeof spec === 'number' ? { timestamp: spec, since: 1 } : SPECS[spec]

/** The offset at a place or time of each partition's log, from its leader. */
export async function listOffsets(
  cluster: Cluster,
  specs: Map<TopicPartition, OffsetSpec>,
  options: Parameters<Admin['listOffsets']>[1] = {},
): Promise<Map<TopicPartition, Result<ListedOffset>>> {
  const since = Math.max(1, ...[...specs.values()].map((spec) => specOf(spec).since), options.readCommitted ? 2 : 1)
  const ask = async (nodeId: number, open: TopicPartition[]): Promise<Map<TopicPartition, Result<ListedOffset>>> => {
    const connection = await cluster.connectNode(nodeId)
    const version = connection.versions.pick({ ...ListOffsetsRequest, minVersion: since })
    const topics = [...byTopic(open)].map(([name, partitions]) => ({
      name,
      partitions: partitions.map((tp) => ({
        partitionIndex: tp.partition,
        timestamp: BigInt(specOf(specs.get(tp) ?? 'latest').timestamp),
      })),
    }))
    const message = {
      replicaId: -1,
      topics,
      ...(version >= 2 ? { isolationLevel: options.readCommitted ? 1 : 0 } : {}),
      ...(version >= 10 ? { timeoutMs: cluster.settings.requestTimeoutMs } : {}),
    }
    const answer = await connection.send(ListOffsetsRequest, ListOffsetsResponse, message, { version })
    return match(open, answer.topics, (p) =>
      resultOf(p.errorCode, null, () => ({
        offset: Number(p.offset),
        timestamp: Number(p.timestamp),
        leaderEpoch: p.leaderEpoch < 0 ? null : p.leaderEpoch,
      })),
    )
  }
  return withRetriesPerKey(cluster, 'listOffsets', [...specs.keys()], (open) => perLeader(cluster, open, ask))
}

/** Moves the log start offset of partitions forward; -1 means up to the high watermark. */
export async function deleteRecords(
  cluster: Cluster,
  beforeOffsets: Map<TopicPartition, number>,
): Promise<Map<TopicPartition, Result<{ lowWatermark: number }>>> {
  type Deleted = Result<{ lowWatermark: number }>
  const ask = async (nodeId: number, open: TopicPartition[]): Promise<Map<TopicPartition, Deleted>> => {
    const connection = await cluster.connectNode(nodeId)
    const topics = [...byTopic(open)].map(([name, partitions]) => ({
      name,
      partitions: partitions.map((tp) => ({
        partitionIndex: tp.partition,
        offset: BigInt(beforeOffsets.get(tp) ?? 0),
      })),
    }))
    const message = { topics, timeoutMs: cluster.settings.requestTimeoutMs }
    const answer = await connection.send(DeleteRecordsRequest, DeleteRecordsResponse, message)
    return match(
      open,
      answer.topics,
      (p): Deleted => resultOf(p.errorCode, null, () => ({ lowWatermark: Number(p.lowWatermark) })),
    )
  }
  return withRetriesPerKey(cluster, 'deleteRecords', [...beforeOffsets.keys()], (open) => perLeader(cluster, open, ask))
}

/** Puts the partitions of an answer to the keys that asked for them. */
function match<P extends { partitionIndex: number }, V>(
  asked: TopicPartition[],
  topics: { name: string; partitions: P[] }[],
  result: (partition: P) => Result<V>,
): Map<TopicPartition, Result<V>> {
  const keys = new Map(asked.map((tp) => [topicPartitionKey(tp), tp]))
  const results = new Map<TopicPartition, Result<V>>()
  for (const { name, partitions } of topics) {
    for (const partition of partitions) {
      const key = keys.get(topicPartitionKey({ topic: name, partition: partition.partitionIndex }))
      if (key) results.set(key, result(partition))
    }
  }
  return results
}
