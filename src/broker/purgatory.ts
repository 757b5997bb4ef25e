import type { Cancel, Clock } from '../base/clock.ts'

interface Waiting {
  keys: readonly string[]
  tryComplete(): boolean
  expire(): void
  cancel: Cancel
}

/**
 * Requests that wait for something to happen (Kafka's DelayedOperationPurgatory): each is filed under the keys of what
 * can wake it, tried again when one of them is touched, and ended when its time is up.
 */
export class Purgatory {
  private readonly byKey = new Map<string, Set<Waiting>>()
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Operations waiting under a key. */
  waitingOn(key: string): number {
    return this.byKey.get(key)?.size ?? 0
  }

  /**
   * Waits until `isDone()` or `timeoutMs` has passed, whichever is first, and says which ('done' or 'timeout'). `isDone` is
   * asked now and again at each `wake` of one of the keys; `signal` ends the wait early as a timeout.
   */
  wait(
    keys: readonly string[],
    timeoutMs: number,
    isDone: () => boolean,
    signal?: AbortSignal,
  ): Promise<'done' | 'timeout'> {
    if (isDone()) return Promise.resolve('done')
    if (timeoutMs <= 0 || signal?.aborted) return Promise.resolve('timeout')
    return new Promise((resolve) => {
      const onAbort = (): void => entry.expire()
      const end = (how: 'done' | 'timeout'): void => {
        entry.cancel()
        signal?.removeEventListener('abort', onAbort)
        this.remove(entry)
        resolve(how)
      }
      const entry: Waiting = {
        keys,
        tryComplete: () => {
          if (!isDone()) return false
          end('done')
          return true
        },
        expire: () => end('timeout'),
        cancel: this.clock.schedule(timeoutMs, () => entry.expire()),
      }
      signal?.addEventListener('abort', onAbort)
      for (const key of keys) {
        const set = this.byKey.get(key)
        if (set) set.add(entry)
        else this.byKey.set(key, new Set([entry]))
      }
    })
  }

  /** Something happened to `key`: tries what waits for it. */
  wake(key: string): void {
    const set = this.byKey.get(key)
    if (!set) return
    for (const entry of [...set]) entry.tryComplete()
  }

  private remove(entry: Waiting): void {
    for (const key of entry.keys) {
      const set = this.byKey.get(key)
      set?.delete(entry)
      if (set?.size === 0) this.byKey.delete(key)
    }
  }
}
