import type { TopicPartition } from '../types.ts'
import type { CommitIdentity } from './offsets.ts'

/** What a group membership needs of its consumer. */
export interface MembershipOwner {
  /** The topics subscribed to now; patterns are resolved. */
  subscribedTopics(): string[]
  /** A pattern that the broker resolves (KIP-848 only). */
  readonly serverPattern: string | null
  /** What the consumer reads now. */
  assignedPartitions(): TopicPartition[]
  /**
   * Hands out nothing more of partitions that are about to be taken away, until the next `assign` or `lose`. Once `isDrained`, their
   * positions are final.
   */
  hold(partitions: readonly TopicPartition[]): void
  /** The application has come back for more, so it is done with what it got before the hold. */
  readonly isDrained: boolean
  /** Commits the positions, if the consumer commits by itself. Never rejects. */
  commitPositions(): Promise<void>
  /** Gives the consumer the partitions to read from now on. */
  assign(partitions: TopicPartition[]): void
  /** Takes everything away after the group has lost the member; nothing can be committed any more. */
  lose(): void
  /** An error the application has to see; the membership is over. */
  report(error: Error): void
  raise(): void
  /** performance.now() of the application's last poll. */
  readonly lastPollMs: number
}

/** A consumer's membership in its group, by one of the two protocols. */
export interface Membership {
  readonly identity: CommitIdentity
  /** Called by every poll: starts what has to be done, and returns at once. */
  poll(): void
  /** True when the assignment may change soon: what is fetched stays, nothing is committed in between. */
  readonly isRebalancing: boolean
  /** Takes a change of the subscription to the group. */
  subscriptionChanged(): void
  /** Ends the membership; a static member of the classic protocol stays until its session ends. Never rejects. */
  leave(): Promise<void>
}
