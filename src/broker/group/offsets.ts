/** An offset that was committed for one partition, as it is in the log. */
export interface CommittedOffset {
  readonly offset: number
  /** -1 when the client gave none. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestampMs: number
  /** Set only by clients that sent a retention time (OffsetCommit v2-4); -1 otherwise. */
  readonly expireTimestampMs: number
  /** The zero id when it was committed before topics had ids in this record. */
  readonly topicId: string
}

/** An offset with its place in the order of writing: what decides between two commits when a transaction ends late. */
interface Entry {
  readonly value: CommittedOffset
  readonly sequence: number
}

type ByPartition = Map<number, Entry>
type ByTopic = Map<string, ByPartition>

export interface OffsetPosition {
  readonly topic: string
  readonly partition: number
  readonly value: CommittedOffset
}

/**
 * The committed offsets of the groups of one partition of __consumer_offsets, and those that wait for the end of
 * their transaction (KIP-447).
 */
export class OffsetStore {
  readonly #committed = new Map<string, ByTopic>()
  /** By producer id, then group: replaced or removed as a whole when the transaction ends. */
  readonly #pending = new Map<number, Map<string, ByTopic>>()
  #sequence = 0

  /** @returns the next place in the order of writing */
  nextSequence(): number {
    return ++this.#sequence
  }

  get(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#committed.get(groupId)?.get(topic)?.get(partition)?.value
  }

  hasOffsets(groupId: string): boolean {
    return this.#committed.has(groupId)
  }

  /** Groups that have offsets, committed or pending. */
  *groupIds(): Iterable<string> {
    yield* this.#committed.keys()
    for (const groups of this.#pending.values()) yield* groups.keys()
  }

  /** The committed offsets of a group, topics in order of their first commit. */
  *positions(groupId: string): Iterable<OffsetPosition> {
    for (const [topic, partitions] of this.#committed.get(groupId) ?? []) {
      for (const [partition, { value }] of partitions) yield { topic, partition, value }
    }
  }

  /** True while a transaction that committed an offset for this partition is open. */
  hasPending(groupId: string, topic: string, partition: number): boolean {
    for (const groups of this.#pending.values()) {
      if (groups.get(groupId)?.get(topic)?.has(partition)) return true
    }
    return false
  }

  /** True while any open transaction has committed offsets for the group. */
  hasOpenTransactions(groupId: string): boolean {
    for (const groups of this.#pending.values()) if (groups.has(groupId)) return true
    return false
  }

  /** The partitions of a group with pending offsets. */
  *pendingPositions(groupId: string): Iterable<OffsetPosition> {
    for (const groups of this.#pending.values()) {
      for (const [topic, partitions] of groups.get(groupId) ?? []) {
        for (const [partition, { value }] of partitions) yield { topic, partition, value }
      }
    }
  }

  put(groupId: string, topic: string, partition: number, value: CommittedOffset, sequence: number): void {
    putEntry(this.#committed, groupId, topic, partition, { value, sequence })
  }

  /** Keeps an offset until its producer's transaction ends. */
  putPending(
    producerId: number,
    groupId: string,
    topic: string,
    partition: number,
    value: CommittedOffset,
    sequence: number,
  ): void {
    const groups = this.#pending.get(producerId) ?? new Map<string, ByTopic>()
    this.#pending.set(producerId, groups)
    putEntry(groups, groupId, topic, partition, { value, sequence })
  }

  /** Removes an offset, pending ones included, as its tombstone says. */
  remove(groupId: string, topic: string, partition: number): void {
    removeEntry(this.#committed, groupId, topic, partition)
    for (const [producerId, groups] of this.#pending) {
      removeEntry(groups, groupId, topic, partition)
      if (groups.size === 0) this.#pending.delete(producerId)
    }
  }

  /**
   * Ends a producer's transaction: its pending offsets become the group's, save where something newer was committed
   * meanwhile, or are dropped.
   */
  endTransaction(producerId: number, committed: boolean): void {
    const groups = this.#pending.get(producerId)
    if (groups === undefined) return
    this.#pending.delete(producerId)
    if (!committed) return
    for (const [groupId, topics] of groups) {
      for (const [topic, partitions] of topics) {
        for (const [partition, entry] of partitions) {
          const existing = this.#committed.get(groupId)?.get(topic)?.get(partition)
          if (existing === undefined || existing.sequence < entry.sequence) {
            putEntry(this.#committed, groupId, topic, partition, entry)
          }
        }
      }
    }
  }
}

function putEntry(groups: Map<string, ByTopic>, groupId: string, topic: string, partition: number, entry: Entry): void {
  const topics = groups.get(groupId) ?? new Map<string, ByPartition>()
  groups.set(groupId, topics)
  const partitions = topics.get(topic) ?? new Map<number, Entry>()
  topics.set(topic, partitions)
  partitions.set(partition, entry)
}

function removeEntry(groups: Map<string, ByTopic>, groupId: string, topic: string, partition: number): void {
  const topics = groups.get(groupId)
  const partitions = topics?.get(topic)
  if (topics === undefined || partitions === undefined) return
  partitions.delete(partition)
  if (partitions.size > 0) return
  topics.delete(topic)
  if (topics.size === 0) groups.delete(groupId)
}
