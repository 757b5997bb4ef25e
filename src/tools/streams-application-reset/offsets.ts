import { readFile } from 'node:fs/promises'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { Admin } from '../../client/types.ts'
import { type OffsetSpec, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { dateTimeOf, durationStart } from '../consumer-groups/time.ts'
import { NoSuchFileError } from '../shared/connect.ts'
import { javaSplit, parseJavaInt, parseJavaLong } from '../shared/java.ts'
import { hashOrder, partitionHash } from '../shared/java-hash.ts'
import { logRange, type Offsets, offsetsAt as offsetsOfPlace, resolveAndTell } from '../shared/offsets-at.ts'
import { unwrap } from '../shared/results.ts'

/** What the actions work with. */
export interface ResetContext {
  admin: Admin
  options: OptionSet
  io: Io
  group: string
}

/** Offsets at a place or time of each partition's log. */
export const offsetsAt = async (
  { admin }: ResetContext,
  partitions: readonly TopicPartition[],
  spec: OffsetSpec,
): Promise<Offsets> => {
  if (partitions.length === 0) return new Map()
  const listed = await admin.listOffsets(new Map(partitions.map((tp) => [tp, spec])))
  return new Map([...listed].map(([tp, result]) => [tp, unwrap(result).offset]))
}

/** Offsets outside the log are moved to its ends, which is told. */
const withinLog = async (context: ResetContext, wanted: Offsets): Promise<Offsets> => {
  const partitions = [...wanted.keys()]
  const [starts, ends] = [
    await offsetsAt(context, partitions, 'earliest'),
    await offsetsAt(context, partitions, 'latest'),
  ]
  const checked: Offsets = new Map()
  for (const [tp, offset] of hashOrder([...wanted], ([one]) => partitionHash(one))) {
    const [start, end] = [starts.get(tp)!, ends.get(tp)!]
    if (offset < end && offset > start) checked.set(tp, offset)
    else {
      const [relation, limit] = offset < end ? ['lower than earliest', start] : ['higher than latest', end]
      println(context.io.out, `New offset (${offset}) is ${relation} offset. Value will be set to ${limit}`)
      checked.set(tp, limit)
    }
  }
  return checked
}

const atTime = async (
  context: ResetContext,
  partitions: readonly TopicPartition[],
  timeMs: number,
): Promise<Offsets> => {
  const found = await offsetsAt(context, partitions, timeMs)
  const ends = await offsetsAt(context, partitions, 'latest')
  for (const tp of partitions) {
    if (found.get(tp) !== -1) continue
    found.set(tp, ends.get(tp)!)
    println(
      context.io.out,
      `Partition ${tp.partition} from topic ${tp.topic} is empty, without a committed record. Falling back to latest known offset.`,
    )
  }
  return found
}

/** Where the group is; at the end where it has committed nothing. */
const positions = async (context: ResetContext, partitions: readonly TopicPartition[]): Promise<Offsets> => {
  const { admin, group } = context
  const committed = unwrap((await admin.listConsumerGroupOffsets([group], [...partitions])).get(group))
  const ends = await offsetsAt(context, partitions, 'latest')
  return new Map(partitions.map((tp) => [tp, committed.get(topicPartitionKey(tp))?.offset ?? ends.get(tp)!]))
}

const parseError = (message: string): Error =>
  Object.assign(new Error(message), { exceptionClass: 'java.text.ParseException' })

const fromFile = async (path: string): Promise<Map<string, number>> => {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw isMissing ? new NoSuchFileError(path, { cause: error }) : error
  })
  if (text === '') throw parseError('Error parsing reset plan CSV file. It is empty,')
  return new Map(
    javaSplit(text, '\n').map((line) => {
      const [topic, partition, offset, ...more] = javaSplit(line, ',')
      if (offset === undefined || more.length > 0) {
        throw parseError('Reset plan CSV file is not following the format `TOPIC,PARTITION,OFFSET`.')
      }
      return [`${topic}-${parseJavaInt(partition!)}`, Number(parseJavaLong(offset))]
    }),
  )
}

/** Where the input partitions go, as the options say. */
export const plannedOffsets = async (
  context: ResetContext,
  partitions: readonly TopicPartition[],
): Promise<Offsets> => {
  const { options, admin, io } = context
  const to = options.text('to')
  if (to !== undefined) return offsetsOfPlace(admin, resolveAndTell(to, io), await logRange(admin, partitions))
  if (options.has('to-offset')) {
    const offset = Number(options.long('to-offset'))
    return withinLog(context, new Map(partitions.map((tp) => [tp, offset])))
  }
  if (options.has('to-earliest')) return offsetsAt(context, partitions, 'earliest')
  if (options.has('to-latest')) return offsetsAt(context, partitions, 'latest')
  if (options.has('shift-by')) {
    const by = Number(options.long('shift-by'))
    const now = await positions(context, partitions)
    return withinLog(context, new Map([...now].map(([tp, offset]) => [tp, offset + by])))
  }
  if (options.has('to-datetime'))
    return atTime(context, partitions, dateTimeOf(options.text('to-datetime')!, context.io))
  if (options.has('by-duration')) {
    return atTime(context, partitions, durationStart(options.text('by-duration')!, context.io))
  }
  const path = options.text('from-file')
  if (path === undefined) return offsetsAt(context, partitions, 'earliest')
  const planned = await fromFile(path)
  const wanted: Offsets = new Map()
  for (const tp of partitions) {
    const offset = planned.get(topicPartitionKey(tp))
    if (offset === undefined) throw new Error(`The reset plan has no offset for ${topicPartitionKey(tp)}.`)
    wanted.set(tp, offset)
  }
  return withinLog(context, wanted)
}
