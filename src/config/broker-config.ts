/**
 * The broker's configuration: server.properties plus the dynamic configs of the cluster and of this broker
 * (KafkaConfig, KIP-226). Precedence: broker's dynamic → cluster's dynamic default → server.properties → default.
 */

import { checkBrokerConfig } from './broker-checks.ts'
import {
  BROKER_CONFIG_DEF,
  brokerConfigSynonyms,
  listenerOverrideOf,
  TOPIC_CONFIG_SYNONYMS,
} from './broker-definitions.ts'
import { BrokerTopology } from './broker-topology.ts'
import { type ConfigTexts, parseKey, textEntries, valueText } from './config-def.ts'
import { ConfigError } from './config-error.ts'
import { ConfigMap } from './config-map.ts'
import { ConfigSource, type ConfigSourceCode } from './describe.ts'

const EMPTY: ReadonlyMap<string, string> = new Map()
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, minutes: 60_000, hours: 3_600_000 }

/** Configs of one kind of topic default with its source layers, strongest first. */
export interface ConfigLayer {
  readonly source: ConfigSourceCode
  readonly texts: ReadonlyMap<string, string>
}

/** Dynamic configs as the metadata log holds them. */
export interface DynamicBrokerTexts {
  /** Of the broker resource named '' (all brokers). */
  readonly cluster?: ConfigTexts
  /** Of this broker's resource. */
  readonly broker?: ConfigTexts
}

/** A validated, immutable broker configuration. Getters take config names: `config.long('log.retention.bytes')`. */
export class BrokerConfig extends ConfigMap {
  /** server.properties with broker.id and node.id made equal. */
  readonly #staticTexts: ReadonlyMap<string, string>
  readonly #clusterTexts: ReadonlyMap<string, string>
  readonly #brokerTexts: ReadonlyMap<string, string>
  /** What is set anywhere, strongest value each. */
  readonly #texts: ReadonlyMap<string, string>
  /** Roles, listeners, log directories. */
  readonly topology: BrokerTopology
  #topicDefaults: ReadonlyMap<string, string> | undefined

  private constructor(
    staticTexts: ReadonlyMap<string, string>,
    clusterTexts: ReadonlyMap<string, string>,
    brokerTexts: ReadonlyMap<string, string>,
  ) {
    const texts = merge(staticTexts, clusterTexts, brokerTexts)
    super(BROKER_CONFIG_DEF.parse(texts))
    this.#staticTexts = staticTexts
    this.#clusterTexts = clusterTexts
    this.#brokerTexts = brokerTexts
    this.#texts = texts
    this.topology = new BrokerTopology(this, (name) => texts.has(name))
    checkBrokerConfig(this, (name) => texts.has(name))
  }

  /**
   * @param properties content of server.properties; names without definition are kept and ignored, as Kafka does
   *   (see {@link unknownNames} to warn about them)
   * @throws ConfigError in Kafka's words for a missing, invalid or contradictory config
   */
  static fromProperties(properties: ConfigTexts): BrokerConfig {
    const texts = new Map(textEntries(properties))
    const nodeId = texts.get('node.id') ?? texts.get('broker.id')
    if (nodeId !== undefined) {
      // Kafka parses broker.id first, so that a bad id is reported under that name.
      if (!texts.has('broker.id')) texts.set('broker.id', nodeId)
      if (!texts.has('node.id')) texts.set('node.id', nodeId)
      parseKey({ ...BROKER_CONFIG_DEF.get('broker.id')!, check: undefined }, texts.get('broker.id'))
    }
    return new BrokerConfig(texts, EMPTY, EMPTY)
  }

  /**
   * @returns this configuration with other dynamic configs; the former ones are gone
   * @throws ConfigError if they don't validate
   */
  withDynamic(dynamic: DynamicBrokerTexts): BrokerConfig {
    const cluster = new Map(textEntries(dynamic.cluster ?? EMPTY))
    const broker = new Map(textEntries(dynamic.broker ?? EMPTY))
    return new BrokerConfig(this.#staticTexts, cluster, broker)
  }

  /** @returns names set somewhere that have no definition; worth a warning in the log */
  unknownNames(): string[] {
    return [...this.#texts.keys()].filter(
      (name) => BROKER_CONFIG_DEF.get(name) === undefined && listenerOverrideOf(name) === null,
    )
  }

  /** @returns whether a config was set by the user, statically or dynamically */
  isSet(name: string): boolean {
    return this.#texts.has(name)
  }

  /** @returns names of all configs that were set, known or not */
  setNames(): Iterable<string> {
    return this.#texts.keys()
  }

  /** @returns where values can come from, strongest first; defaults are not among them */
  layers(): readonly ConfigLayer[] {
    return [
      { source: ConfigSource.DYNAMIC_BROKER_CONFIG, texts: this.#brokerTexts },
      { source: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, texts: this.#clusterTexts },
      { source: ConfigSource.STATIC_BROKER_CONFIG, texts: this.#staticTexts },
    ]
  }

  /**
   * The configuration as one listener sees it: `listener.name.<name>.<config>` and, with a SASL mechanism,
   * `listener.name.<name>.<mechanism>.<config>` override the plain config.
   * @returns the strongest text of a config for a listener, or null if it isn't set and has no default
   */
  listenerText(listener: string, name: string, saslMechanism?: string): string | null {
    const prefix = `listener.name.${listener.toLowerCase()}.`
    const mechanism = saslMechanism === undefined ? undefined : `${prefix}${saslMechanism.toLowerCase()}.${name}`
    const given =
      (mechanism === undefined ? undefined : this.#texts.get(mechanism)) ??
      this.#texts.get(prefix + name) ??
      this.#texts.get(name)
    return given ?? BROKER_CONFIG_DEF.get(name)?.defaultText ?? null
  }

  /** @returns all configs as one listener sees them, `listener.name.<name>.<config>` before `<config>` */
  listenerConfig(listener: string): ConfigMap {
    const prefix = `listener.name.${listener.toLowerCase()}.`
    const texts = new Map(this.#texts)
    for (const [name, text] of this.#texts) if (name.startsWith(prefix)) texts.set(name.slice(prefix.length), text)
    return new ConfigMap(BROKER_CONFIG_DEF.parse(texts))
  }

  /** @returns defaults of topic configs on this broker, as canonical text by topic config name */
  topicDefaults(): ReadonlyMap<string, string> {
    this.#topicDefaults ??= new Map(
      Object.entries(TOPIC_CONFIG_SYNONYMS).map(([topicConfig, names]) => [topicConfig, this.#topicDefault(names)]),
    )
    return this.#topicDefaults
  }

  /** The first broker config of a synonym group that has a value, converted to the unit of the topic config. */
  #topicDefault(names: readonly string[]): string {
    const name = names.find((candidate) => this.value(candidate) !== null)
    if (name === undefined) throw new ConfigError(`None of ${names.join(', ')} has a value.`)
    const type = BROKER_CONFIG_DEF.get(name)!.type
    if (names.length === 1) return valueText(this.value(name), type)!
    const unitMs = UNIT_MS[name.slice(name.lastIndexOf('.') + 1)] ?? 1
    const valueMs = BigInt(this.value(name) as number | bigint) * BigInt(unitMs)
    // Any negative retention means "unlimited", and so do the other times of such groups.
    return valueMs < 0n ? '-1' : String(valueMs)
  }
}

/** Stronger layers replace weaker ones with all their synonyms, so that precedence between units holds. */
function merge(
  staticTexts: ReadonlyMap<string, string>,
  ...dynamic: readonly ReadonlyMap<string, string>[]
): ReadonlyMap<string, string> {
  const merged = new Map(staticTexts)
  for (const layer of dynamic) {
    for (const [name, text] of layer) {
      for (const synonym of brokerConfigSynonyms(name, false)) merged.delete(synonym)
      merged.set(name, text)
    }
  }
  return merged
}
