import type { Draft } from '../../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../../protocol/generated/11-join-group.ts'
import type { HeartbeatRequest } from '../../../protocol/generated/12-heartbeat.ts'
import type {
  LeaveGroupRequestMemberIdentity,
  LeaveGroupResponseMemberResponse,
} from '../../../protocol/generated/13-leave-group.ts'
import type { SyncGroupRequest, SyncGroupResponse } from '../../../protocol/generated/14-sync-group.ts'
import { MalformedMessageError } from '../../../protocol/reader.ts'
import { joinError } from '../classic-group.ts'
import type { GroupClient } from '../group-context.ts'
import { codeOf } from '../group-errors.ts'
import type { GroupShard } from '../shard.ts'
import { CONSUMER_PROTOCOL_TYPE } from '../subscription.ts'
import { samePartitions } from './assignment.ts'
import { byTopicId, readSubscription, writeAssignment } from './classic-bytes.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, MemberState } from './consumer-member.ts'
import type { ConsumerProtocol } from './consumer-protocol.ts'
import type { Step } from './group-steps.ts'
import { newMemberId } from './member-id.ts'
import { canDowngrade } from './migration.ts'
import { memberOf, staticMemberOf, subscribeMember } from './subscribe-member.ts'

/** First version whose clients must come back with the id they are given (KIP-394). */
const MEMBER_ID_REQUIRED_FROM = 4

/**
 * Members of the classic protocol in a consumer group, as there are while a group's consumers are upgraded one by one:
 * the group assigns their partitions as it does for the others, and rejoining takes the place of the new heartbeat.
 */
export class ClassicMembers {
  readonly #shard: GroupShard
  readonly #protocol: ConsumerProtocol

  constructor(shard: GroupShard, protocol: ConsumerProtocol) {
    this.#shard = shard
    this.#protocol = protocol
  }

  /** JoinGroup. @throws KafkaError */
  async join(client: GroupClient, request: JoinGroupRequest): Promise<Draft<JoinGroupResponse>> {
    const { groupId } = request
    const response = await this.#protocol.steps.run(groupId, () => this.#join(client, request))
    await this.#downgradeIfAllClassic(groupId)
    return response
  }

  #join(client: GroupClient, request: JoinGroupRequest): Step<Draft<JoinGroupResponse>> {
    const { groupId, groupInstanceId: instanceId } = request
    const group = this.#protocol.group(groupId)
    const isNew = request.memberId === ''
    const memberId = isNew ? newMemberId() : request.memberId
    this.#protocol.checkSize(group, memberId)
    const names = request.protocols.map(({ name }) => name)
    if (!group.supportsClassicProtocols(request.protocolType, names)) {
      const message = `Member ${memberId}'s protocols are not supported.`
      throw new KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, message)
    }
    if (isNew && instanceId === null && client.version >= MEMBER_ID_REQUIRED_FROM) {
      return { records: [], result: joinError(memberId, ErrorCode.MEMBER_ID_REQUIRED) }
    }
    return this.#update(client, request, group, memberId)
  }

  #update(
    client: GroupClient,
    request: JoinGroupRequest,
    group: ConsumerGroup,
    memberId: string,
  ): Step<Draft<JoinGroupResponse>> {
    const { groupId, groupInstanceId: instanceId } = request
    const joins = instanceId === null || request.memberId === ''
    const replacedId = group.staticMember(instanceId)?.memberId
    const identity = { memberId, instanceId, memberEpoch: null, joins, owned: [] }
    const { member: before, records } = subscribeMember(group, identity)
    const subscription = readFirst(request)
    const after: ConsumerMember = {
      ...before,
      instanceId: instanceId ?? before.instanceId,
      rackId: subscription.rackId || before.rackId,
      rebalanceTimeoutMs: client.version === 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs,
      subscribedTopicNames: new Set(subscription.topics),
      subscribedTopicRegex: '',
      clientId: client.clientId,
      clientHost: client.clientHost,
      classic: {
        sessionTimeoutMs: request.sessionTimeoutMs,
        supportedProtocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
      },
    }
    const owned = byTopicId(this.#shard.context.consumer.topics, subscription.ownedPartitions)
    const result = this.#protocol.runUpdate(group, { before, after, records, owned })
    const { member } = result
    return {
      records: result.records,
      result: {
        memberId,
        generationId: member.memberEpoch,
        protocolType: CONSUMER_PROTOCOL_TYPE,
        protocolName: request.protocols[0]!.name,
        leader: '',
        members: [],
      },
      committed: () => {
        if (replacedId !== undefined && replacedId !== memberId) {
          this.#protocol.timers.cancelMember(groupId, replacedId)
        }
        this.#protocol.timers.cancel(groupId, memberId, 'join')
        const assignmentChanged = !samePartitions(before.assigned, member.assigned)
        this.#protocol.updated(groupId, { member, assignmentChanged })
        this.#expireUnless(groupId, member, 'sync')
      },
      failed: () => {
        group.metadataChanged = true
      },
    }
  }

  /** A classic member took the place of the last one of the new protocol. */
  async #downgradeIfAllClassic(groupId: string): Promise<void> {
    const isDue = (group: ConsumerGroup | undefined): group is ConsumerGroup =>
      group !== undefined &&
      canDowngrade(this.#shard.context.consumer, group, [], this.#shard.context.settings().maxSize)
    if (!isDue(this.#shard.consumerGroups.get(groupId))) return
    await this.#protocol.steps.run(groupId, () => {
      const group = this.#shard.consumerGroups.get(groupId)
      return isDue(group) ? this.#protocol.downgrade(group, [], undefined) : { records: [], result: undefined }
    })
  }

  /** SyncGroup: the assignment the member has by now. @throws KafkaError */
  sync(request: SyncGroupRequest): Draft<SyncGroupResponse> {
    const { groupId, memberId, groupInstanceId, generationId, protocolType, protocolName } = request
    const { group, member } = this.#classicMember(groupId, memberId, groupInstanceId)
    if (generationId !== member.memberEpoch) throw new KafkaError(ErrorCode.ILLEGAL_GENERATION)
    const { supportedProtocols } = member.classic!
    const first = supportedProtocols[0]!
    if (
      (protocolType !== null && protocolType !== CONSUMER_PROTOCOL_TYPE) ||
      (protocolName !== null && protocolName !== first.name)
    ) {
      throw new KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    }
    // A member that has to give up partitions has rejoined already: it gives them up first, then it rejoins again.
    if (group.groupEpoch > member.memberEpoch && member.state !== MemberState.UNREVOKED_PARTITIONS) {
      this.#awaitRejoin(groupId, member)
      throw new KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
    }
    this.#protocol.timers.cancel(groupId, memberId, 'sync')
    this.#protocol.restartSession(groupId, member)
    return {
      protocolType: CONSUMER_PROTOCOL_TYPE,
      protocolName: first.name,
      assignment: writeAssignment(this.#shard.context.consumer.topics, member.assigned, first.metadata),
    }
  }

  /** Heartbeat. @throws KafkaError; REBALANCE_IN_PROGRESS when rejoining gets the member on */
  heartbeat(request: HeartbeatRequest): void {
    const { groupId, memberId, groupInstanceId, generationId } = request
    const { group, member } = this.#classicMember(groupId, memberId, groupInstanceId)
    if (generationId !== member.memberEpoch) throw new KafkaError(ErrorCode.ILLEGAL_GENERATION)
    this.#protocol.restartSession(groupId, member)
    const mustRejoin =
      member.memberEpoch < group.groupEpoch ||
      member.state === MemberState.UNREVOKED_PARTITIONS ||
      (member.state === MemberState.UNRELEASED_PARTITIONS && !waitsForOthers(group, member))
    if (!mustRejoin) return
    this.#awaitRejoin(groupId, member)
    throw new KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
  }

  /** LeaveGroup; an administrator may also remove members of the new protocol. @throws KafkaError */
  leave(
    groupId: string,
    identities: readonly LeaveGroupRequestMemberIdentity[],
  ): Promise<Draft<LeaveGroupResponseMemberResponse>[]> {
    return this.#protocol.steps.run(groupId, () => {
      const group = this.#protocol.group(groupId)
      const leaving = new Set<ConsumerMember>()
      const answers = identities.map(({ memberId, groupInstanceId }) => {
        try {
          leaving.add(leavingMember(group, memberId, groupInstanceId))
          return { memberId, groupInstanceId, errorCode: ErrorCode.NONE }
        } catch (error) {
          return { memberId, groupInstanceId, errorCode: codeOf(error) }
        }
      })
      return this.#protocol.fence(group, [...leaving], answers)
    })
  }

  #classicMember(groupId: string, memberId: string, instanceId: string | null) {
    const group = this.#shard.consumerGroups.get(groupId)
    if (group === undefined) throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    const member = instanceId === null ? memberOf(group, memberId) : staticMemberOf(group, instanceId, memberId)
    if (member.classic !== null) return { group, member }
    const message = `Member ${memberId} does not use the classic protocol.`
    throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, message)
  }

  #awaitRejoin(groupId: string, member: ConsumerMember): void {
    if (!this.#protocol.timers.isPending(groupId, member.memberId, 'join')) this.#expireUnless(groupId, member, 'join')
  }

  /** Removes the member unless it sends its JoinGroup or SyncGroup within its rebalance timeout. */
  #expireUnless(groupId: string, { memberId, rebalanceTimeoutMs }: ConsumerMember, kind: 'join' | 'sync'): void {
    const { timers } = this.#protocol
    timers.set(groupId, memberId, kind, rebalanceTimeoutMs, () => {
      this.#protocol.expire(groupId, memberId, `it sent no ${kind} request within its rebalance timeout`, () =>
        timers.isPending(groupId, memberId, kind),
      )
    })
  }
}

function leavingMember(group: ConsumerGroup, memberId: string, instanceId: string | null): ConsumerMember {
  if (instanceId === null) return memberOf(group, memberId)
  const isByInstanceAlone = memberId === ''
  const id = isByInstanceAlone ? (group.staticMember(instanceId)?.memberId ?? '') : memberId
  return staticMemberOf(group, instanceId, id)
}

/** True while some of the member's target is still another's. */
function waitsForOthers(group: ConsumerGroup, member: ConsumerMember): boolean {
  for (const [topicId, partitions] of group.target(member.memberId, member.instanceId)) {
    for (const partition of partitions) {
      if (member.assigned.get(topicId)?.has(partition)) continue
      if (group.owner(topicId, partition) !== undefined) return true
    }
  }
  return false
}

/** The subscription of the member's favourite protocol. @throws KafkaError INVALID_REQUEST */
function readFirst(request: JoinGroupRequest) {
  try {
    return readSubscription(request.protocols[0]!.metadata)
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error
    throw new KafkaError(ErrorCode.INVALID_REQUEST, undefined, { cause: error })
  }
}
