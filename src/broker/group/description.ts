import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { DescribeGroupsResponseDescribedGroup } from '../../protocol/generated/15-describe-groups.ts'
import type { ListGroupsRequest, ListGroupsResponseListedGroup } from '../../protocol/generated/16-list-groups.ts'
import type { ClassicGroup } from './classic-group.ts'
import type { GroupShard } from './shard.ts'
import { CONSUMER_PROTOCOL_TYPE } from './subscription.ts'

/** First version that says GROUP_ID_NOT_FOUND (KIP-1043); before, an unknown group is described as Dead. */
const GROUP_NOT_FOUND_FROM = 6
const CLASSIC_TYPE = 'classic'
const CONSUMER_TYPE = 'consumer'
const STREAMS_TYPE = 'streams'
const SHARE_TYPE = 'share'

/**
 * Describes one group; members' subscriptions are shown while the group is stable.
 *
 * @param find the group's shard; may throw KafkaError, which becomes the group's error
 */
export function describeGroup(
  find: () => GroupShard,
  groupId: string,
  version: number,
): Draft<DescribeGroupsResponseDescribedGroup> {
  let group: ClassicGroup | undefined
  let errorMessage = `Group ${groupId} not found.`
  try {
    const shard = find()
    group = shard.groups.get(groupId)
    const isOther = shard.consumerGroups.has(groupId) || shard.modernGroups.has(groupId)
    if (isOther) errorMessage = `Group ${groupId} is not a classic group.`
  } catch (error) {
    if (error instanceof KafkaError) return { groupId, errorCode: error.code }
    throw error
  }
  if (group === undefined) {
    if (version < GROUP_NOT_FOUND_FROM) return { groupId, groupState: 'Dead' }
    return { groupId, groupState: 'Dead', errorCode: ErrorCode.GROUP_ID_NOT_FOUND, errorMessage }
  }
  const stable = group.state === 'Stable'
  const protocolName = group.protocolName ?? ''
  return {
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: stable ? protocolName : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: stable ? (member.metadata(protocolName) ?? Buffer.alloc(0)) : Buffer.alloc(0),
      memberAssignment: member.assignment,
    })),
  }
}

/** The groups of a shard that pass the request's filters; names of states and types match in any case. */
export function listGroups(shard: GroupShard, request: ListGroupsRequest): Draft<ListGroupsResponseListedGroup>[] {
  const states = new Set(request.statesFilter.map((state) => state.toLowerCase()))
  const types = request.typesFilter.map((type) => type.toLowerCase())
  const isWanted = (type: string, state: string) =>
    (types.length === 0 || types.includes(type)) && (states.size === 0 || states.has(state.toLowerCase()))
  const listed: Draft<ListGroupsResponseListedGroup>[] = []
  for (const { groupId, protocolType, state: groupState } of shard.groups.values()) {
    if (!isWanted(CLASSIC_TYPE, groupState)) continue
    listed.push({ groupId, protocolType: protocolType ?? '', groupState, groupType: CLASSIC_TYPE })
  }
  for (const { groupId, state: groupState } of shard.consumerGroups.values()) {
    if (!isWanted(CONSUMER_TYPE, groupState)) continue
    listed.push({ groupId, protocolType: CONSUMER_PROTOCOL_TYPE, groupState, groupType: CONSUMER_TYPE })
  }
  for (const { groupId, state: groupState } of shard.streamsGroups.values()) {
    if (!isWanted(STREAMS_TYPE, groupState)) continue
    listed.push({ groupId, protocolType: STREAMS_TYPE, groupState, groupType: STREAMS_TYPE })
  }
  for (const { groupId, stateName: groupState } of shard.shareGroups.values()) {
    if (!isWanted(SHARE_TYPE, groupState)) continue
    listed.push({ groupId, protocolType: SHARE_TYPE, groupState, groupType: SHARE_TYPE })
  }
  return listed
}
