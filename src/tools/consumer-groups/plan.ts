import { readFile } from 'node:fs/promises'
import { println } from '../../cli/io.ts'
import { usageExit } from '../../cli/usage.ts'
import type { Admin, OffsetAndMetadata, OffsetSpec, TopicPartition } from '../../client/types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { logRange, offsetsAt, resolveAndTell } from '../shared/offsets-at.ts'
import { unwrap } from '../shared/results.ts'
import { scenarios } from './check.ts'
import { doublyWrappedError, type GroupContext, printToolError } from './context.ts'
import { type PlanLine, readCsv } from './csv.ts'
import { spec } from './options.ts'
import { dateTimeOf, durationStart } from './time.ts'
import { partitionsOf, UsageArgumentError } from './topic-partitions.ts'

/** Where the partitions of one group go. */
export type Plan = Map<TopicPartition, number>

type Committed = Map<string, OffsetAndMetadata | null>

const committedOffsets = async ({ admin }: GroupContext, group: string): Promise<Committed> => {
  const result = (await admin.listConsumerGroupOffsets([group])).get(group)
  if (result?.ok === false) throw doublyWrappedError(result.error)
  return unwrap(result)
}

const parseKey = (key: string): TopicPartition => {
  const dash = key.lastIndexOf('-')
  return { topic: key.slice(0, dash), partition: Number(key.slice(dash + 1)) }
}

const chosenPartitions = async (context: GroupContext, group: string): Promise<TopicPartition[]> => {
  const { admin, options } = context
  if (options.has('all-topics')) return [...(await committedOffsets(context, group)).keys()].map(parseKey)
  if (options.has('topic')) return partitionsOf(admin, options.texts('topic'))
  if (options.has('from-file')) return []
  return usageExit(spec, 'One of the reset scopes should be defined: --all-topics, --topic.')
}

/** Partitions whose offsets are to be moved must be there and have a leader. */
export const requireExisting = async (
  { admin }: GroupContext,
  partitions: readonly TopicPartition[],
): Promise<void> => {
  if (partitions.length === 0) return
  const described = await admin.describeTopics([...new Set(partitions.map(({ topic }) => topic))])
  const leaders = new Map<string, boolean>()
  for (const [topic, result] of described) {
    if (!result.ok) throw doublyWrappedError(result.error)
    for (const { partition, leader } of result.value.partitions) {
      leaders.set(topicPartitionKey({ topic, partition }), leader !== null)
    }
  }
  const keys = partitions.map(topicPartitionKey)
  const missing = keys.filter((key) => !leaders.has(key))
  if (missing.length > 0) throw new Error(`The partitions "${missing.join(',')}" do not exist`)
  const leaderless = keys.filter((key) => leaders.get(key) === false)
  if (leaderless.length > 0) throw new Error(`The partitions "${leaderless.join(',')}" have no leader`)
}

/** Why the client can't ask for a partition's offset: no topic can have the name, or none has it. */
const reasonOf = async (admin: Admin, topic: string, error: KafkaError): Promise<string | undefined> => {
  if (error.errorName === 'INVALID_TOPIC_EXCEPTION') return `due to invalid topic \`${topic}\``
  if (error.errorName !== 'UNKNOWN_TOPIC_OR_PARTITION') return undefined
  const isThere = (await admin.describeTopics([topic])).get(topic)?.ok ?? false
  return isThere ? undefined : `because metadata for topic \`${topic}\` could not be found`
}

const listError = async (admin: Admin, partition: TopicPartition, error: Error): Promise<Error> => {
  if (!(error instanceof KafkaError)) return error
  const reason = await reasonOf(admin, partition.topic, error)
  if (reason === undefined) return error
  const message = `Failed to fetch metadata for partition ${topicPartitionKey(partition)} ${reason}`
  return Object.assign(new Error(message, { cause: error }), { exceptionClass: error.exceptionClass })
}

const listOffsets = async (
  { admin }: GroupContext,
  partitions: readonly TopicPartition[],
  offset: OffsetSpec,
): Promise<Plan> => {
  if (partitions.length === 0) return new Map()
  const listed = await admin.listOffsets(new Map(partitions.map((partition) => [partition, offset])))
  const offsets: Plan = new Map()
  for (const [partition, result] of listed) {
    if (!result.ok) throw doublyWrappedError(await listError(admin, partition, result.error))
    offsets.set(partition, result.value.offset)
  }
  return offsets
}

/** Offsets outside the log are moved to its nearest end, with a warning. */
const withinLog = async (context: GroupContext, wanted: Plan): Promise<Plan> => {
  const partitions = [...wanted.keys()]
  const starts = await listOffsets(context, partitions, 'earliest')
  const ends = await listOffsets(context, partitions, 'latest')
  const plan: Plan = new Map()
  for (const [partition, offset] of wanted) {
    const [start, end] = [starts.get(partition)!, ends.get(partition)!]
    const nearest = Math.max(start, Math.min(end, offset))
    if (nearest !== offset) {
      const [relation, limit] = offset > end ? ['higher than latest', end] : ['lower than earliest', start]
      println(
        context.io.err,
        `WARN New offset (${offset}) is ${relation} offset for topic partition ${topicPartitionKey(partition)}. Value will be set to ${limit}`,
      )
    }
    plan.set(partition, nearest)
  }
  return plan
}

const atTime = async (context: GroupContext, partitions: readonly TopicPartition[], timeMs: number): Promise<Plan> => {
  const plan = await listOffsets(context, partitions, timeMs)
  const empty = [...plan].filter(([, offset]) => offset === -1).map(([partition]) => partition)
  for (const { topic, partition } of empty) {
    println(
      context.io.out,
      `\nWarn: Partition ${partition} from topic ${topic} is empty. Falling back to latest known offset.`,
    )
  }
  for (const [partition, offset] of await listOffsets(context, empty, 'latest')) plan.set(partition, offset)
  return plan
}

/** `--to`: a place in the log in kt's own words. */
const toPlace = async (context: GroupContext, partitions: readonly TopicPartition[], text: string): Promise<Plan> => {
  const place = resolveAndTell(text, context.io)
  return offsetsAt(context.admin, place, await logRange(context.admin, partitions))
}

const shifted = async (
  context: GroupContext,
  group: string,
  partitions: readonly TopicPartition[],
  by: number,
): Promise<Plan> => {
  const committed = await committedOffsets(context, group)
  const wanted: Plan = new Map()
  for (const partition of partitions) {
    const commit = committed.get(topicPartitionKey(partition))
    if (!commit) {
      throw new UsageArgumentError(
        `Cannot shift offset for partition ${topicPartitionKey(partition)} since there is no current committed offset`,
      )
    }
    wanted.set(partition, commit.offset + by)
  }
  return withinLog(context, wanted)
}

const toCurrent = async (
  context: GroupContext,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<Plan> => {
  const committed = await committedOffsets(context, group)
  const plan: Plan = new Map()
  const without: TopicPartition[] = []
  for (const partition of partitions) {
    const commit = committed.get(topicPartitionKey(partition))
    if (commit) plan.set(partition, commit.offset)
    else without.push(partition)
  }
  for (const [partition, offset] of await listOffsets(context, without, 'latest')) plan.set(partition, offset)
  return plan
}

/** The lines of the file `--from-file` names. */
export const readPlanFile = async ({ options }: GroupContext): Promise<PlanLine[] | undefined> => {
  const path = options.texts('from-file')[0]
  if (path === undefined) return undefined
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new Error(`java.io.IOException: Unable to read file ${path}`, { cause: error })
  }
  return readCsv(text, options.texts('group'))
}

const fromFile = (context: GroupContext, group: string, lines: readonly PlanLine[]): Promise<Plan> => {
  const own = lines.filter((line) => line.group === group)
  if (own.length === 0) {
    printToolError(context.io, `No reset plan for group ${group} found`)
    return Promise.resolve(new Map())
  }
  const byKey = new Map(own.map((line) => [topicPartitionKey(line), line]))
  const wanted = [...byKey.values()].map(({ topic, partition, offset }) => [{ topic, partition }, offset] as const)
  return withinLog(context, new Map(wanted))
}

/**
 * Where offsets of these partitions are to go, as the options of a reset say.
 * @returns undefined when no option says it
 * @throws UsageArgumentError, or Error with Kafka's message
 */
export const scenarioPlan = async (
  context: GroupContext,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<Plan | undefined> => {
  const { options } = context
  // The commands for other kinds of groups have some of these options only.
  const has = (name: string): boolean => options.given.includes(name)
  if (has('to-offset')) {
    const offset = Number(options.values('to-offset')[0])
    return withinLog(context, new Map(partitions.map((partition) => [partition, offset])))
  }
  if (has('to-earliest')) return listOffsets(context, partitions, 'earliest')
  if (has('to-latest')) return listOffsets(context, partitions, 'latest')
  if (has('shift-by')) return shifted(context, group, partitions, Number(options.long('shift-by')))
  if (has('to-datetime')) {
    return atTime(context, partitions, dateTimeOf(options.texts('to-datetime')[0]!, context.io))
  }
  if (has('by-duration')) {
    return atTime(context, partitions, durationStart(options.text('by-duration')!, context.io))
  }
  if (has('to')) return toPlace(context, partitions, options.text('to')!)
  const lines = has('from-file') ? await readPlanFile(context) : undefined
  if (lines !== undefined) return fromFile(context, group, lines)
  return has('to-current') ? toCurrent(context, group, partitions) : undefined
}

/**
 * Where the offsets of a group are to go, as the options say.
 * @throws UsageArgumentError, or Error with Kafka's message
 */
export const makePlan = async (context: GroupContext, group: string): Promise<Plan> => {
  const partitions = await chosenPartitions(context, group)
  await requireExisting(context, partitions)
  const plan = await scenarioPlan(context, group, partitions)
  if (plan !== undefined) return plan
  const names = scenarios.map((name) => `[${name}]`).join(', ')
  return usageExit(spec, `Option '[reset-offsets]' requires one of the following scenarios: [${names}]`)
}
