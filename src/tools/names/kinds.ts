/**
 * What can be named on a command line and looked up: the values of options that name something of a cluster, or one of Kafka's configs.
 */
export const NAME_KINDS = [
  'topic',
  'topics',
  'topic-partitions',
  'partition',
  'group',
  'share-group',
  'streams-group',
  'broker',
  'brokers',
  'entity',
  'config',
  'configs',
  'transactional-id',
  'feature',
  'user',
  'client',
  'client-metrics',
  'profile',
  'profile-action',
] as const

/**
 * `topics`, `brokers` and `configs` are lists with commas, `topic-partitions` as well; `entity` is what --entity-type says, `config` and
 * `configs` take `name=value` where the option does. `profile-action` is what comes before the options of `kt profile`.
 */
export type NameKind = (typeof NAME_KINDS)[number]

const everywhere: Readonly<Record<string, NameKind>> = {
  topic: 'topic',
  include: 'topics',
  'topic-list': 'topics',
  'topics-include': 'topics',
  'topic-partitions': 'topic-partitions',
  'input-topic': 'topic',
  'input-topics': 'topics',
  'intermediate-topics': 'topics',
  'internal-topics': 'topics',
  partition: 'partition',
  group: 'group',
  'group-id': 'group',
  'application-id': 'group',
  broker: 'broker',
  'broker-id': 'broker',
  'broker-list': 'brokers',
  'broker-logger': 'broker',
  'entity-name': 'entity',
  config: 'config',
  'add-config': 'configs',
  'delete-config': 'configs',
  'transactional-id': 'transactional-id',
  transactionalId: 'transactional-id',
  feature: 'feature',
  user: 'user',
  client: 'client',
  'client-metrics': 'client-metrics',
  profile: 'profile',
  confirm: 'profile',
}

/** What differs by command; null: names nothing there is. */
const inCommand: Readonly<Record<string, Readonly<Record<string, NameKind | null>>>> = {
  topics: { topic: 'topics' },
  'get-offsets': { topic: 'topics' },
  'delete-records': { topic: 'topic-partitions' },
  'consumer-groups': { topic: 'topic-partitions' },
  'share-groups': { group: 'share-group' },
  'console-share-consumer': { group: 'share-group' },
  'share-consumer-perf-test': { group: 'share-group' },
  'streams-groups': { group: 'streams-group' },
  'client-metrics': { name: 'client-metrics' },
  cluster: { id: 'broker' },
  features: { 'node-id': 'broker' },
  'replica-verification': { 'broker-list': null },
}

/** Commands whose words before the options are names. */
const ofWords: Readonly<Record<string, NameKind>> = { lag: 'group', profile: 'profile-action' }

/** What the value of an option names; undefined when it is nothing that can be looked up. */
export const kindOfOption = (command: string, option: string): NameKind | undefined => {
  const own = inCommand[command]?.[option]
  return own === null ? undefined : (own ?? everywhere[option])
}

/** What words without an option name. */
export const kindOfWords = (command: string): NameKind | undefined => ofWords[command]

export const isNameKind = (text: string | undefined): text is NameKind => NAME_KINDS.some((kind) => kind === text)

/** Kinds whose values are lists with commas. */
export const isList = (kind: NameKind): boolean => ['topics', 'topic-partitions', 'brokers', 'configs'].includes(kind)
