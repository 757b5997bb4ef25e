import type { Cancel, Clock } from '../../base/clock.ts'

/** One thing that can be due: setting it again replaces the earlier time. */
export class Timer {
  readonly #clock: Clock
  #cancel: Cancel | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get pending(): boolean {
    return this.#cancel !== undefined
  }

  /** Calls `fn` once after `delayMs`, instead of whatever was set before. */
  set(delayMs: number, fn: () => void): void {
    this.cancel()
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#cancel = undefined
      fn()
    })
  }

  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
