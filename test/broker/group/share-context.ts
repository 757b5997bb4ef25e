import type { ShareGroupContext, ShareGroupMemberConfig } from '../../../src/broker/group/share/share-context.ts'
import { coordinatorKey, type SharePartitionKey, type ShareState } from '../../../src/broker/share/share-state.ts'
import { ErrorCode, type KafkaError } from '../../../src/protocol/errors.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Configs and share partitions' state of a broker that is only made up, for share groups to run on. */
export class FakeShareContext implements ShareGroupContext {
  readonly values: Mutable<ShareGroupMemberConfig> & { maxSize: number } = {
    maxSize: 100,
    sessionTimeoutMs: 45_000,
    heartbeatIntervalMs: 5000,
    assignmentIntervalMs: 1000,
  }
  readonly states = new Map<string, ShareState>()
  readonly highWatermarks = new Map<string, number>()
  /** Set: initializing and deleting fail with it. */
  error: KafkaError | undefined

  readonly persister = {
    partitionFor: async (): Promise<number> => 0,
    initialize: async (key: SharePartitionKey, stateEpoch: number, startOffset: number): Promise<void> => {
      if (this.error !== undefined) throw this.error
      this.states.set(coordinatorKey(key), {
        snapshotEpoch: 0,
        stateEpoch,
        leaderEpoch: 0,
        startOffset,
        deliveryCompleteCount: startOffset === -1 ? -1 : 0,
        createTimestampMs: 0,
        writeTimestampMs: 0,
        stateBatches: [],
      })
    },
    delete: async (key: SharePartitionKey): Promise<void> => {
      if (this.error !== undefined) throw this.error
      this.states.delete(coordinatorKey(key))
    },
    summary: (key: SharePartitionKey): ShareState | undefined => {
      if (this.error?.code === ErrorCode.NOT_COORDINATOR) throw this.error
      return this.states.get(coordinatorKey(key))
    },
  }

  maxSize = (): number => this.values.maxSize
  groupConfig = (): ShareGroupMemberConfig => this.values
  highWatermark = (topic: string, partition: number): number | undefined =>
    this.highWatermarks.get(`${topic}-${partition}`)
}
