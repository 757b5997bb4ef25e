import { ZERO_UUID } from '../../base/uuid.ts'
import type { Connection } from '../../net/connection.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../protocol/generated/00-produce.ts'
import { BatchBuilder } from '../../protocol/records/batch-builder.ts'
import { backoffMs } from '../backoff.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { ProducerBatch } from './batch.ts'
import type { PartitionQueue, ProducerIdentity } from './partition-queue.ts'
import type { ProducerSettings } from './settings.ts'
import type { Transactions } from './transactions.ts'

/** Topics are named by id from this version of Produce on (KIP-516). */
const BY_ID_SINCE = 13
/** Up to this version partitions are added to a transaction by a request of their own; later ones add them on the way (KIP-890). */
const TRANSACTIONAL_CAP = 11

type PartitionAnswer = ProduceResponse['responses'][number]['partitionResponses'][number]

/** What the sender tells its producer. */
export interface SenderOwner {
  readonly queues: Iterable<PartitionQueue>
  /** The id to number batches with; null when the producer isn't idempotent. */
  identity(): Promise<ProducerIdentity | null>
  /** The producer id is used up or unknown to the brokers: get another. */
  resetIdentity(): void
  /** A batch is done with, one way or the other: release its bytes and tell its records. */
  completed(queue: PartitionQueue, batch: ProducerBatch, outcome: Outcome): void
  /** The transactions everything is written in; null without. */
  readonly transactions: Transactions | null
  readonly metrics: { splits: number }
  /** True while everything is to go out without waiting for linger.ms. */
  readonly hurry: boolean
  wake(full: boolean): void
}

export type Outcome =
  | { ok: true; baseOffset: number; logAppendTimeMs: number }
  | { ok: false; error: Error; recordErrors: Map<number, Error> }

interface Sent {
  queue: PartitionQueue
  batch: ProducerBatch
}

/** Sends what waits: one batch per partition and request, up to max.in.flight.requests.per.connection requests per broker. */
export class Sender {
  private readonly cluster: Cluster
  private readonly settings: ProducerSettings
  private readonly owner: SenderOwner
  private readonly windows = new Map<number, number>()
  private readonly refreshing = new Set<string>()

  constructor(cluster: Cluster, settings: ProducerSettings, owner: SenderOwner) {
    this.cluster = cluster
    this.settings = settings
    this.owner = owner
  }

  /**
   * Sends all that may be sent now.
   *
   * @returns performance.now() of the next time something becomes due by itself; Infinity when nothing will.
   */
  drain(identity: ProducerIdentity | null): number {
    const { transactions } = this.owner
    if (transactions?.failure) {
      this.giveUp(transactions.failure)
      return Number.POSITIVE_INFINITY
    }
    const nowMs = performance.now()
    let nextMs = Number.POSITIVE_INFINITY
    const byNode = new Map<number, PartitionQueue[]>()
    for (const queue of this.owner.queues) {
      this.expire(queue, nowMs)
      const dueMs = this.dueAtMs(queue, identity, nowMs)
      if (dueMs > nowMs) {
        nextMs = Math.min(nextMs, dueMs)
        continue
      }
      const leader = this.leaderOf(queue)
      if (leader < 0) {
        queue.backoffUntilMs = nowMs + this.settings.retryBackoffMs
        nextMs = Math.min(nextMs, queue.backoffUntilMs)
        this.refresh(queue.topic)
        continue
      }
      const queues = byNode.get(leader)
      if (queues) queues.push(queue)
      else byNode.set(leader, [queue])
    }
    for (const [nodeId, queues] of byNode) {
      while ((this.windows.get(nodeId) ?? 0) < this.settings.maxInFlightRequests) {
        const sent = this.take(queues, identity, nowMs)
        if (sent.length === 0) break
        this.send(nodeId, sent)
      }
    }
    return nextMs
  }

  /** When a partition's next batch may go; a batch still being filled counts once it lingered or `hurry` is on. */
  private dueAtMs(queue: PartitionQueue, identity: ProducerIdentity | null, nowMs: number): number {
    const { open } = queue
    if (open !== null && queue.waiting.length === 0) {
      const lingeredMs = open.createdAtMs + this.settings.lingerMs
      if (!this.owner.hurry && lingeredMs > nowMs) return lingeredMs
      queue.close()
    }
    if (queue.waiting.length === 0) return Number.POSITIVE_INFINITY
    if (queue.backoffUntilMs > nowMs) return queue.backoffUntilMs
    return queue.maySend(nowMs, identity) ? nowMs : Number.POSITIVE_INFINITY
  }

  private leaderOf(queue: PartitionQueue): number {
    return this.cluster.metadata.topics.get(queue.topic)?.partitions[queue.partition]?.leaderId ?? -1
  }

  private take(queues: PartitionQueue[], identity: ProducerIdentity | null, nowMs: number): Sent[] {
    const sent: Sent[] = []
    let total = 0
    for (const queue of queues) {
      if (!queue.maySend(nowMs, identity)) continue
      if (queue.epochsUsedUp && !this.owner.transactions) {
        this.owner.resetIdentity()
        continue
      }
      const bytes = queue.waiting[0]?.sizeBytes ?? 0
      if (sent.length > 0 && total + bytes > this.settings.maxRequestSizeBytes) break
      sent.push({ queue, batch: queue.take(identity) })
      total += bytes
    }
    return sent
  }

  private send(nodeId: number, sent: Sent[]): void {
    this.windows.set(nodeId, (this.windows.get(nodeId) ?? 0) + 1)
    this.produce(nodeId, sent)
      .catch((error: unknown) => {
        for (const { queue, batch } of sent) this.failed(queue, batch, error as Error)
      })
      .finally(() => {
        this.windows.set(nodeId, (this.windows.get(nodeId) ?? 1) - 1)
        this.owner.wake(true)
      })
  }

  /** A node that can't be reached uses up no retries, as in Java: nothing was sent, and delivery.timeout.ms is what ends the wait. */
  private async connect(nodeId: number, sent: Sent[]): Promise<Connection> {
    try {
      return await this.cluster.connectNode(nodeId)
    } catch (error) {
      for (const { batch } of sent) batch.attempts--
      throw error
    }
  }

  private async produce(nodeId: number, sent: Sent[]): Promise<void> {
    const connection = await this.connect(nodeId, sent)
    const byTopic = new Map<string, Sent[]>()
    for (const item of sent) byTopic.set(item.queue.topic, [...(byTopic.get(item.queue.topic) ?? []), item])
    const idOf = (topic: string): string => this.cluster.metadata.topics.get(topic)?.topicId ?? ZERO_UUID
    const allHaveIds = [...byTopic.keys()].every((topic) => idOf(topic) !== ZERO_UUID)
    const { transactions } = this.owner
    const adding = transactions?.enlist(sent.map(({ queue: { topic, partition } }) => ({ topic, partition })))
    if (adding) await adding
    const cap = allHaveIds ? ProduceRequest.maxVersion : BY_ID_SINCE - 1
    const version = connection.versions.pick(
      ProduceRequest,
      transactions?.addsByProduce === false ? TRANSACTIONAL_CAP : cap,
    )
    const topicData = [...byTopic].map(([name, items]) => ({
      ...(version >= BY_ID_SINCE ? { topicId: idOf(name) } : { name }),
      partitionData: items.map(({ queue, batch }) => ({ index: queue.partition, records: batch.bytes() })),
    }))
    const { acks, requestTimeoutMs } = this.settings
    const message = { acks, timeoutMs: requestTimeoutMs, topicData, transactionalId: transactions?.id ?? null }
    if (acks === 0) {
      await connection.sendWithoutAnswer(ProduceRequest, message, { version })
      for (const { queue, batch } of sent) {
        queue.acknowledge()
        this.owner.completed(queue, batch, { ok: true, baseOffset: -1, logAppendTimeMs: -1 })
      }
      return
    }
    await this.answers(connection, version, message, sent)
  }

  private async answers(
    connection: Connection,
    version: number,
    message: Parameters<typeof ProduceRequest.write>[1],
    sent: Sent[],
  ): Promise<void> {
    const answer = await connection.send(ProduceRequest, ProduceResponse, message, { version })
    const answers = new Map<string, PartitionAnswer>()
    for (const topic of answer.responses) {
      const name = version >= BY_ID_SINCE ? (this.cluster.metadata.namesById.get(topic.topicId) ?? '') : topic.name
      for (const partition of topic.partitionResponses) answers.set(`${partition.index}/${name}`, partition)
    }
    for (const { queue, batch } of sent) {
      const result = answers.get(`${queue.partition}/${queue.topic}`)
      if (result === undefined) {
        const text = `The broker's answer to Produce says nothing of ${queue.topic}-${queue.partition}.`
        this.failed(queue, batch, new ClientError('protocol', text))
      } else if (result.errorCode === ErrorCode.NONE || result.errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) {
        queue.acknowledge()
        const { baseOffset, logAppendTimeMs } = result
        this.owner.completed(queue, batch, {
          ok: true,
          baseOffset: Number(baseOffset),
          logAppendTimeMs: Number(logAppendTimeMs),
        })
      } else {
        this.failed(queue, batch, new KafkaError(result.errorCode, result.errorMessage), result)
      }
    }
  }

  private failed(queue: PartitionQueue, batch: ProducerBatch, error: Error, answer?: PartitionAnswer): void {
    const code = error instanceof KafkaError ? error.code : null
    if (code === ErrorCode.MESSAGE_TOO_LARGE && batch.recordCount > 1) {
      this.owner.metrics.splits++
      queue.split(this.halves(batch))
      return
    }
    if (!this.owner.transactions) {
      if (isOutOfOrder(code)) {
        if (!queue.hasEarlier(batch)) queue.requestBump()
      }
      if (code === ErrorCode.INVALID_PRODUCER_EPOCH || code === ErrorCode.INVALID_PRODUCER_ID_MAPPING) {
        this.owner.resetIdentity()
      }
    }
    if (this.mayRetry(queue, batch, error)) {
      if (error instanceof ClientError || (error instanceof KafkaError && error.invalidMetadata))
        this.refresh(queue.topic)
      if (error instanceof ClientError) this.cluster.noteRetriable(error)
      const { retryBackoffMs, retryBackoffMaxMs } = this.settings
      const delayMs = backoffMs(Math.max(0, batch.attempts - 1), retryBackoffMs, retryBackoffMaxMs)
      queue.retry(batch, performance.now() + delayMs)
      return
    }
    queue.drop(batch, true)
    this.owner.completed(queue, batch, { ok: false, error, recordErrors: recordErrors(batch, error, answer) })
  }

  private mayRetry(queue: PartitionQueue, batch: ProducerBatch, error: Error): boolean {
    if (batch.attempts > this.settings.retries) return false
    if (performance.now() - batch.createdAtMs >= this.settings.deliveryTimeoutMs) return false
    if (error instanceof ClientError) return error.retriable
    if (!(error instanceof KafkaError)) return false
    if (batch.baseSequence >= 0) {
      const { code } = error
      // Epochs of a transactional producer are its coordinator's to give, when the transaction has ended.
      if (this.owner.transactions) return error.retriable || (isOutOfOrder(code) && queue.hasEarlier(batch))
      if (isOutOfOrder(code)) return true
      if (code === ErrorCode.INVALID_PRODUCER_EPOCH || code === ErrorCode.INVALID_PRODUCER_ID_MAPPING) return true
    }
    return error.retriable
  }

  /** Gives up everything that waits: there is no producer id to send it with, or its transaction has failed. */
  giveUp(error: Error): void {
    let count = 0
    for (const queue of this.owner.queues) {
      queue.close()
      for (const batch of queue.waiting.splice(0)) {
        queue.drop(batch, false)
        this.owner.completed(queue, batch, { ok: false, error, recordErrors: new Map() })
        count++
      }
    }
    if (count > 0) this.owner.wake(true)
  }

  /** Gives up batches that wait for longer than delivery.timeout.ms. */
  private expire(queue: PartitionQueue, nowMs: number): void {
    const { deliveryTimeoutMs } = this.settings
    for (let batch = queue.waiting[0]; batch !== undefined; batch = queue.waiting[0]) {
      if (nowMs - batch.createdAtMs < deliveryTimeoutMs) return
      queue.waiting.shift()
      const name = `${queue.topic}-${queue.partition}`
      const text = `Expiring ${batch.recordCount} record(s) for ${name}:${Math.round(nowMs - batch.createdAtMs)} ms has passed since batch creation`
      queue.drop(batch, false)
      const error = new ClientError('timeout', text, {
        nextStep:
          'See whether the partition has a leader and the broker answers; delivery.timeout.ms sets how long to try.',
        retriable: false,
      })
      this.owner.completed(queue, batch, { ok: false, error, recordErrors: new Map() })
    }
  }

  /** Two batches out of one that is too large for the topic, with the same sequences. */
  private halves(batch: ProducerBatch): ProducerBatch[] {
    const { compressionType, compressionLevel } = this.settings
    const half = Math.ceil(batch.recordCount / 2)
    const cursor = batch.cursor()
    const parts: ProducerBatch[] = []
    for (let index = 0; cursor.next(); index++) {
      if (index === 0 || index === half) {
        const level = compressionLevel === undefined ? {} : { compressionLevel }
        const transactional = this.settings.transactionalId !== null
        const options = { maxBytes: 0x7fffffff, compression: compressionType, transactional }
        const builder = new BatchBuilder({ ...options, ...level })
        parts.push(ProducerBatch.of(builder, batch.createdAtMs, batch.attempts))
      }
      const part = parts[parts.length - 1] as ProducerBatch
      const at = part.records.recordCount
      part.records.appendBody(cursor.data, cursor.bodyStart, cursor.recordEnd, at, cursor.timestamp)
      for (const callback of batch.callbacks)
        if (callback.index === index) part.callbacks.push({ ...callback, index: at })
    }
    for (const part of parts) part.reservedBytes = batch.reservedBytes / parts.length
    if (batch.baseSequence >= 0) {
      let sequence = batch.baseSequence
      for (const part of parts) {
        part.stamp(batch.producerId, batch.producerEpoch, sequence)
        sequence = (sequence + part.recordCount) & 0x7fffffff
      }
    }
    return parts
  }

  private refresh(topic: string): void {
    if (this.refreshing.has(topic)) return
    this.refreshing.add(topic)
    this.cluster
      .refresh([topic])
      .catch((error: unknown) => this.cluster.noteRetriable(error))
      .finally(() => {
        this.refreshing.delete(topic)
        this.owner.wake(true)
      })
  }
}

/** The broker's idea of the next sequence is another. */
const isOutOfOrder = (code: number | null): boolean =>
  code === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER || code === ErrorCode.UNKNOWN_PRODUCER_ID

/** Java's rule: records the broker names get its message for them; the others failed only for being in the same batch. */
function recordErrors(batch: ProducerBatch, error: Error, answer?: PartitionAnswer): Map<number, Error> {
  const errors = new Map<number, Error>()
  if (answer === undefined || answer.recordErrors.length === 0 || !(error instanceof KafkaError)) return errors
  const named = new Map(answer.recordErrors.map((r) => [r.batchIndex, r.batchIndexErrorMessage]))
  const other = 'Failed to append record because it was part of a batch which had one more more invalid records'
  for (let index = 0; index < batch.recordCount; index++) {
    if (named.has(index)) errors.set(index, new KafkaError(error.code, named.get(index) ?? answer.errorMessage))
    else errors.set(index, new KafkaError(ErrorCode.INVALID_RECORD, other))
  }
  return errors
}
