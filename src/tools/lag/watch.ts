import { type Io, println } from '../../cli/io.ts'
import { errorMessage } from '../../cli/run-command.ts'
import { NoSuchGroupError } from './groups.ts'
import { EXCEEDED, exceeds, FAILED, hasLimits, judge, type Limits, type Verdict, WITHIN } from './limits.ts'
import type { LagMeter, Snapshot } from './measure.ts'
import { RateBook } from './rates.ts'
import { type LagRow, rowsOf } from './rows.ts'
import type { Screen, Terminal } from './screen.ts'
import { jsonLine, liveLines } from './text.ts'

export interface WatchOptions {
  intervalMs: number
  byPartition: boolean
  limits: Limits
  untilZero: boolean
  /** Ends after so long; undefined: with Ctrl-C. */
  forMs: number | undefined
  /** Makes a measurement under way fail, so that Ctrl-C doesn't wait for an answer. */
  abort: () => void
  /** Where to draw; undefined: JSON lines. */
  live: { screen: Screen; terminal: Terminal } | undefined
}

/** What ends a wait before its time. */
interface Stop {
  readonly stopped: boolean
  /** Resolves after `ms`, or at once when it is over. */
  pause(ms: number): Promise<void>
  end(): void
}

const stopper = (): Stop => {
  let wake: (() => void) | undefined
  let stopped = false
  return {
    get stopped() {
      return stopped
    },
    pause: (ms) =>
      new Promise((resolve) => {
        if (stopped) return resolve()
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
    end: () => {
      stopped = true
      wake?.()
    },
  }
}

const sparkWidth = 20

/** The rows that fit: those with the largest lag, in their order. */
export const fitting = (rows: readonly LagRow[], count: number): LagRow[] => {
  if (rows.length <= count) return [...rows]
  const kept = new Set([...rows].sort((a, b) => (b.lag ?? -1) - (a.lag ?? -1)).slice(0, Math.max(1, count)))
  return rows.filter((row) => kept.has(row))
}

/** Measures again and again, and shows it. */
export class Watch {
  readonly #meter: Pick<LagMeter, 'measure'>
  readonly #io: Io
  readonly #options: WatchOptions
  readonly #book: RateBook
  #last: { snapshot: Snapshot; rows: LagRow[] } | undefined
  #trouble: string | undefined

  constructor(meter: Pick<LagMeter, 'measure'>, io: Io, options: WatchOptions) {
    this.#meter = meter
    this.#io = io
    this.#options = options
    this.#book = new RateBook(options.intervalMs)
  }

  /**
   * Runs until Ctrl-C, `forMs`, lag 0 or a reader that has gone away.
   * @returns the exit code, by the last measurement
   * @throws what the first measurement throws; later errors are shown, and it goes on
   */
  async run(): Promise<number> {
    const { intervalMs, forMs, live } = this.#options
    const stop = stopper()
    const interrupt = (): void => {
      stop.end()
      this.#options.abort()
    }
    const leave = [this.#io.onInterrupt(interrupt), live?.terminal.onResize(() => this.#draw())]
    const startMs = performance.now()
    const leftMs = (): number => (forMs ?? Number.POSITIVE_INFINITY) - (performance.now() - startMs)
    try {
      for (;;) {
        const beganMs = performance.now()
        await this.#tick(stop)
        if (stop.stopped || this.#isDone() || this.#io.out.closed || leftMs() <= 0) break
        await stop.pause(Math.max(0, Math.min(intervalMs - (performance.now() - beganMs), leftMs())))
        if (stop.stopped) break
      }
    } finally {
      for (const back of leave) back?.()
      live?.screen.close()
    }
    const { code, reasons } = this.#verdict()
    for (const reason of reasons) println(this.#io.err, reason)
    return code
  }

  async #tick(stop: Stop): Promise<void> {
    try {
      const snapshot = await this.#meter.measure()
      const rows = rowsOf(snapshot, this.#options.byPartition)
      this.#book.add(snapshot, rows)
      this.#last = { snapshot, rows }
      this.#trouble = undefined
    } catch (error) {
      if (stop.stopped) return
      if (this.#last === undefined) throw error
      this.#trouble = errorMessage(error)
      if (error instanceof NoSuchGroupError) this.#last = { ...this.#last, rows: [] }
      if (!this.#options.live) println(this.#io.err, this.#trouble)
    }
    this.#show()
    await this.#io.out.drain()
  }

  #show(): void {
    if (this.#options.live) this.#draw()
    else if (this.#trouble === undefined && this.#last) {
      const { snapshot, rows } = this.#last
      for (const row of rows) println(this.#io.out, jsonLine(row, snapshot.timeMs, this.#book.movement(row)))
    }
  }

  #draw(): void {
    const { live, byPartition, limits, intervalMs } = this.#options
    if (!live || !this.#last) return
    const { snapshot, rows } = this.#last
    const { lines: height } = live.screen.room
    const shown = fitting(rows, height - 3)
    const time = new Date(snapshot.timeMs).toLocaleTimeString('en-GB')
    const hidden = rows.length - shown.length
    const state = this.#trouble ?? `${time}, every ${intervalMs / 1000} s, Ctrl-C ends`
    const more = hidden > 0 ? `${hidden} more with less lag. ` : ''
    const table = liveLines(shown, byPartition, (row) => this.#book.movement(row), sparkWidth)
    const red = new Set(shown.flatMap((row, i) => (exceeds(row, limits) ? [i + 1] : [])))
    const style = (line: string, i: number): string =>
      !this.#io.colour ? line : i === 0 ? `\x1b[1m${line}\x1b[0m` : red.has(i) ? `\x1b[31m${line}\x1b[0m` : line
    live.screen.draw([...table, '', `${more}${state}`], style)
  }

  #isDone(): boolean {
    return this.#options.untilZero && this.#trouble === undefined && this.#allRead()
  }

  #allRead(): boolean {
    const { snapshot, rows = [] } = this.#last ?? {}
    return rows.length > 0 && snapshot?.failures.length === 0 && rows.every(({ lag, unknown }) => !lag && unknown === 0)
  }

  #verdict(): Verdict {
    if (this.#last === undefined) {
      const isAsked = this.#options.untilZero || hasLimits(this.#options.limits)
      return isAsked
        ? { code: FAILED, reasons: ['Stopped before anything was measured.'] }
        : { code: WITHIN, reasons: [] }
    }
    if (this.#trouble !== undefined) return { code: FAILED, reasons: [this.#trouble] }
    const { snapshot, rows } = this.#last
    const verdict = judge(snapshot, rows, this.#options.limits)
    if (verdict.code !== WITHIN || !this.#options.untilZero || this.#allRead()) return verdict
    return { code: EXCEEDED, reasons: ['There still is a lag.'] }
  }
}
