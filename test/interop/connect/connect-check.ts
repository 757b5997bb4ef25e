/**
 * A Connect worker in distributed mode on the broker given: connectors are made through REST, lines of a file arrive in the topic
 * and in the sink's file, and a worker that was restarted goes on where it was. Run by run.sh.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { freePort } from '../free-port.ts'

const PATIENCE_MS = 120_000
const bootstrap = process.argv[2] ?? ''
const dir = mkdtempSync(join(tmpdir(), 'kt-connect-check-'))
const run = Date.now().toString(36)
const topic = `connect-lines-${run}`
const input = join(dir, 'in.txt')
const output = join(dir, 'out.txt')
const log = join(dir, 'worker.log')
let worker: ChildProcess | undefined
let rest = ''
let passed = 0
let failed = 0

function workerProperties(port: number): string {
  const storage = ['config', 'offset', 'status'].flatMap((what) => [
    `${what}.storage.topic=connect-${what}-${run}`,
    `${what}.storage.replication.factor=1`,
  ])
  return [
    `bootstrap.servers=${bootstrap}`,
    `group.id=connect-${run}`,
    'key.converter=org.apache.kafka.connect.storage.StringConverter',
    'value.converter=org.apache.kafka.connect.storage.StringConverter',
    'offset.flush.interval.ms=500',
    'offset.storage.partitions=5',
    `listeners=http://localhost:${port}`,
    ...storage,
  ].join('\n')
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await look().catch(() => undefined)
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`waited too long for: ${what}`)
    if (worker !== undefined && worker.exitCode !== null) throw new Error(`the worker ended; waited for: ${what}`)
    await delay(200)
  }
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${rest}${path}`, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

async function startWorker(): Promise<void> {
  const port = await freePort()
  rest = `http://localhost:${port}`
  const file = join(dir, 'worker.properties')
  writeFileSync(file, workerProperties(port))
  const out = openSync(log, 'a')
  const script = join(process.env.KAFKA_HOME ?? '', 'bin', 'connect-distributed.sh')
  worker = spawn(script, [file], { stdio: ['ignore', out, out] })
  await until('the worker answers', () => call('GET', '/connectors'))
}

async function stopWorker(): Promise<void> {
  if (worker === undefined || worker.exitCode !== null) return
  const ended = once(worker, 'exit')
  worker.kill('SIGTERM')
  await ended
}

async function create(name: string, config: Record<string, string>): Promise<void> {
  await until(`connector ${name} is made`, () =>
    call('POST', '/connectors', { name, config: { 'tasks.max': '1', ...config } }),
  )
}

function running(name: string): Promise<true> {
  return until(`connector ${name} runs`, async () => {
    const status = (await call('GET', `/connectors/${name}/status`)) as {
      connector: { state: string }
      tasks: { state: string }[]
    }
    const states = [status.connector.state, ...status.tasks.map(({ state }) => state)]
    return states.length === 2 && states.every((state) => state === 'RUNNING') ? true : undefined
  })
}

const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i} of ${run}`)
const textOf = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('')

function arrived(all: readonly string[]): Promise<true> {
  return until(`${all.length} lines arrive in the sink's file`, async () => {
    const text = existsSync(output) ? readFileSync(output, 'utf8') : ''
    if (text.length > textOf(all).length) throw new Error('more lines than there were')
    return text === textOf(all) ? true : undefined
  })
}

async function topicLines(count: number): Promise<string[]> {
  const kafka = new Kafka({ brokers: [bootstrap], clientId: 'connect-check', logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: `check-${run}-${count}` })
  const found: string[] = []
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ message }) => {
        found.push(message.value?.toString() ?? '')
      },
    })
    await until(`${count} lines in the topic`, async () => (found.length >= count ? true : undefined))
  } finally {
    await consumer.disconnect()
  }
  return found
}

async function check(name: string, what: () => Promise<unknown>): Promise<void> {
  const startMs = Date.now()
  await what()
  passed++
  console.log(`ok ${name} (${Date.now() - startMs} ms)`)
}

async function all(): Promise<void> {
  const first = lines(0, 500)
  const both = lines(0, 800)
  writeFileSync(input, textOf(first))
  await check('a distributed worker starts', startWorker)
  await check('connectors are made through REST', async () => {
    const source = { 'connector.class': 'FileStreamSource', file: input, topic }
    await create(`source-${run}`, source)
    await create(`sink-${run}`, { 'connector.class': 'FileStreamSink', file: output, topics: topic })
    await running(`source-${run}`)
    await running(`sink-${run}`)
  })
  await check("lines arrive in the sink's file", () => arrived(first))
  await check('lines arrive in the topic', async () => {
    if (textOf(await topicLines(first.length)) !== textOf(first)) throw new Error('other lines than those of the file')
  })
  // Offsets are flushed every 500 ms; what was not flushed would be sent again.
  await delay(2000)
  await check('the worker stops', stopWorker)
  appendFileSync(input, textOf(lines(500, 800)))
  await check('a restarted worker knows its connectors', async () => {
    await startWorker()
    await running(`source-${run}`)
    await running(`sink-${run}`)
  })
  await check('both connectors go on where they were', () => arrived(both))
  await check('each line is in the topic once', async () => {
    if (textOf(await topicLines(both.length)) !== textOf(both)) throw new Error('other lines than those of the file')
  })
  await check('connectors are deleted', async () => {
    await call('DELETE', `/connectors/source-${run}`)
    await call('DELETE', `/connectors/sink-${run}`)
    await until('no connectors', async () => ((await call('GET', '/connectors')) as []).length === 0 || undefined)
  })
}

process.on('exit', () => worker?.kill('SIGKILL'))
try {
  await all()
} catch (error) {
  failed++
  console.log(`FAILED ${String(error)}`)
  if (existsSync(log)) console.log(readFileSync(log, 'utf8').split('\n').slice(-30).join('\n'))
} finally {
  await stopWorker()
  rmSync(dir, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
