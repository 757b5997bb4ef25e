/**
 * The same requests to kt's broker and to Kafka itself, at every version; whatever differs in the answers is printed, first
 * Kafka's, then kt's. Run by differential.sh; arguments are parts of the names of the scenarios to run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACCEPTED } from './differential/accepted.ts'
import { differences, sorted } from './differential/normalise.ts'
import { SCENARIOS } from './differential/scenarios.ts'
import { Session, type Step } from './differential/session.ts'
import { type Flavour, type NodeProcess, startNode } from './node-process.ts'

const FLAVOURS: readonly Flavour[] = ['kafka', 'kt']
/** Assignments are not put off, so that they don't depend on how fast requests come. */
const IMMEDIATELY = ['consumer', 'share', 'streams'].map((kind) => `group.${kind}.assignment.interval.ms=0`)
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const isVerbose = process.argv.includes('--verbose')
/** What differs, and in which versions. */
const found = new Map<string, Set<number>>()
const accepted = new Map<string, number>()
let compared = 0
let inOtherOrder = 0

function compareStep(kafka: Step, kt: Step): void {
  compared++
  const [a, b] = [kafka.answer, kt.answer]
  if (isVerbose) console.log(`${kafka.label} v${kafka.version}: ${JSON.stringify(a)}\n  kt: ${JSON.stringify(b)}`)
  if (JSON.stringify(a) === JSON.stringify(b)) return
  const lines = differences(sorted(a), sorted(b))
  if (lines.length === 0) inOtherOrder++
  for (const line of lines) {
    const text = `${kafka.label} ${line}`
    const reason = ACCEPTED.find(({ where }) => where.test(text))?.reason
    if (reason !== undefined) accepted.set(reason, (accepted.get(reason) ?? 0) + 1)
    else found.set(text, (found.get(text) ?? new Set()).add(kafka.version))
  }
}

function compareSessions(name: string, [kafka, kt]: readonly Session[]): void {
  if (!kafka || !kt) return
  for (const [index, step] of kafka.steps.entries()) {
    const other = kt.steps[index]
    if (other?.label === step.label && other.version === step.version) compareStep(step, other)
    else {
      found.set(`${name}: the conversations part at ${step.label} | ${other?.label}`, new Set([step.version]))
      return
    }
  }
  const more = kt.steps[kafka.steps.length]
  if (more) found.set(`${name}: Kafka's conversation ended before ${more.label}`, new Set([more.version]))
}

function report(): void {
  for (const [text, versions] of found) {
    const list = [...versions].sort((a, b) => a - b)
    const range = list.length > 2 ? `${list[0]}-${list.at(-1)} (${list.length})` : list.join(',')
    console.log(`DIFFERS v${range} ${text}`)
  }
  for (const [reason, count] of accepted) console.log(`accepted ${count}: ${reason}`)
  console.log(`${inOtherOrder} in another order`)
  console.log(`${compared} compared, ${found.size} differences`)
  process.exitCode = found.size === 0 ? 0 : 1
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kt-differential-'))
  const nodes: NodeProcess[] = []
  try {
    for (const flavour of FLAVOURS) nodes.push(await startNode(flavour, join(folder, flavour), IMMEDIATELY))
    for (const { name, run } of SCENARIOS) {
      if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue
      const sessions = nodes.map(
        (node, index) => new Session(FLAVOURS[index] ?? 'kt', node.bootstrap, node.dataDir, node.controller),
      )
      const ends = await Promise.allSettled(sessions.map((session) => run(session)))
      for (const [index, end] of ends.entries())
        if (end.status === 'rejected') found.set(`${name}: ${FLAVOURS[index]}: ${end.reason?.stack}`, new Set([-1]))
      for (const session of sessions) session.wire.close()
      compareSessions(name, sessions)
    }
    report()
  } finally {
    for (const node of nodes) await node.stop('SIGKILL')
    rmSync(folder, { recursive: true })
  }
}

await main()
