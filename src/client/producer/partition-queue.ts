import type { BatchBuilder } from '../../protocol/records/batch-builder.ts'
import { ProducerBatch } from './batch.ts'

const MAX_SEQUENCE = 0x7fffffff
const MAX_EPOCH = 0x7fff

/** What brokers tell one producer from another by (KIP-98). */
export interface ProducerIdentity {
  producerId: number
  epoch: number
}

/**
 * One partition's batches: the one being filled, those that wait, those under way. Keeps their order through retries: while a
 * batch is tried again nothing else of the partition is under way, and sequences go up without gaps.
 *
 * Until a partition has acknowledged a batch only one is under way: a broker takes any sequence for the first from a producer
 * it doesn't know, so a second batch could overtake a refused first.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  /** The batch being filled. */
  open: ProducerBatch | null = null
  /** Closed batches, in the order to send. */
  readonly waiting: ProducerBatch[] = []
  /** Sent batches without an answer. */
  inFlight = 0
  /** performance.now() before which nothing is sent, after a failure. */
  backoffUntilMs = 0
  private acknowledged = false
  private identity: ProducerIdentity | null = null
  private nextSequence = 0
  private bumpNeeded = false
  /** True while the batch under way was sent before. */
  private retryInFlight = false

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get isIdle(): boolean {
    return this.open === null && this.waiting.length === 0 && this.inFlight === 0
  }

  /** The batch to fill, opened with `builder` when there is none. */
  current(builder: () => BatchBuilder): ProducerBatch {
    this.open ??= new ProducerBatch(builder(), performance.now())
    return this.open
  }

  /** Moves the open batch to those that wait. */
  close(): void {
    if (this.open === null) return
    this.waiting.push(this.open)
    this.open = null
  }

  /** Whether the next batch may be sent now, as far as order goes. */
  maySend(nowMs: number, identity: ProducerIdentity | null): boolean {
    const head = this.waiting[0]
    if (head === undefined || nowMs < this.backoffUntilMs) return false
    if (this.inFlight === 0) return true
    // Under a new producer id nothing may overtake what is under way with the old one.
    if (identity !== null && this.identity !== null && identity.producerId !== this.identity.producerId) return false
    return this.acknowledged && head.attempts === 0 && !this.bumpNeeded && !this.retryInFlight
  }

  /** Takes the next batch to send, numbered when the producer is idempotent. */
  take(identity: ProducerIdentity | null): ProducerBatch {
    const batch = this.waiting.shift()
    if (batch === undefined) throw new Error('nothing waits')
    if (identity !== null) this.number(batch, identity)
    this.retryInFlight = batch.attempts > 0
    if (batch.attempts === 0) batch.sentAtMs = performance.now()
    batch.attempts++
    this.inFlight++
    return batch
  }

  private number(batch: ProducerBatch, identity: ProducerIdentity): void {
    const isNew = this.identity === null || this.identity.producerId !== identity.producerId
    // A transaction that has ended may have raised the epoch (KIP-890).
    if (isNew || (this.identity !== null && identity.epoch > this.identity.epoch)) {
      this.identity = { ...identity }
      this.nextSequence = 0
      this.bumpNeeded = false
      for (const other of this.waiting) other.baseSequence = -1
      batch.baseSequence = -1
    }
    if (this.bumpNeeded && this.inFlight === 0) this.bump(batch)
    if (batch.baseSequence >= 0) return
    const { producerId, epoch } = this.identity as ProducerIdentity
    batch.stamp(producerId, epoch, this.nextSequence)
    this.nextSequence = (this.nextSequence + batch.recordCount) % (MAX_SEQUENCE + 1)
  }

  /** Starts a new epoch with sequence 0 and renumbers what was numbered before; nothing may be under way. */
  private bump(batch: ProducerBatch): void {
    this.bumpNeeded = false
    if (this.identity === null) return
    this.identity = { ...this.identity, epoch: this.identity.epoch + 1 }
    this.nextSequence = 0
    this.acknowledged = false
    batch.baseSequence = -1
    for (const other of this.waiting) other.baseSequence = -1
  }

  /** True when the epochs of this producer id are used up: a new id is needed. */
  get epochsUsedUp(): boolean {
    return this.bumpNeeded && this.identity !== null && this.identity.epoch >= MAX_EPOCH
  }

  /** The batch was written. */
  acknowledge(): void {
    this.inFlight--
    this.acknowledged = true
    this.retryInFlight = false
  }

  /** Puts a batch that was sent back to those that wait, in the order of their sequences. */
  retry(batch: ProducerBatch, backoffUntilMs: number): void {
    this.inFlight--
    this.retryInFlight = false
    this.backoffUntilMs = Math.max(this.backoffUntilMs, backoffUntilMs)
    this.putBack([batch])
  }

  /** Puts the parts of a split batch in its place; they have its sequences. */
  split(parts: ProducerBatch[]): void {
    this.inFlight--
    this.retryInFlight = false
    this.putBack(parts)
  }

  private putBack(batches: ProducerBatch[]): void {
    const first = batches[0]
    if (first === undefined) return
    let at = 0
    while (at < this.waiting.length && isBefore(this.waiting[at] as ProducerBatch, first)) at++
    this.waiting.splice(at, 0, ...batches)
  }

  /** Gives a batch up. Its sequences are missing from now on, so an idempotent producer starts a new epoch. */
  drop(batch: ProducerBatch, sent: boolean): void {
    if (sent) {
      this.inFlight--
      this.retryInFlight = false
    }
    if (batch.baseSequence >= 0) this.requestBump()
  }

  /** The broker's idea of the sequence and ours have come apart: start a new epoch before the next batch. */
  requestBump(): void {
    if (this.identity !== null) this.bumpNeeded = true
  }

  /** Whether earlier records than this batch's are not acknowledged yet. */
  hasEarlier(batch: ProducerBatch): boolean {
    return this.waiting.some((other) => other !== batch && other.attempts > 0 && isBefore(other, batch))
  }
}

/** Order of records: those once sent come first, among themselves by sequence (or age). */
function isBefore(a: ProducerBatch, b: ProducerBatch): boolean {
  if (a.attempts === 0) return false
  if (a.baseSequence >= 0 && b.baseSequence >= 0 && a.producerEpoch === b.producerEpoch) {
    return ((b.baseSequence - a.baseSequence) & MAX_SEQUENCE) < MAX_SEQUENCE / 2 && a.baseSequence !== b.baseSequence
  }
  return a.createdAtMs < b.createdAtMs
}
