import { NumberFormatError, parseJavaInt } from '../java.ts'
import { nearest } from './guess.ts'
import {
  type ArgparseCommand,
  ArgparseError,
  type ArgparseOption,
  type ArgparseProgram,
  ArgparseValues,
} from './model.ts'
import { helpText, usageText, WIDTH } from './usage.ts'
import { wrapFilled } from './wrap.ts'

const label = ({ name, short }: ArgparseOption): string => `--${name}${short ? `/-${short}` : ''}`
const isFlag = (token: string): boolean => /^-./.test(token) && !/^-\d+$/.test(token)

/** Help was asked for. */
class HelpAsked extends Error {
  readonly help: string
  constructor(help: string) {
    super('Help Screen')
    this.help = help
  }
}

/** Reads the options of the program or of one sub-command, up to the end or the first plain word. */
class LevelParser {
  readonly #program: ArgparseProgram
  readonly #command: ArgparseCommand | undefined
  readonly #options: readonly ArgparseOption[]
  readonly #args: readonly string[]
  readonly values = new Map<string, string[]>()
  position: number

  constructor(
    program: ArgparseProgram,
    command: ArgparseCommand | undefined,
    args: readonly string[],
    position: number,
  ) {
    this.#program = program
    this.#command = command
    this.#options = command?.options ?? program.options
    this.#args = args
    this.position = position
  }

  fail(message: string, guesses: readonly string[] = []): never {
    const error = wrapFilled(`${this.#program.name}: error: ${message}\n`, WIDTH)
    const more = guesses.length > 0 ? `\nDid you mean:\n${guesses.map((guess) => `\t${guess}\n`).join('')}` : ''
    throw new ArgparseError(message, `${usageText(this.#program, this.#command)}${error}${more}`)
  }

  /** Reads options; stops in front of a plain word, which it returns. */
  options(): string | undefined {
    while (this.position < this.#args.length) {
      const token = this.#args[this.position]!
      if (token === '--' || !isFlag(token)) return token
      this.position++
      if (token === '-h' || token === '--help') throw new HelpAsked(helpText(this.#program, this.#command))
      if (token.startsWith('--')) this.#long(token)
      else this.#short(token)
    }
    return undefined
  }

  /** What is required is there. */
  check(): void {
    for (const option of this.#options.toReversed()) {
      if (option.required && !this.values.has(option.name)) this.fail(`argument ${label(option)} is required`)
    }
    const groups = new Set(this.#options.flatMap(({ group }) => (group?.required ? [group.name] : [])))
    for (const name of groups) {
      const members = this.#options.filter(({ group }) => group?.name === name)
      if (members.some((member) => this.values.has(member.name))) continue
      this.fail(`one of the arguments ${members.map(label).join(' ')} is required`)
    }
  }

  unrecognized(token: string): never {
    const body = token.replace(/^-+/, '').replace(/=.*$/, '')
    const names = [...this.#options.map(({ name }) => name), 'help']
    this.fail(`unrecognized arguments: '${token}'`, token.startsWith('--') ? nearest(body, names, '--') : [])
  }

  #long(token: string): void {
    const equals = token.indexOf('=')
    const name = token.slice(2, equals < 0 ? undefined : equals)
    const exact = this.#options.find((option) => option.name === name)
    const close = this.#options.filter((option) => option.name.startsWith(name))
    const option = exact ?? (close.length === 1 ? close[0] : undefined)
    if (option) this.#add(option, equals < 0 ? undefined : token.slice(equals + 1))
    else if (close.length > 1) {
      this.fail(`ambiguous option: --${name} could match ${close.map((other) => `--${other.name}`).join(', ')}`)
    } else this.unrecognized(token)
  }

  #short(token: string): void {
    const letters = token.slice(1)
    for (let index = 0; index < letters.length; index++) {
      const option = this.#options.find(({ short }) => short === letters[index])
      if (!option) this.unrecognized(index === 0 ? token : `-${letters.slice(index)}`)
      const rest = letters.slice(index + 1)
      const takesRest = option.metavar !== undefined
      this.#add(option, takesRest && rest !== '' ? rest.replace(/^=/, '') : undefined)
      if (takesRest) return
    }
  }

  #add(option: ArgparseOption, attached: string | undefined): void {
    const other = this.#options.find(
      ({ name, group }) => group && group.name === option.group?.name && name !== option.name && this.values.has(name),
    )
    if (other) this.fail(`argument ${label(option)}: not allowed with argument ${label(other)}`)
    const values = option.repeats ? (this.values.get(option.name) ?? []) : []
    if (option.metavar) values.push(this.#argument(option, attached))
    else if (attached !== undefined) this.fail(`argument ${label(option)}: ignored explicit argument '${attached}'`)
    this.values.set(option.name, values)
  }

  #argument(option: ArgparseOption, attached: string | undefined): string {
    const text = attached ?? this.#args[this.position]
    if (text === undefined || (attached === undefined && isFlag(text))) {
      this.fail(`argument ${label(option)}: expected one argument`)
    }
    if (attached === undefined) this.position++
    if (option.type === 'int') {
      try {
        parseJavaInt(text)
      } catch (error) {
        if (!(error instanceof NumberFormatError)) throw error
        this.fail(`argument ${label(option)}: could not convert '${text}' to Integer (${error.message})`)
      }
    }
    return text
  }
}

function findCommand(program: ArgparseProgram, top: LevelParser, name: string): ArgparseCommand {
  const commands = program.commands ?? []
  const close = commands.filter((command) => command.name.startsWith(name))
  const found = commands.find((command) => command.name === name) ?? (close.length === 1 ? close[0] : undefined)
  if (found) return found
  const names = commands.map((command) => command.name)
  if (close.length > 1) {
    return top.fail(`ambiguous command: ${name} could match ${close.map((command) => command.name).join(', ')}`)
  }
  const choices = names.map((choice) => `'${choice}'`).join(', ')
  return top.fail(`invalid choice: '${name}' (choose from ${choices})`, nearest(name, names))
}

function parseWords(top: LevelParser, args: readonly string[]): string[] {
  const words: string[] = []
  for (let word = top.options(); word !== undefined; word = top.options()) {
    top.position++
    if (word === '--') {
      words.push(...args.slice(top.position))
      break
    }
    words.push(word)
  }
  return words
}

function parse(program: ArgparseProgram, args: readonly string[], relaxed: readonly string[]): ArgparseValues {
  const top = new LevelParser(program, undefined, args, 0)
  const given = (parser: LevelParser): void => {
    for (const name of relaxed) if (!parser.values.has(name)) parser.values.set(name, [])
  }
  const forget = (parser: LevelParser): void => {
    for (const name of relaxed) if (parser.values.get(name)?.length === 0) parser.values.delete(name)
  }
  const check = (parser: LevelParser): void => {
    given(parser)
    parser.check()
    forget(parser)
  }
  if (!program.commands) {
    const words = parseWords(top, args)
    check(top)
    return new ArgparseValues('', top.values, words)
  }
  const name = top.options()
  if (name === undefined) return top.fail('too few arguments')
  const command = findCommand(program, top, name)
  const sub = new LevelParser(program, command, args, top.position + 1)
  const word = sub.options()
  if (word !== undefined) sub.unrecognized(word)
  check(sub)
  check(top)
  return new ArgparseValues(command.name, new Map([...top.values, ...sub.values]), [])
}

/**
 * Reads a command line as argparse4j does.
 * @param relaxed options that count as given even when they are not: what kt finds by itself
 * @returns what was given, or the help that was asked for
 * @throws ArgparseError
 */
export function parseArguments(
  program: ArgparseProgram,
  args: readonly string[],
  relaxed: readonly string[] = [],
): ArgparseValues | { help: string } {
  try {
    return parse(program, args, relaxed)
  } catch (error) {
    if (error instanceof HelpAsked) return { help: error.help }
    throw error
  }
}
