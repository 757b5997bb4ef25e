import { type Io, println } from '../../cli/io.ts'
import { adminOf } from '../../client/admin/connect.ts'
import type { Cluster } from '../../client/cluster.ts'
import type { SharedRecords } from '../../client/share-consumer/share-consumer.ts'
import type { SharePartitionOffset } from '../../client/share-group-types.ts'
import { type Admin, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { topicPartitions } from '../console-consumer/bounded/topic-partitions.ts'
import { logRange, tellPartitions } from '../shared/offsets-at.ts'

/** What `--exit` needs to know of a share consumer. */
export interface ShareProgress {
  readonly cluster: Cluster
  readonly emptyAnswers: number
  readonly hasPartitions: boolean
}

type Lookup = Pick<Admin, 'describeTopics' | 'listOffsets' | 'listShareGroupOffsets'>

/** A broker may still be opening a partition for the group when it answers for the first time. */
const EMPTY_ANSWERS = 2
/** How long a member may be without partitions. */
const UNASSIGNED_MS = 30_000

/**
 * When a read in a share group is over: everything before the ends of the start has been handed out, or brokers have nothing more to
 * hand out. What others of the group hold is theirs.
 */
export class ShareEnd {
  readonly #consumer: ShareProgress
  /** Ends of the partitions where something is left, by topicPartitionKey. */
  readonly #ends: ReadonlyMap<string, number>
  readonly #open: Set<string>
  readonly #sinceMs = performance.now()

  constructor(consumer: ShareProgress, ends: ReadonlyMap<TopicPartition, number>) {
    this.#consumer = consumer
    this.#ends = new Map([...ends].map(([tp, end]) => [topicPartitionKey(tp), end]))
    this.#open = new Set(this.#ends.keys())
  }

  /** Whether the record is of what was there at the start. */
  covers(records: TopicPartition, offset: number): boolean {
    return offset < (this.#ends.get(topicPartitionKey(records)) ?? 0)
  }

  /** Notes records that were handed out. */
  saw(records: SharedRecords): void {
    const key = topicPartitionKey(records)
    const last = records.acquired.at(-1)?.last ?? -1
    if (last + 1 >= (this.#ends.get(key) ?? 0)) this.#open.delete(key)
  }

  get isReached(): boolean {
    return this.#open.size === 0 || this.#consumer.emptyAnswers >= EMPTY_ANSWERS
  }

  /** @throws Error when the group has given no partition for too long */
  check(): void {
    if (this.#consumer.hasPartitions || performance.now() - this.#sinceMs < UNASSIGNED_MS) return
    throw new Error(`The group has given this member no partitions for ${UNASSIGNED_MS / 1000} seconds.`)
  }
}

/**
 * Looks up the ends of a topic and what the group has behind it, and tells it on standard error.
 *
 * @param admin a way to look things up, for tests
 * @throws NoTopicError; KafkaError for what can't be looked up
 */
export const shareEnd = async (
  consumer: ShareProgress,
  topic: string,
  group: string,
  io: Io,
  admin: Lookup = adminOf(consumer.cluster),
): Promise<ShareEnd> => {
  const partitions = await topicPartitions(admin, [topic])
  const { starts, ends } = await logRange(admin, partitions)
  // A group that isn't there yet, or whose offsets may not be seen, has nothing behind it.
  const known = await admin
    .listShareGroupOffsets(group)
    .catch(() => new Map<TopicPartition, SharePartitionOffset | null>())
  const behind = new Map([...known].map(([tp, offset]) => [topicPartitionKey(tp), offset]))
  const left = [...ends].filter(([tp, end]) => {
    const offset = behind.get(topicPartitionKey(tp))
    // The start moves on late; a lag of nothing says more.
    return offset?.lag !== 0 && end > Math.max(starts.get(tp)!, offset?.startOffset ?? 0)
  })
  const told = tellPartitions(new Map(left), (end) => `to offset ${end - 1}`)
  const isNew = left.length > 0 && ![...known.values()].some((offset) => offset !== null)
  const hint = ' (a new group: it starts at the end, unless its share.auto.offset.reset is earliest)'
  println(io.err, `Reading as share group ${group}: ${told || 'nothing'}${isNew ? hint : ''}`)
  return new ShareEnd(consumer, new Map(left))
}
