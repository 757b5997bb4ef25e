import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isReachable } from '../../src/embedded/find-or-start.ts'
import { startBroker } from '../../src/embedded/index.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kt-embedded-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('startBroker', () => {
  it('starts on a free port with topics, and leaves nothing behind', async () => {
    const broker = await startBroker({
      topics: ['a', { name: 'b', partitions: 2, configs: { 'retention.ms': '1000' } }],
    })
    expect(broker.bootstrapServers).toBe(`localhost:${broker.port}`)
    await broker.createTopic('c', { partitions: 3 })
    const names = readdirSync(broker.dataDir)
    expect(names).toEqual(expect.arrayContaining(['a-0', 'b-0', 'b-1', 'c-0', 'c-1', 'c-2']))
    await expect(broker.createTopic('a')).rejects.toThrow("Topic 'a' already exists.")
    await Promise.all([broker.stop(), broker.stop()])
    expect(existsSync(broker.dataDir)).toBe(false)
    expect(await isReachable('localhost', broker.port)).toBe(false)
  })

  it('keeps the data of a directory it was given', async () => {
    const first = await startBroker({ dataDir: root, topics: ['kept'] })
    await first.stop()
    expect(readdirSync(root)).toEqual(expect.arrayContaining(['kept-0', '.kafka_cleanshutdown']))
    await using second = await startBroker({ dataDir: root })
    expect(second.clusterId).toBe(first.clusterId)
    await expect(second.createTopic('kept')).rejects.toThrow('already exists')
  })

  it('runs several at once, but never two on one directory', async () => {
    await using one = await startBroker({ dataDir: root })
    await using other = await startBroker()
    expect(other.port).not.toBe(one.port)
    await expect(startBroker({ dataDir: root })).rejects.toThrow(`${root} is in use by process ${process.pid}`)
    await one.createTopic('still-alive')
  })

  it('takes broker configs', async () => {
    await using broker = await startBroker({ properties: { 'num.partitions': '3' }, topics: ['a'] })
    expect(readdirSync(broker.dataDir).filter((name) => name.startsWith('a-'))).toHaveLength(3)
  })

  it('says what is wrong, and gives the directory back', async () => {
    await expect(startBroker({ dataDir: root, properties: { 'num.partitions': 'x' } })).rejects.toThrow(
      'Invalid value x for configuration num.partitions',
    )
    const server = createServer()
    const port = await new Promise<number>((resolve) =>
      server.listen(0, 'localhost', () => resolve((server.address() as { port: number }).port)),
    )
    await expect(startBroker({ dataDir: root, port })).rejects.toThrow(`can't bind localhost:${port}`)
    await new Promise((resolve) => server.close(resolve))
    await expect(startBroker({ dataDir: root, topics: ['no/name'] })).rejects.toThrow('no/name')
    await (await startBroker({ dataDir: root, port })).stop()
  })

  it('never formats a directory that holds something else', async () => {
    writeFileSync(join(root, 'thesis.txt'), '')
    await expect(startBroker({ dataDir: root })).rejects.toThrow('it holds thesis.txt')
    expect(readdirSync(root)).toEqual(['thesis.txt'])
  })
})
