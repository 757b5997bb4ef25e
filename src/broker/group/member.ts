import type { Clock } from '../../base/clock.ts'
import type { Draft } from '../../protocol/codec.ts'
import type { JoinGroupResponse } from '../../protocol/generated/11-join-group.ts'
import type { SyncGroupResponse } from '../../protocol/generated/14-sync-group.ts'
import { Timer } from './timer.ts'

/** A protocol (assignor) a member can work with, and its subscription for it: bytes the broker doesn't look into. */
export interface MemberProtocol {
  readonly name: string
  readonly metadata: Buffer
}

export type JoinAnswer = (response: Draft<JoinGroupResponse>) => void
export type SyncAnswer = (response: Draft<SyncGroupResponse>) => void

export interface MemberInit {
  readonly memberId: string
  /** null for a dynamic member; static ones (KIP-345) keep their place across restarts. */
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  readonly protocols: readonly MemberProtocol[]
  readonly assignment?: Buffer
}

const EMPTY = Buffer.alloc(0)

/** A member of a classic group. */
export class Member {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Due when no heartbeat came within the session timeout. */
  readonly session: Timer
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  protocols: readonly MemberProtocol[]
  assignment: Buffer
  /** True until the first generation it took part in: it doesn't know its id yet and can't send heartbeats. */
  isNew = false
  /** Answers the JoinGroup request that waits; set by way of ClassicGroup, which counts them. */
  awaitingJoin: JoinAnswer | null = null
  /** Answers the SyncGroup request that waits. */
  awaitingSync: SyncAnswer | null = null

  constructor(clock: Clock, init: MemberInit) {
    this.memberId = init.memberId
    this.groupInstanceId = init.groupInstanceId
    this.clientId = init.clientId
    this.clientHost = init.clientHost
    this.rebalanceTimeoutMs = init.rebalanceTimeoutMs
    this.sessionTimeoutMs = init.sessionTimeoutMs
    this.protocols = init.protocols
    this.assignment = init.assignment ?? EMPTY
    this.session = new Timer(clock)
  }

  /** @returns the subscription for a protocol; undefined when the member doesn't support it */
  metadata(protocolName: string): Buffer | undefined {
    return this.protocols.find((protocol) => protocol.name === protocolName)?.metadata
  }

  /** @returns the member's favourite among `candidates`: it lists its protocols in order of preference */
  vote(candidates: ReadonlySet<string>): string | undefined {
    return this.protocols.find((protocol) => candidates.has(protocol.name))?.name
  }

  /** True when a rejoining member brought the same protocols, in the same order, with the same metadata. */
  matches(protocols: readonly MemberProtocol[]): boolean {
    if (protocols.length !== this.protocols.length) return false
    return this.protocols.every((mine, i) => {
      const other = protocols[i]!
      return mine.name === other.name && mine.metadata.equals(other.metadata)
    })
  }

  /** A member that waits for an answer satisfies its session by waiting; a new one has to be given up at some time. */
  get satisfiesSession(): boolean {
    return !this.isNew && (this.awaitingJoin !== null || this.awaitingSync !== null)
  }
}
