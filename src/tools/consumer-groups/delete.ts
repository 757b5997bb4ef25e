import { println } from '../../cli/io.ts'
import { javaText } from '../../cli/run-command.ts'
import type { TopicPartition } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { left } from '../shared/java.ts'
import { failedRow, outputFormat, printStructured } from '../shared/structured.ts'
import { byTopicAndPartition, chosenGroups, type GroupContext, printToolError } from './context.ts'
import { parseTopicWithPartitions } from './topic-partitions.ts'

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

/** `--delete`. */
export const deleteGroups = async (context: GroupContext): Promise<void> => {
  const { admin, options, io } = context
  const groups = await chosenGroups(context)
  if (groups.length > 0)
    await confirmDestructive(io, options, `Delete ${groups.length} group(s): ${groups.join(', ')}?`)
  const results = groups.length === 0 ? new Map() : await admin.deleteConsumerGroups(groups)
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const rows = [...results].map(([group, result]) =>
      result.ok ? { group, error: null } : failedRow(io, { group }, result.error),
    )
    return printStructured(io, format, rows, ['group', 'error'])
  }
  const deleted = [...results].filter(([, result]) => result.ok).map(([group]) => group)
  if (deleted.length === results.size) {
    println(io.out, `Deletion of requested consumer groups (${quoted(deleted)}) was successful.`)
    return
  }
  printToolError(io, 'Deletion of some consumer groups failed:')
  for (const [group, result] of results) {
    if (result.ok) continue
    println(io.out, `* Group '${group}' could not be deleted due to: ${javaText(result.error)}`)
  }
  if (deleted.length > 0) {
    println(io.out, `\nThese consumer groups were deleted successfully: ${quoted(deleted)}`)
  }
}

interface Outcome extends TopicPartition {
  error: Error | null
}

const groupErrors = ['INVALID_GROUP_ID', 'GROUP_ID_NOT_FOUND', 'GROUP_AUTHORIZATION_FAILED', 'NON_EMPTY_GROUP']
const partitionErrors = ['GROUP_SUBSCRIBED_TO_TOPIC', 'TOPIC_AUTHORIZATION_FAILED', 'UNKNOWN_TOPIC_OR_PARTITION']

const reportOverall = ({ io }: GroupContext, group: string, error: Error | null): void => {
  const name = error instanceof KafkaError ? error.errorName : undefined
  if (error === null) println(io.out, `Request succeeded for deleting offsets from group ${group}.`)
  else if (name !== undefined && groupErrors.includes(name)) printToolError(io, error.message)
  else if (name !== undefined && partitionErrors.includes(name)) {
    printToolError(io, 'Encountered some partition-level error, see the follow-up details.')
  } else printToolError(io, `Encountered some unknown error: ${name ?? error.message}`)
}

const outcomes = async (context: GroupContext, group: string): Promise<{ first: Error | null; all: Outcome[] }> => {
  const { admin, options } = context
  const args = options.texts('topic')
  const partitions = args.filter((arg) => arg.includes(':')).flatMap(parseTopicWithPartitions)
  const topics = args.filter((arg) => !arg.includes(':'))
  const all: Outcome[] = []
  const described = topics.length === 0 ? new Map() : await admin.describeTopics(topics)
  for (const [topic, result] of described) {
    if (!result.ok) all.push({ topic, partition: -1, error: result.error })
    else for (const { partition } of result.value.partitions) partitions.push({ topic, partition })
  }
  const results = partitions.length === 0 ? new Map() : await admin.deleteConsumerGroupOffsets(group, partitions)
  let first: Error | null = null
  for (const partition of partitions) {
    const result = results.get(partition)!
    const error = result.ok ? null : result.error
    first ??= error
    all.push({ ...partition, error })
  }
  return { first, all }
}

/** `--delete-offsets`. */
export const deleteOffsets = async (context: GroupContext): Promise<void> => {
  const { options, io } = context
  const group = options.text('group')!
  await confirmDestructive(io, options, `Delete offsets of group ${group} for ${options.texts('topic').join(', ')}?`)
  const { first, all } = await outcomes(context, group)
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const rows = all.sort(byTopicAndPartition).map(({ topic, partition, error }) => {
      const thing = { group, topic, partition: partition < 0 ? null : partition }
      return error === null ? { ...thing, error: null } : failedRow(io, thing, error)
    })
    return printStructured(io, format, rows, ['group', 'topic', 'partition', 'error'])
  }
  reportOverall(context, group, first)
  const width = Math.max(15, ...all.map((one) => one.topic.length))
  const row = (topic: string, partition: string | number, status: string): string =>
    `\n${left(topic, width)} ${left(partition, 10)} ${left(status, 15)}`
  io.out.write(row('TOPIC', 'PARTITION', 'STATUS'))
  const sortKey = (one: Outcome): string => `${one.topic}${one.partition}`
  for (const one of all.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))) {
    const status = one.error === null ? 'Successful' : `Error: ${javaText(one.error)}`
    io.out.write(row(one.topic, one.partition >= 0 ? one.partition : '-', status))
  }
  println(io.out)
}
