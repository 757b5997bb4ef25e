/** What DescribeConfigs answers about a config, and the numbers it uses for sources and types. */
import type { ConfigType } from './config-def.ts'

/** Where a value comes from, strongest first for topics (DescribeConfigsResponse.ConfigSource). */
export const ConfigSource = {
  DYNAMIC_TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  DYNAMIC_CLIENT_METRICS_CONFIG: 7,
  DYNAMIC_GROUP_CONFIG: 8,
} as const

/** A code of {@link ConfigSource}. */
export type ConfigSourceCode = (typeof ConfigSource)[keyof typeof ConfigSource]

/** Type codes (DescribeConfigsResponse.ConfigType); 0 is UNKNOWN. */
const TYPE_CODES: Readonly<Record<ConfigType, number>> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
}

/** One place that gives a config a value; `value` is null where it is secret. */
export interface ConfigSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: ConfigSourceCode
}

/** One described config. */
export interface ConfigEntry {
  readonly name: string
  /** Canonical text; null if the config isn't set or is secret. */
  readonly value: string | null
  readonly source: ConfigSourceCode
  readonly isDefault: boolean
  readonly readOnly: boolean
  readonly isSensitive: boolean
  /** Type code; 0 for a config without definition. */
  readonly type: number
  readonly synonyms: readonly ConfigSynonym[]
}

/** @returns the type's code in DescribeConfigs; 0 for undefined */
export function typeCode(type: ConfigType | undefined): number {
  return type === undefined ? 0 : TYPE_CODES[type]
}

/**
 * @param name config to describe
 * @param text its effective value
 * @param synonyms strongest first; the first one names the source
 */
export function describedConfig(
  name: string,
  text: string | null,
  type: ConfigType | undefined,
  synonyms: readonly ConfigSynonym[],
  readOnly: boolean,
): ConfigEntry {
  const source = synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG
  const isSensitive = isSensitiveType(type)
  const value = isSensitive ? null : text
  const isDefault = source === ConfigSource.DEFAULT_CONFIG
  return { name, value, source, isDefault, readOnly, isSensitive, type: typeCode(type), synonyms }
}

/** Passwords are secret, and so is whatever has no definition. */
export function isSensitiveType(type: ConfigType | undefined): boolean {
  return type === undefined || type === 'PASSWORD'
}

/**
 * @param names what the request asks for; null means everything
 * @returns a predicate for names to describe
 */
export function asksFor(names: readonly string[] | null | undefined): (name: string) => boolean {
  if (names == null) return () => true
  const wanted = new Set(names)
  return (name) => wanted.has(name)
}
