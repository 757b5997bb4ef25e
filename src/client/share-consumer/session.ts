import type { Connection } from '../../net/connection.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ShareFetchRequest, ShareFetchResponse } from '../../protocol/generated/78-share-fetch.ts'
import { ShareAcknowledgeRequest, ShareAcknowledgeResponse } from '../../protocol/generated/79-share-acknowledge.ts'
import { type TopicPartition, topicPartitionKey } from '../types.ts'
import { type AcknowledgementBatch, Acknowledgements, type AcknowledgeType } from './acknowledgements.ts'
import type { ShareConsumerSettings } from './settings.ts'

const NEW_SESSION = 0
const FINAL_EPOCH = -1
const MAX_EPOCH = 0x7fffffff
const ACQUIRE_MODES = { batch_optimized: 0, record_limit: 1 } as const
const RENEW_SINCE = 2

/** A partition of the session, with the topic's id. */
export interface SharePartition extends TopicPartition {
  topicId: string
}

/** What one answer brought of one partition. */
export interface ShareAnswer extends SharePartition {
  errorCode: number
  errorMessage: string | null
  acknowledgeErrorCode: number
  acknowledgeErrorMessage: string | null
  records: Buffer | null
  acquired: { first: number; last: number; deliveryCount: number }[]
}

type Sent = {
  topicId: string
  partitions: { partitionIndex: number; acknowledgementBatches: AcknowledgementBatch[] }[]
}

/**
 * A share session with one broker (KIP-932): it remembers the partitions, requests carry what changes and what is acknowledged, and
 * their epochs count up. One request is under way at a time.
 */
export class ShareSession {
  /** A request is under way. */
  busy = false
  private readonly settings: ShareConsumerSettings
  private readonly memberId: string
  private epoch = NEW_SESSION
  private readonly known = new Map<string, SharePartition>()
  private readonly pending = new Map<string, { partition: SharePartition; list: Acknowledgements }>()

  constructor(settings: ShareConsumerSettings, memberId: string) {
    this.settings = settings
    this.memberId = memberId
  }

  get isOpen(): boolean {
    return this.epoch !== NEW_SESSION
  }

  get hasAcknowledgements(): boolean {
    return this.pending.size > 0
  }

  /** Notes what became of records; sent with the next request. */
  acknowledge(partition: SharePartition, first: number, last: number, type: AcknowledgeType): void {
    const key = topicPartitionKey(partition)
    let entry = this.pending.get(key)
    if (entry === undefined) {
      entry = { partition, list: new Acknowledgements() }
      this.pending.set(key, entry)
    }
    entry.list.add(first, last, type)
  }

  /** Asks for records of `partitions` and hands over what is acknowledged. */
  async fetch(connection: Connection, partitions: readonly SharePartition[]): Promise<ShareAnswer[]> {
    const { settings } = this
    const version = connection.versions.pick(ShareFetchRequest)
    const wanted = new Map(partitions.map((one) => [topicPartitionKey(one), one]))
    const isNew = this.epoch === NEW_SESSION
    if (isNew) this.known.clear()
    const added = partitions.filter((one) => !this.known.has(topicPartitionKey(one)))
    const forgotten = [...this.known].filter(([key]) => !wanted.has(key)).map(([, one]) => one)
    // The first request of a session can't acknowledge: the broker has given nothing in it.
    const topics = this.topicsToSend(added, isNew ? null : this.pending)
    const message = {
      groupId: settings.groupId,
      memberId: this.memberId,
      shareSessionEpoch: this.epoch,
      maxWaitMs: settings.fetchMaxWaitMs,
      minBytes: settings.fetchMinBytes,
      maxBytes: settings.fetchMaxBytes,
      ...(version >= 1 ? { maxRecords: settings.maxPollRecords, batchSize: settings.maxPollRecords } : {}),
      ...(version >= 2 ? { shareAcquireMode: ACQUIRE_MODES[settings.acquireMode] } : {}),
      topics,
      forgottenTopicsData: forgotten.map(({ topicId, partition }) => ({ topicId, partitions: [partition] })),
    }
    this.pending.clear()
    const timeoutMs = settings.requestTimeoutMs + settings.fetchMaxWaitMs
    const answer = await this.guarded(() =>
      connection.send(ShareFetchRequest, ShareFetchResponse, message, { version, timeoutMs }),
    )
    for (const one of added) this.known.set(topicPartitionKey(one), one)
    for (const one of forgotten) this.known.delete(topicPartitionKey(one))
    const byId = new Map([...this.known.values(), ...forgotten].map((one) => [`${one.topicId}/${one.partition}`, one]))
    return answer.responses.flatMap(({ topicId, partitions: list }) =>
      list.flatMap((data) => {
        const one = byId.get(`${topicId}/${data.partitionIndex}`)
        if (one === undefined) return []
        const acquired = data.acquiredRecords.map(({ firstOffset, lastOffset, deliveryCount }) => ({
          first: Number(firstOffset),
          last: Number(lastOffset),
          deliveryCount,
        }))
        const { errorCode, errorMessage, acknowledgeErrorCode, acknowledgeErrorMessage, records } = data
        return [{ ...one, errorCode, errorMessage, acknowledgeErrorCode, acknowledgeErrorMessage, records, acquired }]
      }),
    )
  }

  /** Sends acknowledgements by themselves; with `final` the session ends, and what was not acknowledged is free again. */
  async flush(connection: Connection, options: { final?: boolean; renew?: boolean } = {}): Promise<KafkaError[]> {
    if (!this.isOpen) {
      this.pending.clear()
      return []
    }
    const version = connection.versions.pick(ShareAcknowledgeRequest)
    const topics = this.topicsToSend([], this.pending)
    this.pending.clear()
    const message = {
      groupId: this.settings.groupId,
      memberId: this.memberId,
      shareSessionEpoch: options.final ? FINAL_EPOCH : this.epoch,
      ...(version >= RENEW_SINCE ? { isRenewAck: options.renew ?? false } : {}),
      topics,
    }
    const answer = await this.guarded(() =>
      connection.send(ShareAcknowledgeRequest, ShareAcknowledgeResponse, message, { version }),
    )
    if (options.final) this.epoch = NEW_SESSION
    return answer.responses.flatMap(({ partitions }) =>
      partitions.flatMap(({ errorCode, errorMessage }) =>
        errorCode === ErrorCode.NONE ? [] : [new KafkaError(errorCode, errorMessage)],
      ),
    )
  }

  /** Counts the epoch up, or starts over when the broker no longer knows the session. */
  private async guarded<R extends { errorCode: number; errorMessage: string | null }>(
    ask: () => Promise<R>,
  ): Promise<R> {
    try {
      const answer = await ask()
      if (answer.errorCode !== ErrorCode.NONE) throw new KafkaError(answer.errorCode, answer.errorMessage)
      this.epoch = this.epoch >= MAX_EPOCH ? 1 : this.epoch + 1
      return answer
    } catch (error) {
      this.epoch = NEW_SESSION
      this.known.clear()
      throw error
    }
  }

  private topicsToSend(added: readonly SharePartition[], pending: typeof this.pending | null): Sent[] {
    const topics = new Map<string, Sent>()
    const add = (one: SharePartition, acknowledgementBatches: AcknowledgementBatch[]): void => {
      const topic = topics.get(one.topicId) ?? { topicId: one.topicId, partitions: [] }
      topics.set(one.topicId, topic)
      topic.partitions.push({ partitionIndex: one.partition, acknowledgementBatches })
    }
    const keys = new Set<string>()
    for (const [key, { partition, list }] of pending ?? []) {
      keys.add(key)
      add(partition, list.take())
    }
    for (const one of added) if (!keys.has(topicPartitionKey(one))) add(one, [])
    return [...topics.values()]
  }
}
