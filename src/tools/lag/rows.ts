import type { PartitionLag, Snapshot } from './measure.ts'

/** A line of the table: a group and topic, or one partition. Null is: not known. */
export interface LagRow {
  group: string
  type: string
  state: string
  /** Null for a group without offsets. */
  topic: string | null
  /** The partition, with --partitions. */
  partition: number | null
  /** How many partitions it stands for. */
  partitions: number
  /** Sums over partitions where they are known. */
  currentOffset: number | null
  logEndOffset: number | null
  lag: number | null
  /** Of the partition that is furthest behind. */
  timeBehindMs: number | null
  /** Partitions that exist and whose lag is not known. */
  unknown: number
  note: string | null
  /** What it is made of. */
  members: readonly PartitionLag[]
}

/** What tells a row from others, over time. */
export const rowKey = ({ group, topic, partition }: Pick<LagRow, 'group' | 'topic' | 'partition'>): string =>
  `${group}\0${topic ?? ''}\0${partition ?? ''}`

const sum = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0)
}

const largest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}

const isUnknown = ({ lag, logEndOffset, note }: PartitionLag): boolean =>
  lag === null && !(note === 'no such partition') && logEndOffset !== 0

/** `3 partitions: no commit`, by what there is to say. */
const notesOf = (members: readonly PartitionLag[]): string | null => {
  const counts = new Map<string, number>()
  const lost = members.reduce((total, { lostRecords }) => total + lostRecords, 0)
  for (const { note, lostRecords } of members) {
    if (note !== null && lostRecords === 0) counts.set(note, (counts.get(note) ?? 0) + 1)
  }
  const all = [...counts].map(([note, count]) => (count === members.length ? note : `${count} × ${note}`))
  if (lost > 0) all.push(`${lost} lost to retention`)
  return all.length === 0 ? null : all.join(', ')
}

const rowOf = (members: readonly PartitionLag[], partition: number | null): LagRow => {
  const { group, type, state, topic } = members[0]!
  return {
    group,
    type,
    state,
    topic,
    partition,
    partitions: members.length,
    currentOffset: sum(members.map((member) => member.currentOffset)),
    logEndOffset: sum(members.map((member) => member.logEndOffset)),
    lag: sum(members.map((member) => member.lag)),
    timeBehindMs: largest(members.map((member) => member.timeBehindMs)),
    unknown: members.filter(isUnknown).length,
    note: notesOf(members),
    members,
  }
}

/** The rows of a snapshot: by group and topic, or by partition. Groups without offsets have a row each. */
export const rowsOf = ({ partitions, empty }: Snapshot, byPartition: boolean): LagRow[] => {
  const lists = new Map<string, PartitionLag[]>()
  for (const one of partitions) {
    const key = rowKey({ ...one, partition: byPartition ? one.partition : null })
    const list = lists.get(key)
    if (list) list.push(one)
    else lists.set(key, [one])
  }
  const rows = [...lists.values()].map((members) => rowOf(members, byPartition ? members[0]!.partition : null))
  for (const { group, type, state, note } of empty) {
    const nothing = { currentOffset: null, logEndOffset: null, lag: null, timeBehindMs: null }
    rows.push({
      ...{ group, type, state, topic: null, partition: null, partitions: 0 },
      ...nothing,
      ...{ unknown: 0, note, members: [] },
    })
  }
  return rows.sort((a, b) => (a.group === b.group ? 0 : a.group < b.group ? -1 : 1))
}
