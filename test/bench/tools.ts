import { execFileSync } from 'node:child_process'
import { kafkaOutput, ktCommand } from './peers.ts'
import { judge, report } from './report.ts'

const RECORDS = 2_000_000
const LATENCY_RECORDS = 5000
const ROUNDS = 3

/** The same arguments to kt's command and to Kafka's script. */
const outputs: Readonly<Record<string, (name: string, args: string[]) => string>> = {
  kt: (name, args) => {
    const [node, ...all] = ktCommand(name, ...args) as [string, ...string[]]
    return execFileSync(node, all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  },
  kafka: (name, args) => kafkaOutput(`kafka-${name}`, args),
}

/** Runs both in turns and keeps of each the best figure; `read` finds it in the output. */
function best(
  name: string,
  args: string[],
  read: (output: string) => number,
  choose: (...values: number[]) => number,
): Map<string, number> {
  const values = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [peer, run] of Object.entries(outputs)) {
      const value = read(run(name, args))
      values.set(peer, choose(value, values.get(peer) ?? value))
    }
  }
  return values
}

/** kt's measuring commands beside Kafka's scripts, all on the broker at `bootstrap`. */
export function measuringTools(bootstrap: string): void {
  const server = ['--bootstrap-server', bootstrap]
  for (const size of [100, 1000]) {
    const count = String((RECORDS * 100) / size)
    const topic = ['--topic', `tools-${size}`]
    const args = [...server, ...topic, '--num-records', count, '--record-size', String(size), '--throughput', '-1']
    const values = best(
      'producer-perf-test',
      args,
      (out) => Number(/([\d.]+) records\/sec[^\n]*\n$/.exec(out)?.[1]),
      Math.max,
    )
    const met = judge(values.get('kt'), values.get('kafka'), (kt, kafka) => kt >= kafka)
    report({ what: `producer-perf-test, ${size} B`, unit: 'records/s', values, goal: '≥ the script', met })
  }
  const reading = [...server, '--topic', 'tools-100', '--num-records', String(RECORDS), '--hide-header']
  const column = (out: string): number => Number(out.trim().split('\n').at(-1)?.split(',')[3])
  const read = best('consumer-perf-test', [...reading, '--timeout', '60000'], column, Math.max)
  const readMet = judge(read.get('kt'), read.get('kafka'), (kt, kafka) => kt >= kafka)
  report({ what: 'consumer-perf-test', unit: 'MB/s', values: read, goal: '≥ the script', met: readMet })
  const sending = ['--num-records', String(LATENCY_RECORDS), '--producer-acks', '1', '--record-size', '100']
  const average = (out: string): number => Number(/Avg latency: ([\d.]+)/.exec(out)?.[1])
  const waited = best('e2e-latency', [...server, '--topic', 'tools-latency', ...sending], average, Math.min)
  const met = judge(waited.get('kt'), waited.get('kafka'), (kt, kafka) => kt <= kafka)
  report({ what: 'e2e-latency, average', unit: 'ms', values: waited, goal: '≤ the script', met })
}
