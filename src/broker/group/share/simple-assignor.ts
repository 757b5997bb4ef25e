import { type Assignment, EMPTY_ASSIGNMENT } from '../consumer/assignment.ts'

/** A member as the assignor sees it. */
export interface SharedMember {
  readonly memberId: string
  /** Ids of the topics it reads that exist. */
  readonly topicIds: ReadonlySet<string>
  /** What it has so far. */
  readonly target: Assignment
}

type NewAssignment = Map<string, Map<string, Set<number>>>

/** A partition and the members that share it. */
interface Shared {
  readonly topicId: string
  readonly partition: number
  readonly members: Set<number>
}

/**
 * Spreads partitions over the members of a share group, where a partition may have several members: each partition gets
 * as many as it takes to give every member some, members have about the same number, and keep what they have as far as that
 * allows. Members that read different topics are looked at topic by topic. The same input gives the same result.
 *
 * @param assignable the partitions of each topic that can be assigned
 */
export function assignSimple(
  members: readonly SharedMember[],
  assignable: ReadonlyMap<string, ReadonlySet<number>>,
): Map<string, Assignment> {
  const ordered = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const assigned: NewAssignment = new Map(ordered.map(({ memberId }) => [memberId, new Map()]))
  const topicIds = [...new Set(ordered.flatMap((member) => [...member.topicIds]))].sort()
  const isHomogeneous = ordered.every((member) => member.topicIds.size === topicIds.length)
  if (isHomogeneous) spread(ordered, topicIds, assignable, assigned)
  else {
    for (const topicId of topicIds) {
      const readers = ordered.filter((member) => member.topicIds.has(topicId))
      spread(readers, [topicId], assignable, assigned)
    }
  }
  return new Map([...assigned].map(([memberId, topics]) => [memberId, topics.size === 0 ? EMPTY_ASSIGNMENT : topics]))
}

/** Spreads the partitions of some topics over members that all read them. */
function spread(
  members: readonly SharedMember[],
  topicIds: readonly string[],
  assignable: ReadonlyMap<string, ReadonlySet<number>>,
  assigned: NewAssignment,
): void {
  const partitions: Shared[] = topicIds.flatMap((topicId) =>
    [...(assignable.get(topicId) ?? [])]
      .sort((a, b) => a - b)
      .map((partition) => ({ topicId, partition, members: new Set<number>() })),
  )
  if (partitions.length === 0) return
  const sharing = Math.ceil(members.length / partitions.length)
  const each = (sharing * partitions.length) / members.length
  const quotas = members.map((_, i) => Math.ceil(each * (i + 1)) - Math.ceil(each * i))
  const counts = members.map(() => 0)
  // First what members have already, as far as neither they nor the partition have too much of it.
  members.forEach(({ target }, i) => {
    for (const shared of partitions) {
      const has = target.get(shared.topicId)?.has(shared.partition) === true
      if (has && counts[i]! < quotas[i]! && shared.members.size < sharing) {
        shared.members.add(i)
        counts[i]!++
      }
    }
  })
  fill(partitions, quotas, counts, sharing)
  for (const { topicId, partition, members: sharers } of partitions) {
    for (const i of sharers) {
      const topics = assigned.get(members[i]!.memberId)!
      topics.set(topicId, (topics.get(topicId) ?? new Set()).add(partition))
    }
  }
}

/**
 * Gives what is left of each partition to the members that lack most. No partition stays without any: quotas add up to what all
 * partitions can take.
 */
function fill(partitions: readonly Shared[], quotas: readonly number[], counts: number[], sharing: number): void {
  for (const shared of partitions) {
    while (shared.members.size < sharing) {
      let best = -1
      for (let i = 0; i < quotas.length; i++) {
        if (shared.members.has(i) || counts[i]! >= quotas[i]!) continue
        if (best === -1 || quotas[i]! - counts[i]! > quotas[best]! - counts[best]!) best = i
      }
      if (best === -1) break
      shared.members.add(best)
      counts[best]!++
    }
  }
}
