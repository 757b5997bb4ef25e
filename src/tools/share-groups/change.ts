import { CommandExit } from '../../cli/exit.ts'
import { println } from '../../cli/io.ts'
import { errorMessage, javaText } from '../../cli/run-command.ts'
import type { Result, TopicPartition } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { byTopicAndPartition, printToolError } from '../consumer-groups/context.ts'
import { type Plan, requireExisting, scenarioPlan } from '../consumer-groups/plan.ts'
import { partitionsOf } from '../consumer-groups/topic-partitions.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { left } from '../shared/java.ts'
import { hashOrder, partitionHash } from '../shared/java-hash.ts'
import { unwrapAll } from '../shared/results.ts'
import { failedRow, outputFormat, printStructured } from '../shared/structured.ts'
import { groupOrder, groupsOfKind, isMissingGroup, printDeleted, undeletable } from '../shared/typed-groups.ts'
import { chosenGroups, kind, type ShareGroupContext } from './context.ts'

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

/** `--delete`. */
export const deleteGroups = async (context: ShareGroupContext): Promise<void> => {
  const { admin, options, io } = context
  const listed = await groupsOfKind(admin, kind)
  const groups = await chosenGroups(context)
  const failures = undeletable(listed, groups, 'Share group', (group) => `Group '${group}' is not a share group.`)
  const deletable = groups.filter((group) => !failures.has(group))
  const success: string[] = []
  if (deletable.length > 0) {
    await confirmDestructive(io, options, `Delete ${deletable.length} share group(s): ${deletable.join(', ')}?`)
    for (const [group, result] of await admin.deleteConsumerGroups(deletable)) {
      if (result.ok) success.push(group)
      else failures.set(group, result.error)
    }
  }
  const format = outputFormat(options, io)
  if (format !== undefined) return printDeleted(io, format, groups, failures)
  const deleted = quoted(groupOrder(success))
  if (failures.size === 0) {
    println(io.out, `Deletion of requested share groups (${deleted}) was successful.`)
    return
  }
  printToolError(io, 'Deletion of some share groups failed:')
  for (const group of groupOrder(failures.keys())) {
    println(io.out, `* Group '${group}' could not be deleted due to: ${javaText(failures.get(group))}`)
  }
  if (success.length > 0) println(io.out, `\nThese share groups were deleted successfully: ${deleted}`)
}

const groupErrors = ['INVALID_GROUP_ID', 'GROUP_ID_NOT_FOUND', 'GROUP_AUTHORIZATION_FAILED', 'NON_EMPTY_GROUP']
const topicErrors = ['TOPIC_AUTHORIZATION_FAILED', 'UNKNOWN_TOPIC_OR_PARTITION']

const reportOverall = ({ io }: ShareGroupContext, error: Error | undefined): void => {
  if (error === undefined) return
  const name = error instanceof KafkaError ? error.errorName : ''
  if (groupErrors.includes(name)) printToolError(io, error.message)
  else if (!topicErrors.includes(name)) printToolError(io, `Encounter some unknown error: ${javaText(error)}`)
}

/** `--delete-offsets`. */
export const deleteOffsets = async (context: ShareGroupContext): Promise<void> => {
  const { admin, options, io } = context
  const group = options.text('group')!
  const topics = [...new Set(options.texts('topic'))]
  await confirmDestructive(io, options, `Delete offsets of share group ${group} for ${topics.join(', ')}?`)
  const results = await admin.deleteShareGroupOffsets(group, topics).catch((error: unknown) => {
    if (!(error instanceof KafkaError)) throw error
    return new Map<string, Result<void>>(topics.map((topic) => [topic, { ok: false, error }]))
  })
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const rows = [...topics].sort().map((topic) => {
      const result = results.get(topic)
      return result?.ok === false ? failedRow(io, { group, topic }, result.error) : { group, topic, error: null }
    })
    return printStructured(io, format, rows, ['group', 'topic', 'error'])
  }
  const failure = [...results.values()].find((result) => !result.ok)
  reportOverall(context, failure?.ok === false ? failure.error : undefined)
  const width = Math.max(15, ...topics.map((topic) => topic.length))
  io.out.write(`\n${left('TOPIC', width)} STATUS`)
  for (const topic of [...topics].sort()) {
    const result = results.get(topic)
    const status = result?.ok === false ? `Error: ${errorMessage(result.error)}` : 'Successful'
    io.out.write(`\n${left(topic, width)} ${status}`)
  }
  println(io.out)
}

/** Only a group without members can be moved; one that isn't there yet can too. */
const requireInactive = async ({ admin }: ShareGroupContext, group: string): Promise<void> => {
  const result = (await admin.describeShareGroups([group])).get(group)
  if (result === undefined || (!result.ok && isMissingGroup(result.error))) return
  if (!result.ok) {
    if (result.error instanceof KafkaError) throw new CommandExit(1, `${result.error.message}\n`)
    throw result.error
  }
  const { state } = result.value
  if (state !== 'Empty' && state !== 'Dead') throw new CommandExit(1, `Share group '${group}' is not empty.\n`)
}

const partitionsToReset = async ({ admin, options }: ShareGroupContext, group: string): Promise<TopicPartition[]> =>
  options.has('topic')
    ? partitionsOf(admin, options.texts('topic'))
    : [...(await admin.listShareGroupOffsets(group)).keys()]

const printPlan = ({ io }: ShareGroupContext, group: string, plan: Plan): void => {
  const groupWidth = Math.max(15, group.length)
  const topicWidth = Math.max(15, ...[...plan.keys()].map(({ topic }) => topic.length))
  const line = (name: string, topic: string, partition: string | number, offset: string | number): void =>
    io.out.write(`\n${left(name, groupWidth)} ${left(topic, topicWidth)} ${left(partition, 10)} ${offset}`)
  line('GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET')
  for (const [{ topic, partition }, offset] of hashOrder([...plan], ([tp]) => partitionHash(tp))) {
    line(group, topic, partition, offset)
  }
  println(io.out)
}

/** `--reset-offsets`. */
export const resetOffsets = async (context: ShareGroupContext): Promise<void> => {
  const { admin, options, io } = context
  const group = options.text('group')!
  await requireInactive(context, group)
  const partitions = await partitionsToReset(context, group)
  await requireExisting(context, partitions)
  const plan = (await scenarioPlan(context, group, partitions)) ?? new Map()
  if (options.has('execute') && plan.size > 0) {
    await confirmDestructive(io, options, `Move ${plan.size} offset(s) of share group ${group}?`)
    unwrapAll(await admin.alterShareGroupOffsets(group, plan))
  }
  const format = outputFormat(options, io)
  if (format === undefined) printPlan(context, group, plan)
  else {
    const rows = [...plan]
      .sort(([a], [b]) => byTopicAndPartition(a, b))
      .map(([tp, newOffset]) => ({ group, ...tp, newOffset }))
    await printStructured(io, format, rows, ['group', 'topic', 'partition', 'newOffset'])
  }
}
