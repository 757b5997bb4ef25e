export type CleanupPolicy = 'delete' | 'compact'

/** The topic-level settings that storage honours; names are Kafka's topic configs, units last. */
export interface LogConfig {
  /** segment.bytes (or internal.segment.bytes for less than 1 MiB) */
  segmentBytes: number
  /** segment.ms */
  segmentMs: number
  /** segment.jitter.ms */
  segmentJitterMs: number
  /** segment.index.bytes */
  segmentIndexBytes: number
  /** index.interval.bytes */
  indexIntervalBytes: number
  /** flush.messages */
  flushMessages: number
  /** flush.ms */
  flushMs: number
  /** retention.bytes, -1 for no limit */
  retentionBytes: number
  /** retention.ms, -1 for no limit */
  retentionMs: number
  /** file.delete.delay.ms */
  fileDeleteDelayMs: number
  /** cleanup.policy; empty in 4.3 means: neither */
  cleanupPolicy: readonly CleanupPolicy[]
  /** delete.retention.ms */
  deleteRetentionMs: number
  /** min.compaction.lag.ms */
  minCompactionLagMs: number
  /** max.compaction.lag.ms */
  maxCompactionLagMs: number
  /** min.cleanable.dirty.ratio */
  minCleanableDirtyRatio: number
}

const NEVER_MS = Number.MAX_SAFE_INTEGER

/** Kafka 4.3's defaults. */
export const defaultLogConfig: LogConfig = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 60 * 60 * 1000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  indexIntervalBytes: 4096,
  flushMessages: NEVER_MS,
  flushMs: NEVER_MS,
  retentionBytes: -1,
  retentionMs: 7 * 24 * 60 * 60 * 1000,
  fileDeleteDelayMs: 60_000,
  cleanupPolicy: ['delete'],
  deleteRetentionMs: 24 * 60 * 60 * 1000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: NEVER_MS,
  minCleanableDirtyRatio: 0.5,
}

export const isCompacted = (config: LogConfig): boolean => config.cleanupPolicy.includes('compact')
export const isDeleted = (config: LogConfig): boolean => config.cleanupPolicy.includes('delete')
