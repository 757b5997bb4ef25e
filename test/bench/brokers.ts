import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type Flavour, type NodeProcess, startNode } from '../interop/node-process.ts'
import { kafkaOutput, residentMb } from './peers.ts'
import { judge, report } from './report.ts'

const PERF_RECORDS = 2_000_000
const LATENCY_MESSAGES = 5000

/** A Metadata request, version 0, for all topics: enough to know that a broker answers. */
function metadataRequest(): Buffer {
  const body = Buffer.from('0003000000000001ffff00000000', 'hex')
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

async function firstAnswer(bootstrap: string): Promise<void> {
  const [host, port] = bootstrap.split(':') as [string, string]
  const socket = connect(Number(port), host)
  await once(socket, 'connect')
  socket.write(metadataRequest())
  // Old request versions are refused by closing the connection, which is an answer as well.
  await Promise.race([once(socket, 'data'), once(socket, 'close')])
  socket.destroy()
}

/** Starts brokers of each flavour on fresh directories, and stops them again; the time to the first answer. */
export async function brokerStart(flavours: Flavour[], folder: string): Promise<void> {
  const values = new Map<string, number>()
  for (const flavour of flavours) {
    const start = performance.now()
    const node = await startNode(flavour, join(folder, `start-${flavour}`))
    await firstAnswer(node.bootstrap)
    values.set(flavour, performance.now() - start)
    await node.stop()
  }
  const met = judge(values.get('kt'), 0, (kt) => kt <= 300)
  report({ what: 'broker start to first answer, fresh directory', unit: 'ms', values, goal: '≤ 300 ms', met })
}

export function memory(nodes: Map<Flavour, NodeProcess>, when: 'idle' | 'loaded'): void {
  const values = new Map([...nodes].map(([flavour, node]): [string, number] => [flavour, residentMb(node.pid)]))
  const limit = when === 'idle' ? 80 : 150
  const met = judge(values.get('kt'), 0, (kt) => kt <= limit)
  report({ what: `broker memory, ${when}`, unit: 'MB', values, goal: `≤ ${limit} MB`, met })
}

/** Kafka's own producer perf tool on each broker; the third run counts, as the JVMs are warm then. */
export function producerPerf(nodes: Map<Flavour, NodeProcess>, recordBytes: number): void {
  const records = Math.floor((PERF_RECORDS * 100) / recordBytes)
  const runs = new Map<string, number>()
  for (let round = 0; round < 3; round++) {
    for (const [flavour, { bootstrap }] of nodes) runs.set(flavour, producerRun(bootstrap, recordBytes, records))
  }
  const met = judge(runs.get('kt'), runs.get('kafka'), (kt, kafka) => kt >= 1.7 * kafka)
  const goal = "≥ 1.7 × Apache's broker"
  report({ what: `kafka-producer-perf-test.sh, ${recordBytes} B`, unit: 'records/s', values: runs, goal, met })
}

function producerRun(bootstrap: string, recordBytes: number, records: number): number {
  const out = kafkaOutput('kafka-producer-perf-test', [
    ...['--bootstrap-server', bootstrap, '--topic', `perf-${recordBytes}`, '--throughput', '-1'],
    ...['--num-records', String(records), '--record-size', String(recordBytes)],
  ])
  const last = out.trim().split('\n').at(-1) ?? ''
  return Number(/([\d.]+) records\/sec/.exec(last)?.[1])
}

export function consumerPerf(nodes: Map<Flavour, NodeProcess>): void {
  const values = new Map<string, number>()
  for (const [flavour, { bootstrap }] of nodes) {
    const count = ['--num-records', String(PERF_RECORDS), '--timeout', '60000', '--hide-header']
    const out = kafkaOutput('kafka-consumer-perf-test', [
      '--bootstrap-server',
      bootstrap,
      '--topic',
      'perf-100',
      ...count,
    ])
    const columns = out.trim().split('\n').at(-1)?.split(',').map(Number) ?? []
    values.set(flavour, columns[3] ?? Number.NaN)
  }
  const met = judge(values.get('kt'), values.get('kafka'), (kt, kafka) => kt >= 1.2 * kafka)
  report({ what: 'kafka-consumer-perf-test.sh', unit: 'MB/s', values, goal: "≥ 1.2 × Apache's broker", met })
}

export function latency(nodes: Map<Flavour, NodeProcess>): void {
  const p50 = new Map<string, number>()
  const p99 = new Map<string, number>()
  for (const [flavour, { bootstrap }] of nodes) {
    const out = kafkaOutput('kafka-e2e-latency', [
      ...['--bootstrap-server', bootstrap, '--topic', 'latency', '--num-records', String(LATENCY_MESSAGES)],
      ...['--producer-acks', '1', '--record-size', '100'],
    ])
    const percentiles = /50th = (\d+), 99th = (\d+)/.exec(out)
    p50.set(flavour, Number(percentiles?.[1]))
    p99.set(flavour, Number(percentiles?.[2]))
  }
  for (const [name, values] of [['p50', p50] as const, ['p99', p99] as const]) {
    const met = judge(values.get('kt'), values.get('kafka'), (kt, kafka) => kt <= kafka)
    report({ what: `end-to-end latency, acks=1, ${name}`, unit: 'ms', values, goal: "≤ Apache's broker", met })
  }
}
