/** Group configs (KIP-848, KIP-932, KIP-1071): validation, effective values and DescribeConfigs answers. */
import type { BrokerConfig } from './broker-config.ts'
import { BROKER_CONFIG_DEF } from './broker-definitions.ts'
import {
  ConfigDef,
  type ConfigFact,
  type ConfigTexts,
  type ConfigValues,
  textEntries,
  valueText,
} from './config-def.ts'
import { answering, invalidConfiguration } from './config-error.ts'
import { ConfigMap } from './config-map.ts'
import { asksFor, type ConfigEntry, ConfigSource, describedConfig } from './describe.ts'
import groupFacts from './facts/group.json' with { type: 'json' }
import groupSynonyms from './facts/group-synonyms.json' with { type: 'json' }
import { brokerSynonyms } from './topic-config.ts'

/** All group configs. */
export const GROUP_CONFIG_DEF = new ConfigDef(groupFacts as readonly ConfigFact[])
/** Group config → broker config that gives its default. */
const BROKER_SYNONYMS: Readonly<Record<string, string | undefined>> = groupSynonyms

/**
 * Validates the configs a group is to have (all of them) within the bounds the broker sets.
 * @throws ConfigError (INVALID_CONFIG) in Kafka's words
 */
export function validateGroupConfig(overrides: ConfigTexts, broker: BrokerConfig): void {
  answering('INVALID_CONFIG', () => {
    for (const [name] of textEntries(overrides)) {
      if (GROUP_CONFIG_DEF.get(name) === undefined) throw invalidConfiguration(`Unknown group config name: ${name}`)
    }
    const values = effectiveValues(overrides, broker)
    for (const name of GROUP_CONFIG_DEF.keys.keys()) checkBounds(name, values, broker)
    for (const kind of ['consumer', 'share', 'streams']) {
      const session = `${kind}.session.timeout.ms`
      const heartbeat = `${kind}.heartbeat.interval.ms`
      if ((values.get(session) as number) <= (values.get(heartbeat) as number)) {
        throw invalidConfiguration(`${session} must be greater than ${heartbeat}`)
      }
    }
  })
}

/** `consumer.session.timeout.ms` lies between `group.consumer.min.session.timeout.ms` and its `max` counterpart. */
function checkBounds(name: string, values: ConfigValues, broker: BrokerConfig): void {
  const [min, max] = boundsOf(name)
  const value = values.get(name) as number
  if (min !== null && value < broker.int(min)) {
    throw invalidConfiguration(`${name} must be greater than or equal to ${min}`)
  }
  if (max !== null && value > broker.int(max)) {
    throw invalidConfiguration(`${name} must be less than or equal to ${max}`)
  }
}

function boundsOf(name: string): readonly [min: string | null, max: string | null] {
  const dot = name.indexOf('.')
  const kind = name.slice(0, dot)
  const what = name.slice(dot + 1).replace(/^num\./, '')
  const existing = (bound: string) => (BROKER_CONFIG_DEF.get(bound) === undefined ? null : bound)
  return [existing(`group.${kind}.min.${what}`), existing(`group.${kind}.max.${what}`)]
}

/**
 * Effective values of a group. Values that the broker's bounds have left behind are moved to the nearest bound,
 * since bounds can change after a group was configured.
 * @param overrides the group's own configs, as the metadata log holds them
 */
export function resolveGroupConfig(overrides: ConfigTexts, broker: BrokerConfig): ConfigMap {
  const values = new Map(effectiveValues(overrides, broker))
  for (const [name] of textEntries(overrides)) {
    const value = values.get(name)
    if (typeof value !== 'number') continue
    const [min, max] = boundsOf(name)
    const atLeast = min === null ? value : Math.max(value, broker.int(min))
    values.set(name, max === null ? atLeast : Math.min(atLeast, broker.int(max)))
  }
  return new ConfigMap(values)
}

function effectiveValues(overrides: ConfigTexts, broker: BrokerConfig): ConfigValues {
  const texts = new Map<string, string>()
  for (const [name, synonym] of Object.entries(BROKER_SYNONYMS)) {
    if (synonym !== undefined) texts.set(name, String(broker.value(synonym)))
  }
  return GROUP_CONFIG_DEF.parse(new Map([...texts, ...textEntries(overrides)]))
}

/**
 * Describes a group's configs as DescribeConfigs answers them.
 * @param names what to describe; null or undefined for everything
 */
export function describeGroupConfig(
  overrides: ConfigTexts,
  broker: BrokerConfig,
  names?: readonly string[] | null,
): ConfigEntry[] {
  const own = new Map(textEntries(overrides))
  const values = effectiveValues(own, broker)
  const wanted = asksFor(names)
  return [...GROUP_CONFIG_DEF.keys.values()]
    .filter((key) => wanted(key.name))
    .map(({ name, type, defaultText }) => {
      const text = valueText(values.get(name)!, type)
      const synonym = BROKER_SYNONYMS[name]
      const synonyms =
        synonym === undefined
          ? [{ name, value: defaultText ?? null, source: ConfigSource.DEFAULT_CONFIG }]
          : brokerSynonyms(broker, synonym)
      if (!own.has(name)) return describedConfig(name, text, type, synonyms, false)
      const first = { name, value: text, source: ConfigSource.DYNAMIC_GROUP_CONFIG }
      return describedConfig(name, text, type, [first, ...synonyms], false)
    })
}
