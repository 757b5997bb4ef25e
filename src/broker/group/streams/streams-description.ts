import type { Draft } from '../../../protocol/codec.ts'
import { KafkaError } from '../../../protocol/errors.ts'
import type {
  StreamsGroupDescribeResponseDescribedGroup,
  StreamsGroupDescribeResponseMember,
  StreamsGroupDescribeResponseTopicInfo,
  StreamsGroupDescribeResponseTopology,
} from '../../../protocol/generated/89-streams-group-describe.ts'
import type { StreamsGroupTopologyValueTopicInfo } from '../../../protocol/generated/data/streams-group-topology.ts'
import type { ConfiguredTopology, InternalTopic } from './configured-topology.ts'
import type { StreamsGroup } from './streams-group.ts'
import type { StreamsMember } from './streams-member.ts'
import { type AssignedTasks, listTasks, type Tasks } from './tasks.ts'
import type { StreamsTopology } from './topology.ts'

/**
 * Describes one streams group.
 *
 * @param find the group; a KafkaError it throws becomes the group's error
 */
export function describeStreamsGroup(
  find: () => StreamsGroup,
  groupId: string,
): Draft<StreamsGroupDescribeResponseDescribedGroup> {
  let group: StreamsGroup
  try {
    group = find()
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return { groupId, errorCode: error.code, errorMessage: error.brokerMessage }
  }
  const { configuredTopology, topology } = group
  const isReady = configuredTopology !== null && configuredTopology.problem === null
  return {
    groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    topology: isReady ? describeConfigured(configuredTopology) : topology && describeTopology(topology),
    members: [...group.members.values()].map((member) => describeMember(group, member)),
  }
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)

/** The topology as the members brought it: numbers of partitions may be open. */
function describeTopology({ epoch, subtopologies }: StreamsTopology): StreamsGroupDescribeResponseTopology {
  const topicInfo = (info: StreamsGroupTopologyValueTopicInfo): StreamsGroupDescribeResponseTopicInfo => ({
    name: info.name,
    partitions: info.partitions,
    replicationFactor: info.replicationFactor,
    topicConfigs: info.topicConfigs.map(({ key, value }) => ({ key, value })),
  })
  const ids = [...subtopologies.keys()].sort()
  return {
    epoch,
    subtopologies: ids.map((subtopologyId) => {
      const each = subtopologies.get(subtopologyId)!
      return {
        subtopologyId,
        sourceTopics: [...each.sourceTopics].sort(),
        repartitionSinkTopics: [...each.repartitionSinkTopics].sort(),
        stateChangelogTopics: each.stateChangelogTopics.map(topicInfo).sort(byName),
        repartitionSourceTopics: each.repartitionSourceTopics.map(topicInfo).sort(byName),
      }
    }),
  }
}

/** The topology as it is worked on. */
function describeConfigured({ epoch, subtopologies }: ConfiguredTopology): StreamsGroupDescribeResponseTopology {
  const topicInfo = ({ name, numPartitions, replicationFactor, configs }: InternalTopic) => ({
    name,
    partitions: numPartitions,
    replicationFactor,
    topicConfigs: [...configs].map(([key, value]) => ({ key, value })),
  })
  return {
    epoch,
    subtopologies: [...(subtopologies ?? [])].map(([subtopologyId, each]) => ({
      subtopologyId,
      sourceTopics: [...each.sourceTopics].sort(),
      repartitionSinkTopics: [...each.repartitionSinkTopics].sort(),
      stateChangelogTopics: each.stateChangelogTopics.map(topicInfo).sort(byName),
      repartitionSourceTopics: each.repartitionSourceTopics.map(topicInfo).sort(byName),
    })),
  }
}

function describeMember(group: StreamsGroup, member: StreamsMember): Draft<StreamsGroupDescribeResponseMember> {
  const { memberId, memberEpoch, instanceId, rackId, clientId, clientHost, topologyEpoch, processId } = member
  return {
    memberId,
    memberEpoch,
    instanceId,
    rackId,
    clientId,
    clientHost,
    topologyEpoch,
    processId,
    userEndpoint: member.userEndpoint && { ...member.userEndpoint },
    clientTags: [...member.clientTags].map(([key, value]) => ({ key, value })),
    assignment: describeTasks(member.assigned),
    targetAssignment: describeTasks(group.target(memberId)),
  }
}

function describeTasks({ active, standby, warmup }: Tasks | AssignedTasks) {
  return { activeTasks: listTasks(active), standbyTasks: listTasks(standby), warmupTasks: listTasks(warmup) }
}
