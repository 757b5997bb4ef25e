/**
 * Replays recorded runs of Kafka's scripts: with kt on its embedded broker, with kt on a real Kafka, and with the real scripts on the
 * embedded broker. GOLDEN_DIR names the folder of golden.py and its scenarios, which run with those of this folder (same format), KAFKA_HOME
 * a Kafka 4.3 distribution (bin/kafka-*.sh), which the second and third need. What can't run says so.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { commandLoaders } from '../../src/cli/commands.ts'
import { type Flavour, startNode } from '../interop/node-process.ts'

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
  flavour: Flavour
  /** How often scenarios that failed are tried again. */
  retries?: number
}

/** Where a mode's brokers are, as golden.py takes them. */
type Addresses = readonly string[]

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

const ownScenarios = fileURLToPath(new URL('scenarios', import.meta.url))
const scenarioDirs = (): string[] => [join(goldenDir!, 'scenarios'), ownScenarios]

const readScenarios = (): Scenario[] =>
  scenarioDirs().flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Scenario),
  )

/** The scripts of a scenario that kt has no command for. */
function missingCommands({ steps }: Scenario): string[] {
  const commands = steps.flatMap(({ tool }) => (tool === undefined ? [] : [tool.replace(/^kafka-/, '')]))
  return [...new Set(commands)].filter((command) => !Object.hasOwn(commandLoaders, command))
}

let dir: string

/** The names of the scenarios that the client has commands for; the others are named with the reason. */
function selectScenarios(client: readonly string[]): string[] {
  const selected: string[] = []
  for (const scenario of readScenarios()) {
    const missing = client === ktClient ? missingCommands(scenario) : []
    if (missing.length === 0) selected.push(scenario.name)
    else console.error(`golden: left out: ${scenario.name} (no kt ${missing.join(', ')})`)
  }
  return selected
}

/** Runs scenarios; resolves with the names of those that failed and all that golden.py printed. */
async function run(
  client: readonly string[],
  addresses: Addresses,
  names: readonly string[],
): Promise<{ failed: string[]; passed: number; text: string }> {
  const report = join(dir, 'report.json')
  const child = spawn(
    'python3',
    [
      join(goldenDir!, 'golden.py'),
      'check',
      ...client,
      ...addresses,
      ...['--report', report],
      ...names.flatMap((name) => ['--only', name]),
      ...scenarioDirs(),
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

/** A broker, and another one with an authorizer, as the scenarios want them. */
async function startBrokers(flavour: Flavour): Promise<{ addresses: Addresses; stop(): Promise<void> }> {
  const plain = await startNode(flavour, join(dir, flavour, 'plain'))
  const guarded = await startNode(flavour, join(dir, flavour, 'guarded'), [
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found=true',
    'super.users=User:ANONYMOUS',
  ])
  return {
    addresses: [
      ...['--bootstrap', plain.bootstrap, '--controller', plain.controller, '--logdir', plain.dataDir],
      ...['--authorizer-bootstrap', guarded.bootstrap],
    ],
    stop: async () => {
      await plain.stop()
      await guarded.stop()
    },
  }
}

/** Runs a mode; every scenario in it has to pass. */
async function check({ client, flavour, retries = 0 }: Mode): Promise<void> {
  const brokers = await startBrokers(flavour)
  try {
    let { failed, passed, text } = await run(client, brokers.addresses, selectScenarios(client))
    for (let retry = 0; failed.length > 0 && retry < retries; retry++) {
      console.error(`golden: once more: ${failed.join(', ')}`)
      const again = await run(client, brokers.addresses, failed)
      passed += again.passed
      ;({ failed, text } = again)
    }
    if (failed.length > 0) console.error(text)
    console.error(`golden: ${passed} passed, ${failed.length} failed`)
    expect(failed).toEqual([])
    expect(passed).toBeGreaterThan(0)
  } finally {
    await brokers.stop()
  }
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

  mode('kt on its embedded broker', () => check({ client: ktClient, flavour: 'kt' }))

  mode('kt on Apache Kafka', async (context) => {
    needKafka(context)
    // Kafka answers before a change is visible everywhere. Its own scripts start too slowly to notice, kt doesn't.
    await check({ client: ktClient, flavour: 'kafka', retries: 3 })
  })

  mode("Kafka's scripts on the embedded broker", async (context) => {
    needKafka(context)
    await check({ client: scripts(), flavour: 'kt' })
  })
})
