import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import { type Assignment, type EpochAssignment, overlaps, type TopicPartitions } from './assignment.ts'
import { type ConsumerMember, isReconciledTo, MemberState, withMemberEpoch } from './consumer-member.ts'

export interface Reconciliation {
  readonly targetEpoch: number
  readonly target: Assignment
  /** Ids of the topics the member reads now; others are taken from it, whatever the target says. */
  readonly subscribedTopicIds: ReadonlySet<string>
  /** Take away topics that are no longer read even if there is no new target. */
  readonly subscriptionChanged: boolean
  /** The partitions the member says it has; null when it didn't say. */
  readonly owned: readonly TopicPartitions[] | null
  /** The member that has a partition, or hasn't let go of it. */
  owner(topicId: string, partition: number): string | undefined
}

/** What a member is to keep, give up and get, by comparing what it has with its target. */
interface Difference {
  readonly keep: EpochAssignment
  readonly revoke: EpochAssignment
  readonly add: readonly { readonly topicId: string; readonly partition: number }[]
  /** Some of the target is still another's. */
  readonly waits: boolean
}

/**
 * Moves a member one step towards its target (KIP-848): first it gives up what is no longer its own, staying in its
 * epoch; then it advances to the target's epoch with what is free; the rest follows when others have let go.
 *
 * @returns the member itself when there is nothing to do
 * @throws KafkaError FENCED_MEMBER_EPOCH for a member in a state only a newer coordinator knows
 */
export function reconcile(member: ConsumerMember, input: Reconciliation): ConsumerMember {
  if (!input.subscriptionChanged && isReconciledTo(member, input.targetEpoch)) return member
  switch (member.state) {
    case MemberState.STABLE:
      if (member.memberEpoch !== input.targetEpoch) return advance(member, input)
      return input.subscriptionChanged ? dropUnsubscribed(member, input) : member
    case MemberState.UNREVOKED_PARTITIONS:
      if (!ownsSomeOf(input, member.pendingRevocation)) return advance(member, input)
      return input.subscriptionChanged ? dropUnsubscribed(member, input) : member
    case MemberState.UNRELEASED_PARTITIONS:
      return advance(member, input)
    case MemberState.UNKNOWN:
      if (input.owned === null || input.owned.length > 0) {
        throw new KafkaError(
          ErrorCode.FENCED_MEMBER_EPOCH,
          'The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin.',
        )
      }
      return advance({ ...member, memberEpoch: input.targetEpoch }, input)
  }
}

/** A member that doesn't say what it has is taken to have it still. */
function ownsSomeOf({ owned }: Reconciliation, assignment: EpochAssignment): boolean {
  return owned === null || overlaps(owned, assignment)
}

/** Takes topics from the member that it no longer reads; cheaper than a whole step. */
function dropUnsubscribed(member: ConsumerMember, input: Reconciliation): ConsumerMember {
  const assigned = new Map(member.assigned)
  const pending = new Map(member.pendingRevocation)
  for (const [topicId, partitions] of member.assigned) {
    if (input.subscribedTopicIds.has(topicId)) continue
    assigned.delete(topicId)
    pending.set(topicId, new Map([...(pending.get(topicId) ?? []), ...partitions]))
  }
  if (assigned.size === member.assigned.size) return member
  const next = { ...withMemberEpoch(member, member.memberEpoch), assigned }
  if (!ownsSomeOf(input, pending)) return next
  return { ...next, state: MemberState.UNREVOKED_PARTITIONS, pendingRevocation: pending }
}

function advance(member: ConsumerMember, input: Reconciliation): ConsumerMember {
  const { targetEpoch } = input
  const { keep, revoke, add, waits } = compare(member, input)
  if (revoke.size > 0 && ownsSomeOf(input, revoke)) {
    return {
      ...withMemberEpoch(member, member.memberEpoch),
      state: MemberState.UNREVOKED_PARTITIONS,
      assigned: keep,
      pendingRevocation: revoke,
    }
  }
  const assigned = new Map([...keep].map(([topicId, epochs]) => [topicId, new Map(epochs)]))
  for (const { topicId, partition } of add) {
    const epochs = assigned.get(topicId) ?? new Map<number, number>()
    assigned.set(topicId, epochs.set(partition, targetEpoch))
  }
  return {
    ...withMemberEpoch(member, targetEpoch),
    state: waits ? MemberState.UNRELEASED_PARTITIONS : MemberState.STABLE,
    assigned,
    pendingRevocation: new Map(),
  }
}

function compare(member: ConsumerMember, input: Reconciliation): Difference {
  const keep = new Map<string, ReadonlyMap<number, number>>()
  const revoke = new Map<string, ReadonlyMap<number, number>>()
  const add: { topicId: string; partition: number }[] = []
  let waits = false
  for (const topicId of new Set([...input.target.keys(), ...member.assigned.keys()])) {
    const target = input.subscribedTopicIds.has(topicId) ? (input.target.get(topicId) ?? NONE) : NONE
    const assigned = [...(member.assigned.get(topicId) ?? [])]
    const kept = new Map(assigned.filter(([partition]) => target.has(partition)))
    const revoked = new Map(assigned.filter(([partition]) => !target.has(partition)))
    if (kept.size > 0) keep.set(topicId, kept)
    if (revoked.size > 0) revoke.set(topicId, revoked)
    for (const partition of target) {
      if (kept.has(partition)) continue
      const owner = input.owner(topicId, partition)
      // What the member itself has yet to give up is free for it.
      const isOwn = member.pendingRevocation.get(topicId)?.has(partition) === true
      if (owner === undefined || isOwn) add.push({ topicId, partition })
      else waits = true
    }
  }
  return { keep, revoke, add, waits }
}

const NONE: ReadonlySet<number> = new Set()
