import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
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
