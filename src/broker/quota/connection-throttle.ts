import type { Cancel, Clock } from '../../base/clock.ts'
import type { RequestQuota } from './request-quota.ts'

/**
 * One connection's standing with the quotas. A client that has used more than its share gets its answer at once, with the time to wait in it; for that
 * time nothing more is read from it (KIP-219).
 */
export class ConnectionThrottle {
  private readonly clock: Clock
  private readonly onUnmute: () => void
  private cancel: Cancel | undefined
  private isLimited = false

  constructor(clock: Clock, onUnmute: () => void) {
    this.clock = clock
    this.onUnmute = onUnmute
  }

  /** Not to be read, and nothing of it to be started. */
  get isMuted(): boolean {
    return this.cancel !== undefined
  }

  /** Notes whether the client of a request just begun has quotas. */
  began(quota: RequestQuota | undefined): void {
    this.isLimited = quota?.isLimited ?? false
  }

  /** Whether another request may start while `outstanding` are under way: a client with quotas is served one by one. */
  mayStart(outstanding: number): boolean {
    return this.cancel === undefined && (!this.isLimited || outstanding === 0)
  }

  /** Mutes the connection. */
  mute(throttleMs: number): void {
    this.cancel?.()
    this.cancel = this.clock.schedule(throttleMs, () => {
      this.cancel = undefined
      this.onUnmute()
    })
  }

  /** The connection is gone. */
  close(): void {
    this.cancel?.()
    this.cancel = undefined
  }
}
