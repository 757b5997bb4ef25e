import { join } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { parseOptions } from '../../cli/joptsimple.ts'
import { plainly } from '../../cli/run-command.ts'
import { KAFKA_VERSION, optionTable } from '../../cli/usage.ts'
import { applyOverrides, readServerProperties } from './properties.ts'
import { spec } from './start-options.ts'

export { spec }

const usage = (): never => {
  const line = 'USAGE: kt server-start [--daemon] server.properties [--override property=value]*'
  throw new CommandExit(1, `${line}\n${optionTable(spec)}`)
}

const runInBackground = async (properties: ReadonlyMap<string, string>, io: Io): Promise<number> => {
  const [{ BrokerConfig }, { LOG_FILE }, { startDaemon }] = await Promise.all([
    import('../../config/broker-config.ts'),
    import('../../embedded/find-or-start.ts'),
    import('../../embedded/start-daemon.ts'),
  ])
  const { metadataLogDir } = BrokerConfig.fromProperties(properties).topology
  const logFile = join(metadataLogDir, LOG_FILE)
  const state = await startDaemon({
    properties: [...properties],
    format: false,
    anyPort: false,
    logFile,
    idleTimeoutMs: 0,
  })
  println(io.err, `Started broker ${state.nodeId} on ${state.bootstrap} (process ${state.pid}, log ${logFile})`)
  return 0
}

const start = async (args: readonly string[], io: Io): Promise<number> => {
  const given = args.filter((arg) => arg !== '-daemon' && arg !== '--daemon')
  const [file, ...rest] = given
  if (file === undefined || given.includes('--help')) return usage()
  if (given.includes('--version')) {
    println(io.out, KAFKA_VERSION)
    return 0
  }
  const options = parseOptions(spec, rest)
  if (options.words.length > 0) {
    throw new CommandExit(1, `Found non argument parameters: ${options.words.join(',')}\n${optionTable(spec)}`)
  }
  const properties = applyOverrides(readServerProperties(file), options.texts('override'))
  if (given.length < args.length) return runInBackground(properties, io)
  const { runForeground } = await import('../../embedded/foreground.ts')
  return runForeground({ properties, format: false, anyPort: false }, io)
}

/** `kafka-server-start.sh` with these arguments; resolves with the exit code once the broker has stopped. */
export const run = (args: readonly string[], io: Io): Promise<number> => plainly(io, () => start(args, io))
