/**
 * Measures kt beside Kafka's scripts, Kafka's broker and kcat, all in one run on one machine, against the goals of the design:
 * `npm run bench [-- --only WORD] [-- --lines N]`. Kafka is looked for in KAFKA_HOME. Absent peers are named and left out.
 * Needs a quiet machine; takes about ten minutes with all peers.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Flavour, type NodeProcess, startNode } from '../interop/node-process.ts'
import { brokerStart, consumerPerf, latency, memory, producerPerf } from './brokers.ts'
import { consoleConsumer, consoleProducer, linesFile } from './clients.ts'
import { hasKafka, hasKcat } from './peers.ts'
import { summary } from './report.ts'
import { startUp } from './short-commands.ts'
import { measuringTools } from './tools.ts'

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, lines: { type: 'string', default: '2000000' } },
})

async function main(): Promise<void> {
  if (!hasKafka()) console.log('skipped: Apache Kafka (KAFKA_HOME names no distribution)')
  if (!hasKcat()) console.log('skipped: kcat (not installed)')
  const folder = mkdtempSync(join(tmpdir(), 'kt-bench-'))
  const flavours: Flavour[] = hasKafka() ? ['kt', 'kafka'] : ['kt']
  const nodes = new Map<Flavour, NodeProcess>()
  const wanted = (name: string): boolean => options.only === undefined || name.includes(options.only)
  try {
    if (wanted('broker-start')) await brokerStart(flavours, folder)
    for (const flavour of flavours) nodes.set(flavour, await startNode(flavour, join(folder, flavour)))
    if (wanted('memory')) memory(nodes, 'idle')
    const { bootstrap } = nodes.get('kt')!
    if (wanted('start-up')) startUp(nodes.get('kt')!, folder)
    const count = Number(options.lines)
    if (wanted('console')) {
      consoleProducer(bootstrap, linesFile(folder, count), count)
      consoleConsumer(bootstrap, count)
    }
    if (hasKafka()) {
      if (wanted('producer-perf')) for (const bytes of [100, 1000]) producerPerf(nodes, bytes)
      if (wanted('consumer-perf')) consumerPerf(nodes)
      if (wanted('latency')) latency(nodes)
      if (wanted('tools')) measuringTools(nodes.get('kafka')!.bootstrap)
    } else console.log("skipped: producer, consumer and latency tests (they are Kafka's own tools)")
    if (wanted('memory')) memory(nodes, 'loaded')
  } finally {
    for (const node of nodes.values()) await node.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  if (!summary()) process.exitCode = 1
}

await main()
