/**
 * Topic configs: validation, effective values and DescribeConfigs answers (LogConfig and ConfigHelper of Kafka 4.3).
 * A topic's own value wins over the broker's dynamic, cluster-wide dynamic, static and default values.
 */
import type { BrokerConfig } from './broker-config.ts'
import {
  BROKER_CONFIG_DEF,
  brokerConfigSynonyms,
  brokerConfigType,
  TOPIC_CONFIG_SYNONYMS,
} from './broker-definitions.ts'
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
import {
  asksFor,
  type ConfigEntry,
  ConfigSource,
  type ConfigSynonym,
  describedConfig,
  isSensitiveType,
} from './describe.ts'
import topicFacts from './facts/topic.json' with { type: 'json' }
import { javaHashOrder } from './java-hash-order.ts'

/** All topic configs. */
export const TOPIC_CONFIG_DEF = new ConfigDef(topicFacts as readonly ConfigFact[])

/** @returns names of all topic configs, internal ones excepted */
export function topicConfigNames(): string[] {
  return TOPIC_CONFIG_DEF.names()
}

/**
 * Validates the overrides a topic is to have (all of them, not only the changed ones).
 * @param broker gives the defaults that overrides are checked together with; without it Kafka's defaults do, as in its scripts
 * @throws ConfigError (INVALID_CONFIG) in Kafka's words
 */
export function validateTopicConfig(overrides: ConfigTexts, broker?: BrokerConfig): void {
  answering('INVALID_CONFIG', () => {
    for (const name of javaHashOrder([...textEntries(overrides)].map(([key]) => key))) {
      if (TOPIC_CONFIG_DEF.get(name) === undefined) throw invalidConfiguration(`Unknown topic config name: ${name}`)
    }
    const values = effectiveValues(overrides, broker)
    const minLagMs = values.get('min.compaction.lag.ms') as bigint
    const maxLagMs = values.get('max.compaction.lag.ms') as bigint
    if (minLagMs > maxLagMs) {
      throw invalidConfiguration(
        `conflict topic config setting min.compaction.lag.ms (${minLagMs}) > max.compaction.lag.ms (${maxLagMs})`,
      )
    }
    // Without tiered storage, none of Kafka's further checks of remote and local retention can apply. That there is none, a broker knows.
    if (broker && values.get('remote.storage.enable')) {
      throw invalidConfiguration(
        'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
      )
    }
  })
}

/**
 * @param overrides the topic's own configs, as the metadata log holds them; unknown names are left out
 * @returns effective values of all topic configs
 * @throws ConfigError if an override is invalid
 */
export function resolveTopicConfig(overrides: ConfigTexts, broker?: BrokerConfig): ConfigMap {
  return new ConfigMap(effectiveValues(overrides, broker))
}

function effectiveValues(overrides: ConfigTexts, broker: BrokerConfig | undefined): ConfigValues {
  return TOPIC_CONFIG_DEF.parse(new Map([...(broker?.topicDefaults() ?? []), ...textEntries(overrides)]))
}

/**
 * Describes a topic's configs as DescribeConfigs answers them, in the order of the definitions.
 * @param names what to describe; null or undefined for everything
 */
export function describeTopicConfig(
  overrides: ConfigTexts,
  broker: BrokerConfig,
  names?: readonly string[] | null,
): ConfigEntry[] {
  const own = new Map(textEntries(overrides))
  const values = effectiveValues(own, broker)
  const wanted = asksFor(names)
  return [...TOPIC_CONFIG_DEF.keys.values()]
    .filter((key) => wanted(key.name) && (!key.internal || own.has(key.name)))
    .map((key) => {
      const { name, type } = key
      const text = valueText(values.get(name)!, type)
      const brokerName = TOPIC_CONFIG_SYNONYMS[name]?.[0]
      const synonyms = brokerName === undefined ? [] : brokerSynonyms(broker, brokerName)
      if (own.has(name)) synonyms.unshift({ name, value: text, source: ConfigSource.DYNAMIC_TOPIC_CONFIG })
      return describedConfig(name, text, type, synonyms, false)
    })
}

/**
 * @returns where a broker config gets its value, strongest first: what precedes its own name belongs to configs
 *   it is a fallback of, and is left out, as in Kafka
 */
export function brokerSynonyms(broker: BrokerConfig, name: string): ConfigSynonym[] {
  const names = brokerConfigSynonyms(name, true)
  const isSensitive = isSensitiveType(brokerConfigType(name))
  const synonyms: ConfigSynonym[] = []
  const add = (synonym: string, text: string | null | undefined, source: ConfigSynonym['source']) => {
    if (text != null) synonyms.push({ name: synonym, value: isSensitive ? null : text, source })
  }
  for (const { source, texts } of broker.layers()) for (const synonym of names) add(synonym, texts.get(synonym), source)
  for (const synonym of names) add(synonym, BROKER_CONFIG_DEF.get(synonym)?.defaultText, ConfigSource.DEFAULT_CONFIG)
  const first = synonyms.findIndex((synonym) => synonym.name === name)
  return first < 0 ? [] : synonyms.slice(first)
}
