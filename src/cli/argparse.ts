/** Command lines as Java's argparse4j 0.7 reads them: options of a program, sub-commands with options of their own. */

import { errorText, helpText, suggestions, textualName } from './argparse-text.ts'
import { CommandExit } from './exit.ts'
import { type CommandSpec, type Completion, flag, helpOption, type OptionSpec, option } from './option-spec.ts'
import { KAFKA_VERSION } from './usage.ts'

/** How the tools print their version: release and commit of Apache Kafka. */
const VERSION_TEXT = `${KAFKA_VERSION} (Commit:a9ce3221537b8653)`

export type ArgparseType = 'String' | 'Integer' | 'Long' | 'Short' | 'Double'

export interface ArgparseArgument {
  /** Long name without dashes. */
  name: string
  short?: string
  help: string
  metavar?: string
  /** Default 'String'. */
  type?: ArgparseType
  required?: boolean
  /** Takes one or more values. */
  many?: boolean
  /** Given again, it adds a value instead of replacing the one before. */
  repeats?: boolean
  defaultValue?: string
  choices?: readonly string[]
  /** Without it the argument takes a value. */
  action?: 'flag' | 'help' | 'version'
  /** Title of the group it is in. */
  group?: string
  /** kt's own, which the script does not have: not in the usage line. */
  own?: boolean
  /** What a shell may complete its value to. */
  completion?: Completion
}

export interface ArgparseGroup {
  title: string
  description?: string
  /** Its arguments exclude each other; `required`: one of them has to be given. */
  oneOf?: 'optional' | 'required'
  /** Its arguments stand among the others, without title. */
  hidden?: boolean
}

export interface ArgparseParser {
  /** Program or sub-command. */
  name: string
  /** What the list of sub-commands says. */
  help?: string
  description?: string
  arguments: readonly ArgparseArgument[]
  groups?: readonly ArgparseGroup[]
  commands?: readonly ArgparseParser[]
  /** How the list of sub-commands is introduced; without it under "positional arguments", as their names in braces. */
  commandList?: { title: string; metavar: string }
  /** Any number of words that are no options. */
  words?: { name: string; help: string }
  showDefaults?: boolean
  /** Exit code of `--help`; 1 without it. */
  helpCode?: number
  /** Set while a sub-command is read. */
  parent?: ArgparseParser
}

export const helpArgument: ArgparseArgument = {
  name: 'help',
  short: 'h',
  action: 'help',
  help: 'show this help message and exit',
}

/** What was given. Names are long option names without dashes. */
export class ArgparseValues {
  readonly command: string | undefined
  /** Arguments that belong to no option. */
  readonly words: readonly string[]
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>, command?: string, words: readonly string[] = []) {
    this.#values = values
    this.command = command
    this.words = words
  }

  /** True when it was given. */
  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The last value given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)
  }

  /** A number option; its text was checked when it was read. */
  number(name: string): number | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : Number(text)
  }

  /** All values given. */
  list(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }
}

/** A command line that can't be read: ends the command with usage and message. */
export class ArgparseError extends CommandExit {
  override name = 'ArgparseError'
  /** The message alone. */
  readonly complaint: string

  constructor(parser: ArgparseParser, complaint: string, more = '') {
    const text = errorText(parser, complaint) + more
    super(1, text, text, { isUsage: true, message: complaint })
    this.complaint = complaint
  }
}

const ranges = {
  Integer: [-(2n ** 31n), 2n ** 31n - 1n],
  Long: [-(2n ** 63n), 2n ** 63n - 1n],
  Short: [-32768n, 32767n],
} as const

/** Java's complaint about a text that is no such number; undefined when all is well. */
const numberComplaint = (text: string, type: ArgparseType): string | undefined => {
  if (type === 'String') return undefined
  if (type === 'Double') {
    if (text.trim() === '') return 'empty String'
    return /^\s*[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?)\s*$/.test(text)
      ? undefined
      : `For input string: "${text}"`
  }
  if (!/^[+-]?\d+$/.test(text)) return `For input string: "${text}"`
  const [low, high] = ranges[type]
  const value = BigInt(text.replace(/^\+/, ''))
  if (value >= low && value <= high) return undefined
  if (type === 'Short') return `Value out of range. Value:"${text}" Radix:10`
  return `For input string: "${text}"${type === 'Integer' ? ' under radix 10' : ''}`
}

class Parsing {
  readonly #parser: ArgparseParser
  readonly #args: readonly string[]
  readonly #values: Map<string, string[]>
  readonly #words: string[] = []
  #position: number
  #separated = false

  constructor(parser: ArgparseParser, args: readonly string[], position = 0, values = new Map<string, string[]>()) {
    this.#parser = parser
    this.#args = args
    this.#position = position
    this.#values = values
  }

  fail(message: string, more = ''): never {
    throw new ArgparseError(this.#parser, message, more)
  }

  #isFlag(text: string): boolean {
    return !this.#separated && (text === '--' || (/^-+[^-]/.test(text) && !/^-\d+$/.test(text)))
  }

  /** @returns the finished values, or the text `--help` and `--version` ask for */
  run(deferred?: ArgparseError): ArgparseValues | AskedText {
    while (this.#position < this.#args.length) {
      const token = this.#args[this.#position]!
      if (token === '--' && !this.#separated) {
        this.#separated = true
        this.#position++
      } else if (this.#isFlag(token)) {
        const asked = this.#option(token)
        if (asked !== undefined) return asked
      } else if (this.#parser.commands !== undefined && !this.#separated) {
        return this.#command(this.#parser.commands, token)
      } else if (this.#parser.words !== undefined) {
        this.#words.push(token)
        this.#position++
      } else this.fail(`unrecognized arguments: '${this.#args.slice(this.#position).join(' ')}'`)
    }
    if (this.#parser.commands !== undefined) this.fail('too few arguments')
    const missing = deferred ?? this.#missing()
    if (missing !== undefined) throw missing
    return new ArgparseValues(this.#values, undefined, this.#words)
  }

  /** What is required and missing; of several the last. */
  #missing(): ArgparseError | undefined {
    const { arguments: all, groups = [] } = this.#parser
    let message: string | undefined
    for (const one of all) {
      if (one.required && !this.#values.has(one.name)) message = `argument ${textualName(one)} is required`
    }
    for (const { title, oneOf } of message === undefined ? groups : []) {
      const choices = all.filter(({ group }) => group === title)
      if (oneOf !== 'required' || choices.some(({ name }) => this.#values.has(name))) continue
      message = `one of the arguments ${choices.map((one) => `${textualName(one)} `).join('')}is required`
    }
    return message === undefined ? undefined : new ArgparseError(this.#parser, message)
  }

  #command(commands: readonly ArgparseParser[], token: string): ArgparseValues | AskedText {
    const close = commands.filter(({ name }) => name.startsWith(token))
    const found = commands.find(({ name }) => name === token) ?? (close.length === 1 ? close[0] : undefined)
    // What the program lacks is told only when nothing is wrong with the sub-command.
    const missing = this.#missing()
    if (found === undefined) {
      const names = commands.map(({ name }) => name)
      if (close.length > 1) {
        const could = close.map(({ name }) => name).sort()
        this.fail(`ambiguous command: ${token} could match ${could.join(', ')}`)
      }
      const choices = names.map((name) => `'${name}'`).join(', ')
      this.fail(`invalid choice: '${token}' (choose from ${choices})`, suggestions(token, names))
    }
    const child = new Parsing({ ...found, parent: this.#parser }, this.#args, this.#position + 1, this.#values)
    const result = child.run(missing)
    return 'text' in result && !(result instanceof ArgparseValues)
      ? result
      : new ArgparseValues(this.#values, found.name)
  }

  #find(flagText: string): ArgparseArgument | undefined {
    const flags = this.#parser.arguments.flatMap((one) => [
      ...(one.short === undefined ? [] : [[`-${one.short}`, one] as const]),
      [`--${one.name}`, one] as const,
    ])
    const exact = flags.find(([text]) => text === flagText)
    if (exact !== undefined) return exact[1]
    const close = flags.filter(([text]) => text.startsWith(flagText))
    if (close.length > 1) {
      const could = close.map(([text]) => text).sort()
      this.fail(`ambiguous option: ${flagText} could match ${could.join(', ')}`)
    }
    return close[0]?.[1]
  }

  #option(token: string): AskedText | undefined {
    const equals = token.indexOf('=')
    const found = this.#find(equals < 0 ? token : token.slice(0, equals))
    if (found === undefined) {
      if (/^-[^-]/.test(token) && this.#letters(token.slice(1))) return undefined
      const body = token.replace(/^-+/, '')
      const flags = this.#parser.arguments.map(({ name }) => `--${name}`)
      this.fail(`unrecognized arguments: '${token}'`, body.length >= 2 ? suggestions(body, flags) : '')
    }
    this.#position++
    return this.#take(found, equals < 0 ? undefined : token.slice(equals + 1))
  }

  /** Letters of several options behind one dash; a value may follow the last of them at once. */
  #letters(letters: string): boolean {
    const found: [ArgparseArgument, string | undefined][] = []
    for (let i = 0; i < letters.length; i++) {
      const argument = this.#parser.arguments.find(({ short }) => short === letters[i])
      if (argument === undefined) return false
      const rest = letters.slice(i + 1)
      const attached = argument.action === undefined && rest !== '' ? rest.replace(/^=/, '') : undefined
      found.push([argument, attached])
      if (attached !== undefined) break
    }
    this.#position++
    for (const [argument, attached] of found) this.#take(argument, attached)
    return true
  }

  #take(argument: ArgparseArgument, attached: string | undefined): AskedText | undefined {
    this.#checkOneOf(argument)
    const label = `argument ${textualName(argument)}`
    if (argument.action !== undefined) {
      if (attached !== undefined) this.fail(`${label}: ignore implicit argument '${attached}'`)
      if (argument.action === 'help') return { text: helpText(this.#parser), code: this.#helpCode() }
      if (argument.action === 'version') return { text: `${VERSION_TEXT}\n`, code: 0 }
      this.#values.set(argument.name, ['true'])
      return undefined
    }
    const values = attached === undefined ? [] : [attached]
    const most = argument.many ? Number.POSITIVE_INFINITY : 1
    while (attached === undefined && values.length < most && this.#position < this.#args.length) {
      const next = this.#args[this.#position]!
      if (this.#isFlag(next)) break
      values.push(next)
      this.#position++
    }
    if (values.length === 0) this.fail(`${label}: expected ${argument.many ? '1 argument(s)' : 'one argument'}`)
    for (const value of values) this.#check(argument, value)
    const before = argument.repeats ? (this.#values.get(argument.name) ?? []) : []
    this.#values.set(argument.name, [...before, ...values])
    return undefined
  }

  #helpCode(): number {
    return (this.#parser.parent ?? this.#parser).helpCode ?? 1
  }

  #check({ type = 'String', choices, ...argument }: ArgparseArgument, value: string): void {
    const label = `argument ${textualName(argument)}`
    const complaint = numberComplaint(value, type)
    if (complaint !== undefined) this.fail(`${label}: could not convert '${value}' to ${type} (${complaint})`)
    if (choices === undefined) return
    const isAllowed = type === 'String' ? choices.includes(value) : choices.map(Number).includes(Number(value))
    if (!isAllowed) this.fail(`${label}: invalid choice: '${value}' (choose from {${choices.join(',')}})`)
  }

  #checkOneOf({ name, group, ...argument }: ArgparseArgument): void {
    if (!this.#parser.groups?.some(({ title, oneOf }) => oneOf !== undefined && title === group)) return
    const other = this.#parser.arguments.find(
      (one) => one.group === group && one.name !== name && this.#values.has(one.name),
    )
    if (other === undefined) return
    this.fail(`argument ${textualName({ ...argument, name })}: not allowed with argument ${textualName(other)}`)
  }
}

/** Text for standard output, and the exit code that goes with it. */
export interface AskedText {
  text: string
  code: number
}

/**
 * Reads a command line.
 * @returns the values, or the text of `--help` or `--version`
 * @throws CommandExit with argparse4j's words for anything wrong
 */
export const parseArgparse = (parser: ArgparseParser, args: readonly string[]): ArgparseValues | AskedText =>
  new Parsing(parser, args).run()

/** Ends with usage and message, as argparse4j does when a command finds fault with what it parsed. */
export const argparseExit = (parser: ArgparseParser, message: string): never => {
  throw new ArgparseError(parser, message)
}

/** The options of a parser and its sub-commands as command descriptions list them. */
export const optionsOf = (parser: ArgparseParser, own: readonly OptionSpec[] = []): CommandSpec['options'] => {
  const all = new Map<string, OptionSpec>()
  for (const one of [parser, ...(parser.commands ?? [])].flatMap((part) => part.arguments)) {
    if (one.action === 'help' || all.has(one.name)) continue
    const { name, help, type = 'String', metavar = '', required, action, own, completion } = one
    const more = { ...(required ? { required } : {}), ...(own ? { own } : {}), ...(completion ? { completion } : {}) }
    const kind = type === 'Integer' || type === 'Long' ? type : 'String'
    all.set(name, action === undefined ? option(name, kind, metavar, help, more) : flag(name, help, more))
  }
  return [...all.values(), ...own, helpOption]
}
