import type { TopicPartition } from '../types.ts'
import { topicPartitionKey } from '../types.ts'

/** A member as an assignor sees it. */
export interface AssignorMember {
  memberId: string
  groupInstanceId: string | null
  topics: readonly string[]
  /** What it had before, where it says so (version 1 and up of the subscription). */
  owned: readonly TopicPartition[]
  /** Generation in which it had that; -1 when unknown. */
  generation: number
}

export type MemberAssignment = Map<string, TopicPartition[]>

export interface Assignor {
  /** As in JoinGroup. */
  name: string
  cooperative: boolean
  assign(members: readonly AssignorMember[], partitionCounts: ReadonlyMap<string, number>): MemberAssignment
}

/** Java's order of members: static ones by instance id first, then the others by member id. */
function compareMembers(a: AssignorMember, b: AssignorMember): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null) return a.groupInstanceId < b.groupInstanceId ? -1 : 1
  if (a.groupInstanceId !== null) return -1
  if (b.groupInstanceId !== null) return 1
  return a.memberId < b.memberId ? -1 : 1
}

function emptyAssignment(members: readonly AssignorMember[]): MemberAssignment {
  return new Map(members.map(({ memberId }) => [memberId, []]))
}

const topicsOf = (members: readonly AssignorMember[]): string[] => [...new Set(members.flatMap((m) => m.topics))].sort()

/** Java's RangeAssignor: of each topic, consecutive partitions per member, the first members getting one more. */
export const rangeAssignor: Assignor = {
  name: 'range',
  cooperative: false,
  assign(members, partitionCounts) {
    const assignment = emptyAssignment(members)
    for (const topic of topicsOf(members)) {
      const count = partitionCounts.get(topic) ?? 0
      const takers = members.filter((m) => m.topics.includes(topic)).sort(compareMembers)
      const least = Math.floor(count / takers.length)
      const extra = count % takers.length
      let next = 0
      for (const [index, taker] of takers.entries()) {
        const share = least + (index < extra ? 1 : 0)
        for (let i = 0; i < share; i++) assignment.get(taker.memberId)?.push({ topic, partition: next++ })
      }
    }
    return assignment
  },
}

/** Java's RoundRobinAssignor: all partitions in order, dealt out in turn to those who subscribe to the topic. */
export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  cooperative: false,
  assign(members, partitionCounts) {
    const assignment = emptyAssignment(members)
    const ring = [...members].sort(compareMembers)
    let at = 0
    for (const topic of topicsOf(members)) {
      for (let partition = 0; partition < (partitionCounts.get(topic) ?? 0); partition++) {
        while (!ring[at % ring.length]?.topics.includes(topic)) at++
        const member = ring[at++ % ring.length] as AssignorMember
        assignment.get(member.memberId)?.push({ topic, partition })
      }
    }
    return assignment
  },
}

/**
 * A sticky assignment: everyone keeps what they had as far as balance allows, the rest goes to whoever has least. Balanced to
 * within one partition among members with the same topics.
 */
function stickyAssign(
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
): MemberAssignment {
  const assignment = emptyAssignment(members)
  const open = new Map<string, TopicPartition>()
  for (const topic of topicsOf(members)) {
    for (let partition = 0; partition < (partitionCounts.get(topic) ?? 0); partition++) {
      open.set(topicPartitionKey({ topic, partition }), { topic, partition })
    }
  }
  const sorted = [...members].sort(compareMembers)
  const least = Math.floor(open.size / Math.max(1, members.length))
  const sameTopics = new Set(members.map((m) => [...m.topics].sort().join('\0'))).size <= 1
  let extras = sameTopics ? open.size % Math.max(1, members.length) : 0
  // Of two who claim the same partition the later generation is right.
  for (const member of [...sorted].sort((a, b) => b.generation - a.generation)) {
    const kept = assignment.get(member.memberId) as TopicPartition[]
    for (const tp of member.owned) {
      const key = topicPartitionKey(tp)
      if (!open.has(key) || !member.topics.includes(tp.topic)) continue
      if (sameTopics && kept.length >= least) {
        if (kept.length > least || extras === 0) continue
        extras--
      }
      kept.push(tp)
      open.delete(key)
    }
  }
  for (const tp of open.values()) lightest(sorted, assignment, tp.topic)?.push(tp)
  if (!sameTopics) level(sorted, assignment)
  return assignment
}

function lightest(
  members: AssignorMember[],
  assignment: MemberAssignment,
  topic: string,
): TopicPartition[] | undefined {
  let best: TopicPartition[] | undefined
  for (const member of members) {
    const list = assignment.get(member.memberId)
    if (list && member.topics.includes(topic) && (best === undefined || list.length < best.length)) best = list
  }
  return best
}

/** Moves partitions from members with more to members with at least two less, as long as there are any. */
function level(members: AssignorMember[], assignment: MemberAssignment): void {
  for (let moved = true; moved; ) {
    moved = false
    for (const member of members) {
      const from = assignment.get(member.memberId) as TopicPartition[]
      for (let i = from.length - 1; i >= 0; i--) {
        const tp = from[i] as TopicPartition
        const to = lightest(members, assignment, tp.topic)
        if (to === undefined || to === from || to.length + 1 >= from.length) continue
        from.splice(i, 1)
        to.push(tp)
        moved = true
      }
    }
  }
}

export const stickyAssignor: Assignor = { name: 'sticky', cooperative: false, assign: stickyAssign }

/** The sticky assignment, but what another member still has is given to nobody yet: that one first has to let go (KIP-429). */
export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  cooperative: true,
  assign(members, partitionCounts) {
    const assignment = stickyAssign(members, partitionCounts)
    const ownerOf = new Map<string, string>()
    for (const member of [...members].sort((a, b) => a.generation - b.generation)) {
      for (const tp of member.owned) ownerOf.set(topicPartitionKey(tp), member.memberId)
    }
    for (const [memberId, partitions] of assignment) {
      const free = partitions.filter((tp) => (ownerOf.get(topicPartitionKey(tp)) ?? memberId) === memberId)
      assignment.set(memberId, free)
    }
    return assignment
  },
}

const ASSIGNORS: Record<string, Assignor> = {
  range: rangeAssignor,
  roundrobin: roundRobinAssignor,
  sticky: stickyAssignor,
  'cooperative-sticky': cooperativeStickyAssignor,
  RangeAssignor: rangeAssignor,
  RoundRobinAssignor: roundRobinAssignor,
  StickyAssignor: stickyAssignor,
  CooperativeStickyAssignor: cooperativeStickyAssignor,
}

/** An assignor by its name or Java class name; undefined for one that isn't known here. */
export function assignorOf(name: string): Assignor | undefined {
  return ASSIGNORS[name.replace(/^org\.apache\.kafka\.clients\.consumer\./, '')]
}
