/** Validation of a connector's configs (AbstractHerder.validateConnectorConfig): everything that is wrong at once, config by config. */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import { KAFKA_VERSION } from '../api/version.ts'
import type { Plugins, PluginType } from '../plugins/registry.ts'
import { badRequest } from '../runtime/request-error.ts'
import { type ConfigInfo, validateConfigs } from './config-def.ts'
import { connectorConfigs, SINK_CONFIGS, SOURCE_CONFIGS } from './connector-definitions.ts'
import { overrideErrors } from './override-policy.ts'
import type { WorkerConfig } from './worker-config.ts'

/** The answer to a validation, as the REST API writes it. */
export interface ConfigInfos {
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly ConfigInfo[]
}

const classNames = (plugins: Plugins, type: PluginType): string[] =>
  plugins.ofType(type).map(({ className }) => className)

/** A class of a plugin: it has to be there. */
const classKey = (
  plugins: Plugins,
  type: PluginType,
  key: Omit<ConnectConfigKey, 'type' | 'validator' | 'recommender'>,
): ConnectConfigKey => ({
  ...key,
  type: 'CLASS',
  validator: (name, value) => {
    if (value === null || plugins.find(String(value), type)) return
    throw badRequest(
      `Invalid value ${String(value)} for configuration ${name}: Class ${String(value)} could not be found.`,
    )
  },
  recommender: { validValues: () => classNames(plugins, type), visible: () => true },
})

/** The definitions of what `transforms` or `predicates` names: class and own configs, in the order Kafka lists them. */
const namedKeys = (plugins: Plugins, props: Props, list: 'transforms' | 'predicates'): ConnectConfigKey[] => {
  const type = list === 'transforms' ? 'transformation' : 'predicate'
  const what = list === 'transforms' ? 'Transform' : 'Predicate'
  const names = (props[list] ?? '').split(',').map((name) => name.trim())
  return names
    .filter((name) => name !== '')
    .flatMap((alias) => {
      const group = `${what}s: ${alias}`
      const prefix = `${list}.${alias}.`
      const typeKey = classKey(plugins, type, {
        name: `${prefix}type`,
        importance: 'HIGH',
        documentation: `The class of ${type} ${alias}.`,
        group,
        orderInGroup: 0,
        width: 'LONG',
        displayName: `${what === 'Transform' ? 'Transformation' : what} type for ${alias}`,
      })
      const plugin = plugins.find(props[typeKey.name] ?? '', type)
      if (plugin === undefined) return [typeKey]
      const own: ConnectConfigKey[] = [...plugin.configs]
      if (type === 'transformation') {
        own.push(
          {
            name: 'predicate',
            type: 'STRING',
            defaultValue: null,
            importance: 'MEDIUM',
            documentation: 'The predicate that says which records it is for.',
            validator: knownPredicate(props),
          },
          {
            name: 'negate',
            type: 'BOOLEAN',
            defaultValue: false,
            importance: 'MEDIUM',
            documentation: 'Is it for the other records?',
          },
        )
      }
      own.sort((a, b) => (a.name < b.name ? -1 : 1))
      const placed = own.map(
        (key, index): ConnectConfigKey => ({
          ...key,
          name: `${prefix}${key.name}`,
          displayName: key.displayName ?? key.name,
          group,
          orderInGroup: index + 2,
        }),
      )
      return [typeKey, ...placed]
    })
}

const knownPredicate =
  (props: Props): ConnectConfigKey['validator'] =>
  (name, value) => {
    const names = (props.predicates ?? '').split(',').map((one) => one.trim())
    if (value === null || names.includes(String(value))) return
    throw badRequest(`Invalid value ${String(value)} for configuration ${name}: it is not among predicates`)
  }

/** topic.creation.GROUP.* of source connectors (KIP-158). */
const topicCreationKeys = (props: Props): ConnectConfigKey[] => {
  const uses = Object.keys(props).some((name) => name.startsWith('topic.creation.') && name !== 'topic.creation.groups')
  if (!uses) return []
  const groups = (props['topic.creation.groups'] ?? '').split(',').map((name) => name.trim())
  const positive: ConnectConfigKey['validator'] = (name, value) => {
    if (value === -1 || (value !== null && Number(value) > 0)) return
    throw badRequest(
      `Invalid value ${String(value)} for configuration ${name}: Value must be larger than 0, or -1 to use the broker's default`,
    )
  }
  return ['default', ...groups.filter((name) => name !== '' && name !== 'default')].flatMap(
    (alias): ConnectConfigKey[] => {
      const rest = { importance: 'LOW', group: `Topic Creation: ${alias}`, width: 'LONG' } as const
      const prefix = `topic.creation.${alias}.`
      const optional = alias === 'default' ? {} : { defaultValue: -1 }
      const patterns: ConnectConfigKey[] = ['include', 'exclude'].map((name, index) => ({
        ...rest,
        name: `${prefix}${name}`,
        type: 'LIST',
        ...(name === 'include' && alias !== 'default' ? {} : { defaultValue: [] }),
        documentation: `Patterns of topics the group ${name}s.`,
        orderInGroup: index + 1,
      }))
      return [
        ...(alias === 'default' ? [] : patterns),
        {
          ...rest,
          ...optional,
          name: `${prefix}replication.factor`,
          type: 'SHORT',
          validator: positive,
          documentation: 'Replicas of new topics; -1: as the brokers say.',
          orderInGroup: 3,
        },
        {
          ...rest,
          ...optional,
          name: `${prefix}partitions`,
          type: 'INT',
          validator: positive,
          documentation: 'Partitions of new topics; -1: as the brokers say.',
          orderInGroup: 4,
        },
      ]
    },
  )
}

const sourceErrors = (props: Props): [string, string][] =>
  props['exactly.once.support']?.toLowerCase() === 'required'
    ? [['exactly.once.support', 'This worker does not have exactly-once source support enabled.']]
    : []

const sinkErrors = (props: Props): [string, string][] => {
  const [topics, regex] = [props.topics?.trim() ?? '', props['topics.regex']?.trim() ?? '']
  const both = (message: string): [string, string][] => [
    ['topics', message],
    ['topics.regex', message],
  ]
  if (topics !== '' && regex !== '')
    return both('topics and topics.regex are mutually exclusive options, but both are set.')
  if (topics === '' && regex === '') return both('Must configure one of topics or topics.regex')
  const dlq = props['errors.deadletterqueue.topic.name']?.trim() ?? ''
  if (dlq === '') return []
  if (topics.split(',').some((topic) => topic.trim() === dlq)) {
    return [
      [
        'topics',
        `The DLQ topic '${dlq}' may not be included in the list of topics ('topics=${topics}') consumed by the connector`,
      ],
    ]
  }
  if (regex !== '' && new RegExp(`^(?:${regex})$`).test(dlq)) {
    return [
      [
        'topics.regex',
        `The DLQ topic '${dlq}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`,
      ],
    ]
  }
  return []
}

const withConverters = (plugins: Plugins, key: ConnectConfigKey): ConnectConfigKey => {
  const type = key.name === 'header.converter' ? 'header_converter' : 'converter'
  return key.type === 'CLASS' ? classKey(plugins, type, key) : key
}

/** The definitions of what the runtime itself reads of a connector's configs. */
export const runtimeKeys = (
  plugins: Plugins,
  worker: WorkerConfig,
  isSource: boolean,
  version: string,
): ConnectConfigKey[] => {
  const [key, value, header] = ['key', 'value', 'header'].map((kind) => worker.string(`${kind}.converter`)) as [
    string,
    string,
    string,
  ]
  const common = connectorConfigs({ key, value, header }, version).map((one) => withConverters(plugins, one))
  return [...common, ...(isSource ? SOURCE_CONFIGS : SINK_CONFIGS)]
}

/**
 * @throws RequestError without a connector class, or for one that isn't there
 */
export const validateConnector = async (plugins: Plugins, worker: WorkerConfig, props: Props): Promise<ConfigInfos> => {
  const name = props['connector.class']
  if (name === undefined) {
    const shown = Object.entries(props).map(([key, value]) => `${key}=${value}`)
    throw badRequest(`Connector config {${shown.join(', ')}} contains no connector type`)
  }
  let plugin: ReturnType<Plugins['connector']>
  try {
    plugin = plugins.connector(name)
  } catch (error) {
    throw badRequest((error as Error).message)
  }
  const isSource = plugin.type === 'source'
  const keys = [
    ...runtimeKeys(plugins, worker, isSource, plugin.version || KAFKA_VERSION),
    ...(isSource ? topicCreationKeys(props) : []),
    ...namedKeys(plugins, props, 'transforms'),
    ...namedKeys(plugins, props, 'predicates'),
    ...plugin.configs,
  ]
  const configs = validateConfigs(keys, props)
  const more: [string, string][] = [
    ...(isSource ? sourceErrors(props) : sinkErrors(props)),
    ...overrideErrors(worker.string('connector.client.config.override.policy'), props),
  ]
  const own = await plugin.makeConnector().validate?.(props)
  for (const [config, errors] of own ?? []) for (const error of errors) more.push([config, error])
  const all = withErrors(configs, more, props)
  const groups = [...new Set(all.flatMap(({ definition: { group } }) => (group === null ? [] : [group])))]
  return { name, error_count: all.reduce((sum, { value }) => sum + value.errors.length, 0), groups, configs: all }
}

/** Adds errors to the configs they are about; a config that isn't among them is added for it. */
const withErrors = (configs: readonly ConfigInfo[], more: readonly [string, string][], props: Props): ConfigInfo[] => {
  const all = [...configs]
  for (const [name, error] of more) {
    const known = all.find(({ definition }) => definition.name === name)
    if (known) known.value.errors.push(error)
    else {
      const [added] = validateConfigs(
        [{ name, type: 'STRING', defaultValue: null, importance: 'LOW', documentation: '' }],
        props,
      )
      added!.value.errors.push(error)
      all.push(added!)
    }
  }
  return all
}

/** What a request to create a connector is refused with; undefined: nothing is wrong. */
export const complaintOf = ({ error_count: count, configs }: ConfigInfos): string | undefined => {
  if (count === 0) return undefined
  const errors = configs.flatMap(({ value }) => value.errors)
  return [
    `Connector configuration is invalid and contains the following ${count} error(s):`,
    ...errors,
    'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
  ].join('\n')
}
