import {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from '../../protocol/generated/89-streams-group-describe.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { perCoordinator } from '../coordinator.ts'
import { failed, resultOf, withRetriesPerKey } from '../retry.ts'
import type { StreamsGroupDescription } from '../streams-group-types.ts'
import type { Result } from '../types.ts'

type Described = StreamsGroupDescribeResponse['groups'][number]

const descriptionOf = (
  cluster: Cluster,
  nodeId: number,
  group: Described,
  topology: NonNullable<Described['topology']>,
): StreamsGroupDescription => ({
  groupId: group.groupId,
  state: group.groupState,
  coordinator: cluster.metadata.node(nodeId),
  groupEpoch: group.groupEpoch,
  assignmentEpoch: group.assignmentEpoch,
  topologyEpoch: topology.epoch,
  subtopologies: (topology.subtopologies ?? []).map((part) => ({
    subtopologyId: part.subtopologyId,
    sourceTopics: part.sourceTopics,
    repartitionSourceTopics: part.repartitionSourceTopics.map(({ name }) => name),
    stateChangelogTopics: part.stateChangelogTopics.map(({ name }) => name),
  })),
  members: group.members.map((member) => ({
    memberId: member.memberId,
    memberEpoch: member.memberEpoch,
    clientId: member.clientId,
    host: member.clientHost,
    processId: member.processId,
    isClassic: member.isClassic,
    assignment: member.assignment,
    targetAssignment: member.targetAssignment,
  })),
})

/** Describes streams groups through their coordinators. */
export const describeStreamsGroups = (
  cluster: Cluster,
  groupIds: string[],
): Promise<Map<string, Result<StreamsGroupDescription>>> =>
  withRetriesPerKey(cluster, 'describeStreamsGroups', [...new Set(groupIds)], (open) =>
    perCoordinator(cluster, 'group', open, async (nodeId, ids) => {
      const connection = await cluster.connectNode(nodeId)
      const message = { groupIds: ids, includeAuthorizedOperations: false }
      const answer = await connection.send(StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, message)
      return new Map(
        answer.groups.map((group): [string, Result<StreamsGroupDescription>] => {
          const { topology } = group
          if (group.errorCode === 0 && topology === null) {
            const details = { exceptionClass: 'java.lang.IllegalStateException' }
            return [group.groupId, failed(new ClientError('protocol', 'Topology information is missing', details))]
          }
          const description = (): StreamsGroupDescription =>
            descriptionOf(cluster, nodeId, group, topology as NonNullable<typeof topology>)
          return [group.groupId, resultOf(group.errorCode, group.errorMessage, description)]
        }),
      )
    }),
  )
