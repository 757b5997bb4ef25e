/**
 * What stands before every change to a cluster, in the one process of a command: admin clients ask it before mutating calls, producers
 * before the first record, consumers before they join a group or commit. It is set once for the process, not handed from client to client,
 * so that no command can forget it. Without a guard everything is allowed.
 */
export interface ChangeGuard {
  /**
   * Called before something is changed, any number of times.
   * @param what the call, as Kafka's Admin client names it: `deleteTopics`, or `produce`, `joinGroup`, `commitOffsets`
   * @param name what it is done to, where a call is for one thing only: the group that is joined
   * @throws whatever says why it must not be
   */
  beforeChange(what: string, name?: string): Promise<void>
}

let guard: ChangeGuard | undefined

/** Puts a guard before all changes from now on; undefined takes it away. */
export const setChangeGuard = (next: ChangeGuard | undefined): void => {
  guard = next
}

/** The guard there is. */
export const changeGuard = (): ChangeGuard | undefined => guard
