/** Reads a plugin's own configs by its definitions, with Kafka's answers to what won't do (org.apache.kafka.common.config.ConfigDef). */

import { javaFindRegex } from '../../base/java-regex.ts'
import { type ConfigValue, parseType } from '../../config/config-def.ts'
import { ConfigError, invalidValue } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'

export type Validator = NonNullable<ConnectConfigKey['validator']>

/** A plugin's configs, parsed. Each of the readers is for configs of that type. */
export class PluginConfig {
  private readonly values: ReadonlyMap<string, ConfigValue>

  /** @throws ConfigError for the first value that is missing or won't do */
  constructor(keys: readonly ConnectConfigKey[], props: Props) {
    this.values = new Map(keys.map((key) => [key.name, parseConfig(key, props[key.name])]))
  }

  /** @returns null where null is the default */
  text(name: string): string | null {
    return this.values.get(name) as string | null
  }

  flag(name: string): boolean {
    return this.values.get(name) as boolean
  }

  number(name: string): number {
    return this.values.get(name) as number
  }

  list(name: string): readonly string[] {
    return this.values.get(name) as readonly string[]
  }
}

/**
 * @param text undefined takes the default
 * @throws ConfigError
 */
export function parseConfig(key: ConnectConfigKey, text: string | undefined): ConfigValue {
  if (text === undefined) {
    if (key.defaultValue !== undefined) return key.defaultValue
    throw new ConfigError(`Missing required configuration "${key.name}" which has no default value.`)
  }
  const value = parseType(key.name, text, key.type)
  key.validator?.(key.name, value)
  return value
}

/** @returns how Java prints a config's value in an error text */
const printed = (value: ConfigValue): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value))

export const nonEmptyString: Validator = (name, value) => {
  if (value === '') throw invalidValue(name, '', 'String must be non-empty')
}

export const nonEmptyList: Validator = (name, value) => {
  if (value === null || (value as readonly string[]).length === 0)
    throw invalidValue(name, printed(value), 'Empty list')
}

export const oneOf =
  (...allowed: readonly string[]): Validator =>
  (name, value) => {
    if (allowed.includes(value as string)) return
    throw invalidValue(name, printed(value), `String must be one of: ${allowed.join(', ')}`)
  }

/** @param allowed in capitals */
export const oneOfIgnoringCase =
  (...allowed: readonly string[]): Validator =>
  (name, value) => {
    if (value !== null && allowed.includes((value as string).toUpperCase())) return
    throw invalidValue(name, printed(value), `String must be one of (case insensitive): ${allowed.join(', ')}`)
  }

export const validRegex: Validator = (name, value) => {
  try {
    javaFindRegex(value as string)
  } catch (error) {
    throw invalidValue(name, printed(value), `Invalid regex: ${(error as Error).message}`)
  }
}

/** For lists whose elements count once, however often they are given; none of them may be empty. */
export const distinctList =
  ({ allowsEmpty }: { readonly allowsEmpty: boolean }): Validator =>
  (name, value) => {
    const values = value as readonly string[]
    if (values.length === 0 && !allowsEmpty) {
      throw new ConfigError(`Configuration '${name}' must not be empty. Valid values include: any non-empty value`)
    }
    if (values.includes('')) throw new ConfigError(`Configuration '${name}' values must not be empty.`)
  }
