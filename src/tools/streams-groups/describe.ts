import { println } from '../../cli/io.ts'
import type { StreamsAssignment, StreamsGroupDescription, StreamsTasks } from '../../client/streams-group-types.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { printToolError, wrappedError } from '../consumer-groups/context.ts'
import { left } from '../shared/java.ts'
import { hashOrder, partitionHash } from '../shared/java-hash.ts'
import { unwrap } from '../shared/results.ts'
import { type OutputFormat, outputFormat, printStructured, type Row } from '../shared/structured.ts'
import { chosenGroups, committedFor, describeGroup, type StreamsGroupContext } from './context.ts'

interface Lag extends TopicPartition {
  current: number | null
  leaderEpoch: number | null
  end: number
  lag: number
}

const widest = (texts: readonly string[]): number => Math.max(15, ...texts.map((text) => text.length))

/** Cells padded to widths; the last one as it is unless it has a width. */
const line = (cells: readonly (string | number)[], widths: readonly number[]): string =>
  cells.map((cell, i) => (widths[i] === undefined ? String(cell) : left(cell, widths[i]))).join(' ')

/** Says that nobody is there; false when there is nothing to show. */
const noteState = ({ io }: StreamsGroupContext, { groupId, state }: StreamsGroupDescription): void => {
  if (state === 'Dead') printToolError(io, `Streams group '${groupId}' does not exist.`)
  else if (state === 'Empty') printToolError(io, `Streams group '${groupId}' has no active members.`)
}

const hasRows = ({ state, members }: StreamsGroupDescription): boolean => state !== 'Dead' && members.length > 0

const activePartitions = ({ members, subtopologies }: StreamsGroupDescription): TopicPartition[] => {
  const topics = new Map(
    subtopologies.map((part) => [part.subtopologyId, [...part.sourceTopics, ...part.repartitionSourceTopics]]),
  )
  const found = new Map<string, TopicPartition>()
  for (const { subtopologyId, partitions } of members.flatMap(({ assignment }) => assignment.activeTasks)) {
    const names = topics.get(subtopologyId)
    if (names === undefined) throw new Error(`Subtopology ${subtopologyId} not found in group description!`)
    for (const topic of names) {
      for (const partition of partitions) found.set(`${topic}-${partition}`, { topic, partition })
    }
  }
  return hashOrder([...found.values()], partitionHash)
}

const offsetsOf = async (
  { admin }: StreamsGroupContext,
  partitions: readonly TopicPartition[],
  spec: 'earliest' | 'latest',
): Promise<Map<TopicPartition, number>> => {
  if (partitions.length === 0) return new Map()
  const listed = await admin.listOffsets(new Map(partitions.map((tp) => [tp, spec])))
  return new Map([...listed].map(([tp, result]) => [tp, unwrap(result).offset]))
}

const lagsOf = async (context: StreamsGroupContext, group: StreamsGroupDescription): Promise<Lag[]> => {
  const partitions = activePartitions(group)
  const earliest = await offsetsOf(context, partitions, 'earliest')
  const latest = await offsetsOf(context, partitions, 'latest')
  const topics = group.subtopologies.flatMap((part) => [...part.sourceTopics, ...part.repartitionSourceTopics])
  const committed = await committedFor(context, group.groupId, new Set(topics))
  const byKey = new Map(committed.map((one) => [topicPartitionKey(one), one.offset]))
  return partitions.map((tp) => {
    const commit = byKey.get(topicPartitionKey(tp))
    const end = latest.get(tp)!
    const current = commit?.offset ?? null
    return { ...tp, current, leaderEpoch: commit?.leaderEpoch ?? null, end, lag: end - (current ?? earliest.get(tp)!) }
  })
}

const cell = (value: number | null): string => (value === null ? '-' : String(value))

const printOffsets = (context: StreamsGroupContext, group: StreamsGroupDescription, lags: readonly Lag[]): void => {
  if (!hasRows(group)) return
  noteState(context, group)
  const { io, options } = context
  const head = [widest([group.groupId]), widest(lags.map(({ topic }) => topic)), 10]
  if (!options.has('verbose')) {
    println(io.out, line(['GROUP', 'TOPIC', 'PARTITION', 'OFFSET-LAG'], head))
    for (const { topic, partition, lag } of lags) println(io.out, line([group.groupId, topic, partition, lag], head))
    return
  }
  const widths = [...head, 15, 15, 15, 15]
  const titles = ['CURRENT-OFFSET', 'LEADER-EPOCH', 'LOG-END-OFFSET', 'OFFSET-LAG']
  println(io.out, line(['GROUP', 'TOPIC', 'PARTITION', ...titles], widths))
  for (const { topic, partition, current, leaderEpoch, end, lag } of lags) {
    println(io.out, line([group.groupId, topic, partition, cell(current), cell(leaderEpoch), end, lag], widths))
  }
}

const printState = (context: StreamsGroupContext, group: StreamsGroupDescription): void => {
  const { io, options } = context
  noteState(context, group)
  const { host, port, id } = group.coordinator
  const coordinator = `${host}:${port} (${id})`
  const widths = [widest([group.groupId]), Math.max(25, coordinator.length), 25]
  const [titles, cells] = [
    ['GROUP', 'COORDINATOR (ID)', 'STATE'],
    [group.groupId, coordinator, group.state],
  ]
  if (options.has('verbose')) {
    widths.push(15, 25)
    titles.push('GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH')
    cells.push(String(group.groupEpoch), String(group.assignmentEpoch))
  }
  println(io.out, line([...titles, '#MEMBERS'], widths))
  println(io.out, line([...cells, group.members.length], widths))
}

const tasksText = (tasks: readonly StreamsTasks[], type: string): string =>
  tasks.length === 0
    ? ''
    : `${type}: ${tasks.map(({ subtopologyId, partitions }) => `${subtopologyId}:[${partitions}]; `).join('')}`

const assignmentText = ({ activeTasks, standbyTasks, warmupTasks }: StreamsAssignment, prefix = ''): string =>
  tasksText(activeTasks, `${prefix}ACTIVE`) +
  tasksText(standbyTasks, `${prefix}STANDBY`) +
  tasksText(warmupTasks, `${prefix}WARMUP`)

const printMembers = (context: StreamsGroupContext, group: StreamsGroupDescription): void => {
  if (!hasRows(group)) return
  noteState(context, group)
  const { io, options } = context
  const { groupId, members } = group
  const name = widest([groupId])
  const id = widest(members.map(({ memberId }) => memberId))
  const rest = [widest(members.map(({ processId }) => processId)), widest(members.map(({ clientId }) => clientId))]
  if (!options.has('verbose')) {
    println(io.out, line(['GROUP', 'MEMBER', 'PROCESS', 'CLIENT-ID', 'ASSIGNMENTS'], [name, id, ...rest]))
    for (const { memberId, processId, clientId, assignment } of members) {
      const cells = [groupId, memberId, processId, clientId, assignmentText(assignment)]
      println(io.out, line(cells, [name, id, ...rest]))
    }
    return
  }
  // Kafka's format has no blank before the member.
  const verboseLine = (start: (string | number)[], end: (string | number)[]): void =>
    println(io.out, line(start, [name, 25, 15]) + line(end, [id, 15, 15, ...rest]))
  verboseLine(
    ['GROUP', 'TARGET-ASSIGNMENT-EPOCH', 'TOPOLOGY-EPOCH'],
    ['MEMBER', 'MEMBER-PROTOCOL', 'MEMBER-EPOCH', 'PROCESS', 'CLIENT-ID', 'ASSIGNMENTS'],
  )
  for (const member of members) {
    const tasks = assignmentText(member.assignment) + assignmentText(member.targetAssignment, 'TARGET-')
    const { memberId, isClassic, memberEpoch, processId, clientId } = member
    const protocol = isClassic ? 'classic' : 'streams'
    const end = [memberId, protocol, memberEpoch, processId, clientId, tasks]
    verboseLine([groupId, group.assignmentEpoch, group.topologyEpoch], end)
  }
}

const assignmentRow = ({ activeTasks, standbyTasks, warmupTasks }: StreamsAssignment): Row => {
  const rows = (tasks: readonly StreamsTasks[]): Row[] =>
    tasks.map(({ subtopologyId, partitions }) => ({ subtopologyId, partitions: [...partitions] }))
  return { active: rows(activeTasks), standby: rows(standbyTasks), warmup: rows(warmupTasks) }
}

const rowsOf = async (context: StreamsGroupContext, group: StreamsGroupDescription): Promise<Row[]> => {
  const { options } = context
  const { groupId } = group
  if (options.has('members')) {
    return group.members.map((member) => ({
      group: groupId,
      memberId: member.memberId,
      host: member.host,
      clientId: member.clientId,
      processId: member.processId,
      memberEpoch: member.memberEpoch,
      topologyEpoch: group.topologyEpoch,
      targetAssignmentEpoch: group.assignmentEpoch,
      isClassic: member.isClassic,
      assignment: assignmentRow(member.assignment),
      targetAssignment: assignmentRow(member.targetAssignment),
    }))
  }
  if (options.has('state')) {
    const { coordinator, state, groupEpoch, assignmentEpoch, members } = group
    return [
      {
        group: groupId,
        type: 'streams',
        state,
        coordinator: coordinator.id,
        coordinatorHost: coordinator.host,
        coordinatorPort: coordinator.port,
        groupEpoch,
        targetAssignmentEpoch: assignmentEpoch,
        memberCount: members.length,
      },
    ]
  }
  return (await lagsOf(context, group)).map(({ topic, partition, current, leaderEpoch, end, lag }) => ({
    group: groupId,
    topic,
    partition,
    currentOffset: current,
    leaderEpoch,
    logEndOffset: end,
    lag,
  }))
}

const printAs = async (
  context: StreamsGroupContext,
  format: OutputFormat,
  groups: readonly string[],
): Promise<void> => {
  const rows: Row[] = []
  for (const group of groups) rows.push(...(await rowsOf(context, await describeGroup(context, group))))
  await printStructured(context.io, format, rows, Object.keys(rows[0] ?? { group: '' }))
}

/** `--describe`. */
export const describeGroups = async (context: StreamsGroupContext): Promise<void> => {
  const { options, io } = context
  const groups = await chosenGroups(context)
  const format = outputFormat(options, io)
  if (format !== undefined) return printAs(context, format, groups)
  for (const name of groups) {
    const group = await describeGroup(context, name).catch((error: unknown) => {
      throw wrappedError(error)
    })
    if (options.has('members')) printMembers(context, group)
    else if (options.has('state')) printState(context, group)
    else {
      const lags = await lagsOf(context, group).catch((error: unknown) => {
        throw wrappedError(error)
      })
      printOffsets(context, group, lags)
    }
  }
}
