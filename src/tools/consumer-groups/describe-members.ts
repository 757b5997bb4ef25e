import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { ConsumerGroupDescription, MemberDescription, TopicPartition } from '../../client/types.ts'
import { left } from '../shared/java.ts'
import type { Row } from '../shared/structured.ts'

/** `topic:0,1;other:2`, or a dash for nothing. */
const assignmentText = (partitions: readonly TopicPartition[]): string => {
  const byTopic = new Map<string, number[]>()
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition])
  const parts = [...byTopic].map(([topic, numbers]) => `${topic}:${numbers.sort((a, b) => a - b).join(',')}`)
  return parts.length === 0 ? '-' : parts.sort().join(';')
}

const cell = (value: number | null): string => (value === null ? '-' : String(value))

interface Widths {
  group: number
  id: number
  instance: number
  host: number
  client: number
  current: number
  target: number
  hasInstances: boolean
  /** Members of both protocols are in the group: a column says which is which. */
  isMixed: boolean
}

const measure = (group: ConsumerGroupDescription): Widths => {
  const { members } = group
  const widest = (least: number, pick: (member: MemberDescription) => string): number =>
    Math.max(least, ...members.map((member) => pick(member).length))
  return {
    group: members.length === 0 ? 15 : Math.max(15, group.groupId.length),
    id: widest(15, (member) => member.memberId),
    instance: widest(17, (member) => member.groupInstanceId ?? ''),
    host: widest(15, (member) => member.host),
    client: widest(15, (member) => member.clientId),
    current: widest(20, (member) => assignmentText(member.assignment)),
    target: widest(20, (member) => assignmentText(member.targetAssignment ?? [])),
    hasInstances: members.some((member) => Boolean(member.groupInstanceId)),
    isMixed:
      members.some((member) => member.isClassic === true) && members.some((member) => member.isClassic === false),
  }
}

const upgradedText = (member: MemberDescription): string =>
  member.isClassic === null ? '-' : String(!member.isClassic)

/** Kafka's table of members; `verbose` adds epochs and assignments. */
export const printMembers = (io: Io, group: ConsumerGroupDescription, verbose: boolean): void => {
  const w = measure(group)
  const line = (names: string[], instance: string, count: string, details: string[]): string => {
    const [name, id, host, client] = names as [string, string, string, string]
    const instanceCell = w.hasInstances ? [left(instance, w.instance)] : []
    const head = [left(name, w.group), left(id, w.id), ...instanceCell, left(host, w.host), left(client, w.client)]
    const start = `${[...head, left(count, 15)].join(' ')} `
    if (!verbose) return start
    const [epoch, current, targetEpoch, target, upgraded] = details as [string, string, string, string, string]
    const tail = [left(epoch, 15), left(current, w.current), left(targetEpoch, 15), left(target, w.target)].join(' ')
    return start + tail + (w.isMixed ? ` ${upgraded}` : '')
  }
  const titles = ['CURRENT-EPOCH', 'CURRENT-ASSIGNMENT', 'TARGET-EPOCH', 'TARGET-ASSIGNMENT', 'UPGRADED']
  const header = line(['GROUP', 'CONSUMER-ID', 'HOST', 'CLIENT-ID'], 'GROUP-INSTANCE-ID', '#PARTITIONS', titles)
  println(io.out, `\n${header}`)
  for (const member of group.members) {
    const names = [group.groupId, member.memberId, member.host, member.clientId]
    const details = [
      cell(member.memberEpoch),
      assignmentText(member.assignment),
      cell(group.targetAssignmentEpoch),
      assignmentText(member.targetAssignment ?? []),
      upgradedText(member),
    ]
    println(io.out, line(names, member.groupInstanceId ?? '', String(member.assignment.length), details))
  }
}

const partitionsOf = (partitions: readonly TopicPartition[]): Row[] =>
  partitions.map(({ topic, partition }) => ({ topic, partition }))

/** The same for `--output`. */
export const memberRows = (group: ConsumerGroupDescription): Row[] =>
  group.members.map((member) => ({
    group: group.groupId,
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    host: member.host,
    clientId: member.clientId,
    partitionCount: member.assignment.length,
    memberEpoch: member.memberEpoch,
    assignment: partitionsOf(member.assignment),
    targetAssignmentEpoch: group.targetAssignmentEpoch,
    targetAssignment: member.targetAssignment === null ? null : partitionsOf(member.targetAssignment),
    isClassic: member.isClassic,
  }))
