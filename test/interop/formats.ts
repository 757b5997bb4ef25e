/**
 * Kafka's formats on disk, checked with Kafka itself: a cluster is filled on one side (kt or Kafka), its data directory copied,
 * and opened by the other, which has to show clients the very same. kafka-dump-log.sh goes over every file.
 * Run by formats.sh. `--pair kt-kafka` runs one pair only; kafka-kafka checks this test. `--without transactions,quotas` leaves
 * out what the broker lacks.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { addMore, fill, view } from './cluster-view.ts'
import { type Flavour, type NodeProcess, script, startNode } from './node-process.ts'

const COMPLAINTS = /mismatch|corrupt|is not valid|isvalid: false|Exception|Could not read/i
const DECODERS: [RegExp, string[]][] = [
  [/^__cluster_metadata-/, ['--cluster-metadata-decoder']],
  [/^__consumer_offsets-/, ['--offsets-decoder']],
  [/^__transaction_state-/, ['--transaction-log-decoder']],
  [/^__share_group_state-/, ['--share-group-state-decoder']],
]

const { values: options } = parseArgs({
  options: {
    pair: { type: 'string', multiple: true, default: ['kt-kafka', 'kafka-kt'] },
    without: { type: 'string', default: '' },
  },
})
const without: ReadonlySet<string> = new Set(options.without.split(',').filter((feature) => feature !== ''))

let passed = 0
let failed = 0

function check(name: string, problem: string | null): void {
  if (problem === null) passed++
  else failed++
  console.log(problem === null ? `ok      ${name}` : `FAILED  ${name}\n${problem}`)
}

/** Files of a data directory that kafka-dump-log.sh knows, by the decoder they need. */
function dumpable(dataDir: string): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/^\d{20}.*\.(log|index|timeindex|txnindex|snapshot|checkpoint)$/.test(entry.name)) continue
    const folder = basename(entry.parentPath)
    const decoder = DECODERS.find(([name]) => name.test(folder))?.[1].join(' ') ?? ''
    const own = /\.(log|checkpoint)$/.test(entry.name) ? decoder : ''
    groups.set(own, [...(groups.get(own) ?? []), join(entry.parentPath, entry.name)])
  }
  return groups
}

function dumpAll(label: string, dataDir: string): void {
  for (const [decoder, files] of dumpable(dataDir)) {
    const options = [...(decoder === '' ? [] : [decoder]), '--deep-iteration', '--files', files.join(',')]
    let problem: string | null = null
    try {
      const out = execFileSync(script('kafka-dump-log'), options, {
        encoding: 'utf8',
        maxBuffer: 1 << 30,
        stdio: 'pipe',
      })
      const bad = out.split('\n').filter((line) => COMPLAINTS.test(line))
      if (bad.length > 0) problem = bad.slice(0, 10).join('\n')
      const dumped = new Set(out.split('\n').filter((line) => line.startsWith('Dumping ')))
      if (dumped.size !== new Set(files).size) problem ??= `${dumped.size} of ${files.length} files dumped`
    } catch (error) {
      problem = String((error as { stderr?: string }).stderr ?? error).slice(0, 2000)
    }
    check(`${label}: kafka-dump-log over ${files.length} files ${decoder}`, problem)
  }
}

function compare(label: string, expected: Map<string, string>, actual: Map<string, string>): void {
  for (const [what, text] of expected) {
    const other = actual.get(what) ?? '(nothing)'
    check(`${label}: ${what}`, other === text ? null : firstDifference(text, other))
  }
  const extra = [...actual.keys()].filter((what) => !expected.has(what))
  check(`${label}: nothing more`, extra.length === 0 ? null : extra.join(', '))
}

function firstDifference(expected: string, actual: string): string {
  const [a, b] = [expected.split('\n'), actual.split('\n')]
  const at = a.findIndex((line, index) => line !== b[index])
  const line = at < 0 ? a.length : at
  return `  line ${line + 1} of ${a.length} and ${b.length}\n  before: ${a[line] ?? '(end)'}\n  after:  ${b[line] ?? '(end)'}`
}

/** The directory of a cluster filled by `writer` is opened by `reader`; `signal` is how the writer ends. */
async function handOver(
  writer: Flavour,
  reader: Flavour,
  signal: 'SIGTERM' | 'SIGKILL',
  folder: string,
): Promise<void> {
  const label = `${writer} → ${reader}${signal === 'SIGKILL' ? ' after kill -9' : ''}`
  const running: NodeProcess[] = []
  try {
    const first = await startNode(writer, join(folder, 'first'))
    running.push(first)
    fill(first.bootstrap, without)
    const before = view(first.bootstrap, without)
    await first.stop(signal)
    cpSync(join(folder, 'first/data'), join(folder, 'second/data'), { recursive: true, preserveTimestamps: true })
    if (signal === 'SIGTERM') dumpAll(label, join(folder, 'first/data'))
    const second = await startNode(reader, join(folder, 'second'))
    running.push(second)
    compare(label, before, view(second.bootstrap, without))
    addMore(second.bootstrap)
    const grown = view(second.bootstrap, without)
    await second.stop()
    dumpAll(`${label}, grown`, join(folder, 'second/data'))
    const third = await startNode(writer, join(folder, 'second'))
    running.push(third)
    compare(`${label} → ${writer}`, grown, view(third.bootstrap, without))
    await third.stop()
  } catch (error) {
    check(label, error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    for (const node of running) await node.stop('SIGKILL')
  }
}

async function main(): Promise<void> {
  for (const feature of without) console.log(`skipped ${feature} (--without)`)
  const pairs = options.pair.map((pair) => pair.split('-') as [Flavour, Flavour])
  for (const [writer, reader] of pairs) {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const folder = mkdtempSync(join(tmpdir(), 'kt-formats-'))
      await handOver(writer, reader, signal, folder)
      if (failed === 0) rmSync(folder, { recursive: true })
      else console.log(`kept: ${folder}`)
    }
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

await main()
