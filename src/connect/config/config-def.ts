/** Connect's side of config definitions: parsing by them, and what validation answers tell. */

import { type ConfigType, type ConfigValue, parseType, valueText } from '../../config/config-def.ts'
import { ConfigError, invalidValue } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { Validator } from './plugin-config.ts'

/** One config in the answer to a validation, as the REST API writes it. */
export interface ConfigInfo {
  readonly definition: ConfigKeyInfo
  readonly value: ConfigValueInfo
}

export interface ConfigKeyInfo {
  readonly name: string
  readonly type: ConfigType
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: ConnectConfigKey['importance']
  readonly documentation: string
  readonly group: string | null
  readonly order_in_group: number
  readonly width: NonNullable<ConnectConfigKey['width']>
  readonly display_name: string
  readonly dependents: readonly string[]
}

export interface ConfigValueInfo {
  readonly name: string
  readonly value: string | null
  readonly recommended_values: readonly (string | null)[]
  readonly errors: string[]
  readonly visible: boolean
}

const textOf = (value: ConfigValue, type: ConfigType): string | null =>
  type === 'PASSWORD' && value !== null ? '[hidden]' : valueText(value, type)

/** A definition as the REST API writes it. */
export const keyInfo = (key: ConnectConfigKey): ConfigKeyInfo => ({
  name: key.name,
  type: key.type,
  required: key.defaultValue === undefined,
  default_value: key.defaultValue === undefined ? null : textOf(key.defaultValue, key.type),
  importance: key.importance,
  documentation: key.documentation,
  group: key.group ?? null,
  order_in_group: key.orderInGroup ?? -1,
  width: key.width ?? 'NONE',
  display_name: key.displayName ?? key.name,
  dependents: key.dependents ?? [],
})

/** Classes are found by their plugins, not by their package. */
const parseText = ({ name, type }: ConnectConfigKey, text: string): ConfigValue =>
  type === 'CLASS' ? text.trim() : parseType(name, text, type)

const missing = (name: string): ConfigError =>
  new ConfigError(`Missing required configuration "${name}" which has no default value.`)

/** Checks props by definitions, and tells of everything that is wrong (ConfigDef.validate). */
export const validateConfigs = (keys: readonly ConnectConfigKey[], props: Props): ConfigInfo[] => {
  const parsed = new Map<string, ConfigValue>()
  const errors = new Map<string, string[]>()
  for (const key of keys) {
    const complaints: string[] = []
    const attempt = (step: () => void): void => {
      try {
        step()
      } catch (error) {
        complaints.push((error as Error).message)
      }
    }
    let value: ConfigValue = key.defaultValue ?? null
    attempt(() => {
      const text = props[key.name]
      if (text !== undefined) {
        value = null
        value = parseText(key, text)
      } else if (key.defaultValue === undefined) throw missing(key.name)
    })
    attempt(() => key.validator?.(key.name, value))
    parsed.set(key.name, value)
    errors.set(key.name, complaints)
  }
  return keys.map((key) => ({
    definition: keyInfo(key),
    value: {
      name: key.name,
      value: textOf(parsed.get(key.name) ?? null, key.type),
      recommended_values: key.recommender?.validValues(key.name, parsed).map((v) => textOf(v, key.type)) ?? [],
      errors: errors.get(key.name) ?? [],
      visible: key.recommender?.visible(key.name, parsed) ?? true,
    },
  }))
}

/** Numbers from a least value on. */
export const atLeast =
  (least: number): Validator =>
  (name, value) => {
    if (value === null) throw invalidValue(name, 'null', 'Value must be non-null')
    if ((value as number | bigint) < least) throw invalidValue(name, String(value), `Value must be at least ${least}`)
  }
