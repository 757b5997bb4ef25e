/**
 * From Java client properties (flags, `--command-config` files, profiles) to one validated client configuration.
 * Values and defaults are checked by Kafka's own definitions, one by one; what is built from them by a zod schema, which is loaded when
 * several values make one setting (security).
 */
import type { BootstrapServer } from './bootstrap-servers.ts'
import type { ClientKind } from './client-definitions.ts'
import { type ConfigTexts, textEntries } from './config-def.ts'
import type { ConfigMap } from './config-map.ts'
import type { SaslSettings } from './sasl-settings.ts'
import type { TlsSettings } from './tls-settings.ts'

/** Security of a client's connections. */
export interface ClientSecurity {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  /** The ssl.*, sasl.* and security.* properties as given. */
  readonly properties: ReadonlyMap<string, string>
  /** With stores read; null unless the protocol is SSL or SASL_SSL. */
  readonly tls: TlsSettings | null
  /** Null unless the protocol is SASL_PLAINTEXT or SASL_SSL. */
  readonly sasl: SaslSettings | null
}

/** What all clients have. Times in ms; names are Kafka's. */
export interface ClientConfig {
  readonly bootstrapServers: readonly BootstrapServer[]
  readonly clientId: string
  readonly requestTimeoutMs: number
  /** Producers have none in Java; theirs is max.block.ms. */
  readonly defaultApiTimeoutMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly reconnectBackoffMs: number
  readonly reconnectBackoffMaxMs: number
  readonly connectionsMaxIdleMs: number
  readonly metadataMaxAgeMs: number
  readonly socketConnectionSetupTimeoutMs: number
  readonly socketConnectionSetupTimeoutMaxMs: number
  readonly security: ClientSecurity
  /** Every config by name, parsed: `values.int('send.buffer.bytes')`. */
  readonly values: ConfigMap
}

/** Configuration of an administrative client. */
export interface AdminConfig extends ClientConfig {
  readonly retries: number
}

/** Compression of produced batches. */
export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** Configuration of a producer. */
export interface ProducerConfig extends ClientConfig {
  /** -1 is all. */
  readonly acks: -1 | 0 | 1
  readonly retries: number
  readonly batchSizeBytes: number
  readonly lingerMs: number
  readonly compressionType: CompressionType
  readonly maxRequestSizeBytes: number
  readonly bufferMemoryBytes: number
  readonly maxBlockMs: number
  readonly deliveryTimeoutMs: number
  readonly maxInFlightRequests: number
  readonly enableIdempotence: boolean
  readonly transactionalId: string | null
  readonly transactionTimeoutMs: number
  readonly keySerializer: string
  readonly valueSerializer: string
}

/** Configuration of a consumer. */
export interface ConsumerConfig extends ClientConfig {
  readonly groupId: string | null
  readonly groupInstanceId: string | null
  readonly groupProtocol: 'CLASSIC' | 'CONSUMER'
  readonly groupRemoteAssignor: string | null
  /** Class names, as Java has them. */
  readonly partitionAssignmentStrategy: readonly string[]
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly maxPollIntervalMs: number
  readonly maxPollRecords: number
  readonly enableAutoCommit: boolean
  readonly autoCommitIntervalMs: number
  /** 'earliest', 'latest', 'none', or how far back from now in ms. */
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none' | { readonly durationMs: number }
  readonly isolationLevel: 'read_uncommitted' | 'read_committed'
  readonly fetchMinBytes: number
  readonly fetchMaxBytes: number
  readonly fetchMaxWaitMs: number
  readonly maxPartitionFetchBytes: number
  readonly checkCrcs: boolean
  readonly allowAutoCreateTopics: boolean
  readonly excludeInternalTopics: boolean
  readonly clientRack: string
  readonly keyDeserializer: string
  readonly valueDeserializer: string
}

/** Configurations by kind of client. */
export interface ClientConfigs {
  readonly admin: AdminConfig
  readonly producer: ProducerConfig
  readonly consumer: ConsumerConfig
}

/** Commands bring their own (de)serializers, so that Java's required class names may be left out. */
const BYTES = 'org.apache.kafka.common.serialization.ByteArray'
const PRESETS: Readonly<Record<ClientKind, Readonly<Record<string, string>>>> = {
  admin: {},
  producer: { 'key.serializer': `${BYTES}Serializer`, 'value.serializer': `${BYTES}Serializer` },
  consumer: { 'key.deserializer': `${BYTES}Deserializer`, 'value.deserializer': `${BYTES}Deserializer` },
}

/**
 * @param properties Java client properties, bootstrap.servers among them; unknown names are ignored, as in Java
 * @returns the validated configuration, with Java's defaults
 * @throws ConfigError in Java's words, or naming what kt can't do and what to do instead
 */
export async function parseClientConfig<Kind extends ClientKind>(
  kind: Kind,
  properties: ConfigTexts,
): Promise<ClientConfigs[Kind]> {
  const given = new Map(textEntries(properties))
  const [{ parseClientDefinitions }, build] = await Promise.all([
    import('./client-definitions.ts'),
    import('./client-build.ts'),
  ])
  const values = parseClientDefinitions(kind, { ...PRESETS[kind], ...Object.fromEntries(given) })
  const config = await build.buildClientConfig(kind, values, given)
  // Without security the definitions have seen to all of it, and zod costs a short command more than all the rest.
  const isSecured = [...given.keys()].some((name) => /^(?:security|sasl|ssl)\./.test(name))
  if (isSecured) (await import('./client-schema.ts')).checkClientConfig(kind, config)
  return config as ClientConfigs[Kind]
}

/** {@link parseClientConfig} for an administrative client. */
export function adminConfig(properties: ConfigTexts): Promise<AdminConfig> {
  return parseClientConfig('admin', properties)
}

/** {@link parseClientConfig} for a producer. */
export function producerConfig(properties: ConfigTexts): Promise<ProducerConfig> {
  return parseClientConfig('producer', properties)
}

/** {@link parseClientConfig} for a consumer. */
export function consumerConfig(properties: ConfigTexts): Promise<ConsumerConfig> {
  return parseClientConfig('consumer', properties)
}
