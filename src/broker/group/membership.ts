import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { HeartbeatRequest } from '../../protocol/generated/12-heartbeat.ts'
import type {
  LeaveGroupRequestMemberIdentity,
  LeaveGroupResponseMemberResponse,
} from '../../protocol/generated/13-leave-group.ts'
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/generated/14-sync-group.ts'
import type { ClassicGroup } from './classic-group.ts'
import { codeOf } from './group-errors.ts'
import type { SyncAnswer } from './member.ts'
import { groupRecord, type Rebalance } from './rebalance.ts'
import type { GroupShard } from './shard.ts'

/** What members of a classic group do once they have joined: SyncGroup, Heartbeat, LeaveGroup. */
export class Membership {
  readonly #shard: GroupShard
  readonly #rebalance: Rebalance

  constructor(shard: GroupShard, rebalance: Rebalance) {
    this.#shard = shard
    this.#rebalance = rebalance
  }

  /**
   * Resolves with the member's assignment: for the leader when the group is in the log, for others with the leader's.
   *
   * @throws KafkaError
   */
  async sync(request: SyncGroupRequest): Promise<Draft<SyncGroupResponse>> {
    const group = this.#memberGroup(request.groupId)
    const { memberId, groupInstanceId, generationId } = request
    group.validateMember(memberId, groupInstanceId)
    if (generationId !== group.generationId) throw new KafkaError(ErrorCode.ILLEGAL_GENERATION)
    if (
      (request.protocolType !== null && request.protocolType !== group.protocolType) ||
      (request.protocolName !== null && request.protocolName !== group.protocolName)
    ) {
      throw new KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    }
    switch (group.state) {
      case 'PreparingRebalance':
        throw new KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
      case 'CompletingRebalance':
        return new Promise((resolve) => this.#awaitAssignment(group, request, resolve))
      case 'Stable': {
        group.pendingSyncMembers.delete(memberId)
        const { protocolType, protocolName } = group
        return { protocolType, protocolName, assignment: group.members.get(memberId)!.assignment }
      }
      case 'Empty':
      case 'Dead':
        throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    }
  }

  /**
   * Keeps a member's session alive.
   *
   * @throws KafkaError; REBALANCE_IN_PROGRESS asks the member to rejoin, its session counts as kept alive then too
   */
  heartbeat(request: HeartbeatRequest): void {
    const group = this.#memberGroup(request.groupId)
    group.validateMember(request.memberId, request.groupInstanceId)
    if (request.generationId !== group.generationId) throw new KafkaError(ErrorCode.ILLEGAL_GENERATION)
    if (group.state === 'Empty' || group.state === 'Dead') throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    this.#rebalance.restartSession(group, group.members.get(request.memberId)!)
    if (group.state === 'PreparingRebalance') throw new KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
  }

  /**
   * Removes members, static ones also by instance id alone (as administrators do), and rebalances once for all.
   *
   * @throws KafkaError when the group isn't there
   */
  leave(
    groupId: string,
    identities: readonly LeaveGroupRequestMemberIdentity[],
  ): Draft<LeaveGroupResponseMemberResponse>[] {
    const group = this.#memberGroup(groupId)
    const left: string[] = []
    const answers = identities.map(({ memberId, groupInstanceId, reason }) => {
      const errorCode = this.#remove(group, memberId, groupInstanceId)
      if (errorCode === ErrorCode.NONE) left.push(`${memberId || groupInstanceId} (${reason ?? 'not provided'})`)
      return { memberId, groupInstanceId, errorCode }
    })
    if (left.length > 0) this.#rebalance.afterRemoval(group, `members left: ${left.join(', ')}`)
    return answers
  }

  #remove(group: ClassicGroup, memberId: string, groupInstanceId: string | null): number {
    if (memberId === '') {
      const staticMemberId = groupInstanceId === null ? undefined : group.staticMemberId(groupInstanceId)
      if (staticMemberId === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
      group.remove(staticMemberId)
      return ErrorCode.NONE
    }
    if (!group.pendingMembers.has(memberId)) {
      try {
        group.validateMember(memberId, groupInstanceId)
      } catch (error) {
        return codeOf(error)
      }
    }
    group.remove(memberId)
    return ErrorCode.NONE
  }

  #awaitAssignment(group: ClassicGroup, request: SyncGroupRequest, answer: SyncAnswer): void {
    const { memberId } = request
    const member = group.members.get(memberId)!
    group.completeSync(member, { errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
    member.awaitingSync = answer
    group.pendingSyncMembers.delete(memberId)
    if (group.leaderId === memberId) this.#persistAssignments(group, request)
  }

  /** Stores what the leader assigned, then hands it out: no member ever has an assignment the log doesn't know. */
  #persistAssignments(group: ClassicGroup, request: SyncGroupRequest): void {
    const given = new Map(request.assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)]))
    const assignments = new Map<string, Buffer>()
    for (const memberId of group.members.keys()) assignments.set(memberId, given.get(memberId) ?? Buffer.alloc(0))
    const { groupId, generationId } = group
    const isCurrent = () => group.state === 'CompletingRebalance' && group.generationId === generationId
    this.#shard.write([groupRecord(group, assignments)]).then(
      () => {
        if (!isCurrent()) return
        this.#rebalance.setAssignments(group, assignments)
        group.transitionTo('Stable')
      },
      (error: unknown) => {
        this.#shard.context.logger.warn({ groupId, generationId, error }, 'could not store the assignments')
        if (!isCurrent()) return
        this.#rebalance.dropAssignments(group, codeOf(error))
        this.#rebalance.prepareOrComplete(group, 'the assignments could not be stored')
      },
    )
  }

  /** A group that isn't there has no such member. */
  #memberGroup(groupId: string): ClassicGroup {
    const group = this.#shard.groups.get(groupId)
    if (group === undefined) throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    return group
  }
}
