import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { Purgatory } from '../../src/broker/purgatory.ts'

describe('Purgatory', () => {
  it('does not wait for what is done, nor without time', async () => {
    const purgatory = new Purgatory(new ManualClock())
    expect(await purgatory.wait(['a'], 100, () => true)).toBe('done')
    expect(await purgatory.wait(['a'], 0, () => false)).toBe('timeout')
    expect(purgatory.waitingOn('a')).toBe(0)
  })

  it('is woken by any of its keys, once its condition holds', async () => {
    const purgatory = new Purgatory(new ManualClock())
    let ready = false
    const waiting = purgatory.wait(['a', 'b'], 100, () => ready)
    purgatory.wake('a')
    expect(purgatory.waitingOn('b')).toBe(1)
    ready = true
    purgatory.wake('c')
    expect(purgatory.waitingOn('b')).toBe(1)
    purgatory.wake('b')
    expect(await waiting).toBe('done')
    expect(purgatory.waitingOn('a') + purgatory.waitingOn('b')).toBe(0)
  })

  it('ends when its time is up, and leaves nothing behind', async () => {
    const clock = new ManualClock()
    const purgatory = new Purgatory(clock)
    const waiting = purgatory.wait(['a'], 100, () => false)
    clock.advance(99)
    expect(purgatory.waitingOn('a')).toBe(1)
    clock.advance(1)
    expect(await waiting).toBe('timeout')
    expect(purgatory.waitingOn('a')).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('ends when its client has gone', async () => {
    const clock = new ManualClock()
    const purgatory = new Purgatory(clock)
    const gone = new AbortController()
    const waiting = purgatory.wait(['a'], 100, () => false, gone.signal)
    gone.abort()
    expect(await waiting).toBe('timeout')
    expect(clock.pending).toBe(0)
  })
})
