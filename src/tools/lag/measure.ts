import type { FirstRecord, LogPosition } from '../../client/lag-types.ts'
import type { Admin, ListedOffset, Result, TopicPartition } from '../../client/types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { Chooser } from './glob.ts'
import { type GroupChoice, type GroupPositions, type Position, readPositions } from './groups.ts'

/** One partition of one group at one moment. Null is: not known. */
export interface PartitionLag {
  group: string
  type: string
  state: string
  topic: string
  partition: number
  /** What is committed; a share group's start offset. */
  currentOffset: number | null
  logEndOffset: number | null
  lag: number | null
  /** Age of the next record; null too when nothing is behind. */
  timeBehindMs: number | null
  /** Records that retention removed before they were read. */
  lostRecords: number
  note: string | null
}

/** A group without any partition to measure. */
export interface EmptyGroup {
  group: string
  type: string
  state: string
  note: string
}

/** All chosen groups at one moment. */
export interface Snapshot {
  timeMs: number
  partitions: PartitionLag[]
  empty: EmptyGroup[]
  /** Groups that could not be read. */
  failures: { group: string; error: Error }[]
}

export interface MeasureOptions {
  choice: GroupChoice
  topics: Chooser
  readCommitted: boolean
  /** Clock, ms. */
  now: () => number
}

/** Reads on from an offset: what the first record there is, and what was lost before it. */
interface Next {
  first: FirstRecord | undefined
  lost: number
}

const errorCode = (result: Result<unknown> | undefined): number | undefined =>
  result?.ok === false && result.error instanceof KafkaError ? result.error.code : undefined

/**
 * Measures again and again. What was read of the log at an offset is kept until the group moves on, so that a group at rest
 * costs no reading.
 */
export class LagMeter {
  readonly #admin: Admin
  readonly #options: MeasureOptions
  #next = new Map<string, Next>()

  constructor(admin: Admin, options: MeasureOptions) {
    this.#admin = admin
    this.#options = options
  }

  /**
   * One measurement. Requests besides those of the groups: one ListOffsets per leader, and one Fetch per leader for partitions whose
   * group has moved; groups at different offsets of a partition take one Fetch each.
   * @throws NoSuchGroupError; ClientError
   */
  async measure(): Promise<Snapshot> {
    const { choice, topics, now } = this.#options
    const groups = await readPositions(this.#admin, choice, topics)
    const all = groups.flatMap((group) => group.positions.map((position) => ({ group, position })))
    const ends = await this.#ends(all.map(({ position }) => position))
    const behind = all.flatMap(({ position }) => {
      const end = ends.get(topicPartitionKey(position))
      return position.offset !== null && end?.ok && end.value.offset > position.offset ? [position] : []
    })
    await this.#readNext(behind)
    const timeMs = now()
    return {
      timeMs,
      partitions: all.map(({ group, position }) =>
        this.#lagOf(group, position, ends.get(topicPartitionKey(position)), timeMs),
      ),
      empty: groups
        .filter(({ positions, error }) => positions.length === 0 && error === undefined)
        .map(({ group, type, state }) => ({ group, type, state, note: 'no committed offsets' })),
      failures: groups.flatMap(({ group, error }) => (error ? [{ group, error }] : [])),
    }
  }

  async #ends(positions: readonly Position[]): Promise<Map<string, Result<ListedOffset>>> {
    const wanted = new Map(positions.map((position) => [topicPartitionKey(position), position]))
    if (wanted.size === 0) return new Map()
    const specs = new Map([...wanted.values()].map((tp): [TopicPartition, 'latest'] => [tp, 'latest']))
    const { readCommitted } = this.#options
    const listed = await this.#admin.listOffsets(specs, { readCommitted })
    return new Map([...listed].map(([tp, result]) => [topicPartitionKey(tp), result]))
  }

  /** Looks up the next record of every position, unless it is known from before. */
  async #readNext(positions: readonly Position[]): Promise<void> {
    const before = this.#next
    this.#next = new Map()
    const unread = new Map<string, LogPosition>()
    for (const { topic, partition, offset } of positions) {
      const position = { topic, partition, offset: offset ?? 0 }
      const known = before.get(placeKey(position))
      if (known?.first?.found) this.#next.set(placeKey(position), known)
      else unread.set(placeKey(position), position)
    }
    for (const round of rounds([...unread.values()])) await this.#readRound(round)
  }

  async #readRound(positions: readonly LogPosition[]): Promise<void> {
    const { readCommitted } = this.#options
    const found = await this.#admin.firstRecords(positions, { readCommitted })
    const gone = [...found].filter(([, result]) => errorCode(result) === ErrorCode.OFFSET_OUT_OF_RANGE)
    for (const [position, result] of found) {
      this.#next.set(placeKey(position), { first: result.ok ? result.value : undefined, lost: 0 })
    }
    if (gone.length === 0) return
    // The log starts later than what is committed: reading goes on, or will, at its start.
    const specs = new Map(gone.map(([position]): [TopicPartition, 'earliest'] => [position, 'earliest']))
    const starts = await this.#admin.listOffsets(specs)
    const moved = new Map<LogPosition, LogPosition>()
    for (const [position] of gone) {
      const start = starts.get(position)
      if (start?.ok && start.value.offset > position.offset) {
        moved.set({ ...position, offset: start.value.offset }, position)
      }
    }
    const again = await this.#admin.firstRecords([...moved.keys()], { readCommitted })
    for (const [at, position] of moved) {
      const result = again.get(at)
      const first = result?.ok ? result.value : undefined
      this.#next.set(placeKey(position), { first, lost: at.offset - position.offset })
    }
  }

  #lagOf(
    { group, type, state }: GroupPositions,
    position: Position,
    end: Result<ListedOffset> | undefined,
    timeMs: number,
  ): PartitionLag {
    const { topic, partition, offset } = position
    const row = { group, type, state, topic, partition, currentOffset: offset }
    const unknown = { ...row, logEndOffset: null, lag: null, timeBehindMs: null, lostRecords: 0 }
    if (!end?.ok) {
      const isGone = errorCode(end) === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      return { ...unknown, note: isGone ? 'no such partition' : (end?.error.message ?? 'no answer') }
    }
    const logEndOffset = end.value.offset
    if (offset === null) return { ...unknown, logEndOffset, note: type === 'share' ? 'not begun' : 'no commit' }
    const { first, lost } = this.#next.get(placeKey({ topic, partition, offset })) ?? { first: undefined, lost: 0 }
    // All there is up to the end was read, and no record among it.
    const isEmpty = first?.found === false && first.nextOffset >= logEndOffset
    const isBeyond = first?.found === true && first.offset >= logEndOffset
    const offsets = Math.max(0, position.lag ?? logEndOffset - offset)
    const lag = isEmpty || isBeyond ? 0 : offsets
    const timeBehindMs = lag > 0 && first?.found ? Math.max(0, timeMs - first.timestamp) : null
    const note = lost > 0 ? `${lost} lost to retention` : offset > logEndOffset ? 'committed beyond the end' : null
    return { ...row, logEndOffset, lag, timeBehindMs, lostRecords: lost, note }
  }
}

const placeKey = (position: LogPosition): string => `${topicPartitionKey(position)}@${position.offset}`

/** Cuts positions into lists without the same partition twice. */
const rounds = (positions: readonly LogPosition[]): LogPosition[][] => {
  const counts = new Map<string, number>()
  const lists: LogPosition[][] = []
  for (const position of positions) {
    const key = topicPartitionKey(position)
    const round = counts.get(key) ?? 0
    counts.set(key, round + 1)
    const list = lists[round]
    if (list) list.push(position)
    else lists.push([position])
  }
  return lists
}
