/** Tasks as the partitions of each subtopology. */
export type TaskSet = ReadonlyMap<string, ReadonlySet<number>>

/** Active tasks, each with the member epoch it was assigned in (KIP-1251). */
export type EpochTasks = ReadonlyMap<string, ReadonlyMap<number, number>>

/** A subtopology's tasks as the protocol lists them. */
export interface TaskIds {
  readonly subtopologyId: string
  readonly partitions: readonly number[]
}

/** What a member is to have, or says it has. */
export interface Tasks {
  readonly active: TaskSet
  readonly standby: TaskSet
  readonly warmup: TaskSet
}

/** What a member has, as its coordinator knows it. */
export interface AssignedTasks {
  readonly active: EpochTasks
  readonly standby: TaskSet
  readonly warmup: TaskSet
}

const NO_TASKS = new Map<string, never>()
export const EMPTY_TASKS: Tasks & AssignedTasks = { active: NO_TASKS, standby: NO_TASKS, warmup: NO_TASKS }

const byId = (a: [string, unknown], b: [string, unknown]): number => (a[0] < b[0] ? -1 : 1)

/** The form of responses and records: subtopologies and partitions in ascending order. */
export function listTasks(tasks: TaskSet | EpochTasks): { subtopologyId: string; partitions: number[] }[] {
  return [...tasks].sort(byId).map(([subtopologyId, partitions]) => ({
    subtopologyId,
    partitions: [...partitions.keys()].sort((a, b) => a - b),
  }))
}

/** The reverse of `listTasks`. */
export function taskSet(tasks: readonly TaskIds[]): TaskSet {
  return new Map(tasks.map(({ subtopologyId, partitions }) => [subtopologyId, new Set(partitions)]))
}

export function hasTask(tasks: TaskSet | EpochTasks, subtopologyId: string, partition: number): boolean {
  return tasks.get(subtopologyId)?.has(partition) === true
}

/** True when both have the same tasks; epochs don't count. */
export function sameTaskSets(a: TaskSet | EpochTasks, b: TaskSet | EpochTasks): boolean {
  if (a === b) return true
  return a.size === b.size && containsAll(a, b) && containsAll(b, a)
}

function containsAll(tasks: TaskSet | EpochTasks, others: TaskSet | EpochTasks): boolean {
  for (const [subtopologyId, partitions] of others) {
    for (const partition of partitions.keys()) if (!hasTask(tasks, subtopologyId, partition)) return false
    if (!tasks.has(subtopologyId)) return false
  }
  return true
}

export function sameTasks(a: Tasks, b: Tasks): boolean {
  return sameTaskSets(a.active, b.active) && sameTaskSets(a.standby, b.standby) && sameTaskSets(a.warmup, b.warmup)
}

/** True when both have the same tasks with the same epochs. */
export function sameAssigned(a: AssignedTasks, b: AssignedTasks): boolean {
  if (a === b) return true
  if (!sameTaskSets(a.active, b.active)) return false
  for (const [subtopologyId, epochs] of a.active) {
    for (const [partition, epoch] of epochs) if (b.active.get(subtopologyId)?.get(partition) !== epoch) return false
  }
  return sameTaskSets(a.standby, b.standby) && sameTaskSets(a.warmup, b.warmup)
}

export function isEmpty({ active, standby, warmup }: Tasks | AssignedTasks): boolean {
  return active.size === 0 && standby.size === 0 && warmup.size === 0
}

/** True when `owned` names some of `tasks`, each kind by itself. */
export function overlaps(owned: Tasks, tasks: AssignedTasks): boolean {
  return (
    shareSome(owned.active, tasks.active) ||
    shareSome(owned.standby, tasks.standby) ||
    shareSome(owned.warmup, tasks.warmup)
  )
}

function shareSome(owned: TaskSet, tasks: TaskSet | EpochTasks): boolean {
  for (const [subtopologyId, partitions] of owned) {
    for (const partition of partitions) if (hasTask(tasks, subtopologyId, partition)) return true
  }
  return false
}

/** True when `tasks` has all of `owned`, each kind by itself. */
export function contains(tasks: AssignedTasks, owned: Tasks): boolean {
  return (
    containsAll(tasks.active, owned.active) &&
    containsAll(tasks.standby, owned.standby) &&
    containsAll(tasks.warmup, owned.warmup)
  )
}

/** The tasks of both; where both have one, the second's epoch counts. */
export function union(a: AssignedTasks, b: AssignedTasks): AssignedTasks {
  const active = new Map([...a.active].map(([id, epochs]) => [id, new Map(epochs)]))
  for (const [id, epochs] of b.active) active.set(id, new Map([...(active.get(id) ?? []), ...epochs]))
  return { active, standby: unionOfSets(a.standby, b.standby), warmup: unionOfSets(a.warmup, b.warmup) }
}

function unionOfSets(a: TaskSet, b: TaskSet): TaskSet {
  const result = new Map([...a].map(([id, partitions]) => [id, new Set(partitions)]))
  for (const [id, partitions] of b) result.set(id, new Set([...(result.get(id) ?? []), ...partitions]))
  return result
}
