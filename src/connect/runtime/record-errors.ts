import { pause } from '../../client/backoff.ts'
import { ConnectError, RetriableError } from '../data/errors.ts'
import type { Log } from './log.ts'
import { traceOf } from './trace.ts'

/** What is done with a record when something fails (org.apache.kafka.connect.runtime.errors.Stage). */
export type Stage =
  | 'TASK_PUT'
  | 'TRANSFORMATION'
  | 'KEY_CONVERTER'
  | 'VALUE_CONVERTER'
  | 'HEADER_CONVERTER'
  | 'KAFKA_PRODUCE'

/** Where the work on a record has got to; the work itself moves it on. */
export interface Position {
  stage: Stage
  /** Class of what is at work. */
  className: string
}

/** A record that something failed for. */
export interface Failure<R> extends Position {
  readonly record: R
  readonly error: unknown
}

export type Reporter<R> = (failure: Failure<R>) => void | Promise<void>

export interface ErrorSettings {
  /** errors.retry.timeout: 0 never tries again, -1 for ever. */
  readonly retryTimeoutMs: number
  /** errors.retry.delay.max.ms */
  readonly retryDelayMaxMs: number
  /** errors.tolerance */
  readonly tolerance: 'none' | 'all'
}

const FIRST_DELAY_MS = 300

/**
 * Tries again, skips or fails when the work on a record throws (KIP-298). What failed is told to all reporters first. The work on a record is
 * repeated as a whole, where Java repeats the step that failed.
 */
export class RecordErrors<R> {
  readonly #settings: ErrorSettings
  readonly #reporters: readonly Reporter<R>[]
  readonly #stopped: AbortSignal

  /** @param stopped ends pauses between tries */
  constructor(settings: ErrorSettings, reporters: readonly Reporter<R>[], stopped: AbortSignal) {
    this.#settings = settings
    this.#reporters = reporters
    this.#stopped = stopped
  }

  get hasReporters(): boolean {
    return this.#reporters.length > 0
  }

  /**
   * Does the work on a record. At once where nothing has to be waited for, so that a record costs no promise.
   *
   * @returns what the work returns; undefined: the record is to be skipped
   * @throws ConnectError when errors are not tolerated
   */
  run<T>(record: R, work: (at: Position) => T): T | undefined | Promise<T | undefined> {
    const at: Position = { stage: 'TRANSFORMATION', className: '' }
    try {
      return work(at)
    } catch (error) {
      if (error instanceof RetriableError && this.#settings.retryTimeoutMs !== 0) return this.#again(record, work, at)
      return this.failed({ ...at, record, error })
    }
  }

  async #again<T>(record: R, work: (at: Position) => T, at: Position): Promise<T | undefined> {
    const { retryTimeoutMs, retryDelayMaxMs } = this.#settings
    const deadlineMs = retryTimeoutMs < 0 ? Number.POSITIVE_INFINITY : performance.now() + retryTimeoutMs
    for (let delayMs = FIRST_DELAY_MS; ; delayMs *= 2) {
      await pause(Math.min(delayMs, retryDelayMaxMs, Math.max(0, deadlineMs - performance.now())), this.#stopped)
      try {
        return work(at)
      } catch (error) {
        const isOver = performance.now() >= deadlineMs || this.#stopped.aborted
        if (!(error instanceof RetriableError) || isOver) return this.failed({ ...at, record, error })
      }
    }
  }

  /**
   * Reports a failure, and throws unless errors are tolerated.
   * @returns undefined, once all reporters are done
   */
  async failed(failure: Failure<R>): Promise<undefined> {
    for (const report of this.#reporters) await report(failure)
    if (this.#settings.tolerance === 'all') return undefined
    throw new ConnectError('Tolerance exceeded in error handler', { cause: failure.error })
  }
}

/** Tells the log (errors.log.enable). */
export const logReporter =
  <R>(log: Log, task: string, describe: ((record: R) => string) | null): Reporter<R> =>
  ({ stage, className, record, error }) => {
    const what = describe === null ? '' : `, where ${describe(record)}`
    log.error(
      `Error encountered in task ${task}. Executing stage '${stage}' with class '${className}'${what}.\n${traceOf(error).trimEnd()}`,
    )
  }
