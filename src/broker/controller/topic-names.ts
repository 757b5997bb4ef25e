import { ErrorCode, KafkaError } from '../../protocol/errors.ts'

const MAX_NAME_LENGTH = 249

/** Topics that Kafka itself writes. */
export const OFFSETS_TOPIC = '__consumer_offsets'
export const TRANSACTION_TOPIC = '__transaction_state'
export const SHARE_STATE_TOPIC = '__share_group_state'
const INTERNAL_TOPICS: ReadonlySet<string> = new Set([OFFSETS_TOPIC, TRANSACTION_TOPIC, SHARE_STATE_TOPIC])

export const isInternalTopic = (name: string): boolean => INTERNAL_TOPICS.has(name)

/** Why a name can't be a topic's, in Kafka's words; undefined when it can. */
export function topicNameProblem(name: string): string | undefined {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > MAX_NAME_LENGTH)
    return `the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  }
  return undefined
}

/** Throws INVALID_TOPIC_EXCEPTION for a name that can't be a topic's. */
export function checkTopicName(name: string): void {
  const problem = topicNameProblem(name)
  if (problem) throw new KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${problem}`)
}

/** The name as metrics see it: two topics that differ only in '.' and '_' collide. */
const metricName = (name: string): string => name.replaceAll('.', '_')

/** An existing topic whose metrics would collide with those of `name`. */
export function collidingTopic(name: string, existing: Iterable<string>): string | undefined {
  if (!/[._]/.test(name)) return undefined
  const wanted = metricName(name)
  for (const other of existing) if (other !== name && metricName(other) === wanted) return other
  return undefined
}
