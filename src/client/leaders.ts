import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import type { Cluster } from './cluster.ts'
import { failed } from './retry.ts'
import type { Result, TopicPartition } from './types.ts'

/**
 * Runs `ask` once per broker with the partitions it leads and gathers the Results. A partition without a leader, or whose broker
 * can't be reached, has a failed Result, and its topic's metadata is asked for again next time.
 */
export async function perLeader<V, K extends TopicPartition>(
  cluster: Cluster,
  partitions: readonly K[],
  ask: (nodeId: number, partitions: K[]) => Promise<Map<K, Result<V>>>,
): Promise<Map<K, Result<V>>> {
  const topics = await cluster.topics([...new Set(partitions.map(({ topic }) => topic))])
  const results = new Map<K, Result<V>>()
  const byNode = new Map<number, K[]>()
  for (const tp of partitions) {
    const topic = topics.get(tp.topic)
    const partition = topic?.partitions[tp.partition]
    const code = topic?.errorCode || (partition ? 0 : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    if (code !== ErrorCode.NONE || partition === undefined) {
      results.set(tp, failed(new KafkaError(code)))
    } else if (partition.leaderId < 0) {
      results.set(tp, failed(new KafkaError(partition.errorCode || ErrorCode.LEADER_NOT_AVAILABLE)))
    } else {
      byNode.set(partition.leaderId, [...(byNode.get(partition.leaderId) ?? []), tp])
    }
  }
  await Promise.all(
    [...byNode].map(async ([nodeId, owned]) => {
      const answers = await ask(nodeId, owned).catch((error: unknown) => {
        return new Map(owned.map((tp) => [tp, failed(error) as Result<V>]))
      })
      for (const [tp, answer] of answers) results.set(tp, answer)
    }),
  )
  for (const [tp, result] of results) {
    if (result.ok) continue
    if (!(result.error instanceof KafkaError) || result.error.retriable) cluster.invalidate(tp.topic)
  }
  return results
}

/** Groups partitions by topic, keeping the order. */
export function byTopic(partitions: readonly TopicPartition[]): Map<string, TopicPartition[]> {
  const topics = new Map<string, TopicPartition[]>()
  for (const tp of partitions) {
    const list = topics.get(tp.topic)
    if (list) list.push(tp)
    else topics.set(tp.topic, [tp])
  }
  return topics
}
