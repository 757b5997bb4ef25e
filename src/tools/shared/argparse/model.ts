/** What a command line in the manner of Java's argparse4j may hold. */

export interface ArgparseOption {
  /** Long name without dashes. */
  name: string
  /** One letter. */
  short?: string
  help: string
  /** Placeholder; without it the option takes no argument. */
  metavar?: string
  /** `int`: Java's Integer. */
  type?: 'int'
  required?: boolean
  /** May be given more than once. */
  repeats?: boolean
  /** Heading of its own in the help. */
  section?: string
  /** Options of one group exclude each other; `required`: one of them must be there. */
  group?: { name: string; required: boolean }
  /** kt's own option, which the script does not have: not shown in usage. */
  own?: boolean
}

export interface ArgparseCommand {
  name: string
  help: string
  options: readonly ArgparseOption[]
}

export interface ArgparseProgram {
  /** The script's name. */
  name: string
  description: string
  options: readonly ArgparseOption[]
  /** Sub-commands. */
  commands?: readonly ArgparseCommand[]
  /** Words that are no options, any number of them. */
  words?: { name: string; help: string }
}

/** What was given. */
export class ArgparseValues {
  readonly #values: ReadonlyMap<string, readonly string[]>
  /** Name of the sub-command; empty without. */
  readonly command: string
  readonly words: readonly string[]

  constructor(command: string, values: ReadonlyMap<string, readonly string[]>, words: readonly string[]) {
    this.command = command
    this.#values = values
    this.words = words
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The last value given; undefined without. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)
  }

  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }
}

/** A command line that can't be read. */
export class ArgparseError extends Error {
  override name = 'ArgparseError'
  readonly exceptionClass = 'net.sourceforge.argparse4j.inf.ArgumentParserException'
  /** Usage, message and guesses, as argparse4j prints them. */
  readonly text: string

  constructor(message: string, text: string) {
    super(message)
    this.text = text
  }
}
