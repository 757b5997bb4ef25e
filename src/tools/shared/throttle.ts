import { setTimeout as sleep } from 'node:timers/promises'

/** Shorter waits are saved up: timers are no better than this. */
const MIN_SLEEP_MS = 2

/** Kafka's ThroughputThrottler: keeps a loop at so many things a second on the average. */
export class Throttle {
  readonly #perSecond: number
  readonly #startMs: number
  readonly #signal: AbortSignal | undefined

  /** @param perSecond below 0: no limit; 0: never */
  constructor(perSecond: number, startMs: number, signal?: AbortSignal) {
    this.#perSecond = perSecond
    this.#startMs = startMs
    this.#signal = signal
  }

  /** Is the loop too fast, with so many things done? */
  isAhead(done: number, nowMs: number): boolean {
    if (this.#perSecond < 0) return false
    return done - (this.#perSecond * (nowMs - this.#startMs)) / 1000 > (this.#perSecond * MIN_SLEEP_MS) / 1000
  }

  /** Waits until the loop is on time. */
  async wait(done: number, nowMs: number): Promise<void> {
    const dueMs = this.#perSecond === 0 ? 0x7fffffff : this.#startMs + (done * 1000) / this.#perSecond - nowMs
    if (dueMs <= 0) return
    await sleep(dueMs, undefined, this.#signal ? { signal: this.#signal } : undefined).catch(() => undefined)
  }
}
