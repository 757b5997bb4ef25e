import { createHmac } from 'node:crypto'
import type { Cancel, Clock } from '../../base/clock.ts'
import { randomUuid } from '../../base/random-uuid.ts'
import type { BrokerConfig } from '../../config/broker-config.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { Controller } from '../controller/controller.ts'
import type { DelegationToken } from '../controller/delegation-token-image.ts'
import type { MetadataImage } from '../controller/metadata-image.ts'
import type { MetadataRecordDraft } from '../controller/metadata-record.ts'
import type { Logger } from '../logger.ts'
import { equalInConstantTime } from './constant-time.ts'

/** Tokens one sweep removes (Kafka's MAX_RECORDS_PER_EXPIRATION); the rest goes with the next. */
const MAX_REMOVALS_PER_SWEEP = 1000

/** A token with the secret its bearer shows. */
export interface IssuedToken extends DelegationToken {
  readonly hmac: Buffer
}

/** delegation.token.* of the broker's configs. */
export interface DelegationTokenSettings {
  /** Null: there are no delegation tokens here. */
  readonly secretKey: string | null
  readonly maxLifetimeMs: number
  readonly expiryTimeMs: number
  readonly expiryCheckIntervalMs: number
}

export function tokenSettings(config: BrokerConfig): DelegationTokenSettings {
  return {
    secretKey: config.stringOrNull('delegation.token.secret.key'),
    maxLifetimeMs: config.long('delegation.token.max.lifetime.ms'),
    expiryTimeMs: config.long('delegation.token.expiry.time.ms'),
    expiryCheckIntervalMs: config.long('delegation.token.expiry.check.interval.ms'),
  }
}

interface Parts {
  clock: Clock
  logger: Logger
  image: MetadataImage
  controller(): Controller
  settings: DelegationTokenSettings
}

const recordOf = (token: DelegationToken): MetadataRecordDraft => ({
  type: 'DelegationTokenRecord',
  data: {
    owner: token.owner,
    requester: token.requester,
    renewers: [...token.renewers],
    issueTimestamp: BigInt(token.issueTimestampMs),
    maxTimestamp: BigInt(token.maxTimestampMs),
    expirationTimestamp: BigInt(token.expiryTimestampMs),
    tokenId: token.tokenId,
  },
})

/**
 * Delegation tokens (KIP-48, KIP-373, KIP-900): created, renewed and expired through the metadata log. A token's HMAC follows from its
 * id and delegation.token.secret.key; it is nowhere stored.
 */
export class DelegationTokens {
  private readonly parts: Parts
  private cancelSweep: Cancel = () => {}
  private isClosed = false

  constructor(parts: Parts) {
    this.parts = parts
  }

  get isEnabled(): boolean {
    return this.parts.settings.secretKey !== null
  }

  /** Removes tokens that have ended, every delegation.token.expiry.check.interval.ms. */
  startSweeping(): void {
    if (!this.isEnabled || this.isClosed) return
    const { clock, logger, settings } = this.parts
    this.cancelSweep = clock.schedule(settings.expiryCheckIntervalMs, () => {
      this.sweep()
        .catch((error: unknown) => logger.error({ err: error }, 'expired delegation tokens could not be removed'))
        .finally(() => this.startSweeping())
    })
  }

  close(): void {
    this.isClosed = true
    this.cancelSweep()
  }

  /** Removes tokens that have ended, at most 1000. */
  async sweep(): Promise<void> {
    const { image, logger } = this.parts
    await this.parts.controller().write(() => {
      const ended = image.delegationTokens
        .all()
        .filter((token) => this.hasEnded(token))
        .slice(0, MAX_REMOVALS_PER_SWEEP)
      for (const { tokenId, owner } of ended) logger.info({ tokenId, owner }, 'delegation token expired')
      return {
        records: ended.map(({ tokenId }) => ({ type: 'RemoveDelegationTokenRecord', data: { tokenId } })),
        value: undefined,
      }
    })
  }

  /** A token by its id, ended or not; undefined without one, or without a secret key. */
  byId(tokenId: string): IssuedToken | undefined {
    const token = this.parts.image.delegationTokens.get(tokenId)
    return token === undefined || !this.isEnabled ? undefined : this.issued(token)
  }

  all(): IssuedToken[] {
    return this.parts.image.delegationTokens.all().map((token) => this.issued(token))
  }

  /**
   * @param maxLifetimeMs wanted; 0 and less asks for delegation.token.max.lifetime.ms, which is also the most there is
   * @throws KafkaError DELEGATION_TOKEN_AUTH_DISABLED
   */
  create(owner: string, requester: string, renewers: readonly string[], maxLifetimeMs: number): Promise<IssuedToken> {
    const { clock, settings } = this.parts
    this.requireEnabled()
    return this.parts.controller().write(() => {
      const issueTimestampMs = clock.nowMs()
      const lifetimeMs = maxLifetimeMs > 0 ? Math.min(settings.maxLifetimeMs, maxLifetimeMs) : settings.maxLifetimeMs
      const maxTimestampMs = sum(issueTimestampMs, lifetimeMs)
      const expiryTimestampMs = Math.min(maxTimestampMs, sum(issueTimestampMs, settings.expiryTimeMs))
      const tokenId = randomUuid()
      const token = { tokenId, owner, requester, renewers, issueTimestampMs, maxTimestampMs, expiryTimestampMs }
      return { records: [recordOf(token)], value: this.issued(token) }
    })
  }

  /**
   * Lets a token live longer, up to its max timestamp.
   *
   * @param periodMs from now; 0 and less asks for delegation.token.expiry.time.ms, which is also the most there is
   * @returns when it will expire
   * @throws KafkaError DELEGATION_TOKEN_AUTH_DISABLED, _NOT_FOUND, _EXPIRED, _OWNER_MISMATCH
   */
  renew(hmac: Buffer, principal: string, periodMs: number): Promise<number> {
    const { clock, settings } = this.parts
    this.requireEnabled()
    return this.parts.controller().write(() => {
      const token = this.byHmac(hmac)
      if (this.hasEnded(token)) throw new KafkaError(ErrorCode.DELEGATION_TOKEN_EXPIRED)
      requireRenewer(token, principal)
      const lifetimeMs = periodMs > 0 ? Math.min(settings.expiryTimeMs, periodMs) : settings.expiryTimeMs
      return this.expiringAt(token, sum(clock.nowMs(), lifetimeMs))
    })
  }

  /**
   * Sets when a token ends; a negative period removes it at once, even one that has ended.
   *
   * @returns when it will expire
   * @throws KafkaError DELEGATION_TOKEN_AUTH_DISABLED, _NOT_FOUND, _OWNER_MISMATCH, _EXPIRED
   */
  expire(hmac: Buffer, principal: string, periodMs: number): Promise<number> {
    const { clock } = this.parts
    this.requireEnabled()
    return this.parts.controller().write(() => {
      const token = this.byHmac(hmac)
      requireRenewer(token, principal)
      if (periodMs < 0) {
        const { tokenId } = token
        return { records: [{ type: 'RemoveDelegationTokenRecord', data: { tokenId } }], value: clock.nowMs() }
      }
      if (this.hasEnded(token)) throw new KafkaError(ErrorCode.DELEGATION_TOKEN_EXPIRED)
      return this.expiringAt(token, sum(clock.nowMs(), periodMs))
    })
  }

  private expiringAt(token: DelegationToken, wantedMs: number): { records: MetadataRecordDraft[]; value: number } {
    const expiryTimestampMs = Math.min(token.maxTimestampMs, wantedMs)
    return { records: [recordOf({ ...token, expiryTimestampMs })], value: expiryTimestampMs }
  }

  private requireEnabled(): void {
    if (!this.isEnabled) throw new KafkaError(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED)
  }

  private hasEnded({ maxTimestampMs, expiryTimestampMs }: DelegationToken): boolean {
    const nowMs = this.parts.clock.nowMs()
    return maxTimestampMs < nowMs || expiryTimestampMs < nowMs
  }

  private byHmac(hmac: Buffer): IssuedToken {
    let found: IssuedToken | undefined
    // All are compared, each in constant time: how long it takes tells nothing of any token.
    for (const token of this.all()) if (equalInConstantTime(token.hmac, hmac)) found = token
    if (found === undefined) throw new KafkaError(ErrorCode.DELEGATION_TOKEN_NOT_FOUND)
    return found
  }

  private issued(token: DelegationToken): IssuedToken {
    const hmac = createHmac('sha512', this.parts.settings.secretKey ?? '')
      .update(token.tokenId)
      .digest()
    return { ...token, hmac }
  }
}

function requireRenewer({ owner, renewers }: DelegationToken, principal: string): void {
  if (owner === principal || renewers.includes(principal)) return
  throw new KafkaError(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH)
}

/** Kafka's long can't grow beyond 2^63 - 1; a number that goes back to one neither. */
const MAX_TIMESTAMP_MS = Number.MAX_SAFE_INTEGER
const sum = (nowMs: number, ms: number): number => Math.min(nowMs + ms, MAX_TIMESTAMP_MS)
