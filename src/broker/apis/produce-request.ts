import type { ProduceRequest } from '../../protocol/generated/00-produce.ts'
import { BATCH_LENGTH, LOG_OVERHEAD, MAGIC } from '../../protocol/records/batch-header.ts'

type TopicData = ProduceRequest['topicData'][number]
type PartitionData = TopicData['partitionData'][number]

/** Size field of the smallest message there ever was, of magic 0. */
const MIN_SIZE = 14
const MAX_MAGIC = 2

/**
 * What is wrong with where batches begin and end, in Kafka's words, or undefined. A request with one such batch is refused as a whole;
 * a batch that merely ends too early is its partition's own matter.
 */
export function framingProblem({ topicData }: ProduceRequest): string | undefined {
  for (const { partitionData } of topicData) {
    for (const { records } of partitionData) {
      const problem = records && problemOf(records)
      if (problem) return problem
    }
  }
  return undefined
}

function problemOf(records: Buffer): string | undefined {
  for (let at = 0; at + LOG_OVERHEAD <= records.length; ) {
    const size = records.readInt32BE(at + BATCH_LENGTH)
    if (size < MIN_SIZE) return `Record size ${size} is less than the minimum record overhead (${MIN_SIZE})`
    if (at + MAGIC >= records.length) return undefined
    const magic = records.readInt8(at + MAGIC)
    if (magic < 0 || magic > MAX_MAGIC) return `Invalid magic found in record: ${magic}`
    at += LOG_OVERHEAD + size
  }
  return undefined
}

/**
 * The topics of a request, each once and with some partition, and each partition once: of one that is named again the later records count.
 * The same array when there is nothing to put together.
 */
export function distinctTopics({ topicData }: ProduceRequest, byId: boolean): TopicData[] {
  if (topicData.length === 1 && topicData[0]?.partitionData.length === 1) return topicData
  const topics = new Map<string, Map<number, PartitionData>>()
  const first = new Map<string, TopicData>()
  let isDistinct = true
  for (const topic of topicData) {
    const key = byId ? topic.topicId : topic.name
    const partitions = topics.get(key) ?? new Map<number, PartitionData>()
    if (topics.has(key) || topic.partitionData.length === 0) isDistinct = false
    if (topic.partitionData.length === 0) continue
    topics.set(key, partitions)
    if (!first.has(key)) first.set(key, topic)
    for (const data of topic.partitionData) {
      if (partitions.has(data.index)) isDistinct = false
      partitions.set(data.index, data)
    }
  }
  if (isDistinct) return topicData
  return [...first].map(([key, topic]) => ({ ...topic, partitionData: [...(topics.get(key)?.values() ?? [])] }))
}
