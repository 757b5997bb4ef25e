import { println } from '../../cli/io.ts'
import {
  type Admin,
  type ConsumerGroupDescription,
  type OffsetAndMetadata,
  type Result,
  type TopicPartition,
  topicPartitionKey,
} from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { showPlan, signed } from '../shared/change-plan.ts'
import { left } from '../shared/java.ts'
import { hashOrder, partitionHash, stringHash } from '../shared/java-hash.ts'
import { unwrap, unwrapAll } from '../shared/results.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { byTopicAndPartition, chosenGroups, doublyWrappedError, type GroupContext, printToolError } from './context.ts'
import { type PlanLine, writeCsv } from './csv.ts'
import { makePlan, type Plan } from './plan.ts'

/** Where each offset is, where it goes, and how far that is. */
const movesOf = async (admin: Admin, group: string, plan: Plan): Promise<string[]> => {
  const sorted = [...plan].sort(([a], [b]) => byTopicAndPartition(a, b))
  const found = await admin.listConsumerGroupOffsets(
    [group],
    sorted.map(([partition]) => partition),
  )
  const committed = unwrap(found.get(group))
  return sorted.map(([partition, offset]) => {
    const key = topicPartitionKey(partition)
    const current = committed.get(key)?.offset
    const from = current === undefined ? '(none)' : String(current)
    return `${key}: ${from} → ${offset}${current === undefined ? '' : ` (${signed(offset - current)})`}`
  })
}

const execute = async ({ admin, io, options }: GroupContext, group: string, plan: Plan): Promise<void> => {
  // Kafka's own --dry-run never comes here.
  await showPlan(io, { has: () => false }, () => movesOf(admin, group, plan))
  await confirmDestructive(io, options, `Move ${plan.size} offset(s) of group ${group}?`)
  const offsets = new Map<TopicPartition, OffsetAndMetadata>()
  for (const [partition, offset] of plan) offsets.set(partition, { offset, leaderEpoch: null, metadata: '' })
  unwrapAll(await admin.alterConsumerGroupOffsets(group, offsets))
}

const planGroup = async (
  context: GroupContext,
  group: string,
  described: Result<ConsumerGroupDescription>,
): Promise<Plan> => {
  if (!described.ok) {
    const { error } = described
    const isMissing = error instanceof KafkaError && error.errorName === 'GROUP_ID_NOT_FOUND'
    if (!isMissing) throw doublyWrappedError(error)
  } else if (described.value.state !== 'Empty' && described.value.state !== 'Dead') {
    printToolError(
      context.io,
      `Assignments can only be reset if the group '${group}' is inactive, but the current state is ${described.value.state}.`,
      { group },
    )
    return new Map()
  }
  const plan = await makePlan(context, group)
  if (context.options.has('execute') && plan.size > 0) await execute(context, group, plan)
  return plan
}

const printTable = ({ io }: GroupContext, lines: readonly PlanLine[], groups: readonly string[]): void => {
  if (groups.length > 0) {
    const groupWidth = Math.max(15, ...groups.map((group) => group.length))
    const topicWidth = Math.max(15, ...lines.map((line) => line.topic.length))
    const row = (...cells: (string | number)[]): string =>
      `\n${left(cells[0]!, groupWidth)} ${left(cells[1]!, topicWidth)} ${left(cells[2]!, 10)} ${cells[3]}`
    io.out.write(row('GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET'))
    for (const line of lines) io.out.write(row(line.group!, line.topic, line.partition, line.offset))
  }
  println(io.out)
}

const describeGroups = (admin: Admin, groups: string[]): ReturnType<Admin['describeConsumerGroups']> =>
  admin.describeConsumerGroups(groups).catch((error: unknown) => {
    throw doublyWrappedError(error)
  })

/** `--reset-offsets`: plans, shows and, with `--execute`, carries out. */
export const resetOffsets = async (context: GroupContext): Promise<void> => {
  const { admin, options, io } = context
  const groups = await chosenGroups(context)
  const described = groups.length === 0 ? new Map() : await describeGroups(admin, groups)
  const lines: PlanLine[] = []
  // Kafka's tool keeps groups and partitions in hash maps, and prints them as they hand them out.
  for (const group of hashOrder(groups, stringHash)) {
    const plan = await planGroup(context, group, described.get(group)!)
    for (const [partition, offset] of hashOrder([...plan], ([tp]) => partitionHash(tp))) {
      lines.push({ group, ...partition, offset })
    }
  }
  const format = outputFormat(options, io)
  if (options.has('export') && format === undefined) {
    const isSingle = options.texts('group').length === 1
    println(io.out, writeCsv(isSingle ? lines.map((line) => ({ ...line, group: undefined })) : lines))
  } else if (format === undefined) printTable(context, lines, groups)
  else {
    const rows = lines.map(({ group, topic, partition, offset }) => ({
      group: group!,
      topic,
      partition,
      newOffset: offset,
    }))
    await printStructured(io, format, rows, ['group', 'topic', 'partition', 'newOffset'])
  }
}
