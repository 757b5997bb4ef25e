import { ProcessLoad, type TaskId, taskKey } from './process-load.ts'
import type { TaskSet, Tasks } from './tasks.ts'

/** A member as the assignor sees it. */
export interface AssignableMember {
  readonly memberId: string
  readonly processId: string
  /** What it was to have until now. */
  readonly tasks: Tasks
}

/** A subtopology as the assignor sees it. */
export interface AssignableSubtopology {
  readonly id: string
  readonly numberOfTasks: number
  /** Only tasks with state have standbys. */
  readonly isStateful: boolean
}

export interface AssignmentInput {
  readonly members: readonly AssignableMember[]
  readonly subtopologies: readonly AssignableSubtopology[]
  readonly numStandbyReplicas: number
}

interface StickyResult {
  readonly targets: ReadonlyMap<string, Tasks>
  /** Tasks that have fewer standbys than asked for, as there aren't enough processes. */
  readonly shortOfStandbys: readonly TaskId[]
}

/**
 * Kafka's `sticky` assignor: a task stays with the member that has it, else goes to one that has its state as a standby, else to
 * the process with the least load, so that all members have about as many tasks. Members and processes are taken in the
 * order of their ids.
 */
export function assignSticky(input: AssignmentInput): StickyResult {
  return new StickyAssignment(input).assign()
}

/** How many tasks a member may be given before others must have their turn. */
class Quota {
  perMember: number
  #tasks: number
  #members: number

  constructor(tasks: number, members: number) {
    this.#tasks = tasks
    this.#members = members
    this.perMember = this.#share()
  }

  /** A member has `count` tasks now; when that is its full share, the rest is shared among the others. */
  used(count: number): void {
    if (count !== this.perMember) return
    this.#members--
    this.#tasks -= count
    this.perMember = this.#share()
  }

  #share(): number {
    return this.#members === 0 ? 0 : Math.ceil(this.#tasks / this.#members)
  }
}

const byPartition = (a: TaskId, b: TaskId): number =>
  a.partition - b.partition || compare(a.subtopologyId, b.subtopologyId)
const bySubtopology = (a: TaskId, b: TaskId): number =>
  compare(a.subtopologyId, b.subtopologyId) || a.partition - b.partition
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

class StickyAssignment {
  readonly #members: readonly AssignableMember[]
  readonly #subtopologies: readonly AssignableSubtopology[]
  readonly #numStandbyReplicas: number
  readonly #processes = new Map<string, ProcessLoad>()
  readonly #previousActive = new Map<string, AssignableMember>()
  readonly #previousStandby = new Map<string, AssignableMember[]>()
  readonly #activeQuota: Quota
  readonly #totalQuota: Quota
  readonly #shortOfStandbys: TaskId[] = []

  constructor({ members, subtopologies, numStandbyReplicas }: AssignmentInput) {
    this.#members = [...members].sort((a, b) => compare(a.memberId, b.memberId))
    this.#subtopologies = [...subtopologies].sort((a, b) => compare(a.id, b.id))
    this.#numStandbyReplicas = numStandbyReplicas
    let active = 0
    let standby = 0
    for (const { numberOfTasks, isStateful } of subtopologies) {
      active += numberOfTasks
      if (isStateful) standby += numberOfTasks * numStandbyReplicas
    }
    this.#activeQuota = new Quota(active, members.length)
    this.#totalQuota = new Quota(active + standby, members.length)
    for (const processId of new Set(this.#members.map((member) => member.processId).sort(compare))) {
      this.#processes.set(processId, new ProcessLoad())
    }
    for (const member of this.#members) this.#addMember(member)
  }

  assign(): StickyResult {
    this.#assignActive(this.#tasks(() => true))
    if (this.#numStandbyReplicas > 0) this.#assignStandby(this.#tasks(({ isStateful }) => isStateful))
    const targets = new Map(
      this.#members.map((member) => {
        const process = this.#process(member)
        const active = taskMap(process.active.get(member.memberId) ?? [])
        const standby = taskMap(process.standby.get(member.memberId) ?? [])
        return [member.memberId, { active, standby, warmup: new Map() }]
      }),
    )
    return { targets, shortOfStandbys: this.#shortOfStandbys }
  }

  #addMember(member: AssignableMember): void {
    this.#process(member).addMember(member.memberId)
    for (const key of keysOf(member.tasks.active)) this.#previousActive.set(key, member)
    for (const key of keysOf(member.tasks.standby)) {
      const members = this.#previousStandby.get(key)
      if (members === undefined) this.#previousStandby.set(key, [member])
      else members.push(member)
    }
  }

  #process({ processId }: AssignableMember): ProcessLoad {
    return this.#processes.get(processId)!
  }

  #tasks(filter: (subtopology: AssignableSubtopology) => boolean): TaskId[] {
    return this.#subtopologies.filter(filter).flatMap(({ id: subtopologyId, numberOfTasks }) => {
      return Array.from({ length: numberOfTasks }, (_, partition) => ({ subtopologyId, partition }))
    })
  }

  #assignActive(tasks: TaskId[]): void {
    // Partitions first: then a member that reads a partition of one topic gets the same one of the others.
    let left = tasks
      .sort(byPartition)
      .filter((task) => !this.#keepActive(task, this.#previousActive.get(taskKey(task))))
    left = left.filter((task) => !this.#keepActive(task, this.#leastLoaded(task, false)))
    for (const task of left.sort(bySubtopology)) {
      this.#usedActive(this.#leastLoadedProcess()!.addToLeastLoaded(task, true))
    }
  }

  #keepActive(task: TaskId, member: AssignableMember | undefined): boolean {
    if (member === undefined) return false
    const process = this.#process(member)
    if (process.taskCounts.get(member.memberId)! >= this.#activeQuota.perMember) return false
    this.#usedActive(process.add(member.memberId, task, true))
    return true
  }

  #usedActive(count: number): void {
    this.#activeQuota.used(count)
    this.#totalQuota.used(count)
  }

  #assignStandby(tasks: TaskId[]): void {
    const left: { task: TaskId; replicas: number }[] = []
    for (const task of tasks.sort(byPartition).reverse()) {
      let replicas = this.#numStandbyReplicas
      // A member that just lost the active task has its state still, one that had a standby has it anyway.
      while (replicas > 0) {
        const previous = this.#previousActive.get(taskKey(task))
        const wasActive = previous !== undefined && !this.#process(previous).hasTask(task)
        if (wasActive && this.#keepStandby(task, previous)) replicas--
        else if (this.#keepStandby(task, this.#leastLoaded(task, true))) replicas--
        else break
      }
      if (replicas > 0) left.push({ task, replicas })
    }
    left.sort((a, b) => bySubtopology(b.task, a.task))
    for (const { task, replicas } of left) {
      for (let i = 0; i < replicas; i++) {
        const process = this.#leastLoadedProcess(task)
        if (process === undefined) {
          this.#shortOfStandbys.push(task)
          break
        }
        this.#totalQuota.used(process.addToLeastLoaded(task, false))
      }
    }
  }

  #keepStandby(task: TaskId, member: AssignableMember | undefined): boolean {
    if (member === undefined) return false
    const process = this.#process(member)
    if (process.taskCounts.get(member.memberId)! >= this.#totalQuota.perMember) return false
    this.#totalQuota.used(process.add(member.memberId, task, false))
    return true
  }

  /**
   * Of the members that had a task as a standby the one with the least load, of its process and its own.
   *
   * @param elsewhere not in a process that has the task now. As Kafka does it, the process of the first one decides whether there is any.
   */
  #leastLoaded(task: TaskId, elsewhere: boolean): AssignableMember | undefined {
    const members = this.#previousStandby.get(taskKey(task))
    if (members === undefined) return undefined
    const first = members[0]!
    let best = first
    let load = this.#process(first).load
    let count = this.#process(first).taskCounts.get(first.memberId)!
    for (const member of members.slice(1)) {
      const process = this.#process(member)
      const ownCount = process.taskCounts.get(member.memberId)!
      if (process.load >= load || (elsewhere && process.hasTask(task)) || ownCount >= count) continue
      best = member
      load = process.load
      count = ownCount
    }
    return elsewhere && this.#process(first).hasTask(task) ? undefined : best
  }

  /** @param without a task that the process must not have yet */
  #leastLoadedProcess(without?: TaskId): ProcessLoad | undefined {
    let best: ProcessLoad | undefined
    for (const process of this.#processes.values()) {
      if (without !== undefined && process.hasTask(without)) continue
      if (best === undefined || process.load < best.load) best = process
    }
    return best
  }
}

function* keysOf(tasks: TaskSet): Iterable<string> {
  for (const [subtopologyId, partitions] of tasks) {
    for (const partition of partitions) yield taskKey({ subtopologyId, partition })
  }
}

function taskMap(tasks: readonly TaskId[]): TaskSet {
  const map = new Map<string, Set<number>>()
  for (const { subtopologyId, partition } of tasks) {
    const partitions = map.get(subtopologyId)
    if (partitions === undefined) map.set(subtopologyId, new Set([partition]))
    else partitions.add(partition)
  }
  return map
}
