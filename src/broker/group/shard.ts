import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { ClassicGroup, joinError } from './classic-group.ts'
import type { ConsumerGroup } from './consumer/consumer-group.ts'
import { applyConsumerGroupRecord } from './consumer/replay.ts'
import type {
  CoordinatorRecord,
  GroupContext,
  LoadedMarker,
  LoadedRecord,
  TransactionalProducer,
} from './group-context.ts'
import { appendFailure } from './group-errors.ts'
import { OffsetStore } from './offsets.ts'
import { type DecodedRecord, decodeRecord, encodeRecord, type OffsetRecord, type WrittenRecord } from './records.ts'
import type { ShareGroup } from './share/share-group.ts'
import type { ShareGroupRecord } from './share/share-records.ts'
import { applyShareGroupRecord } from './share/share-replay.ts'
import type { StreamsGroup } from './streams/streams-group.ts'
import type { StreamsGroupRecord } from './streams/streams-records.ts'
import { applyStreamsGroupRecord } from './streams/streams-replay.ts'

const NO_PRODUCER_ID = -1

/**
 * The groups of one partition of __consumer_offsets: what a replay of that partition's log gives, plus what only lives
 * in memory (members that wait, timers). Everything it writes goes to that partition, in order.
 */
export class GroupShard {
  readonly partition: number
  readonly context: GroupContext
  readonly groups = new Map<string, ClassicGroup>()
  /** Groups of the consumer protocol (KIP-848); their records alone change them. */
  readonly consumerGroups = new Map<string, ConsumerGroup>()
  /** Streams groups (KIP-1071); their records alone change them. */
  readonly streamsGroups = new Map<string, StreamsGroup>()
  /** Share groups (KIP-932); their records alone change them. */
  readonly shareGroups = new Map<string, ShareGroup>()
  /** Ids of all groups of other kinds than classic and consumer. */
  readonly modernGroups = new Set<string>()
  readonly offsets = new OffsetStore()
  readonly #inFlight = new Set<readonly WrittenRecord[]>()
  #tail: Promise<void> = Promise.resolve()
  #closed = false

  constructor(partition: number, context: GroupContext) {
    this.partition = partition
    this.context = context
  }

  /** True when the broker gave up the partition: what still runs must not start anything new. */
  get closed(): boolean {
    return this.#closed
  }

  /** @throws KafkaError GROUP_ID_NOT_FOUND */
  group(groupId: string): ClassicGroup {
    const group = this.groups.get(groupId)
    if (group === undefined) throw new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} not found.`)
    return group
  }

  /** @returns the group, made as an empty one when there is none; it isn't in the log by that */
  getOrCreate(groupId: string): ClassicGroup {
    const existing = this.groups.get(groupId)
    if (existing !== undefined) return existing
    const group = new ClassicGroup(groupId, this.context.clock)
    this.groups.set(groupId, group)
    return group
  }

  /**
   * Appends records; resolves when they are committed and the offsets among them have been applied, in the order of
   * writing. With a `producer` they are its open transaction's, and offsets wait for its end.
   *
   * @throws KafkaError with the code to answer to the group's client
   */
  async write(records: readonly WrittenRecord[], producer?: TransactionalProducer): Promise<void> {
    if (records.length === 0) return
    if (this.#closed) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    const encoded = encodeAll(records)
    const producerId = producer?.producerId ?? NO_PRODUCER_ID
    this.#inFlight.add(records)
    const previous = this.#tail
    const appended = this.context.append(this.partition, encoded, this.context.clock.nowMs(), producer)
    const settled = Promise.allSettled([appended, previous]).then(([result]) => {
      this.#inFlight.delete(records)
      if (result.status === 'rejected') throw appendFailure(result.reason)
      for (const record of records) {
        if (record.kind === 'offset') this.#applyOffset(record, producerId)
        else if (record.kind === 'consumer-group') applyConsumerGroupRecord(this.consumerGroups, record)
        else if (record.kind === 'streams-group') this.#applyStreams(record)
        else if (record.kind === 'share-group') this.#applyShare(record)
      }
    })
    this.#tail = settled.catch(() => {})
    return settled
  }

  /**
   * Writes the marker that ends a producer's transaction, by `append`; resolves when its offsets count, or are dropped.
   *
   * @throws what `append` rejects with
   */
  async endTransaction(producerId: number, committed: boolean, append: () => Promise<void>): Promise<void> {
    if (this.#closed) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    const previous = this.#tail
    const settled = Promise.allSettled([append(), previous]).then(([result]) => {
      if (result.status === 'rejected') throw result.reason
      this.offsets.endTransaction(producerId, committed)
    })
    this.#tail = settled.catch(() => {})
    return settled
  }

  /** Takes a classic group out of the way of the consumer group it becomes; whoever waits is told to rejoin. */
  detachClassic(group: ClassicGroup): void {
    group.cancelTimers()
    const errorCode = ErrorCode.REBALANCE_IN_PROGRESS
    for (const member of group.members.values()) {
      group.completeJoin(member, joinError(member.memberId, errorCode))
      group.completeSync(member, { errorCode })
    }
    this.groups.delete(group.groupId)
  }

  /** Offset records of a group that are on their way to the log. */
  *inFlightOffsets(groupId: string): Iterable<OffsetRecord> {
    for (const records of this.#inFlight) {
      for (const record of records) if (record.kind === 'offset' && record.groupId === groupId) yield record
    }
  }

  /** Applies one record of the log while the partition is loaded. */
  replay(entry: LoadedRecord | LoadedMarker): void {
    if (entry.kind === 'marker') {
      this.offsets.endTransaction(entry.producerId, entry.committed)
      return
    }
    if (entry.key === null) return
    let record: DecodedRecord
    try {
      record = decodeRecord(entry.key, entry.value)
    } catch (error) {
      const { partition } = this
      this.context.logger.error({ partition, offset: entry.offset, error }, 'skipped an unreadable group record')
      return
    }
    this.#apply(record, entry.producerId)
  }

  /** Ends a replay: groups that have nothing but offsets come to be. */
  finishReplay(): void {
    for (const groupId of this.offsets.groupIds()) {
      if (!this.modernGroups.has(groupId) && !this.consumerGroups.has(groupId)) this.getOrCreate(groupId)
    }
  }

  /** Gives the partition up: stops all timers and answers whoever waits with NOT_COORDINATOR. */
  close(): void {
    this.#closed = true
    for (const group of this.groups.values()) {
      group.cancelTimers()
      for (const member of group.members.values()) {
        const errorCode = ErrorCode.NOT_COORDINATOR
        group.completeJoin(member, { errorCode, memberId: member.memberId, protocolName: null, generationId: -1 })
        group.completeSync(member, { errorCode })
      }
      group.transitionTo('Dead')
    }
    this.groups.clear()
  }

  #apply(record: DecodedRecord, producerId: number): void {
    switch (record.kind) {
      case 'offset':
        this.#applyOffset(record, producerId)
        return
      case 'group':
        if (record.value === null) this.groups.delete(record.groupId)
        else {
          this.groups.set(record.groupId, ClassicGroup.fromRecord(record.groupId, record.value, this.context.clock))
          this.modernGroups.delete(record.groupId)
        }
        return
      case 'consumer-group':
        applyConsumerGroupRecord(this.consumerGroups, record)
        return
      case 'streams-group':
        this.#applyStreams(record)
        return
      case 'share-group':
        this.#applyShare(record)
        return
      case 'unknown':
        return
    }
  }

  #applyStreams(record: StreamsGroupRecord): void {
    applyStreamsGroupRecord(this.streamsGroups, record)
    if (this.streamsGroups.has(record.groupId)) this.modernGroups.add(record.groupId)
    else this.modernGroups.delete(record.groupId)
  }

  #applyShare(record: ShareGroupRecord): void {
    applyShareGroupRecord(this.shareGroups, record, this.context.clock.nowMs())
    const { groupId } = record
    if (this.shareGroups.has(groupId)) this.modernGroups.add(groupId)
    else if (record.type === 'group') this.modernGroups.delete(groupId)
  }

  #applyOffset({ groupId, topic, partition, value }: OffsetRecord, producerId: number): void {
    const sequence = this.offsets.nextSequence()
    if (value === null) this.offsets.remove(groupId, topic, partition)
    else if (producerId === NO_PRODUCER_ID) this.offsets.put(groupId, topic, partition, value, sequence)
    else this.offsets.putPending(producerId, groupId, topic, partition, value, sequence)
  }
}

function encodeAll(records: readonly WrittenRecord[]): CoordinatorRecord[] {
  try {
    return records.map(encodeRecord)
  } catch (error) {
    throw appendFailure(error)
  }
}
