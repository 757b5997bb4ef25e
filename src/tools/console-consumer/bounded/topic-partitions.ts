import type { Admin, Result, TopicDescription, TopicPartition } from '../../../client/types.ts'
import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import { unwrap } from '../../shared/results.ts'

/** A read with an end can't wait for its topic. */
class NoTopicError extends Error {
  override name = 'NoTopicError'
  readonly nextStep = '`kt topics --list` shows the topics there are.'

  constructor(topic: string) {
    super(`There is no topic ${topic}, so there is nothing to read.`)
  }
}

const isMissing = (result: Result<TopicDescription> | undefined): boolean =>
  result?.ok === false &&
  result.error instanceof KafkaError &&
  result.error.code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

/**
 * All partitions of topics, sorted.
 * @throws NoTopicError, or the cluster's error for one of the topics
 */
export const topicPartitions = async (
  admin: Pick<Admin, 'describeTopics'>,
  names: readonly string[],
): Promise<TopicPartition[]> => {
  if (names.length === 0) return []
  const described = await admin.describeTopics([...names])
  return [...names].sort().flatMap((topic): TopicPartition[] => {
    const result = described.get(topic)
    if (isMissing(result)) throw new NoTopicError(topic)
    return unwrap(result).partitions.map(({ partition }) => ({ topic, partition }))
  })
}
