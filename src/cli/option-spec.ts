/**
 * What a command says about itself, as data. One description per command feeds the option parser, `--help`, the oclif flags
 * (and so the manifest, man pages and completion): nothing about an option is written twice.
 */
export type ArgumentType = 'String' | 'Integer' | 'Long'

export interface OptionArgument {
  type: ArgumentType
  /** The placeholder of the usage text, as Kafka's script names it. */
  name?: string
  /** `--state` as well as `--state Empty`. */
  optional?: boolean
  /** Value when the option is absent, or present without its optional argument; not for `values()` of a plain `has()`. */
  defaultValue?: string | number | bigint
  /** One argument holds several values with this character between them. */
  separator?: string
  /** What a shell may complete the argument to: these words, or paths. */
  completion?: Completion
}

/** Words to choose from, or what kind of path is wanted. */
export type Completion = readonly string[] | 'file' | 'directory'

export interface OptionSpec {
  /** Long name without dashes. */
  name: string
  description: string
  argument?: OptionArgument
  required?: boolean
  deprecated?: boolean
  /** The option makes sense only together with one of these. */
  availableIf?: readonly string[]
  /** kt's own option, which Kafka's script does not have. */
  own?: boolean
}

export interface CommandExample {
  description: string
  /** Arguments after `kt <command>`. */
  command: string
}

export interface CommandSpec {
  /** Name after `kt`: `topics`. */
  name: string
  /** The script it mirrors: `kafka-topics`. */
  script: string
  /** One line; shown in lists of commands and as the first line of `--help`. */
  summary: string
  /** First line of `--help` where it has to be that of the script; `summary` without it. */
  heading?: string
  /** A paragraph or two for the man page. */
  description: string
  options: readonly OptionSpec[]
  /** Arguments with which it goes on printing until it is stopped: there is no document then. */
  endless?: readonly string[]
  /** What may come before the options and is none: the actions of a command, or a file. */
  words?: Completion
  /** It talks to no cluster that `--profile` could choose, although it has `--bootstrap-server`. */
  hasNoSession?: boolean
  examples: readonly CommandExample[]
  /** Exit codes that are not what one would think, Kafka's ways included; for the man page. */
  exits?: readonly ExitStatus[]
}

export interface ExitStatus {
  code: number
  when: string
}

/** An option without an argument. */
export const flag = (name: string, description: string, more: Partial<OptionSpec> = {}): OptionSpec => ({
  name,
  description,
  ...more,
})

/** An option with one argument; `argumentName` is what the usage text shows in angle brackets. */
export const option = (
  name: string,
  type: ArgumentType,
  argumentName: string,
  description: string,
  more: Partial<OptionSpec> & Omit<OptionArgument, 'type' | 'name'> = {},
): OptionSpec => {
  const { optional, defaultValue, separator, completion, ...rest } = more
  const argument: OptionArgument = { type }
  if (argumentName !== '') argument.name = argumentName
  if (optional) argument.optional = true
  if (defaultValue !== undefined) argument.defaultValue = defaultValue
  if (separator !== undefined) argument.separator = separator
  if (completion !== undefined) argument.completion = completion
  return { name, description, argument, ...rest }
}

/** Options every script has. */
export const helpOption = flag('help', 'Print this text.')
export const versionOption = flag('version', 'Print the version of Apache Kafka this command mirrors.')

/** `--output`, on commands that list something. */
export const outputOption = option(
  'output',
  'String',
  'json|yaml|table',
  'Print the result as JSON, YAML or a drawn table instead of the format of the Kafka script.',
  { own: true, completion: ['json', 'yaml', 'table'] },
)

/** `--yes`, on commands that destroy something. */
export const yesOption = flag(
  'yes',
  'Do not ask before destructive actions; without a terminal nothing is ever asked.',
  {
    own: true,
  },
)

/** `--dry-run`, on commands whose script has none. */
export const dryRunOption = (description: string): OptionSpec => flag('dry-run', description, { own: true })

/** `--bootstrap-server`, with where kt looks when it is left out. */
export const bootstrapOption = (argumentName = 'server to connect to', more: Partial<OptionSpec> = {}): OptionSpec =>
  option(
    'bootstrap-server',
    'String',
    argumentName,
    'Where the cluster is: host:port, several with commas. Left out, kt takes KT_BOOTSTRAP_SERVER, else the chosen profile, else its embedded broker.',
    more,
  )

/** `--command-config`. */
export const commandConfigOption = (argumentName = 'command config property file'): OptionSpec =>
  option('command-config', 'String', argumentName, 'Properties file with settings for the client.', {
    completion: 'file',
  })
