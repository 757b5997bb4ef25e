import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

/** Which program runs the broker. */
export type Flavour = 'kt' | 'kafka'

const START_LIMIT_MS = 60_000
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qg'
const ktEntry = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** Path of one of Kafka's own scripts. */
export const script = (name: string): string => join(process.env.KAFKA_HOME ?? '', 'bin', `${name}.sh`)

const started = new Set<ChildProcess>()

/** However this process ends, no broker stays behind. */
process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, 'localhost')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A broker process over one data directory. */
export interface NodeProcess {
  bootstrap: string
  /** Address of its controller listener. */
  controller: string
  dataDir: string
  clusterId: string
  /** Everything the process printed goes here. */
  logFile: string
  pid: number
  /** Ends the process and waits for that. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

function properties(port: number, controllerPort: number, dataDir: string): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:${controllerPort}
listeners=PLAINTEXT://localhost:${port},CONTROLLER://localhost:${controllerPort}
advertised.listeners=PLAINTEXT://localhost:${port}
controller.listener.names=CONTROLLER
log.dirs=${dataDir}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
`
}

/**
 * Starts a broker with these further properties on `home`/data, formatting it first when it is new, and waits until it accepts
 * connections. Throws with the end of its output when it dies before.
 */
export async function startNode(
  flavour: Flavour,
  home: string,
  more: readonly string[] = [],
  clusterId = CLUSTER_ID,
): Promise<NodeProcess> {
  mkdirSync(home, { recursive: true })
  const [port, controllerPort] = [await freePort(), await freePort()]
  const dataDir = join(home, 'data')
  const config = join(home, 'server.properties')
  writeFileSync(config, `${properties(port, controllerPort, dataDir)}${more.join('\n')}\n`)
  if (!existsSync(join(dataDir, 'meta.properties'))) {
    const [program, ...first] = flavour === 'kt' ? [process.execPath, ktEntry, 'storage'] : [script('kafka-storage')]
    execFileSync(program!, [...first, 'format', '--standalone', '-t', clusterId, '-c', config], { stdio: 'pipe' })
  }
  const logFile = join(home, `${flavour}.log`)
  const log = openSync(logFile, 'a')
  const child =
    flavour === 'kt'
      ? spawn(process.execPath, [ktEntry, 'server-start', config], { stdio: ['ignore', log, log] })
      : spawn(script('kafka-server-start'), [config], { stdio: ['ignore', log, log] })
  started.add(child)
  child.once('exit', () => started.delete(child))
  await untilReady(child, port, flavour, logFile)
  return {
    bootstrap: `localhost:${port}`,
    controller: `localhost:${controllerPort}`,
    dataDir,
    clusterId,
    logFile,
    pid: child.pid!,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
    },
  }
}

async function untilReady(child: ChildProcess, port: number, flavour: Flavour, logFile: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS
  while (!(await accepts(port))) {
    const ended = child.exitCode !== null || child.signalCode !== null
    if (ended || Date.now() > deadline) {
      child.kill('SIGKILL')
      const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
      throw new Error(
        `${flavour} ${ended ? 'ended while starting' : `did not listen within ${START_LIMIT_MS} ms`}:\n${tail}`,
      )
    }
    await delay(5)
  }
}
