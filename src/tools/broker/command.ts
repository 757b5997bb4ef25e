import { resolve } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { plainly } from '../../cli/run-command.ts'
import { ownHelp } from '../../cli/usage.ts'
import { resolveDataDir } from '../../embedded/data-dir.ts'
import { spec } from './options.ts'

export { spec }

type Action = (options: OptionSet, io: Io, dataDir: string) => Promise<number>

const actions: Readonly<Record<string, { load(): Promise<Action>; options: readonly string[] }>> = {
  start: {
    load: async () => (await import('./start.ts')).start,
    options: ['port', 'data-dir', 'config', 'override', 'fault', 'foreground', 'output'],
  },
  stop: { load: async () => (await import('./status.ts')).stop, options: ['data-dir', 'output'] },
  status: { load: async () => (await import('./status.ts')).status, options: ['data-dir', 'output'] },
  logs: { load: async () => (await import('./logs.ts')).logs, options: ['data-dir', 'follow', 'lines'] },
}

const helpText = (io: Io): string => ownHelp(spec, 'Usage: kt broker start|stop|status|logs [options]', io)

const usage = (message: string, io: Io): never => {
  const brief = `${message}\n\`kt broker --help\` shows actions and options.\n`
  throw new CommandExit(1, `${message}\n${helpText(io)}`, brief)
}

const act = async (args: readonly string[], io: Io): Promise<number> => {
  // -f and -n are what tail has; the parser would take them for the beginnings of several names.
  const options = parseOptions(
    spec,
    args.map((arg) => (arg === '-f' ? '--follow' : arg === '-n' ? '--lines' : arg)),
  )
  const [name, ...more] = options.words
  if (options.has('help')) {
    io.out.write(`${spec.summary}\n${helpText(io)}`)
    return 0
  }
  if (name === undefined) throw new CommandExit(1, `${spec.summary}\n${helpText(io)}`)
  const action = Object.hasOwn(actions, name) ? actions[name]! : usage(`There is no action '${name}'.`, io)
  if (more.length > 0) return usage(`Unexpected argument: ${more[0]}`, io)
  const foreign = options.given.find((option) => !action.options.includes(option))
  if (foreign !== undefined) return usage(`Option "[${foreign}]" can't be used with ${name}`, io)
  const given = options.text('data-dir')
  const dataDir = given === undefined ? resolveDataDir(io.env) : resolve(given)
  return (await action.load())(options, io, dataDir)
}

/** `kt broker` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io): Promise<number> => plainly(io, () => act(args, io))
