import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { APIS } from '../../src/broker/apis/index.ts'
import { ErrorCode } from '../../src/protocol/errors.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/generated/01-fetch.ts'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/generated/03-metadata.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import { requestFrame, TestBroker } from './in-process.ts'

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())

/** Sends bytes and waits for the broker to close the connection; another client must still be served. */
async function isRefused(send: (client: Awaited<ReturnType<TestBroker['connect']>>) => void): Promise<void> {
  const other = await broker.connect()
  const client = await broker.connect()
  send(client)
  expect(await client.nextFrame()).toBeUndefined()
  const answer = await other.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
  expect(answer.errorCode).toBe(0)
  other.close()
}

describe('a connection', () => {
  it.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a TLS hello', Buffer.from('160301020001', 'hex')],
    ['a size of 2^31 - 1', Buffer.from('7fffffff00120003', 'hex')],
    ['a negative size', Buffer.from('ffffffff', 'hex')],
  ])('is closed by %s', async (_what, bytes) => {
    await isRefused((client) => client.socket.write(bytes))
  })

  it.each([
    ['an empty frame', Buffer.alloc(0)],
    ['an unknown API', Buffer.from('7000000000000001ffff', 'hex')],
    ['a version too new', Buffer.from('0003006400000001ffff', 'hex')],
    ['an array of 2^31 - 1 topics', Buffer.from('0003000000000001ffff7fffffff', 'hex')],
  ])('is closed by %s', async (_what, frame) => {
    await isRefused((client) => client.sendFrame(frame))
  })

  it('is closed by every truncation of a request', async () => {
    const whole = requestFrame(MetadataRequest, 12, 1, { topics: [{ name: 'some-topic' }] })
    for (let length = 0; length < whole.length; length++) {
      const client = await broker.connect()
      client.sendFrame(whole.subarray(0, length))
      expect(await client.nextFrame()).toBeUndefined()
    }
  })

  it('answers ApiVersions of a newer client in version 0 (KIP-511)', async () => {
    const client = await broker.connect()
    client.sendFrame(Buffer.from('00120063000000070004746573740102030405', 'hex'))
    const { correlationId, response } = await client.receive(ApiVersionsResponse, 0)
    expect(correlationId).toBe(7)
    expect(response.errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION)
    expect(response.apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }])
    client.close()
  })

  it('advertises exactly the APIs of the registry', async () => {
    const client = await broker.connect()
    for (let version = 0; version <= 4; version++) {
      const { apiKeys } = await client.request(ApiVersionsRequest, ApiVersionsResponse, version, {
        clientSoftwareName: 'test',
        clientSoftwareVersion: '1',
      })
      expect(apiKeys.map((key) => [key.apiKey, key.minVersion, key.maxVersion])).toEqual(
        // Produce is said to begin at 0, for librdkafka. Telemetry has no receiver here.
        APIS.filter((api) => !api.isAdvertised)
          .sort((a, b) => a.request.apiKey - b.request.apiKey)
          .map((api) => [api.request.apiKey, api.request.apiKey === 0 ? 0 : api.min, api.max]),
      )
    }
    client.close()
  })

  it('answers in the order asked, whatever takes longer, and delays no other connection', async () => {
    const slow = await broker.connect()
    const other = await broker.connect()
    // A fetch from an empty, existing partition waits for its maxWaitMs.
    await other.request(MetadataRequest, MetadataResponse, 4, {
      topics: [{ name: 'order' }],
      allowAutoTopicCreation: true,
    })
    const fetch = {
      maxWaitMs: 300,
      minBytes: 1,
      maxBytes: 1000,
      sessionEpoch: -1,
      topics: [{ topic: 'order', partitions: [{ partition: 0, partitionMaxBytes: 1000 }] }],
    }
    const first = slow.send(FetchRequest, 11, fetch)
    const second = slow.send(ApiVersionsRequest, 0, {})
    const meanwhile = await other.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    expect(meanwhile.errorCode).toBe(0)
    expect((await slow.receive(FetchResponse, 11)).correlationId).toBe(first)
    expect((await slow.receive(ApiVersionsResponse, 0)).correlationId).toBe(second)
    slow.close()
    other.close()
  })

  it('serves a client that pipelines more requests than may be under way', async () => {
    const client = await broker.connect()
    const sent = Array.from({ length: 500 }, () => client.send(ApiVersionsRequest, 0, {}))
    for (const correlationId of sent)
      expect((await client.receive(ApiVersionsResponse, 0)).correlationId).toBe(correlationId)
    client.close()
  })

  it('ignores bytes left over in a request, as Kafka does', async () => {
    const client = await broker.connect()
    client.sendFrame(Buffer.from('0012000000000009ffff00ff', 'hex'))
    expect((await client.receive(ApiVersionsResponse, 0)).correlationId).toBe(9)
    client.close()
  })

  it('takes a request that comes byte by byte', async () => {
    const client = await broker.connect()
    const frame = requestFrame(ApiVersionsRequest, 0, 42, {})
    const size = Buffer.alloc(4)
    size.writeInt32BE(frame.length)
    for (const byte of Buffer.concat([size, frame])) {
      await new Promise<void>((resolve) => client.socket.write(Buffer.from([byte]), () => resolve()))
    }
    expect((await client.receive(ApiVersionsResponse, 0)).correlationId).toBe(42)
    client.close()
  })
})
