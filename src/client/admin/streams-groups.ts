import { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/generated/13-leave-group.ts'
import {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from '../../protocol/generated/89-streams-group-describe.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { perCoordinator } from '../coordinator.ts'
import { failed, resultOf, withRetriesPerKey } from '../retry.ts'
import type { MemberIdentity, StreamsGroupDescription } from '../streams-group-types.ts'
import type { Result } from '../types.ts'

/** Before this version a request removes one member. */
const MANY_MEMBERS_SINCE = 3

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

/**
 * Throws members out of a classic group.
 *
 * @throws KafkaError of the group or of the first member that could not be removed
 */
export const removeGroupMembers = async (
  cluster: Cluster,
  groupId: string,
  members: readonly MemberIdentity[],
): Promise<void> => {
  const results = await withRetriesPerKey(cluster, 'leaveGroup', [groupId], (open) =>
    perCoordinator(cluster, 'group', open, async (nodeId) => {
      const connection = await cluster.connectNode(nodeId)
      const reason = 'member was removed by an admin'
      const message = {
        groupId,
        members: members.map(({ memberId, groupInstanceId }) => ({ memberId, groupInstanceId, reason })),
      }
      const version = connection.versions.pick({ ...LeaveGroupRequest, minVersion: MANY_MEMBERS_SINCE })
      const answer = await connection.send(LeaveGroupRequest, LeaveGroupResponse, message, { version })
      const code = answer.errorCode || (answer.members.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0)
      return new Map([[groupId, resultOf<void>(code, null, () => undefined)]])
    }),
  )
  for (const result of results.values()) if (!result.ok) throw result.error
}
