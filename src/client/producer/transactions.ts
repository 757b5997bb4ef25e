import type { Connection } from '../../net/connection.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/generated/22-init-producer-id.ts'
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../protocol/generated/24-add-partitions-to-txn.ts'
import { EndTxnRequest, EndTxnResponse } from '../../protocol/generated/26-end-txn.ts'
import { changeGuard } from '../change-guard.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { findCoordinators, forgetCoordinator, isCoordinatorLost } from '../coordinator.ts'
import { byTopic } from '../leaders.ts'
import { withRetries } from '../retry.ts'
import { type TopicPartition, topicPartitionKey } from '../types.ts'
import type { ProducerIdentity } from './partition-queue.ts'
import type { ProducerSettings } from './settings.ts'

/** Later versions are about two-phase commit. */
const INIT_PRODUCER_ID_CAP = 5
/** Later versions are for brokers. */
const ADD_PARTITIONS_CAP = 3
/** From this version on every transaction ends with a new epoch (KIP-890), where the cluster has that switched on. */
const EPOCH_BUMP_SINCE = 5
const EPOCH_BUMP_FEATURE = 2

const RETRIED = [
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
]

/** The transactions of one producer, one after the other (KIP-98): which partitions are in the one under way, and how it ends. */
export class Transactions {
  readonly id: string
  private readonly cluster: Cluster
  private readonly settings: ProducerSettings
  private identity: ProducerIdentity | null = null
  private readonly partitions = new Set<string>()
  private adding: Promise<void> | null = null
  private active = false
  private error: Error | null = null

  constructor(cluster: Cluster, settings: ProducerSettings, id: string) {
    this.cluster = cluster
    this.settings = settings
    this.id = id
  }

  /** Gets the producer id of this transactional id; what another producer left open is aborted. */
  async init(): Promise<ProducerIdentity> {
    await changeGuard()?.beforeChange('produce')
    const response = await this.ask('initProducerId', async (connection) => {
      const message = {
        transactionalId: this.id,
        transactionTimeoutMs: this.settings.transactionTimeoutMs,
        producerId: -1n,
        producerEpoch: -1,
      }
      const options = { cap: INIT_PRODUCER_ID_CAP, message }
      const answer = await this.cluster.ask(connection, InitProducerIdRequest, InitProducerIdResponse, options)
      return answer.response
    })
    this.identity = { producerId: Number(response.producerId), epoch: response.producerEpoch }
    return this.identity
  }

  /** Who writes now; null before `init`. */
  get current(): ProducerIdentity | null {
    return this.identity
  }

  /** Starts a transaction. */
  begin(): void {
    if (this.active) throw new ClientError('config', 'A transaction is under way already; it has to end first.')
    this.active = true
    this.error = null
  }

  /** Notes that a record could not be written: the transaction can only be aborted. */
  fail(error: Error): void {
    if (this.active) this.error ??= error
  }

  /** Adds partitions to the transaction; null when all are in it, so that nobody waits who doesn't have to. */
  enlist(partitions: TopicPartition[]): Promise<void> | null {
    const added = partitions.filter((tp) => !this.partitions.has(topicPartitionKey(tp)))
    if (added.length === 0) return this.adding
    for (const tp of added) this.partitions.add(topicPartitionKey(tp))
    const before = this.adding ?? Promise.resolve()
    const adding: Promise<void> = before
      .then(() => this.add(added))
      .finally(() => {
        if (this.adding === adding) this.adding = null
      })
    this.adding = adding
    return adding
  }

  private async add(partitions: TopicPartition[]): Promise<void> {
    const topics = [...byTopic(partitions)].map(([name, list]) => ({
      name,
      partitions: list.map(({ partition }) => partition),
    }))
    await this.ask('addPartitionsToTxn', async (connection) => {
      const message = { v3AndBelowTransactionalId: this.id, ...this.producer('v3AndBelow'), v3AndBelowTopics: topics }
      const options = { cap: ADD_PARTITIONS_CAP, message }
      const { response } = await this.cluster.ask(
        connection,
        AddPartitionsToTxnRequest,
        AddPartitionsToTxnResponse,
        options,
      )
      const codes = response.resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
        resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
      )
      // One partition's error makes the others fail with OPERATION_NOT_ATTEMPTED.
      const failures = codes.filter((code) => code !== ErrorCode.NONE)
      const code = failures.find((one) => one !== ErrorCode.OPERATION_NOT_ATTEMPTED) ?? failures[0] ?? ErrorCode.NONE
      return { errorCode: code }
    })
  }

  private producer<P extends string>(
    prefix: P,
  ): Record<`${P}ProducerId`, bigint> & Record<`${P}ProducerEpoch`, number> {
    const { producerId, epoch } = this.identity ?? { producerId: -1, epoch: -1 }
    return { [`${prefix}ProducerId`]: BigInt(producerId), [`${prefix}ProducerEpoch`]: epoch } as never
  }

  /**
   * Ends the transaction under way; all its records have to be acknowledged.
   *
   * @throws the error of a record that could not be written, when it was to be committed
   */
  async end(commit: boolean): Promise<void> {
    if (!this.active) return
    if (commit && this.error !== null) throw this.error
    if (this.partitions.size > 0) {
      const { producerId, epoch } = this.identity ?? { producerId: -1, epoch: -1 }
      const answer = await this.ask('endTxn', async (connection) => {
        const message = {
          transactionalId: this.id,
          producerId: BigInt(producerId),
          producerEpoch: epoch,
          committed: commit,
        }
        const level = connection.versions.finalizedFeatures.get('transaction.version') ?? 0
        const cap = level >= EPOCH_BUMP_FEATURE ? EndTxnRequest.maxVersion : EPOCH_BUMP_SINCE - 1
        const { response } = await this.cluster.ask(connection, EndTxnRequest, EndTxnResponse, { cap, message })
        return response
      })
      if (answer.producerId >= 0n) {
        this.identity = { producerId: Number(answer.producerId), epoch: answer.producerEpoch }
      }
    }
    this.partitions.clear()
    this.active = false
    this.error = null
  }

  /** Asks the coordinator, again where it has moved to and while it finishes the transaction before. */
  private ask<R extends { errorCode: number }>(call: string, ask: (connection: Connection) => Promise<R>): Promise<R> {
    const attempt = async (): Promise<R> => {
      const found = (await findCoordinators(this.cluster, 'transaction', [this.id])).get(this.id)
      if (!found?.ok) throw found?.error ?? new KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
      try {
        const answer = await ask(await this.cluster.connectNode(found.value, 'group'))
        if (answer.errorCode !== ErrorCode.NONE) throw new KafkaError(answer.errorCode)
        return answer
      } catch (error) {
        if (isCoordinatorLost(error) || error instanceof ClientError) {
          forgetCoordinator(this.cluster, 'transaction', this.id)
        }
        throw error
      }
    }
    return withRetries(this.cluster, call, attempt, { timeoutMs: this.settings.maxBlockMs, alsoRetry: RETRIED })
  }
}
