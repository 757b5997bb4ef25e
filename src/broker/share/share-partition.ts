import type { Clock } from '../../base/clock.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { Timer } from '../group/timer.ts'
import type { Logger } from '../logger.ts'
import { type AcknowledgementBatch, acknowledge, releasedState } from './acknowledge.ts'
import { type Acquired, acquire, type LogBatch } from './acquire.ts'
import { beginChange, type Change, InFlight, type Run, rollBack, unlockedRun } from './in-flight.ts'
import { isTerminal, RecordState } from './record-state.ts'
import type { SharePartitionKey, ShareState } from './share-state.ts'
import type { StateBatch } from './state-batches.ts'
import type { StateWrite } from './state-shard.ts'

/** A group's configs that share partitions depend on; read anew at each use. */
export interface SharePartitionConfig {
  /** share.record.lock.duration.ms */
  readonly recordLockDurationMs: number
  /** share.partition.max.record.locks */
  readonly maxRecordLocks: number
  /** share.delivery.count.limit */
  readonly deliveryCountLimit: number
  /** share.renew.acknowledge.enable */
  readonly isRenewEnabled: boolean
}

export interface SharePartitionOptions {
  readonly key: SharePartitionKey
  readonly leaderEpoch: number
  readonly clock: Clock
  readonly logger: Logger
  config(): SharePartitionConfig
  /** Persists; rejects with KafkaError. */
  write(write: StateWrite): Promise<void>
  /** Records can be acquired that couldn't before, or the partition is not being read any more. */
  changed(): void
  /** The state is another's now: this share partition has to be read anew. */
  fenced(): void
}

/** What of a partition's log was read for a member. */
export interface ReadRecords {
  readonly memberId: string
  readonly fetchOffset: number
  readonly batches: readonly LogBatch[]
  readonly maxRecords: number
  readonly batchSize: number
  readonly isRecordLimit: boolean
}

/** Errors that mean that the state belongs to someone else, or is gone. */
const FENCING: ReadonlySet<number> = new Set([
  ErrorCode.FENCED_STATE_EPOCH,
  ErrorCode.FENCED_LEADER_EPOCH,
  ErrorCode.INVALID_REQUEST,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
])

/**
 * A partition as a share group reads it (KIP-932): which records are handed out to whom, how often, until when. Changes are
 * persisted before they count; locks are memory only, so after a restart what was acquired is available again.
 */
export class SharePartition {
  readonly key: SharePartitionKey
  readonly leaderEpoch: number
  readonly stateEpoch: number
  /** Counts what others may wait for. */
  changes = 0
  readonly #options: SharePartitionOptions
  readonly #inFlight: InFlight
  readonly #locks: Timer
  #isReading = false
  #isClosed = false

  /** @param state as it was persisted, with the start offset decided */
  constructor(options: SharePartitionOptions, state: Pick<ShareState, 'stateEpoch' | 'startOffset' | 'stateBatches'>) {
    this.#options = options
    this.key = options.key
    this.leaderEpoch = options.leaderEpoch
    this.stateEpoch = state.stateEpoch
    this.#inFlight = new InFlight(state.startOffset)
    this.#locks = new Timer(options.clock)
    for (const { firstOffset, lastOffset, deliveryState, deliveryCount } of state.stateBatches) {
      const recordState = isTerminal(deliveryState) ? (deliveryState as RecordState) : RecordState.AVAILABLE
      this.#inFlight.insert(unlockedRun(firstOffset, lastOffset, recordState, deliveryCount))
    }
    this.#inFlight.settle()
  }

  get startOffset(): number {
    return this.#inFlight.start
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Where to read next. */
  get nextFetchOffset(): number {
    return this.#inFlight.nextFetchOffset
  }

  /** How far to read for so many records to acquire. */
  readEnd(maxRecords: number): number {
    return this.#inFlight.endOfAcquirable(this.#inFlight.nextFetchOffset, maxRecords)
  }

  /** False while a reading would come to nothing: every record there may be is locked, or too many are. */
  get canAcquire(): boolean {
    if (this.#inFlight.nextFetchOffset < this.#inFlight.end) return true
    return this.#inFlight.liveCount < this.#options.config().maxRecordLocks
  }

  /** Takes the right to read and acquire, which one request has at a time. */
  tryRead(): boolean {
    if (this.#isReading || this.#isClosed || !this.canAcquire) return false
    this.#isReading = true
    return true
  }

  /** Gives the right to read back. @param found others may find something too */
  endRead(found: boolean): void {
    this.#isReading = false
    if (found) this.#changed()
  }

  /** The log begins at `offset` now. */
  logStartMoved(offset: number): void {
    this.#inFlight.dropBelow(offset)
  }

  /** Hands out what can be handed out of the records read. */
  acquire(read: ReadRecords): Acquired[] {
    const { clock, config } = this.#options
    const { recordLockDurationMs, maxRecordLocks, deliveryCountLimit } = config()
    const first = read.batches[0]
    if (first === undefined || read.maxRecords <= 0 || this.#isClosed) return []
    // Nothing is left between what was asked for and what the log has: compaction took it.
    this.archive(read.fetchOffset, first.baseOffset - 1)
    const lockedUntilMs = clock.monotonicMs() + recordLockDurationMs
    const acquired = acquire(this.#inFlight, { ...read, maxRecordLocks, deliveryCountLimit, lockedUntilMs })
    if (acquired.length > 0 && !this.#locks.pending) this.#watchLocks(recordLockDurationMs)
    return acquired
  }

  /** Records that nobody is to get: gone from the log, or of aborted transactions. Acquired ones too if `memberId` has them. */
  archive(first: number, last: number, memberId?: string): void {
    const from = Math.max(first, this.#inFlight.start)
    if (last < from) return
    for (const run of this.#inFlight.range(from, last)) {
      const isMine = run.state === RecordState.ACQUIRED && run.memberId === memberId
      if (run.before !== undefined || !(run.state === RecordState.AVAILABLE || isMine)) continue
      Object.assign(run, { state: RecordState.ARCHIVED, memberId: '', lockedUntilMs: 0 })
    }
    for (const [start, end] of this.#gaps(from, last)) {
      this.#inFlight.insert(unlockedRun(start, end, RecordState.ARCHIVED, 0))
    }
    this.#inFlight.settle()
  }

  *#gaps(first: number, last: number): Generator<[number, number]> {
    let at = first
    for (const run of this.#inFlight.runs.slice(this.#inFlight.indexAt(first))) {
      if (run.first > last) break
      if (run.first > at) yield [at, run.first - 1]
      at = run.last + 1
    }
    if (at <= last) yield [at, last]
  }

  /**
   * Acknowledges records a member has; all of it or nothing.
   *
   * @throws KafkaError INVALID_RECORD_STATE, INVALID_REQUEST, and what persisting can fail with
   */
  async acknowledge(memberId: string, batches: readonly AcknowledgementBatch[]): Promise<void> {
    this.#checkOpen()
    const { recordLockDurationMs, deliveryCountLimit, isRenewEnabled } = this.#options.config()
    const lockedUntilMs = this.#options.clock.monotonicMs() + recordLockDurationMs
    const change: Change = { memberId }
    try {
      for (const batch of batches) {
        acknowledge(this.#inFlight, batch, change, { deliveryCountLimit, isRenewEnabled, lockedUntilMs })
      }
    } catch (error) {
      this.#rollBack(change)
      throw error
    }
    await this.#persist(change)
  }

  /** Makes all records that a member has available to others. @throws KafkaError */
  async release(memberId: string): Promise<void> {
    if (this.#isClosed) return
    const { deliveryCountLimit } = this.#options.config()
    const change: Change = { memberId }
    for (const run of this.#inFlight.runs) {
      if (run.state !== RecordState.ACQUIRED || run.memberId !== memberId || run.before !== undefined) continue
      beginChange(run, releasedState(run, deliveryCountLimit), change)
    }
    await this.#persist(change)
  }

  /** Ends it: nothing is handed out or acknowledged any more. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#locks.cancel()
    this.#changed()
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER, 'The share partition is fenced.')
  }

  #changed(): void {
    this.changes++
    this.#options.changed()
  }

  async #persist(change: Change): Promise<void> {
    const stateBatches = this.#inFlight.runs.filter((run) => run.before?.change === change).map(stateOf)
    if (stateBatches.length === 0) return
    try {
      await this.#write(stateBatches)
    } catch (error) {
      this.#rollBack(change)
      throw persistError(error)
    }
    for (const run of this.#inFlight.runs) if (run.before?.change === change) run.before = undefined
    this.#inFlight.settle()
    this.#changed()
  }

  async #write(stateBatches: readonly StateBatch[]): Promise<void> {
    const { stateEpoch, leaderEpoch } = this
    const { start: startOffset, terminalCount: deliveryCompleteCount } = this.#inFlight
    try {
      await this.#options.write({ stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches })
    } catch (error) {
      if (error instanceof KafkaError && FENCING.has(error.code)) this.#options.fenced()
      throw error
    }
  }

  #rollBack(change: Change): void {
    for (const run of this.#inFlight.runs) if (run.before?.change === change) rollBack(run)
    // A lock may have ended meanwhile.
    if (!this.#isClosed) this.#watchLocks(0)
    this.#changed()
  }

  #watchLocks(delayMs: number): void {
    this.#locks.set(delayMs, () => this.#expireLocks())
  }

  /** Frees the records whose lock is over; that counts even if it can't be persisted. */
  #expireLocks(): void {
    const { clock, config, logger } = this.#options
    const { deliveryCountLimit } = config()
    const nowMs = clock.monotonicMs()
    const expired: StateBatch[] = []
    let nextMs = Number.POSITIVE_INFINITY
    for (const run of this.#inFlight.runs) {
      if (run.state !== RecordState.ACQUIRED) continue
      if (run.lockedUntilMs > nowMs) {
        nextMs = Math.min(nextMs, run.lockedUntilMs)
        continue
      }
      Object.assign(run, { state: releasedState(run, deliveryCountLimit), memberId: '', lockedUntilMs: 0 })
      expired.push(stateOf(run))
    }
    if (Number.isFinite(nextMs)) this.#watchLocks(Math.max(1, nextMs - nowMs))
    if (expired.length === 0) return
    const done = this.#write(expired)
    this.#changed()
    done
      .catch((error: unknown) => {
        logger.warn({ ...this.key, error }, 'the end of record locks could not be persisted')
      })
      .finally(() => this.#inFlight.settle())
  }
}

function stateOf({ first, last, state, deliveryCount }: Run): StateBatch {
  return { firstOffset: first, lastOffset: last, deliveryState: state, deliveryCount }
}

/** What a consumer is told when state can't be read or written. */
export function persistError(error: unknown): unknown {
  if (!(error instanceof KafkaError)) return error
  const { code, message } = error
  switch (code) {
    case ErrorCode.NOT_COORDINATOR:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
      return new KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, message)
    case ErrorCode.GROUP_ID_NOT_FOUND:
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
      return error
    case ErrorCode.FENCED_LEADER_EPOCH:
    case ErrorCode.FENCED_STATE_EPOCH:
      return new KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER, message)
    case ErrorCode.INVALID_REQUEST:
      return new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, 'Unable to complete operation due to server error.')
    default:
      return new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, message)
  }
}
