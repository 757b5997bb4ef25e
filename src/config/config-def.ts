/**
 * Typed config definitions: facts about a config (type, default, check) become a parser and validator
 * with Kafka's error texts (org.apache.kafka.common.config.ConfigDef, Kafka 4.3).
 */
import { ConfigError, invalidValue } from './config-error.ts'
import { javaDoubleText, javaTrim, parseJavaDouble, parseJavaInteger } from './java-number.ts'
import { type NamedCheck, runNamedCheck } from './named-checks.ts'

/** Types of config values. */
export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD'

/** A parsed value: INT, SHORT and DOUBLE are numbers, LONG is a bigint, LIST an array, the rest text. */
export type ConfigValue = boolean | number | bigint | string | readonly string[] | null

/** What a value must satisfy beyond its type, as the fact files state it. */
export interface ConfigCheck {
  /** Lowest and highest value; null where there is no bound. */
  readonly range?: readonly (string | null)[]
  readonly oneOf?: readonly string[]
  readonly oneOfIgnoringCase?: readonly string[]
  /** Allowed elements of a list; an empty array allows any non-empty element. */
  readonly list?: readonly string[]
  /** Whether a list may be empty. */
  readonly empty?: boolean
  readonly nonEmpty?: boolean
  readonly nonNull?: boolean
  readonly named?: string
}

/** One line of a fact file. A missing `default` means the config is required. */
export interface ConfigFact {
  readonly name: string
  readonly type: string
  readonly default?: string | null
  readonly check?: ConfigCheck
  readonly internal?: boolean
}

/** A config definition. */
export interface ConfigKey {
  readonly name: string
  readonly type: ConfigType
  /** Canonical text of the default; null means "not set"; undefined means required. */
  readonly defaultText: string | null | undefined
  readonly check: ConfigCheck | undefined
  /** Internal configs work but are never listed unless set. */
  readonly internal: boolean
}

/** Texts by config name; null or a missing name mean "not set". */
export type ConfigTexts = ReadonlyMap<string, string> | Readonly<Record<string, string | null | undefined>>

/** Parsed values by config name: one entry for every definition. */
export type ConfigValues = ReadonlyMap<string, ConfigValue>

/** @returns the entries of a map or record of config texts, without the unset ones */
export function* textEntries(texts: ConfigTexts): Generator<[string, string]> {
  const entries = texts instanceof Map ? texts.entries() : Object.entries(texts)
  for (const [name, text] of entries) if (text !== null && text !== undefined) yield [name, text as string]
}

/** A set of config definitions, in Kafka's order. */
export class ConfigDef {
  readonly keys: ReadonlyMap<string, ConfigKey>

  constructor(facts: readonly ConfigFact[]) {
    this.keys = new Map(facts.map((fact) => [fact.name, keyOf(fact)]))
  }

  /** @returns the definition of a config, or undefined if there is none */
  get(name: string): ConfigKey | undefined {
    return this.keys.get(name)
  }

  /** @returns names of all definitions that are not internal */
  names(): string[] {
    return [...this.keys.values()].filter((key) => !key.internal).map((key) => key.name)
  }

  /**
   * Parses and validates texts against every definition, in definition order; texts without one are left out.
   * @returns a value for every definition, defaults filled in
   * @throws ConfigError for the first invalid or missing value
   */
  parse(texts: ConfigTexts): ConfigValues {
    const given = new Map(textEntries(texts))
    return new Map([...this.keys.values()].map((key) => [key.name, parseKey(key, given.get(key.name))]))
  }
}

function keyOf(fact: ConfigFact): ConfigKey {
  const { name, type, check } = fact
  return { name, type: type as ConfigType, defaultText: fact.default, check, internal: fact.internal ?? false }
}

/**
 * @param text the value as given; undefined takes the default
 * @throws ConfigError if it is missing, not of the type or fails the check
 */
export function parseKey(key: ConfigKey, text: string | undefined): ConfigValue {
  const source = text ?? key.defaultText
  if (source === undefined) {
    throw new ConfigError(`Missing required configuration "${key.name}" which has no default value.`)
  }
  const parsed = source === null ? null : parseType(key.name, source, key.type)
  const value = key.check?.list && Array.isArray(parsed) ? [...new Set(parsed)] : parsed
  // Kafka checks defaults as well, but they are facts.
  if (text !== undefined && key.check !== undefined) ensureValid(key, value)
  return value
}

/**
 * @returns the value a text stands for
 * @throws ConfigError if the text is not of the type
 */
export function parseType(name: string, text: string, type: ConfigType): ConfigValue {
  const trimmed = javaTrim(text)
  switch (type) {
    case 'BOOLEAN':
      if (/^true$/i.test(trimmed)) return true
      if (/^false$/i.test(trimmed)) return false
      throw invalidValue(name, text, 'Expected value to be either true or false')
    case 'INT':
      return Number(parseInteger(name, text, trimmed, type, 32))
    case 'SHORT':
      return Number(parseInteger(name, text, trimmed, type, 16))
    case 'LONG':
      return parseInteger(name, text, trimmed, type, 64)
    case 'DOUBLE': {
      const value = parseJavaDouble(trimmed)
      if (value === null) throw invalidValue(name, text, 'Not a number of type DOUBLE')
      return value
    }
    case 'LIST':
      return trimmed === '' ? [] : trimmed.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/)
    case 'CLASS':
      // Only classes that Kafka itself ships can have a counterpart here.
      if (!trimmed.startsWith('org.apache.kafka.')) throw invalidValue(name, text, `Class ${text} could not be found.`)
      return trimmed
    case 'STRING':
    case 'PASSWORD':
      return trimmed
  }
}

function parseInteger(name: string, text: string, trimmed: string, type: ConfigType, bits: 16 | 32 | 64): bigint {
  const value = parseJavaInteger(trimmed, bits)
  if (value === null) throw invalidValue(name, text, `Not a number of type ${type}`)
  return value
}

/** @returns the canonical text of a value, as DescribeConfigs sends it; null for null */
export function valueText(value: ConfigValue, type: ConfigType): string | null {
  if (value === null) return null
  if (type === 'DOUBLE') return javaDoubleText(value as number)
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** How Java prints a value inside an error text. */
function quoted(value: ConfigValue, type: ConfigType): string {
  if (type === 'PASSWORD') return '[hidden]'
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(valueText(value, type))
}

function ensureValid(key: ConfigKey, value: ConfigValue): void {
  const { name, type } = key
  const check = key.check!
  const fail = (reason: string) => invalidValue(name, quoted(value, type), reason)
  if (check.range) ensureInRange(check.range, value, fail)
  if (check.oneOf) ensureOneOf(name, String(value), check.oneOf)
  if (check.oneOfIgnoringCase && !check.oneOfIgnoringCase.includes(String(value).toUpperCase())) {
    throw fail(`String must be one of (case insensitive): ${check.oneOfIgnoringCase.join(', ')}`)
  }
  if (check.list) ensureList(name, value as readonly string[], check.list, check.empty ?? false)
  if (check.nonEmpty && value === '') throw fail('String must be non-empty')
  if (check.named) runNamedCheck(check.named as NamedCheck, name, value, fail)
}

function ensureInRange(
  [min, max]: readonly (string | null)[],
  value: ConfigValue,
  fail: (reason: string) => ConfigError,
): void {
  // Comparing bigint with number is exact in JavaScript; NaN passes, as in Java.
  const number = value as number | bigint
  if (min != null && number < Number(min)) throw fail(`Value must be at least ${min}`)
  if (max != null && number > Number(max)) throw fail(`Value must be no more than ${max}`)
}

function ensureOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw invalidValue(name, value, `String must be one of: ${allowed.join(', ')}`)
}

/** Lists of Kafka 4.x (KIP-1161): no empty elements, empty lists only where allowed, duplicates fall away. */
function ensureList(name: string, values: readonly string[], allowed: readonly string[], emptyAllowed: boolean): void {
  if (values.length === 0 && !emptyAllowed) {
    const valid = allowed.length === 0 ? 'any non-empty value' : `[${allowed.join(', ')}]`
    throw new ConfigError(`Configuration '${name}' must not be empty. Valid values include: ${valid}`)
  }
  for (const value of values) {
    if (value === '') throw new ConfigError(`Configuration '${name}' values must not be empty.`)
    if (allowed.length > 0) ensureOneOf(name, value, allowed)
  }
}
