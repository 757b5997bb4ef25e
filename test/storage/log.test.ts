import * as fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OffsetOutOfRangeError, OffsetsOutOfOrderError, RecordListTooLargeError } from '../../src/storage/errors.ts'
import { TailCache } from '../../src/storage/tail-cache.ts'
import { allRecords, batch, marker, NOW, openLog, recordsOf, temporaryDirectory, testContext } from './helpers.ts'

const leader = { leaderEpoch: 0 }

describe('append and read', () => {
  it('gives offsets at once and shows records once they are written', async () => {
    const log = await openLog(testContext(), temporaryDirectory())
    const first = log.append(batch(['a', 'b']), leader)
    const second = log.append(batch(['c']), leader)
    expect([first.firstOffset, first.lastOffset, second.firstOffset]).toEqual([0, 1, 2])
    expect([log.logEndOffset, log.writtenOffset, log.highWatermark]).toEqual([3, 0, 0])
    await second.written
    expect([log.writtenOffset, log.highWatermark, log.lastStableOffset]).toEqual([3, 3, 3])
    expect(recordsOf(log.read({ startOffset: 0, maxBytes: 1e6 }))).toEqual(['0:a', '1:b', '2:c'])
  })

  it('tells its listener when the high watermark advances', async () => {
    const seen: number[] = []
    const listener = { highWatermarkAdvanced: (_: unknown, offset: number) => seen.push(offset) }
    const log = await openLog(testContext(), temporaryDirectory(), {}, { listener })
    await log.append(batch(['a', 'b']), leader).written
    await log.append(batch(['c']), leader).written
    expect(seen).toEqual([2, 3])
  })

  it.each([
    ['from memory', new TailCache()],
    ['from the file', new TailCache(0)],
  ])('returns whole batches within the limits, %s', async (_, tailCache) => {
    const log = await openLog(testContext({ tailCache }), temporaryDirectory(), { segmentBytes: 1e6 })
    const one = batch(['0123456789']).length
    for (let index = 0; index < 50; index++) log.append(batch(['0123456789']), leader)
    await log.flush()
    const read = (startOffset: number, maxBytes: number, more = {}): string[] =>
      recordsOf(log.read({ startOffset, maxBytes, ...more })).map((record) => record.split(':')[0]!)
    expect(read(7, 3 * one)).toEqual(['7', '8', '9'])
    expect(read(7, 3 * one - 1)).toEqual(['7', '8'])
    expect(read(7, 1)).toEqual(['7'])
    expect(read(7, 1, { minOneBatch: false })).toEqual([])
    expect(read(7, 1e6, { upperBoundOffset: 9 })).toEqual(['7', '8'])
    expect(read(50, 1e6)).toEqual([])
    expect(read(40, 1e6)).toHaveLength(10)
    const large = await log.readAsync({ startOffset: 33, maxBytes: 2 * one })
    expect(recordsOf(large)).toHaveLength(2)
  })

  it('starts with the batch that holds the offset', async () => {
    const log = await openLog(testContext({ tailCache: new TailCache(0) }), temporaryDirectory())
    await log.append(batch(['a', 'b', 'c']), leader).written
    expect(recordsOf(log.read({ startOffset: 1, maxBytes: 1000 }))).toEqual(['0:a', '1:b', '2:c'])
  })

  it('refuses offsets outside of the log', async () => {
    const log = await openLog(testContext(), temporaryDirectory())
    await log.append(batch(['a', 'b', 'c']), leader).written
    log.deleteRecords(2)
    expect(() => log.read({ startOffset: 1, maxBytes: 10 })).toThrow(OffsetOutOfRangeError)
    expect(() => log.read({ startOffset: 4, maxBytes: 10 })).toThrow(OffsetOutOfRangeError)
    expect(() => log.incrementLogStartOffset(4)).toThrow(OffsetOutOfRangeError)
  })

  it('keeps the offsets of a leader, and refuses those out of order', async () => {
    const source = await openLog(testContext(), temporaryDirectory())
    await source.append(batch(['a', 'b']), { leaderEpoch: 5 }).written
    await source.append(batch(['c']), { leaderEpoch: 6 }).written
    const bytes = source.read({ startOffset: 0, maxBytes: 1e6 })
    const follower = await openLog(testContext(), temporaryDirectory())
    follower.highWatermarkFollowsWrites = false
    await follower.appendAsFollower(Buffer.from(bytes)).written
    expect(follower.highWatermark).toBe(0)
    follower.updateHighWatermark(2)
    expect([follower.highWatermark, follower.logEndOffset]).toEqual([2, 3])
    expect(follower.read({ startOffset: 0, maxBytes: 1e6 }).equals(bytes)).toBe(true)
    expect(follower.epochs.entries).toEqual([
      { epoch: 5, startOffset: 0 },
      { epoch: 6, startOffset: 2 },
    ])
    expect(() => follower.appendAsFollower(Buffer.from(bytes))).toThrow(OffsetsOutOfOrderError)
  })

  it('refuses what is larger than a segment', async () => {
    const log = await openLog(testContext(), temporaryDirectory(), { segmentBytes: 200 })
    expect(() => log.append(batch(['x'.repeat(300)]), leader)).toThrow(RecordListTooLargeError)
    expect(log.logEndOffset).toBe(0)
  })
})

describe('rolling', () => {
  const bases = (log: { segments: { all: readonly { baseOffset: number }[] } }): number[] =>
    log.segments.all.map((segment) => segment.baseOffset)

  it('goes by size', async () => {
    const log = await openLog(testContext(), temporaryDirectory(), { segmentBytes: 250 })
    for (let index = 0; index < 6; index++) log.append(batch(['x'.repeat(40)]), leader)
    await log.flush()
    expect(bases(log)).toEqual([0, 2, 4])
    expect(allRecords(log)).toHaveLength(6)
  })

  it('goes by record time', async () => {
    const log = await openLog(testContext(), temporaryDirectory(), { segmentMs: 1000 })
    log.append(batch(['a'], { timestamp: NOW }), leader)
    log.append(batch(['b'], { timestamp: NOW + 1000 }), leader)
    log.append(batch(['c'], { timestamp: NOW + 1001 }), leader)
    await log.flush()
    expect(bases(log)).toEqual([0, 2])
  })

  it('goes by a full index', async () => {
    const log = await openLog(testContext(), temporaryDirectory(), { segmentIndexBytes: 24, indexIntervalBytes: 1 })
    for (let index = 0; index < 8; index++) await log.append(batch(['a'], { timestamp: NOW + index }), leader).written
    expect(log.segments.count).toBeGreaterThan(1)
  })

  it('goes by offsets that would not fit the index', async () => {
    const log = await openLog(testContext(), temporaryDirectory())
    const far = batch(['a', 'b'])
    await log.append(batch(['x']), leader).written
    far.writeBigInt64BE(2n ** 31n + 5n, 0)
    await log.appendAsFollower(far).written
    expect(bases(log)).toEqual([0, 2 ** 31 + 5])
    expect(allRecords(log)).toEqual(['0:x', `${2 ** 31 + 5}:a`, `${2 ** 31 + 6}:b`])
  })

  it('writes nothing that Kafka would not', async () => {
    const directory = temporaryDirectory()
    const log = await openLog(testContext(), directory, { segmentBytes: 250 })
    for (let index = 0; index < 4; index++) log.append(batch(['x'.repeat(40)]), leader)
    await log.close()
    expect(fs.readdirSync(`${directory}/orders-0`).sort()).toEqual([
      '00000000000000000000.index',
      '00000000000000000000.log',
      '00000000000000000000.timeindex',
      '00000000000000000002.index',
      '00000000000000000002.log',
      '00000000000000000002.snapshot',
      '00000000000000000002.timeindex',
      '00000000000000000004.snapshot',
      'leader-epoch-checkpoint',
    ])
  })
})

describe('retention', () => {
  it('removes segments by record time, the active one too', async () => {
    const context = testContext()
    const directory = temporaryDirectory()
    const log = await openLog(context, directory, { segmentBytes: 250, retentionMs: 10_000, fileDeleteDelayMs: 5000 })
    for (let index = 0; index < 5; index++) {
      await log.append(batch(['x'.repeat(40)], { timestamp: NOW + index * 1000 }), leader).written
    }
    context.clock.advance(11_500)
    expect(log.deleteOldSegments()).toBe(1)
    expect(log.logStartOffset).toBe(2)
    context.clock.advance(100_000)
    expect(log.deleteOldSegments()).toBe(2)
    expect([log.logStartOffset, log.logEndOffset, log.segments.count]).toEqual([5, 5, 1])
    const names = (): string[] => fs.readdirSync(`${directory}/orders-0`)
    expect(names().filter((name) => name.endsWith('.log.deleted'))).toHaveLength(2)
    context.clock.advance(5000)
    expect(names().filter((name) => name.endsWith('.deleted'))).toEqual([])
    await log.append(batch(['y']), leader).written
    expect(allRecords(log)).toEqual(['5:y'])
  })

  it('removes segments by size, but never below retention.bytes', async () => {
    const log = await openLog(testContext(), temporaryDirectory(), { segmentBytes: 250, retentionBytes: 400 })
    for (let index = 0; index < 10; index++) log.append(batch(['x'.repeat(40)]), leader)
    await log.flush()
    log.deleteOldSegments()
    expect(log.sizeBytes).toBeGreaterThanOrEqual(400)
    expect(log.sizeBytes - log.segments.first!.sizeBytes).toBeLessThan(400)
  })

  it('keeps a compacted topic, but for what DeleteRecords cuts off', async () => {
    const log = await openLog(testContext(), temporaryDirectory(), {
      segmentBytes: 250,
      retentionMs: 0,
      cleanupPolicy: ['compact'],
    })
    for (let index = 0; index < 6; index++) {
      await log.append(batch(['x'.repeat(40)], { timestamp: NOW - 1e6 }), leader).written
    }
    expect(log.deleteOldSegments()).toBe(0)
    log.deleteRecords(3)
    expect([log.logStartOffset, log.segments.first!.baseOffset]).toEqual([3, 2])
  })
})

describe('offsets by timestamp', () => {
  it('finds the exact record across segments', async () => {
    const log = await openLog(testContext(), temporaryDirectory(), { segmentBytes: 600, indexIntervalBytes: 50 })
    for (let index = 0; index < 30; index++) {
      log.append(batch(['a', 'b'], { timestamp: NOW + index * 10 }), { leaderEpoch: 3 })
    }
    await log.flush()
    expect(await log.offsetForTimestamp(NOW - 5)).toEqual({ timestamp: NOW, offset: 0, leaderEpoch: 3 })
    expect(await log.offsetForTimestamp(NOW + 101)).toEqual({ timestamp: NOW + 110, offset: 22, leaderEpoch: 3 })
    expect(await log.offsetForTimestamp(NOW + 110)).toEqual({ timestamp: NOW + 110, offset: 22, leaderEpoch: 3 })
    expect(await log.offsetForTimestamp(NOW + 291)).toBeNull()
    expect(await log.maxTimestampOffset()).toEqual({ timestamp: NOW + 290, offset: 58, leaderEpoch: 3 })
    log.deleteRecords(25)
    expect(await log.offsetForTimestamp(0)).toEqual({ timestamp: NOW + 120, offset: 25, leaderEpoch: 3 })
  })
})

describe('transactions', () => {
  it('holds the last stable offset until the marker, and lists aborted ones', async () => {
    const log = await openLog(testContext(), temporaryDirectory())
    const txn = { producerId: 1, producerEpoch: 0, transactional: true }
    log.append(batch(['plain']), leader)
    log.append(batch(['t'], { ...txn, baseSequence: 0 }), leader)
    await log.append(batch(['u'], { ...txn, producerId: 2, baseSequence: 0 }), leader).written
    expect([log.lastStableOffset, log.highWatermark]).toEqual([1, 3])
    await log.append(marker(1, 0, false), { ...leader, origin: 'coordinator' }).written
    expect(log.lastStableOffset).toBe(2)
    await log.append(marker(2, 0, true), { ...leader, origin: 'coordinator' }).written
    expect(log.lastStableOffset).toBe(5)
    const aborted = [{ producerId: 1, firstOffset: 1, lastOffset: 3, lastStableOffset: 2 }]
    expect(log.abortedTransactions(0, 5)).toEqual(aborted)
    expect(log.abortedTransactions(0, 1)).toEqual([])
    expect(log.abortedTransactions(4, 5)).toEqual([])
  })
})

describe('truncation', () => {
  it('takes records, epochs, producers and transactions back', async () => {
    const log = await openLog(testContext(), temporaryDirectory(), { segmentBytes: 300 })
    const producer = { producerId: 9, producerEpoch: 0 }
    for (let index = 0; index < 10; index++) {
      await log.append(batch([`v${index}`], { ...producer, baseSequence: index }), { leaderEpoch: index < 5 ? 1 : 2 })
        .written
    }
    log.truncateTo(4)
    expect([log.logEndOffset, log.highWatermark]).toEqual([4, 4])
    expect(log.epochs.entries).toEqual([{ epoch: 1, startOffset: 0 }])
    expect(log.append(batch(['again'], { ...producer, baseSequence: 4 }), { leaderEpoch: 3 }).firstOffset).toBe(4)
    await log.flush()
    expect(allRecords(log)).toEqual(['0:v0', '1:v1', '2:v2', '3:v3', '4:again'])
    log.truncateFullyAndStartAt(100)
    expect([log.logStartOffset, log.logEndOffset]).toEqual([100, 100])
    expect(log.producers.producers.size).toBe(0)
  })
})
