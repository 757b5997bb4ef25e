import type { Draft } from '../../../protocol/codec.ts'
import type {
  StreamsGroupHeartbeatResponseEndpointToPartitions,
  StreamsGroupHeartbeatResponseTopicPartition,
} from '../../../protocol/generated/88-streams-group-heartbeat.ts'
import type { ConfiguredSubtopology } from './configured-topology.ts'
import type { StreamsGroup } from './streams-group.ts'
import type { StreamsMember } from './streams-member.ts'
import { type EpochTasks, listTasks, type TaskSet } from './tasks.ts'

/**
 * Where the state of which partitions can be asked for (interactive queries): the members that have an endpoint, with the
 * partitions their tasks read.
 *
 * @param updated the member as it will be when the answer is sent
 * @param countOf partitions of a topic; undefined when there is no such topic
 */
export function endpointsOf(
  group: StreamsGroup,
  updated: StreamsMember,
  countOf: (topic: string) => number | undefined,
): Draft<StreamsGroupHeartbeatResponseEndpointToPartitions>[] {
  const others = [...group.members.values()].filter(({ memberId }) => memberId !== updated.memberId)
  const subtopologies = group.configuredTopology?.subtopologies ?? new Map<string, ConfiguredSubtopology>()
  const partitionsOf = (tasks: TaskSet | EpochTasks) => topicPartitions(tasks, subtopologies, countOf)
  return [...others, updated].flatMap(({ userEndpoint, assigned }) =>
    userEndpoint === null
      ? []
      : {
          userEndpoint: { ...userEndpoint },
          activePartitions: partitionsOf(assigned.active),
          standbyPartitions: partitionsOf(assigned.standby),
        },
  )
}

/** A topic with fewer partitions than its subtopology has tasks is read by the first of these. */
function topicPartitions(
  tasks: TaskSet | EpochTasks,
  subtopologies: ReadonlyMap<string, ConfiguredSubtopology>,
  countOf: (topic: string) => number | undefined,
): StreamsGroupHeartbeatResponseTopicPartition[] {
  return listTasks(tasks).flatMap(({ subtopologyId, partitions }) => {
    const subtopology = subtopologies.get(subtopologyId)
    if (subtopology === undefined) return []
    const repartition = subtopology.repartitionSourceTopics.map(({ name }) => name)
    return [...new Set([...subtopology.sourceTopics, ...repartition])].flatMap((topic) => {
      const count = countOf(topic)
      return count === undefined ? [] : [{ topic, partitions: partitions.slice(0, count) }]
    })
  })
}
