import type { Cluster } from '../../../client/cluster.ts'
import { type TopicPartition, topicPartitionKey } from '../../../client/types.ts'
import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import { type BoundedConsumer, hasReached } from './consumer-source.ts'

/** How often it is asked for topics while nothing comes. */
const ASK_MS = 1000

/**
 * A read whose topic is deleted would wait for its end for ever.
 *
 * @param ends where partitions are read to; their topics are known to `cluster`
 * @returns what is to be called while nothing comes: throws once a topic of which something is left is gone, or another of its name
 *   has taken its place. A topic has to be missing twice, since a broker that has just started may not know it yet.
 */
export const deletionCheck = (
  consumer: BoundedConsumer,
  cluster: Pick<Cluster, 'metadata' | 'refresh'>,
  ends: ReadonlyMap<TopicPartition, number>,
): (() => Promise<void>) => {
  const idOf = (topic: string): string | undefined => cluster.metadata.topics.get(topic)?.topicId
  const ids = new Map([...ends.keys()].map(({ topic }) => [topic, idOf(topic)]))
  const read = new Set<string>()
  const missing = new Set<string>()
  let askedAtMs = performance.now()
  const unread = (): string[] => {
    for (const [tp, end] of ends) if (hasReached(consumer, tp, end)) read.add(topicPartitionKey(tp))
    return [...new Set([...ends.keys()].filter((tp) => !read.has(topicPartitionKey(tp))).map(({ topic }) => topic))]
  }
  const look = (topic: string): void => {
    const isMissing = cluster.metadata.topics.get(topic)?.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (!isMissing && idOf(topic) === ids.get(topic)) missing.delete(topic)
    else if (!isMissing || missing.has(topic)) {
      const text = `Topic ${topic} was deleted while it was read: what was left of it is gone.`
      throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, text)
    } else missing.add(topic)
  }
  return async () => {
    if (performance.now() - askedAtMs < ASK_MS) return
    askedAtMs = performance.now()
    const topics = unread()
    if (topics.length === 0) return
    // A cluster that can't be asked is no sign of anything; the consumer tells of it.
    const isKnown = await cluster.refresh(topics).then(
      () => true,
      () => false,
    )
    if (isKnown) for (const topic of topics) look(topic)
  }
}
