import type { NameKind } from '../tools/names/kinds.ts'
import type { CommandModule } from './command-module.ts'
import type { Io } from './io.ts'
import { machineFormat } from './machine.ts'
import type { CommandSpec } from './option-spec.ts'
import type { Output } from './output.ts'
import { runCommand } from './run-command.ts'
import { nearestWord } from './suggest.ts'

/** How long a cluster is waited for. */
const PATIENCE_MS = 500
/** Longer pieces are no messages. */
const MAX_MESSAGE_LENGTH = 8192

/** Sorts of things that may turn out not to be there. Brokers have numbers, which are not worth a guess. */
type Missing = 'topic' | 'group' | 'config' | 'transactional-id' | 'feature' | 'profile'

/**
 * The words in which Kafka's tools and brokers, and kt, say that a thing is not there. What was meant by it stands in the options: messages
 * often don't tell its name.
 */
const phrases: readonly (readonly [Missing, RegExp])[] = [
  [
    'topic',
    /UnknownTopicOrPartition|UNKNOWN_TOPIC_OR_PARTITION|does not host this topic-partition|^(?:Error.*: )?Topic '.*' does not exist|Topic .* not found|topic '.*' doesn't exist|Could not match any topic-partitions|No chosen group has offsets in|^There is no topic |not present in metadata after/im,
  ],
  ['group', /GroupIdNotFound|GROUP_ID_NOT_FOUND|[Gg]roup '.*' does not exist|^There is no group /m],
  [
    'config',
    /Unknown (?:topic|group|client metrics) config|Unexpected config names|Unknown (?:broker|dynamic) config|Invalid config\(s\)|Cannot update these configs dynamically/,
  ],
  ['transactional-id', /TransactionalIdNotFound|the ID could not be found/],
  ['profile', /^There is no profile '/m],
  ['feature', /does not support this feature|Unsupported feature|Unknown feature/],
]

const missingIn: Record<Missing, readonly NameKind[]> = {
  topic: ['topic', 'topics', 'topic-partitions'],
  group: ['group', 'share-group', 'streams-group'],
  config: ['config', 'configs'],
  'transactional-id': ['transactional-id'],
  feature: ['feature'],
  profile: ['profile', 'profile-action'],
}

/** What is missing, going by a message. */
export const missingThings = (message: string): Missing[] =>
  phrases.filter(([, phrase]) => phrase.test(message)).map(([missing]) => missing)

/** An output that shows texts to `look` as they pass. */
const watched = (output: Output, look: (text: string) => void): Output => ({
  write: (data) => {
    output.write(data)
    if (typeof data === 'string' && data.length <= MAX_MESSAGE_LENGTH) look(data)
  },
  drain: () => output.drain(),
  flush: () => output.flush(),
  get closed() {
    return output.closed
  },
})

/** The single names in a value: `a=1,b=2` are two configs, `a:0` is a topic. Patterns are none. */
const namesIn = (kind: NameKind, value: string): string[] => {
  if (kind.endsWith('group')) return [value]
  return value
    .split(kind === 'config' ? '\n' : ',')
    .map((part) => part.replace(/[=:].*$/s, ''))
    .filter((part) => /^[\w.-]+$/.test(part))
}

/** Finds names: of the cluster a command line is about, or of Kafka's configs. */
export type FindNames = (kind: NameKind, args: readonly string[], spec: CommandSpec) => Promise<readonly string[]>

/** What was typed and is not there, with what it probably was to be. */
const guessesFor = async (
  missing: Missing,
  spec: CommandSpec,
  args: readonly string[],
  find: FindNames,
): Promise<string[]> => {
  const [{ kindOfOption, kindOfWords }, { readCommandLine }, { resolveKind }] = await Promise.all([
    import('../tools/names/kinds.ts'),
    import('../tools/names/command-line.ts'),
    import('../tools/names/candidates.ts'),
  ])
  const line = readCommandLine([spec.name, ...args])
  const places = spec.options.map(({ name }) => ({ kind: kindOfOption(spec.name, name), values: line.values(name) }))
  const all = [...places, { kind: kindOfWords(spec.name), values: line.words }]
  const guesses = new Set<string>()
  for (const { kind, values } of all) {
    const actual = kind === undefined || values.length === 0 ? undefined : resolveKind(kind, line)
    if (actual === undefined || !missingIn[missing].includes(actual)) continue
    const known = await find(actual, args, spec)
    for (const name of values.flatMap((value) => namesIn(actual, value))) {
      const guess = known.includes(name) ? undefined : nearestWord(name, known)
      if (guess !== undefined) guesses.add(guess)
    }
  }
  return [...guesses]
}

/** Words of an option that aren't among those it takes. */
export const misspelledValues = (spec: CommandSpec, values: (option: string) => readonly string[]): string[] =>
  spec.options.flatMap(({ name, argument }) => {
    const known = argument?.completion
    if (known === undefined || typeof known === 'string') return []
    return values(name)
      .flatMap((value) => value.split(','))
      .filter((value) => value !== '' && !known.some((word) => word.toLowerCase() === value.toLowerCase()))
      .flatMap((value) => nearestWord(value, known) ?? [])
      .map((guess) => `--${name} ${guess}`)
  })

/** Asks a cluster: once for each kind, and for so long. */
const askCluster =
  (io: Io): FindNames =>
  async (kind, args, spec) => {
    const [{ namesOf }, { readCommandLine }, { chooseTarget }, { askNames, profileNames }] = await Promise.all([
      import('../tools/names/candidates.ts'),
      import('../tools/names/command-line.ts'),
      import('../tools/names/target.ts'),
      import('../tools/names/ask.ts'),
    ])
    const line = readCommandLine([spec.name, ...args])
    return namesOf(kind, line, async (source) => {
      if (source === 'profiles') return profileNames(io)
      const target = await chooseTarget(line, io)
      return target === undefined ? [] : askNames(target, source, PATIENCE_MS, io)
    })
  }

const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })

/**
 * Runs a command at a terminal, and adds to its messages of missing topics, groups, configs … which one of those that there are was
 * probably meant: on standard error, after Kafka's own words. Commands take no part in it.
 */
export const runGuessing = async (
  module: CommandModule,
  args: readonly string[],
  io: Io,
  find: FindNames = askCluster(io),
): Promise<number> => {
  // A program reads one document there.
  if (machineFormat(module.spec, args, io.env) !== undefined) return runCommand(module, args, io)
  const said = new Set<string>()
  const asked = new Map<Missing, Promise<void>>()
  let patience: Promise<void> | undefined
  const findSoon: FindNames = (...about) => {
    patience ??= after(PATIENCE_MS)
    return Promise.race([find(...about), patience.then(() => [])])
  }
  const say = async (guesses: readonly string[]): Promise<void> => {
    await io.out.flush()
    for (const guess of guesses) {
      if (!said.has(guess)) io.err.write(`Did you mean ${guess}?\n`)
      said.add(guess)
    }
  }
  const look = (text: string): void => {
    for (const missing of missingThings(text)) {
      if (asked.has(missing)) continue
      asked.set(
        missing,
        guessesFor(missing, module.spec, args, findSoon).then(say, () => undefined),
      )
    }
  }
  const code = await runCommand(module, args, { ...io, out: watched(io.out, look), err: watched(io.err, look) })
  await Promise.all(asked.values())
  if (code !== 0 && said.size === 0) {
    const { readCommandLine } = await import('../tools/names/command-line.ts')
    await say(misspelledValues(module.spec, readCommandLine([module.spec.name, ...args]).values))
  }
  return code
}
