/** Client-metrics subscriptions (KIP-714): interval.ms, metrics, match. */
import { ConfigDef, type ConfigFact, type ConfigTexts, textEntries, valueText } from './config-def.ts'
import { answering, ConfigError, invalidConfiguration } from './config-error.ts'
import { asksFor, type ConfigEntry, ConfigSource, describedConfig } from './describe.ts'
import facts from './facts/client-metrics.json' with { type: 'json' }

/** All client-metrics configs. */
export const CLIENT_METRICS_CONFIG_DEF = new ConfigDef(facts as readonly ConfigFact[])

const MIN_INTERVAL_MS = 100
const MAX_INTERVAL_MS = 3_600_000

/** What a `match` pattern can look at. */
export const CLIENT_MATCH_PARAMETERS = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
] as const

/** A subscription in parsed form. */
export interface ClientMetricsSubscription {
  /** How often matching clients push, in milliseconds. */
  readonly intervalMs: number
  /** Prefixes of metric names; ['*'] is all, [] none. */
  readonly metrics: readonly string[]
  /** Regular expressions by parameter, each to match the whole value; all must match. */
  readonly match: ReadonlyMap<string, RegExp>
}

/**
 * @param name of the subscription
 * @throws ConfigError: INVALID_REQUEST for the name, an unknown config or the interval, INVALID_CONFIG for a pattern
 */
export function validateClientMetricsConfig(name: string, texts: ConfigTexts): void {
  if (name === '') throw invalidRequest("Subscription name can't be empty")
  for (const [config] of textEntries(texts)) {
    if (CLIENT_METRICS_CONFIG_DEF.get(config) === undefined)
      throw invalidRequest(`Unknown client metrics configuration: ${config}`)
  }
  resolveClientMetricsConfig(texts)
}

/**
 * @returns the subscription the configs describe
 * @throws ConfigError if they are invalid
 */
export function resolveClientMetricsConfig(texts: ConfigTexts): ClientMetricsSubscription {
  const values = answering('INVALID_CONFIG', () => CLIENT_METRICS_CONFIG_DEF.parse(texts))
  const intervalMs = values.get('interval.ms') as number
  if (intervalMs < MIN_INTERVAL_MS || intervalMs > MAX_INTERVAL_MS) {
    throw invalidRequest(
      `Invalid value ${intervalMs} for interval.ms, interval must be between ${MIN_INTERVAL_MS} and ` +
        `${MAX_INTERVAL_MS} (1 hour)`,
    )
  }
  const metrics = values.get('metrics') as readonly string[]
  return { intervalMs, metrics, match: parseMatch(values.get('match') as readonly string[]) }
}

function parseMatch(patterns: readonly string[]): ReadonlyMap<string, RegExp> {
  const match = new Map<string, RegExp>()
  for (const pattern of patterns) {
    const parts = pattern.split('=')
    const parameter = parts[0]!.trim()
    const known = (CLIENT_MATCH_PARAMETERS as readonly string[]).includes(parameter)
    if (parts.length !== 2 || !known) throw illegalPattern(pattern)
    match.set(parameter, compiled(parts[1]!.trim(), pattern))
  }
  return match
}

function compiled(source: string, pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`)
  } catch {
    throw illegalPattern(pattern)
  }
}

function illegalPattern(pattern: string): ConfigError {
  return invalidConfiguration(`Illegal client matching pattern: ${pattern}`)
}

function invalidRequest(message: string): ConfigError {
  return new ConfigError(message, 'org.apache.kafka.common.errors.InvalidRequestException', 'INVALID_REQUEST')
}

/** Describes a subscription's configs as DescribeConfigs answers them. */
export function describeClientMetricsConfig(texts: ConfigTexts, names?: readonly string[] | null): ConfigEntry[] {
  const own = new Map(textEntries(texts))
  const values = CLIENT_METRICS_CONFIG_DEF.parse(own)
  const wanted = asksFor(names)
  return [...CLIENT_METRICS_CONFIG_DEF.keys.values()]
    .filter((key) => wanted(key.name))
    .map(({ name, type }) => {
      const text = valueText(values.get(name)!, type)
      const synonym = { name, value: text, source: ConfigSource.DYNAMIC_CLIENT_METRICS_CONFIG }
      return describedConfig(name, text, type, own.has(name) ? [synonym] : [], false)
    })
}
