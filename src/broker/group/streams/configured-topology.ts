import { javaHashOrder } from '../../../config/java-hash-order.ts'
import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type { StreamsGroupTopologyValueTopicInfo } from '../../../protocol/generated/data/streams-group-topology.ts'
import { decidePartitionCounts } from './partition-counts.ts'
import { StatusCode, TopicProblem } from './status.ts'
import { type StreamsTopology, type Subtopology, sourcesOf } from './topology.ts'

/** Names shown in a message before it says how many more there are. */
const MAX_NAMES = 3

/** A topic that a group has or is to have. */
export interface InternalTopic {
  readonly name: string
  readonly numPartitions: number
  /** 0 for the broker's default. */
  readonly replicationFactor: number
  readonly configs: ReadonlyMap<string, string>
}

/** A subtopology whose numbers of partitions and tasks are known. */
export interface ConfiguredSubtopology {
  readonly numberOfTasks: number
  readonly sourceTopics: ReadonlySet<string>
  readonly repartitionSourceTopics: readonly InternalTopic[]
  readonly repartitionSinkTopics: ReadonlySet<string>
  readonly stateChangelogTopics: readonly InternalTopic[]
}

/** A topology held against the topics there are. */
export interface ConfiguredTopology {
  readonly epoch: number
  /** By id, in order of the ids; null when the topics don't fit. */
  readonly subtopologies: ReadonlyMap<string, ConfiguredSubtopology> | null
  /** Internal topics that the broker has to make. */
  readonly missingTopics: readonly InternalTopic[]
  /** Why no tasks can be assigned; null when they can. */
  readonly problem: TopicProblem | null
}

/**
 * Decides the partitions of internal topics and how many tasks each subtopology has.
 *
 * @param countOf partitions of a topic; undefined when there is no such topic
 * @throws KafkaError STREAMS_INVALID_TOPOLOGY for a topology that can't work with any topics
 */
export function configureTopology(
  topology: StreamsTopology,
  countOf: (topic: string) => number | undefined,
): ConfiguredTopology {
  const { epoch } = topology
  try {
    checkSourceTopics(topology, countOf)
    const decided = decidePartitionCounts(topology, countOf)
    const known = (topic: string) => countOf(topic) ?? decided.get(topic)
    const ids = [...topology.subtopologies.keys()].sort()
    const subtopologies = new Map(
      ids.map((id) => [id, configured(topology.subtopologies.get(id)!, known, (topic) => decided.get(topic))]),
    )
    const missingTopics = missingInternalTopics(topology, subtopologies, countOf)
    const problem =
      missingTopics.length === 0
        ? null
        : new TopicProblem(
            StatusCode.MISSING_INTERNAL_TOPICS,
            `Internal topics are missing: ${summary(javaHashOrder(missingTopics.map(({ name }) => name)))}`,
          )
    return { epoch, subtopologies, missingTopics, problem }
  } catch (error) {
    if (error instanceof TopicProblem) return { epoch, subtopologies: null, missingTopics: [], problem: error }
    throw error
  }
}

function checkSourceTopics(topology: StreamsTopology, countOf: (topic: string) => number | undefined): void {
  const missing = new Set<string>()
  for (const { sourceTopics } of topology.subtopologies.values()) {
    for (const topic of sourceTopics) if (countOf(topic) === undefined) missing.add(topic)
  }
  if (missing.size === 0) return
  throw new TopicProblem(StatusCode.MISSING_SOURCE_TOPICS, `Source topics ${summary([...missing].sort())} are missing.`)
}

function configured(
  subtopology: Subtopology,
  countOf: (topic: string) => number | undefined,
  decided: (topic: string) => number | undefined,
): ConfiguredSubtopology {
  const counts = sourcesOf(subtopology).map((topic) => known(topic, countOf(topic)))
  return {
    numberOfTasks: Math.max(...counts),
    sourceTopics: new Set(subtopology.sourceTopics),
    repartitionSourceTopics: subtopology.repartitionSourceTopics.map((info) => internalTopic(info, decided)),
    repartitionSinkTopics: new Set(subtopology.repartitionSinkTopics),
    stateChangelogTopics: subtopology.stateChangelogTopics.map((info) => internalTopic(info, decided)),
  }
}

function known(topic: string, count: number | undefined): number {
  if (count !== undefined) return count
  throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, `Number of partitions must be set for topic ${topic}`)
}

function internalTopic(
  { name, partitions, replicationFactor, topicConfigs }: StreamsGroupTopologyValueTopicInfo,
  decided: (topic: string) => number | undefined,
): InternalTopic {
  const configs = new Map(topicConfigs.map(({ key, value }) => [key, value]))
  return { name, numPartitions: partitions === 0 ? known(name, decided(name)) : partitions, replicationFactor, configs }
}

/** Internal topics that aren't there. @throws TopicProblem when one that is there has other partitions than it must */
function missingInternalTopics(
  { requiredTopics }: StreamsTopology,
  subtopologies: ReadonlyMap<string, ConfiguredSubtopology>,
  countOf: (topic: string) => number | undefined,
): InternalTopic[] {
  const expected = new Map<string, InternalTopic>()
  for (const { repartitionSourceTopics, stateChangelogTopics } of subtopologies.values()) {
    for (const topic of [...repartitionSourceTopics, ...stateChangelogTopics]) expected.set(topic.name, topic)
  }
  for (const topic of requiredTopics) {
    const found = countOf(topic)
    const wanted = expected.get(topic)?.numPartitions
    if (found === undefined || wanted === undefined) continue
    expected.delete(topic)
    if (found !== wanted) {
      const message = `Existing topic ${topic} has different number of partitions: expected ${wanted}, found ${found}`
      throw new TopicProblem(StatusCode.INCORRECTLY_PARTITIONED_TOPICS, message)
    }
  }
  return [...expected.values()]
}

function summary(topics: readonly string[]): string {
  const shown = topics.slice(0, MAX_NAMES).join(', ')
  return topics.length > MAX_NAMES ? `${shown} and ${topics.length - MAX_NAMES} additional topics` : shown
}
