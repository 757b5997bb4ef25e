import type { Clock } from '../../../base/clock.ts'
import { Timer } from '../timer.ts'

/** What can be due for a member: heartbeats, giving up partitions, and for classic members rejoining and syncing. */
export type TimerKind = 'session' | 'rebalance' | 'join' | 'sync'

type MemberTimers = { [Kind in TimerKind]?: Timer }

/** The timers of the members of all consumer groups of a partition. They are not in the log. */
export class GroupTimers {
  readonly #clock: Clock
  readonly #groups = new Map<string, Map<string, MemberTimers>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  set(groupId: string, memberId: string, kind: TimerKind, delayMs: number, due: () => void): void {
    const members = this.#groups.get(groupId) ?? new Map<string, MemberTimers>()
    this.#groups.set(groupId, members)
    const timers = members.get(memberId) ?? {}
    members.set(memberId, timers)
    timers[kind] ??= new Timer(this.#clock)
    timers[kind].set(delayMs, due)
  }

  isPending(groupId: string, memberId: string, kind: TimerKind): boolean {
    return this.#groups.get(groupId)?.get(memberId)?.[kind]?.pending ?? false
  }

  /** Makes a timer due now; false when it isn't set. */
  fire(groupId: string, memberId: string, kind: TimerKind): boolean {
    return this.#groups.get(groupId)?.get(memberId)?.[kind]?.fire() ?? false
  }

  cancel(groupId: string, memberId: string, kind: TimerKind): void {
    this.#groups.get(groupId)?.get(memberId)?.[kind]?.cancel()
  }

  cancelMember(groupId: string, memberId: string): void {
    const members = this.#groups.get(groupId)
    for (const timer of Object.values(members?.get(memberId) ?? {})) timer.cancel()
    members?.delete(memberId)
    if (members?.size === 0) this.#groups.delete(groupId)
  }

  cancelGroup(groupId: string): void {
    for (const memberId of [...(this.#groups.get(groupId)?.keys() ?? [])]) this.cancelMember(groupId, memberId)
  }

  cancelAll(): void {
    for (const groupId of [...this.#groups.keys()]) this.cancelGroup(groupId)
  }
}
