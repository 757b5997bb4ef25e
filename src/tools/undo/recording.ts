/** Writes an undo file before offsets of groups and configs are changed. */
import { rmSync } from 'node:fs'
import { type Io, println } from '../../cli/io.ts'
import type { QuotaEntity } from '../../client/security-types.ts'
import {
  type Admin,
  type AlterConfigOp,
  type ConfigResource,
  type OffsetAndMetadata,
  type Result,
  type TopicPartition,
  topicPartitionKey,
} from '../../client/types.ts'
import { unwrap } from '../shared/results.ts'
import { commitsOf, configsOf, ownValue, quotasOf, shareStartsOf } from './state.ts'
import { writeUndo } from './undo-file.ts'
import type { Change, ConfigsChange, OffsetsChange, QuotasChange, ShareOffsetsChange } from './undo-schema.ts'

/** Where the changes go, for the way back. */
export interface Origin {
  admin: Admin
  io: Io
  server: string
}

/** Throttles come and go with a reassignment; nobody wants them back. */
const isThrottle = (name: string): boolean => /\.replication\.throttled\./.test(name)

const configsChange = async (
  admin: Admin,
  resource: ConfigResource,
  ops: readonly AlterConfigOp[],
): Promise<ConfigsChange> => {
  const found = await configsOf(admin, resource)
  const entries = ops.flatMap(({ name, op, value = null }): ConfigsChange['entries'] => {
    // A sensitive value is never told, so that nobody could put it back.
    if (isThrottle(name) || found.get(name)?.isSensitive) return []
    const before = ownValue(found.get(name), resource)
    if (op === 'set') return [{ name, before, after: value }]
    return [op === 'delete' ? { name, before, after: null } : { name, before }]
  })
  return { kind: 'configs', type: resource.type, name: resource.name, entries }
}

const offsetsChange = async (
  admin: Admin,
  group: string,
  offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata | null>,
): Promise<OffsetsChange> => {
  const before = await commitsOf(admin, group, [...offsets.keys()])
  const partitions = [...offsets].map(([tp, commit]) => ({
    topic: tp.topic,
    partition: tp.partition,
    before: before.get(topicPartitionKey(tp)) ?? null,
    after: commit?.offset ?? null,
  }))
  return { kind: 'offsets', group, partitions }
}

/** A group that is deleted takes all its commits with it. */
const wholeGroup = async (admin: Admin, group: string): Promise<OffsetsChange> => {
  const found = unwrap((await admin.listConsumerGroupOffsets([group])).get(group))
  const partitions = [...found].flatMap(([key, before]) => {
    const dash = key.lastIndexOf('-')
    const place = { topic: key.slice(0, dash), partition: Number(key.slice(dash + 1)) }
    return before === null ? [] : [{ ...place, before, after: null }]
  })
  return { kind: 'offsets', group, partitions }
}

const shareChange = async (
  admin: Admin,
  group: string,
  offsets: ReadonlyMap<TopicPartition, number>,
): Promise<ShareOffsetsChange> => {
  const starts = await shareStartsOf(admin, group)
  const partitions = [...offsets].map(([{ topic, partition }, after]) => {
    return { topic, partition, before: starts.get(topicPartitionKey({ topic, partition })) ?? null, after }
  })
  return { kind: 'share-offsets', group, partitions }
}

const shareDeletion = async (admin: Admin, group: string, topics: readonly string[]): Promise<ShareOffsetsChange> => {
  const found = await admin.listShareGroupOffsets(group)
  const partitions = [...found].flatMap(([{ topic, partition }, offset]) =>
    offset === null || !topics.includes(topic) ? [] : [{ topic, partition, before: offset.startOffset, after: null }],
  )
  return { kind: 'share-offsets', group, partitions }
}

const quotasChange = async (
  admin: Admin,
  entity: QuotaEntity,
  values: ReadonlyMap<string, number | null>,
): Promise<QuotasChange> => {
  const now = await quotasOf(admin, entity)
  const entries = [...values].map(([name, after]) => ({ name, before: now.get(name) ?? null, after }))
  return { kind: 'quotas', entity: Object.fromEntries(entity), entries }
}

const isEmpty = (change: Change): boolean => ('partitions' in change ? change.partitions : change.entries).length === 0

/** Writes the files; a change is never kept from happening because its undo file can't be. */
const record = async ({ admin, io, server }: Origin, making: Promise<Change>[]): Promise<string[]> => {
  try {
    const [{ clusterId }, changes] = await Promise.all([admin.describeCluster(), Promise.all(making)])
    const { active: profile, undoes } = io.session ?? {}
    const cluster = { id: clusterId, server, ...(profile === undefined ? {} : { profile }) }
    const time = new Date().toISOString()
    const head = { version: 1, time, cluster, ...(undoes === undefined ? {} : { undoes }) } as const
    return changes.filter((change) => !isEmpty(change)).map((change) => writeUndo(io.env, { ...head, change }))
  } catch (error) {
    await Promise.allSettled(making)
    if (io.stderrIsTTY) println(io.err, `No undo file was written: ${(error as Error).message}`)
    return []
  }
}

/** Tells of the files at a terminal; forgets them when nothing was changed. */
const settle = (io: Io, paths: readonly string[], changed: boolean): void => {
  if (!changed) for (const path of paths) rmSync(path, { force: true })
  else if (io.stderrIsTTY) for (const path of paths) println(io.err, `\`kt undo ${path}\` puts back what was.`)
}

const isAnyOk = (results: ReadonlyMap<unknown, Result<unknown>>): boolean => [...results.values()].some(({ ok }) => ok)

const recorded = async <R extends ReadonlyMap<unknown, Result<unknown>>>(
  origin: Origin,
  making: Promise<Change>[],
  change: () => Promise<R>,
): Promise<R> => {
  const paths = await record(origin, making)
  try {
    const results = await change()
    settle(origin.io, paths, isAnyOk(results))
    return results
  } catch (error) {
    settle(origin.io, paths, false)
    throw error
  }
}

/** Changes offsets of a group with an undo file. */
export const alterOffsets = (
  origin: Origin,
  group: string,
  offsets: Map<TopicPartition, OffsetAndMetadata>,
): ReturnType<Admin['alterConsumerGroupOffsets']> =>
  recorded(origin, [offsetsChange(origin.admin, group, offsets)], () =>
    origin.admin.alterConsumerGroupOffsets(group, offsets),
  )

/** Deletes offsets of a group with an undo file. */
export const deleteOffsets = (
  origin: Origin,
  group: string,
  partitions: TopicPartition[],
): ReturnType<Admin['deleteConsumerGroupOffsets']> =>
  recorded(origin, [offsetsChange(origin.admin, group, new Map(partitions.map((one) => [one, null])))], () =>
    origin.admin.deleteConsumerGroupOffsets(group, partitions),
  )

/** Changes configs with an undo file for every resource. */
export const alterConfigs = (
  origin: Origin,
  changes: Map<ConfigResource, AlterConfigOp[]>,
  options?: { validateOnly?: boolean },
): ReturnType<Admin['incrementalAlterConfigs']> => {
  if (options?.validateOnly) return origin.admin.incrementalAlterConfigs(changes, options)
  const making = [...changes].map(([resource, ops]) => configsChange(origin.admin, resource, ops))
  return recorded(origin, making, () => origin.admin.incrementalAlterConfigs(changes, options))
}

/** Deletes groups with an undo file for every one that has commits. Share groups have none, and get no file. */
export const deleteGroups = (origin: Origin, groups: string[]): ReturnType<Admin['deleteConsumerGroups']> => {
  const making = groups.map((group) =>
    wholeGroup(origin.admin, group).catch((): Change => ({ kind: 'offsets', group, partitions: [] })),
  )
  return recorded(origin, making, () => origin.admin.deleteConsumerGroups(groups))
}

/** Moves a share group with an undo file. */
export const alterShareOffsets = (
  origin: Origin,
  group: string,
  offsets: Map<TopicPartition, number>,
): ReturnType<Admin['alterShareGroupOffsets']> =>
  recorded(origin, [shareChange(origin.admin, group, offsets)], () =>
    origin.admin.alterShareGroupOffsets(group, offsets),
  )

/** Deletes what a share group has of topics with an undo file. */
export const deleteShareOffsets = (
  origin: Origin,
  group: string,
  topics: string[],
): ReturnType<Admin['deleteShareGroupOffsets']> =>
  recorded(origin, [shareDeletion(origin.admin, group, topics)], () =>
    origin.admin.deleteShareGroupOffsets(group, topics),
  )

/** Changes quotas with an undo file. */
export const alterQuotas = async (
  origin: Origin,
  entity: QuotaEntity,
  values: ReadonlyMap<string, number | null>,
): Promise<void> => {
  await recorded(origin, [quotasChange(origin.admin, entity, values)], async () => {
    await origin.admin.alterClientQuotas(entity, values)
    return new Map([[entity, { ok: true, value: undefined } satisfies Result<void>]])
  })
}
