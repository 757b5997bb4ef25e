import type { ConfigFact } from '../../config/config-def.ts'
import type { CommandLine } from './command-line.ts'

const USER_QUOTAS = ['producer_byte_rate', 'consumer_byte_rate', 'request_percentage', 'controller_mutation_rate']
const SCRAM = ['SCRAM-SHA-256', 'SCRAM-SHA-512']

/** A config, and the values it can have where there are only so many. */
export interface ConfigName {
  name: string
  values: readonly string[]
}

const named = (names: readonly string[]): ConfigName[] => names.map((name) => ({ name, values: [] }))

const ofFacts = (facts: readonly ConfigFact[]): ConfigName[] =>
  facts
    .filter(({ internal }) => !internal)
    .map(({ name, type, check }) => ({
      name,
      values: type === 'BOOLEAN' ? ['true', 'false'] : (check?.oneOf ?? check?.oneOfIgnoringCase ?? check?.list ?? []),
    }))

const brokerConfigs = async (): Promise<ConfigName[]> => {
  const [{ default: dynamic }, { default: broker }, { default: quotas }] = await Promise.all([
    import('../../config/facts/dynamic-broker.json', { with: { type: 'json' } }),
    import('../../config/facts/broker.json', { with: { type: 'json' } }),
    import('../../config/facts/dynamic-quota.json', { with: { type: 'json' } }),
  ])
  const changeable = new Set([...dynamic.perBroker, ...dynamic.clusterWide])
  return ofFacts([...broker, ...quotas] as readonly ConfigFact[]).filter(
    ({ name }) => changeable.has(name) || quotas.some((quota) => quota.name === name),
  )
}

const byEntity: Readonly<Record<string, () => Promise<ConfigName[]>>> = {
  topics: async () =>
    ofFacts((await import('../../config/facts/topic.json', { with: { type: 'json' } })).default as ConfigFact[]),
  brokers: brokerConfigs,
  groups: async () =>
    ofFacts((await import('../../config/facts/group.json', { with: { type: 'json' } })).default as ConfigFact[]),
  'client-metrics': async () =>
    ofFacts(
      (await import('../../config/facts/client-metrics.json', { with: { type: 'json' } })).default as ConfigFact[],
    ),
  users: () => Promise.resolve(named([...USER_QUOTAS, ...SCRAM])),
  clients: () => Promise.resolve(named(USER_QUOTAS)),
  ips: () => Promise.resolve(named(['connection_creation_rate'])),
}

/** Options of `configs` that stand for --entity-type and --entity-name at once. */
const shortcuts: Readonly<Record<string, string>> = {
  topic: 'topics',
  broker: 'brokers',
  'broker-defaults': 'brokers',
  group: 'groups',
  'client-metrics': 'client-metrics',
  user: 'users',
  'user-defaults': 'users',
  client: 'clients',
  'client-defaults': 'clients',
  ip: 'ips',
  'ip-defaults': 'ips',
}

/** The kind of thing whose configs a command line is about: 'topics', 'brokers' …; undefined when it doesn't say. */
export const entityTypeOf = (line: CommandLine): string | undefined => {
  if (line.command === 'topics') return 'topics'
  return line.last('entity-type') ?? Object.entries(shortcuts).find(([option]) => line.has(option))?.[1]
}

/** The configs a command line may set, as Kafka's definitions have them. */
export const configNames = async (line: CommandLine): Promise<ConfigName[]> => {
  const type = entityTypeOf(line)
  const list = type === undefined || !Object.hasOwn(byEntity, type) ? undefined : byEntity[type]
  return (await list?.())?.sort((a, b) => (a.name < b.name ? -1 : 1)) ?? []
}
