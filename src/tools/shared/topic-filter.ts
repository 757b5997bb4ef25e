import { javaRegex } from '../../base/java-regex.ts'

const internalTopics = new Set(['__consumer_offsets', '__transaction_state', '__share_group_state'])

/** Kafka's Topic.isInternal. */
export const isInternalTopic = (name: string): boolean => internalTopics.has(name)

/**
 * Kafka's TopicFilter.IncludeList: the text of `--topic` as a regular expression over whole names, where a comma means "or".
 * @throws Error `<regex> is an invalid regex.`
 */
export const includeList = (rawRegex: string): ((topic: string, excludeInternal: boolean) => boolean) => {
  const text = rawRegex
    .trim()
    .replaceAll(',', '|')
    .replaceAll(' ', '')
    .replace(/^["']+/, '')
    .replace(/["']+$/, '')
  let regex: RegExp
  try {
    regex = javaRegex(text)
  } catch (error) {
    throw new Error(`${text} is an invalid regex.`, { cause: error })
  }
  return (topic, excludeInternal) => regex.test(topic) && !(excludeInternal && isInternalTopic(topic))
}
