import type { Connection } from '../../net/connection.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/generated/22-init-producer-id.ts'
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../protocol/generated/24-add-partitions-to-txn.ts'
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from '../../protocol/generated/25-add-offsets-to-txn.ts'
import { EndTxnRequest, EndTxnResponse } from '../../protocol/generated/26-end-txn.ts'
import { changeGuard } from '../change-guard.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import type { GroupMetadata } from '../consumer/offsets.ts'
import { findCoordinators, forgetCoordinator, isCoordinatorLost } from '../coordinator.ts'
import { byTopic } from '../leaders.ts'
import { withRetries } from '../retry.ts'
import { type OffsetAndMetadata, type TopicPartition, topicPartitionKey } from '../types.ts'
import type { ProducerIdentity } from './partition-queue.ts'
import type { ProducerSettings } from './settings.ts'
import { isFatal, type TxnCall, toldAs } from './txn-errors.ts'
import { TxnOffsets } from './txn-offsets.ts'

/** Later versions are about two-phase commit. */
const INIT_PRODUCER_ID_CAP = 5
/** Later versions are for brokers. */
const ADD_PARTITIONS_CAP = 3
/** From this version on every transaction ends with a new epoch (KIP-890), where the cluster has that switched on. */
const EPOCH_BUMP_SINCE = 5
/** transaction.version from which on partitions are added by what is written to them, and every transaction has its own epoch (KIP-890). */
const V2 = 2
/** InitProducerId can raise an epoch from this version on (KIP-360). */
const RAISE_EPOCH_SINCE = 3

const RETRIED = [
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
]

/** A producer without an id. */
const NOBODY: ProducerIdentity = { producerId: -1, epoch: -1 }

/**
 * The transactions of one producer, one after the other (KIP-98): what is in the one under way, and how it ends.
 *
 * After an error the transaction can only be aborted (`failure`); after one that says that this producer is not the one any more (`fatal`),
 * the producer can only be closed.
 */
export class Transactions {
  readonly id: string
  private readonly cluster: Cluster
  private readonly settings: ProducerSettings
  private identity: ProducerIdentity | null = null
  private readonly partitions = new Set<string>()
  private adding: Promise<void> | null = null
  private active = false
  /** Whether the coordinator knows of the transaction under way. */
  private started = false
  private error: Error | null = null
  private fatalError: Error | null = null
  private isV2 = false

  constructor(cluster: Cluster, settings: ProducerSettings, id: string) {
    this.cluster = cluster
    this.settings = settings
    this.id = id
  }

  /** Gets the producer id of this transactional id; what another producer left open is aborted. */
  async init(): Promise<ProducerIdentity> {
    await changeGuard()?.beforeChange('produce')
    return this.initProducerId({ producerId: -1, epoch: -1 })
  }

  /** @param current what the producer has; with -1 it is a new one, which fences those before it */
  private async initProducerId(current: ProducerIdentity): Promise<ProducerIdentity> {
    const response = await this.ask('initProducerId', async (connection) => {
      const { producerId, epoch } = current
      if (
        producerId >= 0 &&
        connection.versions.pick(InitProducerIdRequest, INIT_PRODUCER_ID_CAP) < RAISE_EPOCH_SINCE
      ) {
        const text =
          'The broker can not give this producer a new epoch after a failed transaction: close it and make another.'
        throw new ClientError('unsupported-version', text)
      }
      const message = {
        transactionalId: this.id,
        transactionTimeoutMs: this.settings.transactionTimeoutMs,
        producerId: BigInt(producerId),
        producerEpoch: epoch,
      }
      const options = { cap: INIT_PRODUCER_ID_CAP, message }
      const answer = await this.cluster.ask(connection, InitProducerIdRequest, InitProducerIdResponse, options)
      this.noteLevel(connection)
      return answer.response
    })
    this.identity = { producerId: Number(response.producerId), epoch: response.producerEpoch }
    return this.identity
  }

  /** A transaction goes by the rules that held when it began, so this is called between transactions only. */
  private noteLevel({ versions }: Connection): void {
    this.isV2 = (versions.finalizedFeatures.get('transaction.version') ?? 0) >= V2
  }

  /** Who writes now; null before `init`. */
  get current(): ProducerIdentity | null {
    return this.identity
  }

  /** Why the transaction under way can't be committed; null while it can. */
  get failure(): Error | null {
    return this.fatalError ?? this.error
  }

  /** Why this producer can do nothing more; null while it can. Kafka's applications close it then, without aborting. */
  get fatal(): Error | null {
    return this.fatalError
  }

  /** Whether records add their partition to the transaction on their way. */
  get addsByProduce(): boolean {
    return this.isV2
  }

  /**
   * Starts a transaction.
   *
   * @throws ClientError 'config' while one is under way; the fatal error
   */
  begin(): void {
    if (this.fatalError) throw this.fatalError
    if (this.active) throw new ClientError('config', 'A transaction is under way already; it has to end first.')
    this.active = true
  }

  /** Notes that a record could not be written. */
  fail(error: Error): void {
    this.note('produce', error)
  }

  private note(call: TxnCall, error: Error): void {
    if (isFatal(call, error)) this.fatalError ??= error
    else if (this.active) this.error ??= error
  }

  /** Adds partitions to the transaction; null when all are in it, or will be by themselves, so that nobody waits who doesn't have to. */
  enlist(partitions: TopicPartition[]): Promise<void> | null {
    if (this.isV2) {
      this.started = true
      return null
    }
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
    this.started = true
  }

  private producer<P extends string>(
    prefix: P,
  ): Record<`${P}ProducerId`, bigint> & Record<`${P}ProducerEpoch`, number> {
    const { producerId, epoch } = this.identity ?? NOBODY
    return { [`${prefix}ProducerId`]: BigInt(producerId), [`${prefix}ProducerEpoch`]: epoch } as never
  }

  /**
   * Makes a group's offsets part of the transaction; see `Producer.sendOffsets`.
   *
   * @throws KafkaError, ClientError
   */
  async sendOffsets(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>, group: GroupMetadata): Promise<void> {
    if (this.failure) throw this.failure
    if (!this.active) throw new ClientError('config', 'Offsets can be sent within a transaction only: begin one first.')
    if (offsets.size === 0) return
    await changeGuard()?.beforeChange('commitOffsets')
    const { producerId, epoch } = this.identity ?? NOBODY
    if (!this.isV2) {
      await this.ask('addOffsetsToTxn', async (connection) => {
        const producer = { producerId: BigInt(producerId), producerEpoch: epoch }
        const options = { message: { transactionalId: this.id, ...producer, groupId: group.groupId } }
        return (await this.cluster.ask(connection, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, options)).response
      })
    }
    this.started = true
    const owner = { transactionalId: this.id, producerId, epoch, addsItself: this.isV2 }
    const sending = new TxnOffsets(this.cluster, owner, group, offsets)
    await this.retried('txnOffsetCommit', () => sending.attempt())
  }

  /**
   * Ends the transaction under way; all its records have to be acknowledged, or given up when it is to be aborted.
   *
   * @throws the error because of which it can't be committed; the fatal error
   */
  async end(commit: boolean): Promise<void> {
    if (this.fatalError) throw this.fatalError
    if (!this.active) return
    if (commit && this.error !== null) throw this.error
    const hasNewEpoch = this.started && (await this.endTxn(commit))
    // Of what failed, some may have sequences, which leave a gap.
    if (this.error !== null && !hasNewEpoch) await this.initProducerId(this.identity ?? NOBODY)
    this.partitions.clear()
    this.active = false
    this.started = false
    this.error = null
  }

  /** @returns whether the producer has a new epoch with it */
  private async endTxn(committed: boolean): Promise<boolean> {
    const { producerId, epoch } = this.identity ?? NOBODY
    const answer = await this.ask('endTxn', async (connection) => {
      const message = { transactionalId: this.id, producerId: BigInt(producerId), producerEpoch: epoch, committed }
      const cap = this.isV2 ? EndTxnRequest.maxVersion : EPOCH_BUMP_SINCE - 1
      const { response } = await this.cluster.ask(connection, EndTxnRequest, EndTxnResponse, { cap, message })
      if (response.errorCode === ErrorCode.NONE) this.noteLevel(connection)
      return response
    })
    if (answer.producerId < 0n) return false
    this.identity = { producerId: Number(answer.producerId), epoch: answer.producerEpoch }
    return true
  }

  /** Asks the coordinator, again where it has moved to and while it finishes the transaction before. */
  private ask<R extends { errorCode: number }>(call: TxnCall, ask: (connection: Connection) => Promise<R>): Promise<R> {
    return this.retried(call, async () => {
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
    })
  }

  private async retried<R>(call: TxnCall, attempt: () => Promise<R>): Promise<R> {
    try {
      const options = { timeoutMs: this.settings.maxBlockMs, alsoRetry: RETRIED }
      return await withRetries(this.cluster, call, attempt, options)
    } catch (error) {
      const told = toldAs(call, error) as Error
      this.note(call, told)
      throw told
    }
  }
}
