import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { backoffMs, pause } from '../backoff.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import type { TopicMetadata } from '../metadata.ts'

/**
 * Waits until a topic has partitions, asking the broker to create it where it does that by itself (auto.create.topics.enable).
 *
 * @throws ClientError 'timeout' with Java's text after `timeoutMs`; KafkaError at once for an error that waiting can't cure
 */
export async function waitForTopic(cluster: Cluster, topic: string, timeoutMs: number): Promise<TopicMetadata> {
  const deadlineMs = performance.now() + timeoutMs
  const { retryBackoffMs, retryBackoffMaxMs } = cluster.settings
  let last: Error | null = null
  for (let attempts = 0; ; attempts++) {
    try {
      const found = (await cluster.topics([topic], { allowAutoTopicCreation: true })).get(topic)
      if (found && found.errorCode === ErrorCode.NONE && found.partitions.length > 0) return found
      last = new KafkaError(found?.errorCode || ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      if (last instanceof KafkaError && !last.retriable) throw last
      if (attempts === 0) cluster.settings.warn(`Topic ${topic} has no metadata yet: ${last.name}. Trying on.`)
    } catch (error) {
      if (!(error instanceof ClientError) || !error.retriable) throw error
      cluster.noteRetriable(error)
      last = error
    }
    const remainingMs = deadlineMs - performance.now()
    const delayMs = backoffMs(attempts, retryBackoffMs, retryBackoffMaxMs)
    if (remainingMs <= delayMs) {
      await pause(Math.max(0, remainingMs))
      throw new ClientError('timeout', `Topic ${topic} not present in metadata after ${timeoutMs} ms.`, {
        detail: last.message,
        nextStep:
          last instanceof ClientError && last.nextStep
            ? last.nextStep
            : "Create the topic first (kt topics --create), or see whether the broker's auto.create.topics.enable is on.",
        retriable: false,
        cause: last,
      })
    }
    await pause(delayMs, cluster.closeSignal)
  }
}
