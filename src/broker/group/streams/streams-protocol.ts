import type { Draft } from '../../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../../protocol/generated/88-streams-group-heartbeat.ts'
import type { ClassicGroup } from '../classic-group.ts'
import type { GroupSteps, Step } from '../consumer/group-steps.ts'
import { GroupTimers } from '../consumer/member-timers.ts'
import type { GroupClient } from '../group-context.ts'
import type { WrittenRecord } from '../records.ts'
import type { GroupShard } from '../shard.ts'
import { Timer } from '../timer.ts'
import type { InternalTopic } from './configured-topology.ts'
import { endpointsOf } from './endpoints.ts'
import { JOIN_EPOCH, LEAVE_EPOCH, STATIC_LEAVE_EPOCH } from './heartbeat-request.ts'
import {
  nextTargets,
  ownedTasks,
  partitionCounter,
  type StreamsUpdate,
  type StreamsUpdateEnvironment,
  updateStreamsMember,
} from './member-update.ts'
import { type Status, StatusCode } from './status.ts'
import { StreamsGroup } from './streams-group.ts'
import { newStreamsMember, type StreamsMember, StreamsMemberState } from './streams-member.ts'
import { type StreamsGroupRecord, StreamsRecordMaker } from './streams-records.ts'
import { contains, listTasks, sameAssigned } from './tasks.ts'

type Response = Draft<StreamsGroupHeartbeatResponse>

/** A heartbeat's answer, and the topics that are to be made for its group. */
export interface StreamsHeartbeatResult {
  readonly response: Response
  readonly missingTopics: readonly InternalTopic[]
}

/** The streams groups (KIP-1071) of one partition of __consumer_offsets: heartbeats, and what falls due. */
export class StreamsProtocol {
  readonly steps: GroupSteps
  readonly #timers: GroupTimers
  readonly #shard: GroupShard
  /** By group: running while its first members gather. */
  readonly #initialDelays = new Map<string, Timer>()

  /** @param steps those of all kinds of groups, so that a group that changes its kind has one step at a time */
  constructor(shard: GroupShard, steps: GroupSteps) {
    this.#shard = shard
    this.steps = steps
    this.#timers = new GroupTimers(shard.context.clock)
  }

  /** Gives each loaded member a whole session to show itself. */
  start(): void {
    for (const { groupId, members } of this.#shard.streamsGroups.values()) {
      for (const member of members.values()) {
        this.#restartSession(groupId, member.memberId)
        this.#watchRevocation(groupId, member)
      }
    }
  }

  close(): void {
    this.#timers.cancelAll()
    for (const timer of this.#initialDelays.values()) timer.cancel()
    this.#initialDelays.clear()
  }

  /** A valid StreamsGroupHeartbeat: joins, goes on, or leaves, depending on the epoch. @throws KafkaError */
  heartbeat(client: GroupClient, request: StreamsGroupHeartbeatRequest): Promise<StreamsHeartbeatResult> {
    const { groupId, memberEpoch } = request
    const leaves = memberEpoch === LEAVE_EPOCH || memberEpoch === STATIC_LEAVE_EPOCH
    return this.steps.run(groupId, () => (leaves ? this.#leave(request) : this.#update(client, request)))
  }

  /** @throws KafkaError GROUP_ID_NOT_FOUND also for a group of another kind */
  group(groupId: string): StreamsGroup {
    const group = this.#shard.streamsGroups.get(groupId)
    if (group !== undefined) return group
    throw notFound(groupId, this.#isOther(groupId), `Group ${groupId} not found.`)
  }

  groupIds(): Iterable<string> {
    return this.#shard.streamsGroups.keys()
  }

  /** The tombstones of all records of a group. */
  tombstones(groupId: string): StreamsGroupRecord[] {
    this.#initialDelays.get(groupId)?.cancel()
    const make = new StreamsRecordMaker(groupId)
    const memberIds = [...this.group(groupId).members.keys()]
    return [
      ...memberIds.map((memberId) => make.currentTombstone(memberId)),
      ...memberIds.map((memberId) => make.memberTargetTombstone(memberId)),
      make.targetTombstone(),
      ...memberIds.map((memberId) => make.memberTombstone(memberId)),
      make.epochTombstone(),
      make.topologyTombstone(),
    ]
  }

  #isOther(groupId: string): boolean {
    const { groups, consumerGroups, modernGroups } = this.#shard
    return groups.has(groupId) || consumerGroups.has(groupId) || modernGroups.has(groupId)
  }

  #leave(request: StreamsGroupHeartbeatRequest): Step<StreamsHeartbeatResult> {
    const { groupId, memberId, memberEpoch } = request
    const group = this.group(groupId)
    if (request.shutdownApplication) group.shutdownRequestedBy = memberId
    const member = memberOf(group, memberId)
    this.#shard.context.logger.info({ groupId, memberId }, 'member left the streams group')
    return this.#fence(group, member, { response: { memberId, memberEpoch, status: [] }, missingTopics: [] })
  }

  /** The step that removes a member. */
  #fence<T>(group: StreamsGroup, { memberId }: StreamsMember, result: T): Step<T> {
    const { groupId, groupEpoch, metadataHash, validatedTopologyEpoch, assignmentConfigs } = group
    const make = new StreamsRecordMaker(groupId)
    const epoch = make.epoch({ epoch: groupEpoch + 1, metadataHash, validatedTopologyEpoch, assignmentConfigs })
    return {
      records: [...make.removal(memberId), epoch],
      result,
      committed: () => this.#timers.cancelMember(groupId, memberId),
    }
  }

  #update(client: GroupClient, request: StreamsGroupHeartbeatRequest): Step<StreamsHeartbeatResult> {
    const { groupId, memberId, memberEpoch } = request
    const joins = memberEpoch === JOIN_EPOCH
    const { group, replaced } = this.#find(groupId, joins)
    if (joins) this.#checkSize(group)
    const before = joins ? (group.members.get(memberId) ?? newStreamsMember(memberId)) : memberOf(group, memberId)
    checkEpoch(before, request)
    const after = withRequest(before, client, request)
    const update = updateStreamsMember(this.#environment(groupId), { group, before, after, request })
    if (request.shutdownApplication) group.shutdownRequestedBy = memberId
    const records: WrittenRecord[] = [...update.records]
    if (replaced !== null) {
      this.#shard.detachClassic(replaced)
      records.unshift({ kind: 'group', groupId, value: null })
    }
    const { member } = update
    return {
      records,
      result: this.#answer(group, before, update, request),
      committed: () => {
        this.#restartSession(groupId, memberId)
        if (!sameAssigned(before.pendingRevocation, member.pendingRevocation) || before.state !== member.state) {
          this.#watchRevocation(groupId, member)
        }
      },
      failed: () => {
        group.metadataChanged = true
        group.configuredTopology = null
        if (replaced !== null && !this.#shard.closed) this.#shard.groups.set(groupId, replaced)
      },
    }
  }

  #answer(
    group: StreamsGroup,
    before: StreamsMember,
    { member, status }: StreamsUpdate,
    request: StreamsGroupHeartbeatRequest,
  ): StreamsHeartbeatResult {
    const { groupId } = group
    const { assigned } = member
    const hasTasks = request.memberEpoch === JOIN_EPOCH || !sameAssigned(before.assigned, assigned)
    if (hasTasks && member.userEndpoint !== null) group.endpointInformationEpoch++
    const isBehind = group.endpointInformationEpoch !== request.endpointInformationEpoch
    const countOf = partitionCounter(this.#shard.context.consumer.topics)
    const response: Response = {
      memberId: member.memberId,
      memberEpoch: member.memberEpoch,
      heartbeatIntervalMs: this.#shard.context.streams.groupConfig(groupId).heartbeatIntervalMs,
      activeTasks: hasTasks ? listTasks(assigned.active) : null,
      standbyTasks: hasTasks ? listTasks(assigned.standby) : null,
      warmupTasks: hasTasks ? listTasks(assigned.warmup) : null,
      partitionsByUserEndpoint: isBehind ? endpointsOf(group, member, countOf) : null,
      // What a new group knows of endpoints is lost with this answer, so its members are told again.
      endpointInformationEpoch: this.#shard.streamsGroups.has(groupId) ? group.endpointInformationEpoch : 0,
      status: [...status, ...shutdownStatus(group.shutdownRequestedBy)],
    }
    return { response, missingTopics: group.configuredTopology?.missingTopics ?? [] }
  }

  #environment(groupId: string): StreamsUpdateEnvironment {
    const { clock, logger, consumer, streams } = this.#shard.context
    const config = streams.groupConfig(groupId)
    return {
      topics: consumer.topics,
      config,
      logger,
      nowMs: clock.nowMs(),
      startInitialDelay: () => this.#startInitialDelay(groupId, config.initialRebalanceDelayMs),
      isInitialDelay: () => this.#initialDelays.get(groupId)?.pending === true,
    }
  }

  #startInitialDelay(groupId: string, delayMs: number): void {
    const timer = this.#initialDelays.get(groupId) ?? new Timer(this.#shard.context.clock)
    if (timer.pending) return
    this.#initialDelays.set(groupId, timer)
    timer.set(delayMs, () => {
      this.#initialDelays.delete(groupId)
      const { logger } = this.#shard.context
      this.steps
        .run(groupId, () => ({ records: this.#delayedTargets(groupId), result: undefined }))
        .catch((error: unknown) => {
          if (!this.#shard.closed) logger.warn({ groupId, error }, 'could not store the first target assignment')
        })
    })
  }

  /** The targets of a group whose first members have gathered; the next heartbeat computes them if nothing is known of the topics. */
  #delayedTargets(groupId: string): readonly StreamsGroupRecord[] {
    const group = this.#shard.streamsGroups.get(groupId)
    const topology = group?.configuredTopology ?? null
    if (group === undefined || group.members.size === 0 || topology === null) return []
    const { groupEpoch: epoch, assignmentConfigs } = group
    const members = [...group.members.values()]
    return nextTargets(this.#environment(groupId), group, { members, epoch, topology, assignmentConfigs }).records
  }

  /** `replaced` is the empty classic group that makes room. @throws KafkaError GROUP_ID_NOT_FOUND */
  #find(groupId: string, create: boolean): { group: StreamsGroup; replaced: ClassicGroup | null } {
    const existing = this.#shard.streamsGroups.get(groupId)
    if (existing !== undefined) return { group: existing, replaced: null }
    const classic = this.#shard.groups.get(groupId)
    const makesRoom = classic === undefined ? !this.#isOther(groupId) : classic.state === 'Empty'
    if (create && makesRoom) return { group: new StreamsGroup(groupId), replaced: classic ?? null }
    throw notFound(groupId, this.#isOther(groupId), `Streams group ${groupId} not found.`)
  }

  #checkSize(group: StreamsGroup): void {
    const { maxSize } = this.#shard.context.streams.settings()
    if (group.members.size < maxSize) return
    const message = `The streams group has reached its maximum capacity of ${maxSize} members.`
    throw new KafkaError(ErrorCode.GROUP_MAX_SIZE_REACHED, message)
  }

  /** Starts a member's session anew, as each heartbeat does. */
  #restartSession(groupId: string, memberId: string): void {
    if (this.#shard.closed) return
    const { sessionTimeoutMs } = this.#shard.context.streams.groupConfig(groupId)
    this.#timers.set(groupId, memberId, 'session', sessionTimeoutMs, () => {
      this.#expire(groupId, memberId, 'the member session expired', () => {
        return this.#timers.isPending(groupId, memberId, 'session')
      })
    })
  }

  /** A member that has to give up tasks has its rebalance timeout to do so. */
  #watchRevocation(groupId: string, { memberId, memberEpoch, state, rebalanceTimeoutMs }: StreamsMember): void {
    if (this.#shard.closed) return
    if (state !== StreamsMemberState.UNREVOKED_TASKS) {
      this.#timers.cancel(groupId, memberId, 'rebalance')
      return
    }
    this.#timers.set(groupId, memberId, 'rebalance', rebalanceTimeoutMs, () => {
      this.#expire(groupId, memberId, 'it did not give up its tasks within the rebalance timeout', () => {
        const member = this.#shard.streamsGroups.get(groupId)?.members.get(memberId)
        return member?.memberEpoch !== memberEpoch || this.#timers.isPending(groupId, memberId, 'rebalance')
      })
    })
  }

  /** Removes a member for which something is due, unless `isObsolete` says so when its turn comes. */
  #expire(groupId: string, memberId: string, why: string, isObsolete: () => boolean): void {
    const { logger } = this.#shard.context
    this.steps
      .run(groupId, () => {
        const group = this.#shard.streamsGroups.get(groupId)
        const member = group?.members.get(memberId)
        if (group === undefined || member === undefined || isObsolete()) return { records: [], result: undefined }
        logger.info({ groupId, memberId }, `member removed: ${why}`)
        return this.#fence(group, member, undefined)
      })
      .catch((error: unknown) => {
        if (this.#shard.closed) return
        logger.warn({ groupId, memberId, error }, `could not remove a member although ${why}`)
        if (this.#shard.streamsGroups.get(groupId)?.members.has(memberId)) this.#restartSession(groupId, memberId)
      })
  }
}

function notFound(groupId: string, isOther: boolean, message: string): KafkaError {
  return new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, isOther ? `Group ${groupId} is not a streams group.` : message)
}

/** @throws KafkaError UNKNOWN_MEMBER_ID */
export function memberOf(group: StreamsGroup, memberId: string): StreamsMember {
  const member = group.members.get(memberId)
  if (member !== undefined) return member
  const message = `Member ${memberId} is not a member of group ${group.groupId}.`
  throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, message)
}

function checkEpoch(member: StreamsMember, request: StreamsGroupHeartbeatRequest): void {
  const { memberEpoch } = request
  if (memberEpoch === JOIN_EPOCH || memberEpoch === member.memberEpoch) return
  if (memberEpoch > member.memberEpoch) throw fenced('greater', memberEpoch, member)
  // The answer with the new epoch may have been lost: the last one is as good while the member has nothing more.
  const owned = ownedTasks(request)
  const isRetry = memberEpoch === member.previousMemberEpoch && owned !== null && contains(member.assigned, owned)
  if (!isRetry) throw fenced('smaller', memberEpoch, member)
}

function fenced(how: string, memberEpoch: number, member: StreamsMember): KafkaError {
  return new KafkaError(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The streams group member has a ${how} member epoch (${memberEpoch}) than the one known by the group ` +
      `coordinator (${member.memberEpoch}). The member must abandon all its partitions and rejoin.`,
  )
}

/** The member with what its heartbeat says; what a heartbeat leaves out is as it was. */
function withRequest(member: StreamsMember, client: GroupClient, request: StreamsGroupHeartbeatRequest): StreamsMember {
  const { rebalanceTimeoutMs, userEndpoint, clientTags } = request
  return {
    ...member,
    rackId: request.rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    topologyEpoch: request.topology?.epoch ?? member.topologyEpoch,
    clientId: client.clientId,
    clientHost: client.clientHost,
    processId: request.processId ?? member.processId,
    clientTags: clientTags === null ? member.clientTags : new Map(clientTags.map(({ key, value }) => [key, value])),
    userEndpoint: userEndpoint === null ? member.userEndpoint : { host: userEndpoint.host, port: userEndpoint.port },
  }
}

function shutdownStatus(requestedBy: string | null): Status[] {
  if (requestedBy === null) return []
  const what = 'encountered a fatal error and requested a shutdown for the entire application.'
  const statusDetail = `Streams group member ${requestedBy} ${what}`
  return [{ statusCode: StatusCode.SHUTDOWN_APPLICATION, statusDetail }]
}
