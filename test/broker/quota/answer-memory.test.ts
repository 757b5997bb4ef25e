import { expect, it, vi } from 'vitest'
import { AnswerMemory } from '../../../src/broker/quota/answer-memory.ts'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../../src/protocol/generated/01-fetch.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../src/protocol/generated/18-api-versions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { TestBroker } from '../in-process.ts'

const MEGABYTE = 1 << 20

it('gives less the more is in use, but never nothing', () => {
  const memory = new AnswerMemory()
  const granted = Array.from({ length: 200 }, () => memory.reserve(50 * MEGABYTE).bytes)
  expect(granted[0]).toBe(4 * MEGABYTE)
  expect(granted[1]).toBe(3 * MEGABYTE)
  expect(granted.at(-1)).toBe(128 * 1024)
  expect(memory.used).toBeLessThan(48 * MEGABYTE)
  expect(memory.reserve(1000).bytes).toBe(1000)
})

it('counts what was read, until it is released, once', () => {
  const memory = new AnswerMemory()
  const first = memory.reserve(MEGABYTE)
  const second = memory.reserve(MEGABYTE)
  expect(memory.used).toBe(2 * MEGABYTE)
  first.use(300)
  second.use(5 * MEGABYTE)
  expect(memory.used).toBe(5 * MEGABYTE + 300)
  second.release()
  second.release()
  expect(memory.used).toBe(300)
  first.release()
  expect(memory.used).toBe(0)
})

it('is free again when the answer has gone out, and when its reader has', async () => {
  const reserve = vi.spyOn(AnswerMemory.prototype, 'reserve')
  const broker = await TestBroker.start()
  try {
    const client = await broker.connect()
    await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }],
    })
    const records = buildBatch([{ value: Buffer.alloc(MEGABYTE - 1000), timestamp: Date.now() }])
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    for (let i = 0; i < 8; i++) {
      await client.request(ProduceRequest, ProduceResponse, 12, { acks: 1, timeoutMs: 1000, topicData })
    }
    const wanted = {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 8 * MEGABYTE,
      sessionEpoch: -1,
      topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 8 * MEGABYTE }] }],
    }
    const read = await client.request(FetchRequest, FetchResponse, 12, wanted)
    expect(read.responses[0]?.partitions[0]?.records?.length).toBeGreaterThan(3 * MEGABYTE)
    const memory = reserve.mock.contexts[0] as AnswerMemory
    const until = async (isDone: () => boolean): Promise<void> => {
      while (!isDone()) await client.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    }
    await until(() => memory.used === 0)

    const slow = await broker.connect()
    slow.socket.pause()
    for (let i = 0; i < 5; i++) slow.send(FetchRequest, 12, wanted)
    await until(() => memory.used > 0 && reserve.mock.calls.length > 1)
    slow.socket.destroy()
    await until(() => broker.broker.connectionCount === 1)
    await until(() => memory.used === 0)
    client.close()
  } finally {
    reserve.mockRestore()
    await broker.stop()
  }
})
