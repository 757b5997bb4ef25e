import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { plainly } from '../../cli/run-command.ts'
import { ownHelp } from '../../cli/usage.ts'
import { spec } from './options.ts'

export { spec }

/** An action of `kt profile`, with its words after the action's name. */
export type Action = (words: readonly string[], options: OptionSet, io: Io) => Promise<number>

interface ActionInfo {
  load(): Promise<Action>
  options: readonly string[]
  /** The least and most words after the action. */
  words: readonly [number, number]
  usage: string
}

const actions: Readonly<Record<string, ActionInfo>> = {
  add: {
    load: async () => (await import('./add.ts')).add,
    options: [
      'bootstrap-server',
      'property',
      'from-file',
      'description',
      'colour',
      'protected',
      'read-only',
      'keyring',
      'force',
      'yes',
    ],
    words: [1, 1],
    usage: 'add NAME --bootstrap-server HOST:PORT',
  },
  use: { load: async () => (await import('./use.ts')).use, options: [], words: [1, 1], usage: 'use NAME|embedded' },
  list: { load: async () => (await import('./list.ts')).list, options: ['output'], words: [0, 0], usage: 'list' },
  show: {
    load: async () => (await import('./list.ts')).show,
    options: ['output'],
    words: [0, 1],
    usage: 'show [NAME]',
  },
  remove: {
    load: async () => (await import('./use.ts')).remove,
    options: ['yes'],
    words: [1, 1],
    usage: 'remove NAME',
  },
  import: {
    load: async () => (await import('./import.ts')).importProfiles,
    options: ['name', 'protected', 'read-only', 'keyring', 'force'],
    words: [1, 2],
    usage: 'import kcat|kaf|kafkactl|rpk|properties [FILE]',
  },
}

const helpText = (io: Io): string => {
  const lines = Object.values(actions).map(({ usage }) => `  kt profile ${usage}`)
  return ownHelp(spec, `Usage:\n${lines.join('\n')}`, io)
}

const usage = (message: string, io: Io): never => {
  const brief = `${message}\n\`kt profile --help\` shows actions and options.\n`
  throw new CommandExit(1, `${message}\n${helpText(io)}`, brief)
}

const act = async (args: readonly string[], io: Io): Promise<number> => {
  const options = parseOptions(spec, args)
  const [name, ...words] = options.words
  if (options.has('help')) {
    io.out.write(`${spec.summary}\n${helpText(io)}`)
    return 0
  }
  if (name === undefined) throw new CommandExit(1, `${spec.summary}\n${helpText(io)}`)
  const action = Object.hasOwn(actions, name) ? actions[name]! : usage(`There is no action '${name}'.`, io)
  const [least, most] = action.words
  if (words.length < least) return usage(`Something is missing: kt profile ${action.usage}`, io)
  if (words.length > most) return usage(`Unexpected argument: ${words[most]}`, io)
  const foreign = options.given.find((option) => !action.options.includes(option))
  if (foreign !== undefined) return usage(`Option "[${foreign}]" can't be used with ${name}`, io)
  return (await action.load())(words, options, io)
}

/** `kt profile` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io): Promise<number> => plainly(io, () => act(args, io))
