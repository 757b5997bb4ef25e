/**
 * A partition's log on its way from one log directory to another (KIP-113): Kafka's future replica. It is filled batch by batch from the
 * current log while that goes on taking appends; once it has caught up it takes the current log's place within one turn.
 */
import { readBatchHeader } from '../protocol/records/batch-header.ts'
import { StorageError } from './errors.ts'
import type { Log } from './log.ts'

/** Read from the current log at a time. */
const COPY_BYTES = 1024 * 1024
/** Pieces copied at most in the last turn. */
const MAX_REST_CHUNKS = 4

export interface FutureLogOptions {
  current: Log
  future: Log
  /** replica.alter.log.dirs.io.max.bytes.per.second, asked for each piece. */
  bytesPerSecond(): number
}

/** Copies one log until it is told to stop or has caught up. */
export class FutureLog {
  readonly current: Log
  readonly log: Log
  private readonly bytesPerSecond: () => number
  private stopped = false

  constructor({ current, future, bytesPerSecond }: FutureLogOptions) {
    this.current = current
    this.log = future
    this.bytesPerSecond = bytesPerSecond
  }

  /** Ends the copying; what is on disk stays. */
  stop(): void {
    this.stopped = true
  }

  /** Whether every record, also one appended in this turn, is here. */
  private get isCaughtUp(): boolean {
    const { current, log } = this
    return current.writtenOffset === current.logEndOffset && log.writtenOffset === current.logEndOffset
  }

  /**
   * Copies until everything is here and on the disk, then calls `finish` in the same turn, before anything more can be appended.
   * Resolves without that when it is stopped or one of the logs is closed. Rejects with StorageError.
   */
  async catchUp(finish: () => void): Promise<void> {
    for (let isFlushed = false; !this.stopped && !this.current.isClosed && !this.log.isClosed; ) {
      const isNear = await this.copyOnce()
      if (this.stopped || !isNear) continue
      if (isFlushed && this.copyRest()) {
        finish()
        return
      }
      await this.log.flush()
      isFlushed = true
    }
  }

  private get chunkBytes(): number {
    return Math.min(COPY_BYTES, this.log.config.segmentBytes)
  }

  /** Copies one piece; true when what is left is small. */
  private async copyOnce(): Promise<boolean> {
    const { current, log, chunkBytes } = this
    if (log.logEndOffset < current.logStartOffset || log.logEndOffset > current.logEndOffset) this.startOver()
    if (log.logEndOffset === current.writtenOffset) return true
    const startOffset = Math.max(log.logEndOffset, current.logStartOffset)
    const chunk = await current.readAsync({ startOffset, maxBytes: chunkBytes })
    if (this.stopped || log.isClosed) return false
    if (chunk.length === 0) throw new StorageError(`The log ${current.name} can't be read at offset ${startOffset}.`)
    // The log keeps what it is given; a slice of the current log's memory must not be shared with it.
    await log.appendAsFollower(Buffer.from(chunk)).written
    await this.pace(chunk.length)
    return chunk.length < chunkBytes / 2
  }

  /** Copies what is left in this turn, so that a busy producer can't stay ahead for ever; false when that is too much. */
  private copyRest(): boolean {
    const { current, log, chunkBytes } = this
    // What was appended is written at once; whether it reached the disk is told to those who wait for it.
    current.flush().catch(() => {})
    for (let i = 0; i < MAX_REST_CHUNKS && log.logEndOffset < current.writtenOffset; i++) {
      const startOffset = Math.max(log.logEndOffset, current.logStartOffset)
      const chunk = current.read({ startOffset, maxBytes: chunkBytes })
      if (chunk.length === 0) return false
      log.appendAsFollower(Buffer.from(chunk)).written.catch(() => {})
    }
    log.flush().catch(() => {})
    return this.isCaughtUp
  }

  /** Begins where the current log does, also when retention has overtaken the copy. */
  private startOver(): void {
    const { current, log } = this
    const startOffset = current.logStartOffset
    const first = current.read({ startOffset, maxBytes: 1 })
    log.truncateFullyAndStartAt(first.length > 0 ? readBatchHeader(first, 0).baseOffset : startOffset)
  }

  private pace(sizeBytes: number): Promise<void> {
    const delayMs = Math.ceil((sizeBytes / this.bytesPerSecond()) * 1000)
    if (!Number.isFinite(delayMs) || delayMs < 1) return Promise.resolve()
    return new Promise((resolve) => this.log.context.clock.schedule(delayMs, resolve))
  }
}
