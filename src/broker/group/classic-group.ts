import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type {
  JoinGroupResponse,
  JoinGroupResponseJoinGroupResponseMember,
} from '../../protocol/generated/11-join-group.ts'
import type { SyncGroupResponse } from '../../protocol/generated/14-sync-group.ts'
import type { GroupMetadataValue } from '../../protocol/generated/data/group-metadata.ts'
import { type JoinAnswer, Member, type MemberProtocol } from './member.ts'
import { CONSUMER_PROTOCOL_TYPE, subscribedTopics } from './subscription.ts'
import { Timer } from './timer.ts'

/** States by the names that DescribeGroups and ListGroups show. */
export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

const PREVIOUS_STATES: { readonly [State in ClassicGroupState]: readonly ClassicGroupState[] } = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
  Dead: ['Empty', 'PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead'],
}

/**
 * A group of the classic protocol: members, generation and state, with the rules that tie them together. It neither
 * writes records nor decides when to rebalance; that is ClassicProtocol's.
 */
export class ClassicGroup {
  readonly groupId: string
  readonly members = new Map<string, Member>()
  /** Ids given out by MEMBER_ID_REQUIRED (KIP-394) whose owners have not come back yet, with their expiry. */
  readonly pendingMembers = new Map<string, Timer>()
  /** Members that got their JoinGroup answer and have not sent SyncGroup yet. */
  readonly pendingSyncMembers = new Set<string>()
  readonly joinTimer: Timer
  readonly syncTimer: Timer
  generationId = 0
  /** 'consumer', 'connect' …; null for a group that only has offsets. */
  protocolType: string | null = null
  protocolName: string | null = null
  leaderId: string | null = null
  /** A member joined an initial rebalance since its delay was last extended. */
  newMemberAdded = false
  previousState: ClassicGroupState | null = null
  /** When the state was entered; -1 when the log doesn't say. */
  stateTimestampMs: number
  readonly #clock: Clock
  readonly #staticMembers = new Map<string, string>()
  readonly #supportedProtocols = new Map<string, number>()
  #state: ClassicGroupState = 'Empty'
  #awaitingJoinCount = 0
  /** null: not known. */
  #subscribedTopics: ReadonlySet<string> | null = null

  constructor(groupId: string, clock: Clock) {
    this.groupId = groupId
    this.#clock = clock
    this.stateTimestampMs = clock.nowMs()
    this.joinTimer = new Timer(clock)
    this.syncTimer = new Timer(clock)
  }

  /** Rebuilds a group from its record. Its members' sessions are not started. */
  static fromRecord(groupId: string, value: GroupMetadataValue, clock: Clock): ClassicGroup {
    const group = new ClassicGroup(groupId, clock)
    group.#state = value.members.length === 0 ? 'Empty' : 'Stable'
    group.generationId = value.generation
    group.protocolType = value.protocolType === '' ? null : value.protocolType
    group.protocolName = value.protocol
    group.leaderId = value.leader
    group.stateTimestampMs = Number(value.currentStateTimestamp)
    for (const member of value.members) {
      const { memberId, groupInstanceId, clientId, clientHost, sessionTimeout: sessionTimeoutMs } = member
      const rebalanceTimeoutMs = member.rebalanceTimeout === -1 ? sessionTimeoutMs : member.rebalanceTimeout
      // Copies: what came from the log is a view of a whole segment read.
      const protocols = [{ name: value.protocol ?? '', metadata: Buffer.from(member.subscription) }]
      const assignment = Buffer.from(member.assignment)
      const init = {
        memberId,
        groupInstanceId,
        clientId,
        clientHost,
        rebalanceTimeoutMs,
        sessionTimeoutMs,
        protocols,
        assignment,
      }
      group.add(new Member(clock, init), value.protocolType, null)
    }
    group.#updateSubscribedTopics()
    return group
  }

  /** The group as its record holds it. */
  toRecordValue(assignments: ReadonlyMap<string, Buffer>): GroupMetadataValue {
    return {
      protocolType: this.protocolType ?? '',
      generation: this.generationId,
      protocol: this.protocolName,
      leader: this.leaderId,
      currentStateTimestamp: BigInt(this.stateTimestampMs),
      members: [...this.members.values()].map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.sessionTimeoutMs,
        subscription: member.metadata(this.protocolName ?? '') ?? Buffer.alloc(0),
        assignment: assignments.get(member.memberId) ?? Buffer.alloc(0),
      })),
    }
  }

  get state(): ClassicGroupState {
    return this.#state
  }

  get awaitingJoinCount(): number {
    return this.#awaitingJoinCount
  }

  get canRebalance(): boolean {
    return PREVIOUS_STATES.PreparingRebalance.includes(this.#state)
  }

  get hasAllMembersJoined(): boolean {
    return this.members.size === this.#awaitingJoinCount && this.pendingMembers.size === 0
  }

  /** The longest time any member may take to rejoin. */
  get rebalanceTimeoutMs(): number {
    let longestMs = 0
    for (const member of this.members.values()) longestMs = Math.max(longestMs, member.rebalanceTimeoutMs)
    return longestMs
  }

  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE
  }

  get knowsSubscription(): boolean {
    return this.#subscribedTopics !== null
  }

  /** @throws AssertionError when the state machine has no such step */
  transitionTo(state: ClassicGroupState): void {
    assert(PREVIOUS_STATES[state].includes(this.#state), `group can't go from ${this.#state} to ${state}`)
    this.previousState = this.#state
    this.#state = state
    this.stateTimestampMs = this.#clock.nowMs()
  }

  /** True when members read the topic; when the subscription is unknown, true to be safe. */
  isSubscribedTo(topic: string): boolean {
    return this.#subscribedTopics === null ? this.usesConsumerProtocol : this.#subscribedTopics.has(topic)
  }

  /** True when some protocol of the candidate is supported by every member. */
  supportsProtocols(protocolType: string, protocols: readonly MemberProtocol[]): boolean {
    if (this.#state === 'Empty') return protocolType !== '' && protocols.length > 0
    if (this.protocolType !== protocolType) return false
    return protocols.some(({ name }) => (this.#supportedProtocols.get(name) ?? 0) === this.members.size)
  }

  /** Adds a member; the first one gives the group its protocol type and leads it. */
  add(member: Member, protocolType: string, answer: JoinAnswer | null): void {
    if (this.members.size === 0) this.protocolType = protocolType === '' ? null : protocolType
    if (member.groupInstanceId !== null) this.#staticMembers.set(member.groupInstanceId, member.memberId)
    this.leaderId ??= member.memberId
    this.members.set(member.memberId, member)
    this.#countProtocols(member, 1)
    this.setAwaitingJoin(member, answer)
    this.removePending(member.memberId)
  }

  /** Takes over what a rejoining member brought. A JoinGroup of it that still waits is told to rejoin. */
  update(
    member: Member,
    protocols: readonly MemberProtocol[],
    timeouts: MemberTimeouts,
    answer: JoinAnswer | null,
  ): void {
    this.#countProtocols(member, -1)
    member.protocols = protocols
    this.#countProtocols(member, 1)
    member.rebalanceTimeoutMs = timeouts.rebalanceTimeoutMs
    member.sessionTimeoutMs = timeouts.sessionTimeoutMs
    if (answer !== null) this.completeJoin(member, joinError(member.memberId, ErrorCode.REBALANCE_IN_PROGRESS))
    this.setAwaitingJoin(member, answer)
  }

  /** Removes a member or a pending member, with its timer; requests of it that wait get UNKNOWN_MEMBER_ID. */
  remove(memberId: string): void {
    const member = this.members.get(memberId)
    if (member !== undefined) {
      this.completeJoin(member, joinError('', ErrorCode.UNKNOWN_MEMBER_ID))
      this.completeSync(member, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
      member.session.cancel()
      this.members.delete(memberId)
      this.#countProtocols(member, -1)
      if (member.groupInstanceId !== null) this.#staticMembers.delete(member.groupInstanceId)
    }
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null
    this.removePending(memberId)
    this.pendingSyncMembers.delete(memberId)
  }

  removePending(memberId: string): void {
    this.pendingMembers.get(memberId)?.cancel()
    this.pendingMembers.delete(memberId)
  }

  /** Gives a static member's place to a new incarnation; the older one is fenced at once if it waits for an answer. */
  replaceStatic(groupInstanceId: string, oldMemberId: string, newMemberId: string): Member {
    const old = this.members.get(oldMemberId)
    assert(old !== undefined, 'a static member has no member of its id')
    this.completeJoin(old, joinError(oldMemberId, ErrorCode.FENCED_INSTANCE_ID))
    this.completeSync(old, { errorCode: ErrorCode.FENCED_INSTANCE_ID })
    old.session.cancel()
    this.members.delete(oldMemberId)
    this.pendingSyncMembers.delete(oldMemberId)
    const replacement = new Member(this.#clock, { ...old, memberId: newMemberId })
    this.members.set(newMemberId, replacement)
    if (this.leaderId === oldMemberId) this.leaderId = newMemberId
    this.#staticMembers.set(groupInstanceId, newMemberId)
    return replacement
  }

  staticMemberId(groupInstanceId: string): string | undefined {
    return this.#staticMembers.get(groupInstanceId)
  }

  /** @throws KafkaError UNKNOWN_MEMBER_ID, or FENCED_INSTANCE_ID when another incarnation holds the instance id */
  validateMember(memberId: string, groupInstanceId: string | null): void {
    if (groupInstanceId !== null) {
      const existing = this.#staticMembers.get(groupInstanceId)
      if (existing === undefined) throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
      if (existing !== memberId) throw new KafkaError(ErrorCode.FENCED_INSTANCE_ID)
    }
    if (!this.members.has(memberId)) throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
  }

  setAwaitingJoin(member: Member, answer: JoinAnswer | null): void {
    if (member.awaitingJoin !== null) this.#awaitingJoinCount--
    member.awaitingJoin = answer
    if (answer !== null) this.#awaitingJoinCount++
  }

  /** @returns whether a JoinGroup request waited */
  completeJoin(member: Member, response: Draft<JoinGroupResponse>): boolean {
    const answer = member.awaitingJoin
    if (answer === null) return false
    this.setAwaitingJoin(member, null)
    answer(response)
    return true
  }

  /** @returns whether a SyncGroup request waited */
  completeSync(member: Member, response: Draft<SyncGroupResponse>): boolean {
    const answer = member.awaitingSync
    if (answer === null) return false
    member.awaitingSync = null
    answer(response)
    return true
  }

  /** Keeps the leader if it rejoined, else elects a member that did; false when nobody did. */
  electJoinedLeader(): boolean {
    const leader = this.leaderId === null ? undefined : this.members.get(this.leaderId)
    if (leader === undefined) return false
    if (leader.awaitingJoin !== null) return true
    for (const member of this.members.values()) {
      if (member.awaitingJoin !== null) {
        this.leaderId = member.memberId
        return true
      }
    }
    return false
  }

  /** Starts the next generation with the members there are: CompletingRebalance, or Empty without members. */
  startNextGeneration(): void {
    this.generationId++
    this.protocolName = this.members.size > 0 ? this.selectProtocol() : null
    this.#updateSubscribedTopics()
    this.transitionTo(this.members.size > 0 ? 'CompletingRebalance' : 'Empty')
    this.pendingSyncMembers.clear()
  }

  /** The protocol that most members prefer among those all support. */
  selectProtocol(): string {
    const candidates = new Set<string>()
    for (const [name, count] of this.#supportedProtocols) if (count === this.members.size) candidates.add(name)
    const votes = new Map<string, number>()
    for (const member of this.members.values()) {
      const choice = member.vote(candidates)
      if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1)
    }
    let best: string | undefined
    for (const [name, count] of votes) if (best === undefined || count > votes.get(best)!) best = name
    assert(best !== undefined, 'a group has no protocol that all its members support')
    return best
  }

  /** What the leader is told of the members, to assign by. */
  memberSubscriptions(): Draft<JoinGroupResponseJoinGroupResponseMember>[] {
    const protocolName = this.protocolName ?? ''
    return [...this.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      metadata: member.metadata(protocolName) ?? Buffer.alloc(0),
    }))
  }

  assignments(): Map<string, Buffer> {
    return new Map([...this.members].map(([memberId, member]) => [memberId, member.assignment]))
  }

  cancelTimers(): void {
    this.joinTimer.cancel()
    this.syncTimer.cancel()
    for (const member of this.members.values()) member.session.cancel()
    for (const timer of this.pendingMembers.values()) timer.cancel()
  }

  #countProtocols(member: Member, by: 1 | -1): void {
    for (const { name } of member.protocols) {
      const count = (this.#supportedProtocols.get(name) ?? 0) + by
      if (count > 0) this.#supportedProtocols.set(name, count)
      else this.#supportedProtocols.delete(name)
    }
  }

  #updateSubscribedTopics(): void {
    this.#subscribedTopics = subscribedTopics(this)
  }
}

export interface MemberTimeouts {
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
}

/** The JoinGroup response that says just an error. */
export function joinError(memberId: string, errorCode: number): Draft<JoinGroupResponse> {
  return { memberId, errorCode, generationId: -1, protocolType: null, protocolName: null, leader: '', members: [] }
}
