import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { LoadedRecord } from '../group/group-context.ts'
import { appendFailure } from '../group/group-errors.ts'
import {
  applyUpdate,
  coordinatorKey,
  decodeShareStateRecord,
  encodeShareStateRecord,
  type SharePartitionKey,
  type ShareState,
  type ShareStateRecord,
  stateFromUpdate,
} from './share-state.ts'
import { combineBatches, type StateBatch } from './state-batches.ts'
import type { ShareStateContext } from './state-context.ts'

/** A share partition as the replayed log has it. */
interface Entry {
  readonly key: SharePartitionKey
  state: ShareState
  /** Highest leader epoch seen: older leaders are fenced. */
  leaderEpoch: number
  stateEpoch: number
  /** Updates since the last snapshot. */
  updates: number
  /** Where the last snapshot is: nothing before it is needed for this share partition. */
  snapshotOffset: number
}

/** What the leader of a share partition persists. */
export interface StateWrite {
  readonly stateEpoch: number
  readonly leaderEpoch: number
  readonly startOffset: number
  readonly deliveryCompleteCount: number
  readonly stateBatches: readonly StateBatch[]
}

/** Tombstones and snapshots in one batch: keeps it below max.message.bytes. */
const MAX_RECORDS_PER_WRITE = 100

/**
 * The share partitions of one partition of __share_group_state: what a replay of its log gives. A change counts when its
 * record is committed; changes of one share partition are made one after the other.
 */
export class StateShard {
  readonly partition: number
  readonly #context: ShareStateContext
  readonly #entries = new Map<string, Entry>()
  readonly #last = new Map<string, Promise<unknown>>()
  #lastTombstone = -1
  #prunedBefore = 0
  #closed = false
  loaded = false

  constructor(partition: number, context: ShareStateContext) {
    this.partition = partition
    this.#context = context
  }

  get closed(): boolean {
    return this.#closed
  }

  close(): void {
    this.#closed = true
    this.#entries.clear()
  }

  /** Applies one record of the log while the partition is loaded. A record that can't be read is logged and passed over. */
  replay({ key, value, offset }: LoadedRecord): void {
    if (key === null) return
    try {
      const record = decodeShareStateRecord(key, value)
      if (record !== undefined) this.#apply(record, offset)
    } catch (error) {
      const { partition } = this
      this.#context.logger.error({ partition, offset, error }, 'skipped an unreadable record of share group state')
    }
  }

  #apply(record: ShareStateRecord, offset: number): void {
    const id = coordinatorKey(record.key)
    const entry = this.#entries.get(id)
    if (record.value === null) {
      this.#entries.delete(id)
      this.#lastTombstone = offset
      return
    }
    const { leaderEpoch } = record.value
    if (record.kind === 'update') {
      if (entry === undefined) {
        const state = stateFromUpdate(record.value)
        const { key } = record
        this.#entries.set(id, { key, state, leaderEpoch, stateEpoch: 0, updates: 1, snapshotOffset: offset })
        return
      }
      entry.state = applyUpdate(entry.state, record.value)
      entry.leaderEpoch = Math.max(entry.leaderEpoch, leaderEpoch)
      entry.updates++
      return
    }
    const state = record.value
    this.#entries.set(id, {
      key: record.key,
      state,
      leaderEpoch: Math.max(entry?.leaderEpoch ?? leaderEpoch, leaderEpoch),
      stateEpoch: Math.max(entry?.stateEpoch ?? state.stateEpoch, state.stateEpoch),
      updates: 0,
      snapshotOffset: offset,
    })
  }

  /** Begins a share partition, or begins it anew at another offset. @throws KafkaError */
  initialize(key: SharePartitionKey, stateEpoch: number, startOffset: number): Promise<void> {
    return this.#run(key, (entry) => {
      if (stateEpoch !== -1 && entry !== undefined && entry.stateEpoch > stateEpoch) {
        throw new KafkaError(ErrorCode.FENCED_STATE_EPOCH)
      }
      this.#checkExists(key)
      const nowMs = this.#context.clock.nowMs()
      const value: ShareState = {
        snapshotEpoch: entry === undefined ? 0 : entry.state.snapshotEpoch + 1,
        stateEpoch,
        leaderEpoch: 0,
        startOffset,
        deliveryCompleteCount: startOffset === -1 ? -1 : 0,
        createTimestampMs: nowMs,
        writeTimestampMs: nowMs,
        stateBatches: [],
      }
      return { record: { kind: 'snapshot', key, value }, result: () => undefined }
    })
  }

  /** The state for the leader of the partition; a newer leader fences the older ones. @throws KafkaError */
  read(key: SharePartitionKey, leaderEpoch: number): Promise<ShareState> {
    return this.#run(key, (entry) => {
      if (entry === undefined) {
        const message = 'Read operation on uninitialized share partition not allowed.'
        throw new KafkaError(ErrorCode.INVALID_REQUEST, message)
      }
      if (entry.leaderEpoch > leaderEpoch) throw new KafkaError(ErrorCode.FENCED_LEADER_EPOCH)
      this.#checkExists(key)
      const { state } = entry
      const result = () => state
      if (leaderEpoch === -1 || entry.leaderEpoch === leaderEpoch) return { record: undefined, result }
      const { startOffset, deliveryCompleteCount } = state
      const write = { stateEpoch: -1, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches: [] }
      return { record: this.#recordOf(entry, write, leaderEpoch), result }
    })
  }

  /** Persists what a leader says. @throws KafkaError FENCED_LEADER_EPOCH, FENCED_STATE_EPOCH among others */
  write(key: SharePartitionKey, write: StateWrite): Promise<void> {
    return this.#run(key, (entry) => {
      if (entry === undefined) {
        const message = 'Write operation on uninitialized share partition not allowed.'
        throw new KafkaError(ErrorCode.INVALID_REQUEST, message)
      }
      const { leaderEpoch, stateEpoch } = write
      if (leaderEpoch !== -1 && entry.leaderEpoch > leaderEpoch) throw new KafkaError(ErrorCode.FENCED_LEADER_EPOCH)
      if (stateEpoch !== -1 && entry.stateEpoch > stateEpoch) throw new KafkaError(ErrorCode.FENCED_STATE_EPOCH)
      this.#checkExists(key)
      return { record: this.#recordOf(entry, write, entry.state.leaderEpoch), result: () => undefined }
    })
  }

  /** A snapshot when it is time for one, else what is new. */
  #recordOf({ key, state, updates }: Entry, write: StateWrite, leaderEpoch: number): ShareStateRecord {
    const { deliveryCompleteCount } = write
    if (updates < this.#context.updatesPerSnapshot()) {
      const { startOffset } = write
      const stateBatches = combineBatches([], write.stateBatches, startOffset)
      const { snapshotEpoch } = state
      const value = { snapshotEpoch, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches }
      return { kind: 'update', key, value }
    }
    const nowMs = this.#context.clock.nowMs()
    const startOffset = write.startOffset === -1 ? state.startOffset : write.startOffset
    const value: ShareState = {
      snapshotEpoch: state.snapshotEpoch + 1,
      stateEpoch: state.stateEpoch,
      leaderEpoch,
      startOffset,
      deliveryCompleteCount,
      createTimestampMs: nowMs,
      writeTimestampMs: nowMs,
      stateBatches: combineBatches(state.stateBatches, write.stateBatches, startOffset),
    }
    return { kind: 'snapshot', key, value }
  }

  /** Forgets a share partition; one that isn't there is no error. @throws KafkaError */
  delete(key: SharePartitionKey): Promise<void> {
    return this.#run(key, (entry) => {
      this.#checkExists(key)
      const record = entry === undefined ? undefined : ({ kind: 'snapshot', key, value: null } as const)
      return { record, result: () => undefined }
    })
  }

  /** The state as far as it is committed; undefined while the share partition isn't initialized. @throws KafkaError */
  summary(key: SharePartitionKey): ShareState | undefined {
    this.#checkExists(key)
    return this.#entries.get(coordinatorKey(key))?.state
  }

  /** Forgets the share partitions of a deleted topic. */
  async topicDeleted(topicId: string): Promise<void> {
    const gone = [...this.#entries.values()].filter(({ key }) => key.topicId === topicId)
    await this.#writeAll(gone.map(({ key }) => ({ kind: 'snapshot', key, value: null })))
  }

  /**
   * Writes a snapshot of each share partition that had none for `intervalMs`, so that the log before can go; not when all had
   * theirs since they last changed.
   */
  async snapshotCold(intervalMs: number): Promise<void> {
    const entries = [...this.#entries.values()]
    if (entries.every(({ state }) => state.createTimestampMs !== state.writeTimestampMs)) return
    const nowMs = this.#context.clock.nowMs()
    const cold = entries.filter(({ state }) => nowMs - state.writeTimestampMs >= intervalMs)
    await this.#writeAll(
      cold.map(({ key, state }) => {
        const value = { ...state, snapshotEpoch: state.snapshotEpoch + 1, writeTimestampMs: nowMs }
        return { kind: 'snapshot', key, value }
      }),
    )
  }

  /** Lets go of the records that later snapshots have made redundant. */
  prune(): void {
    let needed = this.#entries.size === 0 ? this.#lastTombstone : Number.POSITIVE_INFINITY
    for (const { snapshotOffset } of this.#entries.values()) needed = Math.min(needed, snapshotOffset)
    if (needed <= this.#prunedBefore || !Number.isFinite(needed)) return
    this.#context.deleteRecords(this.partition, needed)
    this.#prunedBefore = needed
  }

  #checkExists({ topicId, partition }: SharePartitionKey): void {
    if (partition >= this.#context.partitionCountOf(topicId)) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  }

  /** Each record after what is under way of its share partition; one that changed meanwhile is left alone. */
  async #writeAll(records: readonly ShareStateRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += MAX_RECORDS_PER_WRITE) {
      const part = records.slice(at, at + MAX_RECORDS_PER_WRITE).map((record) => {
        const before = this.#entries.get(coordinatorKey(record.key))?.state
        return this.#run(record.key, (entry) => ({
          record: entry?.state === before ? record : undefined,
          result: () => undefined,
        }))
      })
      await Promise.all(part)
    }
  }

  #run<T>(
    key: SharePartitionKey,
    compute: (entry: Entry | undefined) => { record: ShareStateRecord | undefined; result: () => T },
  ): Promise<T> {
    const id = coordinatorKey(key)
    const execute = async (): Promise<T> => {
      if (this.#closed) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
      const { record, result } = compute(this.#entries.get(id))
      if (record === undefined) return result()
      let offset: number
      try {
        const { clock } = this.#context
        offset = await this.#context.append(this.partition, [encodeShareStateRecord(record)], clock.nowMs())
      } catch (error) {
        throw appendFailure(error)
      }
      if (this.#closed) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
      this.#apply(record, offset)
      return result()
    }
    const previous = this.#last.get(id)
    const running = previous === undefined ? execute() : previous.then(execute)
    const done: Promise<unknown> = running
      .catch(() => {})
      .then(() => {
        if (this.#last.get(id) === done) this.#last.delete(id)
      })
    this.#last.set(id, done)
    return running
  }
}
