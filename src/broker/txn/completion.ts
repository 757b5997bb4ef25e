import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { TopicPartition } from '../../storage/file-names.ts'
import { asKafkaError } from '../partition.ts'
import type { TxnShard } from './shard.ts'
import type { Transaction, TransactionValues } from './transaction.ts'
import type { Marker, TxnContext } from './txn-context.ts'

/** Pause before a marker, or the record of completion, is tried again. */
const RETRY_MS = 100

const codeOf = (error: unknown): number => {
  const known = asKafkaError(error)
  return known instanceof KafkaError ? known.code : ErrorCode.UNKNOWN_SERVER_ERROR
}

/** Brings decided transactions to their end: a marker into every partition, then the record that says so. */
export class Completion {
  readonly #context: TxnContext
  /** Ends of the pauses under way. */
  readonly #pauses = new Set<() => void>()

  constructor(context: TxnContext) {
    this.#context = context
  }

  /**
   * Begins with a prepared transaction; goes on until it is complete, or the shard is closed.
   *
   * @returns what the id will be then: the producer goes on with this producer id and epoch
   */
  start(shard: TxnShard, transaction: Transaction): TransactionValues {
    const { state, producerId, producerEpoch, partitions, clientTransactionVersion } = transaction.values
    const marker: Marker = {
      producerId,
      producerEpoch,
      committed: state === 'PrepareCommit',
      coordinatorEpoch: shard.coordinatorEpoch,
      transactionVersion: clientTransactionVersion,
    }
    const completed = transaction.prepareComplete(this.#context.clock.nowMs())
    this.#run(shard, transaction, partitions, marker, completed).catch((error: unknown) => {
      const { transactionalId } = transaction
      this.#context.logger.error({ transactionalId, error }, 'a transaction could not be completed')
    })
    return completed
  }

  async #run(
    shard: TxnShard,
    transaction: Transaction,
    partitions: ReadonlyMap<string, TopicPartition>,
    marker: Marker,
    completed: TransactionValues,
  ): Promise<void> {
    const writes = [...partitions].map(async ([key, partition]) => {
      await this.#write(shard, transaction.transactionalId, partition, marker)
      if (!shard.closed) transaction.removePartition(key)
    })
    await Promise.all(writes)
    while (!shard.closed) {
      try {
        await shard.append(transaction, completed)
        return
      } catch (error) {
        const { transactionalId } = transaction
        this.#context.logger.warn({ transactionalId, error }, "a transaction's completion is not in the log yet")
      }
      await this.#pause()
    }
  }

  /** Resolves when the partition has its marker, needs none any more, or the shard is closed. */
  async #write(shard: TxnShard, transactionalId: string, partition: TopicPartition, marker: Marker): Promise<void> {
    while (!shard.closed) {
      try {
        await this.#context.writeMarker(partition, marker)
        return
      } catch (error) {
        const fields = { transactionalId, ...partition, producerId: marker.producerId, error }
        switch (codeOf(error)) {
          case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
            this.#context.logger.info(fields, 'the partition of a transaction was deleted: it needs no marker')
            return
          case ErrorCode.INVALID_PRODUCER_EPOCH:
          case ErrorCode.TRANSACTION_COORDINATOR_FENCED:
            // The partition knows a newer epoch: whoever has that one ended this transaction there.
            this.#context.logger.warn(fields, 'a partition refused the marker of a transaction')
            return
          default:
            this.#context.logger.warn(fields, 'the marker of a transaction could not be written; trying again')
        }
      }
      await this.#pause()
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        this.#pauses.delete(end)
        resolve()
      }
      const cancel = this.#context.clock.schedule(RETRY_MS, end)
      this.#pauses.add(end)
    })
  }

  /** Ends all pauses; with their shards closed nothing goes on after them. */
  stop(): void {
    for (const end of [...this.#pauses]) end()
  }
}
