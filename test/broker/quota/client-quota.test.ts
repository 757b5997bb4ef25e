import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { MutationRateQuota, RateQuota } from '../../../src/broker/quota/client-quota.ts'

const ALICE = { user: 'alice', clientId: 'app' }
const BOB = { user: 'bob', clientId: 'app' }
const window = { samples: 11, windowMs: 1000 }

describe('RateQuota', () => {
  function rateQuota(limit: number, isCapped = false): { clock: ManualClock; quota: RateQuota } {
    const clock = new ManualClock()
    const quota = new RateQuota(clock, () => window, isCapped)
    quota.set('alice', undefined, limit)
    return { clock, quota }
  }

  it('makes a client wait until its rate is back at the quota', () => {
    const { clock, quota } = rateQuota(1000)
    // The ten windows before count as empty, so ten seconds' worth goes through at once.
    expect(quota.charge(ALICE, 10_000)).toBe(0)
    // (1500 - 1000) / 1000 × 10 s
    expect(quota.charge(ALICE, 5000)).toBe(5000)
    clock.advance(5000)
    expect(quota.charge(ALICE, 0)).toBe(5000)
    clock.advance(6000)
    expect(quota.charge(ALICE, 1)).toBe(0)
  })

  it('charges nobody who has no quota', () => {
    const { quota } = rateQuota(1)
    expect(quota.charge(BOB, 1e9)).toBe(0)
    expect(quota.limitOf(BOB)).toBeUndefined()
    expect(quota.maxAtOnce(BOB)).toBe(Number.MAX_SAFE_INTEGER)
    expect(quota.shareCount).toBe(0)
  })

  it('takes back what was not sent', () => {
    const { quota } = rateQuota(1000)
    expect(quota.charge(ALICE, 30_000)).toBe(20_000)
    quota.chargeQuietly(ALICE, -30_000)
    expect(quota.charge(ALICE, 10_000)).toBe(0)
    expect(quota.maxAtOnce(ALICE)).toBe(10_000)
  })

  it('waits no longer than a window for handling time', () => {
    const { quota } = rateQuota(1, true)
    expect(quota.charge(ALICE, 10_000)).toBe(1000)
  })

  it('measures on when the quota changes', () => {
    const { quota } = rateQuota(1000)
    expect(quota.charge(ALICE, 10_000)).toBe(0)
    quota.set('alice', undefined, 500)
    expect(quota.charge(ALICE, 0)).toBe(10_000)
    quota.set('alice', undefined, undefined)
    expect(quota.enabled).toBe(false)
    expect(quota.charge(ALICE, 1e9)).toBe(0)
  })

  it('remembers a bounded number of clients, and those not seen for an hour not at all', () => {
    const { clock, quota } = rateQuota(1000)
    quota.set('alice', null, 10)
    for (let i = 0; i < 10_050; i++) quota.charge({ user: 'alice', clientId: `c${i}` }, 1)
    expect(quota.shareCount).toBe(10_000)
    clock.advance(3_600_000)
    quota.charge(ALICE, 1)
    expect(quota.shareCount).toBe(1)
  })
})

describe('MutationRateQuota', () => {
  function mutations(limit: number): { clock: ManualClock; quota: MutationRateQuota } {
    const clock = new ManualClock()
    const quota = new MutationRateQuota(clock, () => window)
    quota.set(undefined, 'app', limit)
    return { clock, quota }
  }

  it('lets the last one overdraw, then refuses until the debt is paid (strict)', () => {
    const { clock, quota } = mutations(2)
    // 22 credits at most.
    expect(quota.charge(ALICE, 30, true)).toEqual({ refused: false, waitMs: 0 })
    expect(quota.charge(ALICE, 1, true)).toEqual({ refused: true, waitMs: 4000 })
    clock.advance(3999)
    expect(quota.charge(BOB, 1, true).refused).toBe(true)
    clock.advance(1)
    expect(quota.charge(BOB, 1, true)).toEqual({ refused: false, waitMs: 0 })
  })

  it('never refuses an older client, but makes it wait', () => {
    const { quota } = mutations(2)
    expect(quota.charge(ALICE, 30, false)).toEqual({ refused: false, waitMs: 4000 })
    expect(quota.charge(ALICE, 2, false)).toEqual({ refused: false, waitMs: 5000 })
  })
})
