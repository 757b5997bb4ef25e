import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { Admin, ConsumerGroupDescription, OffsetAndMetadata, TopicPartition } from '../../client/types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import { left } from '../shared/java.ts'
import { unwrap } from '../shared/results.ts'
import type { Row } from '../shared/structured.ts'
import { byTopicAndPartition, doublyWrappedError, type GroupContext } from './context.ts'

/** One line of the table; null prints as a dash. */
export interface PartitionState {
  topic: string
  partition: number
  leaderEpoch: number | null
  currentOffset: number | null
  logEndOffset: number | null
  lag: number | null
  consumerId: string
  host: string
  clientId: string
}

interface Owner {
  consumerId: string
  host: string
  clientId: string
}

const nobody: Owner = { consumerId: '-', host: '-', clientId: '-' }

type Committed = Map<string, OffsetAndMetadata | null>

/** Partitions that have a leader now; those without are shown without an end offset. */
const withLeader = async (admin: Admin, partitions: readonly TopicPartition[]): Promise<Set<string>> => {
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  const described = await admin.describeTopics(topics)
  const found = new Set<string>()
  for (const topic of topics) {
    const result = described.get(topic)
    if (result?.ok === false) throw doublyWrappedError(result.error)
    for (const { partition, leader } of unwrap(result).partitions) {
      if (leader !== null) found.add(topicPartitionKey({ topic, partition }))
    }
  }
  return found
}

/**
 * Where logs end.
 * @returns offsets by `topic-partition`
 */
export const endOffsets = async (admin: Admin, partitions: readonly TopicPartition[]): Promise<Map<string, number>> => {
  if (partitions.length === 0) return new Map()
  const listed = await admin.listOffsets(new Map(partitions.map((partition) => [partition, 'latest'])))
  return new Map(
    [...listed].map(([partition, result]) => {
      if (!result.ok) throw doublyWrappedError(result.error)
      return [topicPartitionKey(partition), result.value.offset]
    }),
  )
}

const describePartitions = async (
  admin: Admin,
  partitions: readonly TopicPartition[],
  committed: Committed,
  owner: Owner,
): Promise<PartitionState[]> => {
  const led = await withLeader(admin, partitions)
  const ends = await endOffsets(
    admin,
    partitions.filter((partition) => led.has(topicPartitionKey(partition))),
  )
  return [...partitions].sort(byTopicAndPartition).map((partition) => {
    const commit = committed.get(topicPartitionKey(partition)) ?? null
    const currentOffset = commit?.offset ?? null
    const logEndOffset = ends.get(topicPartitionKey(partition)) ?? null
    const hasLag = currentOffset !== null && currentOffset !== -1 && logEndOffset !== null
    return {
      ...partition,
      leaderEpoch: commit?.leaderEpoch ?? null,
      currentOffset,
      logEndOffset,
      lag: hasLag ? logEndOffset - currentOffset : null,
      ...owner,
    }
  })
}

const parseKey = (key: string): TopicPartition => {
  const dash = key.lastIndexOf('-')
  return { topic: key.slice(0, dash), partition: Number(key.slice(dash + 1)) }
}

/** The offsets of a group: first what members own, largest share first, then what nobody owns. */
export const collectOffsets = async (
  { admin }: GroupContext,
  group: ConsumerGroupDescription,
): Promise<PartitionState[]> => {
  const result = (await admin.listConsumerGroupOffsets([group.groupId])).get(group.groupId)
  if (result?.ok === false) throw doublyWrappedError(result.error)
  const committed: Committed = unwrap(result)
  const owned = new Set<string>()
  const states: PartitionState[] = []
  const owners = group.members
    .filter((member) => member.assignment.length > 0)
    .sort((a, b) => b.assignment.length - a.assignment.length)
  for (const member of owners) {
    for (const partition of member.assignment) owned.add(topicPartitionKey(partition))
    const owner = { consumerId: member.memberId, host: member.host, clientId: member.clientId }
    states.push(...(await describePartitions(admin, member.assignment, committed, owner)))
  }
  const orphans = [...committed.keys()].filter((key) => !owned.has(key)).map(parseKey)
  if (orphans.length > 0) states.push(...(await describePartitions(admin, orphans, committed, nobody)))
  return states
}

const text = (value: number | null): string => (value === null ? '-' : String(value))

/** Kafka's table of offsets; columns are as wide as their widest value. */
export const printOffsets = (io: Io, group: string, states: readonly PartitionState[], verbose: boolean): void => {
  const width = (pick: (state: PartitionState) => string): number =>
    Math.max(15, ...states.map((state) => pick(state).length))
  const groupWidth = Math.max(15, group.length)
  const topicWidth = width((state) => state.topic)
  const consumerWidth = width((state) => state.consumerId)
  const hostWidth = width((state) => state.host)
  const line = (cells: string[]): string => {
    const [name, topic, partition, epoch, current, end, lag, consumer, host, client] = cells as [string, ...string[]]
    const numbers = [...(verbose ? [epoch] : []), current, end, lag].map((cell) => left(cell!, 15))
    return [
      left(name, groupWidth),
      left(topic!, topicWidth),
      left(partition!, 10),
      ...numbers,
      left(consumer!, consumerWidth),
      left(host!, hostWidth),
      client!,
    ].join(' ')
  }
  const titles = ['GROUP', 'TOPIC', 'PARTITION', 'LEADER-EPOCH', 'CURRENT-OFFSET', 'LOG-END-OFFSET', 'LAG']
  println(io.out, `\n${line([...titles, 'CONSUMER-ID', 'HOST', 'CLIENT-ID'])}`)
  for (const s of states) {
    const numbers = [text(s.leaderEpoch), text(s.currentOffset), text(s.logEndOffset), text(s.lag)]
    println(io.out, line([group, s.topic, String(s.partition), ...numbers, s.consumerId, s.host, s.clientId]))
  }
}

/** The same for `--output`. */
export const offsetRows = (group: string, states: readonly PartitionState[]): Row[] =>
  states.map((state) => ({
    group,
    topic: state.topic,
    partition: state.partition,
    currentOffset: state.currentOffset === -1 ? null : state.currentOffset,
    logEndOffset: state.logEndOffset,
    lag: state.lag,
    leaderEpoch: state.leaderEpoch,
    memberId: state.consumerId === '-' ? null : state.consumerId,
    host: state.host === '-' ? null : state.host,
    clientId: state.clientId === '-' ? null : state.clientId,
  }))
