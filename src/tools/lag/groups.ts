import type { Admin, Result, TopicPartition } from '../../client/types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import type { Chooser } from './glob.ts'

/** What a group has of a partition: an offset, or null when it has the partition but no commit. */
export interface Position extends TopicPartition {
  offset: number | null
  /** Share groups: what the coordinator says is left. */
  lag: number | null
}

/** A group and where it is. */
export interface GroupPositions {
  group: string
  type: string
  state: string
  /** Undefined when reading it failed. */
  positions: Position[]
  error: Error | undefined
}

/** Groups named or chosen that are not there. */
export class NoSuchGroupError extends Error {
  override name = 'NoSuchGroupError'
  readonly nextStep = '`kt groups --list` shows the groups there are; one is gone when its offsets have expired.'
}

export interface GroupChoice {
  groups: Chooser
  /** In lower case; empty: all. */
  types: readonly string[]
}

interface Listed {
  groupId: string
  type: string
  state: string
}

/** Kafka's own text form of a partition back again. */
const partitionOf = (key: string): TopicPartition => {
  const dash = key.lastIndexOf('-')
  return { topic: key.slice(0, dash), partition: Number(key.slice(dash + 1)) }
}

/** Groups with committed offsets: not those of Connect's workers and the like. */
const holdsOffsets = (protocolType: string): boolean => ['consumer', '', 'share', 'streams'].includes(protocolType)

/** @throws NoSuchGroupError */
const chooseGroups = async (admin: Admin, { groups, types }: GroupChoice): Promise<Listed[]> => {
  const listed = (await admin.listGroups())
    .map(({ groupId, type, state, protocolType }) => ({
      groupId,
      type: type.toLowerCase() || 'classic',
      state,
      protocolType,
    }))
    .filter(({ type }) => types.length === 0 || types.includes(type))
  const missing = groups.unmatched(listed.map(({ groupId }) => groupId))
  if (missing.length > 0) {
    const kind = types.length > 0 ? `${types.join(' or ')} group` : 'group'
    throw new NoSuchGroupError(`There is no ${kind} ${missing.join(', ')}, or it may not be seen.`)
  }
  return listed
    .filter(({ groupId, protocolType }) => groups.chooses(groupId) && holdsOffsets(protocolType))
    .sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
}

/** Committed offsets, and partitions that members have without a commit. */
const consumerPositions = async (admin: Admin, groups: readonly Listed[]): Promise<Map<string, Result<Position[]>>> => {
  if (groups.length === 0) return new Map()
  const ids = groups.map(({ groupId }) => groupId)
  // A group without members can be asked nothing that its offsets don't tell.
  const withMembers = groups.filter(({ type, state }) => type !== 'streams' && state !== 'Empty')
  const [offsets, described] = await Promise.all([
    admin.listConsumerGroupOffsets(ids),
    withMembers.length === 0 ? undefined : admin.describeConsumerGroups(withMembers.map(({ groupId }) => groupId)),
  ])
  const results = new Map<string, Result<Position[]>>()
  for (const [group, result] of offsets) {
    if (!result.ok) {
      results.set(group, result)
      continue
    }
    const positions = new Map<string, Position>()
    const description = described?.get(group)
    const members = description?.ok ? description.value.members : []
    for (const tp of members.flatMap(({ assignment }) => assignment)) {
      positions.set(topicPartitionKey(tp), { ...tp, offset: null, lag: null })
    }
    for (const [key, committed] of result.value) {
      if (committed !== null) positions.set(key, { ...partitionOf(key), offset: committed.offset, lag: null })
    }
    results.set(group, { ok: true, value: [...positions.values()] })
  }
  return results
}

const sharePositions = async (admin: Admin, groups: readonly Listed[]): Promise<Map<string, Result<Position[]>>> => {
  if (groups.length === 0) return new Map()
  const offsets = await admin.listShareGroupsOffsets(groups.map(({ groupId }) => groupId))
  return new Map(
    [...offsets].map(([group, result]): [string, Result<Position[]>] => {
      if (!result.ok) return [group, result]
      const value = [...result.value].map(([key, found]) => ({
        ...partitionOf(key),
        offset: found?.startOffset ?? null,
        lag: found?.lag ?? null,
      }))
      return [group, { ok: true, value }]
    }),
  )
}

const byPlace = (a: Position, b: Position): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1

/**
 * The chosen groups with their positions, sorted. Requests: ListGroups to each broker; per coordinator one OffsetFetch and, for groups with
 * members, one description; for share groups one DescribeShareGroupOffsets.
 * @throws NoSuchGroupError for a name or pattern that no group has
 */
export const readPositions = async (admin: Admin, choice: GroupChoice, topics: Chooser): Promise<GroupPositions[]> => {
  const listed = await chooseGroups(admin, choice)
  const [consumers, shares] = await Promise.all([
    consumerPositions(
      admin,
      listed.filter(({ type }) => type !== 'share'),
    ),
    sharePositions(
      admin,
      listed.filter(({ type }) => type === 'share'),
    ),
  ])
  return listed.map(({ groupId, type, state }) => {
    const result = consumers.get(groupId) ?? shares.get(groupId)
    const positions = result?.ok ? result.value.filter(({ topic }) => topics.chooses(topic)).sort(byPlace) : []
    return { group: groupId, type, state, positions, error: result?.ok === false ? result.error : undefined }
  })
}
