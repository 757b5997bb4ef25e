import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Output } from '../../src/cli/output.ts'
import { ByteSink } from '../../src/tools/console-consumer/byte-sink.ts'

const MIB = 1024 * 1024

/** An output that keeps what it was given as it is, to be looked at when all has been written. */
class Kept implements Output {
  readonly closed = false
  readonly parts: Buffer[] = []

  write(data: string | Buffer): void {
    this.parts.push(typeof data === 'string' ? Buffer.from(data) : data)
  }

  drain(): Promise<void> {
    return Promise.resolve()
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }
}

/** Bytes that tell where they come from. */
function pattern(sizeBytes: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(sizeBytes)
  for (let i = 0; i < sizeBytes; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + seed) & 0xff
  return bytes
}

const sources = [pattern(3 * MIB, 1), pattern(700 * 1024, 99), pattern(100, 5)]
const places = [0, 1, 24, 25, 99, 5000, 256 * 1024, 256 * 1024 + 1, MIB, MIB + 1]
const piece = fc.record({
  kind: fc.constantFrom('copy', 'copy', 'copy', 'bytes', 'text', 'flush'),
  source: fc.nat({ max: sources.length - 1 }),
  skip: fc.constantFrom(0, 7, 60_000, 400_000),
  length: fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 2000 }) }, fc.constantFrom(...places)),
})

describe('ByteSink', () => {
  it('hands on every piece, in order, unchanged by what comes later', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const kept = new Kept()
        const sink = new ByteSink(kept)
        const expected: Buffer[] = []
        const positions = sources.map(() => 0)
        for (const { kind, source, skip, length } of pieces) {
          const from = sources[source]!
          const start = (positions[source]! + skip) % from.length
          const end = Math.min(from.length, start + length)
          positions[source] = end
          if (kind === 'flush') sink.flush()
          else if (kind === 'text') sink.text('déjà vu')
          else if (kind === 'bytes') sink.bytes(from.subarray(start, end))
          else sink.copy(from, start, end)
          if (kind === 'text') expected.push(Buffer.from('déjà vu'))
          else if (kind !== 'flush') expected.push(from.subarray(start, end))
        }
        sink.flush()
        expect(Buffer.concat(kept.parts).equals(Buffer.concat(expected))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('hands over few large buffers for many small pieces', () => {
    const kept = new Kept()
    const sink = new ByteSink(kept)
    const [from] = sources
    for (let at = 0; at + 107 <= from!.length; at += 107) sink.copy(from!, at, at + 99)
    sink.flush()
    expect(kept.parts.length).toBeLessThan(6)
  })
})
