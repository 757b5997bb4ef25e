import { encode } from '../../../protocol/codec.ts'
import type {
  StreamsGroupHeartbeatRequestTopicInfo,
  StreamsGroupHeartbeatRequestTopology,
} from '../../../protocol/generated/88-streams-group-heartbeat.ts'
import {
  StreamsGroupTopologyValue,
  type StreamsGroupTopologyValueSubtopology,
  type StreamsGroupTopologyValueTopicInfo,
} from '../../../protocol/generated/data/streams-group-topology.ts'

export type Subtopology = StreamsGroupTopologyValueSubtopology

/** A topology as its members brought it: which topics each part of the application reads and writes. */
export class StreamsTopology {
  readonly epoch: number
  readonly subtopologies: ReadonlyMap<string, Subtopology>
  /** Source, repartition and changelog topics. */
  readonly requiredTopics: ReadonlySet<string>
  readonly #bySourceTopic = new Map<string, Subtopology>()

  constructor({ epoch, subtopologies }: StreamsGroupTopologyValue) {
    this.epoch = epoch
    this.subtopologies = new Map(subtopologies.map((each) => [each.subtopologyId, each]))
    const required = new Set<string>()
    for (const subtopology of subtopologies) {
      for (const name of sourcesOf(subtopology)) {
        required.add(name)
        this.#bySourceTopic.set(name, subtopology)
      }
      for (const { name } of subtopology.stateChangelogTopics) required.add(name)
    }
    this.requiredTopics = required
  }

  /** The part that reads a topic. */
  reader(topic: string): Subtopology | undefined {
    return this.#bySourceTopic.get(topic)
  }

  /** True when both are the same in epoch and subtopologies, whatever the order of these. */
  equals(other: StreamsTopology): boolean {
    return this.#canonical().equals(other.#canonical())
  }

  #canonical(): Buffer {
    const subtopologies = [...this.subtopologies.values()].sort((a, b) => (a.subtopologyId < b.subtopologyId ? -1 : 1))
    return encode(StreamsGroupTopologyValue, { epoch: this.epoch, subtopologies }, 0)
  }
}

/** The topics a subtopology reads: those of its users, and repartition topics. */
export function sourcesOf({ sourceTopics, repartitionSourceTopics }: Subtopology): string[] {
  return [...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)]
}

/** A heartbeat's topology as the group's record holds it. */
export function topologyValue(topology: StreamsGroupHeartbeatRequestTopology): StreamsGroupTopologyValue {
  return {
    epoch: topology.epoch,
    subtopologies: topology.subtopologies.map((each) => ({
      subtopologyId: each.subtopologyId,
      sourceTopics: each.sourceTopics,
      sourceTopicRegex: each.sourceTopicRegex,
      stateChangelogTopics: each.stateChangelogTopics.map(topicInfo),
      repartitionSinkTopics: each.repartitionSinkTopics,
      repartitionSourceTopics: each.repartitionSourceTopics.map(topicInfo),
      copartitionGroups: each.copartitionGroups.map((group) => ({
        sourceTopics: group.sourceTopics,
        sourceTopicRegex: group.sourceTopicRegex,
        repartitionSourceTopics: group.repartitionSourceTopics,
      })),
    })),
  }
}

function topicInfo(info: StreamsGroupHeartbeatRequestTopicInfo): StreamsGroupTopologyValueTopicInfo {
  const { name, partitions, replicationFactor } = info
  const topicConfigs = info.topicConfigs.map(({ key, value }) => ({ key, value }))
  return { name, partitions, replicationFactor, topicConfigs }
}
