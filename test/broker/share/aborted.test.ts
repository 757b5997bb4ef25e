import { describe, expect, it } from 'vitest'
import { abortedBatches } from '../../../src/broker/share/aborted.ts'

const batch = (baseOffset: number, producerId: number, kind: 'data' | 'marker' | 'plain' = 'data') => ({
  baseOffset,
  lastOffset: baseOffset + 1,
  producerId,
  isTransactional: kind !== 'plain',
  isControl: kind === 'marker',
})
const aborted = (producerId: number, firstOffset: number, lastOffset: number) => ({
  ...{ producerId, firstOffset, lastOffset, lastStableOffset: lastOffset },
})

describe('abortedBatches', () => {
  it('finds the data of aborted transactions, up to each one’s marker', () => {
    const batches = [
      batch(0, 1),
      batch(2, 2),
      batch(4, -1, 'plain'),
      batch(6, 1),
      batch(8, 1, 'marker'),
      batch(10, 1),
      batch(12, 2, 'marker'),
      batch(14, 1, 'marker'),
      batch(16, 1),
    ]
    const bases = (found: readonly { baseOffset: number }[]) => found.map(({ baseOffset }) => baseOffset)
    expect(bases(abortedBatches(batches, [aborted(1, 0, 8)]))).toEqual([0, 6])
    expect(bases(abortedBatches(batches, [aborted(1, 10, 14), aborted(1, 0, 8)]))).toEqual([0, 6, 10])
    expect(bases(abortedBatches(batches, [aborted(2, 2, 12)]))).toEqual([2])
    expect(bases(abortedBatches(batches, []))).toEqual([])
  })
})
