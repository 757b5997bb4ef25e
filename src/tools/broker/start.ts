import { join, resolve } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { BrokerConfig } from '../../config/broker-config.ts'
import { embeddedDaemonOptions, LOG_FILE, startUnlessRunning } from '../../embedded/find-or-start.ts'
import { applyOverrides, readServerProperties } from '../server/properties.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { stateRow } from './status.ts'

type DaemonOptions = ReturnType<typeof embeddedDaemonOptions>

/** The file's listeners with another port for clients. */
const withPort = (properties: Map<string, string>, port: number): Map<string, string> => {
  const { topology } = BrokerConfig.fromProperties(properties)
  const controllers = new Set(topology.controllerListeners.map(({ listener }) => listener))
  const change = (text: string): string =>
    text
      .split(',')
      .map((part) =>
        controllers.has(part.trim().split(':')[0]!.toUpperCase()) ? part : part.replace(/:\d+(\s*)$/, `:${port}$1`),
      )
      .join(',')
  for (const name of ['listeners', 'advertised.listeners']) {
    const text = properties.get(name)
    if (text !== undefined) properties.set(name, change(text))
  }
  return properties
}

/** The daemon's options from the command line, and the directory its lock is in. */
const startOptions = (options: OptionSet, io: Io, dataDir: string): { dataDir: string; daemon: DaemonOptions } => {
  const port = options.int('port')
  if (port !== undefined && (port < 0 || port > 65535))
    throw new CommandExit(1, `Invalid port ${port}: it must be between 0 and 65535.\n`)
  const overrides = options.texts('override')
  const file = options.text('config')
  if (file === undefined) {
    const daemon = embeddedDaemonOptions(
      dataDir,
      io.env,
      port,
      Object.fromEntries(applyOverrides(new Map(), overrides)),
    )
    return { dataDir, daemon: { ...daemon, idleTimeoutMs: 0 } }
  }
  let properties = readServerProperties(file)
  if (options.has('data-dir')) properties.set('log.dirs', dataDir)
  if (port !== undefined) properties = withPort(properties, port)
  properties = applyOverrides(properties, overrides)
  const { metadataLogDir } = BrokerConfig.fromProperties(properties).topology
  const logFile = join(resolve(metadataLogDir), LOG_FILE)
  return {
    dataDir: resolve(metadataLogDir),
    daemon: { properties: [...properties], format: true, anyPort: false, logFile, idleTimeoutMs: 0 },
  }
}

/** `kt broker start`; 0 when a broker runs afterwards, started now or before. */
export const start = async (options: OptionSet, io: Io, givenDataDir: string): Promise<number> => {
  const { dataDir, daemon } = startOptions(options, io, givenDataDir)
  if (options.has('foreground')) {
    const { runForeground } = await import('../../embedded/foreground.ts')
    return runForeground({ ...daemon, properties: new Map(daemon.properties), faults: options.texts('fault') }, io)
  }
  const format = outputFormat(options, io)
  const faults = options.texts('fault')
  const { state, started } = await startUnlessRunning(dataDir, { ...daemon, faults }, io)
  const wanted = options.int('port')
  if (!started && wanted !== undefined && wanted !== 0 && wanted !== state.port) {
    throw new CommandExit(
      1,
      `A broker of ${dataDir} already runs on port ${state.port}. Stop it first: kt broker stop\n`,
    )
  }
  if (!started && faults.length > 0) {
    throw new CommandExit(
      1,
      `A broker of ${dataDir} already runs, without these faults. Stop it first: kt broker stop\n`,
    )
  }
  if (format) {
    const row = { ...stateRow(state), isStarted: started }
    await printStructured(io, format, [row], Object.keys(row))
  } else if (started)
    println(io.out, `Started broker on ${state.bootstrap} (process ${state.pid}, data ${state.dataDir})`)
  else println(io.out, `A broker already runs on ${state.bootstrap} (process ${state.pid}, data ${state.dataDir})`)
  return 0
}
