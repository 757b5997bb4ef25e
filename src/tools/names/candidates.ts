import type { NameSource } from './ask.ts'
import type { Known } from './cache.ts'
import type { CommandLine } from './command-line.ts'
import { configNames, entityTypeOf } from './config-names.ts'
import { isList, type NameKind } from './kinds.ts'

/** Gives names of a cluster, or of profiles; none when they can't be had at once. */
export type Names = (source: NameSource) => Promise<readonly Known[]>

const sources: Partial<Record<NameKind, NameSource>> = {
  topic: 'topics',
  topics: 'topics',
  'topic-partitions': 'topics',
  partition: 'topics',
  group: 'groups',
  'share-group': 'groups',
  'streams-group': 'groups',
  broker: 'brokers',
  brokers: 'brokers',
  'transactional-id': 'transactions',
  feature: 'features',
  user: 'users',
  client: 'clients',
  'client-metrics': 'metrics',
  profile: 'profiles',
  'profile-action': 'profiles',
}

/** Actions of `kt profile` that take the name of one. */
const WITH_NAME = ['use', 'show', 'remove']

const profileWords = async (line: CommandLine, names: Names): Promise<string[]> => {
  if (line.words.length > 1) return []
  if (line.words.length === 1) return WITH_NAME.includes(line.words[0]!) ? namesOf('profile', line, names) : []
  const { words } = (await import('../profile/options.ts')).spec
  return typeof words === 'object' ? [...words] : []
}

const ofEntity: Readonly<Record<string, NameKind>> = {
  topics: 'topic',
  brokers: 'broker',
  'broker-loggers': 'broker',
  groups: 'group',
  'client-metrics': 'client-metrics',
  users: 'user',
  clients: 'client',
}

/** `entity` made into the kind that the line says it is; undefined when there is no such. */
export const resolveKind = (kind: NameKind, line: CommandLine): NameKind | undefined => {
  if (kind !== 'entity') return kind
  const type = entityTypeOf(line)
  return type !== undefined && Object.hasOwn(ofEntity, type) ? ofEntity[type] : undefined
}

const isOfKind = (kind: NameKind, line: CommandLine): ((known: Known) => boolean) => {
  if (kind === 'share-group') return ({ detail }) => detail === 'share'
  if (kind === 'streams-group') return ({ detail }) => detail === 'streams'
  if (kind === 'group' && line.command === 'consumer-groups')
    return ({ detail }) => detail !== 'share' && detail !== 'streams'
  return () => true
}

/** The names of a kind, without what else belongs to a value. */
export const namesOf = async (kind: NameKind, line: CommandLine, names: Names): Promise<string[]> => {
  if (kind === 'config' || kind === 'configs') return (await configNames(line)).map(({ name }) => name)
  const source = sources[kind]
  return source === undefined ? [] : (await names(source)).filter(isOfKind(kind, line)).map(({ name }) => name)
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i))

const partitionsOf = (known: readonly Known[], topic: string | undefined): string[] =>
  numbers(Math.min(1000, Number(known.find(({ name }) => name === topic)?.detail ?? 0)))

/** `topic`, `topic:partition`, and of `consumer-groups` and `delete-records` what follows the partition's comma. */
const topicPartitions = (value: string, known: readonly Known[]): string[] => {
  const colon = value.lastIndexOf(':')
  if (colon < 0) return known.map(({ name }) => name)
  const start = value.slice(0, colon)
  const topic = start.slice(start.lastIndexOf(',') + 1)
  const typed = value.slice(colon + 1)
  const before = typed.slice(0, typed.lastIndexOf(',') + 1)
  return partitionsOf(known, topic)
    .filter((partition) => !before.split(',').includes(partition))
    .map((partition) => `${start}:${before}${partition}`)
}

const configValues = async (value: string, line: CommandLine): Promise<string[]> => {
  const cut = value.indexOf('=')
  const configs = await configNames(line)
  // --delete-config takes names, all others name=value.
  if (cut < 0) return configs.map(({ name }) => name)
  const name = value.slice(0, cut)
  return configs
    .filter((config) => config.name === name)
    .flatMap(({ values }) => values.map((text) => `${name}=${text}`))
}

/** The part of a list that is being typed, behind the last comma that separates. */
const splitList = (kind: NameKind, value: string): [before: string, typed: string] => {
  if (!isList(kind) || (kind === 'topic-partitions' && value.includes(':'))) return ['', value]
  if (kind === 'configs' && value.lastIndexOf('[') > value.lastIndexOf(']')) return ['', value]
  const cut = value.lastIndexOf(',') + 1
  return [value.slice(0, cut), value.slice(cut)]
}

/**
 * What the value being typed may become.
 * @param kind what it names
 * @param value what is there of it
 * @param option its option: values of --delete-config have no equals sign
 * @returns whole values, each with `value` at its beginning
 */
export const candidates = async (
  kind: NameKind,
  value: string,
  line: CommandLine,
  names: Names,
  option = '',
): Promise<string[]> => {
  const actual = resolveKind(kind, line)
  if (actual === undefined) return []
  const [before, typed] = splitList(actual, value)
  const found = await possible(actual, typed, line, names, option)
  const taken = before.split(',')
  // Topics of Kafka's own are seldom meant.
  const shown = actual.startsWith('topic') && typed === '' ? found.filter((name) => !name.startsWith('__')) : found
  return shown
    .filter((name) => name.startsWith(typed) && !taken.includes(name))
    .map((name) => before + name)
    .filter((text) => text !== value || !text.endsWith('='))
}

const possible = async (
  kind: NameKind,
  typed: string,
  line: CommandLine,
  names: Names,
  option: string,
): Promise<string[]> => {
  if (kind === 'topic-partitions') return topicPartitions(typed, await names('topics'))
  if (kind === 'profile-action') return profileWords(line, names)
  if (kind === 'partition') return partitionsOf(await names('topics'), line.last('topic'))
  if (kind === 'config' || kind === 'configs') {
    const found = await configValues(typed, line)
    return option === 'delete-config' || typed.includes('=') ? found : found.map((name) => `${name}=`)
  }
  return namesOf(kind, line, names)
}
