import type { Clock } from '../../base/clock.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { ClientQuotas } from './client-quotas.ts'
import type { QuotaClient } from './quota-table.ts'

const PRODUCE = 0
/** Requests of brokers and controllers among themselves: their handling time is charged to nobody. */
const EXEMPT: ReadonlySet<number> = new Set([7, 27, 52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73])
const PERCENT = 100

/**
 * What one request costs its client and how long the client has to wait for it. Made for each request while any quota is configured; the handlers of
 * requests with quotas of their own find it in their context.
 */
export class RequestQuota {
  /** Whether any quota holds for this client; if so its requests are handled one by one, as Kafka does. */
  readonly isLimited: boolean
  private readonly quotas: ClientQuotas
  private readonly clock: Clock
  private readonly client: QuotaClient
  private readonly apiKey: number
  private readonly sizeBytes: number
  private readonly startedMs: number
  /** Time on the event loop until the handler first waited. */
  private handlingMs: number | undefined
  private waitMs = 0
  private isTimeCharged = false
  private settledMs = 0

  constructor(quotas: ClientQuotas, clock: Clock, client: QuotaClient, apiKey: number, sizeBytes: number) {
    this.quotas = quotas
    this.clock = clock
    this.client = client
    this.apiKey = apiKey
    this.sizeBytes = sizeBytes
    this.startedMs = clock.monotonicMs()
    this.isLimited = quotas.limits(client)
  }

  /** The handler has returned, with its answer or a promise of it. */
  handled(): void {
    this.handlingMs ??= this.clock.monotonicMs() - this.startedMs
  }

  /** Most bytes that a fetch may return without having to wait for certain; more would never get through. */
  get maxFetchBytes(): number {
    return Math.trunc(this.quotas.fetch.maxAtOnce(this.client))
  }

  /** Charges a consumer's answer. True: it has to wait, and gets no records now. Nothing is charged for them then. */
  mustHoldBack(responseBytes: number): boolean {
    this.chargeTime()
    const waitMs = this.quotas.fetch.charge(this.client, responseBytes)
    this.waitMs = Math.max(this.waitMs, waitMs)
    if (this.waitMs === 0) return false
    this.quotas.fetch.chargeQuietly(this.client, -responseBytes)
    return true
  }

  /**
   * Charges partitions to be created or deleted (KIP-599).
   *
   * @param strict whether the request's version knows the error; older ones are let through and made to wait
   * @throws KafkaError THROTTLING_QUOTA_EXCEEDED, and nothing is charged
   */
  chargeMutations(partitions: number, strict: boolean): void {
    const { refused, waitMs } = this.quotas.mutations.charge(this.client, partitions, strict)
    this.waitMs = Math.max(this.waitMs, waitMs)
    if (refused) throw new KafkaError(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
  }

  private chargeTime(): void {
    if (this.isTimeCharged || EXEMPT.has(this.apiKey)) return
    this.isTimeCharged = true
    this.handled()
    const percent = ((this.handlingMs ?? 0) / 1000) * PERCENT
    this.waitMs = Math.max(this.waitMs, this.quotas.request.charge(this.client, percent))
  }

  /**
   * The answer is there: charges what is still to be charged.
   *
   * @param hasResponse false for acks=0, whose handling time is charged to nobody
   * @returns how long the client has to wait, in ms: what throttle_time_ms says
   */
  settle(hasResponse: boolean): number {
    if (hasResponse) this.chargeTime()
    if (this.apiKey === PRODUCE) {
      this.waitMs = Math.max(this.waitMs, this.quotas.produce.charge(this.client, this.sizeBytes))
    }
    this.settledMs = this.clock.monotonicMs()
    return this.waitMs
  }

  /** The answer is encoded and handed to the socket: that time counts too, for the next request. */
  sent(): void {
    if (!this.isTimeCharged) return
    const percent = ((this.clock.monotonicMs() - this.settledMs) / 1000) * PERCENT
    this.quotas.request.chargeQuietly(this.client, percent)
  }
}
