import type { Kafka } from 'kafkajs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedBroker, startBroker } from '../../src/embedded/index.ts'

let broker: EmbeddedBroker
let kafka: Kafka
beforeEach(async () => {
  broker = await startBroker({ topics: ['t', 'other'] })
  kafka = await broker.kafkajs({ clientId: 'app', retry: { initialRetryTime: 1, retries: 5 } })
})
afterEach(() => broker.stop())

async function produce(value: string, topic = 't', settings: { retries?: number; idempotent?: boolean } = {}) {
  const { retries = 5, idempotent } = settings
  const producer = kafka.producer({ idempotent, retry: { retries, initialRetryTime: 1 } })
  await producer.connect()
  try {
    await producer.send({ topic, messages: [{ value }] })
  } finally {
    await producer.disconnect()
  }
}

async function endOffset(topic = 't'): Promise<number> {
  const admin = kafka.admin()
  await admin.connect()
  const [partition] = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  return Number(partition?.high)
}

describe('faults on demand', () => {
  it('answers with an error, so often and for that topic only', async () => {
    const fault = broker.faults.error('NOT_LEADER_OR_FOLLOWER', { api: 'Produce', topic: 't', times: 2 })
    await produce('a', 'other')
    expect(fault.strikes).toBe(0)
    await produce('b')
    expect(fault.strikes).toBe(2)
    expect(await endOffset()).toBe(1)
  })

  it('an error that stays reaches the client, and nothing is written', async () => {
    const fault = broker.faults.error('TOPIC_AUTHORIZATION_FAILED', { api: 'Produce', clientId: 'app' })
    await expect(produce('a', 't', { retries: 0 })).rejects.toThrow('Not authorized to access topics')
    fault.remove()
    expect(await endOffset()).toBe(0)
  })

  it('closes the connection before the request: the retry writes once', async () => {
    broker.faults.close({ api: 'Produce', times: 1 })
    await produce('a')
    expect(await endOffset()).toBe(1)
  })

  it('closes it after the request: without idempotence the retry writes twice, with it once', async () => {
    broker.faults.close({ api: 'Produce', when: 'response', times: 1 })
    await produce('a')
    expect(await endOffset()).toBe(2)
    broker.faults.close({ api: 'Produce', when: 'response', times: 1 })
    await produce('a', 'other', { idempotent: true })
    expect(await endOffset('other')).toBe(1)
  })

  it('drops an answer: the client gives up waiting', async () => {
    const fault = broker.faults.drop({ api: 'Metadata', times: 1 })
    const hasty = await broker.kafkajs({ clientId: 'hasty', requestTimeout: 50, retry: { retries: 0 } })
    const admin = hasty.admin()
    await admin.connect()
    await expect(admin.fetchTopicMetadata()).rejects.toThrow('timed out')
    expect(fault.strikes).toBe(1)
    await admin.disconnect()
  })

  it('lets requests pass first when told so', async () => {
    const fault = broker.faults.error('KAFKA_STORAGE_ERROR', { api: 'Produce', skip: 1, times: 1 })
    await produce('a', 't', { retries: 0 })
    await expect(produce('b', 't', { retries: 0 })).rejects.toThrow()
    expect(fault.strikes).toBe(1)
  })

  it('breaks the disk and heals it', async () => {
    broker.faults.disk.fail('ENOSPC', { path: 't-0' })
    await expect(produce('a', 't', { retries: 0 })).rejects.toThrow()
    await produce('a', 'other')
    broker.faults.clear()
    await produce('b')
    expect(await endOffset()).toBe(1)
  })

  it('fences a transactional producer', async () => {
    const producer = kafka.producer({ transactionalId: 'tx', maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic: 't', messages: [{ value: 'a' }] })
    await broker.faults.fenceProducer('tx')
    await expect(transaction.commit()).rejects.toThrow(/newer producer|epoch/i)
    await producer.disconnect()
  })

  it('expires a member, which then joins again', async () => {
    const consumer = kafka.consumer({ groupId: 'g', heartbeatInterval: 5 })
    const joined: string[] = []
    let wake = (): void => {}
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      joined.push(payload.memberId)
      wake()
    })
    const joins = async (count: number): Promise<void> => {
      while (joined.length < count) await new Promise<void>((resolve) => (wake = resolve))
    }
    await consumer.connect()
    await consumer.subscribe({ topic: 't' })
    await consumer.run({ eachMessage: async () => {} })
    await joins(1)
    expect(broker.faults.expireMember('g', 'nobody')).toBe(0)
    expect(broker.faults.expireMember('g', joined[0] as string)).toBe(1)
    await joins(2)
    expect(joined[1]).not.toBe(joined[0])
    await consumer.disconnect()
  })
})

it('a broker whose clock stands still delays answers until it is moved', async () => {
  await using still = await startBroker({ clockMs: 1_700_000_000_000, topics: ['t'] })
  const client = await still.kafkajs()
  const admin = client.admin()
  await admin.connect()
  const fault = still.faults.delay(60_000, { api: 'Metadata', times: 1 })
  let answered = false
  const metadata = admin.fetchTopicMetadata().then(() => {
    answered = true
  })
  while (fault.strikes === 0) await new Promise((resolve) => setImmediate(resolve))
  still.clock?.advance(59_999)
  await still.createTopic('meanwhile')
  expect(answered).toBe(false)
  still.clock?.advance(1)
  await metadata
  expect(still.clock?.nowMs()).toBe(1_700_000_060_000)
  await admin.disconnect()
})
