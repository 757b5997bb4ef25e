import type { Admin, TopicPartition } from '../../client/types.ts'
import { javaSplit, NumberFormatError, parseJavaInt } from '../shared/java.ts'
import { unwrap } from '../shared/results.ts'

/** An argument Kafka answers with its usage text. */
export class UsageArgumentError extends Error {
  override name = 'UsageArgumentError'
}

/**
 * `topic:0,1` → partitions.
 * @throws UsageArgumentError with Kafka's message
 */
export const parseTopicWithPartitions = (text: string): TopicPartition[] => {
  const parts = javaSplit(text, ':')
  if (parts.length !== 2)
    throw new UsageArgumentError(`Invalid topic arg '${text}', expected topic name and partitions`)
  const [topic, list] = parts as [string, string]
  return javaSplit(list, ',').map((number) => {
    try {
      return { topic, partition: parseJavaInt(number) }
    } catch (error) {
      if (!(error instanceof NumberFormatError)) throw error
      throw new UsageArgumentError(`Invalid partition '${number}' specified in topic arg '${text}''`)
    }
  })
}

/**
 * The partitions `--topic` arguments stand for, each a topic or topic:partitions.
 * @throws the cluster's error for a topic it doesn't have
 */
export const partitionsOf = async (admin: Admin, args: readonly string[]): Promise<TopicPartition[]> => {
  const named = args.filter((arg) => arg.includes(':')).flatMap(parseTopicWithPartitions)
  const topics = args.filter((arg) => !arg.includes(':'))
  if (topics.length === 0) return named
  const described = await admin.describeTopics(topics)
  return [
    ...named,
    ...topics.flatMap((topic) =>
      unwrap(described.get(topic)).partitions.map(({ partition }) => ({ topic, partition })),
    ),
  ]
}
