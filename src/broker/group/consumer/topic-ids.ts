import type { TopicDescriber } from './consumer-context.ts'

/** The ids of those topics that exist. */
export function topicIdsOf(topics: TopicDescriber, names: Iterable<string>): Set<string> {
  const ids = new Set<string>()
  for (const name of names) {
    const topicId = topics.topicId(name)
    if (topicId !== undefined) ids.add(topicId)
  }
  return ids
}
