/** Command lines with sub-commands as Java's argparse4j reads them: its usage text, its messages, exit code 1. */
import { CommandExit } from '../../cli/exit.ts'

export interface ArgparseOption {
  /** Long name without dashes. */
  name: string
  /** One letter. */
  short: string
  help: string
  /** Placeholder; without it the option takes no argument. */
  metavar?: string
  required?: boolean
  /** May be given more than once. */
  repeats?: boolean
  /** Options of one group exclude each other. */
  group?: string
}

export interface ArgparseCommand {
  name: string
  help: string
  options: readonly ArgparseOption[]
  /** Names in the order the usage line shows them; that of `options` unless given. */
  usageOrder?: readonly string[]
}

/** What was given for a sub-command. */
export interface ArgparseResult {
  command: ArgparseCommand
  values: ReadonlyMap<string, readonly string[]>
}

const WIDTH = 75
const USAGE_INDENT = 21
const HELP_COLUMN = 25

/** Breaks text at blanks. Long words are put on lines of their own. */
function wrapWords(words: readonly string[], width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

const invocation = ({ name, metavar }: ArgparseOption): string => (metavar ? `--${name} ${metavar}` : `--${name}`)

/** The parts of a usage line that may not be broken; alternatives of a group share one pair of brackets. */
function usageParts(command: ArgparseCommand): string[] {
  const parts = ['[-h]']
  const order = command.usageOrder ?? command.options.map(({ name }) => name)
  const options = order.map((name) => command.options.find((option) => option.name === name)!)
  for (const [index, option] of options.entries()) {
    if (option.group === undefined) parts.push(option.required ? invocation(option) : `[${invocation(option)}]`)
    else {
      const first = options[index - 1]?.group !== option.group
      const last = options[index + 1]?.group !== option.group
      parts.push(`${first ? '[' : ''}${invocation(option)}${last ? ']' : ' |'}`)
    }
  }
  return parts
}

/** argparse4j's `usage:` paragraph of a sub-command. */
export function commandUsage(program: string, command: ArgparseCommand): string {
  const start = `usage: ${program} ${command.name}`
  const lines: string[] = []
  let line = start
  for (const part of usageParts(command)) {
    if (line.length + 1 + part.length > WIDTH) {
      lines.push(line)
      line = `${' '.repeat(USAGE_INDENT - 1)}`
    }
    line += ` ${part}`
  }
  return `${[...lines, line].join('\n')}\n`
}

function helpRow(left: string, help: string): string {
  const lines = wrapWords(help.split(' '), WIDTH - HELP_COLUMN)
  const indent = ' '.repeat(HELP_COLUMN)
  const head = `  ${left}`
  const fits = head.length + 2 <= HELP_COLUMN
  const first = fits ? `${head.padEnd(HELP_COLUMN)}${lines[0] ?? ''}` : head
  return `${[first, ...lines.slice(fits ? 1 : 0).map((line) => indent + line)].join('\n')}\n`
}

/** The help of a sub-command. */
export function commandHelp(program: string, command: ArgparseCommand): string {
  const rows = command.options.map((option) => {
    const value = option.metavar ? ` ${option.metavar}` : ''
    return helpRow(`--${option.name}${value}, -${option.short}${value}`, option.help)
  })
  return `${commandUsage(program, command)}\noptional arguments:\n${helpRow('-h, --help', 'show this help message and exit')}${rows.join('')}`
}

function programUsage(program: string, commands: readonly ArgparseCommand[]): string {
  const indent = ' '.repeat(USAGE_INDENT)
  return `usage: ${program} [-h]\n${indent}{${commands.map(({ name }) => name).join(',')}}\n${indent}...\n`
}

/** The help of the program: its sub-commands. */
export function programHelp(program: string, about: string, commands: readonly ArgparseCommand[]): string {
  const choices = `{${commands.map(({ name }) => name).join(',')}}`
  const rows = commands.map(({ name, help }) => helpRow(`  ${name}`, help))
  const options = `\noptional arguments:\n${helpRow('-h, --help', 'show this help message and exit')}`
  return `${programUsage(program, commands)}\n${about}\n\npositional arguments:\n  ${choices}\n${rows.join('')}${options}`
}

class CommandParser {
  readonly #program: string
  readonly #command: ArgparseCommand
  readonly #args: readonly string[]
  readonly #values = new Map<string, string[]>()
  readonly #words: string[] = []
  #position = 0

  constructor(program: string, command: ArgparseCommand, args: readonly string[]) {
    this.#program = program
    this.#command = command
    this.#args = args
  }

  fail(message: string): never {
    throw new CommandExit(1, `${commandUsage(this.#program, this.#command)}${this.#program}: error: ${message}\n`)
  }

  /** The values by option name, or undefined when help was asked for. */
  parse(): Map<string, string[]> | undefined {
    while (this.#position < this.#args.length) {
      const token = this.#args[this.#position++]!
      if (token === '-h' || token === '--help') return undefined
      if (token.startsWith('--') && token !== '--') this.#long(token)
      else if (/^-[^-]/.test(token)) this.#short(token.slice(1))
      else this.#words.push(token)
    }
    if (this.#words.length > 0) this.fail(`unrecognized arguments: '${this.#words.join(' ')}'`)
    // Of several that are missing the script names the last.
    for (const option of this.#command.options.toReversed()) {
      if (option.required && !this.#values.has(option.name))
        this.fail(`argument --${option.name}/-${option.short} is required`)
    }
    return this.#values
  }

  #long(token: string): void {
    const equals = token.indexOf('=')
    const name = token.slice(2, equals < 0 ? undefined : equals)
    const exact = this.#command.options.find((option) => option.name === name)
    const close = this.#command.options.filter((option) => option.name.startsWith(name))
    const option = exact ?? (close.length === 1 ? close[0] : undefined)
    if (option) this.#add(option, equals < 0 ? undefined : token.slice(equals + 1))
    else if (close.length > 1) {
      this.fail(`ambiguous option: --${name} could match ${close.map((other) => `--${other.name}`).join(', ')}`)
    } else this.fail(`unrecognized arguments: '${token}'`)
  }

  #short(letters: string): void {
    for (let index = 0; index < letters.length; index++) {
      const option = this.#command.options.find(({ short }) => short === letters[index])
      if (!option) this.fail(`unrecognized arguments: '-${letters.slice(index)}'`)
      const rest = letters.slice(index + 1)
      const takesRest = option.metavar !== undefined
      this.#add(option, takesRest && rest !== '' ? rest.replace(/^=/, '') : undefined)
      if (takesRest) return
    }
  }

  #add(option: ArgparseOption, attached: string | undefined): void {
    const label = `--${option.name}/-${option.short}`
    const other = this.#command.options.find(
      ({ name, group }) =>
        group !== undefined && group === option.group && name !== option.name && this.#values.has(name),
    )
    if (other) this.fail(`argument ${label}: not allowed with argument --${other.name}/-${other.short}`)
    const values = option.repeats ? (this.#values.get(option.name) ?? []) : []
    if (option.metavar) {
      const next = this.#args[this.#position]
      if (attached === undefined && (next === undefined || /^-./.test(next)))
        this.fail(`argument ${label}: expected one argument`)
      values.push(attached ?? this.#args[this.#position++]!)
    } else if (attached !== undefined) this.fail(`argument ${label}: ignored explicit argument '${attached}'`)
    this.#values.set(option.name, values)
  }
}

/** Levenshtein distance; small words only. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

const lines = (text: string): string => text.trim().replace(/ +$/gm, '')

/**
 * Reads `<sub-command> options…`; a unique beginning of a sub-command's name is enough.
 * @returns the sub-command and its values, or the help that was asked for
 * @throws CommandExit with argparse4j's words for anything wrong
 */
export function parseSubcommand(
  program: string,
  about: string,
  commands: readonly ArgparseCommand[],
  args: readonly string[],
): ArgparseResult | { help: string } {
  const fail = (message: string): never => {
    throw new CommandExit(1, `${programUsage(program, commands)}${program}: error: ${message}\n`)
  }
  const [name, ...rest] = args
  if (name === undefined) return fail('too few arguments')
  if (name === '-h' || name === '--help') return { help: programHelp(program, about, commands) }
  if (name.startsWith('-')) return fail(`unrecognized arguments: '${name}'`)
  const matches = commands.filter((command) => command.name.startsWith(name))
  const command =
    commands.find((candidate) => candidate.name === name) ?? (matches.length === 1 ? matches[0] : undefined)
  if (!command) {
    const choices = commands.map((candidate) => `'${candidate.name}'`).join(', ')
    const near = commands.map((candidate) => candidate.name).sort((a, b) => distance(name, a) - distance(name, b))[0]!
    return fail(lines(`invalid choice: '${name}' (choose from ${choices})\n\nDid you mean:\n\t${near}`))
  }
  const values = new CommandParser(program, command, rest).parse()
  return values === undefined ? { help: commandHelp(program, command) } : { command, values }
}
