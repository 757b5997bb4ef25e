import type { TopicPartition } from '../../client/types.ts'
import { javaSplit, NumberFormatError, parseJavaInt } from '../shared/java.ts'
import { includeList } from '../shared/topic-filter.ts'

/** Which topics are looked at, and which of their partitions. */
export interface PartitionFilter {
  isTopicAllowed(topic: string): boolean
  isPartitionAllowed(partition: TopicPartition): boolean
}

const rulePattern = /^([^:,]*)(?::(?:([0-9]*)|(?:([0-9]*)-([0-9]*))))?$/

const both = (topicRegex: string, isWanted: (partition: number) => boolean): PartitionFilter => {
  const include = includeList(topicRegex)
  return {
    isTopicAllowed: (topic) => include(topic, false),
    isPartitionAllowed: ({ topic, partition }) => include(topic, false) && isWanted(partition),
  }
}

const parseRule = (text: string): PartitionFilter => {
  const match = rulePattern.exec(text)
  if (match === null) throw new Error(`org.apache.kafka.tools.TerseException: Invalid rule specification: ${text}`)
  const [, topic, single, from, to] = match
  if (single) {
    const only = parseJavaInt(single)
    return both(topic || '.*', (partition) => partition === only)
  }
  const low = from ? parseJavaInt(from) : 0
  const high = to ? parseJavaInt(to) : 2147483647
  return both(topic || '.*', (partition) => partition >= low && partition < high)
}

/**
 * The filter of `--topic-partitions`: rules with commas, any of which may match.
 * @throws Error with Kafka's message for a malformed rule
 */
export const ruleFilter = (text: string): PartitionFilter => {
  const rules = javaSplit(text, ',').map(parseRule)
  return {
    isTopicAllowed: (topic) => rules.some((rule) => rule.isTopicAllowed(topic)),
    isPartitionAllowed: (partition) => rules.some((rule) => rule.isPartitionAllowed(partition)),
  }
}

/**
 * The filter of `--topic` and `--partitions`.
 * @throws Error with Kafka's message for a partition that is no number
 */
export const topicAndPartitionsFilter = (
  topic: string | undefined,
  partitions: string | undefined,
): PartitionFilter => {
  const include = topic ?? '.*'
  if (!partitions) return both(include, () => true)
  try {
    const wanted = new Set(javaSplit(partitions, ',').map(parseJavaInt))
    return both(include, (partition) => wanted.size === 0 || wanted.has(partition))
  } catch (error) {
    if (!(error instanceof NumberFormatError)) throw error
    throw new Error(
      `--partitions expects a comma separated list of numeric partition ids, but received: ${partitions}`,
      { cause: error },
    )
  }
}
