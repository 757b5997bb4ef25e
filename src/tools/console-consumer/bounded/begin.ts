import { type Io, println } from '../../../cli/io.ts'
import { adminOf } from '../../../client/admin/connect.ts'
import type { Cluster } from '../../../client/cluster.ts'
import { type Admin, type TopicPartition, topicPartitionKey } from '../../../client/types.ts'
import {
  type LogRange,
  logRange,
  type Offsets,
  offsetsAt,
  resolveAndTell,
  tellPartitions,
} from '../../shared/offsets-at.ts'
import type { Place } from '../../shared/time-spec.ts'
import type { RecordSource } from '../consume.ts'
import { BoundedSource } from './bounded-source.ts'
import type { BoundedConsumer, PartitionBound } from './consumer-source.ts'
import { deletionCheck } from './deleted-topics.ts'
import { MergedSource } from './merged-source.ts'
import type { Bounds } from './own-options.ts'
import { findTails, type TailStart } from './tail.ts'
import { topicPartitions } from './topic-partitions.ts'

/** A consumer and its way to the cluster. */
export interface OpenedConsumer extends BoundedConsumer {
  readonly cluster: Cluster
}

/** What is to be read. */
export interface BoundedRead {
  topic: string | undefined
  include: RegExp | undefined
  partition: number | undefined
  /** The group that was asked for. */
  group: string | undefined
  readCommitted: boolean
  excludeInternal: boolean
  /** Joins the group. */
  subscribe(): void
  io: Io
}

type Lookup = Pick<Admin, 'listTopics' | 'describeTopics' | 'listOffsets'>

/** Where one partition is read. */
interface Stretch extends TailStart {
  end: number
}

const partitionsOf = async (admin: Lookup, read: BoundedRead): Promise<TopicPartition[]> => {
  const { topic, include, partition } = read
  let names = topic === undefined ? [] : [topic]
  if (include !== undefined) {
    const topics = await admin.listTopics({ listInternal: !read.excludeInternal })
    names = topics.map(({ name }) => name).filter((name) => include.test(name))
  }
  const all = await topicPartitions(admin, names)
  if (all.length === 0) throw new Error('There is no topic that --include matches, so there is nothing to read.')
  if (partition === undefined) return all
  const one = all.filter((tp) => tp.partition === partition)
  if (one.length > 0) return one
  throw new Error(`Topic ${topic} has no partition ${partition}: they are 0 to ${all.length - 1}.`)
}

/** The offsets before which reading ends: `--to`, and never beyond the end as it is now. */
const endsOf = async (admin: Lookup, to: Place | undefined, range: LogRange, starts: Offsets, read: BoundedRead) => {
  if (to === undefined) return range.ends
  if (to.kind !== 'after-start') return offsetsAt(admin, to, range, read.readCommitted)
  // N from where reading starts.
  return new Map([...range.ends].map(([tp, end]) => [tp, Math.min(end, starts.get(tp)! + to.count)]))
}

const text = ({ offset, skip, end }: Stretch, follows: boolean): string => {
  const without = skip > 0 ? ` without the first ${skip === 1 ? 'record' : `${skip} records`}` : ''
  if (follows) return `from offset ${offset}${without}`
  if (offset >= end) return 'nothing'
  return offset === end - 1 ? `offset ${offset}` : `offsets ${offset} to ${end - 1}${without}`
}

/** Sets up a read without a group: it is assigned what it reads, and ends are those of the moment. */
const beginAlone = async (consumer: OpenedConsumer, admin: Lookup, bounds: Bounds, read: BoundedRead) => {
  const { io, readCommitted } = read
  const partitions = await partitionsOf(admin, read)
  const range = await logRange(admin, partitions, readCommitted)
  const nowMs = Date.now()
  const from: Place = bounds.from === undefined ? { kind: 'earliest' } : resolveAndTell(bounds.from, io, nowMs)
  const to = bounds.to === undefined ? undefined : resolveAndTell(bounds.to, io, nowMs)
  const starts = await offsetsAt(admin, from, range, readCommitted)
  const ends = await endsOf(admin, to, range, starts, read)
  const count = bounds.tail ?? (from.kind === 'before-end' ? from.count : undefined)
  const stretches = new Map<TopicPartition, Stretch>()
  for (const tp of partitions) stretches.set(tp, { offset: starts.get(tp)!, skip: 0, end: ends.get(tp)! })
  if (count !== undefined) {
    // --tail counts back from where reading ends, --from -N from the end of the log.
    const last = bounds.tail === undefined ? range.ends : ends
    const ranges = partitions.map((tp) => ({
      tp,
      start: range.starts.get(tp)!,
      end: last.get(tp)!,
      count,
      readCommitted,
    }))
    const tails = await findTails(consumer, ranges)
    for (const [tp, stretch] of stretches) Object.assign(stretch, tails.get(topicPartitionKey(tp)))
  }
  const isDefault = bounds.from === undefined && bounds.tail === undefined
  println(
    io.err,
    `Reading${isDefault ? ' from the beginning:' : ''} ${tellPartitions(stretches, (one) => text(one, !bounds.ends))}`,
  )
  const wanted = [...stretches].filter(([, { offset, end }]) => !bounds.ends || offset < end)
  consumer.assign(wanted.map(([tp]) => tp))
  consumer.resume(wanted.map(([tp]) => tp))
  for (const [tp, { offset }] of wanted) consumer.seek(tp, { offset })
  const limits = new Map<string, PartitionBound>()
  for (const [tp, { end, skip }] of wanted) {
    limits.set(topicPartitionKey(tp), { end: bounds.ends ? end : Number.POSITIVE_INFINITY, skip })
  }
  const check = deletionCheck(consumer, consumer.cluster, new Map(wanted.map(([tp, { end }]) => [tp, end])))
  return bounds.byTimestamp
    ? new MergedSource(consumer, limits, readCommitted, check)
    : new BoundedSource(consumer, limits, bounds.ends, check)
}

/** Sets up a read as a member of a group, from where the group is to the ends of the moment. */
const beginInGroup = async (consumer: OpenedConsumer, admin: Lookup, bounds: Bounds, read: BoundedRead) => {
  const { io, readCommitted } = read
  const range = await logRange(admin, await partitionsOf(admin, read), readCommitted)
  const to = bounds.to === undefined ? undefined : resolveAndTell(bounds.to, io)
  const ends = await endsOf(admin, to, range, range.starts, read)
  const wanted = [...ends].filter(([tp, end]) => end > range.starts.get(tp)!)
  const told = tellPartitions(new Map(wanted), (end) => `to offset ${end - 1}`)
  println(io.err, `Reading as group ${read.group}, from where it is: ${told || 'nothing'}`)
  const limits = new Map(wanted.map(([tp, end]): [string, PartitionBound] => [topicPartitionKey(tp), { end, skip: 0 }]))
  if (limits.size > 0) read.subscribe()
  return new BoundedSource(consumer, limits, true, deletionCheck(consumer, consumer.cluster, new Map(wanted)))
}

/**
 * Sets up a read between bounds, and says on standard error what they came to.
 *
 * @param consumer neither subscribed nor assigned
 * @param admin a way to look things up, for tests
 * @throws KafkaError for topics that aren't there or can't be read; Error with the reason for what can't be
 */
export const beginBounded = async (
  consumer: OpenedConsumer,
  bounds: Bounds,
  read: BoundedRead,
  admin: Lookup = adminOf(consumer.cluster),
): Promise<RecordSource> => {
  const begin = read.group === undefined ? beginAlone : beginInGroup
  return begin(consumer, admin, bounds, read)
}
