import { expect } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../../src/protocol/generated/01-fetch.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../../src/protocol/generated/09-offset-fetch.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../../src/protocol/generated/10-find-coordinator.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../../src/protocol/generated/22-init-producer-id.ts'
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../../src/protocol/generated/24-add-partitions-to-txn.ts'
import { EndTxnRequest, EndTxnResponse } from '../../../src/protocol/generated/26-end-txn.ts'
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../../src/protocol/generated/28-txn-offset-commit.ts'
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from '../../../src/protocol/generated/65-describe-transactions.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { isControl } from '../../../src/protocol/records/batch-header.ts'
import { readBatches } from '../../../src/protocol/records/batch-reader.ts'
import { readRecords } from '../../../src/protocol/records/record-cursor.ts'
import { TestBroker, type TestClient } from '../in-process.ts'

let broker: TestBroker
/** The connection that all of this goes by; a restart replaces it. */
export let client: TestClient

export async function startBroker(): Promise<void> {
  broker = await TestBroker.start({ 'transaction.state.log.num.partitions': '2' })
  client = await broker.connect()
}

export async function stopBroker(): Promise<void> {
  client.close()
  await broker.stop()
}

export async function restartBroker(): Promise<void> {
  client.close()
  await broker.restart()
  client = await broker.connect()
}

/** A connection of its own, for requests that wait. */
export const connect = (): Promise<TestClient> => broker.connect()

let names = 0

/** A name that no test had before. */
export const newName = (kind: string): string => `${kind}-${++names}`

export interface Topic {
  name: string
  id: string
}

export async function newTopic(): Promise<Topic> {
  const name = newName('topic')
  const answer = await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name, numPartitions: 2, replicationFactor: 1 }],
  })
  return { name, id: answer.topics[0]!.topicId }
}

/** A transactional producer that says to the broker just what it is told to. */
export class Producer {
  readonly transactionalId = newName('txn')
  producerId = -1n
  producerEpoch = -1
  sequence = 0

  static async started(): Promise<Producer> {
    const producer = new Producer()
    await client.request(FindCoordinatorRequest, FindCoordinatorResponse, 6, {
      keyType: 1,
      coordinatorKeys: [producer.transactionalId],
    })
    await producer.init()
    return producer
  }

  get identity() {
    const { transactionalId, producerId, producerEpoch } = this
    return { transactionalId, producerId, producerEpoch }
  }

  async init(): Promise<void> {
    for (;;) {
      const answer = await client.request(InitProducerIdRequest, InitProducerIdResponse, 5, {
        transactionalId: this.transactionalId,
        transactionTimeoutMs: 60_000,
        producerId: -1n,
        producerEpoch: -1,
      })
      if (answer.errorCode === ErrorCode.CONCURRENT_TRANSACTIONS) continue
      expect(answer.errorCode).toBe(0)
      this.become(answer)
      return
    }
  }

  become({ producerId, producerEpoch }: { producerId: bigint; producerEpoch: number }): void {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
    this.sequence = 0
  }

  /** A Produce request of one record for partition 0. */
  request(topic: Topic, value: string, sequence = this.sequence++) {
    const records = buildBatch([{ value: Buffer.from(value), timestamp: Date.now() }], {
      producerId: Number(this.producerId),
      producerEpoch: this.producerEpoch,
      baseSequence: sequence,
      transactional: true,
    })
    return {
      transactionalId: this.transactionalId as string | null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: topic.name, topicId: topic.id, partitionData: [{ index: 0, records }] }],
    }
  }

  async produce(topic: Topic, value: string, version = 13) {
    const answer = await client.request(ProduceRequest, ProduceResponse, version, this.request(topic, value))
    return answer.responses[0]!.partitionResponses[0]!
  }

  async end(committed: boolean, version = 5): Promise<number> {
    const answer = await client.request(EndTxnRequest, EndTxnResponse, version, { ...this.identity, committed })
    if (answer.errorCode === 0 && version >= 5) this.become(answer)
    return answer.errorCode
  }

  async add(topic: Topic, version = 3): Promise<number> {
    const answer = await client.request(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, version, {
      v3AndBelowTransactionalId: this.transactionalId,
      v3AndBelowProducerId: this.producerId,
      v3AndBelowProducerEpoch: this.producerEpoch,
      v3AndBelowTopics: [{ name: topic.name, partitions: [0] }],
    })
    return answer.resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode
  }

  async commitOffset(groupId: string, topic: Topic, offset: number, version = 5): Promise<number> {
    const answer = await client.request(TxnOffsetCommitRequest, TxnOffsetCommitResponse, version, {
      ...this.identity,
      groupId,
      ...(version >= 3 ? { generationId: -1 } : {}),
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, committedOffset: BigInt(offset) }] }],
    })
    return answer.topics[0]!.partitions[0]!.errorCode
  }

  /** Resolves when the transaction's markers are written. */
  async settled(): Promise<void> {
    for (;;) {
      const answer = await client.request(DescribeTransactionsRequest, DescribeTransactionsResponse, 0, {
        transactionalIds: [this.transactionalId],
      })
      if (answer.transactionStates[0]!.transactionState.startsWith('Complete')) return
    }
  }
}

export async function fetchFrom(topic: Topic, offset = 0, isolationLevel = 1, maxWaitMs = 0, by = client) {
  const answer = await by.request(FetchRequest, FetchResponse, 18, {
    maxWaitMs,
    minBytes: 1,
    maxBytes: 1_000_000,
    isolationLevel,
    sessionEpoch: -1,
    topics: [
      {
        topicId: topic.id,
        partitions: [{ partition: 0, fetchOffset: BigInt(offset), partitionMaxBytes: 1_000_000 }],
      },
    ],
  })
  const partition = answer.responses[0]!.partitions[0]!
  const records = partition.records ?? Buffer.alloc(0)
  const values = [...readBatches(records)].flatMap((header) =>
    isControl(header.attributes) ? ['marker'] : [...readRecords(records, header)].map(({ value }) => String(value)),
  )
  return { partition, values }
}

export async function committedOffset(groupId: string, topic: Topic, requireStable = true) {
  const answer = await client.request(OffsetFetchRequest, OffsetFetchResponse, 9, {
    requireStable,
    groups: [{ groupId, topics: [{ name: topic.name, partitionIndexes: [0] }] }],
  })
  return answer.groups[0]!.topics[0]!.partitions[0]!
}
