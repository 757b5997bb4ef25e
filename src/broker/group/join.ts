import { randomUUID } from 'node:crypto'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/generated/11-join-group.ts'
import { type ClassicGroup, joinError } from './classic-group.ts'
import type { GroupClient } from './group-context.ts'
import { codeOf } from './group-errors.ts'
import { type JoinAnswer, Member, type MemberProtocol } from './member.ts'
import { groupRecord, NEW_MEMBER_JOIN_TIMEOUT_MS, type Rebalance } from './rebalance.ts'
import type { GroupRecord } from './records.ts'
import type { GroupShard } from './shard.ts'

/** First version whose clients must come back with the id they are given (KIP-394). */
const MEMBER_ID_REQUIRED_FROM = 4
/** First version that can tell the leader to skip the assignment (KIP-814). */
const SKIP_ASSIGNMENT_FROM = 9

/** A JoinGroup request on its way through the state machine. */
interface Joining {
  readonly client: GroupClient
  readonly group: ClassicGroup
  readonly protocolType: string
  readonly protocols: readonly MemberProtocol[]
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly timeouts: { readonly rebalanceTimeoutMs: number; readonly sessionTimeoutMs: number }
  readonly reason: string
  readonly answer: JoinAnswer
}

/** JoinGroup of the classic protocol. */
export class Join {
  readonly #shard: GroupShard
  readonly #rebalance: Rebalance

  constructor(shard: GroupShard, rebalance: Rebalance) {
    this.#shard = shard
    this.#rebalance = rebalance
  }

  /** Resolves when the member is part of a generation, or at once with an error. */
  join(client: GroupClient, request: JoinGroupRequest): Promise<Draft<JoinGroupResponse>> {
    return new Promise((resolve) => this.#start(client, request, resolve))
  }

  #start(client: GroupClient, request: JoinGroupRequest, answer: JoinAnswer): void {
    const { groupId, memberId } = request
    if (this.#shard.modernGroups.has(groupId)) {
      answer(joinError('', ErrorCode.INCONSISTENT_GROUP_PROTOCOL))
      return
    }
    const isNew = !this.#shard.groups.has(groupId)
    if (isNew && memberId !== '') {
      answer(joinError(memberId, ErrorCode.UNKNOWN_MEMBER_ID))
      return
    }
    const group = this.#shard.getOrCreate(groupId)
    if (isNew) this.#persistNew(group)
    const joining: Joining = {
      client,
      group,
      protocolType: request.protocolType,
      protocols: uniqueProtocols(request),
      memberId,
      groupInstanceId: request.groupInstanceId,
      timeouts: {
        rebalanceTimeoutMs: rebalanceTimeoutMs(request, client.version),
        sessionTimeoutMs: request.sessionTimeoutMs,
      },
      reason: request.reason ?? 'not provided',
      answer,
    }
    if (!this.#hasRoom(group, memberId)) {
      group.remove(memberId)
      this.#rebalance.maybeCompleteJoin(group)
      answer(joinError('', ErrorCode.GROUP_MAX_SIZE_REACHED))
      return
    }
    if (memberId === '') this.#joinNew(joining)
    else this.#joinExisting(joining)
  }

  /** A group is in the log from its first JoinGroup on, so that it is listed after a restart. */
  #persistNew(group: ClassicGroup): void {
    const { groupId } = group
    const record: GroupRecord = groupRecord(group, new Map())
    this.#shard.write([record]).catch((error: unknown) => {
      this.#shard.context.logger.warn({ groupId, error }, 'could not store the new group')
    })
  }

  #hasRoom(group: ClassicGroup, memberId: string): boolean {
    const { maxSize } = this.#shard.context.settings()
    const member = group.members.get(memberId)
    switch (group.state) {
      case 'Empty':
      case 'Dead':
        return true
      case 'PreparingRebalance':
        // By those that wait, as the group may have grown too large before the limit was lowered.
        return (member !== undefined && member.awaitingJoin !== null) || group.awaitingJoinCount < maxSize
      case 'CompletingRebalance':
      case 'Stable':
        return member !== undefined || group.members.size < maxSize
    }
  }

  #joinNew(joining: Joining): void {
    const { group, client, groupInstanceId, timeouts, answer } = joining
    if (!group.supportsProtocols(joining.protocolType, joining.protocols)) {
      answer(joinError('', ErrorCode.INCONSISTENT_GROUP_PROTOCOL))
      return
    }
    const newMemberId = `${groupInstanceId ?? client.clientId}-${randomUUID()}`
    if (groupInstanceId !== null) {
      const oldMemberId = group.staticMemberId(groupInstanceId)
      if (oldMemberId === undefined) this.#addMember(joining, newMemberId)
      else this.#replaceStatic(joining, groupInstanceId, oldMemberId, newMemberId)
    } else if (client.version >= MEMBER_ID_REQUIRED_FROM) {
      this.#rebalance.addPending(group, newMemberId, timeouts.sessionTimeoutMs)
      answer(joinError(newMemberId, ErrorCode.MEMBER_ID_REQUIRED))
    } else {
      this.#addMember(joining, newMemberId)
    }
  }

  #joinExisting(joining: Joining): void {
    const { group, memberId, groupInstanceId, protocols, answer } = joining
    if (!group.supportsProtocols(joining.protocolType, protocols)) {
      answer(joinError(memberId, ErrorCode.INCONSISTENT_GROUP_PROTOCOL))
      return
    }
    if (group.pendingMembers.has(memberId)) {
      // Pending ids are only given to dynamic members.
      if (groupInstanceId !== null) {
        answer(joinError(memberId, ErrorCode.UNKNOWN_SERVER_ERROR))
        return
      }
      this.#addMember(joining, memberId)
      return
    }
    try {
      group.validateMember(memberId, groupInstanceId)
    } catch (error) {
      answer(joinError(memberId, codeOf(error)))
      return
    }
    const member = group.members.get(memberId)!
    const isLeader = group.leaderId === memberId
    const unchanged = member.matches(protocols)
    if (group.state === 'PreparingRebalance') {
      this.#updateMember(joining, member, 'joins')
    } else if (group.state === 'CompletingRebalance') {
      // The same request again: its first answer was lost.
      if (unchanged) answer(currentGeneration(group, memberId, isLeader))
      else this.#updateMember(joining, member, 'changed its metadata')
    } else if (group.state === 'Stable') {
      // A leader rejoins to assign anew, for instance when a topic got partitions.
      if (isLeader) this.#updateMember(joining, member, 'leads the group and rejoined')
      else if (!unchanged) this.#updateMember(joining, member, 'changed its metadata')
      else answer(currentGeneration(group, memberId, false))
    } else {
      answer(joinError(memberId, ErrorCode.UNKNOWN_MEMBER_ID))
    }
  }

  #addMember(joining: Joining, memberId: string): void {
    const { group, client, groupInstanceId, protocols, timeouts } = joining
    const { clientId, clientHost } = client
    const init = { memberId, groupInstanceId, clientId, clientHost, protocols, ...timeouts }
    const member = new Member(this.#shard.context.clock, init)
    member.isNew = true
    if (group.state === 'PreparingRebalance' && group.previousState === 'Empty') group.newMemberAdded = true
    group.add(member, joining.protocolType, joining.answer)
    this.#rebalance.restartSession(group, member, NEW_MEMBER_JOIN_TIMEOUT_MS)
    this.#rebalance.prepareOrComplete(group, `member ${memberId} joins; client reason: ${joining.reason}`)
  }

  #updateMember(joining: Joining, member: Member, what: string): void {
    const { group, protocols, timeouts, answer, reason } = joining
    group.update(member, protocols, timeouts, answer)
    this.#rebalance.prepareOrComplete(group, `member ${member.memberId} ${what}; client reason: ${reason}`)
  }

  /** A static member came back under a new id: without a rebalance where the assignment can stay as it is. */
  #replaceStatic(joining: Joining, groupInstanceId: string, oldMemberId: string, newMemberId: string): void {
    const { group, protocols, timeouts, answer, reason } = joining
    const oldLeader = group.leaderId ?? ''
    const member = group.replaceStatic(groupInstanceId, oldMemberId, newMemberId)
    const before = { protocols: member.protocols, timeouts: timeoutsOf(member) }
    this.#rebalance.restartSession(group, member)
    group.update(member, protocols, timeouts, answer)
    if (group.state === 'PreparingRebalance') {
      this.#rebalance.maybeCompleteJoin(group)
    } else if (group.state === 'CompletingRebalance') {
      // The leader may be assigning to the old id just now, so the new one would get nothing.
      this.#rebalance.prepare(group, `static member ${groupInstanceId} came back; client reason: ${reason}`)
    } else if (group.selectProtocol() !== group.protocolName) {
      const why = `static member ${groupInstanceId} came back with other protocols; client reason: ${reason}`
      this.#rebalance.prepareOrComplete(group, why)
    } else {
      this.#persistReplacement(joining, member, oldLeader, () => {
        group.update(member, before.protocols, before.timeouts, null)
        this.#rebalance.restartSession(group, group.replaceStatic(groupInstanceId, newMemberId, oldMemberId))
      })
    }
  }

  #persistReplacement(joining: Joining, member: Member, oldLeader: string, revert: () => void): void {
    const { group, client } = joining
    const { memberId } = member
    this.#shard.write([groupRecord(group, group.assignments())]).then(
      () => {
        const isLeader = group.leaderId === memberId
        const skip = client.version >= SKIP_ASSIGNMENT_FROM
        group.completeJoin(member, {
          ...currentGeneration(group, memberId, isLeader && skip),
          leader: skip ? (group.leaderId ?? '') : oldLeader,
          skipAssignment: isLeader && skip,
        })
      },
      (error: unknown) => {
        const { groupId } = group
        this.#shard.context.logger.warn({ groupId, memberId, error }, 'could not store the returned static member')
        group.completeJoin(member, joinError('', codeOf(error)))
        if (group.members.get(memberId) === member) revert()
      },
    )
  }
}

/** What a member is told that needs no new generation. */
function currentGeneration(group: ClassicGroup, memberId: string, withMembers: boolean): Draft<JoinGroupResponse> {
  const { generationId, protocolType, protocolName } = group
  const members = withMembers ? group.memberSubscriptions() : []
  return { memberId, generationId, protocolType, protocolName, leader: group.leaderId ?? '', members }
}

function timeoutsOf({ rebalanceTimeoutMs, sessionTimeoutMs }: Member): Joining['timeouts'] {
  return { rebalanceTimeoutMs, sessionTimeoutMs }
}

/** Version 0 has no rebalance timeout: the session's counts for both. */
function rebalanceTimeoutMs(request: JoinGroupRequest, version: number): number {
  return version === 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs
}

/** The protocols, the first of each name, copied out of the request's buffer so as not to keep that alive. */
function uniqueProtocols(request: JoinGroupRequest): MemberProtocol[] {
  const byName = new Map<string, MemberProtocol>()
  for (const { name, metadata } of request.protocols) {
    if (!byName.has(name)) byName.set(name, { name, metadata: Buffer.from(metadata) })
  }
  return [...byName.values()]
}
