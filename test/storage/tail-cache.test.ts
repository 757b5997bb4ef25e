import { expect, it } from 'vitest'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { FRESH_MEMORY } from '../../src/storage/read-memory.ts'
import { LogTail, TailCache } from '../../src/storage/tail-cache.ts'

const MEGABYTE = 1 << 20
const ALL = Number.MAX_SAFE_INTEGER

const batch = (baseOffset: number, valueBytes: number): Buffer =>
  buildBatch([{ value: Buffer.alloc(valueBytes, baseOffset), timestamp: 0 }], { baseOffset, partitionLeaderEpoch: 0 })

/** One record a batch, from offset `from` on; what was added, by offset. */
function fill(tail: LogTail, from: number, count: number, valueBytes: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = batch(from + i, valueBytes)
    tail.add(bytes, from + i, from + i + 1)
    return Buffer.from(bytes)
  })
}

it('a read is untouched by what is written later, in memory that is used again', () => {
  const tail = new LogTail(new TailCache(32 * MEGABYTE, MEGABYTE))
  const written = fill(tail, 0, 50, 10_000)
  const read = tail.read(0, ALL, ALL, true, FRESH_MEMORY)
  const one = tail.read(7, 1, ALL, true, FRESH_MEMORY)
  fill(tail, 50, 2000, 10_000)
  expect(tail.baseOffset).toBeGreaterThan(50)
  expect(read.equals(Buffer.concat(written))).toBe(true)
  expect(one.equals(written[7]!)).toBe(true)
})

it('stays within its memory, however many logs write pieces of whatever size', () => {
  const cache = new TailCache(8 * MEGABYTE, 2 * MEGABYTE)
  const tails = Array.from({ length: 20 }, () => new LogTail(cache))
  for (let round = 0; round < 40; round++) {
    for (const [i, tail] of tails.entries()) {
      const [bytes] = fill(tail, round, 1, 1000 * (1 + ((round * 7 + i * 13) % 60)))
      expect(tail.read(round, ALL, ALL, true, FRESH_MEMORY).equals(bytes!)).toBe(true)
      expect(cache.sizeBytes).toBeLessThanOrEqual(8 * MEGABYTE)
    }
  }
  expect(cache.sizeBytes).toBeGreaterThan(6 * MEGABYTE)
  for (const tail of tails) tail.clear()
  expect(cache.sizeBytes).toBeLessThan(MEGABYTE)
})

it('takes memory for a read from where it is told to', () => {
  const tail = new LogTail(new TailCache())
  const written = fill(tail, 0, 3, 100)
  const taken: Buffer[] = []
  const take = (sizeBytes: number): Buffer => {
    taken.push(Buffer.alloc(sizeBytes))
    return taken.at(-1)!
  }
  const read = tail.read(1, ALL, ALL, true, { take, giveBack: () => {} })
  expect(read).toBe(taken[0])
  expect(read.equals(Buffer.concat(written.slice(1)))).toBe(true)
})
