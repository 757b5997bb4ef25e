import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import { isReconciledTo, type StreamsMember, StreamsMemberState } from './streams-member.ts'
import type { TaskProcesses } from './task-processes.ts'
import {
  type AssignedTasks,
  EMPTY_TASKS,
  type EpochTasks,
  isEmpty,
  overlaps,
  type TaskSet,
  type Tasks,
  union,
} from './tasks.ts'

export interface StreamsReconciliation {
  readonly targetEpoch: number
  readonly target: Tasks
  /** The tasks the member says it has; null when it didn't say. */
  readonly owned: Tasks | null
  readonly processes: TaskProcesses
}

/**
 * Moves a member one step towards its target (KIP-1071): first it gives up what is no longer its own, staying in its
 * epoch; then it advances to the target's epoch with what is free; the rest follows when others have let go.
 *
 * @returns the member itself when there is nothing to do
 * @throws KafkaError FENCED_MEMBER_EPOCH for a member in a state only a newer coordinator knows
 */
export function reconcileTasks(member: StreamsMember, input: StreamsReconciliation): StreamsMember {
  if (isReconciledTo(member, input.targetEpoch)) return member
  switch (member.state) {
    case StreamsMemberState.STABLE:
    case StreamsMemberState.UNRELEASED_TASKS:
      return advance(member, input, member.memberEpoch)
    case StreamsMemberState.UNREVOKED_TASKS:
      if (hasStill(input, member.pendingRevocation)) return member
      return advance(member, input, member.memberEpoch + 1)
    case StreamsMemberState.UNKNOWN:
      if (input.owned === null || !isEmpty(input.owned)) {
        throw new KafkaError(
          ErrorCode.FENCED_MEMBER_EPOCH,
          'The streams group member is in a unknown state. The member must abandon all its tasks and rejoin.',
        )
      }
      return advance(member, input, input.targetEpoch)
  }
}

/** A member that doesn't say what it has is taken to have it still. */
function hasStill({ owned }: StreamsReconciliation, tasks: AssignedTasks): boolean {
  return owned === null || overlaps(owned, tasks)
}

/** @param epoch the member's if it has to give up something first */
function advance(member: StreamsMember, input: StreamsReconciliation, epoch: number): StreamsMember {
  const { targetEpoch, target, processes } = input
  const { assigned, processId } = member
  const isInProcess = (id: string, partition: number) => processes.has(processId, id, partition)
  const active = compare(assigned.active, target.active, (id, partition) => {
    return processes.active(id, partition) !== undefined || isInProcess(id, partition)
  })
  const standby = compare(assigned.standby, target.standby, isInProcess)
  const warmup = compare(assigned.warmup, target.warmup, isInProcess)
  const keep = { active: kept(assigned.active, active.keep), standby: standby.keep, warmup: warmup.keep }
  const revoke = { active: kept(assigned.active, active.revoke), standby: standby.revoke, warmup: warmup.revoke }
  if (!isEmpty(revoke) && hasStill(input, revoke)) {
    return {
      ...member,
      memberEpoch: epoch,
      previousMemberEpoch: member.memberEpoch,
      state: StreamsMemberState.UNREVOKED_TASKS,
      assigned: keep,
      pendingRevocation: revoke,
    }
  }
  const add = { active: inEpoch(active.add, targetEpoch), standby: standby.add, warmup: warmup.add }
  const waits = active.waits || standby.waits || warmup.waits
  return {
    ...member,
    memberEpoch: targetEpoch,
    previousMemberEpoch: member.memberEpoch,
    state: waits ? StreamsMemberState.UNRELEASED_TASKS : StreamsMemberState.STABLE,
    assigned: union(keep, add),
    pendingRevocation: EMPTY_TASKS,
  }
}

interface Difference {
  readonly keep: TaskSet
  readonly revoke: TaskSet
  readonly add: TaskSet
  /** Some of the target is still another's. */
  readonly waits: boolean
}

function compare(
  current: TaskSet | EpochTasks,
  target: TaskSet,
  isTaken: (subtopologyId: string, partition: number) => boolean,
): Difference {
  const keep = new Map<string, Set<number>>()
  const revoke = new Map<string, Set<number>>()
  const add = new Map<string, Set<number>>()
  let waits = false
  for (const [id, partitions] of current) {
    for (const partition of partitions.keys()) put(target.get(id)?.has(partition) ? keep : revoke, id, partition)
  }
  for (const [id, partitions] of target) {
    for (const partition of partitions) {
      if (current.get(id)?.has(partition)) continue
      if (isTaken(id, partition)) waits = true
      else put(add, id, partition)
    }
  }
  return { keep, revoke, add, waits }
}

function put(tasks: Map<string, Set<number>>, subtopologyId: string, partition: number): void {
  const partitions = tasks.get(subtopologyId)
  if (partitions === undefined) tasks.set(subtopologyId, new Set([partition]))
  else partitions.add(partition)
}

/** The tasks with the epochs they have in `from`. */
function kept(from: EpochTasks, tasks: TaskSet): EpochTasks {
  return new Map(
    [...tasks].map(([id, partitions]) => [id, new Map([...partitions].map((p) => [p, from.get(id)!.get(p)!]))]),
  )
}

function inEpoch(tasks: TaskSet, epoch: number): EpochTasks {
  return new Map([...tasks].map(([id, partitions]) => [id, new Map([...partitions].map((p) => [p, epoch]))]))
}
