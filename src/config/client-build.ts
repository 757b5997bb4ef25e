/** Builds typed client configurations from parsed values. */

import { parseBootstrapServers } from './bootstrap-servers.ts'
import type {
  AdminConfig,
  ClientConfig,
  ClientSecurity,
  CompressionType,
  ConsumerConfig,
  ProducerConfig,
} from './client-config.ts'
import type { ClientKind } from './client-definitions.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigMap } from './config-map.ts'
import { parseByDuration } from './named-checks.ts'

/**
 * @param values parsed and settled values of this kind of client
 * @param given the texts they were parsed from
 */
export async function buildClientConfig(
  kind: ClientKind,
  values: ConfigMap,
  given: ReadonlyMap<string, string>,
): Promise<AdminConfig | ProducerConfig | ConsumerConfig> {
  const common = await buildCommon(kind, values, given)
  if (kind === 'producer') return buildProducer(common, given)
  if (kind === 'consumer') return buildConsumer(common)
  return { ...common, retries: values.int('retries') }
}

async function buildCommon(
  kind: ClientKind,
  values: ConfigMap,
  given: ReadonlyMap<string, string>,
): Promise<ClientConfig> {
  return {
    bootstrapServers: parseBootstrapServers(values.list('bootstrap.servers')),
    clientId: values.string('client.id') || defaultClientId(kind, values),
    requestTimeoutMs: values.int('request.timeout.ms'),
    defaultApiTimeoutMs: kind === 'producer' ? values.long('max.block.ms') : values.int('default.api.timeout.ms'),
    retryBackoffMs: values.long('retry.backoff.ms'),
    retryBackoffMaxMs: values.long('retry.backoff.max.ms'),
    reconnectBackoffMs: values.long('reconnect.backoff.ms'),
    reconnectBackoffMaxMs: values.long('reconnect.backoff.max.ms'),
    connectionsMaxIdleMs: values.long('connections.max.idle.ms'),
    metadataMaxAgeMs: values.long('metadata.max.age.ms'),
    socketConnectionSetupTimeoutMs: values.long('socket.connection.setup.timeout.ms'),
    socketConnectionSetupTimeoutMaxMs: values.long('socket.connection.setup.timeout.max.ms'),
    security: await buildSecurity(values, given),
    values,
  }
}

/** Java counts clients of a process; a command has one. */
function defaultClientId(kind: ClientKind, values: ConfigMap): string {
  if (kind === 'admin') return 'adminclient-1'
  if (kind === 'producer') return `producer-${values.stringOrNull('transactional.id') ?? '1'}`
  return `consumer-${values.stringOrNull('group.id')}-${values.stringOrNull('group.instance.id') ?? '1'}`
}

async function buildSecurity(values: ConfigMap, given: ReadonlyMap<string, string>): Promise<ClientSecurity> {
  const protocol = values.string('security.protocol') as ClientSecurity['protocol']
  const properties = new Map([...given].filter(([name]) => /^(?:ssl|sasl|security)\./.test(name)))
  const tls = protocol.endsWith('SSL') ? (await import('./tls-settings.ts')).tlsSettings(values) : null
  const sasl = protocol.startsWith('SASL_') ? (await import('./sasl-settings.ts')).saslSettings(values) : null
  return { protocol, properties, tls, sasl }
}

function buildProducer(common: ClientConfig, given: ReadonlyMap<string, string>): ProducerConfig {
  const { values } = common
  return {
    ...common,
    acks: Number(values.string('acks')) as ProducerConfig['acks'],
    retries: values.int('retries'),
    batchSizeBytes: values.int('batch.size'),
    lingerMs: values.long('linger.ms'),
    compressionType: values.string('compression.type') as CompressionType,
    maxRequestSizeBytes: values.int('max.request.size'),
    bufferMemoryBytes: values.long('buffer.memory'),
    maxBlockMs: values.long('max.block.ms'),
    deliveryTimeoutMs: deliveryTimeoutMs(values, given),
    maxInFlightRequests: values.int('max.in.flight.requests.per.connection'),
    enableIdempotence: values.boolean('enable.idempotence'),
    transactionalId: values.stringOrNull('transactional.id'),
    transactionTimeoutMs: values.int('transaction.timeout.ms'),
    keySerializer: values.string('key.serializer'),
    valueSerializer: values.string('value.serializer'),
  }
}

/** The delivery timeout covers lingering and one request; the default grows with them. */
function deliveryTimeoutMs(values: ConfigMap, given: ReadonlyMap<string, string>): number {
  const timeoutMs = values.int('delivery.timeout.ms')
  const leastMs = Math.min(values.long('linger.ms') + values.int('request.timeout.ms'), 2 ** 31 - 1)
  if (timeoutMs >= leastMs) return timeoutMs
  if (!given.has('delivery.timeout.ms')) return leastMs
  throw new ConfigError('delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms')
}

function buildConsumer(common: ClientConfig): ConsumerConfig {
  const { values } = common
  const reset = values.string('auto.offset.reset')
  const durationMs = parseByDuration(reset)
  return {
    ...common,
    groupId: values.stringOrNull('group.id'),
    groupInstanceId: values.stringOrNull('group.instance.id'),
    groupProtocol: values.string('group.protocol') as ConsumerConfig['groupProtocol'],
    groupRemoteAssignor: values.stringOrNull('group.remote.assignor'),
    partitionAssignmentStrategy: values.list('partition.assignment.strategy'),
    sessionTimeoutMs: values.int('session.timeout.ms'),
    heartbeatIntervalMs: values.int('heartbeat.interval.ms'),
    maxPollIntervalMs: values.int('max.poll.interval.ms'),
    maxPollRecords: values.int('max.poll.records'),
    enableAutoCommit: values.boolean('enable.auto.commit'),
    autoCommitIntervalMs: values.int('auto.commit.interval.ms'),
    autoOffsetReset: durationMs === null ? (reset as 'earliest' | 'latest' | 'none') : { durationMs },
    isolationLevel: values.string('isolation.level') as ConsumerConfig['isolationLevel'],
    fetchMinBytes: values.int('fetch.min.bytes'),
    fetchMaxBytes: values.int('fetch.max.bytes'),
    fetchMaxWaitMs: values.int('fetch.max.wait.ms'),
    maxPartitionFetchBytes: values.int('max.partition.fetch.bytes'),
    checkCrcs: values.boolean('check.crcs'),
    allowAutoCreateTopics: values.boolean('allow.auto.create.topics'),
    excludeInternalTopics: values.boolean('exclude.internal.topics'),
    clientRack: values.string('client.rack'),
    keyDeserializer: values.string('key.deserializer'),
    valueDeserializer: values.string('value.deserializer'),
  }
}
