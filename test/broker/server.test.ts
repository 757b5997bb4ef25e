import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ClientQuotas } from '../../src/broker/quota/client-quotas.ts'
import { RequestMemory } from '../../src/broker/quota/request-memory.ts'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/generated/00-produce.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { TestBroker, type TestClient } from './in-process.ts'

const ask = (client: TestClient): Promise<ApiVersionsResponse> =>
  client.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})

describe('connection limits', () => {
  it('max.connections.per.ip refuses, and lets in again when one leaves', async () => {
    const broker = await TestBroker.start({ 'max.connections.per.ip': '2' })
    const first = await broker.connect()
    const second = await broker.connect()
    await Promise.all([ask(first), ask(second)])
    const third = await broker.connect()
    expect(await third.nextFrame()).toBeUndefined()
    const gone = new Promise((resolve) => first.socket.once('close', resolve))
    first.close()
    await gone
    // The broker learns of the close by itself; until then it refuses.
    for (;;) {
      const next = await broker.connect()
      next.send(ApiVersionsRequest, 0, {})
      if (await next.nextFrame()) break
    }
    second.close()
    await broker.stop()
  })

  it('max.connections lets further clients wait', async () => {
    const broker = await TestBroker.start({ 'max.connections': '1' })
    const first = await broker.connect()
    await ask(first)
    const second = await broker.connect()
    const answered = ask(second)
    expect(broker.broker.connectionCount).toBe(1)
    first.close()
    expect((await answered).errorCode).toBe(0)
    second.close()
    await broker.stop()
  })
})

/** What takes long: handling of an API is held up after it has happened. */
const hold = (broker: TestBroker, api: string) =>
  broker.broker.faults.add({ api, kind: 'delay', delayMs: 2 ** 31 - 1, when: 'response' })

/** Requests that were begun, as their quotas are. */
const begun = () => vi.spyOn(ClientQuotas.prototype, 'begin')

describe('bytes of requests', () => {
  afterEach(() => vi.restoreAllMocks())

  /** ApiVersions v0 with so much behind it that nobody reads. */
  const large = (bytes: number): Buffer => {
    const frame = Buffer.alloc(bytes)
    frame.writeInt16BE(ApiVersionsRequest.apiKey, 0)
    frame.writeInt16BE(-1, 8)
    return frame
  }

  it('socket.request.max.bytes ends who sends more at once, and nobody else', async () => {
    const broker = await TestBroker.start({ 'socket.request.max.bytes': '1000' })
    const client = await broker.connect()
    client.sendFrame(large(1000))
    expect((await client.receive(ApiVersionsResponse, 0)).response.errorCode).toBe(0)
    client.sendFrame(large(1001))
    expect(await client.nextFrame()).toBeUndefined()
    const other = await broker.connect()
    expect((await ask(other)).errorCode).toBe(0)
    other.close()
    await broker.stop()
  })

  it('16 MiB of requests under way keep the next of their connection waiting, and no other', async () => {
    const broker = await TestBroker.start()
    const started = begun()
    const held = hold(broker, 'ApiVersions')
    const client = await broker.connect()
    const frame = large(5 << 20)
    for (let i = 0; i < 6; i++) client.sendFrame(frame)
    await vi.waitFor(() => expect(started).toHaveBeenCalledTimes(4))
    held.remove()
    // It comes after what the broker has read of the first, on another connection.
    const other = await broker.connect()
    expect((await ask(other)).errorCode).toBe(0)
    expect(started).toHaveBeenCalledTimes(5)
    client.close()
    other.close()
    await broker.stop()
  })

  it('queued.max.request.bytes keeps all connections waiting while produced records are worked on', async () => {
    const limits = { 'queued.max.request.bytes': '20000', 'socket.request.max.bytes': '20000' }
    const broker = await TestBroker.start(limits)
    const admin = await broker.connect()
    const topics = [{ name: 't', numPartitions: 1, replicationFactor: 1 }]
    await admin.request(CreateTopicsRequest, CreateTopicsResponse, 7, { topics })
    const started = begun()
    const waits = vi.spyOn(RequestMemory.prototype, 'whenRoom')
    const held = broker.broker.faults.add({ api: 'Produce', kind: 'delay', delayMs: 500, when: 'response', times: 2 })
    const records = buildBatch([{ value: Buffer.alloc(12_000), timestamp: Date.now() }])
    const request = { acks: 1, timeoutMs: 1000, topicData: [{ name: 't', partitionData: [{ index: 0, records }] }] }
    const producers = await Promise.all([broker.connect(), broker.connect()])
    for (const producer of producers) producer.send(ProduceRequest, 12, request)
    await vi.waitFor(() => expect(held.strikes).toBe(2))
    const late = ask(admin)
    await vi.waitFor(() => expect(waits).toHaveBeenCalledTimes(1))
    expect(started).toHaveBeenCalledTimes(2)
    for (const producer of producers) {
      const { response } = await producer.receive(ProduceResponse, 12)
      expect(response.responses[0]!.partitionResponses[0]!.errorCode).toBe(0)
    }
    expect((await late).errorCode).toBe(0)
    for (const client of [...producers, admin]) client.close()
    await broker.stop()
  })

  it('connections.max.idle.ms ends who says nothing', async () => {
    const broker = await TestBroker.start({
      'connections.max.idle.ms': '50',
      'connection.failed.authentication.delay.ms': '1',
    })
    const client = await broker.connect()
    expect((await ask(client)).errorCode).toBe(0)
    expect(await client.nextFrame()).toBeUndefined()
    await broker.stop()
  })
})

describe('metrics', () => {
  let broker: TestBroker
  beforeAll(async () => {
    broker = await TestBroker.start({}, { metricsPort: 0 })
  })
  afterAll(() => broker.stop())

  it('are served in Prometheus text when asked for', async () => {
    const client = await broker.connect()
    for (let i = 0; i < 3; i++) await ask(client)
    const text = await (await fetch(`http://localhost:${broker.broker.metricsPort}/metrics`)).text()
    expect(text).toContain('kafka_network_requests_total{request="ApiVersions"} 3')
    expect(text).toContain('kafka_network_connections 1')
    client.close()
  })

  it('are at /metrics only', async () => {
    expect((await fetch(`http://localhost:${broker.broker.metricsPort}/`)).status).toBe(404)
  })
})
