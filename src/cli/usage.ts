import { CommandExit } from './exit.ts'
import type { Io } from './io.ts'
import { OptionError, type OptionSet, parseOptions } from './joptsimple.ts'
import type { CommandSpec, OptionSpec } from './option-spec.ts'
import { withSessionOptions } from './session-options.ts'

/** Apache Kafka release whose scripts are mirrored; what `--version` of every command prints. */
export const KAFKA_VERSION = '4.3.0'

const separatorWidth = 2

/** Breaks text after blanks, and after `-` or `.` where a word alone is too long. */
const wrap = (text: string, width: number, indent = '  '): string[] => {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    let room = width
    const push = (): void => {
      lines.push((lines.length > 0 && room < width ? indent : '') + line.trimEnd())
      line = ''
      room = width - indent.length
    }
    for (const word of paragraph.split(/(?<= )/)) {
      let rest = word
      if ((line + rest).trimEnd().length > room && line !== '') push()
      while (rest.trimEnd().length > room) {
        const breakAt = Math.max(rest.lastIndexOf('-', room - 1), rest.lastIndexOf('.', room - 1)) + 1
        const cut = breakAt > 0 ? breakAt : room
        line = rest.slice(0, cut)
        rest = rest.slice(cut)
        push()
      }
      line += rest
    }
    push()
  }
  return lines
}

const leftColumn = (spec: OptionSpec): string => {
  const dashed = `${spec.name.length === 1 ? '-' : '--'}${spec.name}`
  if (spec.argument === undefined) return dashed
  const { type, name, optional } = spec.argument
  const placeholder = name === undefined ? type : `${type}: ${name}`
  return `${dashed} ${optional ? `[${placeholder}]` : `<${placeholder}>`}`
}

const rightColumn = (spec: OptionSpec): string => {
  const fallback = spec.argument?.defaultValue
  return `${spec.required ? 'REQUIRED: ' : ''}${spec.deprecated ? '(DEPRECATED) ' : ''}${spec.description}${
    fallback === undefined ? '' : ` (default: ${fallback})`
  }`
}

/** The `Option  Description` table in the layout of the Java tools: two columns, words wrapped, sorted by name. */
export const optionTable = (spec: Pick<CommandSpec, 'options'>, columns = 80): string => {
  const rows = [...spec.options]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((option) => [leftColumn(option), rightColumn(option)] as const)
  const half = Math.floor((columns - separatorWidth) / 2)
  const leftWidth = Math.min(half, Math.max(6, ...rows.map(([left]) => left.length)))
  const rightWidth = columns - leftWidth - separatorWidth
  const lines = [`${'Option'.padEnd(leftWidth)}  Description`, `${'------'.padEnd(leftWidth)}  -----------`]
  for (const [left, right] of rows) {
    const a = wrap(left, leftWidth)
    const b = wrap(right, rightWidth)
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      lines.push(`${(a[i] ?? '').padEnd(leftWidth)}  ${b[i] ?? ''}`.trimEnd())
    }
  }
  return `${lines.join('\n')}\n`
}

/** Width for help: the terminal's, within reason, else the 80 columns of the Java tools. */
export const helpWidth = (columns: number | undefined): number =>
  columns === undefined ? 80 : Math.max(60, Math.min(columns, 120))

const examplesText = ({ name, examples }: CommandSpec): string => {
  const texts = examples.map(
    ({ description, command }) => `  # ${description}\n  ${`kt ${name} ${command}`.trimEnd()}\n`,
  )
  return `Examples\n${texts.join('\n')}`
}

/** Usage, options (those of the session too, where it takes them) and examples of a command that is kt's own. */
export const ownHelp = (spec: CommandSpec, usage: string, { columns }: Pick<Io, 'columns'>): string =>
  `${usage}\n\n${optionTable(withSessionOptions(spec), helpWidth(columns))}\n${examplesText(spec)}`

/**
 * Ends with `message` and the option table on standard error, exit code 1: Kafka's CommandLineUtils.printUsageAndExit. At a
 * terminal the table would push the message out of sight, so there it is only pointed to.
 */
export const usageExit = (spec: CommandSpec, message: string): never => {
  const nextStep = `\`kt ${spec.name} --help\` shows the options.`
  const brief = `${message.trimEnd()}\n${nextStep}\n`
  const more = { isUsage: true, message: message.trimEnd(), nextStep }
  throw new CommandExit(1, `${message}\n${optionTable(withSessionOptions(spec))}`, brief, more)
}

/** Parses; a wrong option ends with the usage text, as where a script's options class does the parsing. */
export const parseOrUsage = (spec: CommandSpec, args: readonly string[]): OptionSet => {
  try {
    return parseOptions(spec, args)
  } catch (error) {
    if (error instanceof OptionError) return usageExit(spec, error.message)
    throw error
  }
}

/**
 * Answers `--help` (or no argument at all) and `--version` as CommandLineUtils.maybePrintHelpOrVersion does: help goes to
 * standard error with exit code 1, the version to standard output with 0.
 * @returns the exit code when the question is answered, undefined when the command should go on.
 */
export const helpOrVersion = (
  spec: CommandSpec,
  options: OptionSet,
  args: readonly string[],
  io: Pick<Io, 'columns' | 'session'> & Record<'out' | 'err', { write(text: string): void }>,
): number | undefined => {
  // `--profile` is no longer among the arguments, but was one.
  if ((args.length === 0 && io.session?.profile === undefined) || options.has('help')) {
    const table = optionTable(withSessionOptions(spec), helpWidth(io.columns))
    io.err.write(`${spec.heading ?? spec.summary}\n${table}\n${examplesText(spec)}`)
    return 1
  }
  if (options.has('version')) {
    io.out.write(`${KAFKA_VERSION}\n`)
    return 0
  }
  return undefined
}

const quoted = (names: readonly string[]): string => names.map((name) => `[${name}]`).join(', ')

/** Every option named must be given: CommandLineUtils.checkRequiredArgs. */
export const requireOptions = (spec: CommandSpec, options: OptionSet, ...names: string[]): void => {
  for (const name of names) if (!options.has(name)) usageExit(spec, `Missing required argument "[${name}]"`)
}

/** None of `others` may come with `name`: CommandLineUtils.checkInvalidArgs. */
export const forbidTogether = (
  spec: CommandSpec,
  options: OptionSet,
  name: string,
  others: readonly string[],
): void => {
  if (!options.has(name)) return
  for (const other of others) {
    if (options.has(other)) usageExit(spec, `Option "[${name}]" can't be used with option "[${other}]"`)
  }
}

/** All of `used` together may not come with any of `others`: CommandLineUtils.checkInvalidArgsSet. */
export const forbidCombination = (
  spec: CommandSpec,
  options: OptionSet,
  used: readonly string[],
  others: readonly string[],
  hint = '',
): void => {
  if (!used.every((name) => options.has(name))) return
  for (const other of others) {
    if (options.has(other)) {
      usageExit(spec, `Option combination "[${quoted(used)}]" can't be used with option "[${other}]"${hint}`)
    }
  }
}

/** Exactly one of `names` must be given: CommandLineUtils.checkOneOfArgs. */
export const requireOneOf = (spec: CommandSpec, options: OptionSet, ...names: string[]): void => {
  if (names.filter((name) => options.has(name)).length !== 1) {
    usageExit(spec, `Exactly one of the following arguments is required: ${quoted(names)}`)
  }
}

/**
 * `key=value` arguments to properties: CommandLineUtils.parseKeyValueArgs. Empty arguments are skipped; a key without a value
 * gets the empty string, or throws when `acceptMissingValue` is false.
 */
export const parseKeyValues = (args: readonly string[], acceptMissingValue = true): Map<string, string> => {
  const properties = new Map<string, string>()
  for (const arg of args) {
    const equals = arg.indexOf('=')
    const key = equals < 0 ? arg : arg.slice(0, equals)
    const value = equals < 0 ? '' : arg.slice(equals + 1)
    if (value === '' && !acceptMissingValue) throw new Error(`Missing value for key ${key}}`)
    properties.set(key, value)
  }
  return properties
}
