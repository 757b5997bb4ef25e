/** Definitions and naming rules of broker configs: synonyms, listener prefixes, what can change at run time. */
import { ConfigDef, type ConfigFact, type ConfigType } from './config-def.ts'
import brokerFacts from './facts/broker.json' with { type: 'json' }
import dynamicFacts from './facts/dynamic-broker.json' with { type: 'json' }
import quotaFacts from './facts/dynamic-quota.json' with { type: 'json' }
import topicSynonyms from './facts/topic-synonyms.json' with { type: 'json' }

/** All broker configs. */
export const BROKER_CONFIG_DEF = new ConfigDef(brokerFacts as readonly ConfigFact[])

/** Throttles that exist only as dynamic broker configs. */
const DYNAMIC_ONLY_DEF = new ConfigDef(quotaFacts as readonly ConfigFact[])

/** Dynamic configs that can differ between brokers only; never set for the whole cluster. */
export const PER_BROKER_CONFIGS: ReadonlySet<string> = new Set(dynamicFacts.perBroker)

/** Everything that can change without a restart. */
export const DYNAMIC_CONFIGS: ReadonlySet<string> = new Set([...dynamicFacts.perBroker, ...dynamicFacts.clusterWide])

/** Topic config → broker configs that give its default, strongest first. */
export const TOPIC_CONFIG_SYNONYMS: Readonly<Record<string, readonly string[]>> = topicSynonyms

const LISTENER_OVERRIDE = /^listener\.name\.[^.]*\.(.*)$/
/** Configs that may carry a SASL mechanism between listener prefix and name. */
const PER_MECHANISM_CONFIGS = [
  'sasl.jaas.config',
  'sasl.login.callback.handler.class',
  'sasl.login.class',
  'sasl.server.callback.handler.class',
  'connections.max.reauth.ms',
]

/** Configs with several units or fallbacks: log.roll.ms before log.roll.hours, and so on. */
const SYNONYM_GROUPS = Object.values(TOPIC_CONFIG_SYNONYMS).filter((names) => names.length > 1)

/** @returns the config a name such as `listener.name.internal.ssl.keystore.type` overrides, or null */
export function listenerOverrideOf(name: string): string | null {
  const base = LISTENER_OVERRIDE.exec(name)?.[1]
  if (base === undefined) return null
  return PER_MECHANISM_CONFIGS.find((config) => base.endsWith(config)) ?? base
}

/**
 * @param matchListenerOverride whether the base config counts as a synonym of a listener's override
 * @returns all names that can give a broker config its value, itself included, strongest first
 */
export function brokerConfigSynonyms(name: string, matchListenerOverride: boolean): readonly string[] {
  const group = SYNONYM_GROUPS.find((names) => names.includes(name))
  if (group !== undefined) return group
  const base = matchListenerOverride ? listenerOverrideOf(name) : null
  return base === null ? [name] : [name, base]
}

/** @returns the type of a broker config, listener overrides and dynamic throttles included; undefined if unknown */
export function brokerConfigType(name: string): ConfigType | undefined {
  const key = BROKER_CONFIG_DEF.get(name) ?? DYNAMIC_ONLY_DEF.get(name)
  if (key !== undefined) return key.type
  const base = listenerOverrideOf(name)
  return base === null ? undefined : BROKER_CONFIG_DEF.get(base)?.type
}

/** Broker and dynamic-only definitions together. */
export const DYNAMIC_BROKER_DEF = { get: (name: string) => BROKER_CONFIG_DEF.get(name) ?? DYNAMIC_ONLY_DEF.get(name) }
