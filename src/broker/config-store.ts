import type { BrokerConfig } from '../config/broker-config.ts'
import { BROKER_CONFIG_DEF } from '../config/broker-definitions.ts'
import { describeBrokerConfig, describeDefaultBrokerConfig } from '../config/broker-describe.ts'
import { describeClientMetricsConfig, validateClientMetricsConfig } from '../config/client-metrics-config.ts'
import { ConfigError } from '../config/config-error.ts'
import type { ConfigEntry } from '../config/describe.ts'
import { checkMinInSyncReplicasWithElr, validateDynamicConfig } from '../config/dynamic-broker-config.ts'
import { describeGroupConfig, validateGroupConfig } from '../config/group-config.ts'
import { type LogConfigValues, logConfigValues } from '../config/log-config-values.ts'
import {
  describeTopicConfig,
  resolveTopicConfig,
  TOPIC_CONFIG_DEF,
  validateTopicConfig,
} from '../config/topic-config.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { type CompressionType, ensureCodec, isCodecReady } from '../protocol/records/compression.ts'
import type { CleanupPolicy, LogConfig } from '../storage/log-config.ts'
import type { ConfigPolicy } from './controller/config-changes.ts'
import { ConfigResourceType, type MetadataImage } from './controller/metadata-image.ts'
import type { Partition } from './partition.ts'
import type { ProduceRules } from './record-validation.ts'

const { TOPIC, BROKER, CLIENT_METRICS, GROUP } = ConfigResourceType
const ELR_FEATURE = 'eligible.leader.replicas.version'

/** Runs a check of src/config; what it refuses becomes the KafkaError to answer. */
function translated<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (error instanceof ConfigError) throw new KafkaError(ErrorCode[error.errorName], error.message)
    throw error
  }
}

/**
 * All configs of the cluster as this broker sees them: server.properties below, the metadata log's dynamic configs above. What is
 * derived from them is kept until a config changes.
 */
export class ConfigStore implements ConfigPolicy {
  private readonly image: MetadataImage
  private readonly nodeId: number
  private readonly configListeners: ((config: BrokerConfig) => void)[] = []
  private readonly brokerChecks: ((config: BrokerConfig) => void)[] = []
  private current: BrokerConfig
  private topicValues = new Map<string, LogConfigValues>()
  private readonly neededCodecs = new Set<CompressionType>()

  constructor(staticConfig: BrokerConfig, image: MetadataImage, nodeId: number) {
    this.current = staticConfig
    this.image = image
    this.nodeId = nodeId
    image.onChange((change) => {
      if (change.kind === 'topic-removed') this.topicValues.delete(change.topic.name)
      else if (change.kind === 'config-changed') this.configChanged(change.resourceType, change.resourceName)
    })
  }

  /** The broker's configs with the dynamic ones applied. */
  get broker(): BrokerConfig {
    return this.current
  }

  /** Told whenever the broker's own configs changed. */
  onBrokerChange(listener: (config: BrokerConfig) => void): void {
    this.configListeners.push(listener)
  }

  /** Asked whether this broker can be configured so before a dynamic change of its own is taken; `check` throws KafkaError. */
  onBrokerCheck(check: (config: BrokerConfig) => void): void {
    this.brokerChecks.push(check)
  }

  private configChanged(resourceType: number, resourceName: string): void {
    if (resourceType === TOPIC) this.topicValues.delete(resourceName)
    else if (resourceType === BROKER && (resourceName === '' || resourceName === String(this.nodeId))) {
      this.current = this.current.withDynamic({
        cluster: this.image.configOf(BROKER, ''),
        broker: this.image.configOf(BROKER, String(this.nodeId)),
      })
      this.topicValues = new Map()
      for (const listener of this.configListeners) listener(this.current)
    }
  }

  /** Effective configs of a topic. */
  topic(name: string): LogConfigValues {
    let values = this.topicValues.get(name)
    if (!values) {
      values = logConfigValues(resolveTopicConfig(this.image.configOf(TOPIC, name), this.current))
      this.topicValues.set(name, values)
      const codec = codecOf(values)
      if (codec !== 'producer' && !isCodecReady(codec)) this.neededCodecs.add(codec)
    }
    return values
  }

  /** What storage honours of a topic's configs. */
  logConfig(name: string): LogConfig {
    const values = this.topic(name)
    const policy: CleanupPolicy[] = []
    if (values.compact) policy.push('compact')
    if (values.delete) policy.push('delete')
    return {
      segmentBytes: values.segmentSizeBytes,
      segmentMs: values.segmentMs,
      segmentJitterMs: values.segmentJitterMs,
      segmentIndexBytes: values.maxIndexSizeBytes,
      indexIntervalBytes: values.indexIntervalBytes,
      flushMessages: bounded(values.flushIntervalMessages),
      flushMs: bounded(values.flushIntervalMs),
      retentionBytes: values.retentionSizeBytes,
      retentionMs: values.retentionMs,
      fileDeleteDelayMs: values.fileDeleteDelayMs,
      cleanupPolicy: policy,
      deleteRetentionMs: values.deleteRetentionMs,
      minCompactionLagMs: values.minCompactionLagMs,
      maxCompactionLagMs: bounded(values.maxCompactionLagMs),
      minCleanableDirtyRatio: values.minCleanableDirtyRatio,
    }
  }

  /** The rules for records produced to a partition. */
  produceRules(partition: Partition): ProduceRules {
    const values = this.topic(partition.topic)
    return partition.produceRules(values, () => {
      const compression = codecOf(values)
      return {
        partition: partition.key,
        maxMessageBytes: values.maxMessageBytes,
        logAppendTime: values.messageTimestampType === 'LogAppendTime',
        timestampBeforeMaxMs: values.messageTimestampBeforeMaxMs,
        timestampAfterMaxMs: values.messageTimestampAfterMaxMs,
        compression,
        compressionLevel: levelOf(values, compression),
        compacted: values.compact,
      }
    })
  }

  /** Loads the codecs of topics' compression.type; undefined when all are there. */
  loadTopicCodecs(): Promise<void> | undefined {
    if (this.neededCodecs.size === 0) return undefined
    const wanted = [...this.neededCodecs]
    return Promise.all(wanted.map(ensureCodec)).then(() => {
      for (const codec of wanted) this.neededCodecs.delete(codec)
    })
  }

  /** Entries as DescribeConfigs answers them. `overrides` stands in for a topic that isn't there yet. */
  describe(resourceType: number, resourceName: string, overrides?: ReadonlyMap<string, string>): ConfigEntry[] {
    const own = overrides ?? this.image.configOf(resourceType, resourceName)
    switch (resourceType) {
      case TOPIC:
        return describeTopicConfig(own, this.current)
      case BROKER:
        return resourceName === '' ? describeDefaultBrokerConfig(this.current) : describeBrokerConfig(this.current)
      case CLIENT_METRICS:
        return describeClientMetricsConfig(own)
      case GROUP:
        return describeGroupConfig(own, this.current)
      default:
        // Broker loggers: this broker has no loggers whose levels could be set.
        return []
    }
  }

  checkNewTopic(configs: ReadonlyMap<string, string | null>): ReadonlyMap<string, string> {
    const nulls = [...configs].filter(([, value]) => value === null).map(([name]) => name)
    if (nulls.length > 0) {
      throw new KafkaError(ErrorCode.INVALID_CONFIG, `Null value not supported for topic configs: ${nulls.join(',')}`)
    }
    const texts = configs as ReadonlyMap<string, string>
    translated(() => validateTopicConfig(texts, this.current))
    return texts
  }

  check(
    resourceType: number,
    resourceName: string,
    configs: ReadonlyMap<string, string>,
    changed: readonly string[],
  ): void {
    translated(() => {
      switch (resourceType) {
        case TOPIC:
          return validateTopicConfig(configs, this.current)
        case BROKER: {
          const level = resourceName === '' ? 'cluster' : 'broker'
          if (this.image.features.has(ELR_FEATURE)) {
            for (const name of changed) checkMinInSyncReplicasWithElr(name, !configs.has(name), level)
          }
          validateDynamicConfig(this.current, configs, level)
          if (resourceName === String(this.nodeId)) this.askOwnParts(configs)
          return
        }
        case CLIENT_METRICS:
          return validateClientMetricsConfig(resourceName, configs)
        case GROUP:
          return validateGroupConfig(configs, this.current)
        default:
          throw new KafkaError(ErrorCode.INVALID_REQUEST, 'Log levels of a running broker can not be changed.')
      }
    })
  }

  private askOwnParts(own: ReadonlyMap<string, string>): void {
    const candidate = this.current.withDynamic({ cluster: this.image.configOf(BROKER, ''), broker: own })
    for (const check of this.brokerChecks) check(candidate)
  }

  listValue(resourceType: number, name: string): string | undefined {
    if (resourceType === TOPIC) {
      if (TOPIC_CONFIG_DEF.get(name)?.type !== 'LIST') return undefined
      return this.current.topicDefaults().get(name) ?? TOPIC_CONFIG_DEF.get(name)?.defaultText ?? ''
    }
    if (resourceType === BROKER && BROKER_CONFIG_DEF.get(name)?.type === 'LIST')
      return BROKER_CONFIG_DEF.get(name)?.defaultText ?? ''
    if (resourceType === CLIENT_METRICS && (name === 'metrics' || name === 'match')) return ''
    return undefined
  }
}

/** Long.MAX_VALUE reads as 2^63; storage takes anything from MAX_SAFE_INTEGER on for "never". */
const bounded = (value: number): number => Math.min(value, Number.MAX_SAFE_INTEGER)

function codecOf(values: LogConfigValues): CompressionType | 'producer' {
  return values.compressionType === 'uncompressed' ? 'none' : values.compressionType
}

function levelOf(values: LogConfigValues, codec: CompressionType | 'producer'): number | undefined {
  if (codec === 'gzip') return values.compressionGzipLevel
  if (codec === 'lz4') return values.compressionLz4Level
  return codec === 'zstd' ? values.compressionZstdLevel : undefined
}
