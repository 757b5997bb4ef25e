/** A task: the part of the application that works on one partition of its input. */
export interface TaskId {
  readonly subtopologyId: string
  readonly partition: number
}

export const taskKey = ({ subtopologyId, partition }: TaskId): string => `${partition}_${subtopologyId}`

/** What the members of one process have been given so far; its load is tasks per member. */
export class ProcessLoad {
  /** Number of tasks by member. */
  readonly taskCounts = new Map<string, number>()
  readonly active = new Map<string, TaskId[]>()
  readonly standby = new Map<string, TaskId[]>()
  readonly #tasks = new Set<string>()
  #count = 0

  addMember(memberId: string): void {
    this.taskCounts.set(memberId, 0)
  }

  get load(): number {
    return this.#count / this.taskCounts.size
  }

  /** True when one of its members has the task, active or standby: they share the state directory. */
  hasTask(task: TaskId): boolean {
    return this.#tasks.has(taskKey(task))
  }

  /** @returns how many tasks the member has then */
  add(memberId: string, task: TaskId, isActive: boolean): number {
    this.#count++
    this.#tasks.add(taskKey(task))
    const byMember = isActive ? this.active : this.standby
    const tasks = byMember.get(memberId)
    if (tasks === undefined) byMember.set(memberId, [task])
    else tasks.push(task)
    const count = this.taskCounts.get(memberId)! + 1
    this.taskCounts.set(memberId, count)
    return count
  }

  /** The same for the member that has fewest. */
  addToLeastLoaded(task: TaskId, isActive: boolean): number {
    let least: string | undefined
    for (const [memberId, count] of this.taskCounts) {
      if (least === undefined || count < this.taskCounts.get(least)!) least = memberId
    }
    return this.add(least!, task, isActive)
  }
}
