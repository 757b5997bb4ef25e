import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { ProduceRequest, ProduceResponse } from '../../../src/protocol/generated/00-produce.ts'
import { FetchRequest, FetchResponse } from '../../../src/protocol/generated/01-fetch.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../src/protocol/generated/18-api-versions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../../src/protocol/generated/20-delete-topics.ts'
import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../../src/protocol/generated/37-create-partitions.ts'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../../../src/protocol/generated/49-alter-client-quotas.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { TestBroker, type TestClient } from '../in-process.ts'

/** Requests of these tests have the client id 'test'. */
const CLIENT_ID = 'test'

let running: TestBroker | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

async function start<C extends ManualClock>(clock: C, overrides: Record<string, string> = {}) {
  const broker = await TestBroker.start(overrides, { clock })
  running = broker
  const client = await broker.connect()
  const created = await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }],
  })
  expect(created.topics[0]?.errorCode).toBe(0)
  return { broker, client, clock }
}

async function setQuota(client: TestClient, entityType: string, entityName: string | null, key: string, value: number) {
  const answer = await client.request(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, {
    entries: [{ entity: [{ entityType, entityName }], ops: [{ key, value }] }],
  })
  expect(answer.entries[0]?.errorCode).toBe(0)
}

const batchOf = (clock: ManualClock, sizeBytes: number): Buffer =>
  buildBatch([{ value: Buffer.alloc(sizeBytes), timestamp: clock.nowMs() }])
const produced = (clock: ManualClock, sizeBytes: number, acks = 1) => ({
  acks,
  timeoutMs: 1000,
  topicData: [{ name: 't', partitionData: [{ index: 0, records: batchOf(clock, sizeBytes) }] }],
})
const wanted = (sessionEpoch = -1, sessionId = 0) => ({
  maxWaitMs: 0,
  minBytes: 0,
  maxBytes: 1 << 20,
  sessionId,
  sessionEpoch,
  topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 << 20 }] }],
})

/** Sends a request that must stay unanswered until the clock has gone on by `ms`. */
async function isAnsweredAfter(client: TestClient, broker: TestBroker, clock: ManualClock, ms: number): Promise<void> {
  client.send(ApiVersionsRequest, 0, {})
  let answered = false
  const answer = client.receive(ApiVersionsResponse, 0).then(() => {
    answered = true
  })
  const isQuiet = async (): Promise<void> => {
    // Another client is answered meanwhile, so the broker had its chance.
    const other = await broker.connect()
    await other.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    other.close()
    expect(answered).toBe(false)
  }
  await isQuiet()
  clock.advance(ms - 1)
  await isQuiet()
  clock.advance(1)
  await answer
}

describe('producer_byte_rate', () => {
  it('answers at once with the time to wait, and reads nothing more until it is over', async () => {
    const { broker, client, clock } = await start(new ManualClock())
    await setQuota(client, 'client-id', CLIENT_ID, 'producer_byte_rate', 1000)
    const first = await client.request(ProduceRequest, ProduceResponse, 12, produced(clock, 9000))
    expect(first.throttleTimeMs).toBe(0)
    const second = await client.request(ProduceRequest, ProduceResponse, 12, produced(clock, 3000))
    expect(second.responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
    // 12,000 and some bytes of headers, in 10 s, at 1000 a second.
    expect(second.throttleTimeMs).toBeGreaterThan(2000)
    expect(second.throttleTimeMs).toBeLessThan(2400)
    await isAnsweredAfter(client, broker, clock, second.throttleTimeMs)
    client.close()
  })

  it('holds with acks=0 too', async () => {
    const { broker, client, clock } = await start(new ManualClock())
    await setQuota(client, 'client-id', null, 'producer_byte_rate', 1000)
    client.send(ProduceRequest, 12, produced(clock, 20_000, 0))
    const probe = await broker.connect()
    for (let offset = 0n; offset < 1n; ) {
      const read = await probe.request(FetchRequest, FetchResponse, 12, wanted())
      offset = read.responses[0]?.partitions[0]?.highWatermark ?? 0n
    }
    probe.close()
    client.send(ApiVersionsRequest, 0, {})
    const other = await broker.connect()
    await other.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    let answered = false
    const answer = client.nextFrame().then((frame) => {
      answered = frame !== undefined
    })
    await other.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    expect(answered).toBe(false)
    clock.advance(10_500)
    await answer
    expect(answered).toBe(true)
    other.close()
    client.close()
  })

  it('handles pipelined requests of a limited client one by one', async () => {
    const { client, clock } = await start(new ManualClock())
    await setQuota(client, 'client-id', CLIENT_ID, 'producer_byte_rate', 1000)
    const waits: number[] = []
    for (let i = 0; i < 3; i++) client.send(ProduceRequest, 12, produced(clock, 11_000))
    for (let i = 0; i < 3; i++) {
      const { response } = await client.receive(ProduceResponse, 12)
      waits.push(response.throttleTimeMs)
      clock.advance(response.throttleTimeMs)
    }
    // Had they run side by side, the third would have had to wait for all three at once.
    expect(waits[0]).toBeGreaterThan(1000)
    expect(waits[0]).toBeLessThan(1300)
    for (const wait of waits.slice(1)) expect(wait).toBeLessThan(13_000)
    client.close()
  })
})

describe('consumer_byte_rate', () => {
  it('gives a throttled fetch an empty answer, and the records when the time is over', async () => {
    const { client, clock } = await start(new ManualClock())
    await client.request(ProduceRequest, ProduceResponse, 12, produced(clock, 9000))
    await setQuota(client, 'client-id', CLIENT_ID, 'consumer_byte_rate', 1000)
    const first = await client.request(FetchRequest, FetchResponse, 12, wanted(0))
    expect(first.throttleTimeMs).toBe(0)
    expect(first.responses[0]?.partitions[0]?.records?.length).toBeGreaterThan(9000)
    expect(first.sessionId).not.toBe(0)
    const second = await client.request(FetchRequest, FetchResponse, 12, wanted(0))
    expect(second).toMatchObject({ errorCode: 0, responses: [], sessionId: 0 })
    expect(second.throttleTimeMs).toBeGreaterThan(8000)
    clock.advance(second.throttleTimeMs)
    const third = await client.request(FetchRequest, FetchResponse, 12, wanted(1, first.sessionId))
    // What was held back isn't charged, so a little is still to be waited for, until the first answer is out of the window.
    clock.advance(third.throttleTimeMs)
    const fourth = await client.request(FetchRequest, FetchResponse, 12, wanted(2, first.sessionId))
    expect([...third.responses, ...fourth.responses][0]?.partitions[0]?.records?.length).toBeGreaterThan(9000)
    client.close()
  })
})

describe('a consumer that says it is a broker', () => {
  it.each([
    [12, { replicaId: 5 }],
    [16, { replicaState: { replicaId: 1, replicaEpoch: -1n } }],
  ])('gets nothing past its quota (v%i)', async (version, pretended) => {
    const { client, clock, broker } = await start(new ManualClock())
    await client.request(ProduceRequest, ProduceResponse, 12, produced(clock, 9000))
    const asked = wanted(0)
    const topicId = broker.broker.image.topics.get('t')!.id
    const topics = asked.topics.map((topic) => ({ ...topic, topicId }))
    const answer = await client.request(FetchRequest, FetchResponse, version, { ...asked, ...pretended, topics })
    const [partition] = answer.responses[0]!.partitions
    expect(partition!.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(partition!.records ?? Buffer.alloc(0)).toHaveLength(0)
    client.close()
  })
})

/** Each look at the clock takes a millisecond. */
class BusyClock extends ManualClock {
  private looks = 0

  override monotonicMs(): number {
    return super.monotonicMs() + this.looks++
  }
}

describe('request_percentage', () => {
  it('makes a client wait for the handling time it took, at most a window', async () => {
    const { client } = await start(new BusyClock())
    await setQuota(client, 'client-id', CLIENT_ID, 'request_percentage', 0.001)
    const answer = await client.request(ApiVersionsRequest, ApiVersionsResponse, 1, {})
    expect(answer.throttleTimeMs).toBe(1000)
    client.close()
  })
})

describe('controller_mutation_rate', () => {
  const OVERDRAWN = { topics: [{ name: 'big', numPartitions: 30, replicationFactor: 1 }] }
  const one = (name: string) => ({ topics: [{ name, numPartitions: 1, replicationFactor: 1 }] })

  async function overdrawn(version: number) {
    const started = await start(new ManualClock())
    await setQuota(started.client, 'user', 'ANONYMOUS', 'controller_mutation_rate', 2)
    const answer = await started.client.request(CreateTopicsRequest, CreateTopicsResponse, version, OVERDRAWN)
    expect(answer.topics[0]?.errorCode).toBe(0)
    return { ...started, throttleTimeMs: answer.throttleTimeMs }
  }

  it('refuses with THROTTLING_QUOTA_EXCEEDED while the client owes', async () => {
    const { client, clock, throttleTimeMs } = await overdrawn(7)
    expect(throttleTimeMs).toBe(0)
    const refused = await client.request(CreateTopicsRequest, CreateTopicsResponse, 7, one('small'))
    expect(refused.throttleTimeMs).toBe(4000)
    expect(refused.topics[0]).toMatchObject({
      errorCode: ErrorCode.THROTTLING_QUOTA_EXCEEDED,
      errorMessage: 'The throttling quota has been exceeded.',
    })
    clock.advance(1000)
    // Other APIs with the quota: 3 s are left, of which each answer says.
    client.close()
    const again = await running!.connect()
    const partitions = await again.request(CreatePartitionsRequest, CreatePartitionsResponse, 3, {
      topics: [{ name: 't', count: 2, assignments: null }],
    })
    expect(partitions.results[0]?.errorCode).toBe(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
    expect(partitions.throttleTimeMs).toBe(3000)
    again.close()
    const third = await running!.connect()
    const deleted = await third.request(DeleteTopicsRequest, DeleteTopicsResponse, 6, { topics: [{ name: 't' }] })
    expect(deleted.responses[0]?.errorCode).toBe(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
    clock.advance(3000)
    const created = await third.request(CreateTopicsRequest, CreateTopicsResponse, 7, one('small'))
    expect(created.topics[0]?.errorCode).toBe(0)
    third.close()
  })

  it('lets older clients through and makes them wait', async () => {
    const { client, clock, throttleTimeMs } = await overdrawn(5)
    expect(throttleTimeMs).toBe(4000)
    clock.advance(4000)
    const next = await client.request(CreateTopicsRequest, CreateTopicsResponse, 5, one('small'))
    expect(next.topics[0]?.errorCode).toBe(0)
    expect(next.throttleTimeMs).toBe(500)
    client.close()
  })
})
