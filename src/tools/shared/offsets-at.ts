import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { type Admin, type OffsetSpec, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { unwrap } from './results.ts'
import { formatTime, type Place, parseTimeSpec, resolveTimeSpec } from './time-spec.ts'

/** Offsets of partitions, in the order they were asked for. */
export type Offsets = Map<TopicPartition, number>

type Lister = Pick<Admin, 'listOffsets'>

/** The part of each partition's log that can be read: from `starts` to before `ends`. */
export interface LogRange {
  starts: Offsets
  ends: Offsets
}

const list = async (
  admin: Lister,
  partitions: readonly TopicPartition[],
  spec: OffsetSpec,
  readCommitted: boolean,
): Promise<Offsets> => {
  if (partitions.length === 0) return new Map()
  const listed = await admin.listOffsets(new Map(partitions.map((tp) => [tp, spec])), { readCommitted })
  return new Map(partitions.map((tp) => [tp, unwrap(listed.get(tp)).offset]))
}

/**
 * First and end offsets of partitions: the end is the high watermark, or with `readCommitted` the last stable offset.
 * @throws the first partition's error
 */
export const logRange = async (
  admin: Lister,
  partitions: readonly TopicPartition[],
  readCommitted = false,
): Promise<LogRange> => {
  const [starts, ends] = await Promise.all([
    list(admin, partitions, 'earliest', readCommitted),
    list(admin, partitions, 'latest', readCommitted),
  ])
  return { starts, ends }
}

/**
 * The offset of a place in each partition, within its log. A time stands for the first record since then, or the end when there is
 * none.
 * @throws the first partition's error
 */
export const offsetsAt = async (
  admin: Lister,
  place: Place,
  range: LogRange,
  readCommitted = false,
): Promise<Offsets> => {
  const partitions = [...range.ends.keys()]
  const times =
    place.kind === 'time'
      ? await list(admin, partitions, place.timestampMs, readCommitted)
      : new Map<TopicPartition, number>()
  const offsets: Offsets = new Map()
  for (const tp of partitions) {
    const [start, end] = [range.starts.get(tp)!, range.ends.get(tp)!]
    const at = (): number => {
      switch (place.kind) {
        case 'earliest':
          return start
        case 'latest':
          return end
        case 'offset':
          return place.offset
        case 'before-end':
          return end - place.count
        case 'after-start':
          return start + place.count
        case 'time': {
          const found = times.get(tp)!
          return found < 0 ? end : found
        }
      }
    }
    offsets.set(tp, Math.max(start, Math.min(end, at())))
  }
  return offsets
}

/**
 * What a time or place on the command line stands for now. Times are said on standard error: `-1h is 2026-11-22T16:46:00+01:00`.
 * @throws TimeSpecError
 */
export const resolveAndTell = (text: string, io: Io, nowMs = Date.now()): Place => {
  const place = resolveTimeSpec(parseTimeSpec(text), nowMs)
  if (place.kind === 'time') println(io.err, `${text} is ${formatTime(place.timestampMs)}`)
  return place
}

/** How many partitions a line names before it counts the rest. */
const NAMED = 8

/** `orders-0 TEXT, orders-1 TEXT and 14 more partitions`: one line however many there are. */
export const tellPartitions = <T>(
  of: ReadonlyMap<TopicPartition, T>,
  text: (value: T) => string = () => '',
): string => {
  const named = [...of].slice(0, NAMED).map(([tp, value]) => `${topicPartitionKey(tp)} ${text(value)}`.trimEnd())
  const rest = of.size - named.length
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more partition${rest === 1 ? '' : 's'}` : ''}`
}
