import type { RateWindow } from './rate.ts'

/**
 * Credits that come back at the quota's rate, up to as many as the whole span of windows allows (Kafka's stats.TokenBucket, KIP-599). They may fall below
 * zero: whoever finds some left may take more than are there, and then has to wait.
 */
export class TokenBucket {
  private tokens = 0
  private lastMs: number | undefined

  /** Takes `value` credits; a negative one gives them back. */
  record(window: RateWindow, quota: number, value: number, nowMs: number): void {
    const burst = this.refill(window, quota, nowMs)
    this.tokens = Math.min(burst, this.tokens - value)
  }

  /** Credits left. */
  measure(window: RateWindow, quota: number, nowMs: number): number {
    this.refill(window, quota, nowMs)
    return this.tokens
  }

  private refill({ samples, windowMs }: RateWindow, quota: number, nowMs: number): number {
    const burst = ((samples * windowMs) / 1000) * quota
    const refilled = this.lastMs === undefined ? burst : this.tokens + (quota * (nowMs - this.lastMs)) / 1000
    this.tokens = Math.min(burst, refilled)
    this.lastMs = nowMs
    return burst
  }

  /** Time until no credits are owed any more; 0 when none are. */
  throttleTimeMs(window: RateWindow, quota: number, nowMs: number): number {
    const tokens = this.measure(window, quota, nowMs)
    return tokens < 0 ? Math.round((-tokens / quota) * 1000) : 0
  }
}
