/** Changing broker configs at run time (KIP-226): which may change, on which level, and by how much. */
import type { BrokerConfig } from './broker-config.ts'
import {
  BROKER_CONFIG_DEF,
  DYNAMIC_BROKER_DEF,
  DYNAMIC_CONFIGS,
  listenerOverrideOf,
  PER_BROKER_CONFIGS,
} from './broker-definitions.ts'
import { type ConfigTexts, parseKey, textEntries } from './config-def.ts'
import { answering, ConfigError, invalidConfiguration, invalidValue } from './config-error.ts'
import { javaHashOrder } from './java-hash-order.ts'

/** Whose dynamic configs change: one broker's or those of the whole cluster. */
export type DynamicLevel = 'broker' | 'cluster'

/** Thread pools may at most double or halve in one step. */
const THREAD_COUNTS = [
  'num.io.threads',
  'num.network.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
  'remote.log.reader.threads',
  'remote.log.manager.copier.thread.pool.size',
  'remote.log.manager.expiration.thread.pool.size',
  'remote.log.manager.follower.thread.pool.size',
]

/** Security configs that only a listener's override may change. */
const LISTENER_ONLY = /^ssl\.(?:key\.password$|keystore\.|truststore\.)/

/**
 * Checks names and values of a dynamic change without looking at the current configuration.
 * @param texts all dynamic configs the resource is to have
 * @throws ConfigError (INVALID_REQUEST) in Kafka's words
 */
export function validateDynamicNames(texts: ConfigTexts, level: DynamicLevel): void {
  const entries = [...textEntries(texts)]
  const refuse = (reason: string, refused: (name: string) => boolean) => {
    const names = javaHashOrder(entries.map(([name]) => name).filter(refused))
    if (names.length > 0) throw new ConfigError(`${reason}: [${names.join(', ')}]`)
  }
  answering('INVALID_REQUEST', () => {
    refuse(
      'Cannot update these configs dynamically',
      (name) => BROKER_CONFIG_DEF.get(name) !== undefined && !DYNAMIC_CONFIGS.has(name),
    )
    refuse('These security configs can be dynamically updated only per-listener using the listener prefix', (name) =>
      LISTENER_ONLY.test(name),
    )
    for (const [name, text] of entries) {
      // Kafka takes config providers out before it looks at types.
      if (name.startsWith('config.providers')) continue
      const key = DYNAMIC_BROKER_DEF.get(listenerOverrideOf(name) ?? name)
      if (key !== undefined) parseKey(key, text)
    }
    if (level === 'broker') return
    refuse('Cannot update these configs at default cluster level, broker id must be specified', (name) =>
      PER_BROKER_CONFIGS.has(listenerOverrideOf(name) ?? name),
    )
  })
}

/**
 * Checks a dynamic change completely, as a broker does before the controller stores it.
 * @param broker current configuration of the broker
 * @param texts all dynamic configs the resource is to have
 * @returns the configuration the broker will have
 * @throws ConfigError (INVALID_REQUEST) in Kafka's words
 */
export function validateDynamicConfig(broker: BrokerConfig, texts: ConfigTexts, level: DynamicLevel): BrokerConfig {
  validateDynamicNames(texts, level)
  return answering('INVALID_REQUEST', () => {
    const [own, cluster] = broker.layers()
    const known = new Map([...textEntries(texts)].filter(([name]) => !name.startsWith('config.providers')))
    const next = broker.withDynamic({ broker: own!.texts, cluster: cluster!.texts, [level]: known })
    checkSteps(broker, next)
    return next
  })
}

/**
 * With eligible leader replicas (KIP-966) the cluster-wide min.insync.replicas must exist and be the only one.
 * @param name the config to change
 * @param removes whether it is to be deleted
 * @throws ConfigError (INVALID_CONFIG)
 */
export function checkMinInSyncReplicasWithElr(name: string, removes: boolean, level: DynamicLevel): void {
  if (name !== 'min.insync.replicas') return
  if (level === 'broker') {
    throw invalidConfiguration('Broker-level min.insync.replicas cannot be altered while ELR is enabled.')
  }
  if (removes) throw invalidConfiguration('Cluster-level min.insync.replicas cannot be removed while ELR is enabled.')
}

function checkSteps(current: BrokerConfig, next: BrokerConfig): void {
  for (const name of THREAD_COUNTS) checkThreadCount(name, current.int(name), next.int(name))
  const cleaners = current.int('log.cleaner.threads')
  const wanted = next.int('log.cleaner.threads')
  if (wanted < Math.trunc(cleaners / 2)) {
    throw refusedStep(`Log cleaner threads cannot be reduced to less than half the current value ${cleaners}`)
  }
  if (wanted > cleaners * 2) {
    throw refusedStep(`Log cleaner threads cannot be increased to more than double the current value ${cleaners}`)
  }
  checkLocalRetention(next)
  if (next.isSet('metric.reporters')) {
    const unknown = next.list('metric.reporters').some((name) => !name.startsWith('org.apache.kafka.'))
    if (unknown) {
      const reporters = 'class class kafka.server.DynamicMetricsReporters'
      throw refusedStep(`Validation of dynamic config update of Set(metric.reporters) failed with ${reporters}`)
    }
  }
  checkConnectionLimits(next)
}

/** Limits of connections must be positive, for the broker and for each listener. */
function checkConnectionLimits(next: BrokerConfig): void {
  for (const name of ['max.connections', 'max.connection.creation.rate']) {
    const overrides = next.topology.brokerListeners.map(({ listener }) => Number(next.listenerText(listener, name)))
    const refused = [next.int(name), ...overrides].find((limit) => limit <= 0)
    if (refused !== undefined) throw refusedStep(`Invalid ${name} ${refused}`)
  }
}

function checkThreadCount(name: string, current: number, wanted: number): void {
  if (wanted === current) return
  const failed = `Dynamic thread count update validation failed for ${name}=${wanted}`
  if (wanted < Math.trunc(current / 2)) {
    throw refusedStep(`${failed}, value should be at least half the current value ${current}`)
  }
  if (wanted > current * 2) {
    throw refusedStep(`${failed}, value should not be greater than double the current value ${current}`)
  }
}

/** Local retention (of tiered storage) can't exceed the whole retention, in time and in size. */
function checkLocalRetention(next: BrokerConfig): void {
  for (const unit of ['ms', 'bytes']) {
    const name = `log.local.retention.${unit}`
    const whole = `log.retention.${unit}`
    const local = next.long(name)
    const total = Number(next.topicDefaults().get(`retention.${unit}`))
    if (local === -2) continue
    const text = String(next.value(name))
    const totalText = next.topicDefaults().get(`retention.${unit}`)
    if (total !== -1 && local === -1) {
      throw refusedStep(
        invalidValue(name, text, `Value must not be -1 as ${whole} value is set as ${totalText}.`).message,
      )
    }
    if (total !== -1 && local > total) {
      throw refusedStep(
        invalidValue(name, text, `Value must not be more than ${whole} property value: ${totalText}`).message,
      )
    }
  }
}

/** Kafka wraps what a running component refuses, and prints the wrapped exception with its class. */
function refusedStep(reason: string): ConfigError {
  return new ConfigError(
    `Invalid value org.apache.kafka.common.config.ConfigException: ${reason} for configuration ` +
      'Invalid dynamic configuration',
  )
}
