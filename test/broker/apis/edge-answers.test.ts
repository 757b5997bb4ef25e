import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Draft, MessageCodec } from '../../../src/protocol/codec.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../../src/protocol/generated/01-fetch.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../../src/protocol/generated/02-list-offsets.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../../src/protocol/generated/10-find-coordinator.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../../src/protocol/generated/20-delete-topics.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../../src/protocol/generated/21-delete-records.ts'
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from '../../../src/protocol/generated/23-offset-for-leader-epoch.ts'
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../../src/protocol/generated/24-add-partitions-to-txn.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../../../src/protocol/generated/32-describe-configs.ts'
import { AlterConfigsRequest, AlterConfigsResponse } from '../../../src/protocol/generated/33-alter-configs.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../../src/protocol/generated/47-offset-delete.ts'
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from '../../../src/protocol/generated/61-describe-producers.ts'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../../../src/protocol/generated/69-consumer-group-describe.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { TestBroker, type TestClient } from '../in-process.ts'

let broker: TestBroker
let client: TestClient
beforeAll(async () => {
  broker = await TestBroker.start()
  client = await broker.connect()
})
afterAll(async () => {
  client.close()
  await broker.stop()
})

function ask<Q, R>(
  request: MessageCodec<Q>,
  response: MessageCodec<R>,
  message: Draft<Q>,
  version?: number,
): Promise<R> {
  return client.request(request, response, version ?? request.maxVersion, message)
}

async function newTopic(name: string, numPartitions = 1): Promise<string> {
  const topics = [{ name, numPartitions, replicationFactor: 1 }]
  const answer = await ask(CreateTopicsRequest, CreateTopicsResponse, { topics })
  expect(answer.topics[0]?.errorCode).toBe(0)
  return answer.topics[0]!.topicId
}

const batchOf = (value: string): Buffer => buildBatch([{ value: Buffer.from(value), timestamp: Date.now() }])

function produce(topicId: string, partitionData: { index: number; records: Buffer }[], again = false) {
  const topic = { topicId, partitionData }
  const topicData = again ? [topic, topic] : [topic]
  return ask(ProduceRequest, ProduceResponse, { acks: 1, timeoutMs: 1000, topicData })
}

describe('answers to odd requests, as Kafka gives them', () => {
  it('Produce: a partition named twice takes the later records, once', async () => {
    const id = await newTopic('edge-twice')
    const answer = await produce(id, [{ index: 0, records: batchOf('a') }], true)
    expect(answer.responses).toMatchObject([{ partitionResponses: [{ errorCode: 0, baseOffset: 0n }] }])
    const next = await produce(id, [{ index: 0, records: batchOf('b') }])
    expect(next.responses[0]?.partitionResponses[0]?.baseOffset).toBe(1n)
    expect((await produce(id, [])).responses).toMatchObject([])
  })

  it('Produce: a magic that never was fails the whole request', async () => {
    const id = await newTopic('edge-magic', 2)
    const odd = batchOf('a')
    odd[16] = 3
    const { responses } = await produce(id, [
      { index: 0, records: batchOf('a') },
      { index: 1, records: odd },
    ])
    const failed = { errorCode: ErrorCode.CORRUPT_MESSAGE, errorMessage: 'Invalid magic found in record: 3' }
    expect(responses[0]?.partitionResponses).toMatchObject([failed, failed])
  })

  it('Produce: only errors of single records have a message, and the log start stands beside what the log refuses', async () => {
    const id = await newTopic('edge-message')
    const control = buildBatch([{ value: Buffer.from('x'), timestamp: 1 }], { control: true })
    const inLog = (await produce(id, [{ index: 0, records: control }])).responses[0]?.partitionResponses[0]
    expect(inLog).toMatchObject({ errorCode: ErrorCode.INVALID_RECORD, errorMessage: null, logStartOffset: 0n })
    const cut = (await produce(id, [{ index: 0, records: Buffer.alloc(3) }])).responses[0]?.partitionResponses[0]
    expect(cut).toMatchObject({ errorCode: ErrorCode.INVALID_RECORD, errorMessage: null, logStartOffset: -1n })
  })

  it('Fetch: out of range says nothing of the log; who is no follower is told so', async () => {
    const topicId = await newTopic('edge-fetch')
    const fetch = (fetchOffset: bigint, replicaId = -1) =>
      ask(FetchRequest, FetchResponse, {
        ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 1000, sessionEpoch: -1, replicaState: { replicaId } },
        topics: [{ topicId, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1000 }] }],
      })
    expect((await fetch(9n)).responses[0]?.partitions[0]).toMatchObject({
      errorCode: ErrorCode.OFFSET_OUT_OF_RANGE,
      highWatermark: -1n,
      logStartOffset: -1n,
    })
    expect((await fetch(0n, 7)).responses[0]?.partitions[0]?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  })

  it('ListOffsets: a partition named twice is refused, the others are answered; an empty log has its epoch', async () => {
    await newTopic('edge-list', 2)
    const [zero, one] = [0, 1].map((partitionIndex) => ({ partitionIndex, timestamp: -1n }))
    const topics = [
      { name: 'edge-list', partitions: [zero!, zero!, one!] },
      { name: 'edge-none', partitions: [] },
    ]
    const answer = await ask(ListOffsetsRequest, ListOffsetsResponse, { replicaId: -1, topics })
    expect(answer.topics).toMatchObject([
      {
        partitions: [
          { partitionIndex: 0, errorCode: ErrorCode.INVALID_REQUEST },
          { partitionIndex: 1, errorCode: 0, offset: 0n, leaderEpoch: 0 },
        ],
      },
    ])
    expect(answer.topics).toHaveLength(1)
  })

  it('OffsetForLeaderEpoch: an empty log has its epoch; epochs below the first end where that begins', async () => {
    await newTopic('edge-epoch')
    const end = async (leaderEpoch: number, currentLeaderEpoch = -1) => {
      const topics = [{ topic: 'edge-epoch', partitions: [{ partition: 0, leaderEpoch, currentLeaderEpoch }] }]
      const request = { replicaId: -1, topics }
      const answer = await ask(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, request)
      return answer.topics[0]?.partitions[0]
    }
    expect(await end(0)).toMatchObject({ leaderEpoch: 0, endOffset: 0n })
    expect(await end(-2)).toMatchObject({ leaderEpoch: -2, endOffset: 0n })
    expect(await end(0, -2)).toMatchObject({ errorCode: ErrorCode.FENCED_LEADER_EPOCH })
  })

  it('topics: no time is a timeout; an id and its name are one topic; internal ones only when they are there', async () => {
    const late = await ask(CreateTopicsRequest, CreateTopicsResponse, {
      topics: [{ name: 'edge-late', numPartitions: 1, replicationFactor: 1 }],
      timeoutMs: 0,
    })
    expect(late.topics[0]?.errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
    const topicId = await newTopic('edge-gone')
    const topics = [{ name: null, topicId }, { name: 'edge-gone' }]
    const gone = await ask(DeleteTopicsRequest, DeleteTopicsResponse, { topics, timeoutMs: 5000 })
    expect(gone.responses).toMatchObject([
      { errorMessage: 'The provided topic name maps to an ID that was already supplied.' },
    ])
    const partitions = [{ partitionIndex: 0, offset: 0n }]
    const deleted = await ask(DeleteRecordsRequest, DeleteRecordsResponse, {
      topics: [{ name: '__transaction_state', partitions }, { name: 'edge-gone' }],
    })
    expect(deleted.topics).toMatchObject([{ partitions: [{ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }] }])
    expect(deleted.topics).toHaveLength(1)
  })

  it('groups and transactions: empty ids, odd key types, internal topics', async () => {
    const group = await ask(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, { groupIds: [''] })
    expect(group.groups[0]).toMatchObject({ errorCode: ErrorCode.INVALID_GROUP_ID, errorMessage: null })
    const offsets = await ask(OffsetDeleteRequest, OffsetDeleteResponse, { groupId: '' })
    expect(offsets.errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
    const found = await ask(FindCoordinatorRequest, FindCoordinatorResponse, { keyType: 7, coordinatorKeys: ['x'] })
    expect(found.coordinators[0]?.errorMessage).toMatch(/^This most likely occurs because of a request being malformed/)
    const added = await ask(
      AddPartitionsToTxnRequest,
      AddPartitionsToTxnResponse,
      {
        ...{ v3AndBelowTransactionalId: 'edge', v3AndBelowProducerId: 1n, v3AndBelowProducerEpoch: 0 },
        v3AndBelowTopics: [{ name: '__consumer_offsets', partitions: [0] }],
      },
      3,
    )
    expect(added.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode).toBe(
      ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    )
    const topics = [{ name: 'a b', partitionIndexes: [0] }]
    const producers = await ask(DescribeProducersRequest, DescribeProducersResponse, { topics })
    expect(producers.topics[0]?.partitions[0]).toMatchObject({
      errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
      errorMessage: expect.stringContaining("'a b' contains one or more characters"),
    })
  })

  it.each([
    [2, 'no-such', ''],
    [8, '', 'Broker id must not be empty'],
    [8, '7', 'Unexpected broker id, expected 1 but received 7'],
  ])('DescribeConfigs of type %i, "%s": "%s"', async (resourceType, resourceName, message) => {
    const resources = [{ resourceType, resourceName, configurationKeys: null }]
    const answer = await ask(DescribeConfigsRequest, DescribeConfigsResponse, { resources })
    expect(answer.results[0]?.errorMessage).toBe(message)
  })

  it.each([
    [2, '', 'Default topic resources are not allowed.'],
    [3, 'x', 'Unknown resource type 3'],
    [16, '', "Subscription name can't be empty"],
    [4, '', 'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.'],
  ])('AlterConfigs of type %i, "%s": "%s"', async (resourceType, resourceName, message) => {
    const resources = [{ resourceType, resourceName, configs: [] }]
    const answer = await ask(AlterConfigsRequest, AlterConfigsResponse, { resources, validateOnly: true })
    expect(answer.responses[0]?.errorMessage).toBe(message)
  })
})
