import type { StreamsMember } from './streams-member.ts'
import type { AssignedTasks } from './tasks.ts'

const keyOf = (subtopologyId: string, partition: number): string => `${partition}_${subtopologyId}`

/**
 * Which processes have which tasks, or haven't said yet that they let go of them. A process can have a task once, since its
 * members share a state directory.
 */
export class TaskProcesses {
  readonly #active = new Map<string, string>()
  readonly #all = new Map<string, Set<string>>()

  constructor(members: Iterable<StreamsMember>) {
    for (const { processId, assigned, pendingRevocation } of members) {
      this.#add(processId, assigned)
      this.#add(processId, pendingRevocation)
    }
  }

  /** The process that has an active task. */
  active(subtopologyId: string, partition: number): string | undefined {
    return this.#active.get(keyOf(subtopologyId, partition))
  }

  /** True when a process has a task, of whatever kind. */
  has(processId: string, subtopologyId: string, partition: number): boolean {
    return this.#all.get(keyOf(subtopologyId, partition))?.has(processId) === true
  }

  #add(processId: string, { active, standby, warmup }: AssignedTasks): void {
    for (const tasks of [active, standby, warmup]) {
      for (const [id, partitions] of tasks) {
        for (const partition of partitions.keys()) {
          const key = keyOf(id, partition)
          const processes = this.#all.get(key)
          if (processes === undefined) this.#all.set(key, new Set([processId]))
          else processes.add(processId)
          if (tasks === active) this.#active.set(key, processId)
        }
      }
    }
  }
}
