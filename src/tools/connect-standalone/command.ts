import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { mayOmitBootstrap, resolveBootstrap } from '../../cli/session.ts'
import type { StandaloneWorker } from '../../connect/standalone.ts'
import { loadProperties } from '../shared/connect.ts'
import { spec } from './options.ts'

export { spec }

const USAGE = 'Usage: ConnectStandalone worker.properties [connector1.properties connector2.json ...]'
const interruptCodes = { SIGINT: 130, SIGTERM: 143 } as const

const workerProperties = async (path: string, io: Io): Promise<Map<string, string>> => {
  const properties = await loadProperties(path)
  if (!properties.has('bootstrap.servers') && mayOmitBootstrap(io)) {
    properties.set('bootstrap.servers', await resolveBootstrap(io, undefined))
  }
  return properties
}

/** `connect-standalone.sh` with these arguments; resolves with the exit code once the worker has stopped. */
export const run = async (args: readonly string[], io: Io): Promise<number> => {
  const [workerFile, ...connectorFiles] = args
  if (workerFile === undefined || args.includes('--help')) throw new CommandExit(1, `${USAGE}\n`)
  const [{ StandaloneWorker: Worker }, { Log, LogTarget }, { traceOf }] = await Promise.all([
    import('../../connect/standalone.ts'),
    import('../../connect/runtime/log.ts'),
    import('../../connect/runtime/trace.ts'),
  ])
  const target = new LogTarget((line) => io.err.write(line))
  const log = new Log(target)
  let interrupted: number | undefined
  let wake = (): void => {}
  const asked = new Promise<void>((resolve) => {
    wake = resolve
  })
  const restore = io.onInterrupt((signal) => {
    // The second one ends the process at once.
    restore()
    interrupted = interruptCodes[signal]
    wake()
  })
  let worker: StandaloneWorker
  try {
    const started = workerProperties(workerFile, io).then((properties) => Worker.start(properties, target))
    const first = await Promise.race([started, asked])
    if (first === undefined) return interrupted!
    worker = first
  } catch (error) {
    restore()
    log.error(`Stopping due to error: ${whole(error, traceOf, io)}`)
    return 2
  }
  const code = await runConnectors(worker, connectorFiles, log, asked, (error) => whole(error, traceOf, io))
  await worker.stop()
  restore()
  return interrupted ?? code
}

/** The message and what caused it; with KT_DEBUG=1 where from. */
const whole = (error: unknown, traceOf: (error: unknown) => string, io: Io): string =>
  io.env.KT_DEBUG === '1'
    ? traceOf(error).trimEnd()
    : traceOf(error)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('\tat '))
        .join('\n')

const runConnectors = async (
  worker: StandaloneWorker,
  files: readonly string[],
  log: { error(message: string): void },
  asked: Promise<void>,
  text: (error: unknown) => string,
): Promise<number> => {
  const { readConnectorFile } = await import('./connector-file.ts')
  for (const file of files) {
    try {
      const { props, target } = await readConnectorFile(file)
      await worker.create(props, target)
    } catch (error) {
      log.error(`Failed to create connector for ${file}`)
      log.error(`Stopping after connector error: ${text(error)}`)
      return 3
    }
  }
  await asked
  return 0
}
