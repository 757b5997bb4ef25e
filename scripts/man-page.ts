import { relatedCommands, usesVariable } from './man-related.ts'

/** A command as it stands in oclif.manifest.json. */
export interface ManCommand {
  id: string
  summary?: string
  description?: string
  usage?: string | string[]
  examples?: (string | { command: string; description?: string })[]
  flags: Record<string, ManFlag>
  args: Record<string, { name: string; description?: string; required?: boolean; hidden?: boolean }>
  hidden?: boolean
  /** Exit codes of its own. */
  exits?: { code: number; when: string }[]
  /** Has it --output? */
  isForPrograms?: boolean
}

interface ManFlag {
  name: string
  char?: string
  summary?: string
  description?: string
  type: 'boolean' | 'option'
  helpValue?: string | string[]
  options?: string[]
  default?: unknown
  required?: boolean
  hidden?: boolean
}

const ENVIRONMENT: [string, string][] = [
  [
    'KT_BOOTSTRAP_SERVER',
    'The cluster to use when --bootstrap-server is not given: host:port, several separated by commas.',
  ],
  [
    'KT_DATA_DIR',
    "Data directory of the embedded broker, used when no cluster is named. Default: the platform's data folder.",
  ],
  ['KT_EMBEDDED', 'Set to off, commands insist on being told the cluster instead of using the embedded broker.'],
  [
    'KT_IDLE_TIMEOUT',
    'How long an embedded broker that a command started stays without a client: 30m, 4h (the default), 0 for ever.',
  ],
  ['KT_RUN_DIR', "Where running brokers are noted for kt server-stop. Default: a folder of this user's."],
  ['KT_PROFILE', 'The profile to use when neither a cluster nor --profile is given; see kt profile.'],
  ['KT_CONFIG_DIR', 'Where profiles are. Default: kt in $XDG_CONFIG_HOME, else ~/.config/kt.'],
  ['KT_STATE_DIR', 'Where undo files are. Default: kt in $XDG_STATE_HOME, else ~/.local/state/kt.'],
  [
    'KT_CACHE_DIR',
    "Where compiled code is kept, and names for completion. Default: kt in $XDG_CACHE_HOME, else in the platform's folder for caches.",
  ],
  ['KT_LOG_LEVEL, KT_LOG_FORMAT', 'What the broker logs (debug, info, warn or error), and how (text or json).'],
  ['KT_DEBUG', 'Set to 1 to see stack traces of errors.'],
  ['KT_OUTPUT', 'json, yaml or table: what --output is when it is not given, on commands that have it.'],
  ['NO_COLOR', 'When set, output has no colour.'],
]

const EXIT_STATUS: [string, string][] = [
  ['0', 'The command did what was asked.'],
  ['1', "It failed, or its options were wrong. The same cases as Kafka's own scripts give the same status."],
]

const FOR_PROGRAMS =
  'Under --output json or yaml the status is stricter: it is not 0 when anything that was asked for failed. Standard error then holds ' +
  'one document that names what failed (kt schema error), standard output nothing but the document of the action.'

/** Kafka's oddities included. */
const exitStatus = ({ exits = [], isForPrograms = false }: ManCommand): string => {
  const all = new Map(EXIT_STATUS)
  for (const { code, when } of exits) all.set(String(code), [all.get(String(code)) ?? [], when].flat().join(' '))
  return entries([...all]) + (isForPrograms ? paragraphs(FOR_PROGRAMS) : '')
}

/** Text as roff source: backslashes, leading dots and quotes, and plain minus signs are made literal. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
}

const bold = (text: string): string => `\\fB${roff(text)}\\fR`
const italic = (text: string): string => `\\fI${roff(text)}\\fR`
const words = (command: ManCommand): string => command.id.replaceAll(':', ' ')
const pageName = (command: ManCommand): string => `kt-${command.id.replaceAll(':', '-')}`
const template = (text: string, command: ManCommand): string =>
  text.replaceAll(/<%= ?config\.bin ?%>/g, 'kt').replaceAll(/<%= ?command\.id ?%>/g, words(command))

function summaryOf(command: ManCommand): string {
  const text = template(command.summary ?? command.description ?? words(command), command)
  return (text.split('\n', 1)[0] ?? '').replace(/\.$/, '')
}

function paragraphs(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((part) => `.PP\n${roff(part)}\n`)
    .join('')
}

function valueName(flag: ManFlag): string {
  if (Array.isArray(flag.helpValue)) return flag.helpValue.join(' ')
  if (flag.helpValue) return flag.helpValue
  return flag.options ? flag.options.join('|') : 'value'
}

function flagEntry(flag: ManFlag): string {
  const names = [flag.char ? bold(`-${flag.char}`) : '', bold(`${flag.name.length === 1 ? '-' : '--'}${flag.name}`)]
    .filter((name) => name !== '')
    .join(', ')
  const value = flag.type === 'option' ? ` ${italic(valueName(flag))}` : ''
  const notes = [
    flag.required ? 'Required.' : '',
    typeof flag.default === 'string' || typeof flag.default === 'number' ? `Default: ${flag.default}.` : '',
  ].filter((note) => note !== '')
  const text = [flag.description ?? flag.summary ?? '', ...notes].filter((part) => part !== '').join('\n')
  return `.TP\n${names}${value}\n${roff(text)}\n`
}

function synopsis(command: ManCommand): string {
  const usage = command.usage === undefined ? [] : [command.usage].flat()
  if (usage.length > 0)
    return usage.map((line) => `.br\n${bold('kt')} ${roff(template(line, command).replace(/^kt /, ''))}\n`).join('')
  const args = Object.values(command.args)
    .filter((arg) => !arg.hidden)
    .map((arg) => (arg.required ? italic(arg.name) : `[${italic(arg.name)}]`))
  const flags = Object.values(command.flags).some((flag) => !flag.hidden) ? [`[${italic('options')}]`] : []
  return `${[bold(`kt ${words(command)}`), ...flags, ...args].join(' ')}\n`
}

function examples(command: ManCommand): string {
  return (command.examples ?? [])
    .map((example) => {
      const { command: line, description } =
        typeof example === 'string' ? { command: example, description: undefined } : example
      const intro = description ? `.PP\n${roff(template(description, command))}\n` : '.PP\n'
      return `${intro}.RS 4\n.nf\n${roff(template(line, command))}\n.fi\n.RE\n`
    })
    .join('')
}

const entries = (list: [string, string][]): string =>
  list.map(([name, text]) => `.TP\n${bold(name)}\n${roff(text)}\n`).join('')
/** The variables that matter to a command. */
const variablesOf = (command: ManCommand): [string, string][] =>
  ENVIRONMENT.filter(([names]) => usesVariable(command, names))

const section = (title: string, body: string): string => (body === '' ? '' : `.SH ${title}\n${body}`)
const header = (name: string, version: string): string =>
  `.\\" Generated by scripts/man.ts. Do not edit.\n.TH ${name.toUpperCase()} 1 "" "kt ${version}" "Apache Kafka at the terminal"\n`

/** The page of one command; `all` gives the neighbours it refers to. */
export function commandPage(command: ManCommand, all: ManCommand[], version: string): string {
  const flags = Object.values(command.flags)
    .filter((flag) => !flag.hidden)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const related = relatedCommands(command.id)
  const near = all.filter((other) => related.includes(other.id))
  const seeAlso = ['kt', ...near.map(pageName)].map((name) => `${bold(name)}(1)`).join(',\n')
  return [
    header(pageName(command), version),
    section('NAME', `${roff(pageName(command))} \\- ${roff(summaryOf(command))}\n`),
    section('SYNOPSIS', synopsis(command)),
    section('DESCRIPTION', paragraphs(template(command.description ?? summaryOf(command), command))),
    section('OPTIONS', flags.map(flagEntry).join('')),
    section('EXAMPLES', examples(command)),
    section('EXIT STATUS', exitStatus(command)),
    section('ENVIRONMENT', entries(variablesOf(command))),
    section('SEE ALSO', `${seeAlso}\n`),
  ].join('')
}

/** The page of kt itself: a line for each command. */
export function overviewPage(commands: ManCommand[], version: string): string {
  return [
    header('kt', version),
    section('NAME', 'kt \\- Apache Kafka\\(aqs command\\-line tools, with an embedded broker\n'),
    section('SYNOPSIS', `${bold('kt')} ${italic('command')} [${italic('options')}]\n`),
    section(
      'DESCRIPTION',
      paragraphs(`Each command has the options, the output and the exit status of the script of Apache Kafka that it is named after.

Commands talk to the cluster named by --bootstrap-server or KT_BOOTSTRAP_SERVER. Without either they use the embedded broker of the data directory and start it in the background when it isn't running.`),
    ),
    section(
      'COMMANDS',
      commands.map((command) => `.TP\n${bold(`kt ${words(command)}`)}\n${roff(summaryOf(command))}.\n`).join(''),
    ),
    section('EXIT STATUS', entries(EXIT_STATUS)),
    section('ENVIRONMENT', entries(ENVIRONMENT)),
    section('SEE ALSO', `${commands.map((command) => `${bold(pageName(command))}(1)`).join(',\n')}\n`),
  ].join('')
}
