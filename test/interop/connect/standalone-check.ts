/**
 * The stand-alone workers of Java and of kt on the broker given: they answer the same requests alike, and one goes on where the other has
 * stored its offsets. Run by standalone.sh.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { freePort } from '../free-port.ts'
import { type Comparison, requests } from './rest-requests.ts'

const bootstrap = process.argv[2]!
const program = join(import.meta.dirname, '../../../bin/run.js')
const home = process.env.KAFKA_HOME!
const base = mkdtempSync(join(tmpdir(), 'kt-connect-standalone-'))
const run = Date.now().toString(36)
let passed = 0
let failed = 0

const report = (name: string, complaint?: string): void => {
  if (complaint === undefined) passed++
  else failed++
  console.log(complaint === undefined ? `ok     ${name}` : `FAILED ${name}\n${complaint}`)
}

type Kind = 'java' | 'kt'

/** A worker of one of both, with a folder and a topic of its own; its files have the same names in both. */
class Worker {
  readonly kind: Kind
  readonly dir: string
  readonly topic: string
  port = 0
  #process: ChildProcess | null = null

  constructor(kind: Kind) {
    this.kind = kind
    this.dir = mkdtempSync(join(base, `${kind}-`))
    this.topic = `connect-${kind}-${run}`
    writeFileSync(join(this.dir, 'in.txt'), 'line one\nline two\n')
    const source = {
      name: 'src',
      'connector.class': 'FileStreamSource',
      file: join(this.dir, 'in.txt'),
      topic: this.topic,
    }
    this.#write('src.properties', source)
  }

  #write(name: string, values: Record<string, string>): void {
    writeFileSync(
      join(this.dir, name),
      Object.entries(values)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    )
  }

  /** Starts a worker on this one's files, of the other kind if need be. */
  async start(kind: Kind = this.kind): Promise<void> {
    this.port = await freePort('127.0.0.1')
    const converter = 'org.apache.kafka.connect.storage.StringConverter'
    this.#write('worker.properties', {
      'bootstrap.servers': bootstrap,
      'key.converter': converter,
      'value.converter': converter,
      'offset.storage.file.filename': join(this.dir, 'offsets'),
      'offset.flush.interval.ms': '500',
      'plugin.discovery': 'service_load',
      listeners: `http://localhost:${this.port}`,
    })
    const files = [join(this.dir, 'worker.properties'), join(this.dir, 'src.properties')]
    const log = openSync(join(this.dir, `${kind}.log`), 'a')
    const [command, args] =
      kind === 'java'
        ? [join(home, 'bin/connect-standalone.sh'), files]
        : [process.execPath, [program, 'connect-standalone', ...files]]
    this.#process = spawn(command, args, { stdio: ['ignore', log, log] })
    const ended = once(this.#process, 'exit').then(() => true)
    while (!(await this.ask('GET', '/connectors').catch(() => null))?.body?.toString().includes('src')) {
      if (await Promise.race([ended, delay(200).then(() => false)])) {
        throw new Error(`the worker ended:\n${readFileSync(join(this.dir, `${kind}.log`), 'utf8').slice(-2000)}`)
      }
    }
  }

  async stop(): Promise<void> {
    const running = this.#process
    this.#process = null
    if (running === null || running.exitCode !== null) return
    running.kill('SIGTERM')
    await once(running, 'exit')
  }

  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; type: string; body: unknown }> {
    const response = await fetch(`http://localhost:${this.port}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      type: response.headers.get('location') ?? '',
      body: text === '' ? null : JSON.parse(text),
    }
  }

  /** What is this worker's own becomes the same for both. */
  plain(value: unknown): unknown {
    const text = JSON.stringify(value)
      .replaceAll(this.dir, 'DIR')
      .replaceAll(this.topic, 'TOPIC')
      .replaceAll(`localhost:${this.port}`, 'WORKER')
      .replaceAll(/"documentation":"(?:[^"\\]|\\.)*"/g, '"documentation":""')
    return JSON.parse(text)
  }
}

const answer = async (worker: Worker, { method, path, body, when }: Comparison): Promise<unknown> => {
  for (let tries = 0; when !== undefined && tries < 300; tries++) {
    if (JSON.stringify((await worker.ask('GET', when.at)).body).includes(when.has)) break
    await delay(100)
  }
  return worker.plain(await worker.ask(method, path, body))
}

const compareAnswers = async (java: Worker, kt: Worker): Promise<void> => {
  const own = requests(kt.topic, kt.dir)
  for (const [index, request] of requests(java.topic, java.dir).entries()) {
    const [theirs, ours] = await Promise.all([answer(java, request), answer(kt, own[index]!)])
    const name = `${request.method} ${request.path}`
    const isAlike = isDeepStrictEqual(theirs, ours)
    if (request.differs === undefined) {
      report(name, isAlike ? undefined : ` Java: ${JSON.stringify(theirs)}\n kt:   ${JSON.stringify(ours)}`)
    } else if (isAlike) report(name, ' the answers are alike: take `differs` away')
  }
}

const goesOn = async (worker: Worker, kind: Kind, position: number): Promise<void> => {
  await worker.stop()
  appendFileSync(join(worker.dir, 'in.txt'), 'one more\n')
  await worker.start(kind)
  const wanted = `"position":${position}`
  let text = ''
  for (let tries = 0; tries < 100 && !text.includes(wanted); tries++) {
    text = JSON.stringify((await worker.ask('GET', '/connectors/src/offsets')).body)
    await delay(100)
  }
  report(`${kind} goes on with the offsets of ${worker.kind}`, text.includes(wanted) ? undefined : ` ${text}`)
}

const [java, kt] = [new Worker('java'), new Worker('kt')]
try {
  await Promise.all([java.start(), kt.start()])
  await compareAnswers(java, kt)
  await delay(1000)
  await goesOn(java, 'kt', 27)
  await goesOn(kt, 'java', 27)
} catch (error) {
  report('the run', String(error))
} finally {
  await Promise.all([java.stop(), kt.stop()])
  const deleting = ['topics', '--bootstrap-server', bootstrap, '--delete', '--topic', `connect-.*-${run}`]
  await once(spawn(process.execPath, [program, ...deleting], { stdio: 'ignore' }), 'exit')
  rmSync(base, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
