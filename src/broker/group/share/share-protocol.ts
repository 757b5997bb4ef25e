import type { Draft } from '../../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../../protocol/generated/76-share-group-heartbeat.ts'
import { listPartitions, samePartitions } from '../consumer/assignment.ts'
import { sameNames } from '../consumer/consumer-member.ts'
import type { GroupSteps, Step } from '../consumer/group-steps.ts'
import { GroupTimers } from '../consumer/member-timers.ts'
import { metadataHash } from '../consumer/metadata-hash.ts'
import type { GroupClient } from '../group-context.ts'
import type { GroupShard } from '../shard.ts'
import { reassign } from './share-assignment.ts'
import type { ShareGroupContext } from './share-context.ts'
import { ShareGroup, subscribedTopics, type TopicStates } from './share-group.ts'
import { JOIN_EPOCH, LEAVE_EPOCH, newShareMember, type ShareMember, sameShareMetadata } from './share-member.ts'
import { type ShareGroupRecord, ShareRecordMaker } from './share-records.ts'
import { forEachPartition, initializedRecord, initializingRecord, keysOf, uninitialized } from './share-state-steps.ts'

type Response = Draft<ShareGroupHeartbeatResponse>

interface Updated {
  readonly response: Response
  /** Partitions that need state before they can be assigned. */
  readonly toInitialize: TopicStates
  readonly groupEpoch: number
}

/** The share groups (KIP-932) of one partition of __consumer_offsets: heartbeats, and what falls due. */
export class ShareProtocol {
  readonly steps: GroupSteps
  readonly #shard: GroupShard
  readonly #timers: GroupTimers

  /** @param steps of all groups of the shard: a group changes its kind in one of them */
  constructor(shard: GroupShard, steps: GroupSteps) {
    this.#shard = shard
    this.steps = steps
    this.#timers = new GroupTimers(shard.context.clock)
  }

  get #share(): ShareGroupContext {
    return this.#shard.context.share
  }

  /** Gives each loaded member a whole session to show itself. */
  start(): void {
    for (const { groupId, members } of this.#shard.shareGroups.values()) {
      for (const memberId of members.keys()) this.#restartSession(groupId, memberId)
    }
  }

  close(): void {
    this.#timers.cancelAll()
  }

  /** A valid ShareGroupHeartbeat: joins, goes on, or leaves. @throws KafkaError */
  async heartbeat(client: GroupClient, request: ShareGroupHeartbeatRequest): Promise<Response> {
    const { groupId, memberId, memberEpoch } = request
    if (memberEpoch === LEAVE_EPOCH) return await this.steps.run(groupId, () => this.#leave(groupId, memberId))
    const updated = await this.steps.run(groupId, () => this.#update(client, request, false))
    if (updated.toInitialize.size === 0) return updated.response
    await this.#initialize(groupId, updated)
    // What has state now can be assigned: the member need not wait for its next heartbeat.
    const again = { ...request, memberEpoch: updated.response.memberEpoch ?? memberEpoch }
    const { response } = await this.steps.run(groupId, () => this.#update(client, again, true))
    return response
  }

  /** @throws KafkaError GROUP_ID_NOT_FOUND also for a group of another kind */
  group(groupId: string): ShareGroup {
    const group = this.#shard.shareGroups.get(groupId)
    if (group !== undefined) return group
    throw new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, this.#missing(groupId, 'Group'))
  }

  /** The group, or a new one that isn't in the log yet. @throws KafkaError GROUP_ID_NOT_FOUND for another kind of group */
  groupOrNew(groupId: string): ShareGroup {
    const group = this.#shard.shareGroups.get(groupId)
    if (group !== undefined) return group
    if (!this.#isOther(groupId)) return new ShareGroup(groupId)
    throw new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, this.#missing(groupId, 'Group'))
  }

  #isOther(groupId: string): boolean {
    const { groups, consumerGroups, modernGroups } = this.#shard
    return groups.has(groupId) || consumerGroups.has(groupId) || modernGroups.has(groupId)
  }

  #missing(groupId: string, what: string): string {
    return this.#isOther(groupId) ? `Group ${groupId} is not a share group.` : `${what} ${groupId} not found.`
  }

  #leave(groupId: string, memberId: string): Step<Response> {
    const group = this.group(groupId)
    return this.#fence(group, memberOf(group, memberId), { memberId, memberEpoch: LEAVE_EPOCH })
  }

  #fence<T>(group: ShareGroup, { memberId }: ShareMember, result: T): Step<T> {
    const { groupId } = group
    const make = new ShareRecordMaker(groupId)
    const rest = [...group.members.values()].filter((member) => member.memberId !== memberId)
    const hash = metadataHash(this.#shard.context.consumer.topics, subscribedTopics(rest))
    return {
      records: [...make.memberTombstones(memberId), make.epoch(group.groupEpoch + 1, hash)],
      result,
      committed: () => this.#timers.cancelMember(groupId, memberId),
    }
  }

  /** @param isSecondLook the member's own heartbeat has just made state for what it reads */
  #update(client: GroupClient, request: ShareGroupHeartbeatRequest, isSecondLook: boolean): Step<Updated> {
    const { groupId, memberId, memberEpoch, subscribedTopicNames } = request
    const joins = memberEpoch === JOIN_EPOCH
    const group = this.#find(groupId, joins)
    this.#checkSize(group, memberId)
    const before = joins ? (group.members.get(memberId) ?? newShareMember(memberId)) : memberOf(group, memberId)
    checkEpoch(before, memberEpoch)
    const after = withRequest(before, client, request)
    const hasNewSubscription = !sameNames(before.subscribedTopicNames, after.subscribedTopicNames)
    const nowMs = this.#shard.context.clock.nowMs()
    const { topics } = this.#shard.context.consumer
    const { heartbeatIntervalMs, assignmentIntervalMs } = this.#share.groupConfig(groupId)
    const isWaitedFor = isSecondLook && before.assigned.size === 0
    const change = { group, before, after, hasNewSubscription, nowMs }
    const result = reassign(topics, { ...change, assignmentIntervalMs: isWaitedFor ? 0 : assignmentIntervalMs })
    const records: ShareGroupRecord[] = []
    const isNew = !group.members.has(memberId)
    if (isNew || !sameShareMetadata(before, after)) records.push(new ShareRecordMaker(groupId).member(after))
    records.push(...result.records)
    const { member, groupEpoch } = result
    const members = [...group.members.values()].filter((each) => each.memberId !== memberId)
    const read = subscribedTopics([...members, after])
    const toInitialize = isSecondLook ? new Map() : uninitialized(topics, group, read, nowMs)
    if (toInitialize.size > 0) records.push(initializingRecord(group, toInitialize))
    const isShown = joins || subscribedTopicNames !== null || !samePartitions(before.assigned, member.assigned)
    group.metadataChanged = false
    return {
      records,
      result: {
        response: {
          memberId,
          memberEpoch: member.memberEpoch,
          heartbeatIntervalMs,
          assignment: isShown ? { topicPartitions: listPartitions(member.assigned) } : null,
        },
        toInitialize,
        groupEpoch,
      },
      committed: () => this.#restartSession(groupId, memberId),
      failed: () => {
        group.metadataChanged = true
      },
    }
  }

  /** @throws KafkaError */
  async #initialize(groupId: string, { toInitialize, groupEpoch }: Updated): Promise<void> {
    const { persister } = this.#share
    const failures = await forEachPartition(persister, keysOf(groupId, toInitialize), (key) =>
      persister.initialize(key, groupEpoch, -1),
    )
    await this.markInitialized(groupId, toInitialize, failures.length === 0)
    const first = failures[0]
    if (first === undefined) return
    const { logger } = this.#shard.context
    logger.error({ groupId, error: first.error }, 'the state of a share group could not be initialized')
    throw new KafkaError(first.error.code)
  }

  /** Writes that partitions have state now, or that they don't after all. @throws KafkaError */
  async markInitialized(groupId: string, topics: TopicStates, succeeded: boolean): Promise<void> {
    await this.steps.run(groupId, () => {
      const group = this.#shard.shareGroups.get(groupId)
      const records = group === undefined ? [] : [initializedRecord(group, topics, succeeded)]
      return { records, result: undefined }
    })
  }

  #find(groupId: string, create: boolean): ShareGroup {
    if (create) return this.groupOrNew(groupId)
    const group = this.#shard.shareGroups.get(groupId)
    if (group !== undefined) return group
    throw new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, this.#missing(groupId, 'Share group'))
  }

  #checkSize(group: ShareGroup, memberId: string): void {
    const maxSize = this.#share.maxSize()
    if (group.members.size < maxSize || group.members.has(memberId)) return
    const message = `The share group has reached its maximum capacity of ${maxSize} members.`
    throw new KafkaError(ErrorCode.GROUP_MAX_SIZE_REACHED, message)
  }

  #restartSession(groupId: string, memberId: string): void {
    if (this.#shard.closed) return
    const { sessionTimeoutMs } = this.#share.groupConfig(groupId)
    this.#timers.set(groupId, memberId, 'session', sessionTimeoutMs, () => this.#expire(groupId, memberId))
  }

  #expire(groupId: string, memberId: string): void {
    const { logger } = this.#shard.context
    this.steps
      .run(groupId, () => {
        const group = this.#shard.shareGroups.get(groupId)
        const member = group?.members.get(memberId)
        const isBack = this.#timers.isPending(groupId, memberId, 'session')
        if (group === undefined || member === undefined || isBack) return { records: [], result: undefined }
        logger.info({ groupId, memberId }, 'member removed: its session has expired')
        return this.#fence(group, member, undefined)
      })
      .catch((error: unknown) => {
        if (this.#shard.closed) return
        logger.warn({ groupId, memberId, error }, 'could not remove a member although its session has expired')
        this.#restartSession(groupId, memberId)
      })
  }
}

/** @throws KafkaError UNKNOWN_MEMBER_ID */
function memberOf(group: ShareGroup, memberId: string): ShareMember {
  const member = group.members.get(memberId)
  if (member !== undefined) return member
  const message = `Member ${memberId} is not a member of group ${group.groupId}.`
  throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, message)
}

/** @throws KafkaError FENCED_MEMBER_EPOCH; the epoch before is good: the answer with the new one may have been lost */
function checkEpoch(member: ShareMember, epoch: number): void {
  if (epoch === JOIN_EPOCH || epoch === member.memberEpoch || epoch === member.previousMemberEpoch) return
  const { memberEpoch: known, previousMemberEpoch: previous } = member
  const [how, mismatch] =
    epoch > known ? ['greater', ''] : ['smaller', `, and it does not match the previous member epoch (${previous})`]
  throw new KafkaError(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The share group member has a ${how} member epoch (${epoch}) than the one known by the group coordinator ` +
      `(${known})${mismatch}. The member must abandon all its partitions and rejoin.`,
  )
}

/** The member with what its heartbeat says; what a heartbeat leaves out is as it was. */
function withRequest(
  member: ShareMember,
  { clientId, clientHost }: GroupClient,
  { rackId, subscribedTopicNames }: ShareGroupHeartbeatRequest,
): ShareMember {
  return {
    ...member,
    rackId: rackId ?? member.rackId,
    subscribedTopicNames: subscribedTopicNames === null ? member.subscribedTopicNames : new Set(subscribedTopicNames),
    clientId,
    clientHost,
  }
}

/** What a heartbeat must have, whatever the group. @throws KafkaError INVALID_REQUEST */
export function validateShareHeartbeat(request: ShareGroupHeartbeatRequest): void {
  const { memberId, groupId, rackId, memberEpoch, subscribedTopicNames } = request
  check(memberId.trim() !== '', "MemberId can't be empty.")
  check(groupId.trim() !== '', "GroupId can't be empty.")
  check(rackId?.trim() !== '', "RackId can't be empty.")
  if (memberEpoch === JOIN_EPOCH) {
    const names = subscribedTopicNames ?? []
    check(names.length > 0, 'SubscribedTopicNames must be set in first request.')
  } else check(memberEpoch >= LEAVE_EPOCH, 'MemberEpoch is invalid.')
}

function check(holds: boolean, message: string): void {
  if (!holds) throw new KafkaError(ErrorCode.INVALID_REQUEST, message)
}
