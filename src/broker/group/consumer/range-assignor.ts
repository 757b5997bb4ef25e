import {
  type Assignor,
  type AssignorInput,
  type AssignorMember,
  emptyAssignment,
  give,
  inOrder,
  type NewAssignment,
  readersByTopic,
} from './assignor.ts'

const ascending = (a: number, b: number): number => a - b

/** How many partitions one topic's readers get: `quota` each, and one more for `extras` of them. */
interface Shares {
  readonly quota: number
  extras: number
}

/**
 * Splits each topic by itself into ranges, so that members that read the same topics get the same partition numbers of
 * each. Members keep what they have as far as their share goes.
 */
export const rangeAssignor: Assignor = {
  name: 'range',
  assign(input: AssignorInput): NewAssignment {
    const assignment = emptyAssignment(input.members)
    for (const [topicId, readers] of readersByTopic(inOrder(input.members))) {
      assignTopic(assignment, topicId, readers, input.partitionCount(topicId))
    }
    return assignment
  },
}

function assignTopic(
  assignment: NewAssignment,
  topicId: string,
  readers: readonly AssignorMember[],
  partitionCount: number,
): void {
  const shares: Shares = {
    quota: Math.floor(partitionCount / readers.length),
    extras: partitionCount % readers.length,
  }
  const kept = new Set<number>()
  const unfilled: { readonly memberId: string; missing: number }[] = []
  for (const { memberId, target } of readers) {
    const owned = [...(target.get(topicId) ?? [])].filter((each) => each < partitionCount && !kept.has(each))
    owned.sort(ascending)
    const hasExtra = owned.length > shares.quota && shares.extras > 0
    if (hasExtra) shares.extras--
    const keep = owned.slice(0, shares.quota + (hasExtra ? 1 : 0))
    for (const partition of keep) {
      kept.add(partition)
      give(assignment, memberId, topicId, partition)
    }
    if (!hasExtra) unfilled.push({ memberId, missing: shares.quota - keep.length })
  }
  let next = 0
  for (const { memberId, missing } of unfilled) {
    let remaining = missing
    if (shares.extras > 0) {
      shares.extras--
      remaining++
    }
    while (remaining > 0) {
      while (kept.has(next)) next++
      give(assignment, memberId, topicId, next++)
      remaining--
    }
  }
}
