import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { watchIdle } from '../../../src/broker/process/idle.ts'

const HOUR_MS = 3_600_000

const setUp = (timeoutMs: number) => {
  const clock = new ManualClock()
  const activity = { connectionCount: 0, acceptedConnections: 0 }
  let calls = 0
  const stop = watchIdle(activity, timeoutMs, clock, () => calls++)
  return { clock, activity, stop, calls: () => calls }
}

describe('idle broker', () => {
  it('ends once, when nobody came for the whole time', () => {
    const { clock, calls } = setUp(HOUR_MS)
    clock.advance(HOUR_MS - 1)
    expect(calls()).toBe(0)
    clock.advance(1)
    expect(calls()).toBe(1)
    clock.advance(10 * HOUR_MS)
    expect(calls()).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('stays while a client is connected, however quiet, and counts from its end', () => {
    const { clock, activity, calls } = setUp(HOUR_MS)
    activity.connectionCount = 1
    clock.advance(5 * HOUR_MS)
    expect(calls()).toBe(0)
    activity.connectionCount = 0
    clock.advance(HOUR_MS - 1)
    expect(calls()).toBe(0)
    clock.advance(30_001)
    expect(calls()).toBe(1)
  })

  it('notices clients that come and go between two looks', () => {
    const { clock, activity, calls } = setUp(HOUR_MS)
    for (let index = 0; index < 10; index++) {
      clock.advance(HOUR_MS / 2)
      activity.acceptedConnections++
    }
    expect(calls()).toBe(0)
  })

  it('gives the command it was started for the time to connect', () => {
    const { clock, activity, calls } = setUp(100)
    clock.advance(9_999)
    expect(calls()).toBe(0)
    activity.connectionCount = 1
    clock.advance(50)
    activity.connectionCount = 0
    clock.advance(99)
    expect(calls()).toBe(0)
    clock.advance(26)
    expect(calls()).toBe(1)
  })

  it('never ends with 0, and can be called off', () => {
    const never = setUp(0)
    expect(never.clock.pending).toBe(0)
    const { clock, stop, calls } = setUp(HOUR_MS)
    stop()
    clock.advance(2 * HOUR_MS)
    expect(calls()).toBe(0)
  })
})
