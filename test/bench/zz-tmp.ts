import { startNode } from '/work/main/test/interop/node-process.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { residentMb } from '/work/main/test/bench/peers.ts'
const d = mkdtempSync('/tmp/kt-perf-')
const n = await startNode('kafka', d)
const K = process.env.KAFKA_HOME + '/bin/'
const run = (s: string, a: string[]) => { try { console.log(s, execFileSync(K + s + '.sh', a, { encoding: 'utf8' })) } catch (e) { console.log('FAIL', s, (e as any).stdout, (e as any).stderr) } }
run('kafka-producer-perf-test', ['--bootstrap-server', n.bootstrap, '--topic', 'perf-100', '--throughput', '-1', '--num-records', '20000', '--record-size', '100'])
run('kafka-consumer-perf-test', ['--bootstrap-server', n.bootstrap, '--topic', 'perf-100', '--num-records', '20000', '--timeout', '60000', '--hide-header'])
run('kafka-e2e-latency', ['--bootstrap-server', n.bootstrap, '--topic', 'latency', '--num-records', '500', '--producer-acks', '1', '--record-size', '100'])
console.log(residentMb(n.pid))
await n.stop(); rmSync(d, { recursive: true })
