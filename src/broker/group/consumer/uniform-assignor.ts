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
import { sameNames } from './consumer-member.ts'
import { balance } from './uniform-balance.ts'

/** A partition nobody has. */
interface Unassigned {
  readonly topicId: string
  readonly partition: number
}

/**
 * Gives all members as nearly as possible the same number of partitions, over all topics; members keep what they have
 * as far as that allows.
 */
export const uniformAssignor: Assignor = {
  name: 'uniform',
  assign(input: AssignorInput): NewAssignment {
    const members = inOrder(input.members)
    const first = members[0]
    if (first === undefined) return new Map()
    const isHomogeneous = members.every(({ topicIds }) => sameNames(topicIds, first.topicIds))
    return isHomogeneous ? assignEvenly(input, members) : assignByReaders(input, members)
  },
}

/** All members read the same topics: the shares differ by one at most. */
function assignEvenly(input: AssignorInput, members: readonly AssignorMember[]): NewAssignment {
  const assignment = emptyAssignment(members)
  const topicIds = [...members[0]!.topicIds].sort()
  const total = topicIds.reduce((sum, topicId) => sum + input.partitionCount(topicId), 0)
  const quota = Math.floor(total / members.length)
  let extras = total % members.length
  const taken = takenPartitions(input)
  const sizes = new Map<string, number>()
  for (const member of members) {
    const owned = taken.claim(member)
    const hasExtra = owned.length > quota && extras > 0
    if (hasExtra) extras--
    const share = quota + (hasExtra ? 1 : 0)
    for (const { topicId, partition } of owned.slice(0, share)) give(assignment, member.memberId, topicId, partition)
    for (const surplus of owned.slice(share)) taken.release(surplus)
    sizes.set(member.memberId, Math.min(owned.length, share))
  }
  const free = taken.free(topicIds)
  let next = 0
  for (const { memberId } of members) {
    let missing = quota - sizes.get(memberId)!
    if (missing >= 0 && extras > 0) {
      extras--
      missing++
    }
    for (; missing > 0; missing--) {
      const { topicId, partition } = free[next++]!
      give(assignment, memberId, topicId, partition)
    }
  }
  return assignment
}

/** Members read different topics: each free partition goes to its reader with the fewest, then loads are evened out. */
function assignByReaders(input: AssignorInput, members: readonly AssignorMember[]): NewAssignment {
  const assignment = emptyAssignment(members)
  const readers = readersByTopic(members)
  const taken = takenPartitions(input)
  const loads = new Map<string, number>()
  for (const member of members) {
    const owned = taken.claim(member)
    for (const { topicId, partition } of owned) give(assignment, member.memberId, topicId, partition)
    loads.set(member.memberId, owned.length)
  }
  // Topics with few readers first: the others have more ways to even that out.
  const topicIds = [...readers.keys()].sort((a, b) => readers.get(a)!.length - readers.get(b)!.length)
  for (const { topicId, partition } of taken.free(topicIds)) {
    let least = readers.get(topicId)![0]!
    for (const reader of readers.get(topicId)!) {
      if (loads.get(reader.memberId)! < loads.get(least.memberId)!) least = reader
    }
    give(assignment, least.memberId, topicId, partition)
    loads.set(least.memberId, loads.get(least.memberId)! + 1)
  }
  balance(assignment, readers, loads)
  return assignment
}

/** Keeps track of which partitions have an owner. */
function takenPartitions(input: AssignorInput) {
  const taken = new Map<string, Set<number>>()
  return {
    /** The partitions of its target that a member may keep: it reads them, they exist, and nobody else has them. */
    claim({ topicIds, target }: AssignorMember): Unassigned[] {
      const owned: Unassigned[] = []
      for (const [topicId, partitions] of target) {
        if (!topicIds.has(topicId)) continue
        const others = taken.get(topicId) ?? new Set<number>()
        taken.set(topicId, others)
        for (const partition of partitions) {
          if (partition >= input.partitionCount(topicId) || others.has(partition)) continue
          others.add(partition)
          owned.push({ topicId, partition })
        }
      }
      return owned
    },
    release({ topicId, partition }: Unassigned): void {
      taken.get(topicId)?.delete(partition)
    },
    free(topicIds: readonly string[]): Unassigned[] {
      const free: Unassigned[] = []
      for (const topicId of topicIds) {
        for (let partition = 0; partition < input.partitionCount(topicId); partition++) {
          if (taken.get(topicId)?.has(partition) !== true) free.push({ topicId, partition })
        }
      }
      return free
    },
  }
}
