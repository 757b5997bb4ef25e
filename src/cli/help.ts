import { commandLoaders, loadSpecs } from './commands.ts'
import type { Io } from './io.ts'
import type { CommandSpec } from './option-spec.ts'
import { suggestCommand } from './suggest.ts'

/** The commands as `kt --help` shows them. One that is missing here comes last, under a heading of its own. */
export const sections: readonly (readonly [title: string, names: readonly string[]])[] = [
  [
    'Topics and records',
    ['topics', 'console-producer', 'console-consumer', 'console-share-consumer', 'get-offsets', 'delete-records'],
  ],
  ['Groups', ['lag', 'consumer-groups', 'share-groups', 'streams-groups', 'groups', 'streams-application-reset']],
  ['Transactions', ['transactions']],
  ['Configs', ['configs', 'client-metrics', 'features']],
  ['Security', ['acls', 'delegation-tokens']],
  [
    'Cluster',
    [
      'cluster',
      'doctor',
      'metadata-quorum',
      'leader-election',
      'reassign-partitions',
      'log-dirs',
      'broker-api-versions',
    ],
  ],
  ['Files', ['dump-log', 'metadata-shell']],
  [
    'Measuring and checking',
    [
      'producer-perf-test',
      'consumer-perf-test',
      'share-consumer-perf-test',
      'e2e-latency',
      'verifiable-producer',
      'verifiable-consumer',
      'replica-verification',
    ],
  ],
  ['Profiles and safety', ['profile', 'undo']],
  ['Connect', ['connect-standalone', 'connect-plugin-path', 'connect-distributed']],
  ['Brokers', ['broker', 'server-start', 'server-stop', 'storage']],
  ['Shell', ['completion', 'link', 'schema']],
]

/** The column of names: the longest. Summaries of up to 51 letters fit 80 columns. */
const NAME_WIDTH = 25

const start = `Start here; no server is needed, the first command starts a broker in the background:
  kt topics --create --topic hello --partitions 4
  echo 'hello, world' | kt console-producer --topic hello
  kt console-consumer --topic hello --from-beginning --max-messages 1`

const end = `\`kt help COMMAND\` explains a command. Options are those of Kafka's script of that name:
kafka-topics.sh is \`kt topics\`. For a cluster of your own: --bootstrap-server host:port,
KT_BOOTSTRAP_SERVER, or \`kt profile\`. \`kt --version\` prints the version.`

const withRest = (specs: readonly CommandSpec[]): (readonly [string, readonly string[]])[] => {
  const placed = new Set(sections.flatMap(([, names]) => names))
  const rest = specs.map(({ name }) => name).filter((name) => !placed.has(name))
  return [...sections, ...(rest.length > 0 ? ([['More', rest]] as const) : [])]
}

/**
 * What `kt --help` prints.
 * @param specs all commands
 * @param heading what a heading looks like
 */
export const overview = (specs: readonly CommandSpec[], heading = (text: string): string => text): string => {
  const summaries = new Map(specs.map(({ name, summary }) => [name, summary]))
  const width = Math.min(NAME_WIDTH, Math.max(...specs.map(({ name }) => name.length)))
  const paragraphs = withRest(specs).map(([title, names]) =>
    [heading(title), ...names.map((name) => `  ${name.padEnd(width)}  ${summaries.get(name) ?? ''}`)].join('\n'),
  )
  const first = 'Apache Kafka at the terminal, with an embedded broker.\n\nUsage: kt COMMAND [OPTIONS]'
  return `${[first, start, ...paragraphs, end].join('\n\n')}\n`
}

const bold = async (io: Io): Promise<((text: string) => string) | undefined> => {
  if (!io.colour) return undefined
  const { Chalk } = await import('chalk')
  return new Chalk({ level: 1 }).bold
}

const complain = (io: Io, word: string): number => {
  if (word.startsWith('-')) {
    io.err.write(
      `${word} is not an option of kt itself; options come after the command, and \`kt --help\` lists those\n`,
    )
    return 2
  }
  const guess = suggestCommand(word, Object.keys(commandLoaders))
  const hint = guess === undefined ? '`kt --help` lists the commands' : `did you mean \`kt ${guess}\`?`
  io.err.write(`${word} is not a kt command; ${hint}\n`)
  return 2
}

/**
 * Answers what is no command: nothing at all, `--help`, `help`, `help <command>` and words that mean nothing.
 * @param explain shows the help of one command
 * @returns the exit code
 */
export const help = async (
  args: readonly string[],
  io: Io,
  explain: (command: string) => Promise<void>,
): Promise<number> => {
  const [word = '--help', about] = args
  const isHelp = word === 'help' || word === '--help' || word === '-h'
  if (!isHelp) return complain(io, word)
  if (about !== undefined && about !== 'help' && !about.startsWith('-')) {
    if (!Object.hasOwn(commandLoaders, about)) return complain(io, about)
    await explain(about)
    return 0
  }
  io.out.write(overview(await loadSpecs(), await bold(io)))
  return 0
}
