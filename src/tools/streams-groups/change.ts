import { println } from '../../cli/io.ts'
import { javaText } from '../../cli/run-command.ts'
import { usageExit } from '../../cli/usage.ts'
import { type OffsetAndMetadata, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { byTopicAndPartition, doublyWrappedError, printToolError, wrappedError } from '../consumer-groups/context.ts'
import { writeCsv } from '../consumer-groups/csv.ts'
import { type Plan, requireExisting, scenarioPlan } from '../consumer-groups/plan.ts'
import { parseTopicWithPartitions, partitionsOf } from '../consumer-groups/topic-partitions.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { left } from '../shared/java.ts'
import { hashOrder, partitionHash } from '../shared/java-hash.ts'
import { unwrapAll } from '../shared/results.ts'
import { failedRow, outputFormat, printStructured } from '../shared/structured.ts'
import { groupOrder, groupsOfKind, isMissingGroup, printDeleted, undeletable } from '../shared/typed-groups.ts'
import { scenarios } from './check.ts'
import { chosenGroups, committedFor, inputPartitions, kind, type StreamsGroupContext } from './context.ts'
import { deleteAfterReset, deleteWithGroups, internalTopicsOf } from './internal-topics.ts'
import { spec } from './options.ts'

/** `--delete`. */
export const deleteGroups = async (context: StreamsGroupContext): Promise<void> => {
  const { admin, options, io } = context
  const groups = await chosenGroups(context)
  const listed = await groupsOfKind(admin, kind)
  const failures = undeletable(
    listed,
    groups,
    'Streams group',
    (group) => `Group '${group}' does not exist or is not a streams group.`,
  )
  const deletable = groups.filter((group) => !failures.has(group))
  const success: string[] = []
  let internal = new Map<string, string[]>()
  if (deletable.length > 0) {
    await confirmDestructive(io, options, `Delete ${deletable.length} streams group(s): ${deletable.join(', ')}?`)
    if (options.has('delete-all-internal-topics')) internal = await internalTopicsOf(context, deletable)
    for (const [group, result] of await admin.deleteConsumerGroups(deletable)) {
      if (result.ok) success.push(group)
      else failures.set(group, result.error)
    }
  }
  const format = outputFormat(options, io)
  if (format !== undefined) {
    await deleteWithGroups(context, groupOrder(success), internal)
    return printDeleted(io, format, groups, failures)
  }
  const deleted = groupOrder(success).join("', '")
  if (failures.size === 0) println(io.out, `Deletion of requested streams groups ('${deleted}') was successful.`)
  else {
    printToolError(io, 'Deletion of some streams groups failed:')
    for (const group of groupOrder(failures.keys())) {
      println(io.out, `* Group '${group}' could not be deleted due to: ${javaText(failures.get(group))}`)
    }
    if (success.length > 0) println(io.out, `\nThese streams groups were deleted successfully: '${deleted}'.`)
  }
  await deleteWithGroups(context, groupOrder(success), internal)
}

type Outcomes = Map<TopicPartition, Error | null>

/** The partitions named, and errors for topics that aren't there (partition -1). */
const namedPartitions = async (
  { admin, options }: StreamsGroupContext,
  failures: Outcomes,
): Promise<TopicPartition[]> => {
  const names = [...new Set(options.texts('input-topic'))]
  const partitions = names.filter((name) => name.includes(':')).flatMap(parseTopicWithPartitions)
  const topics = names.filter((name) => !name.includes(':'))
  const described = topics.length === 0 ? new Map() : await admin.describeTopics(topics)
  for (const [topic, result] of described) {
    if (!result.ok) failures.set({ topic, partition: -1 }, wrappedError(result.error))
    else for (const { partition } of result.value.partitions) partitions.push({ topic, partition })
  }
  return partitions
}

const groupErrors = ['INVALID_GROUP_ID', 'GROUP_ID_NOT_FOUND', 'GROUP_AUTHORIZATION_FAILED', 'NON_EMPTY_GROUP']
const partitionErrors = ['GROUP_SUBSCRIBED_TO_TOPIC', 'TOPIC_AUTHORIZATION_FAILED', 'UNKNOWN_TOPIC_OR_PARTITION']

const reportOverall = ({ io }: StreamsGroupContext, group: string, error: Error | undefined): void => {
  const name = error instanceof KafkaError ? error.errorName : 'UNKNOWN_SERVER_ERROR'
  if (error === undefined) println(io.out, `Request succeeded for deleting offsets from group ${group}.`)
  else if (groupErrors.includes(name)) printToolError(io, new KafkaError((error as KafkaError).code).message)
  else if (partitionErrors.includes(name)) {
    printToolError(io, 'Encountered some partition-level error, see the follow-up details.')
  } else printToolError(io, `Encountered some unknown error: ${name}`)
}

/** `--delete-offsets`. */
export const deleteOffsets = async (context: StreamsGroupContext): Promise<void> => {
  const { admin, options, io } = context
  const group = options.text('group')!
  const outcomes: Outcomes = new Map()
  const partitions = options.has('all-input-topics')
    ? await inputPartitions(context, group)
    : await namedPartitions(context, outcomes)
  await confirmDestructive(io, options, `Delete ${partitions.length} offset(s) of streams group ${group}?`)
  const results = partitions.length === 0 ? new Map() : await admin.deleteConsumerGroupOffsets(group, partitions)
  let failure: Error | undefined
  for (const tp of partitions) {
    const result = results.get(tp)!
    if (!result.ok) failure ??= result.error
    outcomes.set(tp, result.ok ? null : wrappedError(result.error))
  }
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const rows = [...outcomes]
      .sort(([a], [b]) => byTopicAndPartition(a, b))
      .map(([{ topic, partition }, error]) => {
        const thing = { group, topic, partition: partition < 0 ? null : partition }
        return error === null ? { ...thing, error: null } : failedRow(io, thing, error)
      })
    return printStructured(io, format, rows, ['group', 'topic', 'partition', 'error'])
  }
  reportOverall(context, group, failure)
  const width = Math.max(15, ...[...outcomes.keys()].map(({ topic }) => topic.length))
  const row = (topic: string, partition: string | number, status: string): void =>
    io.out.write(`\n${left(topic, width)} ${left(partition, 10)} ${left(status, 15)}`)
  row('TOPIC', 'PARTITION', 'STATUS')
  const sortKey = ([{ topic, partition }]: [TopicPartition, Error | null]): string => `${topic}${partition}`
  for (const [{ topic, partition }, error] of [...outcomes].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))) {
    row(topic, partition < 0 ? '-' : partition, error === null ? 'Successful' : `Error: ${error.message}`)
  }
  println(io.out)
}

const partitionsToReset = async (context: StreamsGroupContext, group: string): Promise<TopicPartition[]> => {
  const { admin, options, io } = context
  if (options.has('all-input-topics')) return inputPartitions(context, group)
  if (!options.has('input-topic')) {
    if (options.has('from-file')) return []
    return usageExit(spec, 'One of the reset scopes should be defined: --all-topics, --topic.')
  }
  const partitions = await partitionsOf(admin, options.texts('input-topic'))
  await requireExisting(context, partitions)
  const committed = await committedFor(context, group, undefined).catch((error: unknown) => {
    throw doublyWrappedError(error)
  })
  const known = new Set(committed.map(topicPartitionKey))
  if (partitions.every((tp) => known.has(topicPartitionKey(tp)))) return partitions
  printToolError(io, `One or more topics are not part of the group '${group}'.`)
  return []
}

const resetGroup = async (context: StreamsGroupContext, group: string): Promise<Plan> => {
  const { admin, options, io } = context
  const partitions = await partitionsToReset(context, group)
  const plan = await scenarioPlan(context, group, partitions)
  if (plan === undefined) {
    const names = scenarios.map((name) => `[${name}]`).join(', ')
    return usageExit(spec, `Option '[reset-offsets]' requires one of the following scenarios: [${names}]`)
  }
  if (options.has('execute') && plan.size > 0) {
    await confirmDestructive(io, options, `Move ${plan.size} offset(s) of streams group ${group}?`)
    const offsets = new Map<TopicPartition, OffsetAndMetadata>()
    for (const [tp, offset] of plan) offsets.set(tp, { offset, leaderEpoch: null, metadata: '' })
    unwrapAll(await admin.alterConsumerGroupOffsets(group, offsets))
  }
  return plan
}

const plansOf = async (context: StreamsGroupContext, groups: readonly string[]): Promise<Map<string, Plan>> => {
  const { admin, options, io } = context
  const plans = new Map<string, Plan>()
  const described = groups.length === 0 ? new Map() : await admin.describeStreamsGroups([...groups])
  for (const group of groupOrder(groups)) {
    const result = described.get(group)!
    if (!result.ok) {
      if (!isMissingGroup(result.error)) throw doublyWrappedError(result.error)
      plans.set(group, await resetGroup(context, group))
      continue
    }
    const { state } = result.value
    if (state !== 'Empty' && state !== 'Dead') {
      printToolError(
        io,
        `Assignments can only be reset if the group '${group}' is inactive, but the current state is ${state}.`,
        { group },
      )
      plans.set(group, new Map())
      continue
    }
    plans.set(group, await resetGroup(context, group))
    if (options.has('execute')) await deleteAfterReset(context, group)
  }
  return plans
}

/** `--reset-offsets`: plans, shows and, with `--execute`, carries out. */
export const resetOffsets = async (context: StreamsGroupContext): Promise<void> => {
  const { options, io } = context
  const plans = await plansOf(context, await chosenGroups(context))
  const lines = [...plans].flatMap(([group, plan]) =>
    hashOrder([...plan], ([tp]) => partitionHash(tp)).map(([tp, offset]) => ({ group, ...tp, offset })),
  )
  const format = outputFormat(options, io)
  if (options.has('export') && format === undefined) {
    const isSingle = options.texts('group').length === 1
    println(io.out, writeCsv(isSingle ? lines.map((one) => ({ ...one, group: undefined })) : lines))
    return
  }
  if (format !== undefined) {
    const rows = lines.map(({ offset, ...line }) => ({ ...line, newOffset: offset }))
    return printStructured(io, format, rows, ['group', 'topic', 'partition', 'newOffset'])
  }
  const row = (...cells: (string | number)[]): void =>
    io.out.write(`\n${cells.map((cell, i) => left(cell, [30, 30, 10, 15][i]!)).join(' ')}`)
  if (plans.size > 0) row('GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET')
  for (const { group, topic, partition, offset } of lines) row(group, topic, partition, offset)
  println(io.out)
}
