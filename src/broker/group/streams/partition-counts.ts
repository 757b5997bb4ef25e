import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import { StatusCode, TopicProblem } from './status.ts'
import { type StreamsTopology, type Subtopology, sourcesOf } from './topology.ts'

type CountOf = (topic: string) => number | undefined

/**
 * Decides how many partitions repartition and changelog topics are to have: a repartition topic as many as what is
 * written into it was read from, co-partitioned topics the same, a changelog as many as its subtopology has tasks.
 *
 * @param existing partitions of a topic; undefined when there is no such topic
 * @throws TopicProblem INCORRECTLY_PARTITIONED_TOPICS when topics to be joined have different counts
 * @throws KafkaError STREAMS_INVALID_TOPOLOGY when the topology leaves a count open
 */
export function decidePartitionCounts(topology: StreamsTopology, existing: CountOf): Map<string, number> {
  const subtopologies = [...topology.subtopologies.values()]
  const decided = repartitionCounts(subtopologies, existing)
  const countOf: CountOf = (topic) => existing(topic) ?? decided.get(topic)
  const repartitionTopics = subtopologies.flatMap(({ repartitionSourceTopics }) => repartitionSourceTopics)
  const fixed = new Set(repartitionTopics.filter(({ partitions }) => partitions !== 0).map(({ name }) => name))
  const flexible = new Set(repartitionTopics.filter(({ partitions }) => partitions === 0).map(({ name }) => name))
  for (const subtopology of subtopologies) {
    for (const group of copartitionGroups(subtopology)) {
      for (const [topic, count] of copartitioned(group, fixed, flexible, countOf)) decided.set(topic, count)
    }
  }
  for (const subtopology of subtopologies) {
    const sources = sourcesOf(subtopology)
    if (sources.length === 0) throw invalid(`No source topics found for subtopology ${subtopology.subtopologyId}`)
    const count = Math.max(...sources.map((topic) => known(topic, countOf)))
    for (const { name } of subtopology.stateChangelogTopics) decided.set(name, count)
  }
  return decided
}

function invalid(message: string): KafkaError {
  return new KafkaError(ErrorCode.STREAMS_INVALID_TOPOLOGY, message)
}

function known(topic: string, countOf: CountOf): number {
  const count = countOf(topic)
  if (count !== undefined) return count
  throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, `Number of partitions is not set for topic: ${topic}`)
}

function repartitionCounts(subtopologies: readonly Subtopology[], existing: CountOf): Map<string, number> {
  const counts = new Map<string, number>()
  const sources = subtopologies.flatMap(({ repartitionSourceTopics }) => repartitionSourceTopics)
  for (const { name, partitions } of sources) if (partitions !== 0) counts.set(name, partitions)
  // One repartition topic can depend on another: again, until no count is open.
  for (;;) {
    let isOpen = false
    let progress = false
    for (const subtopology of subtopologies) {
      for (const sink of subtopology.repartitionSinkTopics) {
        if (counts.has(sink)) continue
        const count = sinkCount(subtopology, counts, existing)
        if (count === undefined) isOpen = true
        else {
          counts.set(sink, count)
          progress = true
        }
      }
    }
    if (!isOpen) break
    if (!progress) {
      throw invalid(
        'Failed to compute number of partitions for all repartition topics. There may be loops in the topology that cannot be resolved.',
      )
    }
  }
  if (sources.some(({ name }) => !counts.has(name))) {
    throw invalid(
      'Failed to compute number of partitions for all repartition topics, because a repartition source topic is never used as a sink topic.',
    )
  }
  return counts
}

/** The most partitions that any source of the subtopology is known to have. */
function sinkCount(
  { repartitionSourceTopics, sourceTopics }: Subtopology,
  counts: ReadonlyMap<string, number>,
  existing: CountOf,
): number | undefined {
  const found = [...repartitionSourceTopics.map(({ name }) => counts.get(name)), ...sourceTopics.map(existing)]
  const sizes = found.filter((count) => count !== undefined)
  return sizes.length === 0 ? undefined : Math.max(...sizes)
}

function copartitionGroups(subtopology: Subtopology): Set<string>[] {
  return subtopology.copartitionGroups.map(
    ({ sourceTopics, repartitionSourceTopics }) =>
      new Set([
        ...sourceTopics.map((i) => topicAt(subtopology, subtopology.sourceTopics[i])),
        ...repartitionSourceTopics.map((i) => topicAt(subtopology, subtopology.repartitionSourceTopics[i]?.name)),
      ]),
  )
}

function topicAt({ subtopologyId }: Subtopology, topic: string | undefined): string {
  if (topic !== undefined) return topic
  const message = `A co-partition group of subtopology ${subtopologyId} names a topic that it doesn't have.`
  throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, message)
}

/** The count that the repartition topics of a co-partition group must have. */
function copartitioned(
  group: ReadonlySet<string>,
  fixed: ReadonlySet<string>,
  flexible: ReadonlySet<string>,
  countOf: CountOf,
): Map<string, number> {
  const repartition = new Map<string, number>()
  const others = new Map<string, number>()
  for (const topic of group) {
    const counts = fixed.has(topic) || flexible.has(topic) ? repartition : others
    counts.set(topic, known(topic, countOf))
  }
  if (group.size === 0) return repartition
  let count: number
  if (others.size > 0) count = sameCount(others, others.keys(), countOf)
  else if (fixed.size > 0) count = sameCount(repartition, fixed, countOf)
  else count = Math.max(...repartition.values())
  for (const [topic, own] of repartition) {
    if (!fixed.has(topic) || own === count) continue
    const message = `Number of partitions [${own}] of repartition topic [${topic}] doesn't match number of partitions [${count}] of the source topic.`
    throw new TopicProblem(StatusCode.INCORRECTLY_PARTITIONED_TOPICS, message)
  }
  return new Map([...repartition.keys()].map((topic) => [topic, count]))
}

function sameCount(shown: ReadonlyMap<string, number>, topics: Iterable<string>, countOf: CountOf): number {
  const counts = [...topics].map((topic) => known(topic, countOf))
  if (counts.every((count) => count === counts[0])) return counts[0]!
  const text = [...shown]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([topic, count]) => `${topic}=${count}`)
    .join(', ')
  throw new TopicProblem(
    StatusCode.INCORRECTLY_PARTITIONED_TOPICS,
    `Following topics do not have the same number of partitions: [{${text}}]`,
  )
}
