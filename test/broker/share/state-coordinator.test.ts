import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import type { CoordinatorRecord, LoadedRecord } from '../../../src/broker/group/group-context.ts'
import { silentLogger } from '../../../src/broker/logger.ts'
import { decodeShareStateRecord, type SharePartitionKey } from '../../../src/broker/share/share-state.ts'
import { ShareStateCoordinator } from '../../../src/broker/share/state-coordinator.ts'
import { ErrorCode, KafkaError } from '../../../src/protocol/errors.ts'

const TOPIC = 'AAAAAAAAAAAAAAAAAAAAAQ'
const INTERVAL_MS = 300_000
const key = (partition = 0): SharePartitionKey => ({ groupId: 'g', topicId: TOPIC, partition })

/** A coordinator of one partition, over a list of records. */
class Harness {
  readonly clock = new ManualClock()
  readonly log: LoadedRecord[] = []
  readonly deletedBefore: number[] = []
  appendError: KafkaError | undefined
  topicExists = true
  coordinator = this.create()

  static async started(): Promise<Harness> {
    const harness = new Harness()
    await harness.coordinator.load(0, [])
    harness.coordinator.start()
    return harness
  }

  create(): ShareStateCoordinator {
    return new ShareStateCoordinator({
      clock: this.clock,
      logger: silentLogger,
      updatesPerSnapshot: () => 3,
      ensureTopic: async () => {},
      partitionCount: () => 1,
      append: async (_partition, records) => this.append(records),
      deleteRecords: (_partition, before) => this.deletedBefore.push(before),
      partitionCountOf: (topicId) => (this.topicExists && topicId === TOPIC ? 4 : 0),
    })
  }

  append(records: readonly CoordinatorRecord[]): number {
    if (this.appendError !== undefined) throw this.appendError
    const first = this.log.length
    for (const [i, record] of records.entries()) {
      this.log.push({ kind: 'record', ...record, offset: first + i, producerId: -1 })
    }
    return first
  }

  async restart(): Promise<void> {
    this.coordinator.stop()
    this.coordinator = this.create()
    await this.coordinator.load(0, this.log)
  }

  write(startOffset: number, first: number, last: number, deliveryState = 2, partition = 0): Promise<void> {
    return this.coordinator.write(key(partition), {
      ...{ stateEpoch: 2, leaderEpoch: 0, startOffset, deliveryCompleteCount: last - first + 1 },
      stateBatches: [{ firstOffset: first, lastOffset: last, deliveryState, deliveryCount: 1 }],
    })
  }

  kinds(): string[] {
    return this.log.map((record) => {
      const decoded = decodeShareStateRecord(record.key!, record.value)!
      return decoded.value === null ? 'tombstone' : decoded.kind
    })
  }
}

describe('share group state', () => {
  it('writes a snapshot after so many updates, and finds the same state again', async () => {
    const h = await Harness.started()
    await h.coordinator.initialize(key(), 2, 0)
    for (let i = 0; i < 5; i++) await h.write(i === 4 ? 3 : 0, i, i)
    expect(h.kinds()).toEqual(['snapshot', 'update', 'update', 'update', 'snapshot', 'update'])
    const expected = {
      ...{ snapshotEpoch: 1, stateEpoch: 2, leaderEpoch: 0, startOffset: 3, deliveryCompleteCount: 1 },
      stateBatches: [{ firstOffset: 3, lastOffset: 4, deliveryState: 2, deliveryCount: 1 }],
    }
    expect(await h.coordinator.read(key(), 0)).toMatchObject(expected)
    await h.restart()
    expect(await h.coordinator.read(key(), 0)).toMatchObject(expected)
  })

  it('begins anew at another offset, in a newer epoch only', async () => {
    const h = await Harness.started()
    await h.coordinator.initialize(key(), 2, -1)
    expect(h.coordinator.summary(key())).toMatchObject({ startOffset: -1, deliveryCompleteCount: -1 })
    await h.write(5, 5, 6)
    await h.coordinator.initialize(key(), 3, 9)
    expect(h.coordinator.summary(key())).toMatchObject({
      snapshotEpoch: 1,
      stateEpoch: 3,
      startOffset: 9,
      stateBatches: [],
    })
    await expect(h.coordinator.initialize(key(), 2, 1)).rejects.toMatchObject({ code: ErrorCode.FENCED_STATE_EPOCH })
    await expect(h.write(9, 9, 9)).rejects.toMatchObject({ code: ErrorCode.FENCED_STATE_EPOCH })
  })

  it('persists the epoch of a new leader, which fences the old one, restart or not', async () => {
    const h = await Harness.started()
    await h.coordinator.initialize(key(), 2, 0)
    await h.coordinator.read(key(), 3)
    await h.restart()
    await expect(h.coordinator.read(key(), 2)).rejects.toMatchObject({ code: ErrorCode.FENCED_LEADER_EPOCH })
    const before = h.log.length
    await h.coordinator.read(key(), 3)
    expect(h.log.length).toBe(before)
  })

  it('keeps its state when a write fails', async () => {
    const h = await Harness.started()
    await h.coordinator.initialize(key(), 2, 0)
    h.appendError = new KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    await expect(h.write(0, 0, 4)).rejects.toMatchObject({ code: ErrorCode.COORDINATOR_NOT_AVAILABLE })
    h.appendError = undefined
    expect(h.coordinator.summary(key())?.stateBatches).toEqual([])
    await h.write(0, 0, 1)
    expect(h.coordinator.summary(key())?.stateBatches).toHaveLength(1)
  })

  it('forgets what is deleted, and deleted topics', async () => {
    const h = await Harness.started()
    await h.coordinator.initialize(key(0), 2, 0)
    await h.coordinator.initialize(key(1), 2, 0)
    await h.coordinator.delete(key(0))
    await h.coordinator.delete(key(2))
    expect(h.coordinator.summary(key(0))).toBeUndefined()
    expect(h.kinds()).toEqual(['snapshot', 'snapshot', 'tombstone'])
    h.topicExists = false
    await h.coordinator.onTopicDeleted(TOPIC)
    expect(h.kinds().at(-1)).toBe('tombstone')
    expect(() => h.coordinator.summary(key(1))).toThrow(KafkaError)
    await h.restart()
    h.topicExists = true
    expect(h.coordinator.summary(key(1))).toBeUndefined()
  })

  it('lets go of records that snapshots made redundant; share partitions at rest get one', async () => {
    const h = await Harness.started()
    await h.coordinator.initialize(key(0), 2, 0)
    await h.coordinator.initialize(key(1), 2, 0)
    for (let i = 0; i < 4; i++) await h.write(0, i, i, 2, 0)
    await h.coordinator.maintain()
    expect(h.deletedBefore).toEqual([1])
    h.clock.setNowMs(h.clock.nowMs() + INTERVAL_MS)
    await h.coordinator.maintain()
    expect(h.kinds().slice(-2)).toEqual(['snapshot', 'snapshot'])
    expect(h.deletedBefore).toEqual([1, h.log.length - 2])
    const length = h.log.length
    h.clock.setNowMs(h.clock.nowMs() + INTERVAL_MS)
    await h.coordinator.maintain()
    expect(h.log.length).toBe(length)
    expect(h.coordinator.summary(key(0))?.stateBatches).toEqual([
      { firstOffset: 0, lastOffset: 3, deliveryState: 2, deliveryCount: 1 },
    ])
  })

  it('says what it does not have', async () => {
    const h = await Harness.started()
    await expect(h.coordinator.read({ ...key(), partition: -1 }, 0)).rejects.toMatchObject({
      code: ErrorCode.INVALID_REQUEST,
      message: 'The partition id cannot be a negative number.',
    })
    await expect(h.write(0, 0, 0)).rejects.toMatchObject({
      code: ErrorCode.INVALID_REQUEST,
      message: 'Write operation on uninitialized share partition not allowed.',
    })
    h.coordinator.unload(0)
    await expect(h.coordinator.read(key(), 0)).rejects.toMatchObject({ code: ErrorCode.NOT_COORDINATOR })
  })
})
