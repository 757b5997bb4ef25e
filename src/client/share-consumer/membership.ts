import { randomBytes } from 'node:crypto'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../protocol/generated/76-share-group-heartbeat.ts'
import { backoffMs } from '../backoff.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { atCoordinator } from '../consumer/offsets.ts'
import type { TopicPartition } from '../types.ts'
import type { ShareConsumerSettings } from './settings.ts'

const JOIN_EPOCH = 0
const LEAVE_EPOCH = -1
const EARLY_HEARTBEATS = 8
const EARLY_INTERVAL_MS = 250

/** What a membership tells its consumer. */
export interface ShareMembershipOwner {
  /** The partitions to read from now on. */
  assign(partitions: TopicPartition[]): void
  /** An error the application has to see; the membership is over. */
  report(error: Error): void
  raise(): void
}

type Heartbeat = Parameters<typeof ShareGroupHeartbeatRequest.write>[1]
type TopicIds = { topicId: string; partitions: number[] }[]

/** Membership in a share group: heartbeats say what is subscribed, their answers what to read. Nothing is ever given up formally. */
export class ShareMembership {
  readonly memberId = randomBytes(16).toString('base64url')
  private readonly cluster: Cluster
  private readonly settings: ShareConsumerSettings
  private readonly owner: ShareMembershipOwner
  private topics: readonly string[] = []
  private toldTopics: string | null = null
  private memberEpoch = JOIN_EPOCH
  private target: TopicIds = []
  private timer: NodeJS.Timeout | null = null
  private beating = false
  private ended = false
  private failures = 0
  private askedInVain = 0

  constructor(cluster: Cluster, settings: ShareConsumerSettings, owner: ShareMembershipOwner) {
    this.cluster = cluster
    this.settings = settings
    this.owner = owner
  }

  /** Subscribes; the first heartbeat goes out at once. */
  subscribe(topics: readonly string[]): void {
    this.topics = [...topics].sort()
    this.schedule(0)
  }

  private schedule(delayMs: number): void {
    if (this.ended || this.beating) return
    if (this.timer) clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.timer = null
      void this.beat()
    }, delayMs)
  }

  private async beat(): Promise<void> {
    this.beating = true
    let delayMs: number | null
    try {
      const answer = await this.send(this.heartbeat())
      this.failures = 0
      this.memberEpoch = answer.memberEpoch
      if (answer.assignment !== null) this.target = answer.assignment.topicPartitions
      if (!this.ended) this.owner.assign(await this.resolve())
      delayMs = this.target.length > 0 ? answer.heartbeatIntervalMs : this.soon(answer.heartbeatIntervalMs)
    } catch (error) {
      delayMs = this.failed(error)
    }
    this.beating = false
    if (delayMs !== null) this.schedule(delayMs)
    this.owner.raise()
  }

  /** A new member's partitions are worked out after its first heartbeat: it asks a few times at short intervals. */
  private soon(intervalMs: number): number {
    this.askedInVain++
    return this.askedInVain > EARLY_HEARTBEATS ? intervalMs : Math.min(intervalMs, EARLY_INTERVAL_MS)
  }

  private heartbeat(): Heartbeat {
    const joining = this.memberEpoch === JOIN_EPOCH
    const names = this.topics.join(' ')
    const isNew = joining || this.toldTopics !== names
    this.toldTopics = names
    return {
      groupId: this.settings.groupId,
      memberId: this.memberId,
      memberEpoch: this.memberEpoch,
      rackId: joining ? this.settings.clientRack || null : null,
      subscribedTopicNames: isNew ? [...this.topics] : null,
    }
  }

  private send(message: Heartbeat): Promise<ShareGroupHeartbeatResponse> {
    return atCoordinator(this.cluster, this.settings.groupId, async (connection) => {
      const answer = await connection.send(ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, message)
      if (answer.errorCode !== ErrorCode.NONE) throw new KafkaError(answer.errorCode, answer.errorMessage)
      return answer
    })
  }

  /** Partitions by topic name; those of a topic whose name isn't known yet wait for the next heartbeat. */
  private async resolve(): Promise<TopicPartition[]> {
    const { metadata } = this.cluster
    const isKnown = this.target.every(({ topicId }) => metadata.namesById.has(topicId))
    if (!isKnown || this.target.length === 0) {
      await this.cluster.refresh(this.topics, { allowAutoTopicCreation: true })
    }
    return this.target.flatMap(({ topicId, partitions }) => {
      const topic = metadata.namesById.get(topicId)
      return topic === undefined ? [] : partitions.map((partition) => ({ topic, partition }))
    })
  }

  /** How long to wait before the next heartbeat; null when there is none. */
  private failed(error: unknown): number | null {
    if (this.ended) return null
    this.toldTopics = null
    const code = error instanceof KafkaError ? error.code : null
    if (code === ErrorCode.FENCED_MEMBER_EPOCH || code === ErrorCode.UNKNOWN_MEMBER_ID) {
      this.memberEpoch = JOIN_EPOCH
      this.target = []
      this.owner.assign([])
      return 0
    }
    if (!((error instanceof ClientError || error instanceof KafkaError) && error.retriable)) {
      this.ended = true
      this.owner.report(error as Error)
      return null
    }
    this.cluster.noteRetriable(error)
    const { retryBackoffMs, retryBackoffMaxMs } = this.settings
    return backoffMs(this.failures++, retryBackoffMs, retryBackoffMaxMs)
  }

  /** Ends the membership. Never rejects. */
  async leave(): Promise<void> {
    const joined = this.memberEpoch !== JOIN_EPOCH
    this.ended = true
    if (this.timer) clearTimeout(this.timer)
    if (!joined) return
    const { groupId } = this.settings
    const message = { groupId, memberId: this.memberId, memberEpoch: LEAVE_EPOCH, subscribedTopicNames: null }
    await this.send(message).catch((error: unknown) => this.cluster.noteRetriable(error))
  }
}
