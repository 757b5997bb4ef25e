import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { AssertionError, assert } from '../../src/base/assert.ts'
import { readInt64, writeInt64 } from '../../src/base/bytes.ts'
import { ManualClock, systemClock } from '../../src/base/clock.ts'
import { crc32c } from '../../src/base/crc32c.ts'
import { murmur2, toPositive } from '../../src/base/murmur2.ts'

describe('assert', () => {
  it('throws its message only when the condition is false', () => {
    expect(() => assert(1, 'fine')).not.toThrow()
    expect(() => assert(0, 'broken')).toThrow(new AssertionError('broken'))
  })
})

describe('crc32c', () => {
  it('has the check value of CRC-32C, unsigned', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
    expect(crc32c(Buffer.alloc(0))).toBe(0)
  })

  it('is the same before and after native code is loaded', async () => {
    vi.resetModules()
    const { crc32c: fresh } = await import('../../src/base/crc32c.ts')
    const bytes = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) >>> 3))
    const pieces = [bytes.subarray(0, 1000), bytes.subarray(1000)]
    const checksums = Array.from({ length: 5 }, () => pieces.reduce((crc, piece) => fresh(piece, crc), 0))
    expect(checksums).toEqual(Array.from({ length: 5 }, () => fresh(bytes)))
  })

  it('goes on from a seed', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(crc32c(Buffer.from(b), crc32c(Buffer.from(a)))).toBe(crc32c(Buffer.concat([a, b])))
      }),
    )
  })
})

describe('murmur2', () => {
  // The vectors of Java's own UtilsTest.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Java does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  it('clears the sign bit', () => {
    expect(toPositive(-1)).toBe(0x7fffffff)
    expect(toPositive(-(2 ** 31))).toBe(0)
    expect(toPositive(7)).toBe(7)
  })
})

describe('int64 as numbers', () => {
  it('agrees with bigint for every safe integer', () => {
    const buffer = Buffer.alloc(8)
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        writeInt64(buffer, 0, value)
        expect(buffer.readBigInt64BE(0)).toBe(BigInt(value))
        expect(readInt64(buffer, 0)).toBe(value)
      }),
    )
  })
})

describe('ManualClock', () => {
  it('runs due calls in order of time, each at its own time, and those they schedule', () => {
    const clock = new ManualClock(1000)
    const ran: string[] = []
    const at = (name: string) => () => ran.push(`${name}@${clock.monotonicMs()}/${clock.nowMs()}`)
    clock.schedule(20, at('b'))
    clock.schedule(10, () => {
      at('a')()
      clock.schedule(5, at('nested'))
    })
    clock.schedule(20, at('c'))
    clock.schedule(31, at('late'))
    clock.advance(30)
    expect(ran).toEqual(['a@10/1010', 'nested@15/1015', 'b@20/1020', 'c@20/1020'])
    expect(clock.monotonicMs()).toBe(30)
    expect(clock.pending).toBe(1)
  })

  it('does not run what was cancelled, even by a call of the same span', () => {
    const clock = new ManualClock()
    let ran = false
    const cancel = clock.schedule(2, () => {
      ran = true
    })
    clock.schedule(1, cancel)
    clock.advance(10)
    expect(ran).toBe(false)
  })

  it('keeps monotonic time when the wall clock jumps back', () => {
    const clock = new ManualClock(5000)
    clock.advance(100)
    clock.setNowMs(1)
    clock.advance(10)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([11, 110])
  })
})

describe('systemClock', () => {
  it('schedules, and never within the call', async () => {
    let called = false
    const done = new Promise<void>((resolve) => {
      systemClock.schedule(0, () => {
        called = true
        resolve()
      })
    })
    expect(called).toBe(false)
    // The timer does not keep the process alive, so something else has to.
    const keepAlive = setInterval(() => {}, 1000)
    await done
    clearInterval(keepAlive)
    expect(called).toBe(true)
  })

  it('does not fire at once for delays beyond the limit of timers', async () => {
    let called = false
    const cancel = systemClock.schedule(2 ** 40, () => {
      called = true
    })
    await new Promise((resolve) => setTimeout(resolve, 5))
    cancel()
    expect(called).toBe(false)
  })
})
