/**
 * Replays recorded runs of Kafka's scripts: with kt on its embedded broker, with kt on a real Kafka, and with the real scripts on the
 * embedded broker. GOLDEN_DIR names the folder of golden.py and its scenarios, KAFKA_HOME a Kafka 4.3 distribution (bin/kafka-*.sh), which
 * the second and third need. What can't run says so.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { commandLoaders } from '../../src/cli/commands.ts'
import { startBroker } from '../../src/embedded/index.ts'
import { startNode } from '../interop/node-process.ts'
import { leftOut } from './left-out.ts'

const MODE_TIMEOUT_MS = 60 * 60_000
const kt = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const { GOLDEN_DIR: goldenDir, KAFKA_HOME: kafkaHome } = process.env

interface Scenario {
  name: string
  steps: { tool?: string }[]
}

/** One way to run the scenarios: who is the client, and what it talks to. */
interface Mode {
  client: readonly string[]
  broker: { bootstrap: string; dataDir: string }
  /** What takes part of kt itself; scenarios that need what it lacks are left out. */
  parts: readonly ('commands' | 'broker')[]
  /** How often scenarios that failed are tried again. */
  retries?: number
}

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Leaves the test out with a line that says why. */
function leave(context: TestContext, why: string): never {
  console.error(`golden: left out: ${context.task.name}: ${why}`)
  return context.skip(why)
}

const scenarioDir = (): string => join(goldenDir!, 'scenarios')

const readScenarios = (): Scenario[] =>
  readdirSync(scenarioDir())
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(scenarioDir(), file), 'utf8')) as Scenario)

/** Why a scenario can't pass with these parts of kt; undefined when it can. */
function lacks({ name, steps }: Scenario, parts: Mode['parts']): string | undefined {
  const entry = leftOut[name]
  if (entry?.lacking.some((part) => parts.includes(part))) return entry.why
  if (!parts.includes('commands')) return undefined
  const commands = steps.flatMap(({ tool }) => (tool === undefined ? [] : [tool.replace(/^kafka-/, '')]))
  const missing = [...new Set(commands)].filter((command) => !Object.hasOwn(commandLoaders, command))
  return missing.length === 0 ? undefined : `no kt ${missing.join(', ')}`
}

let dir: string

/** The names of the scenarios that are to pass with these parts of kt; the others are named with the reason. */
function selectScenarios(parts: Mode['parts']): string[] {
  const selected: string[] = []
  for (const scenario of readScenarios()) {
    const why = lacks(scenario, parts)
    if (why === undefined) selected.push(scenario.name)
    else console.error(`golden: left out: ${scenario.name} (${why})`)
  }
  return selected
}

/** Runs scenarios; resolves with the names of those that failed and all that golden.py printed. */
async function run(
  { client, broker }: Mode,
  names: readonly string[],
): Promise<{ failed: string[]; passed: number; text: string }> {
  const report = join(dir, 'report.json')
  const child = spawn(
    'python3',
    [
      join(goldenDir!, 'golden.py'),
      'check',
      ...client,
      ...['--bootstrap', broker.bootstrap, '--logdir', broker.dataDir, '--report', report],
      ...names.flatMap((name) => ['--only', name]),
      scenarioDir(),
    ],
    { env: { ...process.env, KT_EMBEDDED: 'off', KT_BOOTSTRAP_SERVER: '' }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const pieces: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => pieces.push(piece))
  await once(child, 'close')
  const text = Buffer.concat(pieces).toString('utf8')
  if (!existsSync(report)) throw new Error(`golden.py wrote no report:\n${text}`)
  const { scenarios, passed } = JSON.parse(readFileSync(report, 'utf8')) as {
    scenarios: { name: string; ok: boolean }[]
    passed: number
  }
  rmSync(report)
  return { failed: scenarios.filter(({ ok }) => !ok).map(({ name }) => name), passed, text }
}

/** Runs a mode; every scenario in it has to pass. */
async function check(mode: Mode): Promise<void> {
  let { failed, passed, text } = await run(mode, selectScenarios(mode.parts))
  for (let retry = 0; failed.length > 0 && retry < (mode.retries ?? 0); retry++) {
    console.error(`golden: once more: ${failed.join(', ')}`)
    const again = await run(mode, failed)
    passed += again.passed
    ;({ failed, text } = again)
  }
  if (failed.length > 0) console.error(text)
  console.error(`golden: ${passed} passed, ${failed.length} failed`)
  expect(failed).toEqual([])
  expect(passed).toBeGreaterThan(0)
}

async function onEmbeddedBroker(use: (broker: Mode['broker']) => Promise<void>): Promise<void> {
  await using broker = await startBroker({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
  await use({ bootstrap: broker.bootstrapServers, dataDir: broker.dataDir })
}

const ktClient = ['--cmd', `${process.execPath} ${kt}`]
const scripts = (): string[] => ['--prefix', join(kafkaHome!, 'bin')]

function needKafka(context: TestContext): void {
  if (!kafkaHome) leave(context, 'KAFKA_HOME is not set')
  if (!existsSync(join(kafkaHome, 'bin/kafka-topics.sh'))) leave(context, `no bin/kafka-topics.sh in ${kafkaHome}`)
}

describe('golden scenarios', { timeout: MODE_TIMEOUT_MS }, () => {
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'kt-golden-'))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  const mode = (name: string, test: (context: TestContext) => Promise<void>): void =>
    it(name, (context) => {
      if (!goldenDir) leave(context, 'GOLDEN_DIR is not set')
      if (!existsSync(join(goldenDir, 'golden.py'))) leave(context, `no golden.py in ${goldenDir}`)
      if (!hasPython()) leave(context, 'there is no python3')
      return test(context)
    })

  mode('are known by the names they are left out by', async () => {
    const names = readScenarios().map(({ name }) => name)
    expect(Object.keys(leftOut).filter((name) => !names.includes(name))).toEqual([])
  })

  mode('kt on its embedded broker', () =>
    onEmbeddedBroker((broker) => check({ client: ktClient, broker, parts: ['commands', 'broker'] })),
  )

  mode('kt on Apache Kafka', async (context) => {
    needKafka(context)
    const home = join(dir, 'kafka')
    const node = await startNode('kafka', home)
    try {
      const broker = { bootstrap: node.bootstrap, dataDir: join(home, 'data') }
      // Kafka answers before a change is visible everywhere. Its own scripts start too slowly to notice, kt doesn't.
      await check({ client: ktClient, broker, parts: ['commands'], retries: 3 })
    } finally {
      await node.stop()
    }
  })

  mode("Kafka's scripts on the embedded broker", async (context) => {
    needKafka(context)
    await onEmbeddedBroker((broker) => check({ client: scripts(), broker, parts: ['broker'] }))
  })
})
