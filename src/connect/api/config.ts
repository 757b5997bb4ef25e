/** Config definitions of Connect: those of src/config and what validation answers tell of them (org.apache.kafka.common.config.ConfigDef). */
import type { ConfigType, ConfigValue } from '../../config/config-def.ts'

export interface ConnectConfigKey {
  readonly name: string
  readonly type: ConfigType
  /** Undefined: required. */
  readonly defaultValue?: ConfigValue
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW'
  /** kt's own words. */
  readonly documentation: string
  /** @throws ConfigError when the value won't do, with Kafka's words */
  readonly validator?: (name: string, value: ConfigValue) => void
  readonly group?: string
  readonly orderInGroup?: number
  readonly width?: 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG'
  readonly displayName?: string
  /** Configs whose valid values depend on this one. */
  readonly dependents?: readonly string[]
  readonly recommender?: {
    validValues(name: string, parsed: ReadonlyMap<string, ConfigValue>): readonly ConfigValue[]
    visible(name: string, parsed: ReadonlyMap<string, ConfigValue>): boolean
  }
}

/** Texts by config name, as they are written in a properties file or a REST request. */
export type Props = Readonly<Record<string, string>>
