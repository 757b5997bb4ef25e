import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../../src/protocol/generated/01-fetch.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../../src/protocol/generated/02-list-offsets.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../../src/protocol/generated/21-delete-records.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../../src/protocol/generated/22-init-producer-id.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { readBatches } from '../../../src/protocol/records/batch-reader.ts'
import { readRecords } from '../../../src/protocol/records/record-cursor.ts'
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

let topics = 0
async function newTopic(configs: Record<string, string> = {}): Promise<{ name: string; id: string }> {
  const name = `topic-${++topics}`
  const answer = await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [
      {
        name,
        numPartitions: 1,
        replicationFactor: 1,
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
  })
  expect(answer.topics[0]).toMatchObject({ errorCode: 0, numPartitions: 1, replicationFactor: 1 })
  return { name, id: answer.topics[0]!.topicId }
}

const NOW = Date.now()
const batchOf = (values: string[], more = {}): Buffer =>
  buildBatch(
    values.map((value) => ({ value: Buffer.from(value), timestamp: NOW })),
    more,
  )

async function produce(topic: { name: string; id: string }, records: Buffer, acks = 1, version = 13) {
  const answer = await client.request(ProduceRequest, ProduceResponse, version, {
    acks,
    timeoutMs: 1000,
    topicData: [{ name: topic.name, topicId: topic.id, partitionData: [{ index: 0, records }] }],
  })
  return answer.responses[0]!.partitionResponses[0]!
}

async function fetchFrom(topic: { name: string; id: string }, offset: number, version = 18, more = {}) {
  const answer = await client.request(FetchRequest, FetchResponse, version, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 1_000_000,
    sessionEpoch: -1,
    topics: [
      {
        topic: topic.name,
        topicId: topic.id,
        partitions: [{ partition: 0, fetchOffset: BigInt(offset), partitionMaxBytes: 1_000_000 }],
      },
    ],
    ...more,
  })
  return answer.responses[0]!.partitions[0]!
}

function values(records: Buffer | null): string[] {
  const out: string[] = []
  for (const header of readBatches(records ?? Buffer.alloc(0))) {
    for (const record of readRecords(records!, header)) out.push(`${record.offset}:${record.value?.toString()}`)
  }
  return out
}

describe('Produce and Fetch', () => {
  it('give back what was produced, at every version', async () => {
    for (let version = 3; version <= 13; version++) {
      const topic = await newTopic()
      expect(await produce(topic, batchOf(['a', 'b']), 1, version)).toMatchObject({ errorCode: 0, baseOffset: 0n })
      expect(await produce(topic, batchOf(['c']), -1, version)).toMatchObject({ errorCode: 0, baseOffset: 2n })
    }
    const topic = await newTopic()
    await produce(topic, batchOf(['x', 'y']))
    for (let version = 4; version <= 18; version++) {
      const found = await fetchFrom(topic, 0, version)
      expect(found).toMatchObject({ errorCode: 0, highWatermark: 2n, lastStableOffset: 2n })
      expect(values(found.records)).toEqual(['0:x', '1:y'])
    }
  })

  it('name the leader beside an error that is about leaders', async () => {
    const { name, id } = await newTopic()
    client.close()
    // An unclean stop: the leader's epoch rises.
    await broker.restart(() => rm(join(broker.dataDir, '.kafka_cleanshutdown')))
    client = await broker.connect()
    const fetchAt = async (version: number, currentLeaderEpoch: number) =>
      await client.request(FetchRequest, FetchResponse, version, {
        ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, sessionEpoch: -1 },
        topics: [
          {
            ...{ topic: name, topicId: id },
            partitions: [{ partition: 0, currentLeaderEpoch, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }],
          },
        ],
      })
    const told = await fetchAt(18, 0)
    expect(told.responses[0]!.partitions[0]).toMatchObject({
      errorCode: ErrorCode.FENCED_LEADER_EPOCH,
      currentLeader: { leaderId: 1, leaderEpoch: 1 },
    })
    expect(told.nodeEndpoints).toMatchObject([{ nodeId: 1, host: 'localhost', port: broker.port }])
    const nobody = { leaderId: -1, leaderEpoch: -1 }
    expect((await fetchAt(15, 0)).responses[0]!.partitions[0]!.currentLeader).toEqual(nobody)
    const fine = await fetchAt(18, 1)
    expect(fine.responses[0]!.partitions[0]).toMatchObject({ errorCode: 0, currentLeader: nobody })
    expect(fine.nodeEndpoints).toEqual([])
  })

  it('with acks=0 answers nothing and still appends', async () => {
    const topic = await newTopic()
    client.send(ProduceRequest, 13, {
      acks: 0,
      topicData: [{ topicId: topic.id, partitionData: [{ index: 0, records: batchOf(['q']) }] }],
    })
    expect(values((await fetchFrom(topic, 0, 18, { maxWaitMs: 2000 })).records)).toEqual(['0:q'])
  })

  it('refuse unknown topics and partitions as Kafka does', async () => {
    const missing = { name: 'missing', id: 'BBBBBBBBBBBBBBBBBBBBBA' }
    expect((await produce(missing, batchOf(['a']))).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
    expect((await produce(missing, batchOf(['a']), 1, 9)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect((await fetchFrom(missing, 0)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
    expect((await fetchFrom(missing, 0, 11)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect((await produce(await newTopic(), batchOf(['a']), 7)).errorCode).toBe(ErrorCode.INVALID_REQUIRED_ACKS)
  })

  it('say OFFSET_OUT_OF_RANGE beyond the end and below the start', async () => {
    const topic = await newTopic()
    await produce(topic, batchOf(['a', 'b', 'c']))
    expect((await fetchFrom(topic, 4)).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE)
    const deleted = await client.request(DeleteRecordsRequest, DeleteRecordsResponse, 2, {
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, offset: 2n }] }],
    })
    expect(deleted.topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: 2n })
    expect((await fetchFrom(topic, 1)).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE)
    const rest = await fetchFrom(topic, 2)
    expect(values(rest.records).at(-1)).toBe('2:c')
    expect(rest.logStartOffset).toBe(2n)
  })

  it('wake a waiting fetch as soon as a record comes', async () => {
    const topic = await newTopic()
    const reader = await broker.connect()
    const waiting = reader.request(FetchRequest, FetchResponse, 18, {
      maxWaitMs: 20_000,
      minBytes: 1,
      maxBytes: 1000,
      sessionEpoch: -1,
      topics: [{ topicId: topic.id, partitions: [{ partition: 0, partitionMaxBytes: 1000 }] }],
    })
    await produce(topic, batchOf(['now']))
    expect(values((await waiting).responses[0]!.partitions[0]!.records)).toEqual(['0:now'])
    reader.close()
  })

  it('return a first batch larger than every limit', async () => {
    const topic = await newTopic()
    await produce(topic, batchOf(['x'.repeat(5000)]))
    const found = await fetchFrom(topic, 0, 18, { maxBytes: 10 })
    expect(found.records!.length).toBeGreaterThan(5000)
  })

  it('check leader epochs', async () => {
    const topic = await newTopic()
    const at = (currentLeaderEpoch: number) =>
      fetchFrom(topic, 0, 18, {
        topics: [{ topicId: topic.id, partitions: [{ partition: 0, currentLeaderEpoch, partitionMaxBytes: 100 }] }],
      })
    expect((await at(0)).errorCode).toBe(0)
    expect((await at(3)).errorCode).toBe(ErrorCode.UNKNOWN_LEADER_EPOCH)
  })
})

describe('Idempotent produce', () => {
  it('answers a repeated batch with its first offset and refuses a gap', async () => {
    const topic = await newTopic()
    const { producerId, producerEpoch } = await client.request(InitProducerIdRequest, InitProducerIdResponse, 5, {
      transactionalId: null,
    })
    const batch = (baseSequence: number, value: string): Buffer =>
      batchOf([value], { producerId: Number(producerId), producerEpoch, baseSequence })
    expect(await produce(topic, batch(0, 'a'), -1)).toMatchObject({ errorCode: 0, baseOffset: 0n })
    expect(await produce(topic, batch(1, 'b'), -1)).toMatchObject({ errorCode: 0, baseOffset: 1n })
    expect(await produce(topic, batch(0, 'a'), -1)).toMatchObject({ errorCode: 0, baseOffset: 0n })
    expect((await produce(topic, batch(5, 'gap'), -1)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(values((await fetchFrom(topic, 0)).records)).toEqual(['0:a', '1:b'])
  })

  it('never gives a producer id twice, not even after a restart', async () => {
    const own = await TestBroker.start()
    const ids = new Set<bigint>()
    for (let round = 0; round < 2; round++) {
      const one = await own.connect()
      for (let i = 0; i < 3; i++) {
        ids.add(
          (await one.request(InitProducerIdRequest, InitProducerIdResponse, 4, { transactionalId: null })).producerId,
        )
      }
      one.close()
      if (round === 0) await own.restart()
    }
    expect(ids.size).toBe(6)
    await own.stop()
  })
})

describe('ListOffsets', () => {
  it('answers special timestamps and times', async () => {
    const topic = await newTopic()
    const times = [1000, 3000, 2000]
    const records = times.map((timestamp) => ({ value: Buffer.from('v'), timestamp: NOW + timestamp - 10_000 }))
    for (const record of records) await produce(topic, buildBatch([record]))
    const ask = async (timestamp: number, version = 11) => {
      const answer = await client.request(ListOffsetsRequest, ListOffsetsResponse, version, {
        replicaId: -1,
        topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, timestamp: BigInt(timestamp) }] }],
      })
      const { errorCode, offset } = answer.topics[0]!.partitions[0]!
      return errorCode === 0 ? Number(offset) : `error ${errorCode}`
    }
    expect(await ask(-1)).toBe(3)
    expect(await ask(-2)).toBe(0)
    expect(await ask(-3)).toBe(1)
    expect(await ask(-4)).toBe(0)
    expect(await ask(-5)).toBe(-1)
    expect(await ask(records[0]!.timestamp + 1)).toBe(1)
    expect(await ask(NOW + 100_000)).toBe(-1)
    expect(await ask(-3, 6)).toBe(`error ${ErrorCode.UNSUPPORTED_VERSION}`)
    expect(await ask(-9)).toBe(`error ${ErrorCode.UNSUPPORTED_VERSION}`)
  })
})
