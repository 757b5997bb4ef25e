import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { DaemonOptions } from '../broker/daemon.ts'
import type { FileLock } from '../broker/lock-file.ts'
import type { NodeState } from '../broker/process/state-file.ts'
import { defaultEmbeddedProperties } from '../config/embedded-config.ts'
import { type Environment, resolveDataDir } from './data-dir.ts'
import { EmbeddedError } from './errors.ts'
import { idleTimeoutMs } from './idle-timeout.ts'
import { startDaemon } from './start-daemon.ts'
import { waitFor } from './watch.ts'

/** The part of a command's surroundings that is used here. */
export interface EmbeddedIo {
  env: Environment
  err: { write(text: string): void }
}

/** A broker to talk to. */
export interface FoundBroker {
  /** host:port */
  bootstrap: string
  state: NodeState
  /** Whether it was started by this call. */
  started: boolean
}

/** The broker's log in the data directory. */
export const LOG_FILE = 'kt-broker.log'
/** Port of the embedded broker when it is free. */
export const PREFERRED_PORT = 9092
/** Held by the process that is starting a broker, so that many commands at once start one. */
const START_LOCK = '.kt-start'
/** How long a broker may take to stop or to announce itself before that counts as stuck. */
const PATIENCE_MS = 60_000

/** Whether something accepts connections there. */
export function isReachable(host: string, port: number, timeoutMs = 2000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const done = (reachable: boolean): void => {
      socket.destroy()
      resolve(reachable)
    }
    socket.setTimeout(timeoutMs, () => done(false))
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
}

/** The broker that runs on a data directory, announced and accepting connections; undefined when there is none. */
export async function findRunning(dataDir: string): Promise<NodeState | undefined> {
  const { readState } = await import('../broker/process/state-file.ts')
  const state = readState(dataDir)
  return state !== undefined && (await isReachable(state.host, state.port)) ? state : undefined
}

/** The options of a daemon on an embedded data directory. */
export function embeddedDaemonOptions(
  dataDir: string,
  env: Environment,
  port?: number,
  overrides: Readonly<Record<string, string>> = {},
): DaemonOptions {
  return {
    properties: [...defaultEmbeddedProperties({ port: port ?? PREFERRED_PORT, dataDir, overrides })],
    format: true,
    anyPort: port === undefined,
    logFile: join(dataDir, LOG_FILE),
    idleTimeoutMs: idleTimeoutMs(env),
  }
}

function ensureDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true })
  } catch (error) {
    const reason = (error as Error).message
    const nextStep = 'Set KT_DATA_DIR to a directory that can be written, or name a cluster with --bootstrap-server.'
    throw new EmbeddedError(`The data directory ${dataDir} can't be created: ${reason}`, nextStep, { cause: error })
  }
}

/**
 * Starts a broker on a data directory unless one runs there; of many processes that ask at once one starts it and all get it.
 * @param options of the daemon; its first log directory is `dataDir`
 * @throws EmbeddedError, DaemonStartError; DataDirUnusableError
 */
export async function startUnlessRunning(
  dataDir: string,
  options: DaemonOptions,
  io: EmbeddedIo,
): Promise<FoundBroker> {
  const { DataDirInUseError, lockHolder, takeLock } = await import('../broker/lock-file.ts')
  const { readState } = await import('../broker/process/state-file.ts')
  ensureDirectory(dataDir)
  const tryLock = (): FileLock | undefined => {
    try {
      return takeLock(dataDir, START_LOCK)
    } catch (error) {
      if (error instanceof DataDirInUseError) return undefined
      throw error
    }
  }
  let lock = tryLock()
  for (;;) {
    const state = await findRunning(dataDir)
    if (state) {
      lock?.release()
      return { bootstrap: state.bootstrap, state, started: false }
    }
    if (lock) break
    lock = await waitFor(dataDir, PATIENCE_MS, tryLock)
    if (!lock)
      throw new EmbeddedError(
        `Another process has been starting the broker of ${dataDir} for a minute.`,
        `See ${options.logFile}.`,
      )
  }
  try {
    const other = await waitFor(dataDir, PATIENCE_MS, () => {
      const state = readState(dataDir)
      return state ?? (lockHolder(dataDir) === undefined ? 'free' : undefined)
    })
    if (other !== 'free') {
      // Somebody else's start, `kt server-start` say, was under way; a broker that is stopping takes its announcement back first.
      if (other && (await isReachable(other.host, other.port)))
        return { bootstrap: other.bootstrap, state: other, started: false }
      const pid = lockHolder(dataDir)?.pid
      const nextStep = `End it (kill ${pid}), or use another data directory (KT_DATA_DIR).`
      throw new EmbeddedError(
        `Process ${pid} holds the data directory ${dataDir}, but no broker answers there.`,
        nextStep,
      )
    }
    const started = await startDaemon(options, () => {
      io.err.write(`The broker is still starting, perhaps recovering its logs; see ${options.logFile}\n`)
    })
    return { bootstrap: started.bootstrap, state: started, started: true }
  } finally {
    lock.release()
  }
}

/**
 * The embedded broker of this user: the one that runs on the data directory, else a new one in the background, on port 9092 when that is
 * free. One line on `io.err` says so when one was started.
 * @throws EmbeddedError and what `startUnlessRunning` throws
 */
export async function findOrStartEmbedded(io: EmbeddedIo): Promise<FoundBroker> {
  const dataDir = resolveDataDir(io.env)
  const state = await findRunning(dataDir)
  if (state) return { bootstrap: state.bootstrap, state, started: false }
  const found = await startUnlessRunning(dataDir, embeddedDaemonOptions(dataDir, io.env), io)
  if (found.started) {
    io.err.write(`Started an embedded broker on ${found.bootstrap} (data: ${dataDir}; \`kt broker stop\` ends it)\n`)
  }
  return found
}
