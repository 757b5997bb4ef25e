/**
 * The broker as a background process. Whoever starts it sends the options over the IPC channel and gets one message back: that the
 * broker answers, or why it doesn't. From then on the process is on its own.
 */
import { systemClock } from '../base/clock.ts'
import { watchIdle } from './process/idle.ts'
import { createNodeLogger, logFormatOf, logLevelOf } from './process/node-logger.ts'
import { RotatingFile } from './process/rotating-file.ts'
import { type RunningNode, runNode } from './process/run-node.ts'
import type { NodeState } from './process/state-file.ts'
import { keepYoungHeapSmall } from './process/young-heap.ts'

/** What the parent sends. */
export interface DaemonOptions {
  properties: [string, string][]
  format: boolean
  anyPort: boolean
  logFile: string
  /** 0 for never. */
  idleTimeoutMs: number
  /** Faults on demand; see parseFault. */
  faults?: string[]
}

/** The daemon's answer. */
export type DaemonAnswer =
  | { state: NodeState }
  | { error: { name: string; message: string; nextStep: string; stack: string; pid?: number } }

function answer(message: DaemonAnswer): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || process.send === undefined) return resolve()
    // Whoever started it may be gone: that is no reason to stop.
    process.send(message, undefined, undefined, () => resolve())
  })
}

function describe(error: unknown): DaemonAnswer {
  const { name, message, stack = '', nextStep = '', pid } = error as Error & { nextStep?: string; pid?: number }
  return { error: { name, message, nextStep, stack, ...(pid === undefined ? {} : { pid }) } }
}

async function run(options: DaemonOptions): Promise<void> {
  const file = new RotatingFile(options.logFile)
  let logger = createNodeLogger(file, logFormatOf(process.env))
  let node: RunningNode
  try {
    logger = createNodeLogger(file, logFormatOf(process.env), logLevelOf(process.env))
    node = await runNode({ ...options, properties: new Map(options.properties), logger, announce: true })
  } catch (error) {
    logger.error({ err: error }, 'the broker could not start')
    await answer(describe(error))
    process.exit(1)
  }
  logger.info({ pid: process.pid, bootstrap: node.state.bootstrap, dataDir: node.state.dataDir }, 'ready')
  const stop = (why: string): void => {
    logger.info({}, why)
    node.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'the broker did not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('stopping: SIGTERM'))
  process.on('SIGINT', () => stop('stopping: SIGINT'))
  process.on('SIGHUP', () => {})
  process.on('uncaughtException', (error) => {
    logger.error({ err: error }, 'unexpected failure: the broker ends')
    process.exit(1)
  })
  const { idleTimeoutMs } = options
  watchIdle(node.broker, idleTimeoutMs, systemClock, () => stop(`stopping: no client for ${idleTimeoutMs / 1000} s`))
  await answer({ state: node.state })
  if (process.connected) process.disconnect()
}

keepYoungHeapSmall()
process.once('message', (options) => void run(options as DaemonOptions))
