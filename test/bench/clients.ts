import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { script } from '../interop/node-process.ts'
import { hasKafka, hasKcat, ktCommand, median, type Peer, timeOf, timesInTurns } from './peers.ts'
import { judge, report } from './report.ts'

const LINE_BYTES = 100

const present = (peers: [boolean, Peer][]): Peer[] => peers.filter(([isThere]) => isThere).map(([, peer]) => peer)
const medians = (times: Map<string, number[]>): Map<string, number> =>
  new Map([...times].map(([name, list]) => [name, median(list)]))

/** `count` lines of 100 bytes, newline included. */
export function linesFile(folder: string, count: number): string {
  const path = join(folder, 'lines.txt')
  const chunk = 10_000
  const parts: string[] = []
  for (let from = 0; from < count; from += chunk) {
    const size = Math.min(chunk, count - from)
    parts.push(
      Array.from({ length: size }, (_, i) => `${String(from + i).padEnd(LINE_BYTES - 1, 'abcdefghij')}\n`).join(''),
    )
  }
  writeFileSync(path, parts.join(''))
  return path
}

/** Console producers over one file, each into a topic of its own that holds the file's lines afterwards. */
export function consoleProducer(bootstrap: string, file: string, count: number): void {
  const create = (topic: string): number =>
    timeOf(ktCommand('topics', '--bootstrap-server', bootstrap, '--create', '--topic', topic, '--partitions', '1'))
  const to = (topic: string): string[] => ['--bootstrap-server', bootstrap, '--topic', topic]
  const peers = present([
    [true, { name: 'kt', command: ktCommand('console-producer', ...to('from-kt')) }],
    [hasKcat(), { name: 'kcat', command: ['kcat', '-b', bootstrap, '-P', '-t', 'from-kcat'] }],
    [
      hasKafka(),
      { name: 'kafka-console-producer.sh', command: [script('kafka-console-producer'), ...to('from-kafka')] },
    ],
  ])
  for (const topic of ['from-kt', 'from-kcat', 'from-kafka']) create(topic)
  const values = medians(timesInTurns(peers, 3, file))
  const met = judge(values.get('kt'), values.get('kcat'), (a, b) => a < b)
  report({
    what: `console-producer, ${count} lines of ${LINE_BYTES} B`,
    unit: 'ms',
    values,
    goal: 'faster than kcat',
    met,
  })
}

/** Console consumers over what the producers wrote; records a second, start-up taken off. */
export function consoleConsumer(bootstrap: string, count: number): void {
  const from = ['--bootstrap-server', bootstrap, '--topic', 'from-kt', '--from-beginning', '--max-messages']
  const kcat = (records: number): string[] => [
    'kcat',
    '-b',
    bootstrap,
    '-C',
    '-q',
    '-t',
    'from-kt',
    '-o',
    'beginning',
    '-c',
    String(records),
  ]
  const both = (records: number): Peer[] =>
    present([
      [true, { name: 'kt', command: ktCommand('console-consumer', ...from, String(records)) }],
      [hasKcat(), { name: 'kcat', command: kcat(records) }],
      [
        hasKafka(),
        { name: 'kafka-console-consumer.sh', command: [script('kafka-console-consumer'), ...from, String(records)] },
      ],
    ])
  const short = medians(timesInTurns(both(1), 3))
  const long = medians(timesInTurns(both(count), 3))
  const perSecond = [...long].map(([name, ms]): [string, number] => [
    name,
    ((count - 1) / (ms - (short.get(name) ?? 0))) * 1000,
  ])
  const values = new Map(perSecond)
  const met = judge(values.get('kt'), values.get('kcat'), (a, b) => a >= 2 * b)
  report({ what: 'console-consumer', unit: 'records/s', values, goal: '≥ 2 × kcat', met })
}
