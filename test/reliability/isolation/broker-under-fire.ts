import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../../src/protocol/generated/10-find-coordinator.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { type Cluster, check, pause, persistently, Session } from './session.ts'
import { PARTITIONS, SOURCE, TARGET } from './workload.ts'

const GROUP_KEY = 0
const TRANSACTION_KEY = 1
const COORDINATOR_NOT_AVAILABLE = 15

const kt = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

/** Answers lost after and before the work, errors that clients retry, and delays that let everybody overtake everybody. */
const FAULTS = [
  'close,api=Produce,when=response,probability=0.01',
  'close,api=EndTxn,when=response,probability=0.03',
  'close,api=EndTxn,probability=0.02',
  'drop,api=EndTxn,when=response,probability=0.002',
  'drop,api=Produce,when=response,probability=0.001',
  'error=NOT_COORDINATOR,api=EndTxn,probability=0.02',
  'error=COORDINATOR_LOAD_IN_PROGRESS,api=InitProducerId,probability=0.05',
  'error=NOT_LEADER_OR_FOLLOWER,api=Produce,probability=0.01',
  'close,api=TxnOffsetCommit,when=response,probability=0.02',
  'close,api=Fetch,probability=0.002',
  'delay=30,probability=0.02',
]

/** A broker in a process of its own that misbehaves all the time and is killed now and then. */
export class BrokerUnderFire implements Cluster {
  port = 0
  isEnding = false
  kills = 0
  private readonly dir: string
  private child: ChildProcess | undefined

  private constructor(dir: string) {
    this.dir = dir
  }

  static async start(): Promise<BrokerUnderFire> {
    const broker = new BrokerUnderFire(await mkdtemp(join(tmpdir(), 'kt-isolation-')))
    await broker.launch()
    const session = new Session(broker, 'setup')
    const topics = [SOURCE, TARGET].map((name) => ({ name, numPartitions: PARTITIONS, replicationFactor: 1 }))
    const answer = await session.send(CreateTopicsRequest, CreateTopicsResponse, 7, { topics, timeoutMs: 10_000 })
    for (const { errorCode, name } of answer.topics) check(errorCode, `CreateTopics of ${name}`)
    // Looking a coordinator up makes the topics of transactions and groups.
    for (const keyType of [GROUP_KEY, TRANSACTION_KEY]) {
      await persistently(100, [COORDINATOR_NOT_AVAILABLE], async () => {
        const message = { keyType, coordinatorKeys: ['any'] }
        const { coordinators } = await session.send(FindCoordinatorRequest, FindCoordinatorResponse, 4, message)
        check(coordinators[0]?.errorCode ?? -1, 'FindCoordinator')
      })
    }
    session.close()
    return broker
  }

  private async launch(): Promise<void> {
    const faults = FAULTS.flatMap((fault) => ['--fault', fault])
    const args = ['broker', 'start', '--foreground', '--port', '0', '--data-dir', join(this.dir, 'data'), ...faults]
    const env = { ...process.env, KT_RUN_DIR: this.dir }
    const child = spawn(process.execPath, [kt, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env })
    this.child = child
    this.port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the broker ended with ${code} before it was ready`)))
      createInterface({ input: child.stdout }).on('line', (line) => {
        const port = /bootstrap=localhost:(\d+)/.exec(line)?.[1]
        if (port) resolve(Number(port))
      })
    })
  }

  private async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this
    if (!child || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  /** Kills and restarts at random moments for `durationMs`, then lets everybody finish. */
  async rage(durationMs: number, meanPauseMs: number): Promise<void> {
    const endMs = Date.now() + durationMs
    for (;;) {
      const pauseMs = meanPauseMs * (0.3 + 1.4 * Math.random())
      if (Date.now() + pauseMs > endMs) break
      await pause(pauseMs)
      await this.kill('SIGKILL')
      this.kills++
      await this.launch()
    }
    await pause(Math.max(0, endMs - Date.now()))
    this.isEnding = true
  }

  async close(): Promise<void> {
    await this.kill('SIGTERM')
    await rm(this.dir, { recursive: true, force: true })
  }
}
