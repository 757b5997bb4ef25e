import type { Clock } from '../../base/clock.ts'
import type { TopicPartition } from '../../storage/file-names.ts'
import type { Logger } from '../logger.ts'
import type { TransactionRecord } from './records.ts'

/** The broker configs the transaction coordinator reads, anew at each use. */
export interface TxnSettings {
  /** transaction.max.timeout.ms */
  readonly maxTimeoutMs: number
  /** transactional.id.expiration.ms */
  readonly idExpirationMs: number
  /** transaction.abort.timed.out.transaction.cleanup.interval.ms */
  readonly abortIntervalMs: number
  /** transaction.remove.expired.transaction.cleanup.interval.ms */
  readonly removeIntervalMs: number
}

/** The end of a transaction, as it is written into a partition. */
export interface Marker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly committed: boolean
  /** Leader epoch of the coordinator's partition: an older coordinator's markers are refused. */
  readonly coordinatorEpoch: number
  /** 2: the partition refuses an epoch that isn't above the transaction's (KIP-890). */
  readonly transactionVersion: number
}

/** A record of __transaction_state as it is found in the log. */
export interface LoadedTransaction {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly offset: number
}

/** What the transaction coordinator needs of the broker around it. */
export interface TxnContext {
  readonly clock: Clock
  readonly logger: Logger
  settings(): TxnSettings
  /** The cluster's finalized transaction.version. */
  transactionVersion(): number
  /** Creates __transaction_state if it isn't there. Resolves when the partitions this broker leads are loaded. */
  ensureTopic(): Promise<void>
  /** Number of partitions of __transaction_state; 0 while there is no such topic. */
  partitionCount(): number
  /**
   * Appends to a partition of __transaction_state as one batch. Resolves when the records are committed; rejects with KafkaError or the
   * storage engine's LogError.
   */
  append(partition: number, records: readonly TransactionRecord[], nowMs: number): Promise<void>
  /** Writes a marker into a partition; rejects as `append`, with UNKNOWN_TOPIC_OR_PARTITION when it was deleted. */
  writeMarker(partition: TopicPartition, marker: Marker): Promise<void>
  /** A producer id never given before. */
  nextProducerId(): Promise<number>
}
