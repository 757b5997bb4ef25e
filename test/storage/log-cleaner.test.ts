import * as fs from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32c } from '../../src/base/crc32c.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { ATTRIBUTES, BATCH_LENGTH, BATCH_OVERHEAD, CRC, LOG_OVERHEAD } from '../../src/protocol/records/batch-header.ts'
import { readBatches } from '../../src/protocol/records/batch-reader.ts'
import { type CompressionType, compress, compressionId, ensureCodec } from '../../src/protocol/records/compression.ts'
import { readRecords } from '../../src/protocol/records/record-cursor.ts'
import type { Log } from '../../src/storage/log.ts'
import type { LogConfig } from '../../src/storage/log-config.ts'
import { LogManager } from '../../src/storage/log-manager.ts'
import {
  type BatchInput,
  marker,
  NOW,
  smallConfig,
  type TestContext,
  temporaryDirectory,
  testContext,
} from './helpers.ts'

const leader = { leaderEpoch: 0 }
const coordinator = { leaderEpoch: 0, origin: 'coordinator' as const }
const DAY_MS = 24 * 60 * 60 * 1000

interface Setting {
  context: TestContext
  directory: string
  manager: LogManager
  log: Log
}

async function setUp(config: Partial<LogConfig> = {}): Promise<Setting> {
  const context = testContext()
  const directory = temporaryDirectory()
  const configOf = (): LogConfig => ({
    ...smallConfig,
    segmentBytes: 500,
    cleanupPolicy: ['compact'],
    minCleanableDirtyRatio: 0,
    ...config,
  })
  const manager = await LogManager.open({ context, logDirs: [directory], configOf })
  const log = await manager.getOrCreate({ topic: 'orders', partition: 0 })
  return { context, directory, manager, log }
}

type Pair = readonly [key: string, value: string | null]

function keyed(pairs: readonly Pair[], options: BatchInput & { compression?: 'gzip' } = {}): Buffer {
  return buildBatch(
    pairs.map(([key, value]) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      timestamp: NOW,
    })),
    options,
  )
}

/** `offset:key=value` of all data records there are. */
function dataOf(log: Log): string[] {
  const found: string[] = []
  let offset = log.logStartOffset
  while (offset < log.writtenOffset) {
    const buffer = log.read({ startOffset: offset, maxBytes: 400 })
    if (buffer.length === 0) break
    for (const header of readBatches(buffer)) {
      offset = header.baseOffset + header.lastOffsetDelta + 1
      if (header.attributes & 0x20) continue
      for (const { offset: at, key, value } of readRecords(buffer, header)) found.push(`${at}:${key}=${value}`)
    }
  }
  return found
}

it('keeps the last value of each key, at its offset', async () => {
  await ensureCodec('gzip')
  const { manager, log, directory } = await setUp()
  for (let round = 0; round < 10; round++) {
    log.append(
      keyed(
        [
          ['a', `${round}`],
          ['b', `${round}`],
        ],
        round % 2 ? { compression: 'gzip' } : {},
      ),
      leader,
    )
    log.append(keyed([[`only ${round}`, 'x'.repeat(60)]]), leader)
  }
  await log.flush()
  const all = dataOf(log)
  log.roll()
  await log.append(keyed([['a', 'active']]), leader).written
  const sizeBefore = log.sizeBytes
  expect(await manager.cleanLogs()).toBe(1)
  const expected = [...all.filter((record) => record.includes('only')), '27:a=9', '28:b=9', '30:a=active']
  expect(dataOf(log).sort()).toEqual(expected.sort())
  expect([log.logStartOffset, log.logEndOffset]).toEqual([0, 31])
  expect(log.sizeBytes).toBeLessThan(sizeBefore)
  expect(fs.readFileSync(`${directory}/cleaner-offset-checkpoint`, 'utf8')).toBe('0\n1\norders 0 30\n')
  expect(await manager.cleanLogs()).toBe(0)
  expect(log.read({ startOffset: 5, maxBytes: 1 }).readBigInt64BE(0)).toBeGreaterThanOrEqual(5n)
  await manager.shutdown()
})

it('keeps tombstones for delete.retention.ms after the first cleaning', async () => {
  const { manager, log, context } = await setUp({ deleteRetentionMs: DAY_MS })
  const roll = async (): Promise<void> => {
    await log.append(keyed([[`filler ${log.logEndOffset}`, 'x']]), leader).written
    log.roll()
  }
  log.append(
    keyed([
      ['a', '1'],
      ['a', null],
      ['b', '1'],
    ]),
    leader,
  )
  await roll()
  await manager.cleanLogs()
  expect(dataOf(log).slice(0, 2)).toEqual(['1:a=null', '2:b=1'])
  context.clock.advance(DAY_MS - 1)
  await roll()
  await manager.cleanLogs()
  expect(dataOf(log)[0]).toBe('1:a=null')
  context.clock.advance(2)
  await roll()
  await manager.cleanLogs()
  expect(dataOf(log)[0]).toBe('2:b=1')
  await manager.shutdown()
})

it('drops aborted records, and nothing of open transactions', async () => {
  const { manager, log, directory, context } = await setUp()
  const txn = { producerId: 1, producerEpoch: 0, transactional: true }
  log.append(keyed([['a', 'good']]), leader)
  log.append(keyed([['a', 'aborted']], { ...txn, baseSequence: 0 }), leader)
  log.append(marker(1, 0, false), coordinator)
  log.append(keyed([['b', 'committed']], { ...txn, baseSequence: 1 }), leader)
  log.append(marker(1, 0, true), coordinator)
  log.append(keyed([['b', 'open']], { ...txn, producerId: 2, baseSequence: 0 }), leader)
  await log.flush()
  log.roll()
  await manager.cleanLogs()
  expect(dataOf(log)).toEqual(['0:a=good', '3:b=committed', '5:b=open'])
  await log.append(marker(2, 0, false), coordinator).written
  log.roll()
  await manager.cleanLogs()
  expect(dataOf(log)).toEqual(['0:a=good', '3:b=committed'])
  expect(log.producers.lastEntry(1)?.batches.at(-1)?.lastSequence).toBe(1)
  await manager.shutdown()
  const again = await LogManager.open({ context, logDirs: [directory], configOf: () => smallConfig })
  expect(dataOf([...again.logs][0]!)).toEqual(['0:a=good', '3:b=committed'])
  again.abandon()
})

it('tells committed from aborted records of the same producer', async () => {
  const { manager, log } = await setUp()
  const expected = new Map<string, string>()
  for (let round = 0; round < 12; round++) {
    const name = `key ${round % 3}`
    const isCommitted = round % 2 === 0
    const txn = { producerId: 1, producerEpoch: 0, transactional: true, baseSequence: round }
    const { firstOffset } = log.append(keyed([[name, `${round}`]], txn), leader)
    log.append(marker(1, 0, isCommitted), coordinator)
    if (isCommitted) expected.set(name, `${firstOffset}:${name}=${round}`)
  }
  await log.flush()
  log.roll()
  await manager.cleanLogs()
  expect(dataOf(log).sort()).toEqual([...expected.values()].sort())
  expect(log.lastStableOffset).toBe(24)
  manager.abandon()
})

it('waits for min.compaction.lag.ms and the dirty ratio', async () => {
  const { manager, log, context } = await setUp({ minCompactionLagMs: 1000, minCleanableDirtyRatio: 0.5 })
  for (let round = 0; round < 4; round++) log.append(keyed([['a', `${round}`]]), leader)
  await log.flush()
  log.roll()
  context.clock.advance(999)
  expect(await manager.cleanLogs()).toBe(0)
  context.clock.advance(1)
  expect(await manager.cleanLogs()).toBe(1)
  expect(dataOf(log)).toEqual(['3:a=3'])
  await manager.shutdown()
})

it('gives up when the log is truncated meanwhile, and leaves nothing behind', async () => {
  const { manager, log, directory } = await setUp()
  for (let round = 0; round < 20; round++) log.append(keyed([['a', 'x'.repeat(50)]]), leader)
  await log.flush()
  log.roll()
  const cleaning = manager.cleanLogs()
  log.truncateTo(2)
  expect(await cleaning).toBe(0)
  expect(dataOf(log)).toHaveLength(2)
  expect(fs.readdirSync(`${directory}/orders-0`).filter((name) => /cleaned|swap/.test(name))).toEqual([])
  manager.abandon()
})

it('never loses the last value of a key, and never brings back an older one', async () => {
  const key = fc.constantFrom('a', 'b', 'c', 'a key that is longer than thirty-two bytes: 1', 'd')
  const pair = fc.tuple(key, fc.option(fc.string({ maxLength: 30 })))
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.array(pair, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant('clean' as const) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { manager, log } = await setUp({ segmentBytes: 300 })
      const last = new Map<string, string>()
      for (const action of steps) {
        if (action === 'clean') {
          await log.flush()
          log.roll()
          await manager.cleanLogs()
        } else {
          const { firstOffset } = log.append(keyed(action), leader)
          for (const [index, [name, value]] of action.entries())
            last.set(name, `${firstOffset + index}:${name}=${value}`)
        }
      }
      await log.flush()
      log.roll()
      await manager.cleanLogs()
      expect(dataOf(log).sort()).toEqual([...last.values()].sort())
      manager.abandon()
    }),
    { numRuns: 60 },
  )
})

it('looks once at a log that it can not read, not every time', async () => {
  const { manager, log, context } = await setUp({})
  const errors: string[] = []
  Object.assign(context, { logger: { ...context.logger, error: (line: string) => errors.push(line) } })
  const batch = keyed([['a', 'x'.repeat(2000)]], { compression: 'gzip' })
  batch.fill(0xff, batch.length - 12)
  await log.append(batch, leader).written
  log.roll()
  await log.append(keyed([['a', '2']]), leader).written
  expect(await manager.cleanLogs()).toBe(0)
  expect(await manager.cleanLogs()).toBe(0)
  expect(errors.filter((line) => line.includes("can't be compacted"))).toHaveLength(1)
  await manager.shutdown()
})

/** A batch whose records unfold to more than a batch may. */
function bombOf(type: CompressionType): Buffer {
  const header = keyed([['k', 'v']]).subarray(0, BATCH_OVERHEAD)
  const batch = Buffer.concat([header, compress(type, Buffer.alloc(257 << 20))])
  batch.writeInt32BE(batch.length - LOG_OVERHEAD, BATCH_LENGTH)
  batch.writeInt16BE(compressionId(type), ATTRIBUTES)
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES)), CRC)
  return batch
}

// A topic may get its cleanup.policy after such a batch was taken.
it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'gives a log with a decompression bomb of %s up, once',
  async (type) => {
    await ensureCodec(type)
    const { context, manager, log } = await setUp({ segmentBytes: 100_000_000 })
    await log.append(bombOf(type), leader).written
    log.roll()
    await log.append(keyed([['a', '1']]), leader).written
    expect(await manager.cleanLogs()).toBe(0)
    expect(context.messages.join()).toContain('holds more than the allowed 268435456 bytes')
    const said = context.messages.length
    expect(await manager.cleanLogs()).toBe(0)
    expect(context.messages).toHaveLength(said)
    expect(log.logEndOffset).toBe(2)
  },
)
