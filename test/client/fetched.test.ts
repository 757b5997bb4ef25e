import { describe, expect, it } from 'vitest'
import { type FetchedPartition, offsetAfter, readFetched } from '../../src/client/consumer/fetched.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { buildEndTxnMarkerBatch } from '../../src/protocol/records/control-records.ts'

const batch = (baseOffset: number, values: string[], producerId = -1): Buffer =>
  buildBatch(
    values.map((value) => ({ value: Buffer.from(value), timestamp: 0 })),
    {
      baseOffset,
      partitionLeaderEpoch: 2,
      ...(producerId < 0 ? {} : { producerId, producerEpoch: 0, transactional: true }),
    },
  )
const marker = (baseOffset: number, producerId: number, commit: boolean): Buffer =>
  buildEndTxnMarkerBatch({ producerId, producerEpoch: 0, timestamp: 0, commit, coordinatorEpoch: 0, baseOffset })

function fetched(buffer: Buffer, fetchOffset: number, aborted: [number, number][] = []): FetchedPartition {
  return {
    topic: 't',
    partition: 0,
    fetchOffset,
    nextOffset: offsetAfter(buffer, fetchOffset),
    highWatermark: 100,
    lastStableOffset: 100,
    logStartOffset: 0,
    buffer,
    abortedTransactions: aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset })),
  }
}

function read(partition: FetchedPartition, readCommitted: boolean): { values: string[]; nextOffset: number } {
  const values: string[] = []
  const options = { readCommitted, checkCrcs: true }
  const { nextOffset } = readFetched(partition, options, (cursor) => values.push(String(cursor.value())))
  return { values, nextOffset }
}

/** Two producers: 1 aborts its first transaction and commits its second, 2 commits. */
const log = Buffer.concat([
  batch(0, ['a0', 'a1'], 1),
  batch(2, ['b2'], 2),
  batch(3, ['plain3']),
  marker(4, 1, false),
  batch(5, ['c5'], 1),
  marker(6, 2, true),
  marker(7, 1, true),
])

describe('reading what was fetched', () => {
  it('leaves out aborted transactions and markers with read_committed', () => {
    const { values, nextOffset } = read(fetched(log, 0, [[1, 0]]), true)
    expect(values).toEqual(['b2', 'plain3', 'c5'])
    expect(nextOffset).toBe(8)
  })

  it('shows everything but markers with read_uncommitted', () => {
    expect(read(fetched(log, 0, [[1, 0]]), false).values).toEqual(['a0', 'a1', 'b2', 'plain3', 'c5'])
  })

  it('knows an aborted transaction that began before the fetch', () => {
    expect(read(fetched(log.subarray(batch(0, ['a0', 'a1'], 1).length), 2, [[1, 0]]), true).values).toEqual([
      'b2',
      'plain3',
      'c5',
    ])
  })

  it('starts at the offset asked for and leaves out a batch that is cut off', () => {
    const cut = log.subarray(0, log.length - 10)
    const { values, nextOffset } = read(fetched(cut, 1), false)
    expect(values).toEqual(['a1', 'b2', 'plain3', 'c5'])
    expect(nextOffset).toBe(7)
  })

  it('stops after the record where the visitor says so', () => {
    const progress = readFetched(fetched(log, 0), { readCommitted: false, checkCrcs: true }, () => false)
    expect(progress).toEqual({ nextOffset: 1, leaderEpoch: 2 })
  })
})
