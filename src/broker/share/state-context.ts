import type { Clock } from '../../base/clock.ts'
import type { CoordinatorRecord } from '../group/group-context.ts'
import type { Logger } from '../logger.ts'

/** What the share coordinator needs of the broker around it. */
export interface ShareStateContext {
  readonly clock: Clock
  readonly logger: Logger
  /** share.coordinator.snapshot.update.records.per.snapshot */
  updatesPerSnapshot(): number
  /** Creates __share_group_state if it isn't there; resolves when the partitions this broker leads are loaded. */
  ensureTopic(): Promise<void>
  /** Number of partitions of __share_group_state; 0 while there is no such topic. */
  partitionCount(): number
  /**
   * Appends to a partition of __share_group_state, in the order of the calls. Resolves with the first record's offset when
   * they are committed; rejects with KafkaError or LogError.
   */
  append(partition: number, records: readonly CoordinatorRecord[], nowMs: number): Promise<number>
  /** Lets go of the records of a partition below an offset. */
  deleteRecords(partition: number, beforeOffset: number): void
  /** Number of partitions of a topic by id; 0 when there is none. */
  partitionCountOf(topicId: string): number
}
