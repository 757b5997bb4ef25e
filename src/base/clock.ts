/** Stops a scheduled call; does nothing when it has already run or was cancelled before. */
export type Cancel = () => void

export interface Clock {
  /** Wall-clock time in milliseconds since 1970, as record timestamps use it. It can jump. */
  nowMs(): number
  /** Milliseconds that only ever go forward, with fractions: for timeouts and measuring. The origin means nothing. */
  monotonicMs(): number
  /** Calls `fn` once, no sooner than `delayMs` from now and never within this call. Doesn't keep the process alive. */
  schedule(delayMs: number, fn: () => void): Cancel
}

/** The longest delay a Node timer takes; anything above would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

function scheduleTimer(delayMs: number, fn: () => void): Cancel {
  let timer: NodeJS.Timeout
  const arm = (remainingMs: number): void => {
    const stepMs = Math.min(remainingMs, MAX_TIMER_MS)
    timer = setTimeout(() => (remainingMs > stepMs ? arm(remainingMs - stepMs) : fn()), stepMs)
    timer.unref()
  }
  arm(Math.max(0, delayMs))
  return () => clearTimeout(timer)
}

/** The machine's clock and Node's timers. Delays beyond Node's limit of 2^31 - 1 ms are cut into steps. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule: scheduleTimer,
}

interface Scheduled {
  dueMs: number
  sequence: number
  fn: () => void
}

/** A clock for tests that stands still until `advance` moves it; due calls run inside `advance`, in order of time. */
export class ManualClock implements Clock {
  #nowMs: number
  #monotonicMs = 0
  #sequence = 0
  #scheduled: Scheduled[] = []

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  /** Calls that wait for their time. */
  get pending(): number {
    return this.#scheduled.length
  }

  schedule(delayMs: number, fn: () => void): Cancel {
    const entry = { dueMs: this.#monotonicMs + Math.max(0, delayMs), sequence: this.#sequence++, fn }
    this.#scheduled.push(entry)
    return () => {
      this.#scheduled = this.#scheduled.filter((other) => other !== entry)
    }
  }

  /**
   * Moves both times forward by `ms` and runs what falls due on the way, each call seeing its own due time. A call
   * scheduled by such a call runs too if it is due within the same span. `advance(0)` runs what is due now.
   */
  advance(ms: number): void {
    const targetMs = this.#monotonicMs + ms
    for (let next = this.#nextDue(targetMs); next !== undefined; next = this.#nextDue(targetMs)) {
      this.#scheduled = this.#scheduled.filter((other) => other !== next)
      this.#moveTo(Math.max(next.dueMs, this.#monotonicMs))
      next.fn()
    }
    this.#moveTo(targetMs)
  }

  /** Sets the wall clock alone, as an administrator or NTP does: monotonic time and scheduled calls stay as they are. */
  setNowMs(nowMs: number): void {
    this.#nowMs = nowMs
  }

  #moveTo(monotonicMs: number): void {
    this.#nowMs += monotonicMs - this.#monotonicMs
    this.#monotonicMs = monotonicMs
  }

  #nextDue(targetMs: number): Scheduled | undefined {
    let next: Scheduled | undefined
    for (const entry of this.#scheduled) {
      if (entry.dueMs > targetMs) continue
      if (next === undefined || entry.dueMs < next.dueMs) next = entry
    }
    return next
  }
}
