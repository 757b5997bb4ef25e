import { FetchRequest, FetchResponse } from '../../protocol/generated/01-fetch.ts'
import type { Cluster } from '../cluster.ts'
import type { ReplicaData, ReplicaPosition } from '../replica-types.ts'
import { topicPartitionKey } from '../types.ts'

/** Topics are named by id from this version on (KIP-516). */
const BY_ID_SINCE = 13
/** The replica's id moved into a struct of its own in this version (KIP-903). */
const STATE_SINCE = 15
/** What a debugging consumer calls itself: followers answer it too, and up to the end of their log. */
const DEBUGGING_CONSUMER = -2

/** Reads what one broker has of partitions, leader or not. What it doesn't answer for is left out. */
export const fetchReplicas = async (
  cluster: Cluster,
  broker: number,
  positions: readonly ReplicaPosition[],
  { maxBytes, maxWaitMs }: { maxBytes: number; maxWaitMs: number },
): Promise<Map<string, ReplicaData>> => {
  const connection = await cluster.connectNode(broker, 'fetch')
  const version = connection.versions.pick(FetchRequest)
  const byId = version >= BY_ID_SINCE
  const topics = new Map<string, ReplicaPosition[]>()
  for (const one of positions) topics.set(one.topic, [...(topics.get(one.topic) ?? []), one])
  const message = {
    ...(version >= STATE_SINCE
      ? { replicaState: { replicaId: DEBUGGING_CONSUMER, replicaEpoch: -1n } }
      : { replicaId: DEBUGGING_CONSUMER }),
    maxWaitMs,
    minBytes: 1,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [...topics].map(([topic, list]) => ({
      ...(byId ? { topicId: list[0]?.topicId ?? '' } : { topic }),
      partitions: list.map(({ partition, offset }) => ({
        partition,
        fetchOffset: BigInt(offset),
        partitionMaxBytes: maxBytes,
        ...(version >= 5 ? { logStartOffset: 0n } : {}),
      })),
    })),
  }
  const timeoutMs = cluster.settings.requestTimeoutMs + maxWaitMs
  const answer = await connection.send(FetchRequest, FetchResponse, message, { version, timeoutMs })
  const names = new Map(positions.map(({ topic, topicId }) => [topicId, topic]))
  const found = new Map<string, ReplicaData>()
  for (const { topic, topicId, partitions } of answer.responses) {
    for (const { partitionIndex, highWatermark, records } of partitions) {
      const key = topicPartitionKey({ topic: byId ? (names.get(topicId) ?? '') : topic, partition: partitionIndex })
      found.set(key, { highWatermark: Number(highWatermark), records: records ?? Buffer.alloc(0) })
    }
  }
  return found
}
