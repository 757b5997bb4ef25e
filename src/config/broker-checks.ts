/** Checks between broker configs, in the order Kafka makes them (KafkaConfig.validateValues and its parts). */

import type { BrokerConfig } from './broker-config.ts'
import { BROKER_CONFIG_DEF } from './broker-definitions.ts'
import { ConfigError, failedRequirement, illegalArgument } from './config-error.ts'
import { parseJavaInteger } from './java-number.ts'
import { parseCsvMap } from './listeners.ts'

/** Compression codecs are configured by number: none, gzip, snappy, lz4, zstd. */
const CODEC_CONFIGS = ['offsets.topic.compression.codec', 'share.coordinator.state.topic.compression.codec']
const MAX_CODEC = 4
const CLEANER_MIN_BYTES_PER_THREAD = 1024 * 1024

/**
 * @param isSet whether the user set a config
 * @throws ConfigError for the first broken requirement
 */
export function checkBrokerConfig(config: BrokerConfig, isSet: (name: string) => boolean): void {
  checkGroupCoordinator(config)
  checkLog(config)
  checkReplication(config)
  checkCordonedLogDirs(config)
  checkSecurity(config)
  checkSockets(config)
  checkEarlyStart(config)
  checkUnsupported(config, isSet)
}

/** Of every pair `group.<kind>.min.<what>` and `group.<kind>.max.<what>`, and the value between them. */
function checkGroupCoordinator(config: BrokerConfig): void {
  const protocols = config.list('group.coordinator.rebalance.protocols')
  if (!protocols.includes('classic')) throw new ConfigError("Disabling the 'classic' protocol is not supported.")
  checkAssignors(config)
  for (const name of BROKER_CONFIG_DEF.keys.keys()) {
    const match = /^group\.(consumer|share|streams)\.(?!min\.|max\.)(.+)$/.exec(name)
    if (!match) continue
    const what = match[2]!.replace(/^num\./, '')
    checkBetween(config, name, `group.${match[1]}.min.${what}`, `group.${match[1]}.max.${what}`)
  }
  if (config.int('group.share.max.share.sessions') < config.int('group.share.max.size')) {
    throw illegalArgument('group.share.max.share.sessions must be greater than or equal to group.share.max.size')
  }
  for (const kind of ['consumer', 'share', 'streams']) {
    const heartbeat = `group.${kind}.heartbeat.interval.ms`
    const session = `group.${kind}.session.timeout.ms`
    if (config.int(heartbeat) >= config.int(session)) throw illegalArgument(`${heartbeat} must be less than ${session}`)
  }
}

/** Assignors by short name; Kafka takes class names as well. */
const ASSIGNORS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'group.consumer.assignors': {
    uniform: 'org.apache.kafka.coordinator.group.assignor.UniformAssignor',
    range: 'org.apache.kafka.coordinator.group.assignor.RangeAssignor',
  },
  'group.share.assignors': { simple: 'org.apache.kafka.coordinator.group.assignor.SimpleAssignor' },
}

function checkAssignors(config: BrokerConfig): void {
  for (const [property, assignors] of Object.entries(ASSIGNORS)) {
    const known = Object.entries(assignors).flat()
    const names = config.list(property)
    const unknown = names.find((name) => !known.includes(name))
    if (unknown !== undefined) {
      throw new ConfigError(`Class ${unknown} cannot be found`, 'org.apache.kafka.common.KafkaException')
    }
    if (property === 'group.share.assignors' && names.length !== 1) {
      throw illegalArgument(`${property} must contain exactly one assignor, but found ${names.length}`)
    }
  }
}

function checkBetween(config: BrokerConfig, name: string, min: string, max: string): void {
  const value = config.value(name)
  if (typeof value !== 'number') return
  const hasMin = BROKER_CONFIG_DEF.get(min) !== undefined
  const hasMax = BROKER_CONFIG_DEF.get(max) !== undefined
  if (hasMin && hasMax && config.int(max) < config.int(min)) {
    throw illegalArgument(`${max} must be greater than or equal to ${min}`)
  }
  if (hasMin && value < config.int(min)) throw illegalArgument(`${name} must be greater than or equal to ${min}`)
  if (hasMax && value > config.int(max)) {
    // The checks of share groups' records are worded the other way round.
    const isShareRecord = /^group\.share\..*(?:record\.lock|delivery\.count)/.test(name)
    throw illegalArgument(
      isShareRecord
        ? `${max} must be greater than or equal to ${name}`
        : `${name} must be less than or equal to ${max}`,
    )
  }
}

function checkLog(config: BrokerConfig): void {
  const defaults = config.topicDefaults()
  if (Number(defaults.get('segment.ms')) < 1) {
    throw failedRequirement('log.roll.ms must be greater than or equal to 1')
  }
  if (Number(defaults.get('segment.jitter.ms')) < 0) {
    throw failedRequirement('log.roll.jitter.ms must be greater than or equal to 0')
  }
  if (defaults.get('retention.ms') === '0') {
    throw failedRequirement('log.retention.ms must be unlimited (-1) or, greater than or equal to 1')
  }
  const threads = config.int('log.cleaner.threads')
  if (threads === 0) throw new ConfigError('/ by zero', 'java.lang.ArithmeticException')
  if (Math.trunc(config.long('log.cleaner.dedupe.buffer.size') / threads) <= CLEANER_MIN_BYTES_PER_THREAD) {
    throw failedRequirement('log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.')
  }
}

function checkReplication(config: BrokerConfig): void {
  const fetchWaitMs = config.int('replica.fetch.wait.max.ms')
  if (fetchWaitMs > config.int('replica.socket.timeout.ms')) {
    throw failedRequirement(
      'replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms ' +
        'to prevent unnecessary socket timeouts',
    )
  }
  if (fetchWaitMs > config.long('replica.lag.time.max.ms')) {
    throw failedRequirement(
      'replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms ' +
        'to prevent frequent changes in ISR',
    )
  }
  for (const name of CODEC_CONFIGS) {
    const codec = config.int(name)
    if (codec < 0 || codec > MAX_CODEC) throw illegalArgument(`Unknown compression type id: ${codec}`)
  }
}

function checkCordonedLogDirs(config: BrokerConfig): void {
  const cordoned = config.listOrNull('cordoned.log.dirs') ?? []
  if (cordoned.includes('*')) {
    if (cordoned.length > 1) {
      throw failedRequirement('When cordoned.log.dirs is set to *, it must not contain other values')
    }
    return
  }
  const missing = cordoned.filter((dir) => !config.topology.logDirs.includes(dir))
  if (missing.length > 0) {
    throw failedRequirement(
      'All entries in cordoned.log.dirs must be present in log.dirs or log.dir. ' +
        `Missing entries : ${missing.join(', ')}`,
    )
  }
}

function checkSecurity(config: BrokerConfig): void {
  const { interBrokerSecurityProtocol, interBrokerListener } = config.topology
  if (!interBrokerSecurityProtocol.startsWith('SASL_')) return
  const enabled = config.listenerText(interBrokerListener, 'sasl.enabled.mechanisms') ?? ''
  if (
    !enabled
      .split(',')
      .map((name) => name.trim())
      .includes(config.string('sasl.mechanism.inter.broker.protocol'))
  ) {
    throw failedRequirement(
      'sasl.mechanism.inter.broker.protocol must be included in sasl.enabled.mechanisms ' +
        'when SASL is used for inter-broker communication',
    )
  }
}

function checkSockets(config: BrokerConfig): void {
  const queuedBytes = config.long('queued.max.request.bytes')
  if (queuedBytes > 0 && queuedBytes < config.int('socket.request.max.bytes')) {
    throw failedRequirement('queued.max.request.bytes must be larger or equal to socket.request.max.bytes')
  }
  const overrides = connectionsPerIpOverrides(config)
  if (config.int('max.connections.per.ip') === 0 && overrides.size === 0) {
    throw failedRequirement(
      'max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.',
    )
  }
  const invalid = [...overrides.keys()].filter((address) => !/^[0-9A-Za-z.:_%-]+$/.test(address))
  if (invalid.length > 0) {
    throw illegalArgument(`max.connections.per.ip.overrides contains invalid addresses : ${invalid.join(',')}`)
  }
  const idleMs = config.long('connections.max.idle.ms')
  const delayMs = config.int('connection.failed.authentication.delay.ms')
  if (idleMs >= 0 && delayMs >= idleMs) {
    throw failedRequirement(
      `connection.failed.authentication.delay.ms=${delayMs} should always be less than ` +
        `connections.max.idle.ms=${idleMs} to prevent failed authentication responses from timing out`,
    )
  }
}

/** @returns connections allowed by host name or address, from max.connections.per.ip.overrides */
export function connectionsPerIpOverrides(config: BrokerConfig): ReadonlyMap<string, number> {
  const property = 'max.connections.per.ip.overrides'
  const overrides = new Map<string, number>()
  for (const [host, text] of parseCsvMap(property, config.string(property))) {
    const count = parseJavaInteger(text, 32)
    if (count === null) throw new ConfigError(`For input string: "${text}"`, 'java.lang.NumberFormatException')
    overrides.set(host, Number(count))
  }
  return overrides
}

function checkEarlyStart(config: BrokerConfig): void {
  const { listeners, controllerListenerNames } = config.topology
  const known = new Set([...listeners.map((endpoint) => endpoint.listener), ...controllerListenerNames])
  for (const name of config.listOrNull('early.start.listeners') ?? []) {
    if (known.has(name.toUpperCase())) continue
    throw new ConfigError(
      `early.start.listeners contains listener ${name}, ` +
        'but this is not contained in listeners or controller.listener.names',
    )
  }
}

/** What Kafka has and kt has not must not be accepted silently. */
function checkUnsupported(config: BrokerConfig, isSet: (name: string) => boolean): void {
  if (isSet('remote.log.storage.system.enable') && config.boolean('remote.log.storage.system.enable')) {
    throw new ConfigError(
      'remote.log.storage.system.enable=true is not supported: this broker has no tiered storage. ' +
        'Remove the property or set it to false.',
    )
  }
}
