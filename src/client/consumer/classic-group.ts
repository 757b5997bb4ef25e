import { ErrorCode, KafkaError, throwIfError } from '../../protocol/errors.ts'
import { JoinGroupRequest, JoinGroupResponse } from '../../protocol/generated/11-join-group.ts'
import { HeartbeatRequest, HeartbeatResponse } from '../../protocol/generated/12-heartbeat.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/generated/13-leave-group.ts'
import { SyncGroupRequest, SyncGroupResponse } from '../../protocol/generated/14-sync-group.ts'
import { backoffMs, pause } from '../backoff.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { Signal } from '../signal.ts'
import { type TopicPartition, topicPartitionKey } from '../types.ts'
import { type Assignor, assignorOf } from './assignors.ts'
import type { Membership, MembershipOwner } from './membership.ts'
import { atCoordinator, type CommitIdentity } from './offsets.ts'
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from './protocol-data.ts'
import type { ConsumerSettings } from './settings.ts'

const PROTOCOL_TYPE = 'consumer'
/** JoinGroup waits for the others as long as the rebalance timeout; Java adds this for the way there and back. */
const JOIN_LAPSE_MS = 5000
const LEAVE_REASON = 'the consumer is being closed'

/** Errors after which the member joins again as a new one. */
const FORGOTTEN: readonly number[] = [ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.ILLEGAL_GENERATION]

interface Generation {
  id: number
  memberId: string
  protocol: string
}

/**
 * Membership by the classic protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup. With assignors that all are cooperative the
 * member keeps what it has through a rebalance (KIP-429), otherwise it gives everything back first.
 */
export class ClassicGroup implements Membership {
  private readonly cluster: Cluster
  private readonly settings: ConsumerSettings
  private readonly groupId: string
  private readonly owner: MembershipOwner
  private readonly assignors: Assignor[]
  private readonly cooperative: boolean
  private memberId = ''
  private generation: Generation | null = null
  private joining: Promise<void> | null = null
  private needsJoin = true
  private failures = 0
  private readonly drained = new Signal()
  private heartbeatTimer: NodeJS.Timeout | null = null
  private lastHeartbeatMs = 0
  private ended = false
  /** Partition counts the leader assigned by; a change means a new assignment. */
  private assignedCounts: ReadonlyMap<string, number> | null = null

  /** @throws ClientError 'config' for an assignor that isn't known here */
  constructor(cluster: Cluster, settings: ConsumerSettings, groupId: string, owner: MembershipOwner) {
    this.cluster = cluster
    this.settings = settings
    this.groupId = groupId
    this.owner = owner
    this.assignors = settings.partitionAssignmentStrategy.map((name) => {
      const assignor = assignorOf(name)
      if (assignor) return assignor
      throw new ClientError('config', `Unknown assignor ${name} in partition.assignment.strategy.`, {
        nextStep: 'Use range, roundrobin, sticky or cooperative-sticky, or the names of their Java classes.',
      })
    })
    this.cooperative = this.assignors.every((assignor) => assignor.cooperative)
  }

  get identity(): CommitIdentity {
    return {
      generationIdOrMemberEpoch: this.generation?.id ?? -1,
      memberId: this.generation?.memberId ?? '',
      groupInstanceId: this.settings.groupInstanceId,
    }
  }

  get isRebalancing(): boolean {
    return this.needsJoin || this.joining !== null
  }

  subscriptionChanged(): void {
    this.needsJoin = true
    this.owner.raise()
  }

  poll(): void {
    if (this.ended) return
    if (this.owner.isDrained) this.drained.raise()
    if (this.generation !== null && this.partitionsChanged()) this.needsJoin = true
    if (!this.needsJoin || this.joining !== null) return
    this.joining = this.rejoin().finally(() => {
      this.joining = null
      this.owner.raise()
    })
  }

  private partitionsChanged(): boolean {
    if (this.assignedCounts === null) return false
    for (const [topic, count] of this.assignedCounts) {
      const known = this.cluster.metadata.topics.get(topic)
      if (known && known.errorCode === ErrorCode.NONE && known.partitions.length !== count) return true
    }
    return false
  }

  private async rejoin(): Promise<void> {
    this.stopHeartbeats()
    try {
      // Begun by the application's poll, which holds nothing unread any more.
      if (!this.cooperative) this.owner.hold(this.owner.assignedPartitions())
      await this.owner.commitPositions()
      if (!this.cooperative) this.owner.assign([])
      this.needsJoin = false
      await this.joinAndSync()
      this.failures = 0
      this.startHeartbeats()
    } catch (error) {
      this.needsJoin = true
      await this.joinFailed(error)
    }
  }

  private async joinFailed(error: unknown): Promise<void> {
    if (this.ended) return
    if (error instanceof KafkaError && FORGOTTEN.includes(error.code)) {
      this.forgetMember()
      return
    }
    const retriable =
      (error instanceof ClientError && error.retriable) ||
      (error instanceof KafkaError && (error.retriable || error.code === ErrorCode.REBALANCE_IN_PROGRESS))
    if (!retriable) {
      this.ended = true
      this.owner.report(error as Error)
      return
    }
    this.cluster.noteRetriable(error)
    const { retryBackoffMs, retryBackoffMaxMs } = this.settings
    const soon = error instanceof KafkaError && error.code === ErrorCode.REBALANCE_IN_PROGRESS
    if (!soon) await pause(backoffMs(this.failures++, retryBackoffMs, retryBackoffMaxMs), this.cluster.closeSignal)
  }

  private forgetMember(): void {
    this.memberId = ''
    this.generation = null
    this.assignedCounts = null
    this.needsJoin = true
    this.owner.lose()
  }

  private async joinAndSync(): Promise<void> {
    const topics = this.owner.subscribedTopics()
    const owned = this.cooperative ? this.owner.assignedPartitions() : []
    const joined = await this.join(topics, owned)
    const generation = { id: joined.generationId, memberId: joined.memberId, protocol: joined.protocolName ?? '' }
    this.generation = generation
    const isLeader = joined.leader === joined.memberId
    const assignments = isLeader && !joined.skipAssignment ? await this.assignAll(joined, generation.protocol) : []
    if (!isLeader) this.assignedCounts = null
    const partitions = await this.sync(generation, assignments)
    if (this.ended) return
    const kept = new Set(partitions.map(topicPartitionKey))
    const revoked = owned.filter((tp) => !kept.has(topicPartitionKey(tp)))
    if (revoked.length > 0) await this.letGo(revoked)
    if (!this.ended) this.owner.assign(partitions)
  }

  /** In the cooperative protocol whoever had to let go of something joins again, so that it can be given away. */
  private async letGo(revoked: readonly TopicPartition[]): Promise<void> {
    this.owner.hold(revoked)
    while (!this.owner.isDrained && !this.ended) await this.drained.wait(this.settings.heartbeatIntervalMs)
    await this.owner.commitPositions()
    this.needsJoin = true
  }

  private async join(topics: string[], owned: TopicPartition[]): Promise<JoinGroupResponse> {
    const { sessionTimeoutMs, maxPollIntervalMs, groupInstanceId, clientRack } = this.settings
    const metadata = encodeSubscription(topics, owned, this.generation?.id ?? -1, clientRack)
    const protocols = this.assignors.map(({ name }) => ({ name, metadata }))
    for (;;) {
      const answer = await atCoordinator(this.cluster, this.groupId, async (connection) => {
        const version = connection.versions.pick(JoinGroupRequest)
        const message = {
          groupId: this.groupId,
          sessionTimeoutMs,
          ...(version >= 1 ? { rebalanceTimeoutMs: maxPollIntervalMs } : {}),
          memberId: this.memberId,
          ...(version >= 5 ? { groupInstanceId } : {}),
          protocolType: PROTOCOL_TYPE,
          protocols,
        }
        const timeoutMs = Math.max(this.settings.requestTimeoutMs, maxPollIntervalMs + JOIN_LAPSE_MS)
        const response = await connection.send(JoinGroupRequest, JoinGroupResponse, message, { version, timeoutMs })
        if (response.errorCode !== ErrorCode.MEMBER_ID_REQUIRED) throwIfError(response.errorCode)
        return response
      })
      this.memberId = answer.memberId
      if (answer.errorCode !== ErrorCode.MEMBER_ID_REQUIRED) return answer
    }
  }

  private async assignAll(
    joined: JoinGroupResponse,
    protocol: string,
  ): Promise<{ memberId: string; assignment: Buffer }[]> {
    const assignor = this.assignors.find(({ name }) => name === protocol)
    if (assignor === undefined) throw new KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    const members = joined.members.map(({ memberId, groupInstanceId, metadata }) => ({
      memberId,
      groupInstanceId,
      ...decodeSubscription(metadata),
    }))
    const topics = [...new Set(members.flatMap((member) => member.topics))]
    await this.cluster.refresh(topics, { allowAutoTopicCreation: this.settings.allowAutoCreateTopics })
    const counts = new Map<string, number>()
    for (const topic of topics) counts.set(topic, this.cluster.metadata.topics.get(topic)?.partitions.length ?? 0)
    this.assignedCounts = counts
    const assignment = assignor.assign(members, counts)
    return [...assignment].map(([memberId, partitions]) => ({ memberId, assignment: encodeAssignment(partitions) }))
  }

  private async sync(generation: Generation, assignments: { memberId: string; assignment: Buffer }[]) {
    return atCoordinator(this.cluster, this.groupId, async (connection) => {
      const version = connection.versions.pick(SyncGroupRequest)
      const message = {
        groupId: this.groupId,
        generationId: generation.id,
        memberId: generation.memberId,
        ...(version >= 3 ? { groupInstanceId: this.settings.groupInstanceId } : {}),
        ...(version >= 5 ? { protocolType: PROTOCOL_TYPE, protocolName: generation.protocol } : {}),
        assignments,
      }
      const timeoutMs = Math.max(this.settings.requestTimeoutMs, this.settings.maxPollIntervalMs + JOIN_LAPSE_MS)
      const answer = await connection.send(SyncGroupRequest, SyncGroupResponse, message, { version, timeoutMs })
      throwIfError(answer.errorCode)
      return decodeAssignment(answer.assignment)
    })
  }

  private startHeartbeats(): void {
    this.stopHeartbeats()
    if (this.ended) return
    this.lastHeartbeatMs = performance.now()
    this.heartbeatTimer = setTimeout(() => void this.heartbeat(), this.settings.heartbeatIntervalMs)
  }

  private stopHeartbeats(): void {
    if (this.heartbeatTimer) clearTimeout(this.heartbeatTimer)
    this.heartbeatTimer = null
  }

  private async heartbeat(): Promise<void> {
    const { generation } = this
    if (generation === null || this.ended || this.isRebalancing) return
    if (performance.now() - this.owner.lastPollMs > this.settings.maxPollIntervalMs) {
      // The application no longer polls: let others have the partitions until it does again.
      await this.sendLeave('consumer poll timeout has expired')
      this.forgetMember()
      return
    }
    try {
      await atCoordinator(this.cluster, this.groupId, async (connection) => {
        const version = connection.versions.pick(HeartbeatRequest)
        const message = {
          groupId: this.groupId,
          generationId: generation.id,
          memberId: generation.memberId,
          ...(version >= 3 ? { groupInstanceId: this.settings.groupInstanceId } : {}),
        }
        const answer = await connection.send(HeartbeatRequest, HeartbeatResponse, message, { version })
        throwIfError(answer.errorCode)
      })
      if (this.generation === generation && this.joining === null) this.startHeartbeats()
    } catch (error) {
      if (this.generation === generation && this.joining === null) this.heartbeatFailed(error)
    }
  }

  private heartbeatFailed(error: unknown): void {
    if (this.ended) return
    const code = error instanceof KafkaError ? error.code : null
    if (code === ErrorCode.REBALANCE_IN_PROGRESS) {
      this.needsJoin = true
    } else if (code !== null && FORGOTTEN.includes(code)) {
      this.forgetMember()
    } else if ((error instanceof ClientError || error instanceof KafkaError) && error.retriable) {
      const sinceMs = performance.now() - this.lastHeartbeatMs
      if (sinceMs > this.settings.sessionTimeoutMs) this.forgetMember()
      else this.heartbeatTimer = setTimeout(() => void this.heartbeat(), this.settings.retryBackoffMs)
    } else {
      this.ended = true
      this.owner.report(error as Error)
    }
    this.owner.raise()
  }

  async leave(): Promise<void> {
    this.ended = true
    this.stopHeartbeats()
    if (this.memberId !== '' && this.settings.groupInstanceId === null) await this.sendLeave(LEAVE_REASON)
    this.generation = null
  }

  private async sendLeave(reason: string): Promise<void> {
    const { memberId } = this
    try {
      await atCoordinator(this.cluster, this.groupId, async (connection) => {
        const version = connection.versions.pick(LeaveGroupRequest)
        const member = version >= 3 ? { members: [{ memberId, groupInstanceId: null, reason }] } : { memberId }
        // A join under way would hold up the answer: leaving needs no answer then.
        const timeoutMs = Math.min(this.settings.requestTimeoutMs, this.joining ? 1000 : 5000)
        const message = { groupId: this.groupId, ...member }
        await connection.send(LeaveGroupRequest, LeaveGroupResponse, message, { version, timeoutMs })
      })
    } catch (error) {
      this.cluster.noteRetriable(error)
    }
  }
}
