import type { AssignorMember, NewAssignment } from './assignor.ts'
import { give } from './assignor.ts'

/**
 * Evens out the loads of members that read different topics: while a reader of a topic has two partitions less than
 * another that has some of the topic, one of them moves. Each move brings the loads closer, so it ends.
 *
 * @param loads number of partitions of each member; kept up to date
 */
export function balance(
  assignment: NewAssignment,
  readers: ReadonlyMap<string, readonly AssignorMember[]>,
  loads: Map<string, number>,
): void {
  let moved = true
  while (moved) {
    moved = false
    for (const [topicId, members] of readers) {
      while (moveOne(assignment, topicId, members, loads)) moved = true
    }
  }
}

function moveOne(
  assignment: NewAssignment,
  topicId: string,
  members: readonly AssignorMember[],
  loads: Map<string, number>,
): boolean {
  let most: string | undefined
  let least: string | undefined
  for (const { memberId } of members) {
    const load = loads.get(memberId)!
    if (least === undefined || load < loads.get(least)!) least = memberId
    const hasSome = (assignment.get(memberId)!.get(topicId)?.size ?? 0) > 0
    if (hasSome && (most === undefined || load > loads.get(most)!)) most = memberId
  }
  if (most === undefined || least === undefined || loads.get(most)! - loads.get(least)! < 2) return false
  const partitions = assignment.get(most)!.get(topicId)!
  const partition = [...partitions].at(-1)!
  partitions.delete(partition)
  if (partitions.size === 0) assignment.get(most)!.delete(topicId)
  give(assignment, least, topicId, partition)
  loads.set(most, loads.get(most)! - 1)
  loads.set(least, loads.get(least)! + 1)
  return true
}
