import * as fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../src/storage/errors.ts'
import { allRecords, batch, FaultyDisk, openLog, temporaryDirectory, testContext } from './helpers.ts'

const leader = { leaderEpoch: 0 }
const producer = { producerId: 1, producerEpoch: 0 }

describe('a full disk', () => {
  it('takes back what it refused, and takes it when there is room again', async () => {
    const disk = new FaultyDisk()
    const failures: StorageError[] = []
    const listener = { storageFailed: (_: unknown, error: StorageError) => failures.push(error) }
    const directory = temporaryDirectory()
    const log = await openLog(testContext({ fileSystem: disk.fileSystem }), directory, {}, { listener })
    await log.append(batch(['kept'], { ...producer, baseSequence: 0 }), leader).written
    const sizeBytes = log.sizeBytes
    disk.roomBytes = 40
    const first = log.append(batch(['lost'], { ...producer, baseSequence: 1, transactional: true }), { leaderEpoch: 7 })
    const second = log.append(batch(['lost too'], { ...producer, baseSequence: 2, transactional: true }), leader)
    await expect(first.written).rejects.toThrow(StorageError)
    await expect(second.written).rejects.toThrow(/ENOSPC.*Free space/)
    expect([log.logEndOffset, log.writtenOffset, log.highWatermark, log.lastStableOffset]).toEqual([1, 1, 1, 1])
    expect(fs.statSync(`${directory}/orders-0/00000000000000000000.log`).size).toBe(sizeBytes)
    expect(log.epochs.entries).toEqual([{ epoch: 0, startOffset: 0 }])
    expect(allRecords(log)).toEqual(['0:kept'])
    expect(failures.map((error) => error.code)).toEqual(['ENOSPC'])
    disk.roomBytes = Number.POSITIVE_INFINITY
    const again = log.append(batch(['again'], { ...producer, baseSequence: 1 }), leader)
    expect(again).toMatchObject({ firstOffset: 1, isDuplicate: false })
    await again.written
    expect(log.failure).toBeUndefined()
    log.closeHandles()
    const reopened = await openLog(testContext(), directory)
    expect(allRecords(reopened)).toEqual(['0:kept', '1:again'])
  })

  it('stays sound when even the cut fails', async () => {
    const disk = new FaultyDisk()
    const directory = temporaryDirectory()
    const log = await openLog(testContext({ fileSystem: disk.fileSystem }), directory)
    await log.append(batch(['kept']), leader).written
    disk.roomBytes = 30
    disk.failTruncate = true
    await expect(log.append(batch(['a longer one that is torn']), leader).written).rejects.toThrow(StorageError)
    log.closeHandles()
    const reopened = await openLog(testContext(), directory)
    expect(allRecords(reopened)).toEqual(['0:kept'])
  })

  it('refuses an append that needs a new segment, and goes on later', async () => {
    const disk = new FaultyDisk()
    const log = await openLog(testContext({ fileSystem: disk.fileSystem }), temporaryDirectory(), { segmentBytes: 150 })
    await log.append(batch(['x'.repeat(40)]), leader).written
    disk.roomBytes = 0
    expect(() => log.append(batch(['y'.repeat(40)]), leader)).toThrow(StorageError)
    expect([log.logEndOffset, log.segments.count]).toEqual([1, 1])
    disk.roomBytes = Number.POSITIVE_INFINITY
    await log.append(batch(['z'.repeat(40)]), leader).written
    expect(log.segments.count).toBe(2)
    expect(allRecords(log)).toHaveLength(2)
  })
})

describe('short writes', () => {
  it('are continued', async () => {
    const disk = new FaultyDisk()
    disk.shortWriteBytes = 7
    const directory = temporaryDirectory()
    const log = await openLog(testContext({ fileSystem: disk.fileSystem }), directory)
    for (let index = 0; index < 5; index++) log.append(batch([`v${index}`.repeat(30)]), leader)
    await log.close()
    const reopened = await openLog(testContext(), directory)
    expect(allRecords(reopened)).toHaveLength(5)
  })
})

describe('a failing fsync', () => {
  it('acknowledges nothing, and takes the log out of service', async () => {
    const disk = new FaultyDisk()
    const log = await openLog(testContext({ fileSystem: disk.fileSystem }), temporaryDirectory(), { flushMessages: 1 })
    await log.append(batch(['kept']), leader).written
    expect(log.recoveryPoint).toBe(1)
    disk.failSync = true
    await expect(log.append(batch(['lost']), leader).written).rejects.toThrow(/EIO/)
    expect([log.highWatermark, log.recoveryPoint]).toEqual([1, 1])
    disk.failSync = false
    expect(() => log.append(batch(['refused']), leader)).toThrow(StorageError)
    expect(allRecords(log)[0]).toBe('0:kept')
  })
})

describe('flush.messages and flush.ms', () => {
  it('decide when the recovery point moves', async () => {
    const context = testContext()
    const log = await openLog(context, temporaryDirectory(), { flushMessages: 3, flushMs: 1000 })
    await log.append(batch(['a', 'b']), leader).written
    expect(log.recoveryPoint).toBe(0)
    await log.append(batch(['c']), leader).written
    expect(log.recoveryPoint).toBe(3)
    await log.append(batch(['d']), leader).written
    expect(log.recoveryPoint).toBe(3)
    context.clock.advance(1000)
    await log.flush()
    expect(log.recoveryPoint).toBe(4)
  })
})

it('writes the appends of one turn together', async () => {
  const disk = new FaultyDisk()
  const log = await openLog(testContext({ fileSystem: disk.fileSystem }), temporaryDirectory(), { segmentBytes: 1e6 })
  await log.append(batch(['epoch file']), leader).written
  disk.writes = 0
  const all = Array.from({ length: 100 }, (_, index) => log.append(batch([`v${index}`]), leader).written)
  await Promise.all(all)
  expect(disk.writes).toBe(1)
})
