import { ManualClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/broker/logger.ts'
import { decodeTransaction, encodeTransaction, type TransactionRecord } from '../../../src/broker/txn/records.ts'
import type { TransactionValues } from '../../../src/broker/txn/transaction.ts'
import type { LoadedTransaction, Marker, TxnContext, TxnSettings } from '../../../src/broker/txn/txn-context.ts'
import { TxnCoordinator } from '../../../src/broker/txn/txn-coordinator.ts'
import { errorName, KafkaError } from '../../../src/protocol/errors.ts'
import type { TopicPartition } from '../../../src/storage/file-names.ts'

export const ID = 'txn-1'
export const P0: TopicPartition = { topic: 'orders', partition: 0 }
export const P1: TopicPartition = { topic: 'orders', partition: 1 }

/** Lets every promise that can go on go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** 'NONE', or the name of the error that the call ended with. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'NONE'
  } catch (error) {
    if (error instanceof KafkaError) return errorName(error.code)
    throw error
  }
}

/** A gate that calls wait at while it is shut. */
export class Gate {
  shut = false
  #waiting: (() => void)[] = []

  async pass(): Promise<void> {
    if (this.shut) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async open(): Promise<void> {
    this.shut = false
    for (const go of this.#waiting.splice(0)) go()
    await settle()
  }

  /** Whoever waits will wait for ever: as after a crash. */
  forget(): void {
    this.#waiting = []
    this.shut = false
  }
}

/** A transaction coordinator over one log in memory. */
export class TxnHarness {
  readonly clock = new ManualClock()
  readonly settings: { -readonly [K in keyof TxnSettings]: TxnSettings[K] } = {
    maxTimeoutMs: 900_000,
    idExpirationMs: 7 * 24 * 3_600_000,
    abortIntervalMs: 10_000,
    removeIntervalMs: 3_600_000,
  }
  /** What is in the log, and outlives the coordinator. */
  readonly log: LoadedTransaction[] = []
  readonly markers: { partition: TopicPartition; marker: Marker }[] = []
  readonly appends = new Gate()
  readonly markerWrites = new Gate()
  partitionCount = 1
  transactionVersion = 2
  nextProducerId = 1000
  /** Set: appends fail with it. */
  appendError: KafkaError | undefined
  /** Does what a partition does with a marker; may throw. */
  onMarker: (partition: TopicPartition, marker: Marker) => void = () => {}
  coordinator: TxnCoordinator

  constructor() {
    this.coordinator = new TxnCoordinator(this.context())
  }

  static async started(): Promise<TxnHarness> {
    const harness = new TxnHarness()
    await harness.restart()
    return harness
  }

  context(): TxnContext {
    return {
      clock: this.clock,
      logger: silentLogger,
      settings: () => this.settings,
      transactionVersion: () => this.transactionVersion,
      ensureTopic: async () => {},
      partitionCount: () => this.partitionCount,
      append: (_partition, records) => this.append(records),
      writeMarker: async (partition, marker) => {
        await this.markerWrites.pass()
        this.onMarker(partition, marker)
        this.markers.push({ partition, marker })
      },
      nextProducerId: async () => this.nextProducerId++,
    }
  }

  async append(records: readonly TransactionRecord[]): Promise<void> {
    await this.appends.pass()
    if (this.appendError !== undefined) throw this.appendError
    for (const { key, value } of records) this.log.push({ key, value, offset: this.log.length })
  }

  /** The broker dies and comes back: what is in the log is all there is. */
  async restart(coordinatorEpoch = 0): Promise<void> {
    this.coordinator.stop()
    this.appends.forget()
    this.markerWrites.forget()
    this.coordinator = new TxnCoordinator(this.context())
    await this.coordinator.load(0, coordinatorEpoch, [...this.log])
    this.coordinator.start()
    await settle()
  }

  /** Puts a state into the log, and restarts on it. */
  async given(values: Partial<TransactionValues>, transactionalId = ID): Promise<void> {
    const all: TransactionValues = {
      producerId: 7,
      previousProducerId: -1,
      nextProducerId: -1,
      producerEpoch: 0,
      lastProducerEpoch: -1,
      timeoutMs: 60_000,
      state: 'Empty',
      partitions: new Map(),
      startTimestampMs: this.clock.nowMs(),
      lastUpdateTimestampMs: this.clock.nowMs(),
      clientTransactionVersion: 2,
      ...values,
    }
    await this.append([encodeTransaction(transactionalId, all, 2)])
    await this.restart()
  }

  values(transactionalId = ID): TransactionValues | undefined {
    return this.coordinator.shardOf(transactionalId).transactions.get(transactionalId)?.values
  }

  /** The last state of an id in the log; null after a tombstone. */
  logged(transactionalId = ID): TransactionValues | null | undefined {
    const states = this.log.flatMap(({ key, value }) => (key ? [decodeTransaction(key, value)] : []))
    return states.findLast((entry) => entry?.transactionalId === transactionalId)?.values
  }

  /** States of an id in order of writing. */
  history(transactionalId = ID): string[] {
    return this.log.flatMap(({ key, value }) => {
      const entry = key ? decodeTransaction(key, value) : undefined
      return entry?.transactionalId === transactionalId ? [entry.values?.state ?? 'forgotten'] : []
    })
  }

  init(expected?: { producerId: number; producerEpoch: number }, timeoutMs = 60_000, transactionalId = ID) {
    return this.coordinator.initProducerId({ transactionalId, timeoutMs, expected })
  }

  add(producer: { producerId: number; producerEpoch: number }, partitions = [P0], version = 2, transactionalId = ID) {
    return this.coordinator.addPartitions(transactionalId, producer, partitions, version)
  }

  end(
    producer: { producerId: number; producerEpoch: number },
    committed: boolean,
    transactionVersion = 2,
    transactionalId = ID,
  ) {
    const request = { ...producer, committed, transactionVersion, isFromClient: true }
    return this.coordinator.endTransaction(transactionalId, request)
  }
}
