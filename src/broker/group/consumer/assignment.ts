/** Partitions by topic id. */
export type Assignment = ReadonlyMap<string, ReadonlySet<number>>

/** Partitions by topic id, each with the member epoch it was assigned in (KIP-1251). */
export type EpochAssignment = ReadonlyMap<string, ReadonlyMap<number, number>>

/** A topic's partitions as the protocol lists them. */
export interface TopicPartitions {
  readonly topicId: string
  readonly partitions: readonly number[]
}

export const EMPTY_ASSIGNMENT: Assignment = new Map()
export const EMPTY_EPOCH_ASSIGNMENT: EpochAssignment = new Map()

const ascending = (a: number, b: number): number => a - b

/** The form of responses and records: partitions in ascending order. */
export function listPartitions(assignment: Assignment | EpochAssignment): { topicId: string; partitions: number[] }[] {
  return [...assignment].map(([topicId, partitions]) => ({
    topicId,
    partitions: [...partitions.keys()].sort(ascending),
  }))
}

/** The reverse of `listPartitions`. */
export function assignmentOf(topics: readonly TopicPartitions[]): Assignment {
  return new Map(topics.map(({ topicId, partitions }) => [topicId, new Set(partitions)]))
}

/** The partitions without their epochs. */
export function withoutEpochs(assignment: EpochAssignment): Assignment {
  return new Map([...assignment].map(([topicId, epochs]) => [topicId, new Set(epochs.keys())]))
}

/** The partitions, all of them assigned in `epoch`. */
export function withEpoch(assignment: Assignment, epoch: number): EpochAssignment {
  return new Map(
    [...assignment].map(([topicId, partitions]) => [topicId, new Map([...partitions].map((each) => [each, epoch]))]),
  )
}

/** True when both have the same partitions; epochs don't count. */
export function samePartitions(a: Assignment | EpochAssignment, b: Assignment | EpochAssignment): boolean {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId)
    if (others === undefined || others.size !== partitions.size) return false
    for (const partition of partitions.keys()) if (!others.has(partition)) return false
  }
  return true
}

/** True when both have the same partitions with the same epochs. */
export function sameEpochs(a: EpochAssignment, b: EpochAssignment): boolean {
  if (!samePartitions(a, b)) return false
  for (const [topicId, epochs] of a) {
    for (const [partition, epoch] of epochs) if (b.get(topicId)?.get(partition) !== epoch) return false
  }
  return true
}

/** True when `assignment` has some of `partitions`. */
export function overlaps(partitions: readonly TopicPartitions[], assignment: EpochAssignment): boolean {
  return partitions.some(({ topicId, partitions: each }) => each.some((p) => assignment.get(topicId)?.has(p)))
}

/** True when `assignment` has all of `partitions`. */
export function contains(assignment: EpochAssignment, partitions: readonly TopicPartitions[]): boolean {
  return partitions.every(({ topicId, partitions: each }) =>
    each.every((p) => assignment.get(topicId)?.has(p) === true),
  )
}

/** The partitions of both. */
export function union(a: EpochAssignment, b: EpochAssignment): Assignment {
  const result = new Map([...a].map(([topicId, epochs]) => [topicId, new Set(epochs.keys())]))
  for (const [topicId, epochs] of b) result.set(topicId, new Set([...(result.get(topicId) ?? []), ...epochs.keys()]))
  return result
}

/** Assignment epochs by partition. Records from before KIP-1251 have none: the member's epoch counts then. */
export function partitionEpochs(
  partitions: readonly number[],
  assignmentEpochs: readonly number[] | null | undefined,
  memberEpoch: number,
): Map<number, number> {
  const known = assignmentEpochs?.length === partitions.length ? assignmentEpochs : null
  return new Map(partitions.map((partition, i) => [partition, known?.[i] ?? memberEpoch]))
}
