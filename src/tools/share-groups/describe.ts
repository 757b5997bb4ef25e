import { println } from '../../cli/io.ts'
import type { ShareGroupDescription, SharePartitionOffset } from '../../client/share-group-types.ts'
import type { TopicPartition } from '../../client/types.ts'
import { doublyWrappedError } from '../consumer-groups/context.ts'
import { left } from '../shared/java.ts'
import { type OutputFormat, outputFormat, printStructured, type Row } from '../shared/structured.ts'
import { chosenGroups, describeAll, type ShareGroupContext } from './context.ts'

type OffsetRow = TopicPartition & { offset: SharePartitionOffset | null }

const byPartition = (a: TopicPartition, b: TopicPartition): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1

const cell = (value: number | null | undefined): string => (value == null ? '-' : String(value))

const widest = (texts: readonly string[]): number => Math.max(15, ...texts.map((text) => text.length))

/** Says that nobody is there; true when there is something to show. */
const noteState = ({ io }: ShareGroupContext, { groupId, state }: ShareGroupDescription, rows: number): boolean => {
  if (state === 'Dead') println(io.out, `\nError: Share group '${groupId}' does not exist.`)
  else if (state === 'Empty') println(io.err, `\nShare group '${groupId}' has no active members.`)
  return state !== 'Dead' && rows > 0
}

const offsetRows = async ({ admin }: ShareGroupContext, group: string): Promise<OffsetRow[]> => {
  const offsets = await admin.listShareGroupOffsets(group).catch((error: unknown) => {
    throw doublyWrappedError(error)
  })
  return [...offsets].map(([tp, offset]) => ({ ...tp, offset })).sort(byPartition)
}

const printOffsets = (context: ShareGroupContext, group: string, rows: readonly OffsetRow[]): void => {
  const { io, options } = context
  if (rows.length === 0) {
    println(io.out, `\nShare group '${group}' has no offset information.`)
    return
  }
  const verbose = options.has('verbose')
  const [groupWidth, topicWidth] = [widest([group]), widest(rows.map(({ topic }) => topic))]
  const line = (name: string, topic: string, partition: string, epoch: string, start: string, lag: string): void => {
    const epochCell = verbose ? `${left(epoch, 13)} ` : ''
    const head = `\n${left(name, groupWidth)} ${left(topic, topicWidth)} ${left(partition, 10)} `
    io.out.write(`${head}${epochCell}${left(start, 13)} ${lag}`)
  }
  line('GROUP', 'TOPIC', 'PARTITION', 'LEADER-EPOCH', 'START-OFFSET', 'LAG')
  for (const { topic, partition, offset } of rows) {
    line(group, topic, String(partition), cell(offset?.leaderEpoch), cell(offset?.startOffset), cell(offset?.lag))
  }
  println(io.out)
}

const coordinatorText = ({ coordinator: { host, port, id } }: ShareGroupDescription): string =>
  `${host}:${port}  (${id})`

const printState = (context: ShareGroupContext, group: ShareGroupDescription): void => {
  const { io, options } = context
  noteState(context, group, 1)
  const coordinator = coordinatorText(group)
  const width = Math.max(25, coordinator.length)
  const verbose = options.has('verbose')
  const line = (name: string, where: string, state: string, epochs: [string, string], members: string): void => {
    const [epoch, assignment] = epochs
    const epochCells = verbose ? `${left(epoch, 12)} ${left(assignment, 17)} ` : ''
    const head = `\n${left(name, widest([group.groupId]))} ${left(where, width)} ${left(state, 15)} `
    io.out.write(`${head}${epochCells}${members}`)
  }
  line('GROUP', 'COORDINATOR (ID)', 'STATE', ['GROUP-EPOCH', 'ASSIGNMENT-EPOCH'], '#MEMBERS')
  const epochs: [string, string] = [String(group.groupEpoch), String(group.assignmentEpoch)]
  line(group.groupId, coordinator, group.state, epochs, String(group.members.length))
  println(io.out)
}

/** `topic:0,1;other:2`. */
const assignmentText = (partitions: readonly TopicPartition[]): string => {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return [...topics]
    .map(([topic, list]) => `${topic}:${list.sort((a, b) => a - b).join(',')}`)
    .sort()
    .join(';')
}

const printMembers = (context: ShareGroupContext, group: ShareGroupDescription): void => {
  const { io, options } = context
  const members = [...group.members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  if (!noteState(context, group, members.length)) return
  const verbose = options.has('verbose')
  const widths = [
    widest([group.groupId]),
    widest(members.map(({ memberId }) => memberId)),
    widest(members.map(({ host }) => host)),
    widest(members.map(({ clientId }) => clientId)),
    12,
  ]
  const line = (cells: string[], epoch: string, assignment: string): void => {
    const head = cells.map((text, i) => left(text, widths[i]!)).join(' ')
    io.out.write(`\n${head} ${verbose ? `${left(epoch, 13)} ` : ''}${assignment}`)
  }
  line(['GROUP', 'CONSUMER-ID', 'HOST', 'CLIENT-ID', '#PARTITIONS'], 'MEMBER-EPOCH', 'ASSIGNMENT')
  for (const { memberId, host, clientId, memberEpoch, assignment } of members) {
    const cells = [group.groupId, memberId, host, clientId, String(assignment.length)]
    line(cells, String(memberEpoch), assignmentText(assignment))
  }
  println(io.out)
}

const memberRows = ({ groupId, members }: ShareGroupDescription): Row[] =>
  members.map(({ memberId, host, clientId, memberEpoch, assignment }) => ({
    group: groupId,
    memberId,
    host,
    clientId,
    partitionCount: assignment.length,
    memberEpoch,
    assignment: assignment.map(({ topic, partition }) => ({ topic, partition })),
  }))

const stateRow = (group: ShareGroupDescription): Row => ({
  group: group.groupId,
  type: 'share',
  state: group.state,
  coordinator: group.coordinator.id,
  coordinatorHost: group.coordinator.host,
  coordinatorPort: group.coordinator.port,
  groupEpoch: group.groupEpoch,
  targetAssignmentEpoch: group.assignmentEpoch,
  memberCount: group.members.length,
})

const printAs = async (
  context: ShareGroupContext,
  format: OutputFormat,
  groups: readonly ShareGroupDescription[],
): Promise<void> => {
  const { io, options } = context
  if (options.has('members')) {
    const columns = ['group', 'memberId', 'host', 'clientId', 'partitionCount', 'memberEpoch', 'assignment']
    return printStructured(io, format, groups.flatMap(memberRows), columns)
  }
  if (options.has('state')) {
    const columns = ['group', 'coordinator', 'state', 'groupEpoch', 'targetAssignmentEpoch', 'memberCount']
    return printStructured(io, format, groups.map(stateRow), columns)
  }
  const rows: Row[] = []
  for (const { groupId } of groups) {
    for (const { topic, partition, offset } of await offsetRows(context, groupId)) {
      const { startOffset = null, leaderEpoch = null, lag = null } = offset ?? {}
      rows.push({ group: groupId, topic, partition, leaderEpoch, startOffset, lag })
    }
  }
  await printStructured(io, format, rows, ['group', 'topic', 'partition', 'leaderEpoch', 'startOffset', 'lag'])
}

/** `--describe`. */
export const describeGroups = async (context: ShareGroupContext): Promise<void> => {
  const { options, io } = context
  const groups = await describeAll(context, await chosenGroups(context))
  const format = outputFormat(options, io)
  if (format !== undefined) return printAs(context, format, groups)
  if (options.has('members')) for (const group of groups) printMembers(context, group)
  else if (options.has('state')) for (const group of groups) printState(context, group)
  else {
    const offsets = await Promise.all(groups.map(({ groupId }) => offsetRows(context, groupId)))
    groups.forEach(({ groupId }, i) => {
      printOffsets(context, groupId, offsets[i]!)
    })
  }
}
