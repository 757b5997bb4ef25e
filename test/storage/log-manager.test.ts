import * as fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../src/storage/errors.ts'
import { LogManager } from '../../src/storage/log-manager.ts'
import type { StorageContext } from '../../src/storage/storage-context.ts'
import { allRecords, batch, FaultyDisk, smallConfig, temporaryDirectory, testContext } from './helpers.ts'

const leader = { leaderEpoch: 0 }
const MARKER = '.kafka_cleanshutdown'
const ID = 'wO87K3V-TI250IQfQYehIA'
const orders = (partition: number) => ({ topic: 'orders', partition })

const open = (context: StorageContext, ...logDirs: string[]): Promise<LogManager> =>
  LogManager.open({ context, logDirs, configOf: () => smallConfig })

describe('LogManager', () => {
  it('keeps logs across a clean shutdown', async () => {
    const directory = temporaryDirectory()
    const manager = await open(testContext(), directory)
    expect(manager.wasClean).toBe(false)
    const log = await manager.getOrCreate(orders(0), ID)
    log.append(batch(['a', 'b']), leader)
    await (await manager.getOrCreate(orders(1), ID)).append(batch(['c']), leader).written
    log.deleteRecords(0)
    await manager.shutdown(15)
    const file = (name: string): string => fs.readFileSync(`${directory}/${name}`, 'utf8')
    expect(file(MARKER)).toBe('{"version":0,"brokerEpoch":15}')
    expect(file('recovery-point-offset-checkpoint')).toBe('0\n2\norders 0 2\norders 1 1\n')
    expect(file('replication-offset-checkpoint')).toBe('0\n2\norders 0 2\norders 1 1\n')
    expect(file('log-start-offset-checkpoint')).toBe('0\n0\n')
    expect(file('orders-0/partition.metadata')).toBe(`version: 0\ntopic_id: ${ID}`)

    const context = testContext()
    const again = await open(context, directory)
    expect([again.wasClean, again.previousBrokerEpoch, fs.existsSync(`${directory}/${MARKER}`)]).toEqual([
      true,
      15,
      false,
    ])
    expect([...again.logs].map((found) => [found.name, found.topicId, allRecords(found)])).toEqual([
      ['orders-0', ID, ['0:a', '1:b']],
      ['orders-1', ID, ['0:c']],
    ])
    expect(context.messages).toEqual([])
    again.abandon()
  })

  it('recovers after a crash, from the checkpoint on', async () => {
    const directory = temporaryDirectory()
    const manager = await open(testContext(), directory)
    const log = await manager.getOrCreate(orders(0), ID)
    for (let index = 0; index < 20; index++) await log.append(batch([`v${index}`]), leader).written
    log.deleteRecords(3)
    await log.flush()
    manager.checkpointRecoveryPoints()
    await log.append(batch(['after']), leader).written
    manager.abandon()
    const again = await open(testContext(), directory)
    const found = again.get(orders(0))!
    expect([again.wasClean, found.logStartOffset, found.logEndOffset, found.recoveryPoint]).toEqual([false, 3, 21, 20])
    expect(allRecords(found).at(-1)).toBe('20:after')
    again.abandon()
  })

  it.each(['recovery-point-offset-checkpoint', 'log-start-offset-checkpoint', 'replication-offset-checkpoint'])(
    'starts with a %s that is garbage',
    async (name) => {
      const directory = temporaryDirectory()
      const manager = await open(testContext(), directory)
      await (await manager.getOrCreate(orders(0), ID)).append(batch(['a']), leader).written
      manager.abandon()
      for (const garbage of ['', 'x', '0\n', '0\n1\n', '0\n1\norders zero 1\n', '1\n0\n', '\0\0\0']) {
        fs.writeFileSync(`${directory}/${name}`, garbage)
        const again = await open(testContext(), directory)
        expect(allRecords(again.get(orders(0))!)).toEqual(['0:a'])
        again.abandon()
      }
    },
  )

  it('leaves no marker when something failed', async () => {
    const disk = new FaultyDisk()
    const directory = temporaryDirectory()
    const context = testContext({ fileSystem: disk.fileSystem })
    const manager = await open(context, directory)
    await (await manager.getOrCreate(orders(0), ID)).append(batch(['a']), leader).written
    disk.failSync = true
    await manager.shutdown()
    expect(fs.existsSync(`${directory}/${MARKER}`)).toBe(false)
    expect(context.messages.join('\n')).toContain('was not shut down cleanly')
  })

  it('deletes by renaming first', async () => {
    const directory = temporaryDirectory()
    const context = testContext()
    const manager = await open(context, directory)
    const log = await manager.getOrCreate(orders(0), ID)
    const unwritten = log.append(batch(['a']), leader)
    manager.delete(orders(0))
    await expect(unwritten.written).rejects.toThrow(StorageError)
    expect(manager.get(orders(0))).toBeUndefined()
    const deleted = (): string[] => fs.readdirSync(directory).filter((name) => name.endsWith('-delete'))
    expect(deleted()).toEqual([expect.stringMatching(/^orders-0\.[0-9a-f]{32}-delete$/)])
    const fresh = await manager.getOrCreate(orders(0), 'AAAAAAAAAAAAAAAAAAAAAQ')
    expect(fresh.logEndOffset).toBe(0)
    manager.abandon()
    const again = await open(context, directory)
    expect([...again.logs]).toHaveLength(1)
    context.clock.advance(smallConfig.fileDeleteDelayMs)
    await again.shutdown()
    expect(deleted()).toEqual([])
  })

  it('refuses a log of another topic id', async () => {
    const manager = await open(testContext(), temporaryDirectory())
    await manager.getOrCreate(orders(0), ID)
    await expect(manager.getOrCreate(orders(0), 'AAAAAAAAAAAAAAAAAAAAAQ')).rejects.toThrow(/belongs to topic id/)
    manager.abandon()
  })

  it('spreads logs over its directories', async () => {
    const dirs = [temporaryDirectory(), temporaryDirectory()]
    const manager = await open(testContext(), ...dirs)
    for (let partition = 0; partition < 4; partition++) await manager.getOrCreate(orders(partition), ID)
    await manager.shutdown()
    expect(dirs.map((dir) => fs.readdirSync(dir).filter((name) => name.startsWith('orders')).length)).toEqual([2, 2])
    expect(dirs.every((dir) => fs.existsSync(`${dir}/${MARKER}`))).toBe(true)
  })

  it('does its background work on the clock', async () => {
    const directory = temporaryDirectory()
    const context = testContext()
    const manager = await open(context, directory)
    manager.start()
    const log = await manager.getOrCreate(orders(0), ID)
    await log.append(batch(['old'], { timestamp: 1000 }), leader).written
    context.clock.advance(5000)
    expect(fs.readFileSync(`${directory}/replication-offset-checkpoint`, 'utf8')).toBe('0\n1\norders 0 1\n')
    await log.flush()
    context.clock.advance(55_000)
    expect(fs.readFileSync(`${directory}/recovery-point-offset-checkpoint`, 'utf8')).toBe('0\n1\norders 0 1\n')
    context.clock.advance(240_000)
    expect(log.logStartOffset).toBe(1)
    manager.abandon()
    expect(() => log.append(batch(['closed']), leader)).toThrow(StorageError)
  })
})
