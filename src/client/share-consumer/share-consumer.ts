import { ZERO_UUID } from '../../base/uuid.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { isControl } from '../../protocol/records/batch-header.ts'
import { batchAt, ensureBatchCodecs, validateBatch } from '../../protocol/records/batch-reader.ts'
import { RecordCursor } from '../../protocol/records/record-cursor.ts'
import { changeGuard } from '../change-guard.ts'
import { ClientError } from '../client-error.ts'
import { Cluster } from '../cluster.ts'
import { completeSettings } from '../settings.ts'
import { Signal } from '../signal.ts'
import { type TopicPartition, topicPartitionKey } from '../types.ts'
import { Acknowledge, type AcknowledgeType } from './acknowledgements.ts'
import { ShareMembership, type ShareMembershipOwner } from './membership.ts'
import { type ShareAnswer, type SharePartition, ShareSession } from './session.ts'
import { SHARE_CONSUMER_DEFAULTS, type ShareConsumerSettings } from './settings.ts'

/** Records of one partition that are this consumer's until it says what became of them, or its time with them is over. */
export interface SharedRecords extends SharePartition {
  readonly nodeId: number
  readonly buffer: Buffer
  /** Runs of offsets; some may have no record. */
  readonly acquired: readonly { first: number; last: number; deliveryCount: number }[]
}

/** Codes that mean: open the session again. */
const SESSION_LOST: readonly number[] = [
  ErrorCode.SHARE_SESSION_NOT_FOUND,
  ErrorCode.INVALID_SHARE_SESSION_EPOCH,
  ErrorCode.SHARE_SESSION_LIMIT_REACHED,
]

/**
 * A consumer in a share group after Java's KafkaShareConsumer (KIP-932): every record goes to one member, which acknowledges it. `poll`
 * hands out raw batches, `read` goes through their records without an object per record.
 *
 * Nothing is fetched ahead: what is acquired counts against the time and number of deliveries of its records.
 */
export class ShareConsumer implements ShareMembershipOwner {
  readonly settings: ShareConsumerSettings
  readonly cluster: Cluster
  private readonly membership: ShareMembership
  private readonly sessions = new Map<number, ShareSession>()
  private readonly signal = new Signal()
  private partitions: TopicPartition[] = []
  private buffered: SharedRecords[] = []
  private handedOut: SharedRecords[] = []
  private error: Error | null = null
  private wakened = false
  private closed = false
  private topics: string[] = []
  private hasJoined = true
  private backoffUntilMs = 0
  /** By broker that is asked for records: how many answers in a row brought none. */
  private readonly inVain = new Map<number, number>()

  constructor(settings: Partial<ShareConsumerSettings> & Pick<ShareConsumerSettings, 'bootstrapServers' | 'groupId'>) {
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
    const common = completeSettings({ ...SHARE_CONSUMER_DEFAULTS, ...settings })
    this.settings = { ...SHARE_CONSUMER_DEFAULTS, ...common, ...given } as ShareConsumerSettings
    this.cluster = new Cluster(this.settings)
    this.membership = new ShareMembership(this.cluster, this.settings, this)
  }

  /** Joins the group for these topics, at the next poll. */
  subscribe(topics: readonly string[]): void {
    this.topics = [...topics]
    this.hasJoined = false
  }

  /** Members change their group: who gets which records, and how often they were handed out. */
  private async join(): Promise<void> {
    await changeGuard()?.beforeChange('joinGroup', this.settings.groupId)
    this.hasJoined = true
    this.membership.subscribe(this.topics)
  }

  assign(partitions: TopicPartition[]): void {
    const keys = (list: TopicPartition[]): string => list.map(topicPartitionKey).sort().join()
    if (keys(partitions) !== keys(this.partitions)) this.inVain.clear()
    this.partitions = partitions
  }

  /** How many answers in a row brought nothing, of the broker that gave the fewest such; 0 without partitions. */
  get emptyAnswers(): number {
    return this.inVain.size === 0 ? 0 : Math.min(...this.inVain.values())
  }

  /** Whether the group has given this member partitions. */
  get hasPartitions(): boolean {
    return this.partitions.length > 0
  }

  report(error: Error): void {
    this.error ??= error
    this.raise()
  }

  raise(): void {
    this.signal.raise()
  }

  /** Ends a poll under way, or the next one, with ClientError 'wakeup'. */
  wakeup(): void {
    this.wakened = true
    this.raise()
  }

  /**
   * Waits up to `timeoutMs` for records; [] when none came. With implicit acknowledgement everything of the poll before is accepted.
   *
   * @throws ClientError 'wakeup'; KafkaError and ClientError for what retrying can't cure
   */
  async poll(timeoutMs: number): Promise<SharedRecords[]> {
    if (this.closed) throw new ClientError('closed', 'This consumer has already been closed.')
    if (!this.hasJoined) await this.join()
    this.acceptHandedOut()
    const deadlineMs = performance.now() + timeoutMs
    for (;;) {
      this.throwPending()
      if (this.buffered.length > 0) {
        const records = this.buffered
        this.buffered = []
        for (const { buffer } of records) await ensureBatchCodecs(buffer)
        this.handedOut = records
        return records
      }
      this.sendFetches()
      const remainingMs = deadlineMs - performance.now()
      if (remainingMs <= 0) return []
      const pauseMs = this.backoffUntilMs - performance.now()
      await this.signal.wait(Math.min(remainingMs, pauseMs > 0 ? pauseMs : 1000))
    }
  }

  /**
   * Goes through the records; the cursor's positions are not to be kept. What `visitor` returns becomes of the record; undefined leaves
   * that open, false ends the reading before the record is decided.
   */
  read(
    records: SharedRecords,
    visitor: (cursor: RecordCursor, deliveryCount: number) => AcknowledgeType | undefined | false,
  ): void {
    const { buffer, acquired } = records
    let run = 0
    let next = acquired[0]?.first ?? 0
    let position = 0
    for (let header = batchAt(buffer, position); header !== undefined; header = batchAt(buffer, position)) {
      position += header.sizeBytes
      if (isControl(header.attributes)) continue
      if (this.settings.checkCrcs) validateBatch(buffer, header)
      const cursor = new RecordCursor(buffer, header)
      while (cursor.next()) {
        while (run < acquired.length && cursor.offset > acquired[run]!.last) {
          this.noteGap(records, next, acquired[run]!.last)
          run++
          next = acquired[run]?.first ?? 0
        }
        if (run >= acquired.length) return
        if (cursor.offset < acquired[run]!.first) continue
        this.noteGap(records, next, cursor.offset - 1)
        next = cursor.offset + 1
        const type = visitor(cursor, acquired[run]!.deliveryCount)
        if (type === false) return
        if (type !== undefined) this.acknowledge(records, cursor.offset, type)
      }
    }
    for (; run < acquired.length; run++) {
      this.noteGap(records, next, acquired[run]!.last)
      next = acquired[run + 1]?.first ?? 0
    }
  }

  private noteGap(records: SharedRecords, first: number, last: number): void {
    if (first <= last) this.sessions.get(records.nodeId)?.acknowledge(records, first, last, Acknowledge.GAP)
  }

  /** Says what became of the record at `offset`; the broker hears of it with the next poll or commit. */
  acknowledge(records: SharedRecords, offset: number, type: AcknowledgeType): void {
    this.sessions.get(records.nodeId)?.acknowledge(records, offset, offset, type)
  }

  /**
   * Keeps the record at `offset` for another acquisition lock timeout; another acknowledgement has to follow.
   *
   * @throws KafkaError when it is no longer this consumer's
   */
  async renew(records: SharedRecords, offset: number): Promise<void> {
    await this.commit()
    this.acknowledge(records, offset, Acknowledge.RENEW)
    await this.flush(records.nodeId, { renew: true })
  }

  /**
   * Sends all acknowledgements now.
   *
   * @throws KafkaError of the first partition that failed
   */
  async commit(): Promise<void> {
    for (const [nodeId, session] of this.sessions) if (session.hasAcknowledgements) await this.flush(nodeId)
  }

  /** Sends what is acknowledged, gives back the rest and leaves the group. Never rejects for what the cluster says. */
  async close(): Promise<void> {
    if (this.closed) return
    this.acceptHandedOut()
    this.closed = true
    try {
      for (const nodeId of this.sessions.keys()) {
        await this.flush(nodeId, { final: true }).catch((error: unknown) => this.cluster.noteRetriable(error))
      }
      await this.membership.leave()
    } finally {
      await this.cluster.close()
    }
  }

  private acceptHandedOut(): void {
    if (this.settings.acknowledgementMode === 'implicit') {
      for (const records of this.handedOut) {
        const session = this.sessions.get(records.nodeId)
        for (const { first, last } of records.acquired) session?.acknowledge(records, first, last, Acknowledge.ACCEPT)
      }
    }
    this.handedOut = []
  }

  private async flush(nodeId: number, options: { final?: boolean; renew?: boolean } = {}): Promise<void> {
    const session = this.sessions.get(nodeId)
    if (session === undefined) return
    while (session.busy) await this.signal.wait(100)
    session.busy = true
    try {
      const connection = await this.cluster.connectNode(nodeId, 'fetch')
      const [error] = await session.flush(connection, options)
      if (error !== undefined) throw error
    } finally {
      session.busy = false
    }
  }

  private throwPending(): void {
    if (this.wakened) {
      this.wakened = false
      throw new ClientError('wakeup', 'The consumer was woken up.')
    }
    if (this.error !== null) {
      const { error } = this
      this.error = null
      throw error
    }
  }

  /** One fetch per leader of assigned partitions, and per broker that still has to hear acknowledgements. */
  private sendFetches(): void {
    if (this.closed || performance.now() < this.backoffUntilMs) return
    const byNode = new Map<number, SharePartition[]>()
    for (const { topic, partition } of this.partitions) {
      const metadata = this.cluster.metadata.topics.get(topic)
      const leader = metadata?.partitions[partition]?.leaderId ?? -1
      if (metadata === undefined || metadata.topicId === ZERO_UUID || leader < 0) {
        void this.refresh()
        continue
      }
      const list = byNode.get(leader) ?? []
      byNode.set(leader, list)
      list.push({ topic, partition, topicId: metadata.topicId })
    }
    for (const [nodeId, session] of this.sessions) {
      if (!byNode.has(nodeId) && session.hasAcknowledgements) byNode.set(nodeId, [])
    }
    for (const [nodeId, partitions] of byNode) {
      const session = this.sessions.get(nodeId) ?? new ShareSession(this.settings, this.membership.memberId)
      this.sessions.set(nodeId, session)
      if (!session.busy) void this.fetch(nodeId, session, partitions)
    }
  }

  private async fetch(nodeId: number, session: ShareSession, partitions: readonly SharePartition[]): Promise<void> {
    session.busy = true
    try {
      const connection = await this.cluster.connectNode(nodeId, 'fetch')
      if (partitions.length > 0 && !this.inVain.has(nodeId)) this.inVain.set(nodeId, 0)
      const answers = await session.fetch(connection, partitions)
      for (const answer of answers) this.take(nodeId, answer)
      const isEmpty = answers.every(({ acquired, errorCode }) => acquired.length === 0 && errorCode === ErrorCode.NONE)
      if (this.inVain.has(nodeId)) this.inVain.set(nodeId, isEmpty ? this.inVain.get(nodeId)! + 1 : 0)
    } catch (error) {
      this.failed(error as Error)
    } finally {
      session.busy = false
      this.raise()
    }
  }

  private take(nodeId: number, answer: ShareAnswer): void {
    const { errorCode, acknowledgeErrorCode, records, acquired, topic, topicId, partition } = answer
    if (acknowledgeErrorCode !== ErrorCode.NONE) {
      const { message } = new KafkaError(acknowledgeErrorCode, answer.acknowledgeErrorMessage)
      this.settings.warn(`Acknowledging records of ${topic}-${partition} failed: ${message}`)
    }
    if (errorCode !== ErrorCode.NONE) {
      const error = new KafkaError(errorCode, answer.errorMessage)
      if (!error.retriable && errorCode !== ErrorCode.UNKNOWN_SERVER_ERROR) this.report(error)
      else this.pauseAndRefresh(error)
      return
    }
    if (records === null || acquired.length === 0) return
    this.buffered.push({ nodeId, topic, topicId, partition, buffer: records, acquired })
  }

  private failed(error: Error): void {
    if (this.closed) return
    const code = error instanceof KafkaError ? error.code : ErrorCode.NONE
    const isRetriable = (error instanceof ClientError || error instanceof KafkaError) && error.retriable
    if (SESSION_LOST.includes(code) || isRetriable) this.pauseAndRefresh(error)
    else this.report(error)
  }

  private pauseAndRefresh(error: Error): void {
    this.cluster.noteRetriable(error)
    this.backoffUntilMs = performance.now() + this.settings.retryBackoffMs
    void this.refresh()
  }

  private async refresh(): Promise<void> {
    try {
      await this.cluster.refresh(this.topics, { allowAutoTopicCreation: true })
    } catch (error) {
      this.cluster.noteRetriable(error)
    }
  }
}
