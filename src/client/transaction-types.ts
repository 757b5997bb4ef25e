import type { Result, TopicPartition } from './types.ts'

export interface TransactionListing {
  transactionalId: string
  producerId: bigint
  /** As Kafka's Java client prints it: 'Ongoing', 'CompleteCommit' … */
  state: string
}

export interface TransactionDescription {
  coordinatorId: number
  state: string
  producerId: bigint
  producerEpoch: number
  transactionTimeoutMs: number
  /** Null outside a transaction. */
  startTimeMs: number | null
  partitions: TopicPartition[]
}

export interface ProducerState {
  producerId: bigint
  producerEpoch: number
  lastSequence: number
  lastTimestamp: number
  coordinatorEpoch: number | null
  currentTransactionStartOffset: number | null
}

/** A transaction to end on one partition, whatever its coordinator thinks (KIP-664). */
export interface AbortTransactionSpec {
  partition: TopicPartition
  producerId: bigint
  producerEpoch: number
  coordinatorEpoch: number
}

/** The calls about transactions and the producers behind them. */
export interface TransactionAdmin {
  /** By broker; filters that are undefined let everything through. */
  listTransactions(filters?: {
    producerIds?: bigint[]
    durationMs?: bigint
    pattern?: string
  }): Promise<Map<number, TransactionListing[]>>
  describeTransactions(ids: string[]): Promise<Map<string, Result<TransactionDescription>>>
  /** Asks the leaders, or the one broker given. */
  describeProducers(
    partitions: TopicPartition[],
    brokerId?: number,
  ): Promise<Map<TopicPartition, Result<ProducerState[]>>>
  /** Writes an abort marker. Rejects with the broker's error. */
  abortTransaction(spec: AbortTransactionSpec): Promise<void>
  /** Fences the producer of a transactional id, which ends its transaction. */
  fenceProducer(transactionalId: string): Promise<void>
}
