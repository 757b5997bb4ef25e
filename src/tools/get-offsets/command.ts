import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { debugStack, errorHints, errorMessage, javaText } from '../../cli/run-command.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { helpOrVersion, requireOptions, usageExit } from '../../cli/usage.ts'
import { type Admin, type OffsetSpec, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { bootstrapComplaint } from '../shared/bootstrap.ts'
import { type Connect, commandProperties, connectWith } from '../shared/connect.ts'
import { parseJavaLong } from '../shared/java.ts'
import { resolveAndTell, tellPartitions } from '../shared/offsets-at.ts'
import { unwrapAll } from '../shared/results.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { tryTimeSpec } from '../shared/time-spec.ts'
import { type PartitionFilter, ruleFilter, topicAndPartitionsFilter } from './filter.ts'
import { spec } from './options.ts'

export { spec }

const words: Record<string, OffsetSpec> = {
  earliest: 'earliest',
  latest: 'latest',
  'max-timestamp': 'max-timestamp',
  'earliest-local': 'earliest-local',
  'latest-tiered': 'latest-tiered',
  'earliest-pending-upload': 'earliest-pending-upload',
  '-1': 'latest',
  '-2': 'earliest',
  '-3': 'max-timestamp',
  '-4': 'earliest-local',
  '-5': 'latest-tiered',
  '-6': 'earliest-pending-upload',
}

/**
 * The argument of `--time`.
 * @throws Error with Kafka's message when it is neither a known word nor a number
 */
export const parseOffsetSpec = (text: string): OffsetSpec => {
  const word = Object.hasOwn(words, text) ? words[text] : undefined
  if (word !== undefined) return word
  try {
    const number = parseJavaLong(text)
    return words[String(number)] ?? Number(number)
  } catch (error) {
    throw new Error(
      `Malformed time argument ${text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp`,
      { cause: error },
    )
  }
}

const plainNumber = /^[+-]?\d+$/

/** `--time` with what kt's own words add: durations, @times, beginning and end. What they stand for is said on standard error. */
const offsetOf = (text: string, io: Io): OffsetSpec => {
  const word = text.toLowerCase()
  if (word === 'beginning') return 'earliest'
  if (word === 'end') return 'latest'
  // A plain number is Kafka's: ms since 1970, or a word.
  if (plainNumber.test(text) || (!text.startsWith('@') && tryTimeSpec(text) === undefined)) return parseOffsetSpec(text)
  const place = resolveAndTell(text, io)
  return place.kind === 'time' ? place.timestampMs : parseOffsetSpec(text)
}

const listPartitions = async (
  admin: Admin,
  filter: PartitionFilter,
  excludeInternal: boolean,
): Promise<TopicPartition[]> => {
  const topics = await admin.listTopics({ listInternal: !excludeInternal })
  const names = topics.map((topic) => topic.name).filter((name) => filter.isTopicAllowed(name))
  const described = names.length === 0 ? [] : unwrapAll(await admin.describeTopics(names))
  return described
    .flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })))
    .filter((partition) => filter.isPartitionAllowed(partition))
    .map((partition) => ({ partition, text: topicPartitionKey(partition) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ partition }) => partition)
}

interface Question {
  filter: PartitionFilter
  offset: OffsetSpec
  /** A time in kt's own words: partitions without a record since then are named, about which Kafka's script says nothing. */
  isOwnTime: boolean
  excludeInternal: boolean
}

/** What the options ask for; throws Error with Kafka's message. */
const question = (options: OptionSet, io: Io): Question => {
  if (options.has('topic-partitions') && (options.has('topic') || options.has('partitions'))) {
    throw new Error('--topic-partitions cannot be used with --topic or --partitions')
  }
  const offset = offsetOf(options.text('time') ?? 'latest', io)
  const filter = options.has('topic-partitions')
    ? ruleFilter(options.text('topic-partitions') ?? '')
    : topicAndPartitionsFilter(options.text('topic'), options.text('partitions'))
  const isOwnTime = typeof offset === 'number' && !plainNumber.test(options.text('time') ?? '')
  return { filter, offset, isOwnTime, excludeInternal: options.has('exclude-internal-topics') }
}

const printOffsets = async (
  admin: Admin,
  { filter, offset, isOwnTime, excludeInternal }: Question,
  options: OptionSet,
  io: Io,
) => {
  const partitions = await listPartitions(admin, filter, excludeInternal)
  if (partitions.length === 0) throw new Error('Could not match any topic-partitions with the specified filters')
  const results = await admin.listOffsets(new Map(partitions.map((partition) => [partition, offset])))
  const rows: { topic: string; partition: number; offset: number }[] = []
  const without = new Map<TopicPartition, undefined>()
  for (const partition of partitions) {
    const result = results.get(partition)!
    if (result.ok) {
      if (result.value.offset !== -1) rows.push({ ...partition, offset: result.value.offset })
      else without.set(partition, undefined)
    } else {
      const text = javaText(result.error)
      println(io.err, `Skip getting offsets for topic-partition ${topicPartitionKey(partition)} due to error: ${text}`)
      io.failed?.(result.error, { ...partition })
    }
  }
  if (isOwnTime && without.size > 0) println(io.err, `No record since then: ${tellPartitions(without)}`)
  const format = outputFormat(options, io)
  if (format !== undefined) await printStructured(io, format, rows, ['topic', 'partition', 'offset'])
  else for (const row of rows) println(io.out, `${row.topic}:${row.partition}:${row.offset}`)
}

const checkBootstrap = (options: OptionSet, io: Io): void => {
  if (!options.has('bootstrap-server') && mayOmitBootstrap(io)) return
  requireOptions(spec, options, 'bootstrap-server')
  const complaint = bootstrapComplaint(options.text('bootstrap-server'))
  if (complaint !== undefined) usageExit(spec, complaint)
}

/** `kafka-get-offsets.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  let admin: Admin | undefined
  try {
    if (args.length === 0) usageExit(spec, 'An interactive shell for getting topic-partition offsets.')
    const options = parseOptions(spec, args)
    const answered = helpOrVersion(spec, options, args, io)
    if (answered !== undefined) return answered
    checkBootstrap(options, io)
    const asked = question(options, io)
    admin = await connect(await commandProperties(options, io), io)
    await printOffsets(admin, asked, options, io)
    return 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    println(io.err, `Error occurred: ${errorMessage(error)}`)
    for (const hint of errorHints(error)) println(io.err, hint)
    debugStack(io, error)
    return 1
  } finally {
    await admin?.close()
  }
}
