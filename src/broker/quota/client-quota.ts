import type { Clock } from '../../base/clock.ts'
import { type EntityPart, type QuotaClient, QuotaTable } from './quota-table.ts'
import { Rate, type RateWindow, throttleTimeMs } from './rate.ts'
import { TokenBucket } from './token-bucket.ts'

/** Shares measured at once. Client ids are the clients' choice: the share longest unused makes room. */
const MAX_SHARES = 10_000
/** A share unused for this long is forgotten (Kafka's INACTIVE_SENSOR_EXPIRATION_TIME_SECONDS). */
const EXPIRY_MS = 3_600_000

interface Measured<T> {
  stat: T
  limit: number | undefined
  version: number
  lastUsedMs: number
}

/** One kind of quota: its values, and what each share has used. `T` is how use is measured. */
abstract class ClientQuota<T> {
  readonly table = new QuotaTable()
  protected readonly clock: Clock
  protected readonly window: () => RateWindow
  /** In the order last used. */
  private readonly shares = new Map<string, Measured<T>>()

  constructor(clock: Clock, window: () => RateWindow) {
    this.clock = clock
    this.window = window
  }

  protected abstract newStat(): T

  /** Whether anybody has a quota of this kind. */
  get enabled(): boolean {
    return !this.table.isEmpty
  }

  get shareCount(): number {
    return this.shares.size
  }

  set(user: EntityPart, clientId: EntityPart, value: number | undefined): void {
    this.table.set(user, clientId, value)
    if (this.table.isEmpty) this.shares.clear()
  }

  /** A client's quota; undefined when it has none. */
  limitOf(client: QuotaClient): number | undefined {
    return this.enabled ? this.table.limitOf(this.table.shareOf(client)) : undefined
  }

  protected get nowMs(): number {
    return Math.floor(this.clock.monotonicMs())
  }

  /** What a client's share has used so far; undefined when it has no quota. */
  protected measured(client: QuotaClient, nowMs: number): { stat: T; limit: number } | undefined {
    const share = this.table.shareOf(client)
    const key = `${share.user.length}:${share.user}${share.clientId}`
    let entry = this.shares.get(key)
    if (!entry || entry.version !== this.table.version) {
      const limit = this.table.limitOf(share)
      entry = { stat: entry?.stat ?? this.newStat(), limit, version: this.table.version, lastUsedMs: nowMs }
    }
    this.shares.delete(key)
    if (entry.limit === undefined) return undefined
    entry.lastUsedMs = nowMs
    this.shares.set(key, entry)
    this.forgetOld(nowMs)
    return { stat: entry.stat, limit: entry.limit }
  }

  private forgetOld(nowMs: number): void {
    for (const [key, { lastUsedMs }] of this.shares) {
      if (this.shares.size <= MAX_SHARES && nowMs - lastUsedMs < EXPIRY_MS) return
      this.shares.delete(key)
    }
  }
}

/** A quota on an amount per second: bytes, or percent of request handling time. */
export class RateQuota extends ClientQuota<Rate> {
  private readonly isCapped: boolean

  /** @param isCapped a client is never made to wait longer than one sample window */
  constructor(clock: Clock, window: () => RateWindow, isCapped: boolean) {
    super(clock, window)
    this.isCapped = isCapped
  }

  protected newStat(): Rate {
    return new Rate()
  }

  /** Charges a client; returns how long it has to wait then, in ms. */
  charge(client: QuotaClient, value: number): number {
    const { nowMs } = this
    const found = this.enabled ? this.measured(client, nowMs) : undefined
    if (!found) return 0
    const window = this.window()
    found.stat.record(window, value, nowMs)
    const waitMs = throttleTimeMs(found.stat, window, found.limit, nowMs)
    return this.isCapped ? Math.min(waitMs, window.windowMs) : waitMs
  }

  /** Charges a client without asking what it has to wait: its next request will tell. A negative value takes back. */
  chargeQuietly(client: QuotaClient, value: number): void {
    const { nowMs } = this
    const found = this.enabled ? this.measured(client, nowMs) : undefined
    found?.stat.record(this.window(), value, nowMs)
  }

  /** The most that may be charged at once without a wait for certain. */
  maxAtOnce(client: QuotaClient): number {
    const limit = this.limitOf(client)
    if (limit === undefined) return Number.MAX_SAFE_INTEGER
    const { samples, windowMs } = this.window()
    return (limit * (samples - 1) * windowMs) / 1000
  }
}

/** A quota on partition mutations per second (KIP-599). */
export class MutationRateQuota extends ClientQuota<TokenBucket> {
  protected newStat(): TokenBucket {
    return new TokenBucket()
  }

  /**
   * Charges a client.
   *
   * @param strict a client that owes already is refused, and charged nothing; otherwise it may always, and waits after
   */
  charge(client: QuotaClient, mutations: number, strict: boolean): { refused: boolean; waitMs: number } {
    const { nowMs } = this
    const found = this.enabled ? this.measured(client, nowMs) : undefined
    if (!found) return { refused: false, waitMs: 0 }
    const { stat, limit } = found
    const window = this.window()
    if (!strict) {
      stat.record(window, limit, mutations, nowMs)
      return { refused: false, waitMs: stat.throttleTimeMs(window, limit, nowMs) }
    }
    const owedMs = stat.throttleTimeMs(window, limit, nowMs)
    if (owedMs > 0) return { refused: true, waitMs: owedMs }
    stat.record(window, limit, mutations, nowMs)
    return { refused: false, waitMs: 0 }
  }
}
