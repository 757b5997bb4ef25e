import type { BatchHeader } from '../protocol/records/batch-header.ts'
import { stampPlace } from '../protocol/records/batch-stamp.ts'
import {
  batchesOf,
  checkProducers,
  findDuplicateBatch,
  lastOffsetOf,
  logAppendTimeOf,
  type ProducerUpdates,
} from './append-batches.ts'
import { OffsetOutOfRangeError, OffsetsOutOfOrderError, RecordListTooLargeError, StorageError } from './errors.ts'
import { partitionDirName, type TopicPartition } from './file-names.ts'
import type { LeaderEpochCache } from './leader-epoch-cache.ts'
import type { LogConfig } from './log-config.ts'
import { LogFlusher } from './log-flusher.ts'
import { type LoadOptions, loadLog } from './log-loader.ts'
import { type LogRead, readLog, readLogAsync } from './log-read.ts'
import { LogSegment, NO_FILES } from './log-segment.ts'
import type { LogSegments } from './log-segments.ts'
import { offsetForTimestamp, offsetOfMaxTimestamp, type TimestampLookup } from './log-timestamps.ts'
import type { AppendOptions, AppendResult, LogListener, LogParts } from './log-types.ts'
import { PendingWrite } from './pending-write.ts'
import { rebuildProducerState } from './producer-rebuild.ts'
import { firstOffset } from './producer-state-entry.ts'
import type { ProducerStateManager } from './producer-state-manager.ts'
import { isRollDue } from './roll.ts'
import { deleteOldSegments, removeSegment } from './segment-removal.ts'
import type { StorageContext } from './storage-context.ts'
import { LogTail } from './tail-cache.ts'
import type { AbortedTransaction } from './transaction-index.ts'

export type { AppendOptions, AppendResult, LogListener, LogParts } from './log-types.ts'

/** Written at once instead of at the end of the turn, to bound memory. */
const MAX_PENDING_BYTES = 8 * 1024 * 1024
/** Failures that pass when space or handles are freed; after any other the log takes no more appends. */
const PASSING_FAILURES = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'])
const resolved = Promise.resolve()

export interface OpenLogOptions extends LoadOptions {
  listener?: LogListener
}

/**
 * The log of one partition (Kafka's UnifiedLog): segments, producers, leader epochs and offsets.
 *
 * `append` sets offsets and state at once; the bytes of all appends of one turn of the event loop go to the file in one
 * write, and only then do they become readable and the high watermark advance.
 */
export class Log {
  readonly topicPartition: TopicPartition
  /** `topic-0`, for messages. */
  readonly name: string
  readonly context: StorageContext
  readonly segments: LogSegments
  readonly epochs: LeaderEpochCache
  readonly producers: ProducerStateManager
  readonly tail: LogTail
  listener: LogListener
  /** Kafka's topic id (22 characters), when known. */
  topicId: string | undefined
  /** True while this replica alone decides: the high watermark follows the writes. A replication layer sets it false. */
  highWatermarkFollowsWrites = true
  #config: LogConfig
  #directory: string
  #logStartOffset: number
  #logEndOffset: number
  #writtenOffset: number
  #highWatermark: number
  readonly #flusher: LogFlusher
  #pending: PendingWrite | undefined
  #lastWrite: Promise<void> = resolved
  #failure: StorageError | undefined
  #isClosed = false
  #truncationCount = 0

  constructor(
    context: StorageContext,
    directory: string,
    topicPartition: TopicPartition,
    config: LogConfig,
    parts: LogParts,
    listener: LogListener = {},
  ) {
    this.context = context
    this.#directory = directory
    this.topicPartition = topicPartition
    this.name = partitionDirName(topicPartition)
    this.#config = config
    this.segments = parts.segments
    this.epochs = parts.epochs
    this.producers = parts.producers
    this.#logStartOffset = parts.logStartOffset
    this.#logEndOffset = parts.logEndOffset
    this.#writtenOffset = parts.logEndOffset
    this.#highWatermark = parts.logEndOffset
    this.#flusher = new LogFlusher(this, parts.recoveryPoint, (what, cause) => this.#fail(what, cause))
    this.tail = new LogTail(context.tailCache)
    this.listener = listener
    this.producers.highWatermarkUpdated(this.#highWatermark)
  }

  /** Opens the log in a directory, recovering it if need be, or creates it. Throws StorageError. */
  static async open(
    context: StorageContext,
    directory: string,
    topicPartition: TopicPartition,
    config: LogConfig,
    options: OpenLogOptions = {},
  ): Promise<Log> {
    const parts = await loadLog(context, directory, topicPartition, config, options)
    return new Log(context, directory, topicPartition, config, parts, options.listener)
  }

  get directory(): string {
    return this.#directory
  }

  get config(): LogConfig {
    return this.#config
  }

  /** First offset that may be read. */
  get logStartOffset(): number {
    return this.#logStartOffset
  }

  /** Offset the next record gets. */
  get logEndOffset(): number {
    return this.#logEndOffset
  }

  /** Log end offset as far as bytes are in the file: what can be read at most. */
  get writtenOffset(): number {
    return this.#writtenOffset
  }

  get highWatermark(): number {
    return this.#highWatermark
  }

  /** What read_committed consumers may read up to. */
  get lastStableOffset(): number {
    const unstable = this.producers.firstUnstableOffset
    return unstable !== undefined && unstable < this.#highWatermark ? unstable : this.#highWatermark
  }

  /** Everything below is known to survive a power cut. */
  get recoveryPoint(): number {
    return this.#flusher.recoveryPoint
  }

  get latestEpoch(): number | undefined {
    return this.epochs.latestEpoch
  }

  get sizeBytes(): number {
    return this.segments.sizeBytes
  }

  /** The last disk error; cleared when an append works again. */
  get failure(): StorageError | undefined {
    return this.#failure
  }

  /** How often the log was truncated since it was opened: work that spans turns can tell by it. */
  get truncationCount(): number {
    return this.#truncationCount
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  updateConfig(config: LogConfig): void {
    this.#config = config
  }

  /**
   * Appends one or more whole, valid batches as the leader: offsets and leader epoch are set in `buffer` itself, which
   * then belongs to the log.
   *
   * @throws CorruptBatchError, RecordListTooLargeError, OutOfOrderSequenceError, InvalidProducerEpochError,
   *   InvalidTxnStateError, TransactionCoordinatorFencedError, StorageError. Nothing has changed then.
   */
  append(buffer: Buffer, options: AppendOptions): AppendResult {
    this.#checkWritable(buffer)
    const headers = batchesOf(buffer, this.name)
    const origin = options.origin ?? 'client'
    const duplicate = origin === 'client' ? findDuplicateBatch(this.producers, headers) : undefined
    if (duplicate) {
      return {
        firstOffset: firstOffset(duplicate),
        lastOffset: duplicate.lastOffset,
        logAppendTimeMs: duplicate.timestamp,
        logStartOffset: this.#logStartOffset,
        isDuplicate: true,
        written: this.#lastWrite,
      }
    }
    let nextOffset = this.#logEndOffset
    for (const header of headers) {
      header.baseOffset = nextOffset
      header.partitionLeaderEpoch = options.leaderEpoch
      nextOffset += header.lastOffsetDelta + 1
    }
    const updates = checkProducers(this.producers, buffer, headers, { ...options, origin, where: this.name })
    for (const header of headers) stampPlace(buffer, header.position, header.baseOffset, options.leaderEpoch)
    return this.#append(buffer, headers, updates, nextOffset)
  }

  /**
   * Appends batches of a leader as they are, with their offsets and epochs.
   *
   * @throws OffsetsOutOfOrderError when they don't follow the log end offset, CorruptBatchError, StorageError.
   */
  appendAsFollower(buffer: Buffer): AppendResult {
    this.#checkWritable(buffer)
    const headers = batchesOf(buffer, this.name)
    let nextOffset = this.#logEndOffset
    for (const header of headers) {
      if (header.baseOffset < nextOffset) {
        throw new OffsetsOutOfOrderError(
          `A batch for ${this.name} begins at offset ${header.baseOffset}, below the expected ${nextOffset}.`,
        )
      }
      nextOffset = lastOffsetOf(header) + 1
    }
    const updates = checkProducers(this.producers, buffer, headers, { origin: 'replication', where: this.name })
    return this.#append(buffer, headers, updates, nextOffset)
  }

  #checkWritable(buffer: Buffer): void {
    if (this.#isClosed) throw new StorageError(`The log ${this.name} is closed.`)
    const failure = this.#failure
    if (failure && !PASSING_FAILURES.has(failure.code ?? '')) throw failure
    if (buffer.length > this.#config.segmentBytes) {
      throw new RecordListTooLargeError(
        `The records for ${this.name} have ${buffer.length} bytes, more than a segment may hold (segment.bytes is ${this.#config.segmentBytes}).`,
      )
    }
  }

  #append(buffer: Buffer, headers: BatchHeader[], updates: ProducerUpdates, nextOffset: number): AppendResult {
    const first = headers[0]!
    const nowMs = this.context.clock.nowMs()
    if (isRollDue(this.segments.active, this.#pending, headers, this.#config, nowMs)) this.roll(first.baseOffset)
    const pending = this.#pendingWrite()
    for (const header of headers) {
      if (header.partitionLeaderEpoch >= 0) this.epochs.assign(header.partitionLeaderEpoch, header.baseOffset)
    }
    for (const info of updates.updated.values()) this.producers.update(info.entry)
    for (const txn of updates.completed) {
      const lastStableOffset = this.producers.lastStableOffsetAfter(txn)
      if (txn.isAborted) pending.aborted.push({ ...txn, lastStableOffset })
      this.producers.completeTransaction(txn)
    }
    this.producers.updateMapEndOffset(nextOffset)
    pending.add(buffer, headers, nextOffset)
    this.#logEndOffset = nextOffset
    if (pending.sizeBytes >= MAX_PENDING_BYTES) this.#writePending()
    return {
      firstOffset: first.baseOffset,
      lastOffset: nextOffset - 1,
      logAppendTimeMs: logAppendTimeOf(headers),
      logStartOffset: this.#logStartOffset,
      isDuplicate: false,
      written: pending.written,
    }
  }

  #pendingWrite(): PendingWrite {
    if (this.#pending) return this.#pending
    const pending = new PendingWrite(this.epochs.entries)
    this.#pending = pending
    this.#lastWrite = pending.written
    setImmediate(() => {
      if (this.#pending === pending) this.#writePending()
    })
    return pending
  }

  /** Writes what this turn appended. On failure everything since the last write is taken back. */
  #writePending(): void {
    const pending = this.#pending
    if (!pending) return
    this.#pending = undefined
    const segment = this.segments.active
    const startOffset = this.#writtenOffset
    try {
      this.epochs.save()
      for (const txn of pending.aborted) segment.txnIndex.append(txn)
      const buffers = pending.joined()
      segment.append(buffers, pending.headers, this.#config.indexIntervalBytes)
      pending.cacheIn(this.tail, buffers)
    } catch (error) {
      segment.txnIndex.truncateTo(startOffset)
      this.producers.rollback(startOffset)
      this.epochs.restore(pending.epochsBefore)
      this.#logEndOffset = startOffset
      this.#lastWrite = resolved
      pending.reject(this.#fail(`Records can't be written to ${segment.path}`, error))
      return
    }
    this.#failure = undefined
    this.producers.commit()
    this.#writtenOffset = pending.nextOffset
    const done = (): void => {
      if (this.highWatermarkFollowsWrites) this.updateHighWatermark(pending.nextOffset)
      pending.resolve()
    }
    if (this.#flusher.noteWritten(pending.messages)) this.#flusher.flush().then(done, pending.reject)
    else done()
  }

  #fail(what: string, cause: unknown): StorageError {
    const code = (cause as NodeJS.ErrnoException)?.code
    const hint = code === 'ENOSPC' ? 'Free space on the device.' : 'Check the device and its rights.'
    const error = new StorageError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}. ${hint}`, cause)
    this.#failure = error
    this.context.logger.error(error.message)
    this.listener.storageFailed?.(this, error)
    return error
  }

  /**
   * Starts a new segment at the log end offset (or at `baseOffset` above it). The finished one is flushed off the event
   * loop. Does nothing while the active segment is empty. Throws StorageError.
   */
  roll(baseOffset = 0): LogSegment {
    const endBefore = this.#logEndOffset
    this.#writePending()
    if (this.#logEndOffset !== endBefore) throw this.#failure!
    const finished = this.segments.active
    const at = Math.max(baseOffset, this.#logEndOffset)
    if (finished.baseOffset === at) return finished
    try {
      finished.finishIndexes()
      this.producers.updateMapEndOffset(at)
      this.producers.takeSnapshot()
      const segment = new LogSegment(this.context, this.#directory, at, NO_FILES)
      segment.create()
      this.segments.add(segment)
      this.#flusher.directoryChanged = true
    } catch (error) {
      throw this.#fail(`The log ${this.name} can't start a new segment at offset ${at}`, error)
    }
    finished.evictIndexes()
    this.flush().catch(() => {})
    return this.segments.active
  }

  /** Makes everything written so far survive a power cut, off the event loop. Rejects with StorageError. */
  flush(): Promise<void> {
    this.#writePending()
    return this.#flusher.flush()
  }

  /** Sets the high watermark, within [log start offset, written offset]; never backwards but by truncation. */
  updateHighWatermark(offset: number): void {
    const bounded = Math.max(this.#logStartOffset, Math.min(offset, this.#writtenOffset))
    if (bounded <= this.#highWatermark) return
    this.#highWatermark = bounded
    this.producers.highWatermarkUpdated(bounded)
    this.listener.highWatermarkAdvanced?.(this, bounded)
  }

  /** Whole batches from `startOffset` on. Throws OffsetOutOfRangeError, CorruptBatchError, StorageError. */
  read(read: LogRead): Buffer {
    return readLog(this, read)
  }

  /** As `read`, with file access off the event loop; what is in memory comes without delay. */
  readAsync(read: LogRead): Promise<Buffer> {
    return readLogAsync(this, read)
  }

  /** Aborted transactions that overlap [startOffset, upperBoundOffset), for read_committed fetches. */
  abortedTransactions(startOffset: number, upperBoundOffset: number): AbortedTransaction[] {
    const found: AbortedTransaction[] = []
    for (const segment of this.segments.range(startOffset, Number.POSITIVE_INFINITY)) {
      if (segment.txnIndex.collect(startOffset, upperBoundOffset, found)) break
    }
    return found
  }

  /** The first record whose timestamp is at least `timestamp`, or null. */
  offsetForTimestamp(timestamp: number): Promise<TimestampLookup | null> {
    return offsetForTimestamp(this, timestamp)
  }

  /** The record with the largest timestamp, or null in a log without timestamps. */
  maxTimestampOffset(): Promise<TimestampLookup | null> {
    return offsetOfMaxTimestamp(this)
  }

  /**
   * DeleteRecords: nothing below `offset` may be read any more; segments wholly below it go with the next retention run.
   * Throws OffsetOutOfRangeError above the high watermark.
   */
  incrementLogStartOffset(offset: number): void {
    if (offset > this.#highWatermark) {
      throw new OffsetOutOfRangeError(
        `Cannot increment the log start offset of ${this.name} to ${offset}: the high watermark is ${this.#highWatermark}.`,
      )
    }
    if (offset <= this.#logStartOffset) return
    this.#logStartOffset = offset
    this.epochs.truncateFromStart(offset)
  }

  /** DeleteRecords in one step: moves the log start offset and removes the segments below it. */
  deleteRecords(offset: number): void {
    this.incrementLogStartOffset(offset)
    this.deleteOldSegments()
  }

  /** Applies retention.ms, retention.bytes and the log start offset; returns how many segments went. */
  deleteOldSegments(): number {
    this.#writePending() // What was just appended has to count before anything is called old.
    return deleteOldSegments(this)
  }

  /** Removes everything at or above `offset`. */
  truncateTo(offset: number): void {
    this.#writePending()
    if (offset >= this.#logEndOffset) return
    if (this.segments.first!.baseOffset > offset) {
      this.truncateFullyAndStartAt(offset)
      return
    }
    for (const segment of this.segments.all.filter((candidate) => candidate.baseOffset > offset)) {
      removeSegment(this, segment)
    }
    this.segments.active.truncateTo(offset)
    this.#logStartOffset = Math.min(this.#logStartOffset, offset)
    this.#endAt(offset)
    const nowMs = this.context.clock.nowMs()
    rebuildProducerState(this.producers, this.segments, this.#logStartOffset, offset, nowMs, this.name)
  }

  /** Empties the log; it goes on at `offset`. */
  truncateFullyAndStartAt(offset: number): void {
    this.#writePending()
    for (const segment of this.segments.all) removeSegment(this, segment)
    this.segments.clear()
    const segment = new LogSegment(this.context, this.#directory, offset, NO_FILES)
    segment.create()
    this.segments.add(segment)
    this.#logStartOffset = offset
    this.#endAt(offset)
    this.#highWatermark = offset
    this.producers.startAt(offset)
  }

  #endAt(offset: number): void {
    this.#truncationCount++
    this.listener.truncated?.(this, offset)
    this.tail.clear()
    this.epochs.truncateFromEnd(offset)
    this.epochs.save()
    this.#logEndOffset = offset
    this.#writtenOffset = offset
    this.#lastWrite = resolved
    this.#highWatermark = Math.min(this.#highWatermark, offset)
    this.#flusher.lowerRecoveryPoint(offset)
  }

  /** The directory was renamed. */
  moveTo(directory: string): void {
    this.#directory = directory
    for (const segment of this.segments.all) segment.moveTo(directory)
  }

  /** Writes and flushes everything, leaves a producer snapshot, closes the files. Rejects with StorageError. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    await this.flush()
    this.#isClosed = true
    try {
      for (const segment of this.segments.all.slice(-1)) segment.finishIndexes()
      this.producers.updateMapEndOffset(this.#logEndOffset)
      this.producers.takeSnapshot()
    } catch (error) {
      throw this.#fail(`The log ${this.name} can't be closed cleanly`, error)
    } finally {
      this.closeHandles()
    }
  }

  /** Closes without writing anything more: what a crash leaves behind. */
  closeHandles(): void {
    this.#isClosed = true
    this.#flusher.stop()
    this.#pending?.reject(new StorageError(`The log ${this.name} was closed before the records were written.`))
    this.#pending = undefined
    this.tail.clear()
    for (const segment of this.segments.all) segment.close()
  }
}
