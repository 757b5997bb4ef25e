import * as fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { TailCache } from '../../src/storage/tail-cache.ts'
import { allRecords, batch, marker, openLog, temporaryDirectory, testContext } from './helpers.ts'

const leader = { leaderEpoch: 0 }
const LOG = '00000000000000000000.log'

/** A closed log of 30 batches in several segments, with a producer and an aborted transaction. */
async function filled(config = {}): Promise<{ directory: string; path: (name: string) => string; records: string[] }> {
  const directory = temporaryDirectory()
  const log = await openLog(testContext(), directory, { segmentBytes: 1000, indexIntervalBytes: 100, ...config })
  for (let index = 0; index < 28; index++) {
    const producer = { producerId: 5, producerEpoch: 0, baseSequence: index, transactional: index >= 10 }
    log.append(batch([`value ${index}`], producer), { leaderEpoch: Math.floor(index / 10) })
  }
  log.append(marker(5, 0, false), { leaderEpoch: 2, origin: 'coordinator' })
  log.append(batch(['last'], { producerId: 6, producerEpoch: 1, baseSequence: 0 }), { leaderEpoch: 2 })
  await log.close()
  return { directory, path: (name) => `${directory}/orders-0/${name}`, records: allRecords(log) }
}

const names = (directory: string, suffix: string): string[] =>
  fs
    .readdirSync(`${directory}/orders-0`)
    .filter((name) => name.endsWith(suffix))
    .sort()

function contents(directory: string): Record<string, string> {
  const files = fs.readdirSync(`${directory}/orders-0`).sort()
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(`${directory}/orders-0/${name}`, 'hex')]))
}

describe('opening again', () => {
  it.each([true, false])('restores everything (after a clean shutdown: %s)', async (isClean) => {
    const { directory, records } = await filled()
    const before = contents(directory)
    const log = await openLog(testContext(), directory, { segmentBytes: 1000, indexIntervalBytes: 100 }, { isClean })
    expect(allRecords(log)).toEqual(records)
    expect([log.logEndOffset, log.highWatermark, log.lastStableOffset]).toEqual([30, 30, 30])
    expect(log.recoveryPoint).toBe(isClean ? 30 : 0)
    expect(log.abortedTransactions(0, 30)).toEqual([
      { producerId: 5, firstOffset: 10, lastOffset: 28, lastStableOffset: 29 },
    ])
    expect(log.producers.lastEntry(6)?.batches).toMatchObject([{ lastSequence: 0, lastOffset: 29 }])
    expect(log.epochs.entries.map((entry) => entry.startOffset)).toEqual([0, 10, 20])
    await log.close()
    expect(contents(directory)).toEqual(before)
  })

  it('goes on where it was', async () => {
    const { directory, records } = await filled()
    const log = await openLog(testContext(), directory, { segmentBytes: 1000 }, { isClean: true })
    const next = { producerId: 6, producerEpoch: 1, baseSequence: 1 }
    expect(log.append(batch(['more'], next), leader).firstOffset).toBe(30)
    await log.flush()
    expect(allRecords(log)).toEqual([...records, '30:more'])
  })
})

describe('a torn or damaged end', () => {
  it('cuts the last batch off, wherever it was torn', async () => {
    const directory = temporaryDirectory()
    const log = await openLog(testContext(), directory)
    await log.append(batch(['first', 'second'], { producerId: 1, producerEpoch: 0, baseSequence: 0 }), leader).written
    const sound = log.sizeBytes
    await log.append(batch(['torn'], { producerId: 1, producerEpoch: 0, baseSequence: 2 }), leader).written
    log.closeHandles()
    const bytes = fs.readFileSync(`${directory}/orders-0/${LOG}`)
    for (let size = sound; size < bytes.length; size++) {
      fs.writeFileSync(`${directory}/orders-0/${LOG}`, bytes.subarray(0, size))
      const context = testContext()
      const again = await openLog(context, directory)
      expect([again.logEndOffset, again.sizeBytes]).toEqual([2, sound])
      expect(allRecords(again)).toEqual(['0:first', '1:second'])
      expect(again.producers.lastEntry(1)?.batches.at(-1)?.lastSequence).toBe(1)
      expect(context.messages.some((message) => message.includes(`at byte ${sound}`))).toBe(size > sound)
      again.closeHandles()
    }
  })

  it('ends at a flipped bit, drops what follows, and says where', async () => {
    const { directory, path, records } = await filled()
    const logs = names(directory, '.log')
    expect(logs.length).toBeGreaterThan(2)
    const bytes = fs.readFileSync(path(logs[1]!))
    bytes[bytes.length - 3]! ^= 0x10
    fs.writeFileSync(path(logs[1]!), bytes)
    const context = testContext()
    const log = await openLog(context, directory, { segmentBytes: 1000 })
    expect(log.segments.count).toBe(2)
    expect(allRecords(log)).toEqual(records.slice(0, log.logEndOffset))
    expect(log.logEndOffset).toBe(Number.parseInt(logs[2]!, 10) - 1)
    expect(context.messages.join('\n')).toContain(`${path(logs[1]!)} is corrupt at byte`)
    expect(names(directory, '.log')).toEqual(logs.slice(0, 2))
  })

  it('leaves alone what lies below the recovery point', async () => {
    const { directory, path } = await filled()
    const bytes = fs.readFileSync(path(LOG))
    bytes[bytes.length - 3]! ^= 0x10
    fs.writeFileSync(path(LOG), bytes)
    const log = await openLog(testContext(), directory, { segmentBytes: 1000 }, { recoveryPoint: 20 })
    expect(log.logEndOffset).toBe(30)
  })

  it('takes zeroes at the end for what they are', async () => {
    const { directory, path, records } = await filled()
    const last = names(directory, '.log').at(-1)!
    fs.appendFileSync(path(last), Buffer.alloc(5000))
    const log = await openLog(testContext(), directory, { segmentBytes: 1000 })
    expect(allRecords(log)).toEqual(records)
  })
})

describe('indexes', () => {
  const damages: [string, (file: string) => void][] = [
    ['missing', (file) => fs.rmSync(file)],
    ['emptied', (file) => fs.writeFileSync(file, '')],
    ['zeroed', (file) => fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size))],
    ['garbage', (file) => fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size, 0xa7))],
    ['torn', (file) => fs.truncateSync(file, Math.max(0, fs.statSync(file).size - 5))],
    ['preallocated', (file) => fs.truncateSync(file, 1200)],
  ]
  it.each(damages.flatMap(([damage, apply]) => [true, false].map((isClean) => ({ damage, apply, isClean }))))(
    '$damage ones do no harm (clean shutdown: $isClean)',
    async ({ apply, isClean }) => {
      const { directory, path, records } = await filled()
      for (const suffix of ['.index', '.timeindex']) for (const name of names(directory, suffix)) apply(path(name))
      const context = testContext({ tailCache: new TailCache(0) })
      const log = await openLog(context, directory, { segmentBytes: 1000, indexIntervalBytes: 100 }, { isClean })
      expect(log.logEndOffset).toBe(30)
      expect(allRecords(log, 100)).toEqual(records)
      expect(await log.offsetForTimestamp(0)).toMatchObject({ offset: 0 })
      expect(log.abortedTransactions(0, 30)).toHaveLength(1)
    },
  )

  it('are rebuilt as they were', async () => {
    const { directory } = await filled()
    const before = contents(directory)
    for (const suffix of ['.index', '.timeindex', '.txnindex']) {
      for (const name of names(directory, suffix)) fs.rmSync(`${directory}/orders-0/${name}`)
    }
    const log = await openLog(testContext(), directory, { segmentBytes: 1000, indexIntervalBytes: 100 })
    await log.close()
    expect(contents(directory)).toEqual(before)
  })

  it('without a log file are removed', async () => {
    const { directory, path, records } = await filled()
    fs.writeFileSync(path('00000000000000000777.index'), '')
    const log = await openLog(testContext(), directory, {}, { isClean: true })
    expect(names(directory, '777.index')).toEqual([])
    expect(allRecords(log)).toEqual(records)
  })
})

describe('producer snapshots', () => {
  it.each([
    ['missing', (file: string) => fs.rmSync(file)],
    ['garbage', (file: string) => fs.writeFileSync(file, 'garbage of some length')],
    ['torn', (file: string) => fs.truncateSync(file, 20)],
  ])('%s ones are made up for from the log', async (_, damage) => {
    const { directory, path } = await filled()
    for (const name of names(directory, '.snapshot')) damage(path(name))
    const log = await openLog(testContext(), directory, { segmentBytes: 1000 })
    const repeated = { producerId: 6, producerEpoch: 1, baseSequence: 0 }
    expect(log.append(batch(['last'], repeated), leader)).toMatchObject({ isDuplicate: true, firstOffset: 29 })
  })
})

describe('interrupted cleaning', () => {
  it('is undone before the swap and finished after it', async () => {
    const { directory, path, records } = await filled()
    const log = names(directory, '.log')[1]!
    const base = log.slice(0, -4)
    const kinds = ['.log', '.index', '.timeindex']
    for (const kind of kinds) fs.copyFileSync(path(base + kind), path(`${base + kind}.cleaned`))
    const undone = await openLog(testContext(), directory, {}, { isClean: true })
    expect(names(directory, '.cleaned')).toEqual([])
    expect(allRecords(undone)).toEqual(records)
    undone.closeHandles()
    for (const kind of kinds) fs.renameSync(path(base + kind), path(`${base + kind}.swap`))
    const finished = await openLog(testContext(), directory, {}, { isClean: false })
    expect(names(directory, '.swap')).toEqual([])
    expect(allRecords(finished)).toEqual(records)
  })

  it('lets the swapped segment replace those it was made of', async () => {
    const { directory, path, records } = await filled({ segmentBytes: 600 })
    const [, second, third, fourth] = names(directory, '.log')
    const joined = Buffer.concat([second!, third!].map((name) => fs.readFileSync(path(name))))
    fs.writeFileSync(path(`${second}.swap`), joined)
    const log = await openLog(testContext(), directory, {}, { isClean: true })
    expect(log.segments.all.map((segment) => segment.baseOffset).slice(0, 3)).toEqual([
      0,
      Number.parseInt(second!, 10),
      Number.parseInt(fourth!, 10),
    ])
    expect(allRecords(log)).toEqual(records)
  })
})

it('starts at the log start offset when all segments are below it', async () => {
  const { directory } = await filled()
  const log = await openLog(testContext(), directory, {}, { logStartOffset: 500 })
  expect([log.logStartOffset, log.logEndOffset, log.producers.producers.size]).toEqual([500, 500, 0])
})
