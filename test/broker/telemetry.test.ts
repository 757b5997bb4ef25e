import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { ConfigResourceType, MetadataImage } from '../../src/broker/controller/metadata-image.ts'
import { subscriptionIdOf, Telemetry } from '../../src/broker/telemetry.ts'
import { ErrorCode, KafkaError } from '../../src/protocol/errors.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from '../../src/protocol/generated/71-get-telemetry-subscriptions.ts'
import { PushTelemetryRequest, PushTelemetryResponse } from '../../src/protocol/generated/72-push-telemetry.ts'
import { TestBroker } from './in-process.ts'

const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'
const CLIENT = 'kWe3YO7uTy6hEmdD72UFKw'
const MAX_BYTES = 1000

function setUp() {
  const image = new MetadataImage()
  const clock = new ManualClock(1_000_000_000)
  const telemetry = new Telemetry(image, clock)
  let offset = 0
  const configure = (resourceName: string, configs: Record<string, string>) => {
    for (const [name, value] of Object.entries(configs)) {
      const data = { resourceType: ConfigResourceType.CLIENT_METRICS, resourceName, name, value }
      image.apply({ type: 'ConfigRecord', data }, offset++)
    }
  }
  const get = (attributes = {}, id = CLIENT) => telemetry.subscription(id, attributes)
  const push = (
    subscriptionId: number,
    parts: { metrics?: Buffer; terminating?: boolean; compressionType?: number; id?: string } = {},
  ) => {
    const { metrics = Buffer.from('otlp'), terminating = false, compressionType = 0, id = CLIENT } = parts
    const pushed = { clientInstanceId: id, clientId: 'c', receivedMs: clock.nowMs() }
    telemetry.push({ ...pushed, terminating, compressionType, metrics }, subscriptionId, {}, MAX_BYTES)
  }
  return { telemetry, clock, configure, get, push }
}

function codeOf(action: () => unknown): number {
  try {
    action()
    return ErrorCode.NONE
  } catch (error) {
    if (error instanceof KafkaError) return error.code
    throw error
  }
}

describe('subscriptions of client metrics', () => {
  it('have the ids Kafka gives them', () => {
    expect(subscriptionIdOf([], 300_000, CLIENT)).toBe(-449199624)
  })

  it('are those whose patterns all match, the shortest interval, the metrics together', () => {
    const { configure, get, clock } = setUp()
    expect(get()).toMatchObject({ metrics: [], pushIntervalMs: 300_000, clientInstanceId: CLIENT })
    configure('a', { metrics: 'x.,y.', 'interval.ms': '5000', match: 'client_id=app.*,client_software_name=kt' })
    configure('b', { metrics: 'y.,z.', 'interval.ms': '9000' })
    clock.advance(300_000)
    expect(get({ client_id: 'application', client_software_name: 'kt' })).toMatchObject({
      ...{ metrics: ['x.', 'y.', 'z.'], pushIntervalMs: 5000 },
    })
    const other = get({ client_id: 'an app' }, subscriptionClient)
    expect(other).toMatchObject({ metrics: ['y.', 'z.'], pushIntervalMs: 9000 })
    configure('c', { metrics: '*' })
    clock.advance(300_000)
    expect(get()).toMatchObject({ metrics: ['*'] })
  })

  const subscriptionClient = Buffer.alloc(16, 7).toString('base64url')

  it('give a client without an id one, and are not to be asked for too often', () => {
    const { get, clock, telemetry } = setUp()
    expect(get({}, ZERO).clientInstanceId).not.toBe(get({}, ZERO).clientInstanceId)
    get()
    expect(codeOf(get)).toBe(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
    clock.advance(300_000)
    expect(codeOf(get)).toBe(ErrorCode.NONE)
    expect(telemetry.counts.throttled).toBe(1)
  })
})

describe('pushed metrics', () => {
  it('are kept, the newest of each client', () => {
    const { get, push, clock, telemetry } = setUp()
    const { subscriptionId } = get()
    clock.advance(1)
    push(subscriptionId)
    clock.advance(300_000)
    push(subscriptionId, { metrics: Buffer.from('newer'), compressionType: 4 })
    expect(telemetry.received.map(({ metrics, compressionType }) => [metrics.toString(), compressionType])).toEqual([
      ['newer', 4],
    ])
    expect(telemetry.counts).toMatchObject({ pushes: 2, bytes: 9 })
  })

  it('are refused as Kafka does, and an unknown subscription may ask again at once', () => {
    const { get, push, clock } = setUp()
    const { subscriptionId } = get()
    expect(codeOf(() => push(subscriptionId, { id: ZERO }))).toBe(ErrorCode.INVALID_REQUEST)
    expect(codeOf(() => push(subscriptionId + 1))).toBe(ErrorCode.UNKNOWN_SUBSCRIPTION_ID)
    expect(codeOf(get)).toBe(ErrorCode.NONE)
    expect(codeOf(() => push(subscriptionId))).toBe(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
    clock.advance(300_000)
    expect(codeOf(() => push(subscriptionId, { compressionType: 9 }))).toBe(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
    clock.advance(300_000)
    const tooLarge = Buffer.alloc(MAX_BYTES + 1)
    expect(codeOf(() => push(subscriptionId, { metrics: tooLarge }))).toBe(ErrorCode.TELEMETRY_TOO_LARGE)
    // The last push of a client that ends may come early, and nothing after it.
    expect(codeOf(() => push(subscriptionId, { terminating: true }))).toBe(ErrorCode.NONE)
    clock.advance(300_000)
    expect(codeOf(() => push(subscriptionId))).toBe(ErrorCode.INVALID_REQUEST)
  })

  it('take a bounded amount of memory', () => {
    const { get, push, telemetry, clock } = setUp()
    for (let n = 0; n < 300; n++) {
      const id = Buffer.alloc(16, n)
        .fill(n >> 8, 0, 1)
        .toString('base64url')
      if (n < 2) continue
      const { subscriptionId } = get({}, id)
      clock.advance(1)
      push(subscriptionId, { id })
    }
    expect(telemetry.received).toHaveLength(256)
  })
})

describe('GetTelemetrySubscriptions and PushTelemetry', () => {
  it.each([undefined, 0])(
    'are advertised when /metrics is served (port %s), and answered anyway',
    async (metricsPort) => {
      const broker = await TestBroker.start({}, { metricsPort })
      const client = await broker.connect()
      const { apiKeys } = await client.request(ApiVersionsRequest, ApiVersionsResponse, 4, {
        clientSoftwareName: 'test',
        clientSoftwareVersion: '1',
      })
      expect(apiKeys.some(({ apiKey }) => apiKey === 71 || apiKey === 72)).toBe(metricsPort === 0)
      const subscription = await client.request(
        GetTelemetrySubscriptionsRequest,
        GetTelemetrySubscriptionsResponse,
        0,
        {},
      )
      expect(subscription).toMatchObject({
        ...{ errorCode: 0, acceptedCompressionTypes: [4, 3, 1, 2], pushIntervalMs: 300_000 },
        ...{ telemetryMaxBytes: 1048576, deltaTemporality: true, requestedMetrics: [] },
      })
      const { clientInstanceId, subscriptionId } = subscription
      const pushed = { clientInstanceId, subscriptionId, metrics: Buffer.from('x'), terminating: true }
      expect((await client.request(PushTelemetryRequest, PushTelemetryResponse, 0, pushed)).errorCode).toBe(0)
      const again = await client.request(PushTelemetryRequest, PushTelemetryResponse, 0, pushed)
      expect(again.errorCode).toBe(ErrorCode.INVALID_REQUEST)
      if (metricsPort === 0) {
        const metrics = await (await fetch(`http://localhost:${broker.broker.metricsPort}/metrics`)).text()
        expect(metrics).toContain('kafka_client_telemetry_pushes_total 1')
      }
      client.close()
      await broker.stop()
    },
  )
})
