import type { CommandModule } from './command-module.ts'
import { CommandExit } from './exit.ts'
import type { Io } from './io.ts'
import { isRecordStream, machineFormat } from './machine.ts'
import { takeSessionOptions, withSessionOptions } from './session-options.ts'

/** Message of whatever was thrown. */
export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Java's Throwable.toString(): class and message, as Kafka's tools print it.
 */
export const javaText = (error: unknown): string => {
  const javaClass = (error as { exceptionClass?: string }).exceptionClass ?? 'java.lang.RuntimeException'
  return `${javaClass}: ${errorMessage(error)}`
}

/** Further sentences an error carries beyond Kafka's own words: what lies behind, and what to do. */
export const errorHints = (error: unknown): string[] => {
  const { detail, nextStep } = error as { detail?: unknown; nextStep?: unknown }
  return [detail, nextStep].filter((text): text is string => typeof text === 'string' && text !== '')
}

/** Notes an error that ended an action, for programs; with KT_DEBUG=1, where it came from, on standard error. */
export const debugStack = (io: Pick<Io, 'env' | 'err' | 'failed'>, error: unknown): void => {
  io.failed?.(error)
  if (io.env.KT_DEBUG !== '1' || !(error instanceof Error)) return
  io.err.write(`${error.stack ?? error.message}\n`)
  if (error.cause !== undefined) {
    io.err.write(`Caused by: ${error.cause instanceof Error ? error.cause.stack : String(error.cause)}\n`)
  }
}

/** Prints an error no command has words of its own for: its message, then its hints, to standard error. */
export const printError = (io: Pick<Io, 'env' | 'err' | 'failed'>, error: unknown): void => {
  io.err.write(`${[errorMessage(error), ...errorHints(error)].join('\n')}\n`)
  debugStack(io, error)
}

/** Does the work of a command that prints the bare message of whatever goes wrong and ends with 1, else with its number or 0. */
export const plainly = async (io: Io, work: () => Promise<unknown>): Promise<number> => {
  try {
    const code = await work()
    return typeof code === 'number' ? code : 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    printError(io, error)
    return 1
  }
}

/** At a terminal, a guess at what an unknown option was to be. In a pipe there are Kafka's words only. */
const guess = async ({ spec }: CommandModule, args: readonly string[], io: Io): Promise<void> => {
  const { suggestOption } = await import('./suggest.ts')
  const name = suggestOption(withSessionOptions(spec), args)
  if (name !== undefined) io.err.write(`Did you mean --${name}?\n`)
}

/** Runs a command without the session's options, which it doesn't know; they are in its Io. */
const runInSession = async (module: CommandModule, args: readonly string[], io: Io): Promise<number> => {
  const taken = takeSessionOptions(module.spec, args, io)
  const code = await module.run(taken.args, taken.io)
  // Some scripts end with 0 whatever goes wrong; that a change was refused must not look like success.
  return taken.io.session?.refused && code === 0 ? 1 : code
}

/**
 * Runs a command to its exit code: usage errors and typed errors become their text on standard error, a reader of stdout that
 * went away ends it quietly, and all output is out when it resolves. See run-for-program.ts for `--output json|yaml`.
 */
export const runCommand = async (module: CommandModule, args: readonly string[], io: Io): Promise<number> => {
  const format = machineFormat(module.spec, args, io.env)
  if (format !== undefined) {
    const { runForProgram } = await import('./run-for-program.ts')
    return runForProgram({ ...module, run: (all, within) => runInSession(module, all, within) }, args, io, format)
  }
  if (isRecordStream(module.spec, args, io)) {
    const { runRecordStream } = await import('./run-for-program.ts')
    return runRecordStream({ ...module, run: (all, within) => runInSession(module, all, within) }, args, io)
  }
  let code: number
  let guessed = false
  try {
    code = await runInSession(module, args, io)
  } catch (error) {
    if (error instanceof CommandExit) {
      await io.out.flush().catch(() => undefined)
      io.err.write(io.isTTY ? error.brief : error.stderr)
      code = error.code
      guessed = error.name === 'ArgparseError'
    } else {
      printError(io, error)
      code = 1
    }
  }
  try {
    await io.out.flush()
    if (io.stderrIsTTY && code !== 0 && !guessed) await guess(module, args, io)
    await io.err.flush()
  } catch (error) {
    // A command that failed has told why; it may have been this.
    if (code === 0) io.err.write(`${errorMessage(error)}\n`)
    return code || 1
  }
  return code
}
