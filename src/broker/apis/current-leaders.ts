import { ErrorCode } from '../../protocol/errors.ts'
import type { BrokerServices } from '../services.ts'
import { brokersFor } from './brokers.ts'

export interface LeaderIdAndEpoch {
  readonly leaderId: number
  readonly leaderEpoch: number
}

export interface NodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

const ELSEWHERE: readonly number[] = [ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.FENCED_LEADER_EPOCH]

/** Tells clients that asked the wrong broker, or knew an old leader, who leads and where that is (KIP-951). One for each answer. */
export class CurrentLeaders {
  readonly #services: BrokerServices
  readonly #listenerName: string
  readonly #named = new Set<number>()

  constructor(services: BrokerServices, listenerName: string) {
    this.#services = services
    this.#listenerName = listenerName
  }

  /** The leader to name beside an error of a partition; undefined where the error isn't about leaders. -1: there is none. */
  besides(errorCode: number, topicName: string | undefined, partition: number): LeaderIdAndEpoch | undefined {
    if (!ELSEWHERE.includes(errorCode)) return undefined
    const found = topicName === undefined ? undefined : this.#services.metadata.partition(topicName, partition)
    if (found === undefined) return { leaderId: -1, leaderEpoch: -1 }
    const { leader: leaderId, leaderEpoch } = found
    this.#named.add(leaderId)
    return { leaderId, leaderEpoch }
  }

  /** Where the leaders named so far are, as the listener's clients reach them. */
  get nodeEndpoints(): NodeEndpoint[] {
    if (this.#named.size === 0) return []
    return brokersFor(this.#services, this.#listenerName)
      .filter(({ nodeId }) => this.#named.has(nodeId))
      .map(({ nodeId, host, port, rack }) => ({ nodeId, host, port, rack }))
  }
}
