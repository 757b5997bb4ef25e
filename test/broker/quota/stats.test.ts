import { describe, expect, it } from 'vitest'
import { Rate, throttleTimeMs } from '../../../src/broker/quota/rate.ts'
import { TokenBucket } from '../../../src/broker/quota/token-bucket.ts'
import recorded from './kafka-stats.json' with { type: 'json' }

const START = 1_700_000_000_000

interface Run {
  kind: string
  samples: number
  windowS: number
  bound: number
  /** Time after the start, value recorded; then what Kafka's classes said: measured, window size, throttle time. */
  steps: number[][]
}

/** Numbers printed by Kafka 4.3.0's own Rate, TokenBucket and throttle formula. */
describe.each(recorded as Run[])(
  '$kind of $samples × $windowS s, bound $bound',
  ({ kind, samples, windowS, bound, steps }) => {
    const window = { samples, windowMs: windowS * 1000 }

    const measures = (): void => {
      const rate = new Rate()
      for (const [at = 0, value = 0, measured = 0, spanMs = 0, throttle = 0] of steps) {
        const nowMs = START + at
        rate.record(window, value, nowMs)
        expect(rate.measure(window, nowMs)).toBeCloseTo(measured, 6)
        expect(rate.spanMs(window, nowMs)).toBe(spanMs)
        expect(throttleTimeMs(rate, window, bound, nowMs)).toBe(throttle)
      }
      expect(steps.filter((step) => (step[4] ?? 0) > 0).length).toBeGreaterThan(5)
    }

    const fills = (): void => {
      const bucket = new TokenBucket()
      for (const [at = 0, value = 0, measured = 0, , throttle = 0] of steps) {
        const nowMs = START + at
        bucket.record(window, bound, value, nowMs)
        expect(bucket.measure(window, bound, nowMs)).toBeCloseTo(measured, 6)
        expect(bucket.throttleTimeMs(window, bound, nowMs)).toBe(throttle)
      }
      expect(steps.filter((step) => (step[4] ?? 0) > 0).length).toBeGreaterThan(5)
    }

    it('measures and throttles as Kafka does', kind === 'rate' ? measures : fills)
  },
)
