import type { Clock } from '../base/clock.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import type { Authorizer } from './authorizer/authorizer.ts'
import type { AutoCreate } from './auto-create.ts'
import type { ConfigStore } from './config-store.ts'
import type { Controller } from './controller/controller.ts'
import type { MetadataImage } from './controller/metadata-image.ts'
import type { Quorum } from './controller/quorum.ts'
import type { Faults } from './faults/faults.ts'
import type { FetchSessions } from './fetch-sessions.ts'
import type { GroupCoordinator } from './group/group-coordinator.ts'
import type { Logger } from './logger.ts'
import type { BrokerMetrics } from './metrics.ts'
import type { ProducerIds } from './producer-ids.ts'
import type { Purgatory } from './purgatory.ts'
import type { AnswerMemory } from './quota/answer-memory.ts'
import type { ClientQuotas } from './quota/client-quotas.ts'
import type { RequestMemory } from './quota/request-memory.ts'
import type { ApiRegistry } from './registry.ts'
import type { Replicas } from './replicas.ts'
import type { DelegationTokens } from './security/delegation-tokens.ts'
import type { Shares } from './shares.ts'
import type { StreamsTopics } from './streams-topics.ts'
import type { Telemetry } from './telemetry.ts'
import type { Transactions } from './transactions.ts'

/** What the handlers work with. One per broker; made by Broker, and by tests piece by piece. */
export interface BrokerServices {
  readonly nodeId: number
  readonly clusterId: string
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: BrokerMetrics
  readonly apis: ApiRegistry
  /** The broker's configs, dynamic ones applied. Changes: ask each time. */
  readonly config: BrokerConfig
  readonly configs: ConfigStore
  /** Topics, configs and features as replayed from __cluster_metadata. */
  readonly metadata: MetadataImage
  /** Changes to the metadata: writes records, resolves when they are applied. */
  readonly controller: Controller
  /** The voters of the metadata log. */
  readonly quorum: Quorum
  /** The partitions' logs. */
  readonly replicas: Replicas
  readonly purgatory: Purgatory
  readonly groups: GroupCoordinator
  readonly transactions: Transactions
  readonly shares: Shares
  readonly producerIds: ProducerIds
  readonly fetchSessions: FetchSessions
  readonly telemetry: Telemetry
  /** Whether anybody can see what clients push: then they are told that they may. */
  readonly receivesTelemetry: boolean
  readonly autoCreate: AutoCreate
  readonly streamsTopics: StreamsTopics
  readonly authorizer: Authorizer
  readonly faults: Faults
  /** What clients may use, and have used. */
  readonly quotas: ClientQuotas
  /** Records on their way to clients. */
  readonly answerMemory: AnswerMemory
  /** Requests that are being handled. */
  readonly requestMemory: RequestMemory
  readonly tokens: DelegationTokens
  /** Joins the cluster anew and leads again, after this broker was unregistered. */
  registerAgain(): Promise<void>
  /** host:port that clients are to use, for the listener a request came in by. */
  advertisedListener(listenerName: string): { host: string; port: number }
}
