import { randomBytes } from 'node:crypto'
import { ZERO_UUID } from '../../base/uuid.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../protocol/generated/68-consumer-group-heartbeat.ts'
import { backoffMs } from '../backoff.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { byTopic } from '../leaders.ts'
import { type TopicPartition, topicPartitionKey } from '../types.ts'
import type { Membership, MembershipOwner } from './membership.ts'
import { atCoordinator, type CommitIdentity } from './offsets.ts'
import type { ConsumerSettings } from './settings.ts'

/** Member epochs with a meaning of their own (KIP-848). */
const JOIN_EPOCH = 0
const LEAVE_EPOCH = -1
const LEAVE_STATIC_EPOCH = -2
/** The member makes up its own id from this version of the heartbeat on. */
const OWN_ID_SINCE = 1

type Heartbeat = Parameters<typeof ConsumerGroupHeartbeatRequest.write>[1]
type TopicIds = { topicId: string; partitions: number[] }[]

const sameKeys = (a: readonly TopicPartition[], b: readonly TopicPartition[]): boolean => {
  const keys = new Set(a.map(topicPartitionKey))
  return keys.size === b.length && b.every((tp) => keys.has(topicPartitionKey(tp)))
}

/**
 * Membership by the protocol of KIP-848: the broker assigns; the member tells it in every heartbeat what it has, lets go of
 * what is no longer assigned, and takes over the rest.
 */
export class ConsumerGroup implements Membership {
  private readonly cluster: Cluster
  private readonly settings: ConsumerSettings
  private readonly groupId: string
  private readonly owner: MembershipOwner
  private memberId = randomBytes(16).toString('base64url')
  private memberEpoch = JOIN_EPOCH
  private intervalMs = 0
  private timer: NodeJS.Timeout | null = null
  private beating = false
  private ended = false
  private failures = 0
  /** What the broker wants the member to have; null before its first word. */
  private target: TopicIds | null = null
  /** What the last heartbeat said, so that the next says only what changed. */
  private told: { topics: string; partitions: string } | null = null
  private reconciling = false
  /** Partitions to give up are held, and the application may still be reading some of them. */
  private waitsForPoll = false

  constructor(cluster: Cluster, settings: ConsumerSettings, groupId: string, owner: MembershipOwner) {
    this.cluster = cluster
    this.settings = settings
    this.groupId = groupId
    this.owner = owner
  }

  get identity(): CommitIdentity {
    const joined = this.memberEpoch > 0
    return {
      generationIdOrMemberEpoch: joined ? this.memberEpoch : -1,
      memberId: joined ? this.memberId : '',
      groupInstanceId: this.settings.groupInstanceId,
    }
  }

  get isRebalancing(): boolean {
    return this.reconciling
  }

  subscriptionChanged(): void {
    this.schedule(0)
  }

  poll(): void {
    const awaited = this.waitsForPoll && this.owner.isDrained
    if (this.ended || this.beating || (this.timer !== null && !awaited)) return
    this.waitsForPoll = false
    this.schedule(0)
  }

  private schedule(delayMs: number): void {
    if (this.ended) return
    if (this.timer) clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.timer = null
      void this.beat()
    }, delayMs)
  }

  private async beat(): Promise<void> {
    if (this.beating || this.ended) return
    this.beating = true
    try {
      if (performance.now() - this.owner.lastPollMs > this.settings.maxPollIntervalMs) {
        await this.send(this.leaving())
        this.restart()
        return
      }
      const answer = await this.send(this.heartbeat())
      if (this.ended) return
      this.failures = 0
      this.memberId = answer.memberId ?? this.memberId
      this.memberEpoch = answer.memberEpoch
      this.intervalMs = answer.heartbeatIntervalMs
      if (answer.assignment !== null) this.target = answer.assignment.topicPartitions
      const changed = await this.reconcile()
      this.schedule(changed ? 0 : this.intervalMs)
    } catch (error) {
      this.failed(error)
    } finally {
      this.beating = false
      this.owner.raise()
    }
  }

  private ownedIds(): TopicIds {
    const { topics } = this.cluster.metadata
    return [...byTopic(this.owner.assignedPartitions())].map(([topic, tps]) => ({
      topicId: topics.get(topic)?.topicId ?? ZERO_UUID,
      partitions: tps.map((tp) => tp.partition),
    }))
  }

  private heartbeat(): Heartbeat {
    const { groupInstanceId, groupRemoteAssignor, clientRack, maxPollIntervalMs } = this.settings
    const joining = this.memberEpoch === JOIN_EPOCH
    const subscribed = this.owner.subscribedTopics().sort()
    const topics = `${this.owner.serverPattern ?? ''} ${subscribed.join(' ')}`
    const topicPartitions = joining ? [] : this.ownedIds()
    const partitions = JSON.stringify(topicPartitions)
    const { told } = this
    this.told = { topics, partitions }
    return {
      groupId: this.groupId,
      memberId: this.memberId,
      memberEpoch: this.memberEpoch,
      instanceId: groupInstanceId,
      ...(joining
        ? { rackId: clientRack || null, rebalanceTimeoutMs: maxPollIntervalMs, serverAssignor: groupRemoteAssignor }
        : {}),
      ...(joining || told?.topics !== topics ? this.subscription(subscribed) : { subscribedTopicNames: null }),
      topicPartitions: joining || told?.partitions !== partitions ? topicPartitions : null,
    }
  }

  private subscription(subscribedTopicNames: string[]): Heartbeat {
    const { serverPattern } = this.owner
    return serverPattern === null
      ? { subscribedTopicNames }
      : { subscribedTopicNames, subscribedTopicRegex: serverPattern }
  }

  private leaving(): Heartbeat {
    const { groupInstanceId } = this.settings
    const memberEpoch = groupInstanceId === null ? LEAVE_EPOCH : LEAVE_STATIC_EPOCH
    const nothing = { subscribedTopicNames: null, topicPartitions: null }
    return { groupId: this.groupId, memberId: this.memberId, memberEpoch, instanceId: groupInstanceId, ...nothing }
  }

  private send(message: Heartbeat): Promise<ConsumerGroupHeartbeatResponse> {
    return atCoordinator(this.cluster, this.groupId, async (connection) => {
      const version = connection.versions.pick(ConsumerGroupHeartbeatRequest)
      const old = version < OWN_ID_SINCE && message.memberEpoch === JOIN_EPOCH
      const sent = old ? { ...message, memberId: '' } : message
      const answer = await connection.send(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, sent, {
        version,
      })
      if (answer.errorCode !== ErrorCode.NONE) throw new KafkaError(answer.errorCode, answer.errorMessage)
      return answer
    })
  }

  /** Makes what the consumer reads the target; true when something changed, which the broker has to hear of at once. */
  private async reconcile(): Promise<boolean> {
    if (this.target === null) return false
    const wanted = await this.resolve(this.target)
    const owned = this.owner.assignedPartitions()
    if (sameKeys(wanted, owned)) return false
    const keep = new Set(wanted.map(topicPartitionKey))
    const revoked = owned.filter((tp) => !keep.has(topicPartitionKey(tp)))
    if (revoked.length > 0) {
      this.owner.hold(revoked)
      // The next poll of the application comes back here; heartbeats go on meanwhile.
      this.waitsForPoll = !this.owner.isDrained
      if (this.waitsForPoll) return false
      this.reconciling = true
      await this.owner.commitPositions()
      this.reconciling = false
    }
    if (!this.ended) this.owner.assign(wanted)
    return true
  }

  /** Partitions by topic name; those of a topic whose name isn't known yet wait for the next metadata. */
  private async resolve(target: TopicIds): Promise<TopicPartition[]> {
    const { metadata } = this.cluster
    if (target.some(({ topicId }) => !metadata.namesById.has(topicId))) {
      await this.cluster.refresh(this.owner.serverPattern === null ? this.owner.subscribedTopics() : null)
    }
    return target.flatMap(({ topicId, partitions }) => {
      const topic = metadata.namesById.get(topicId)
      return topic === undefined ? [] : partitions.map((partition) => ({ topic, partition }))
    })
  }

  /** Starts over as a new member epoch, without partitions. */
  private restart(): void {
    this.memberEpoch = JOIN_EPOCH
    this.target = null
    this.told = null
    this.owner.lose()
  }

  private failed(error: unknown): void {
    if (this.ended) return
    this.told = null
    const code = error instanceof KafkaError ? error.code : null
    if (code === ErrorCode.FENCED_MEMBER_EPOCH || code === ErrorCode.UNKNOWN_MEMBER_ID) {
      this.restart()
      this.schedule(0)
      return
    }
    if (!((error instanceof ClientError || error instanceof KafkaError) && error.retriable)) {
      this.ended = true
      this.owner.report(error as Error)
      return
    }
    this.cluster.noteRetriable(error)
    const { retryBackoffMs, retryBackoffMaxMs } = this.settings
    this.schedule(backoffMs(this.failures++, retryBackoffMs, retryBackoffMaxMs))
  }

  async leave(): Promise<void> {
    const joined = this.memberEpoch !== JOIN_EPOCH
    this.ended = true
    if (this.timer) clearTimeout(this.timer)
    if (!joined) return
    await this.send(this.leaving()).catch((error: unknown) => this.cluster.noteRetriable(error))
    this.memberEpoch = JOIN_EPOCH
  }
}
