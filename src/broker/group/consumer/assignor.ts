import type { Assignment } from './assignment.ts'

/** A member as an assignor sees it. */
export interface AssignorMember {
  readonly memberId: string
  readonly instanceId: string | null
  /** Ids of the topics it reads; topics that don't exist are not among them. */
  readonly topicIds: ReadonlySet<string>
  /** Its target so far: what it is to keep where that is fair. */
  readonly target: Assignment
}

export interface AssignorInput {
  readonly members: readonly AssignorMember[]
  /** Number of partitions of a topic. */
  partitionCount(topicId: string): number
}

/** What an assignor builds. */
export type NewAssignment = Map<string, Map<string, Set<number>>>

/** Spreads the partitions of all topics over the members that read them. Gives the same result for the same input. */
export interface Assignor {
  readonly name: string
  assign(input: AssignorInput): NewAssignment
}

/** An assignment of nothing to each of the members. */
export function emptyAssignment(members: readonly AssignorMember[]): NewAssignment {
  return new Map(members.map(({ memberId }) => [memberId, new Map()]))
}

/** Gives a partition to a member. */
export function give(assignment: NewAssignment, memberId: string, topicId: string, partition: number): void {
  const topics = assignment.get(memberId)!
  const partitions = topics.get(topicId)
  if (partitions === undefined) topics.set(topicId, new Set([partition]))
  else partitions.add(partition)
}

/** Members in an order that doesn't depend on when they joined: static ones by instance id first, others by id. */
export function inOrder(members: readonly AssignorMember[]): AssignorMember[] {
  return [...members].sort((a, b) => {
    if ((a.instanceId === null) !== (b.instanceId === null)) return a.instanceId === null ? 1 : -1
    const left = a.instanceId ?? a.memberId
    const right = b.instanceId ?? b.memberId
    return left < right ? -1 : left > right ? 1 : 0
  })
}

/** Topics with the members that read each, topics in order of their ids. */
export function readersByTopic(members: readonly AssignorMember[]): Map<string, AssignorMember[]> {
  const readers = new Map<string, AssignorMember[]>()
  for (const topicId of [...new Set(members.flatMap((member) => [...member.topicIds]))].sort()) readers.set(topicId, [])
  for (const member of members) for (const topicId of member.topicIds) readers.get(topicId)!.push(member)
  return readers
}
