import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { appendFailure } from '../group/group-errors.ts'
import { decodeTransaction, encodeTransaction } from './records.ts'
import { Transaction, type TransactionValues } from './transaction.ts'
import { isPrepared } from './transaction-state.ts'
import type { LoadedTransaction, TxnContext } from './txn-context.ts'

/** Tombstones in one batch: keeps it far below max.message.bytes. */
const MAX_RECORDS_PER_WRITE = 1000

/** The transactional ids of one partition of __transaction_state: what a replay of its log gives. */
export class TxnShard {
  readonly partition: number
  /** Leader epoch of the partition when this broker took it over. */
  readonly coordinatorEpoch: number
  readonly context: TxnContext
  readonly transactions = new Map<string, Transaction>()
  loaded = false
  readonly #onTransition: (transactionalId: string) => void
  #closed = false

  /** @param onTransition called when a transition was completed or cancelled: the next may be prepared */
  constructor(
    partition: number,
    coordinatorEpoch: number,
    context: TxnContext,
    onTransition: (transactionalId: string) => void,
  ) {
    this.partition = partition
    this.coordinatorEpoch = coordinatorEpoch
    this.context = context
    this.#onTransition = onTransition
  }

  /** True when the broker gave up the partition: what still runs must not start anything new. */
  get closed(): boolean {
    return this.#closed
  }

  /** Applies one record of the log while the partition is loaded. A record that can't be read is logged and passed over. */
  replay({ key, value, offset }: LoadedTransaction): void {
    if (key === null) return
    try {
      const decoded = decodeTransaction(key, value)
      if (decoded === undefined) return
      const { transactionalId, values } = decoded
      if (values === null) this.transactions.delete(transactionalId)
      else this.transactions.set(transactionalId, new Transaction(transactionalId, values))
    } catch (error) {
      this.context.logger.error(
        { partition: this.partition, offset, error },
        'skipped an unreadable transaction record',
      )
    }
  }

  /** Transactions whose end was decided before the partition came here. */
  prepared(): Transaction[] {
    return [...this.transactions.values()].filter(({ state }) => isPrepared(state))
  }

  /**
   * Writes a prepared transition; it counts when this resolves.
   *
   * @throws KafkaError with the code to answer; the transition is cancelled then
   */
  async write(transaction: Transaction, values: TransactionValues): Promise<void> {
    try {
      await this.append(transaction, values)
    } catch (error) {
      transaction.cancel()
      this.#onTransition(transaction.transactionalId)
      throw error
    }
  }

  /** As `write`, but the transition stays prepared when it fails. */
  async append(transaction: Transaction, values: TransactionValues): Promise<void> {
    if (this.#closed) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    const { clock } = this.context
    try {
      const record = encodeTransaction(transaction.transactionalId, values, this.context.transactionVersion())
      await this.context.append(this.partition, [record], clock.nowMs())
    } catch (error) {
      throw appendFailure(error)
    }
    if (this.#closed) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    transaction.complete(values)
    this.#onTransition(transaction.transactionalId)
  }

  /** Forgets transactional ids that no transaction is open of. Ids that can't be removed now stay. */
  async remove(transactions: readonly Transaction[]): Promise<void> {
    for (let at = 0; at < transactions.length; at += MAX_RECORDS_PER_WRITE) {
      const part = transactions.slice(at, at + MAX_RECORDS_PER_WRITE).filter(({ isBusy }) => !isBusy)
      if (part.length === 0 || this.#closed) continue
      for (const transaction of part) transaction.prepareDead()
      const tombstones = part.map(({ transactionalId }) => encodeTransaction(transactionalId, null, 0))
      try {
        await this.context.append(this.partition, tombstones, this.context.clock.nowMs())
        for (const { transactionalId } of part) this.transactions.delete(transactionalId)
      } catch (error) {
        for (const transaction of part) transaction.cancel()
        this.context.logger.warn({ partition: this.partition, error }, 'expired transactional ids could not be removed')
      }
    }
  }

  close(): void {
    this.#closed = true
    this.transactions.clear()
  }
}
