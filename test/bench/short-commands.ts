import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeProcess } from '../interop/node-process.ts'
import { script } from '../interop/node-process.ts'
import { hasKafka, ktCommand, median, type Peer, timeOf, timesInTurns } from './peers.ts'
import { judge, report } from './report.ts'

const TOPIC = 'short'
const ROUNDS = 7
const KAFKA_ROUNDS = 3

interface ShortCommand {
  /** What it is called in the report. */
  label: string
  /** Without `kafka-`. */
  command: string
  args: string[]
  /** What standard input is. */
  input?: string
}

/** Commands that ask a broker one thing, or none, and end. */
const shortCommands = (bootstrap: string, folder: string, logDir: string): ShortCommand[] => {
  const at = ['--bootstrap-server', bootstrap]
  const line = join(folder, 'line.txt')
  writeFileSync(line, 'one line\n')
  const segment = readdirSync(join(logDir, `${TOPIC}-0`)).find((name) => name.endsWith('.log'))!
  const asking: [string, ...string[]][] = [
    ['topics', '--list'],
    ['topics', '--describe', '--topic', TOPIC],
    ['topics', '--create', '--if-not-exists', '--topic', TOPIC],
    ['configs', '--describe', '--topic', TOPIC],
    ['configs', '--alter', '--topic', TOPIC, '--add-config', 'retention.ms=86400000'],
    ['get-offsets', '--topic', TOPIC],
    ['groups', '--list'],
    ['consumer-groups', '--list'],
    ['consumer-groups', '--describe', '--all-groups'],
    ['share-groups', '--list'],
    ['streams-groups', '--list'],
    ['log-dirs', '--describe', '--topic-list', TOPIC],
    ['reassign-partitions', '--list'],
    ['client-metrics', '--list'],
    ['broker-api-versions'],
    ['console-consumer', '--topic', TOPIC, '--from-beginning', '--max-messages', '1'],
  ]
  return [
    ...asking.map(([command, ...args]) => ({ label: [command, ...args].join(' '), command, args: [...at, ...args] })),
    { label: 'console-producer, one line', command: 'console-producer', args: [...at, '--topic', TOPIC], input: line },
    { label: 'cluster cluster-id', command: 'cluster', args: ['cluster-id', ...at] },
    { label: 'features describe', command: 'features', args: [...at, 'describe'] },
    { label: 'metadata-quorum describe --status', command: 'metadata-quorum', args: [...at, 'describe', '--status'] },
    { label: 'transactions list', command: 'transactions', args: [...at, 'list'] },
    { label: 'storage random-uuid', command: 'storage', args: ['random-uuid'] },
    { label: 'dump-log --files', command: 'dump-log', args: ['--files', join(logDir, `${TOPIC}-0`, segment)] },
  ]
}

const medianOf = (peer: Peer, rounds: number, input?: string): number =>
  median(timesInTurns([peer], rounds, input).get(peer.name) ?? [])

/** The whole process of every short command, beside its script and beside an empty Node. */
export function startUp({ bootstrap, dataDir }: NodeProcess, folder: string): void {
  timeOf(ktCommand('topics', '--bootstrap-server', bootstrap, '--create', '--topic', TOPIC, '--partitions', '1'))
  const line = join(folder, 'first.txt')
  writeFileSync(line, 'first\n')
  timeOf(ktCommand('console-producer', '--bootstrap-server', bootstrap, '--topic', TOPIC), line)
  for (const { label, command, args, input } of shortCommands(bootstrap, folder, dataDir)) {
    const ours: Peer[] = [
      { name: 'kt', command: ktCommand(command, ...args) },
      { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
    ]
    const values = new Map([...timesInTurns(ours, ROUNDS, input)].map(([name, times]) => [name, median(times)]))
    const name = `kafka-${command}.sh`
    if (hasKafka())
      values.set(name, medianOf({ name, command: [script(`kafka-${command}`), ...args] }, KAFKA_ROUNDS, input))
    const kt = values.get('kt')
    const beside = judge(kt, values.get(name), (a, b) => a * 4 <= b)
    const node = judge(kt, values.get('node -e 0'), (a, b) => a <= 2 * b)
    report({
      what: label,
      unit: 'ms',
      values,
      goal: `≤ 2 × node -e 0, ≥ 4 × faster than ${name}`,
      met: beside === undefined ? node : node && beside,
    })
  }
}
