import type { Cancel, Clock } from '../../base/clock.ts'

/** One thing that can be due: setting it again replaces the earlier time. */
export class Timer {
  readonly #clock: Clock
  #cancel: Cancel | undefined
  #due: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get pending(): boolean {
    return this.#cancel !== undefined
  }

  /** Calls `fn` once after `delayMs`, instead of whatever was set before. */
  set(delayMs: number, fn: () => void): void {
    this.cancel()
    this.#due = fn
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#cancel = undefined
      fn()
    })
  }

  /** Makes what is set due now; false when nothing is. */
  fire(): boolean {
    if (!this.pending) return false
    const due = this.#due
    this.cancel()
    due?.()
    return true
  }

  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
