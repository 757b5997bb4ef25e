import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Background, Sandbox } from './kt.ts'

let box: Sandbox
beforeEach(async () => {
  box = new Sandbox()
  expect((await box.run(['broker', 'start', '--port', '0'])).code).toBe(0)
})
afterEach(() => box.close())

const file = (name: string): string => join(box.dir, name)

const properties = (name: string, values: Record<string, string>): string => {
  writeFileSync(
    file(name),
    Object.entries(values)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  return file(name)
}

const workerFile = (): string =>
  properties('worker.properties', {
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.file.filename': file('offsets'),
    'offset.flush.interval.ms': '20',
    listeners: 'http://127.0.0.1:0',
  })

const sourceFile = (): string =>
  properties('source.properties', {
    name: 'source',
    'connector.class': 'FileStreamSource',
    file: file('in.txt'),
    topic: 't',
  })

const sinkFile = (): string =>
  properties('sink.properties', {
    name: 'sink',
    'connector.class': 'FileStreamSink',
    file: file('out.txt'),
    topics: 't',
    'consumer.override.fetch.max.wait.ms': '20',
  })

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join('')

const untilFile = async (name: string, text: string): Promise<void> => {
  while (!existsSync(file(name)) || readFileSync(file(name), 'utf8') !== text) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const stop = async (worker: Background, signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' = 'SIGINT') => {
  worker.child.kill(signal)
  return worker.ended
}

const topicLines = async (count: number): Promise<string> => {
  const args = ['console-consumer', '--topic', 't', '--from-beginning', '--max-messages', String(count)]
  return (await box.run(args)).stdout
}

describe('kt connect-standalone', () => {
  it('copies lines from a file through a topic to a file, and goes on where it was', async () => {
    writeFileSync(file('in.txt'), `${lines(0, 100)}half`)
    const args = ['connect-standalone', workerFile(), sourceFile(), sinkFile()]
    const first = box.start(args)
    await untilFile('out.txt', lines(0, 100))
    expect((await stop(first)).code).toBe(130)
    appendFileSync(file('in.txt'), ` and half\n${lines(100, 200)}`)
    const second = box.start(args)
    const all = `${lines(0, 100)}half and half\n${lines(100, 200)}`
    await untilFile('out.txt', all)
    expect((await stop(second, 'SIGTERM')).code).toBe(143)
    expect(await topicLines(201)).toBe(all)
  })

  it('loses nothing when it is killed', async () => {
    writeFileSync(file('in.txt'), lines(0, 20_000))
    const args = ['connect-standalone', workerFile(), sourceFile()]
    const first = box.start(args)
    // Some of it is written, and some offsets are stored.
    await topicLines(1000)
    await stop(first, 'SIGKILL')
    const second = box.start(args)
    appendFileSync(file('in.txt'), 'the end\n')
    const seen = new Set<string>()
    const reader = box.start(['console-consumer', '--topic', 't', '--from-beginning', '--timeout-ms', '20000'])
    await reader.until('the end')
    for (const line of (await stop(reader)).stdout.split('\n')) seen.add(line)
    for (let i = 0; i < 20_000; i++) expect(seen.has(`line ${i}`)).toBe(true)
    await stop(second)
  })

  it('waits for a file that is not there yet', async () => {
    const worker = box.start(['connect-standalone', workerFile(), sourceFile()])
    await worker.until(`WARN [source|task-0] Couldn't find file ${file('in.txt')} for FileStreamSourceTask`)
    writeFileSync(file('in.txt'), 'here\n')
    expect(await topicLines(1)).toBe('here\n')
    await stop(worker)
  })

  it('reads standard input and writes standard output where there is no file', async () => {
    const source = properties('stdin.properties', { name: 'in', 'connector.class': 'FileStreamSource', topic: 't' })
    const sink = properties('stdout.properties', { name: 'out', 'connector.class': 'FileStreamSink', topics: 't' })
    const worker = box.start(['connect-standalone', workerFile(), source, sink], {}, 'typed\n')
    await worker.until('typed')
    expect(await stop(worker)).toMatchObject({ code: 130, stdout: 'typed\n' })
  })

  it('ends with 2 when the worker can not start, and with 3 when a connector can not', async () => {
    expect((await box.run(['connect-standalone'])).code).toBe(1)
    const missing = await box.run(['connect-standalone', file('none.properties')])
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    expect(missing.stderr).toContain(`java.nio.file.NoSuchFileException: ${file('none.properties')}`)
    const bare = await box.run(['connect-standalone', properties('bare.properties', {})])
    expect(bare.code).toBe(2)
    expect(bare.stderr).toContain('Missing required configuration "key.converter" which has no default value.')
    const bad = properties('bad.properties', { name: 'bad', 'connector.class': 'FileStreamSource' })
    const outcome = await box.run(['connect-standalone', workerFile(), bad])
    expect(outcome.code).toBe(3)
    expect(outcome.stderr).toContain('Missing required configuration "topic" which has no default value.')
  })
})
