import { ErrorCode } from '../../protocol/errors.ts'
import type { ClassicGroup } from './classic-group.ts'
import type { Member } from './member.ts'
import type { GroupRecord } from './records.ts'
import type { GroupShard } from './shard.ts'
import { Timer } from './timer.ts'

/** How long a member that never got an answer to its first JoinGroup is kept: it can't heartbeat yet. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000

/** The record of a group with the assignments given. */
export function groupRecord(group: ClassicGroup, assignments: ReadonlyMap<string, Buffer>): GroupRecord {
  return { kind: 'group', groupId: group.groupId, value: group.toRecordValue(assignments) }
}

/** Moves classic groups from generation to generation: who is waited for, for how long, and who is dropped. */
export class Rebalance {
  readonly #shard: GroupShard

  constructor(shard: GroupShard) {
    this.#shard = shard
  }

  /** Starts a rebalance if the state allows one, else ends the running one if nobody is missing any more. */
  prepareOrComplete(group: ClassicGroup, reason: string): void {
    if (group.canRebalance) this.prepare(group, reason)
    else this.maybeCompleteJoin(group)
  }

  /** Asks all members to rejoin: they learn of it by their next heartbeat. */
  prepare(group: ClassicGroup, reason: string): void {
    const { groupId, generationId, members } = group
    if (group.state === 'CompletingRebalance') this.dropAssignments(group, ErrorCode.REBALANCE_IN_PROGRESS)
    group.syncTimer.cancel()
    const initial = group.state === 'Empty'
    group.transitionTo('PreparingRebalance')
    this.#shard.context.logger.info({ groupId, generationId, members: members.size, reason }, 'rebalance started')
    if (initial) {
      const delayMs = this.#shard.context.settings().initialRebalanceDelayMs
      this.#waitForMore(group, delayMs, Math.max(group.rebalanceTimeoutMs - delayMs, 0))
    } else {
      this.#completeOrWait(group)
    }
  }

  /** Ends the join phase if everyone is there. The first rebalance of a group waits for its delay in any case. */
  maybeCompleteJoin(group: ClassicGroup): void {
    if (group.state !== 'PreparingRebalance' || group.previousState === 'Empty') return
    if (group.hasAllMembersJoined) this.#completeJoin(group)
  }

  /** Takes every assignment away, telling members that wait for theirs `errorCode`. */
  dropAssignments(group: ClassicGroup, errorCode: number): void {
    for (const member of group.members.values()) member.assignment = Buffer.alloc(0)
    this.#answerSyncs(group, errorCode)
  }

  /** Makes the leader's assignments the group's and hands them to the members that wait. */
  setAssignments(group: ClassicGroup, assignments: ReadonlyMap<string, Buffer>): void {
    for (const member of group.members.values()) {
      member.assignment = assignments.get(member.memberId) ?? Buffer.alloc(0)
    }
    this.#answerSyncs(group, ErrorCode.NONE)
  }

  /** Starts a member's session anew, as each sign of life does. */
  restartSession(group: ClassicGroup, member: Member, timeoutMs = member.sessionTimeoutMs): void {
    if (this.#shard.closed) return
    member.session.set(timeoutMs, () => this.#expireMember(group, member))
  }

  /** Remembers an id given out by MEMBER_ID_REQUIRED until its owner joins or the session timeout is over. */
  addPending(group: ClassicGroup, memberId: string, timeoutMs: number): void {
    const timer = new Timer(this.#shard.context.clock)
    group.pendingMembers.set(memberId, timer)
    timer.set(timeoutMs, () => {
      group.removePending(memberId)
      this.maybeCompleteJoin(group)
    })
  }

  /** Removes a member and rebalances if that leaves the others without a part of the assignment. */
  removeMember(group: ClassicGroup, memberId: string, reason: string): void {
    group.remove(memberId)
    this.afterRemoval(group, reason)
  }

  /** What follows when members were removed. */
  afterRemoval(group: ClassicGroup, reason: string): void {
    if (group.state === 'Stable' || group.state === 'CompletingRebalance') this.prepareOrComplete(group, reason)
    else this.maybeCompleteJoin(group)
  }

  #expireMember(group: ClassicGroup, member: Member): void {
    if (group.state === 'Dead' || group.members.get(member.memberId) !== member || member.satisfiesSession) return
    const { groupId } = group
    this.#shard.context.logger.info({ groupId, memberId: member.memberId }, 'member removed: its session has expired')
    this.removeMember(group, member.memberId, `the session of member ${member.memberId} has expired`)
  }

  #waitForMore(group: ClassicGroup, delayMs: number, remainingMs: number): void {
    group.joinTimer.set(delayMs, () => {
      if (!group.newMemberAdded || remainingMs === 0) {
        this.#completeJoin(group)
        return
      }
      group.newMemberAdded = false
      const nextMs = Math.min(this.#shard.context.settings().initialRebalanceDelayMs, remainingMs)
      this.#waitForMore(group, nextMs, Math.max(remainingMs - delayMs, 0))
    })
  }

  #completeOrWait(group: ClassicGroup): void {
    if (group.hasAllMembersJoined) this.#completeJoin(group)
    else group.joinTimer.set(group.rebalanceTimeoutMs, () => this.#completeJoin(group))
  }

  #completeJoin(group: ClassicGroup): void {
    if (group.state !== 'PreparingRebalance') return
    group.joinTimer.cancel()
    for (const member of [...group.members.values()]) {
      if (member.awaitingJoin === null && member.groupInstanceId === null) group.remove(member.memberId)
    }
    if (!group.electJoinedLeader() && group.members.size > 0) {
      // Only static members that did not rejoin: wait until they do or their sessions expire.
      group.joinTimer.set(group.rebalanceTimeoutMs, () => this.#completeJoin(group))
      return
    }
    group.startNextGeneration()
    const { groupId, generationId, members } = group
    this.#shard.context.logger.info({ groupId, generationId, members: members.size }, 'generation started')
    if (members.size === 0) this.#persistEmpty(group)
    else this.#answerJoins(group)
  }

  #persistEmpty(group: ClassicGroup): void {
    const { groupId, generationId } = group
    this.#shard.write([groupRecord(group, new Map())]).catch((error: unknown) => {
      // The log still holds the last generation; its members' sessions expire again after a restart.
      this.#shard.context.logger.warn({ groupId, generationId, error }, 'could not store that the group is empty')
    })
  }

  #answerJoins(group: ClassicGroup): void {
    const { generationId, protocolType, protocolName, leaderId } = group
    for (const member of group.members.values()) {
      const { memberId } = member
      const members = leaderId === memberId ? group.memberSubscriptions() : []
      const leader = leaderId ?? ''
      group.completeJoin(member, { memberId, generationId, protocolType, protocolName, leader, members })
      member.isNew = false
      group.pendingSyncMembers.add(memberId)
      this.restartSession(group, member)
    }
    group.syncTimer.set(group.rebalanceTimeoutMs, () => this.#expirePendingSync(group, generationId))
  }

  #expirePendingSync(group: ClassicGroup, generationId: number): void {
    if (group.generationId !== generationId || group.pendingSyncMembers.size === 0) return
    if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return
    const late = [...group.pendingSyncMembers]
    for (const memberId of late) group.remove(memberId)
    this.prepare(group, `no SyncGroup came from members ${late.join(', ')}`)
  }

  #answerSyncs(group: ClassicGroup, errorCode: number): void {
    const ok = errorCode === ErrorCode.NONE
    const protocolType = ok ? group.protocolType : null
    const protocolName = ok ? group.protocolName : null
    for (const member of group.members.values()) {
      const { assignment } = member
      // A session that ran out while the member waited was not counted, so it starts again here.
      if (group.completeSync(member, { errorCode, protocolType, protocolName, assignment })) {
        this.restartSession(group, member)
      }
    }
  }
}
