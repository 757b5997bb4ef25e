/** DescribeConfigs answers for brokers and for the cluster-wide defaults. */
import type { BrokerConfig } from './broker-config.ts'
import { BROKER_CONFIG_DEF, brokerConfigType, DYNAMIC_BROKER_DEF, DYNAMIC_CONFIGS } from './broker-definitions.ts'
import { parseType, valueText } from './config-def.ts'
import { asksFor, type ConfigEntry, ConfigSource, describedConfig } from './describe.ts'
import { brokerSynonyms } from './topic-config.ts'

/**
 * Describes all configs of this broker (the resource with its id).
 * @param names what to describe; null or undefined for everything
 */
export function describeBrokerConfig(broker: BrokerConfig, names?: readonly string[] | null): ConfigEntry[] {
  const wanted = asksFor(names)
  const known = BROKER_CONFIG_DEF.names()
  const rest = [...broker.setNames()].filter((name) => !known.includes(name))
  return [...known, ...rest].filter(wanted).map((name) => {
    const synonyms = brokerSynonyms(broker, name)
    const type = brokerConfigType(name)
    const key = BROKER_CONFIG_DEF.get(name)
    const text = key === undefined ? effectiveText(broker, name) : valueText(broker.value(name), key.type)
    return describedConfig(name, text, type, synonyms, !DYNAMIC_CONFIGS.has(name))
  })
}

/** Describes what is set for all brokers at run time (the broker resource named ''). */
export function describeDefaultBrokerConfig(broker: BrokerConfig, names?: readonly string[] | null): ConfigEntry[] {
  const source = ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
  const cluster = broker.layers().find((layer) => layer.source === source)!.texts
  const wanted = asksFor(names)
  return [...cluster]
    .filter(([name]) => wanted(name))
    .map(([name, text]) => {
      const synonyms = brokerSynonyms(broker, name).filter((synonym) => synonym.source === source)
      return describedConfig(name, text, brokerConfigType(name), synonyms, !DYNAMIC_CONFIGS.has(name))
    })
}

/** Text of a config without a definition of its own: a listener's override or a dynamic throttle. */
function effectiveText(broker: BrokerConfig, name: string): string | null {
  const text =
    broker
      .layers()
      .find((layer) => layer.texts.has(name))
      ?.texts.get(name) ?? null
  const key = DYNAMIC_BROKER_DEF.get(name)
  return text === null || key === undefined ? text : valueText(parseType(name, text, key.type), key.type)
}
