import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { partitionDirName } from '../../storage/file-names.ts'
import type { ProducerStateEntry } from '../../storage/producer-state-entry.ts'
import type { Partition } from '../partition.ts'
import { EPOCH_BUMP_VERSION, type Producer } from './transaction.ts'
import type { TxnCoordinator } from './txn-coordinator.ts'

/**
 * What a client understands, by the version of its request (KIP-890): `add` lets the broker add the partition to the transaction;
 * `abortable` and `plain` clients do so themselves, and differ in the error they know for having failed to.
 */
export type TxnSupport = 'plain' | 'abortable' | 'add'

/** A transactional write that is about to happen. */
export interface TxnWrite extends Producer {
  readonly transactionalId: string
  readonly partitions: readonly Partition[]
  readonly support: TxnSupport
}

export interface VerificationSettings {
  /** transaction.partition.verification.enable */
  readonly isEnabled: boolean
  /** How long a write waits for the end of the transaction before. */
  readonly patienceMs: number
}

/** Why partitions may not be written, by `topic-0`, in Kafka's words between brokers. */
export type Refusals = ReadonlyMap<string, KafkaError>

const NONE: Refusals = new Map()

function isOngoing({ log }: Partition, { producerId, producerEpoch }: Producer): boolean {
  const entry = log.producers.lastEntry(producerId)
  return entry !== undefined && entry.currentTxnFirstOffset >= 0 && entry.producerEpoch === producerEpoch
}

/**
 * Sees to it that a transactional write belongs to a transaction the coordinator knows of (KIP-890): else nobody would ever end it, and
 * readers of committed records would hang.
 */
export class TxnVerification {
  readonly #coordinator: TxnCoordinator
  readonly #settings: () => VerificationSettings
  /** The last write of each producer that has writes waiting. Its later ones go after it: sequence numbers want their order. */
  readonly #tails = new Map<number, Promise<unknown>>()

  constructor(coordinator: TxnCoordinator, settings: () => VerificationSettings) {
    this.#coordinator = coordinator
    this.#settings = settings
  }

  /**
   * Runs `write` when the transaction is verified, in the same turn as the verification, with the partitions it must leave out. Where
   * nothing has to be asked or waited for it runs at once.
   */
  run<T>(txn: TxnWrite, write: (refused: Refusals) => T | Promise<T>): T | Promise<T> {
    const tail = this.#tails.get(txn.producerId)
    if (tail === undefined && this.#unverified(txn).length === 0) return write(NONE)
    const done = (tail ?? Promise.resolve()).then(async () => {
      const refused = await this.#verify(txn)
      return { result: write(refused) }
    })
    // The next write begins when this one has its place in the log, not when that is answered.
    const settled = done.catch(() => {})
    this.#tails.set(txn.producerId, settled)
    void settled.then(() => {
      if (this.#tails.get(txn.producerId) === settled) this.#tails.delete(txn.producerId)
    })
    return done.then(({ result }) => result)
  }

  #unverified(txn: TxnWrite): Partition[] {
    if (!this.#settings().isEnabled && txn.support !== 'add') return []
    return txn.partitions.filter((partition) => !isOngoing(partition, txn))
  }

  async #verify(txn: TxnWrite): Promise<Refusals> {
    const partitions = this.#unverified(txn)
    if (partitions.length === 0) return NONE
    // Entries are never changed in place: if they are the same afterwards, no marker came in between.
    const before = new Map<Partition, ProducerStateEntry | undefined>()
    for (const partition of partitions) before.set(partition, partition.log.producers.lastEntry(txn.producerId))
    const refused = new Map<string, KafkaError>()
    for (const [key, code] of await this.#ask(txn, partitions)) {
      if (code !== ErrorCode.NONE) refused.set(key, refusal(code, txn.support))
    }
    for (const partition of partitions) {
      const entry = partition.log.producers.lastEntry(txn.producerId)
      if (refused.has(partition.key) || entry === before.get(partition) || isOngoing(partition, txn)) continue
      refused.set(
        partition.key,
        new KafkaError(ErrorCode.INVALID_TXN_STATE, 'Record was not part of an ongoing transaction'),
      )
    }
    return refused
  }

  /** @returns the coordinator's answer by `topic-0` */
  async #ask(txn: TxnWrite, partitions: readonly Partition[]): Promise<Map<string, number>> {
    const { transactionalId, support } = txn
    const asked = partitions.map(({ topic, index }) => ({ topic, partition: index }))
    const allAre = (code: number): Map<string, number> =>
      new Map(asked.map((partition) => [partitionDirName(partition), code]))
    try {
      return await this.#coordinator.patiently(transactionalId, this.#settings().patienceMs, async () => {
        if (support !== 'add') return this.#coordinator.verifyPartitions(transactionalId, txn, asked)
        await this.#coordinator.addPartitions(transactionalId, txn, asked, EPOCH_BUMP_VERSION)
        return allAre(ErrorCode.NONE)
      })
    } catch (error) {
      if (error instanceof KafkaError) return allAre(error.code)
      throw error
    }
  }
}

/** The coordinator's error as writers know it. */
function refusal(code: number, support: TxnSupport): KafkaError {
  if (code === ErrorCode.PRODUCER_FENCED) return new KafkaError(ErrorCode.INVALID_PRODUCER_EPOCH)
  if (code === ErrorCode.TRANSACTION_ABORTABLE && support === 'plain')
    return new KafkaError(ErrorCode.INVALID_TXN_STATE)
  return new KafkaError(code)
}
