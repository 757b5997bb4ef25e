import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../../src/protocol/generated/22-init-producer-id.ts'
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../../src/protocol/generated/24-add-partitions-to-txn.ts'
import {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from '../../../src/protocol/generated/25-add-offsets-to-txn.ts'
import { EndTxnRequest, EndTxnResponse } from '../../../src/protocol/generated/26-end-txn.ts'
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../../src/protocol/generated/28-txn-offset-commit.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { type Cluster, check, persistently, Refused, Session } from './session.ts'

const COORDINATOR_BUSY = [14, 15, 16, 51]
const RETRIABLE = [...COORDINATOR_BUSY, 3, 5, 6, 7, 56]
const DUPLICATE_SEQUENCE_NUMBER = 46
const TRANSACTION_TIMEOUT_MS = 10_000

/** How a transaction ended, as far as its producer can tell. */
export type Outcome = 'committed' | 'aborted' | 'unknown'

/**
 * A transactional producer as small as can be, of the first (KIP-98) or the second version (KIP-890) of the protocol. Every request that
 * isn't answered is sent again, as Java's producer does; `begin` starts over as a new epoch when the last transaction's end is in doubt.
 */
export class TransactionalProducer {
  readonly transactionalId: string
  private readonly session: Session
  private readonly secondVersion: boolean
  private producerId = -1n
  private epoch = -1
  private readonly sequences = new Map<string, number>()
  private added = new Set<string>()
  private isReady = false

  constructor(cluster: Cluster, transactionalId: string, secondVersion: boolean) {
    this.transactionalId = transactionalId
    this.session = new Session(cluster, transactionalId)
    this.secondVersion = secondVersion
  }

  close(): void {
    this.session.close()
  }

  /** True when it had to start over: an earlier transaction is aborted or committed for good now. */
  async begin(): Promise<boolean> {
    this.added = new Set()
    if (this.isReady) return false
    await persistently(Number.POSITIVE_INFINITY, RETRIABLE, async () => {
      const { errorCode, producerId, producerEpoch } = await this.session.send(
        InitProducerIdRequest,
        InitProducerIdResponse,
        5,
        {
          transactionalId: this.transactionalId,
          transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
          producerId: -1n,
          producerEpoch: -1,
        },
      )
      check(errorCode, 'InitProducerId')
      this.producerId = producerId
      this.epoch = producerEpoch
    })
    this.sequences.clear()
    this.isReady = true
    return true
  }

  private get identity() {
    const { transactionalId, producerId, epoch } = this
    return { transactionalId, producerId, producerEpoch: epoch }
  }

  /** Appends records to a partition within the transaction. */
  async produce(topic: string, partition: number, values: readonly string[]): Promise<void> {
    const key = `${topic}-${partition}`
    if (!this.secondVersion && !this.added.has(key)) await this.addPartition(topic, partition)
    const baseSequence = this.sequences.get(key) ?? 0
    const records = buildBatch(
      values.map((value) => ({ value: Buffer.from(value), timestamp: Date.now() })),
      { producerId: Number(this.producerId), producerEpoch: this.epoch, baseSequence, transactional: true },
    )
    await persistently(8, RETRIABLE, async () => {
      const { responses } = await this.session.send(ProduceRequest, ProduceResponse, this.secondVersion ? 12 : 11, {
        transactionalId: this.transactionalId,
        acks: -1,
        timeoutMs: 1000,
        topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
      })
      const code = responses[0]?.partitionResponses[0]?.errorCode ?? -1
      if (code !== DUPLICATE_SEQUENCE_NUMBER) check(code, `Produce to ${key}`)
    })
    this.sequences.set(key, baseSequence + values.length)
  }

  private async addPartition(topic: string, partition: number): Promise<void> {
    await persistently(20, RETRIABLE, async () => {
      const { producerId, producerEpoch, transactionalId } = this.identity
      const answer = await this.session.send(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, 3, {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [{ name: topic, partitions: [partition] }],
      })
      check(answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode ?? -1, 'AddPartitionsToTxn')
    })
    this.added.add(`${topic}-${partition}`)
  }

  /** Makes a group's offset part of the transaction. */
  async commitOffset(groupId: string, topic: string, partition: number, offset: number): Promise<void> {
    if (!this.secondVersion) {
      await persistently(20, RETRIABLE, async () => {
        const message = { ...this.identity, groupId }
        const answer = await this.session.send(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, 3, message)
        check(answer.errorCode, 'AddOffsetsToTxn')
      })
    }
    await persistently(20, RETRIABLE, async () => {
      const partitions = [{ partitionIndex: partition, committedOffset: BigInt(offset), committedMetadata: '' }]
      const version = this.secondVersion ? 5 : 4
      const answer = await this.session.send(TxnOffsetCommitRequest, TxnOffsetCommitResponse, version, {
        ...this.identity,
        groupId,
        topics: [{ name: topic, partitions }],
      })
      check(answer.topics[0]?.partitions[0]?.errorCode ?? -1, 'TxnOffsetCommit')
    })
  }

  /** Ends the transaction. Whatever happens, the next `begin` can follow. */
  async end(commit: boolean): Promise<Outcome> {
    try {
      await persistently(10, COORDINATOR_BUSY, async () => {
        const version = this.secondVersion ? 5 : 4
        const message = { ...this.identity, committed: commit }
        const answer = await this.session.send(EndTxnRequest, EndTxnResponse, version, message)
        check(answer.errorCode, 'EndTxn')
        if (!this.secondVersion) return
        this.producerId = answer.producerId
        this.epoch = answer.producerEpoch
        this.sequences.clear()
      })
      return commit ? 'committed' : 'aborted'
    } catch (error) {
      this.isReady = false
      // With nothing sent there was no transaction to end: INVALID_TXN_STATE.
      if (!commit) return 'aborted'
      return error instanceof Refused && error.code === 48 && this.sequences.size === 0 ? 'aborted' : 'unknown'
    }
  }

  /** Gives the transaction up without ending it: the next `begin` has the coordinator abort it. */
  abandon(): void {
    this.isReady = false
  }
}
