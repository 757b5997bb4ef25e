import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DaemonAnswer, DaemonOptions } from '../broker/daemon.ts'
import type { NodeState } from '../broker/process/state-file.ts'
import { EmbeddedError } from './errors.ts'

/** A start that takes longer than this says so. */
const SLOW_START_MS = 5000

/** A daemon's error, as it was in its process. */
export class DaemonStartError extends EmbeddedError {
  /** Class of the error: DataDirInUseError, ConfigError … */
  readonly reason: string

  constructor(
    { name, message, nextStep, stack }: { name: string; message: string; nextStep: string; stack: string },
    logFile: string,
  ) {
    super(message, nextStep || `The broker's log is ${logFile}.`)
    this.reason = name
    this.stack = stack
  }
}

/** The program that runs the daemon: the bundle, or the sources by way of tsx in a development tree. */
function daemonCommand(): string[] {
  const path = fileURLToPath(new URL('../broker/daemon.ts', import.meta.url))
  return path.endsWith('.ts') ? ['--import', createRequire(import.meta.url).resolve('tsx'), path] : [path]
}

function lastLines(path: string, count: number): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n')
  } catch {
    return ''
  }
}

function launch(options: DaemonOptions): ChildProcess {
  mkdirSync(dirname(options.logFile), { recursive: true })
  // What bypasses the logger, a crash of the runtime say, goes to the same file.
  const fd = openSync(options.logFile, 'a')
  try {
    return spawn(process.execPath, daemonCommand(), {
      detached: true,
      stdio: ['ignore', fd, fd, 'ipc'],
      windowsHide: true,
    })
  } finally {
    closeSync(fd)
  }
}

/**
 * Starts a broker in the background and waits until it answers clients.
 * @param onSlow called once when it takes long, as after a crash with much to recover
 * @returns what the broker announces of itself
 * @throws DaemonStartError with the broker's reason, EmbeddedError when its process ends without one
 */
export function startDaemon(options: DaemonOptions, onSlow: () => void = () => {}): Promise<NodeState> {
  return new Promise((resolve, reject) => {
    let child: ChildProcess
    try {
      child = launch(options)
    } catch (error) {
      reject(
        new EmbeddedError(`The broker can't be started: ${(error as Error).message}`, `Check ${options.logFile}.`, {
          cause: error,
        }),
      )
      return
    }
    const slow = setTimeout(onSlow, SLOW_START_MS)
    const finish = (settle: () => void): void => {
      clearTimeout(slow)
      child.removeAllListeners()
      if (child.connected) child.disconnect()
      child.unref()
      settle()
    }
    child.once('error', (error) => {
      finish(() => reject(new EmbeddedError(`The broker can't be started: ${error.message}`, '', { cause: error })))
    })
    child.once('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`
      finish(() =>
        reject(new EmbeddedError(`The broker ended while starting (${how}).`, lastLines(options.logFile, 5))),
      )
    })
    child.once('message', (message) => {
      const answer = message as DaemonAnswer
      if ('state' in answer) finish(() => resolve(answer.state))
      else finish(() => reject(new DaemonStartError(answer.error, options.logFile)))
    })
    child.send(options, () => {})
  })
}
