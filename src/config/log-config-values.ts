/** A topic's effective configuration as plain values, to hand to the log without a dependency on config names. */
import type { ConfigMap } from './config-map.ts'

/**
 * Effective values of one topic. Times are milliseconds, sizes bytes; Long.MAX_VALUE reads as 2^63, "unlimited".
 * The comments name the topic config where the property isn't its camel case.
 */
export interface LogConfigValues {
  /** internal.segment.bytes where set, else segment.bytes. */
  readonly segmentSizeBytes: number
  readonly segmentMs: number
  readonly segmentJitterMs: number
  /** segment.index.bytes */
  readonly maxIndexSizeBytes: number
  /** index.interval.bytes */
  readonly indexIntervalBytes: number
  /** flush.messages */
  readonly flushIntervalMessages: number
  /** flush.ms */
  readonly flushIntervalMs: number
  /** -1 is unlimited. */
  readonly retentionSizeBytes: number
  /** -1 is unlimited. */
  readonly retentionMs: number
  /** max.message.bytes: the largest record batch. */
  readonly maxMessageBytes: number
  readonly fileDeleteDelayMs: number
  /** delete.retention.ms: how long tombstones stay. */
  readonly deleteRetentionMs: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly minCleanableDirtyRatio: number
  /** cleanup.policy contains compact. */
  readonly compact: boolean
  /** cleanup.policy contains delete. */
  readonly delete: boolean
  readonly uncleanLeaderElectionEnable: boolean
  /** min.insync.replicas */
  readonly minInSyncReplicas: number
  /** 'producer' keeps the producer's compression. */
  readonly compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly compressionGzipLevel: number
  readonly compressionLz4Level: number
  readonly compressionZstdLevel: number
  readonly preallocate: boolean
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime'
  readonly messageTimestampBeforeMaxMs: number
  readonly messageTimestampAfterMaxMs: number
  /** `partition:broker` pairs, or ['*']. */
  readonly leaderReplicationThrottledReplicas: readonly string[]
  readonly followerReplicationThrottledReplicas: readonly string[]
}

/**
 * @param config effective topic config, see resolveTopicConfig
 * @returns its values as numbers, booleans and lists
 */
export function logConfigValues(config: ConfigMap): LogConfigValues {
  const cleanupPolicy = config.list('cleanup.policy')
  return {
    segmentSizeBytes: config.longOrNull('internal.segment.bytes') ?? config.int('segment.bytes'),
    segmentMs: config.long('segment.ms'),
    segmentJitterMs: config.long('segment.jitter.ms'),
    maxIndexSizeBytes: config.int('segment.index.bytes'),
    indexIntervalBytes: config.int('index.interval.bytes'),
    flushIntervalMessages: config.long('flush.messages'),
    flushIntervalMs: config.long('flush.ms'),
    retentionSizeBytes: config.long('retention.bytes'),
    retentionMs: config.long('retention.ms'),
    maxMessageBytes: config.int('max.message.bytes'),
    fileDeleteDelayMs: config.long('file.delete.delay.ms'),
    deleteRetentionMs: config.long('delete.retention.ms'),
    minCompactionLagMs: config.long('min.compaction.lag.ms'),
    maxCompactionLagMs: config.long('max.compaction.lag.ms'),
    minCleanableDirtyRatio: config.double('min.cleanable.dirty.ratio'),
    compact: cleanupPolicy.includes('compact'),
    delete: cleanupPolicy.includes('delete'),
    uncleanLeaderElectionEnable: config.boolean('unclean.leader.election.enable'),
    minInSyncReplicas: config.int('min.insync.replicas'),
    compressionType: config.string('compression.type') as LogConfigValues['compressionType'],
    compressionGzipLevel: config.int('compression.gzip.level'),
    compressionLz4Level: config.int('compression.lz4.level'),
    compressionZstdLevel: config.int('compression.zstd.level'),
    preallocate: config.boolean('preallocate'),
    messageTimestampType: config.string('message.timestamp.type') as LogConfigValues['messageTimestampType'],
    messageTimestampBeforeMaxMs: config.long('message.timestamp.before.max.ms'),
    messageTimestampAfterMaxMs: config.long('message.timestamp.after.max.ms'),
    leaderReplicationThrottledReplicas: config.list('leader.replication.throttled.replicas'),
    followerReplicationThrottledReplicas: config.list('follower.replication.throttled.replicas'),
  }
}
