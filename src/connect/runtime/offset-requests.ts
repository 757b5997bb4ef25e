/** Offsets of connectors by request (KIP-875): those of sources in the worker's file, those of sinks in their group. */
import type { Admin, OffsetAndMetadata, TopicPartition } from '../../client/types.ts'
import { ErrorCode, type KafkaError } from '../../protocol/errors.ts'
import type { SinkConnector, SourceConnector } from '../api/connector.ts'
import type { OffsetMap } from '../api/record.ts'
import { openAdmin } from './clients.ts'
import type { Herder, OffsetChange } from './herder.ts'
import { groupOf } from './make-task.ts'
import { badRequest, RequestError } from './request-error.ts'
import type { RunningConnector } from './running-connector.ts'
import { messageOf } from './trace.ts'

const TOPIC = 'kafka_topic'
const PARTITION = 'kafka_partition'
const OFFSET = 'kafka_offset'

const withAdmin = async <T>(
  herder: Herder,
  { name, props }: RunningConnector,
  use: (admin: Admin, group: string) => Promise<T>,
): Promise<T> => {
  const { config, log } = herder.worker
  const admin = await openAdmin({ worker: config, props, log }, `connector-adminclient-${name}`)
  try {
    return await use(admin, groupOf(name, props))
  } finally {
    await admin.close()
  }
}

const groupOffsets = async (admin: Admin, group: string): Promise<[TopicPartition, number][]> => {
  const result = (await admin.listConsumerGroupOffsets([group])).get(group)
  if (result && !result.ok) throw result.error
  return [...(result?.value ?? [])].flatMap(([key, committed]): [TopicPartition, number][] => {
    const dash = key.lastIndexOf('-')
    const tp = { topic: key.slice(0, dash), partition: Number(key.slice(dash + 1)) }
    return committed === null ? [] : [[tp, committed.offset]]
  })
}

const sinkEntry = ([{ topic, partition }, offset]: [TopicPartition, number]): OffsetChange => ({
  partition: { [PARTITION]: partition, [TOPIC]: topic },
  offset: { [OFFSET]: offset },
})

/** The offsets of a connector. */
export const offsetsOf = async (herder: Herder, name: string): Promise<OffsetChange[]> => {
  const connector = herder.connector(name)
  if (connector.plugin.type === 'source') {
    return herder.worker.offsets.ofConnector(name).map(([partition, offset]) => ({ partition, offset }))
  }
  return (await withAdmin(herder, connector, groupOffsets)).map(sinkEntry)
}

interface GivenOffset {
  readonly partition?: OffsetMap | null
  readonly offset?: OffsetMap | null
}

/** Reads the offsets of a request for a sink. @throws RequestError in Kafka's words (SinkUtils.parseSinkConnectorOffsets) */
export const parseSinkOffsets = (given: readonly GivenOffset[]): [TopicPartition, number | null][] =>
  given.map(({ partition, offset }) => {
    if (!partition) throw badRequest('The partition for a sink connector offset cannot be null or missing')
    if (!(TOPIC in partition && PARTITION in partition)) {
      throw badRequest(`The partition for a sink connector offset must contain the keys '${TOPIC}' and '${PARTITION}'`)
    }
    if (partition[TOPIC] === null) throw badRequest('Kafka topic names must be valid strings and may not be null')
    const integer = (value: OffsetMap[string] | undefined, what: 'partition' | 'offset'): number => {
      if (/^-?\d+$/.test(String(value))) return Number(value)
      const many = what === 'partition' ? 'Partition' : 'Offset'
      throw badRequest(
        `Failed to parse the following Kafka ${what} value in the provided offsets: '${String(value)}'. ${many} values for sink connectors need to be integers.`,
      )
    }
    if (partition[PARTITION] === null) throw badRequest('Kafka partitions must be valid numbers and may not be null')
    const tp = { topic: String(partition[TOPIC]), partition: integer(partition[PARTITION], 'partition') }
    if (!offset) return [tp, null]
    if (!(OFFSET in offset)) {
      throw badRequest(`The offset for a sink connector should either be null or contain the key '${OFFSET}'`)
    }
    return [tp, integer(offset[OFFSET], 'offset')]
  })

const done = (what: 'altered' | 'reset', byConnector: boolean): string =>
  byConnector
    ? `The offsets for this connector have been ${what} successfully`
    : `The Connect framework-managed offsets for this connector have been ${what} successfully. However, if this connector manages offsets ` +
      `externally, they will need to be manually ${what} in the system that the connector uses.`

const changeSource = async (
  herder: Herder,
  connector: RunningConnector,
  changes: readonly (readonly [OffsetMap, OffsetMap | null])[],
): Promise<boolean> => {
  const plugin = connector.plugin.makeConnector() as SourceConnector
  const byConnector = (await plugin.alterOffsets?.(connector.props, changes)) ?? false
  await herder.worker.offsets.set(connector.name, changes)
  return byConnector
}

const settled = (results: Iterable<{ ok: boolean; error?: Error }>, group: string): void => {
  for (const result of results) {
    if (result.ok || result.error === undefined) continue
    const { code } = result.error as Partial<KafkaError>
    if (code === ErrorCode.GROUP_ID_NOT_FOUND) continue
    if (
      code === ErrorCode.NON_EMPTY_GROUP ||
      code === ErrorCode.UNKNOWN_MEMBER_ID ||
      code === ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
    ) {
      const next = 'If the connector has just been stopped, wait a moment; else see who else is in the group'
      throw new RequestError(500, `Failed to change the offsets of consumer group ${group}: it has members. ${next}.`)
    }
    throw new RequestError(500, `Failed to change the offsets of consumer group ${group}: ${messageOf(result.error)}`)
  }
}

const changeSink = async (
  herder: Herder,
  connector: RunningConnector,
  changes: readonly (readonly [TopicPartition, number | null])[],
): Promise<boolean> => {
  const plugin = connector.plugin.makeConnector() as SinkConnector
  const byConnector = (await plugin.alterOffsets?.(connector.props, changes)) ?? false
  await withAdmin(herder, connector, async (admin, group) => {
    const set = new Map<TopicPartition, OffsetAndMetadata>()
    const removed: TopicPartition[] = []
    for (const [tp, offset] of changes) {
      if (offset === null) removed.push(tp)
      else set.set(tp, { offset, leaderEpoch: null, metadata: '' })
    }
    if (set.size > 0) settled((await admin.alterConsumerGroupOffsets(group, set)).values(), group)
    if (removed.length > 0) settled((await admin.deleteConsumerGroupOffsets(group, removed)).values(), group)
  })
  return byConnector
}

/** Changes some offsets of a stopped connector. @returns what was done, in Kafka's words */
export const alterOffsets = async (herder: Herder, name: string, given: readonly GivenOffset[]): Promise<string> => {
  if (given.length === 0) throw badRequest('Partitions / offsets need to be provided for an alter offsets request')
  return herder.whileStopped(name, async (connector) => {
    if (connector.plugin.type === 'sink')
      return done('altered', await changeSink(herder, connector, parseSinkOffsets(given)))
    const changes = given.map(({ partition, offset }) => {
      if (!partition) throw badRequest('The partition of a source offset may not be null')
      return [partition, offset ?? null] as const
    })
    return done('altered', await changeSource(herder, connector, changes))
  })
}

/** Takes all offsets of a stopped connector away. @returns what was done, in Kafka's words */
export const resetOffsets = (herder: Herder, name: string): Promise<string> =>
  herder.whileStopped(name, async (connector) => {
    if (connector.plugin.type === 'source') {
      const changes = herder.worker.offsets.ofConnector(name).map(([partition]) => [partition, null] as const)
      return done('reset', await changeSource(herder, connector, changes))
    }
    const plugin = connector.plugin.makeConnector() as SinkConnector
    return withAdmin(herder, connector, async (admin, group) => {
      const offsets = (await groupOffsets(admin, group)).map(([tp]) => [tp, null] as const)
      const byConnector = (await plugin.alterOffsets?.(connector.props, offsets)) ?? false
      settled((await admin.deleteConsumerGroups([group])).values(), group)
      return done('reset', byConnector)
    })
  })
