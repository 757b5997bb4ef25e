import * as fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Log } from '../../src/storage/log.ts'
import { LogManager } from '../../src/storage/log-manager.ts'
import { allRecords, batch, smallConfig, temporaryDirectory, testContext } from './helpers.ts'

const leader = { leaderEpoch: 0 }
const ID = 'wO87K3V-TI250IQfQYehIA'
const orders = { topic: 'orders', partition: 0 }

interface Opened {
  manager: LogManager
  /** Resolves with the log when it has its new place. */
  moved: Promise<Log>
  context: ReturnType<typeof testContext>
}

async function open(logDirs: string[], rate = Number.POSITIVE_INFINITY): Promise<Opened> {
  const context = testContext()
  let onMoved: (log: Log) => void = () => {}
  const moved = new Promise<Log>((resolve) => {
    onMoved = resolve
  })
  const manager = await LogManager.open({
    ...{ context, logDirs, configOf: () => smallConfig, moveBytesPerSecond: () => rate },
    moved: (log) => onMoved(log),
  })
  return { manager, moved, context }
}

const dirs = () => [temporaryDirectory(), temporaryDirectory()] as const
const values = (count: number, prefix = 'v') => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
const futures = (dir: string) => fs.readdirSync(dir).filter((name) => name.endsWith('-future'))

async function filled(manager: LogManager, count = 300): Promise<Log> {
  const log = await manager.getOrCreate(orders, ID)
  for (const value of values(count)) log.append(batch([value]), leader)
  await log.flush()
  return log
}

describe('a log that moves to another directory', () => {
  it('takes every record along, also those appended meanwhile', async () => {
    const [from, to] = dirs()
    const { manager, moved } = await open([from, to])
    const log = await filled(manager)
    log.deleteRecords(5)
    await manager.futures.move(orders, to)
    let isMoved = false
    void moved.then(() => {
      isMoved = true
    })
    const expected = values(300).slice(5)
    for (let i = 0; !isMoved; i++) {
      const current = manager.get(orders)!
      expected.push(`n${i}`)
      await current.append(batch([`n${i}`]), { leaderEpoch: 1 }).written
    }
    const there = manager.get(orders)!
    expect(await moved).toBe(there)
    expect(log.isClosed).toBe(true)
    expect(there.directory).toBe(`${to}/orders-0`)
    expect(allRecords(there).map((record) => record.split(':')[1])).toEqual(expected)
    expect([there.logStartOffset, there.highWatermark, there.topicId]).toEqual([5, there.logEndOffset, ID])
    expect(there.epochs.entries.at(-1)?.epoch).toBe(1)
    expect(fs.readdirSync(from).filter((name) => /^orders-0/.test(name))).toEqual([
      expect.stringMatching(/^orders-0\.[0-9a-f]{32}-delete$/),
    ])
    await manager.shutdown()

    const again = await open([from, to])
    expect(allRecords(again.manager.get(orders)!).map((record) => record.split(':')[1])).toEqual(expected)
    await again.manager.shutdown()
  })

  it('is named as Kafka names it, and can be called back', async () => {
    const [from, to] = dirs()
    const { manager } = await open([from, to], 1)
    const log = await filled(manager)
    await manager.futures.move(orders, to)
    expect(futures(to)).toEqual([expect.stringMatching(/^orders-0\.[0-9a-f]{32}-future$/)])
    const future = manager.futures.of(orders)!
    await manager.futures.move(orders, to)
    expect(manager.futures.of(orders)).toBe(future)
    await manager.futures.move(orders, from)
    expect(manager.futures.of(orders)).toBeUndefined()
    expect(futures(to)).toEqual([])
    expect(manager.get(orders)).toBe(log)
    await manager.shutdown()
  })

  it('goes on after a restart where it stopped', async () => {
    const [from, to] = dirs()
    const slow = await open([from, to], 1)
    const log = await filled(slow.manager)
    await slow.manager.futures.move(orders, to)
    const future = slow.manager.futures.of(orders)!
    while (future.logEndOffset === 0) await new Promise((resolve) => setImmediate(resolve))
    const before = allRecords(log)
    await slow.manager.shutdown()
    expect(futures(to)).toHaveLength(1)

    const { manager, moved } = await open([from, to])
    await manager.futures.resume()
    expect(allRecords(await moved)).toEqual(before)
    expect(manager.get(orders)!.directory).toBe(`${to}/orders-0`)
    await manager.shutdown()
  })

  it('is not lost by a crash between leaving the old place and taking the new one', async () => {
    const [from, to] = dirs()
    const { manager } = await open([from, to])
    const before = allRecords(await filled(manager))
    await manager.shutdown()
    fs.renameSync(`${from}/orders-0`, `${to}/orders-0.${'0'.repeat(32)}-future`)
    const again = await open([from, to])
    expect(allRecords(again.manager.get(orders)!)).toEqual(before)
    expect(again.manager.get(orders)!.directory).toBe(`${to}/orders-0`)
    await again.manager.shutdown()
  })

  it('goes with its topic', async () => {
    const [from, to] = dirs()
    const { manager } = await open([from, to], 1)
    await filled(manager)
    await manager.futures.move(orders, to)
    manager.delete(orders)
    expect(manager.futures.of(orders)).toBeUndefined()
    expect(futures(to)).toEqual([])
    await manager.shutdown()
  })
})

describe('new logs', () => {
  it('spread over the directories, also when created at once', async () => {
    const [from, to] = dirs()
    const { manager } = await open([from, to])
    await Promise.all([0, 1, 2, 3].map((partition) => manager.getOrCreate({ topic: 'orders', partition }, ID)))
    const inFrom = [...manager.logs].filter((log) => manager.dirOf(log) === from)
    expect(inFrom).toHaveLength(2)
    await manager.shutdown()
  })
})
