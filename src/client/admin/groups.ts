import { ErrorCode, KafkaError, throwIfError } from '../../protocol/errors.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../protocol/generated/15-describe-groups.ts'
import { ListGroupsRequest, ListGroupsResponse } from '../../protocol/generated/16-list-groups.ts'
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../protocol/generated/42-delete-groups.ts'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../../protocol/generated/69-consumer-group-describe.ts'
import { ConsumerProtocolAssignment } from '../../protocol/generated/data/consumer-protocol-assignment.ts'
import { Reader } from '../../protocol/reader.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { perCoordinator } from '../coordinator.ts'
import { failed, ok, resultOf, withRetries, withRetriesPerKey } from '../retry.ts'
import type {
  Admin,
  ConsumerGroupDescription,
  GroupListing,
  MemberDescription,
  Result,
  TopicPartition,
} from '../types.ts'

const STATES_SINCE = 4
const TYPES_SINCE = 5
/** Protocol type of consumers in the classic protocol. */
const CONSUMER_PROTOCOL = 'consumer'

/** The groups of all brokers, optionally only those of some states, types or protocol types. */
export async function listGroups(
  cluster: Cluster,
  options: Parameters<Admin['listGroups']>[0] = {},
): Promise<GroupListing[]> {
  const { states = [], types = [], protocolTypes = [] } = options
  const groups = await withRetries(cluster, 'listGroups', async () => {
    await cluster.refresh([])
    const nodes = [...cluster.metadata.nodes.keys()]
    return Promise.all(nodes.map((id) => listGroupsOf(cluster, id, states, types)))
  }).catch((error: unknown) => {
    throw cluster.hasEverConnected ? error : noBrokers(error)
  })
  const listed = new Map<string, GroupListing>()
  for (const group of groups.flat()) {
    if (protocolTypes.length === 0 || protocolTypes.includes(group.protocolType)) listed.set(group.groupId, group)
  }
  return [...listed.values()]
}

/** Java's error when there is no broker to tell of the others. */
function noBrokers(error: unknown): unknown {
  if (!(error instanceof ClientError) || error.reason !== 'timeout') return error
  return new ClientError('timeout', 'Failed to find brokers to send ListGroups', {
    exceptionClass: 'org.apache.kafka.common.KafkaException',
    ...(error.detail === null ? {} : { detail: error.detail }),
    ...(error.nextStep === null ? {} : { nextStep: error.nextStep }),
    retriable: false,
    cause: error,
  })
}

async function listGroupsOf(cluster: Cluster, id: number, states: string[], types: string[]): Promise<GroupListing[]> {
  const connection = await cluster.connectNode(id)
  const version = connection.versions.pick(ListGroupsRequest)
  if (types.length > 0 && version < TYPES_SINCE && !types.some((type) => type.toLowerCase() === 'classic')) {
    throw new ClientError(
      'unsupported-version',
      `The broker only supports ListGroups v${version}, but we need v${TYPES_SINCE} or newer to request groups by type.`,
    )
  }
  if (states.length > 0 && version < STATES_SINCE) {
    throw new ClientError(
      'unsupported-version',
      `The broker only supports ListGroups v${version}, but we need v${STATES_SINCE} or newer to request groups by states.`,
    )
  }
  const message = {
    ...(version >= STATES_SINCE ? { statesFilter: states } : {}),
    ...(version >= TYPES_SINCE ? { typesFilter: types } : {}),
  }
  const answer = await connection.send(ListGroupsRequest, ListGroupsResponse, message, { version })
  throwIfError(answer.errorCode)
  return answer.groups.map(({ groupId, protocolType, groupState, groupType }) => ({
    groupId,
    protocolType,
    state: groupState,
    type: groupType,
  }))
}

/**
 * Describes consumer groups. As Java's admin: first with ConsumerGroupDescribe, then, for the groups that it says are not
 * consumer groups, with DescribeGroups, whose answer decides (GROUP_ID_NOT_FOUND for one that is not there).
 */
export async function describeConsumerGroups(
  cluster: Cluster,
  groupIds: string[],
): Promise<Map<string, Result<ConsumerGroupDescription>>> {
  return withRetriesPerKey(cluster, 'describeConsumerGroups', [...new Set(groupIds)], (open) =>
    perCoordinator(cluster, 'group', open, async (nodeId, groups) => {
      const { described, refusals } = await describeNew(cluster, nodeId, groups)
      const rest = groups.filter((group) => !described.has(group))
      if (rest.length > 0) {
        for (const [group, result] of await describeClassic(cluster, nodeId, rest, refusals)) {
          described.set(group, result)
        }
      }
      return described
    }),
  )
}

interface NewGroups {
  described: Map<string, Result<ConsumerGroupDescription>>
  /** What the broker said of groups that are none of the new protocol. */
  refusals: Map<string, string | null>
}

/** KIP-848 groups. */
async function describeNew(cluster: Cluster, nodeId: number, groupIds: string[]): Promise<NewGroups> {
  const described: NewGroups['described'] = new Map()
  const refusals: NewGroups['refusals'] = new Map()
  const connection = await cluster.connectNode(nodeId)
  const version = connection.versions.highest(ConsumerGroupDescribeRequest)
  if (version < 0) return { described, refusals }
  const message = { groupIds, includeAuthorizedOperations: false }
  const answer = await connection.send(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, message, {
    version,
  })
  for (const group of answer.groups) {
    const { errorCode } = group
    if (errorCode === ErrorCode.GROUP_ID_NOT_FOUND) refusals.set(group.groupId, group.errorMessage)
    if (errorCode === ErrorCode.GROUP_ID_NOT_FOUND || errorCode === ErrorCode.UNSUPPORTED_VERSION) continue
    const description = (): ConsumerGroupDescription => ({
      groupId: group.groupId,
      isSimple: false,
      members: group.members.map(newMember),
      partitionAssignor: group.assignorName,
      state: group.groupState,
      type: 'Consumer',
      coordinator: cluster.metadata.node(nodeId),
      groupEpoch: group.groupEpoch,
      targetAssignmentEpoch: group.assignmentEpoch,
    })
    described.set(group.groupId, resultOf(errorCode, group.errorMessage, description))
  }
  return { described, refusals }
}

function newMember(member: ConsumerGroupDescribeResponse['groups'][number]['members'][number]): MemberDescription {
  const partitions = (assignment: typeof member.assignment): TopicPartition[] =>
    assignment.topicPartitions.flatMap(({ topicName, partitions }) =>
      partitions.map((partition) => ({ topic: topicName, partition })),
    )
  return {
    memberId: member.memberId,
    groupInstanceId: member.instanceId,
    clientId: member.clientId,
    host: member.clientHost,
    assignment: partitions(member.assignment),
    targetAssignment: partitions(member.targetAssignment),
    memberEpoch: member.memberEpoch,
    isClassic: member.memberType < 0 ? null : member.memberType === 0,
  }
}

async function describeClassic(
  cluster: Cluster,
  nodeId: number,
  groups: string[],
  refusals: NewGroups['refusals'],
): Promise<Map<string, Result<ConsumerGroupDescription>>> {
  const connection = await cluster.connectNode(nodeId)
  const answer = await connection.send(DescribeGroupsRequest, DescribeGroupsResponse, { groups })
  return new Map(
    answer.groups.map((group): [string, Result<ConsumerGroupDescription>] => {
      if (group.errorCode !== ErrorCode.NONE) {
        // Of a group that is of neither kind Java tells what was said first.
        const first = group.errorCode === ErrorCode.GROUP_ID_NOT_FOUND ? refusals.get(group.groupId) : undefined
        return [group.groupId, failed(new KafkaError(group.errorCode, first ?? group.errorMessage))]
      }
      const { groupId, protocolType, protocolData, groupState } = group
      if (protocolType !== '' && protocolType !== CONSUMER_PROTOCOL) {
        const message = `GroupId ${groupId} is not a consumer group (${protocolType}).`
        return [
          groupId,
          failed(new ClientError('protocol', message, { exceptionClass: 'java.lang.IllegalArgumentException' })),
        ]
      }
      const description: ConsumerGroupDescription = {
        groupId,
        isSimple: protocolType === '',
        members: group.members.map(classicMember),
        partitionAssignor: protocolData,
        state: groupState,
        type: 'Classic',
        coordinator: cluster.metadata.node(nodeId),
        groupEpoch: null,
        targetAssignmentEpoch: null,
      }
      return [groupId, ok(description)]
    }),
  )
}

function classicMember(member: DescribeGroupsResponse['groups'][number]['members'][number]): MemberDescription {
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    host: member.clientHost,
    assignment: member.memberAssignment.length === 0 ? [] : assignedPartitions(member.memberAssignment),
    targetAssignment: null,
    memberEpoch: null,
    isClassic: null,
  }
}

/** The partitions in a member's assignment; versions above the known ones only add to the end. */
function assignedPartitions(assignment: Buffer): TopicPartition[] {
  const reader = new Reader(assignment)
  const version = Math.min(reader.int16(), ConsumerProtocolAssignment.maxVersion)
  const { assignedPartitions: topics } = ConsumerProtocolAssignment.read(reader, version)
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
}

/** Deletes groups with everything they committed. */
export async function deleteConsumerGroups(cluster: Cluster, groupIds: string[]): Promise<Map<string, Result<void>>> {
  return withRetriesPerKey(cluster, 'deleteConsumerGroups', [...new Set(groupIds)], (open) =>
    perCoordinator(cluster, 'group', open, async (nodeId, groupsNames) => {
      const connection = await cluster.connectNode(nodeId)
      const answer = await connection.send(DeleteGroupsRequest, DeleteGroupsResponse, { groupsNames })
      return new Map(answer.results.map((r) => [r.groupId, resultOf<void>(r.errorCode, null, () => undefined)]))
    }),
  )
}
