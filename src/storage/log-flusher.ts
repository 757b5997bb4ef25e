import type { StorageError } from './errors.ts'
import type { LeaderEpochCache } from './leader-epoch-cache.ts'
import type { LogConfig } from './log-config.ts'
import type { LogSegments } from './log-segments.ts'
import type { StorageContext } from './storage-context.ts'

/** What the flusher sees of its log. */
export interface FlushedLog {
  readonly name: string
  readonly directory: string
  readonly context: StorageContext
  readonly config: LogConfig
  readonly segments: LogSegments
  readonly epochs: LeaderEpochCache
  readonly writtenOffset: number
}

/** Makes a log durable off the event loop, one flush at a time, and keeps its recovery point. */
export class LogFlusher {
  readonly #log: FlushedLog
  readonly #fail: (what: string, cause: unknown) => StorageError
  #recoveryPoint: number
  #unflushedMessages = 0
  #running: Promise<void> = Promise.resolve()
  #stopTimer: (() => void) | undefined
  /** Files were created since the last flush: the directory has to be synced too. */
  directoryChanged = false

  constructor(log: FlushedLog, recoveryPoint: number, fail: (what: string, cause: unknown) => StorageError) {
    this.#log = log
    this.#recoveryPoint = recoveryPoint
    this.#fail = fail
  }

  get recoveryPoint(): number {
    return this.#recoveryPoint
  }

  /** The log was truncated. */
  lowerRecoveryPoint(offset: number): void {
    this.#recoveryPoint = Math.min(this.#recoveryPoint, offset)
  }

  /** Counts written messages. True: flush.messages is reached, and the writer has to wait for a flush. */
  noteWritten(messages: number): boolean {
    this.#unflushedMessages += messages
    if (this.#unflushedMessages >= this.#log.config.flushMessages) return true
    this.#startTimer()
    return false
  }

  #startTimer(): void {
    const { flushMs } = this.#log.config
    if (this.#stopTimer || flushMs >= Number.MAX_SAFE_INTEGER) return
    this.#stopTimer = this.#log.context.clock.schedule(flushMs, () => {
      this.#stopTimer = undefined
      this.flush().catch(() => {})
    })
  }

  stop(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  /** Flushes what is written by now. Rejects with StorageError. */
  flush(): Promise<void> {
    const flushNow = (): Promise<void> => this.#flushNow()
    this.#running = this.#running.then(flushNow, flushNow)
    return this.#running
  }

  async #flushNow(): Promise<void> {
    const { name, directory, context, segments, epochs, writtenOffset } = this.#log
    if (writtenOffset <= this.#recoveryPoint && !this.directoryChanged) return
    this.#unflushedMessages = 0
    try {
      epochs.sync()
      if (this.directoryChanged) {
        context.fileSystem.syncDirectory(directory)
        this.directoryChanged = false
      }
      for (const segment of segments.range(this.#recoveryPoint, writtenOffset)) await segment.sync()
    } catch (error) {
      throw this.#fail(`The log ${name} can't be flushed`, error)
    }
    // The log may have been truncated meanwhile.
    this.#recoveryPoint = Math.max(this.#recoveryPoint, Math.min(writtenOffset, this.#log.writtenOffset))
  }
}
