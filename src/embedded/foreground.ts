import type { NodeState } from '../broker/process/state-file.ts'
import type { Environment } from './data-dir.ts'

/** The part of a command's surroundings a foreground broker uses. */
export interface ForegroundIo {
  env: Environment
  out: { write(text: string): void }
  onInterrupt(handler: (signal: 'SIGINT' | 'SIGTERM') => void): () => void
}

export interface ForegroundOptions {
  properties: ReadonlyMap<string, string>
  /** Format empty directories. */
  format: boolean
  /** Take another port when the wanted one is taken. */
  /** Faults on demand, as `kt broker start --fault` takes them. */
  faults?: readonly string[]
  anyPort: boolean
  /** Called when clients can use the broker. */
  onReady?(state: NodeState): void
}

/** What a Java server's process ends with after a clean shutdown by signal: 128 plus the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Runs a broker in this process until a signal comes, with its log on standard output; then stops it cleanly.
 * @returns the exit code
 * @throws what runNode throws when it can't start
 */
export async function runForeground(options: ForegroundOptions, io: ForegroundIo): Promise<number> {
  const [{ runNode }, { createNodeLogger, logFormatOf, logLevelOf }, { keepYoungHeapSmall }] = await Promise.all([
    import('../broker/process/run-node.ts'),
    import('../broker/process/node-logger.ts'),
    import('../broker/process/young-heap.ts'),
  ])
  keepYoungHeapSmall()
  const logger = createNodeLogger(io.out, logFormatOf(io.env), logLevelOf(io.env))
  let stopListening = (): void => {}
  const signalled = new Promise<'SIGINT' | 'SIGTERM'>((resolve) => {
    stopListening = io.onInterrupt(resolve)
  })
  try {
    const { properties, format, anyPort, faults } = options
    const node = await runNode({ properties, format, anyPort, faults, logger, announce: true })
    const { nodeId, bootstrap, dataDir } = node.state
    logger.info({ bootstrap, dataDir }, `[KafkaRaftServer nodeId=${nodeId}] Kafka Server started`)
    options.onReady?.(node.state)
    const signal = await signalled
    logger.info({}, `Terminating process due to signal ${signal}`)
    await node.stop()
    return EXIT_CODES[signal]
  } finally {
    stopListening()
  }
}
