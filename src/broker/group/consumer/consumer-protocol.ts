import type { Draft } from '../../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../protocol/generated/68-consumer-group-heartbeat.ts'
import { ClassicGroup } from '../classic-group.ts'
import type { GroupClient } from '../group-context.ts'
import type { Rebalance } from '../rebalance.ts'
import type { GroupShard } from '../shard.ts'
import { listPartitions, samePartitions } from './assignment.ts'
import type { ConsumerGroupContext } from './consumer-context.ts'
import { ConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, JOIN_EPOCH, LEAVE_EPOCH, MemberState, STATIC_LEAVE_EPOCH } from './consumer-member.ts'
import { type ConsumerGroupRecord, RecordMaker } from './consumer-records.ts'
import { fenceRecords, groupTombstones } from './fence.ts'
import { GroupSteps, type Step } from './group-steps.ts'
import { newMemberId } from './member-id.ts'
import { GroupTimers } from './member-timers.ts'
import { type UpdateResult, updateMember } from './member-update.ts'
import { canDowngrade, downgrade, replaceEmpty, type Upgrade, upgrade } from './migration.ts'
import { needsRefresh, regexResultRecords, resolveRegexes, subscribedRegexes } from './regex-subscription.ts'
import { memberOf, staticMemberOf, subscribeMember } from './subscribe-member.ts'

type Response = Draft<ConsumerGroupHeartbeatResponse>

/** A group for a step to work on; `begin` takes the classic group it replaces out of the way, `failed` puts it back. */
interface FoundGroup {
  readonly group: ConsumerGroup
  readonly records: Upgrade['records']
  begin?(): void
  failed?(): void
}

/** The consumer groups (KIP-848) of one partition of __consumer_offsets: heartbeats, and what falls due. */
export class ConsumerProtocol {
  readonly steps: GroupSteps
  readonly timers: GroupTimers
  readonly #shard: GroupShard
  readonly #rebalance: Rebalance
  readonly #refreshing = new Set<string>()

  constructor(shard: GroupShard, rebalance: Rebalance) {
    this.#shard = shard
    this.#rebalance = rebalance
    this.steps = new GroupSteps(shard)
    this.timers = new GroupTimers(shard.context.clock)
  }

  get #consumer(): ConsumerGroupContext {
    return this.#shard.context.consumer
  }

  /** Gives each loaded member a whole session to show itself. */
  start(): void {
    for (const group of this.#shard.consumerGroups.values()) {
      for (const member of group.members.values()) {
        this.restartSession(group.groupId, member)
        this.#watchRevocation(group.groupId, member)
      }
    }
  }

  close(): void {
    this.timers.cancelAll()
  }

  /** A valid ConsumerGroupHeartbeat: joins, goes on, or leaves, depending on the epoch. @throws KafkaError */
  async heartbeat(client: GroupClient, request: ConsumerGroupHeartbeatRequest): Promise<Response> {
    const { groupId, memberEpoch } = request
    const leaves = memberEpoch === LEAVE_EPOCH || memberEpoch === STATIC_LEAVE_EPOCH
    const response = await this.steps.run(groupId, () =>
      leaves ? this.#leave(request) : this.#update(client, request),
    )
    this.refreshRegexes(groupId, client)
    return response
  }

  /** Resolves the group's regular expressions if it is time to, to topics that the client may know of. */
  refreshRegexes(groupId: string, { describable }: GroupClient): void {
    const group = this.#shard.consumerGroups.get(groupId)
    if (group === undefined || this.#refreshing.has(groupId)) return
    const nowMs = this.#shard.context.clock.nowMs()
    const refreshIntervalMs = this.#consumer.settings().regexRefreshIntervalMs
    const newestTopicOffset = this.#consumer.newestTopicOffset()
    if (!needsRefresh(group, { nowMs, refreshIntervalMs, newestTopicOffset })) return
    this.#refreshing.add(groupId)
    resolveRegexes(this.#consumer, subscribedRegexes(group), nowMs, describable)
      .then((resolved) =>
        this.steps.run(groupId, () => {
          const current = this.#shard.consumerGroups.get(groupId)
          const records = current === undefined ? [] : regexResultRecords(this.#consumer, current, resolved)
          return { records, result: undefined }
        }),
      )
      .catch((error: unknown) => {
        if (this.#shard.closed) return
        this.#shard.context.logger.warn({ groupId, error }, 'could not store what the regular expressions stand for')
      })
      .finally(() => this.#refreshing.delete(groupId))
  }

  /** The step that removes members; a group of which only classic members are left becomes a classic group. */
  fence<T>(group: ConsumerGroup, members: readonly ConsumerMember[], result: T): Step<T> {
    const { groupId } = group
    if (members.length === 0) return { records: [], result }
    const { maxSize } = this.#shard.context.settings()
    if (canDowngrade(this.#consumer, group, members, maxSize)) return this.downgrade(group, members, result)
    return {
      records: fenceRecords(this.#consumer, group, members),
      result,
      committed: () => {
        for (const { memberId } of members) this.timers.cancelMember(groupId, memberId)
      },
    }
  }

  /** The step that makes a group without those members a classic group. */
  downgrade<T>(group: ConsumerGroup, without: readonly ConsumerMember[], result: T): Step<T> {
    const { clock } = this.#shard.context
    const { value, records } = downgrade(this.#consumer, group, without, clock.nowMs())
    const committed = () => this.#becomeClassic(ClassicGroup.fromRecord(group.groupId, value, clock))
    return { records, result, committed }
  }

  /** Starts a member's session anew, as each sign of life does. */
  restartSession(groupId: string, member: ConsumerMember): void {
    if (this.#shard.closed) return
    const { memberId, classic } = member
    const timeoutMs = classic?.sessionTimeoutMs ?? this.#consumer.groupConfig(groupId).sessionTimeoutMs
    this.timers.set(groupId, memberId, 'session', timeoutMs, () => {
      this.expire(groupId, memberId, 'its session has expired', () =>
        this.timers.isPending(groupId, memberId, 'session'),
      )
    })
  }

  /** Removes a member for which something is due, unless `isObsolete` says so when its turn comes. */
  expire(groupId: string, memberId: string, why: string, isObsolete: () => boolean): void {
    const { logger } = this.#shard.context
    this.steps
      .run(groupId, () => {
        const group = this.#shard.consumerGroups.get(groupId)
        const member = group?.members.get(memberId)
        if (group === undefined || member === undefined || isObsolete()) return { records: [], result: undefined }
        logger.info({ groupId, memberId }, `member removed: ${why}`)
        return this.fence(group, [member], undefined)
      })
      .catch((error: unknown) => {
        if (this.#shard.closed) return
        logger.warn({ groupId, memberId, error }, `could not remove a member although ${why}`)
        const member = this.#shard.consumerGroups.get(groupId)?.members.get(memberId)
        if (member !== undefined) this.restartSession(groupId, member)
      })
  }

  /** Called when an update of a member is committed. */
  updated(
    groupId: string,
    { member, assignmentChanged }: { member: ConsumerMember; assignmentChanged: boolean },
  ): void {
    this.restartSession(groupId, member)
    if (assignmentChanged) this.#watchRevocation(groupId, member)
  }

  #leave(request: ConsumerGroupHeartbeatRequest): Step<Response> {
    const { groupId, memberId, memberEpoch, instanceId } = request
    const group = this.group(groupId)
    const result = { memberId, memberEpoch }
    if (instanceId === null) return this.fence(group, [memberOf(group, memberId)], result)
    const member = staticMemberOf(group, instanceId, memberId)
    if (memberEpoch !== STATIC_LEAVE_EPOCH) return this.fence(group, [member], result)
    // It may come back within its session, so it keeps what it has; what it had to give up it has given up by leaving.
    const left = { ...member, memberEpoch: STATIC_LEAVE_EPOCH, pendingRevocation: new Map() }
    return { records: [new RecordMaker(groupId).current(memberId, left)], result }
  }

  /** @throws KafkaError GROUP_ID_NOT_FOUND also for a group of another kind */
  group(groupId: string): ConsumerGroup {
    const group = this.#shard.consumerGroups.get(groupId)
    if (group !== undefined) return group
    const isOther = this.#shard.groups.has(groupId) || this.#shard.modernGroups.has(groupId)
    const message = isOther ? `Group ${groupId} is not a consumer group.` : `Group ${groupId} not found.`
    throw new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
  }

  groupIds(): Iterable<string> {
    return this.#shard.consumerGroups.keys()
  }

  /** The tombstones of all records of a group. */
  tombstones(groupId: string): ConsumerGroupRecord[] {
    return groupTombstones(this.group(groupId))
  }

  #update(client: GroupClient, request: ConsumerGroupHeartbeatRequest): Step<Response> {
    const { groupId, instanceId, memberEpoch, topicPartitions: owned } = request
    const joins = memberEpoch === JOIN_EPOCH
    const found = this.#find(groupId, joins)
    const { group } = found
    this.checkSize(group, request.memberId)
    const memberId = request.memberId === '' ? newMemberId() : request.memberId
    const replacedId = group.staticMember(instanceId)?.memberId
    const { member: before, records } = subscribeMember(group, { memberId, instanceId, memberEpoch, joins, owned })
    const result = this.runUpdate(group, {
      before,
      after: withRequest(before, client, request),
      records,
      owned,
    })
    found.begin?.()
    const { member } = result
    const assignmentChanged = !samePartitions(before.assigned, member.assigned)
    const isFull = request.rebalanceTimeoutMs !== -1 && hasSubscription(request) && owned !== null
    return {
      records: [...found.records, ...result.records],
      result: {
        memberId,
        memberEpoch: member.memberEpoch,
        heartbeatIntervalMs: this.#consumer.groupConfig(groupId).heartbeatIntervalMs,
        assignment: joins || isFull || assignmentChanged ? { topicPartitions: listPartitions(member.assigned) } : null,
      },
      committed: () => {
        if (replacedId !== undefined && replacedId !== memberId) this.timers.cancelMember(groupId, replacedId)
        this.updated(groupId, { member, assignmentChanged: member.state !== before.state || assignmentChanged })
        if (found.records.length > 1) this.#restartOthers(groupId, memberId)
      },
      failed: () => {
        group.metadataChanged = true
        found.failed?.()
      },
    }
  }

  /** Updates a member by updateMember, having looked at the topics' metadata. */
  runUpdate(group: ConsumerGroup, change: Omit<Parameters<typeof updateMember>[1], 'group'>): UpdateResult {
    const { clock, logger } = this.#shard.context
    const environment = { consumer: this.#consumer, logger, nowMs: clock.nowMs() }
    const result = updateMember(environment, { group, ...change })
    group.metadataChanged = false
    return result
  }

  /** @throws KafkaError GROUP_MAX_SIZE_REACHED when a new member would be one too many */
  checkSize(group: ConsumerGroup, memberId: string): void {
    const { maxSize } = this.#consumer.settings()
    if (group.members.size < maxSize || group.members.has(memberId)) return
    const message = `The consumer group has reached its maximum capacity of ${maxSize} members.`
    throw new KafkaError(ErrorCode.GROUP_MAX_SIZE_REACHED, message)
  }

  #find(groupId: string, create: boolean): FoundGroup {
    const existing = this.#shard.consumerGroups.get(groupId)
    if (existing !== undefined) return { group: existing, records: [] }
    const classic = this.#shard.groups.get(groupId)
    if (create && classic !== undefined && !this.#shard.modernGroups.has(groupId)) {
      const converted = classic.members.size === 0 ? replaceEmpty(groupId) : upgrade(this.#consumer, classic)
      return {
        ...converted,
        begin: () => this.#shard.detachClassic(classic),
        failed: () => this.#becomeClassic(classic),
      }
    }
    if (create && !this.#shard.modernGroups.has(groupId)) return { group: new ConsumerGroup(groupId), records: [] }
    const isOther = classic !== undefined || this.#shard.modernGroups.has(groupId)
    const message = isOther ? `Group ${groupId} is not a consumer group.` : `Consumer group ${groupId} not found.`
    throw new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, message)
  }

  /** The members of a group that was converted: their sessions start as those of a loaded group do. */
  #restartOthers(groupId: string, memberId: string): void {
    for (const member of this.#shard.consumerGroups.get(groupId)?.members.values() ?? []) {
      if (member.memberId !== memberId) this.restartSession(groupId, member)
    }
  }

  #becomeClassic(group: ClassicGroup): void {
    if (this.#shard.closed) return
    const { groupId } = group
    this.timers.cancelGroup(groupId)
    this.#shard.groups.set(groupId, group)
    for (const member of group.members.values()) this.#rebalance.restartSession(group, member)
    if (group.members.size > 0) this.#rebalance.prepareOrComplete(group, 'the group became a classic group again')
  }

  /** A member that has to give up partitions has its rebalance timeout to do so. */
  #watchRevocation(
    groupId: string,
    { memberId, memberEpoch, state, rebalanceTimeoutMs, classic }: ConsumerMember,
  ): void {
    if (classic !== null || this.#shard.closed) return
    if (state !== MemberState.UNREVOKED_PARTITIONS) {
      this.timers.cancel(groupId, memberId, 'rebalance')
      return
    }
    this.timers.set(groupId, memberId, 'rebalance', rebalanceTimeoutMs, () => {
      this.expire(groupId, memberId, 'it did not give up its partitions within the rebalance timeout', () => {
        const member = this.#shard.consumerGroups.get(groupId)?.members.get(memberId)
        return member?.memberEpoch !== memberEpoch || this.timers.isPending(groupId, memberId, 'rebalance')
      })
    })
  }
}

function hasSubscription(request: ConsumerGroupHeartbeatRequest): boolean {
  return request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null
}

/** The member with what its heartbeat says; what a heartbeat leaves out is as it was. */
function withRequest(
  member: ConsumerMember,
  client: GroupClient,
  request: ConsumerGroupHeartbeatRequest,
): ConsumerMember {
  const { rebalanceTimeoutMs, subscribedTopicNames } = request
  return {
    ...member,
    instanceId: request.instanceId ?? member.instanceId,
    rackId: request.rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    serverAssignor: request.serverAssignor ?? member.serverAssignor,
    subscribedTopicNames: subscribedTopicNames === null ? member.subscribedTopicNames : new Set(subscribedTopicNames),
    subscribedTopicRegex: request.subscribedTopicRegex ?? member.subscribedTopicRegex,
    clientId: client.clientId,
    clientHost: client.clientHost,
    classic: null,
  }
}
