import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../../src/protocol/generated/02-list-offsets.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../../src/protocol/generated/20-delete-topics.ts'
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
  WriteTxnMarkersRequest,
  WriteTxnMarkersResponse,
} from '../../../src/protocol/generated/27-write-txn-markers.ts'
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from '../../../src/protocol/generated/61-describe-producers.ts'
import {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../../../src/protocol/generated/66-list-transactions.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'

import {
  client,
  committedOffset,
  connect,
  fetchFrom,
  newTopic,
  Producer,
  restartBroker,
  startBroker,
  stopBroker,
} from './txn-fixture.ts'

beforeAll(startBroker)
afterAll(stopBroker)

describe('transactions v2 (KIP-890)', () => {
  it('readers of committed records see a transaction when it commits, all of it', async () => {
    const topic = await newTopic()
    const producer = await Producer.started()
    expect(await producer.produce(topic, 'a')).toMatchObject({ errorCode: 0, baseOffset: 0n })
    expect(await producer.produce(topic, 'b')).toMatchObject({ errorCode: 0, baseOffset: 1n })
    expect((await fetchFrom(topic, 0, 0)).values).toEqual(['a', 'b'])
    const open = await fetchFrom(topic)
    expect(open.values).toEqual([])
    expect(open.partition).toMatchObject({ lastStableOffset: 0n, highWatermark: 2n })

    const reader = await connect()
    const waiting = fetchFrom(topic, 0, 1, 30_000, reader)
    expect(await producer.end(true)).toBe(0)
    expect((await waiting).values).toEqual(['a', 'b', 'marker'])
    reader.close()
    expect(producer.producerEpoch).toBe(1)
    expect((await fetchFrom(topic)).partition).toMatchObject({ lastStableOffset: 3n, abortedTransactions: [] })
  })

  it('names aborted transactions to readers', async () => {
    const topic = await newTopic()
    const producer = await Producer.started()
    await producer.produce(topic, 'a')
    await producer.end(false)
    await producer.settled()
    await producer.produce(topic, 'b')
    await producer.end(true)
    await producer.settled()
    const { values, partition } = await fetchFrom(topic)
    expect(values).toEqual(['a', 'marker', 'b', 'marker'])
    expect(partition.abortedTransactions).toMatchObject([{ producerId: producer.producerId, firstOffset: 0n }])
    expect((await fetchFrom(topic, 2)).partition.abortedTransactions).toEqual([])
    const latest = await client.request(ListOffsetsRequest, ListOffsetsResponse, 11, {
      isolationLevel: 1,
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
    })
    expect(latest.topics[0]!.partitions[0]!.offset).toBe(4n)
  })

  it('keeps the order of requests that are sent before the partition is the transaction’s', async () => {
    const topic = await newTopic()
    const producer = await Producer.started()
    for (let round = 0; round < 3; round++) {
      const values = ['a', 'b', 'c', 'd', 'e'].map((value) => `${value}${round}`)
      for (const value of values) client.send(ProduceRequest, 13, producer.request(topic, value))
      for (const _ of values) {
        const { response } = await client.receive(ProduceResponse, 13)
        expect(response.responses[0]!.partitionResponses[0]!.errorCode).toBe(0)
      }
      // Sent at once: the next round's partition has to wait for this one's markers.
      await producer.end(true)
    }
    await producer.produce(topic, 'last')
    expect((await fetchFrom(topic, 0, 0)).values.filter((value) => value !== 'marker').join()).toBe(
      'a0,b0,c0,d0,e0,a1,b1,c1,d1,e1,a2,b2,c2,d2,e2,last',
    )
  })

  it('refuses a fenced producer, a late EndTxn and a first sequence that isn’t 0', async () => {
    const topic = await newTopic()
    const producer = await Producer.started()
    expect(await producer.produce(topic, 'a')).toMatchObject({ errorCode: 0 })
    const { identity } = producer
    await producer.end(true)
    await producer.settled()
    const gap = await client.request(ProduceRequest, ProduceResponse, 13, producer.request(topic, 'gap', 5))
    expect(gap.responses[0]!.partitionResponses[0]!.errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    const late = await client.request(EndTxnRequest, EndTxnResponse, 5, { ...identity, committed: true })
    expect(late).toMatchObject({ errorCode: ErrorCode.PRODUCER_FENCED, producerId: -1n })
    const old = await client.request(ProduceRequest, ProduceResponse, 13, {
      ...producer.request(topic, 'x', 0),
      topicData: [
        {
          topicId: topic.id,
          partitionData: [
            {
              index: 1,
              records: buildBatch([{ value: null, timestamp: Date.now() }], {
                producerId: Number(identity.producerId),
                producerEpoch: identity.producerEpoch,
                baseSequence: 0,
                transactional: true,
              }),
            },
          ],
        },
      ],
    })
    expect(old.responses[0]!.partitionResponses[0]!.errorCode).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
  })
})

describe('transactions v1', () => {
  it('need their partitions added', async () => {
    const topic = await newTopic()
    const producer = await Producer.started()
    const answers = []
    for (const version of [11, 10, 3]) {
      producer.sequence = 0
      const answer = await producer.produce(topic, 'a', version)
      answers.push([answer.errorCode, answer.errorMessage])
    }
    expect(answers).toEqual([
      [ErrorCode.TRANSACTION_ABORTABLE, null],
      [ErrorCode.INVALID_TXN_STATE, 'Partition was not added to the transaction'],
      [ErrorCode.INVALID_TXN_STATE, null],
    ])
    producer.sequence = 0
    expect(await producer.add(topic)).toBe(0)
    expect(await producer.produce(topic, 'a', 11)).toMatchObject({ errorCode: 0, baseOffset: 0n })
    expect(await producer.end(true, 4)).toBe(0)
    await producer.settled()
    expect(await producer.end(true, 4)).toBe(0)
    expect(await producer.end(false, 4)).toBe(ErrorCode.INVALID_TXN_STATE)
    expect((await fetchFrom(topic)).values).toEqual(['a', 'marker'])
  })

  it('tell a fenced producer so in the words of its version', async () => {
    const topic = await newTopic()
    const producer = await Producer.started()
    const { producerEpoch } = producer
    await producer.init()
    producer.producerEpoch = producerEpoch
    expect(await producer.add(topic, 3)).toBe(ErrorCode.PRODUCER_FENCED)
    expect(await producer.add(topic, 1)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    expect(await producer.end(true, 2)).toBe(ErrorCode.PRODUCER_FENCED)
    expect(await producer.end(true, 1)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    producer.sequence = 0
    expect((await producer.produce(topic, 'a', 11)).errorCode).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
  })

  it('fail as a whole when a partition does not exist', async () => {
    const topic = await newTopic()
    const producer = await Producer.started()
    const answer = await client.request(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, 5, {
      transactions: [
        { ...producer.identity, topics: [{ name: topic.name, partitions: [0, 7] }] },
        { ...producer.identity, transactionalId: 'unknown', topics: [{ name: topic.name, partitions: [0] }] },
      ],
    })
    const codes = answer.resultsByTransaction.map(({ topicResults }) =>
      topicResults[0]!.resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
    )
    expect(codes).toEqual([
      [ErrorCode.OPERATION_NOT_ATTEMPTED, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      [ErrorCode.INVALID_PRODUCER_ID_MAPPING],
    ])
  })
})

it('a transactional batch without a transactional id is refused', async () => {
  const topic = await newTopic()
  const producer = await Producer.started()
  const request = { ...producer.request(topic, 'a'), transactionalId: null }
  const answer = await client.request(ProduceRequest, ProduceResponse, 13, request)
  expect(answer.responses[0]!.partitionResponses[0]!.errorCode).toBe(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
})

it('a deleted topic does not keep a transaction from its end', async () => {
  const topic = await newTopic()
  const kept = await newTopic()
  const producer = await Producer.started()
  await producer.produce(topic, 'a')
  producer.sequence = 0
  await producer.produce(kept, 'b')
  await client.request(DeleteTopicsRequest, DeleteTopicsResponse, 6, { topics: [{ name: topic.name }] })
  expect(await producer.end(true)).toBe(0)
  await producer.settled()
  expect((await fetchFrom(kept)).values).toEqual(['b', 'marker'])
})

describe('administration', () => {
  it('shows and ends a hanging transaction', async () => {
    const topic = await newTopic()
    const producer = await Producer.started()
    await producer.produce(topic, 'a')
    const describeProducers = async () => {
      const answer = await client.request(DescribeProducersRequest, DescribeProducersResponse, 0, {
        topics: [{ name: topic.name, partitionIndexes: [0, 9] }],
      })
      expect(answer.topics[0]!.partitions[1]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      return answer.topics[0]!.partitions[0]!.activeProducers
    }
    expect(await describeProducers()).toMatchObject([
      { producerId: producer.producerId, producerEpoch: 0, lastSequence: 0, currentTxnStartOffset: 0n },
    ])
    const listed = await client.request(ListTransactionsRequest, ListTransactionsResponse, 2, {
      stateFilters: ['Ongoing'],
      transactionalIdPattern: producer.transactionalId,
    })
    expect(listed.transactionStates).toMatchObject([{ transactionalId: producer.transactionalId }])
    for (const [producerEpoch, code] of [
      [-1, ErrorCode.INVALID_PRODUCER_EPOCH],
      [0, ErrorCode.NONE],
    ] as const) {
      const answer = await client.request(WriteTxnMarkersRequest, WriteTxnMarkersResponse, 1, {
        markers: [
          {
            producerId: producer.producerId,
            producerEpoch,
            coordinatorEpoch: 0,
            transactionResult: false,
            topics: [{ name: topic.name, partitionIndexes: [0] }],
          },
        ],
      })
      expect(answer.markers[0]!.topics[0]!.partitions[0]!.errorCode).toBe(code)
    }
    expect((await fetchFrom(topic)).partition).toMatchObject({ lastStableOffset: 2n })
    expect(await describeProducers()).toMatchObject([{ currentTxnStartOffset: -1n }])
  })
})

it('answers every version it offers', async () => {
  const topic = await newTopic()
  const producer = await Producer.started()
  for (let version = 0; version <= 5; version++) {
    const init = await client.request(InitProducerIdRequest, InitProducerIdResponse, version, {
      transactionalId: producer.transactionalId,
      transactionTimeoutMs: 1000,
      ...(version >= 3 ? { producerId: -1n, producerEpoch: -1 } : {}),
    })
    expect(init.errorCode).toBe(0)
    producer.become(init)
    expect(await producer.add(topic, Math.min(version, 3))).toBe(0)
    const added = await client.request(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, Math.min(version, 4), {
      ...producer.identity,
      groupId: 'every-version',
    })
    expect(added.errorCode).toBe(0)
    expect(await producer.commitOffset('every-version', topic, version, version)).toBe(0)
    expect(await producer.end(true, version)).toBe(0)
    await producer.settled()
    expect(await committedOffset('every-version', topic)).toMatchObject({ committedOffset: BigInt(version) })
  }
  for (let version = 0; version <= 2; version++) {
    const listed = await client.request(ListTransactionsRequest, ListTransactionsResponse, version, {})
    expect(listed.errorCode).toBe(0)
  }
})

it('an open transaction and its offsets survive a restart', async () => {
  const topic = await newTopic()
  const producer = await Producer.started()
  await producer.produce(topic, 'a')
  await producer.commitOffset('restarted', topic, 1)
  await restartBroker()
  expect((await fetchFrom(topic)).partition).toMatchObject({ lastStableOffset: 0n, highWatermark: 1n })
  expect((await committedOffset('restarted', topic)).errorCode).toBe(ErrorCode.UNSTABLE_OFFSET_COMMIT)
  expect(await producer.produce(topic, 'b')).toMatchObject({ errorCode: 0 })
  expect(await producer.end(true)).toBe(0)
  await producer.settled()
  expect((await fetchFrom(topic)).values).toEqual(['a', 'b', 'marker'])
  await restartBroker()
  expect(await committedOffset('restarted', topic)).toMatchObject({ errorCode: 0, committedOffset: 1n })
  expect((await fetchFrom(topic)).partition).toMatchObject({ lastStableOffset: 3n })
})
