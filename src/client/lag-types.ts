import type { SharePartitionOffset } from './share-group-types.ts'
import type { Result, TopicPartition } from './types.ts'

/** A place in a partition's log. */
export interface LogPosition extends TopicPartition {
  offset: number
}

/**
 * What a bounded read from a position on has found: the first record a consumer would get, or that there is none before
 * `nextOffset` (control records, aborted records, what compaction took).
 */
export type FirstRecord = { found: true; offset: number; timestamp: number } | { found: false; nextOffset: number }

/** The calls that measuring lag needs besides offsets. */
export interface LagAdmin {
  /**
   * The first record from each position on, with little reading: one request per leader for all of its partitions, some KiB of
   * each, at most three times where nothing but control or aborted records came. No partition may be there twice. Fails per
   * position, with OFFSET_OUT_OF_RANGE where the log no longer has the offset.
   */
  firstRecords(
    positions: readonly LogPosition[],
    options?: { readCommitted?: boolean },
  ): Promise<Map<LogPosition, Result<FirstRecord>>>
  /** Where share groups are, one request per coordinator, by partition as Kafka prints it; null: not initialised yet. */
  listShareGroupsOffsets(groupIds: string[]): Promise<Map<string, Result<Map<string, SharePartitionOffset | null>>>>
}
