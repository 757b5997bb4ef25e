import type { Clock } from '../base/clock.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { buildBatch } from '../protocol/records/batch-builder.ts'
import { buildEndTxnMarkerBatch } from '../protocol/records/control-records.ts'
import type { TopicPartition } from '../storage/file-names.ts'
import type { Log } from '../storage/log.ts'
import type { AutoCreate } from './auto-create.ts'
import type { MetadataImage } from './controller/metadata-image.ts'
import { OFFSETS_TOPIC, TRANSACTION_TOPIC } from './controller/topic-names.ts'
import type { GroupCoordinator } from './group/group-coordinator.ts'
import { recordsOf } from './groups.ts'
import type { Logger } from './logger.ts'
import type { ProducerIds } from './producer-ids.ts'
import type { Replicas } from './replicas.ts'
import type { TransactionRecord } from './txn/records.ts'
import type { LoadedTransaction, Marker, TxnSettings } from './txn/txn-context.ts'
import { TxnCoordinator } from './txn/txn-coordinator.ts'
import { TxnVerification } from './txn/verification.ts'

export interface TransactionsOptions {
  clock: Clock
  logger: Logger
  config(): BrokerConfig
  image: MetadataImage
  replicas: Replicas
  autoCreate: AutoCreate
  groups: GroupCoordinator
  producerIds: ProducerIds
}

function settingsOf(config: BrokerConfig): TxnSettings {
  return {
    maxTimeoutMs: config.int('transaction.max.timeout.ms'),
    idExpirationMs: config.int('transactional.id.expiration.ms'),
    abortIntervalMs: config.int('transaction.abort.timed.out.transaction.cleanup.interval.ms'),
    removeIntervalMs: config.int('transaction.remove.expired.transaction.cleanup.interval.ms'),
  }
}

async function* transactionsOf(log: Log): AsyncGenerator<LoadedTransaction> {
  for await (const record of recordsOf(log)) if (record.kind === 'record') yield record
}

/** The transaction coordinator and its ties to this broker's logs. */
export class Transactions {
  readonly coordinator: TxnCoordinator
  /** Whether producers may write: asked of the coordinator before the first write to a partition. */
  readonly verification: TxnVerification
  private readonly options: TransactionsOptions
  private readonly loading = new Set<Promise<void>>()

  private constructor(options: TransactionsOptions) {
    this.options = options
    const { image, autoCreate, producerIds, clock, logger, config } = options
    this.coordinator = new TxnCoordinator({
      clock,
      logger,
      settings: () => settingsOf(config()),
      transactionVersion: () => image.features.get('transaction.version') ?? 0,
      ensureTopic: async () => {
        await autoCreate.create(TRANSACTION_TOPIC)
        await Promise.all(this.loading)
      },
      partitionCount: () => image.topics.get(TRANSACTION_TOPIC)?.partitions.length ?? 0,
      append: (partition, records, nowMs) => this.append(partition, records, nowMs),
      writeMarker: (partition, marker) => this.writeMarker(partition, marker),
      nextProducerId: () => producerIds.next(),
    })
    this.verification = new TxnVerification(this.coordinator, () => ({
      isEnabled: config().boolean('transaction.partition.verification.enable'),
      patienceMs: this.patienceMs,
    }))
  }

  /** add.partitions.to.txn.retry.backoff.max.ms: how long a request waits for the end of the transaction before. */
  get patienceMs(): number {
    return this.options.config().int('add.partitions.to.txn.retry.backoff.max.ms')
  }

  /** Loads the transactions of all partitions that are here and follows changes of the metadata. Rejects when a log can't be read. */
  static async open(options: TransactionsOptions): Promise<Transactions> {
    const transactions = new Transactions(options)
    const { image } = options
    const existing = image.topics.get(TRANSACTION_TOPIC)?.partitions ?? []
    await Promise.all(existing.map(({ partition }) => transactions.load(partition)))
    image.onChange((change) => {
      if (change.kind === 'partition-added' && change.topic.name === TRANSACTION_TOPIC) {
        const { partition } = change.partition
        transactions.load(partition).catch((error: unknown) => {
          options.logger.error(
            { err: error, partition },
            'a partition of the transaction coordinator can not be loaded',
          )
        })
      } else if (change.kind === 'topic-removed' && change.topic.name === TRANSACTION_TOPIC) {
        for (const { partition } of change.topic.partitions) transactions.coordinator.unload(partition)
      }
    })
    transactions.coordinator.start()
    return transactions
  }

  private load(partition: number): Promise<void> {
    const found = this.options.replicas.find(TRANSACTION_TOPIC, partition)
    if (!found) return Promise.resolve()
    const loading = this.coordinator
      .load(partition, found.leaderEpoch, transactionsOf(found.log))
      .finally(() => this.loading.delete(loading))
    this.loading.add(loading)
    return loading
  }

  private async append(partition: number, records: readonly TransactionRecord[], nowMs: number): Promise<void> {
    const found = this.options.replicas.find(TRANSACTION_TOPIC, partition)
    if (!found) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    const batch = buildBatch(records.map(({ key, value }) => ({ key, value, timestamp: nowMs })))
    await found.log.append(batch, { leaderEpoch: found.leaderEpoch, origin: 'coordinator' }).written
  }

  /**
   * Writes the marker that ends a transaction in a partition this broker leads; offsets of the transaction count, or are dropped, when this
   * resolves.
   *
   * @throws KafkaError, LogError
   */
  async writeMarker({ topic, partition }: TopicPartition, marker: Marker): Promise<void> {
    const found = this.options.replicas.partition(topic, partition)
    found.checkLeader()
    const append = async (): Promise<void> => {
      const { producerId, producerEpoch, committed, coordinatorEpoch, transactionVersion } = marker
      const timestamp = this.options.clock.nowMs()
      const batch = buildEndTxnMarkerBatch({
        commit: committed,
        coordinatorEpoch,
        producerId,
        producerEpoch,
        timestamp,
      })
      const { leaderEpoch } = found
      await found.log.append(batch, { leaderEpoch, origin: 'coordinator', transactionVersion }).written
    }
    if (topic !== OFFSETS_TOPIC) return append()
    await this.options.groups.endTransaction(partition, marker.producerId, marker.committed, append)
  }

  close(): void {
    this.coordinator.stop()
  }
}
