import type { ArgumentType, CommandSpec, OptionSpec } from './option-spec.ts'

/**
 * Command-line parsing with the rules and messages of Java's joptsimple 5, as Kafka's scripts configure it: `--opt v`,
 * `--opt=v`, `-opt v`, optional arguments, repeated options, `--` and words that belong to no option. Abbreviations are off, as
 * in all of Kafka's scripts. Values are converted when they are read, so a bad number is reported where the Java tool
 * reports it.
 */
export class OptionError extends Error {
  override name = 'OptionError'
}

/** A token that is no option. `option` is the text as typed, without dashes. */
export class UnrecognizedOptionError extends OptionError {
  readonly option: string
  constructor(option: string) {
    super(`${option} is not a recognized option`)
    this.option = option
  }
}

export type OptionValue = string | number | bigint

const limits: Record<'Integer' | 'Long', [bigint, bigint]> = {
  Integer: [-(2n ** 31n), 2n ** 31n - 1n],
  Long: [-(2n ** 63n), 2n ** 63n - 1n],
}

const convert = (text: string, type: ArgumentType): OptionValue | undefined => {
  if (type === 'String') return text
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  const [low, high] = limits[type]
  if (value < low || value > high) return undefined
  return type === 'Integer' ? Number(value) : value
}

/** Java's StringTokenizer: empty pieces vanish, an argument without any piece stays as it is. */
const splitValues = (argument: string, separator: string | undefined): string[] => {
  if (separator === undefined) return [argument]
  const pieces = argument.split(separator).filter((piece) => piece !== '')
  return pieces.length === 0 ? [argument] : pieces
}

/** What was given: a view on the parsed arguments. Names are long option names without dashes. */
export class OptionSet {
  /** Arguments that belong to no option. */
  readonly words: string[] = []
  /** Names of the options in the order they came, repetitions included. */
  readonly order: string[] = []
  readonly #found = new Map<string, string[]>()
  readonly #specs: Map<string, OptionSpec>

  constructor(specs: Map<string, OptionSpec>) {
    this.#specs = specs
  }

  /** Notes one occurrence of an option; `argument` undefined when it came without one. */
  add(name: string, argument?: string): void {
    const values = this.#found.get(name) ?? []
    if (argument !== undefined) values.push(...splitValues(argument, this.#specs.get(name)?.argument?.separator))
    this.#found.set(name, values)
    this.order.push(name)
  }

  /** True when the option was given at all. */
  has(name: string): boolean {
    this.#spec(name)
    return this.#found.has(name)
  }

  /** True when nothing but plain words was given. */
  get isEmpty(): boolean {
    return this.#found.size === 0
  }

  /** Names of the options given, in the order of the command's description. */
  get given(): string[] {
    return [...this.#specs.keys()].filter((name) => this.#found.has(name))
  }

  /** All arguments given for an option, converted; its default when there are none. Throws OptionError for a bad number. */
  values(name: string): OptionValue[] {
    const spec = this.#spec(name)
    const texts = this.#found.get(name) ?? []
    const type = spec.argument?.type ?? 'String'
    if (texts.length === 0) {
      const fallback = spec.argument?.defaultValue
      return fallback === undefined ? [] : [fallback]
    }
    return texts.map((text) => {
      const value = convert(text, type)
      if (value === undefined) {
        const exceptionClass = 'joptsimple.OptionArgumentConversionException'
        throw Object.assign(new OptionError(`Cannot parse argument '${text}' of option ${name}`), { exceptionClass })
      }
      return value
    })
  }

  /** The one argument of an option, its default, or undefined. Throws OptionError when there are several. */
  value(name: string): OptionValue | undefined {
    const values = this.values(name)
    if (values.length > 1)
      throw new OptionError(`Found multiple arguments for option ${name}, but you asked for only one`)
    return values[0]
  }

  /** `value` of a String option. */
  text(name: string): string | undefined {
    const value = this.value(name)
    return value === undefined ? undefined : String(value)
  }

  /** `values` of a String option. */
  texts(name: string): string[] {
    return this.values(name).map(String)
  }

  /** `value` of an Integer option. */
  int(name: string): number | undefined {
    const value = this.value(name)
    return value === undefined ? undefined : Number(value)
  }

  /** `value` of a Long option. */
  long(name: string): bigint | undefined {
    const value = this.value(name)
    return value === undefined ? undefined : BigInt(value)
  }

  #spec(name: string): OptionSpec {
    const spec = this.#specs.get(name)
    if (spec === undefined) throw new Error(`no option "${name}" in this command's description`)
    return spec
  }
}

class Parser {
  readonly #specs = new Map<string, OptionSpec>()
  readonly #set: OptionSet
  readonly #args: readonly string[]
  #position = 0

  constructor(specs: readonly OptionSpec[], args: readonly string[]) {
    for (const spec of specs) this.#specs.set(spec.name, spec)
    this.#set = new OptionSet(this.#specs)
    this.#args = args
  }

  parse(): OptionSet {
    let moreOptions = true
    while (this.#position < this.#args.length) {
      const token = this.#args[this.#position++]!
      if (!moreOptions) this.#set.words.push(token)
      else if (token === '--') moreOptions = false
      else if (token.startsWith('--')) this.#handleLong(token.slice(2))
      else if (token.startsWith('-') && token !== '-') this.#handleShort(token.slice(1))
      else this.#set.words.push(token)
    }
    return this.#set
  }

  #handleLong(body: string): void {
    const equals = body.indexOf('=')
    const name = equals < 0 ? body : body.slice(0, equals)
    const spec = this.#specs.get(name)
    if (spec === undefined) throw new UnrecognizedOptionError(name)
    this.#handleOption(spec, equals < 0 ? undefined : body.slice(equals + 1))
  }

  #handleShort(body: string): void {
    const equals = body.indexOf('=')
    const name = equals < 0 ? body : body.slice(0, equals)
    const spec = this.#specs.get(name)
    if (spec !== undefined) this.#handleOption(spec, equals < 0 ? undefined : body.slice(equals + 1))
    else this.#handleCluster(body)
  }

  #handleCluster(letters: string): void {
    for (const letter of letters) {
      const spec = this.#specs.get(letter)
      if (spec === undefined) throw new UnrecognizedOptionError(letter)
      if (spec.argument !== undefined) break
    }
    for (let i = 0; i < letters.length; i++) {
      const spec = this.#specs.get(letters[i]!)!
      if (spec.argument !== undefined && letters.length > i + 1) {
        this.#handleOption(spec, letters.slice(i + 1))
        return
      }
      this.#handleOption(spec, undefined)
    }
  }

  #handleOption(spec: OptionSpec, attached: string | undefined): void {
    if (spec.argument === undefined) this.#set.add(spec.name)
    else if (attached !== undefined) this.#set.add(spec.name, attached)
    else if (spec.argument.optional) this.#handleOptionalArgument(spec, spec.argument.type)
    else if (this.#position >= this.#args.length) throw new OptionError(`Option ${spec.name} requires an argument`)
    else this.#set.add(spec.name, this.#args[this.#position++]!)
  }

  #handleOptionalArgument(spec: OptionSpec, type: ArgumentType): void {
    const next = this.#args[this.#position]
    const taken =
      next !== undefined && convert(next, type) !== undefined && (type !== 'String' || !this.#looksLikeAnOption(next))
    this.#set.add(spec.name, taken ? this.#args[this.#position++] : undefined)
  }

  #looksLikeAnOption(token: string): boolean {
    return (token.startsWith('-') && token !== '-') || token === '--'
  }
}

/** Options that need another one beside them have it, unless help is asked for. */
const ensureAvailable = (specs: readonly OptionSpec[], options: OptionSet): OptionSet => {
  const isMissing = ({ name, availableIf }: OptionSpec): boolean =>
    availableIf !== undefined && options.has(name) && !availableIf.some((other) => options.has(other))
  const names = specs.filter(isMissing).map((spec) => spec.name)
  if (names.length === 0 || options.given.includes('help')) return options
  throw new OptionError(`Option(s) [${names.join(', ')}] are unavailable given other options on the command line`)
}

/**
 * Parses what follows the command's name.
 * @throws OptionError with joptsimple's message.
 */
export const parseOptions = (spec: Pick<CommandSpec, 'options'>, args: readonly string[]): OptionSet =>
  ensureAvailable(spec.options, new Parser(spec.options, args).parse())
