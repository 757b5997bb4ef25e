import type { ManualClock } from '../base/clock.ts'
import type { ErrorName, FaultMatch, FaultTiming } from '../broker/faults/fault-rule.ts'
import type { DiskError, DiskFaultMatch } from '../broker/faults/faulty-disk.ts'

/** Which requests, when and how often; `{}` is every one. */
export type FaultTarget = FaultMatch & FaultTiming

/** A fault in force. */
export interface Fault {
  /** Requests struck so far. */
  readonly strikes: number
  /** Ends it. */
  remove(): void
}

/**
 * Faults on demand. The first fault that matches a request strikes, in the order they were made; `times: 1` makes one that strikes once.
 * With `when: 'response'` the request is handled and only its answer suffers: a producer that doesn't learn of its success.
 */
export interface BrokerFaults {
  /** Requests wait `delayMs`, and so does what their connection sends after them. */
  delay(delayMs: number, target?: FaultTarget): Fault
  /** Requests are never answered, nor is what their connection sends after them. */
  drop(target?: FaultTarget): Fault
  /** The connection is closed. */
  close(target?: FaultTarget): Fault
  /** Requests are answered with an error of Kafka's protocol, e.g. 'NOT_LEADER_OR_FOLLOWER'. */
  error(error: ErrorName, target?: FaultTarget): Fault
  /** Fences a transactional producer as a newer one would; its open transaction is aborted. */
  fenceProducer(transactionalId: string): Promise<void>
  /** Ends the sessions of members of a group, given by member id, group.instance.id or client.id. Returns how many there were. */
  expireMember(groupId: string, member: string): number
  /** Ends all faults, those of the disk too. */
  clear(): void
  readonly disk: {
    /** Operations fail, by default writes, until the returned function is called: `fail('ENOSPC', { path: 'orders-0' })`. */
    fail(error: DiskError, match?: DiskFaultMatch): () => void
    /** Reads and flushes take `delayMs` longer, until the returned function is called. */
    slow(delayMs: number, match?: DiskFaultMatch): () => void
    heal(): void
  }
}

/** A broker's clock that stands still until `advance`: timeouts, retention and expiry happen when the test says so. */
export type BrokerClock = Pick<ManualClock, 'nowMs' | 'advance' | 'setNowMs'>
