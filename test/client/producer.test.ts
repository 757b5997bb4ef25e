import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClientError } from '../../src/client/client-error.ts'
import { Producer } from '../../src/client/producer/producer.ts'
import type { FailedRecord, ProducerSettings } from '../../src/client/producer/settings.ts'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/generated/00-produce.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../src/protocol/generated/22-init-producer-id.ts'
import { batchAt, validateBatch } from '../../src/protocol/records/batch-reader.ts'
import { readRecords } from '../../src/protocol/records/record-cursor.ts'
import { FakeBroker, HANG_UP, NO_ANSWER } from './fake-broker.ts'
import { type FakeTopic, serveCluster, testSettings, topicIdOf } from './fake-cluster.ts'

interface SeenBatch {
  partition: number
  producerId: number
  epoch: number
  sequence: number
  values: string[]
}

/** What a broker would answer for a batch: an error code, or 0 after appending it. */
type Verdict = (batch: SeenBatch, index: number) => number | typeof HANG_UP

describe('the producer', () => {
  let broker: FakeBroker
  let producer: Producer
  let failures: { error: Error; record: FailedRecord; value: string | undefined }[]
  let log: SeenBatch[]
  let verdict: Verdict
  const topics = new Map<string, FakeTopic>()

  beforeEach(async () => {
    broker = await FakeBroker.start()
    topics.clear()
    topics.set('t', { partitions: 1 })
    topics.set('wide', { partitions: 4 })
    serveCluster(broker, topics)
    failures = []
    log = []
    verdict = () => 0
    broker.on(InitProducerIdRequest, InitProducerIdResponse, ({ index }) => ({
      producerId: 100n + BigInt(index),
      producerEpoch: 0,
    }))
    serveProduce()
  })

  afterEach(async () => {
    await producer.close()
    await broker.stop()
  })

  function serveProduce(versions = {}): void {
    const handler = ({ request, index }: { request: ProduceRequest; index: number }) => {
      let answer = 0 as number | typeof HANG_UP
      const responses = request.topicData.map(({ topicId, name, partitionData }) => ({
        topicId,
        name,
        partitionResponses: partitionData.map(({ index: partition, records }) => {
          const bytes = records ?? Buffer.alloc(0)
          const header = batchAt(bytes, 0)
          if (header === undefined) throw new Error('no whole batch')
          validateBatch(bytes, header)
          const values = [...readRecords(bytes, header)].map((record) => String(record.value))
          const { producerId, producerEpoch: epoch, baseSequence: sequence } = header
          const batch = { partition, producerId, epoch, sequence, values }
          answer = verdict(batch, index)
          const baseOffset = BigInt(log.filter((b) => b.partition === partition).flatMap((b) => b.values).length)
          if (answer === 0) log.push(batch)
          return {
            index: partition,
            errorCode: typeof answer === 'number' ? answer : 0,
            baseOffset,
            logAppendTimeMs: -1n,
          }
        }),
      }))
      return answer === HANG_UP ? HANG_UP : { responses }
    }
    broker.on(ProduceRequest, ProduceResponse, handler, versions)
  }

  const start = (more: Partial<ProducerSettings> = {}): Producer => {
    const onError = (error: Error, record: FailedRecord): void => {
      failures.push({ error, record, value: record.value?.toString() })
    }
    producer = new Producer({ ...testSettings(broker), lingerMs: 0, onError, ...more })
    return producer
  }
  const values = (): string[] => log.flatMap((batch) => batch.values)
  const fail = (promise: Promise<unknown>): Promise<ClientError> =>
    promise.then(
      () => Promise.reject(new Error('did not fail')),
      (error: ClientError) => error,
    )

  it('resolves with the offset', async () => {
    start()
    const first = await producer.send({ topic: 't', value: Buffer.from('a'), timestamp: 5 })
    const second = await producer.send({ topic: 't', value: Buffer.from('b'), timestamp: 6 })
    expect(first).toEqual({ topic: 't', partition: 0, offset: 0, timestamp: 5 })
    expect(second.offset).toBe(1)
    expect(log.map(({ producerId, epoch, sequence }) => [producerId, epoch, sequence])).toEqual([
      [100, 0, 0],
      [100, 0, 1],
    ])
  })

  it('waits for no timer with linger.ms=0', async () => {
    start()
    await producer.send({ topic: 't', value: Buffer.from('a') })
    // What the first one set going has to come to rest, or it takes the second along.
    for (let turn = 0; turn < 10; turn++) await setImmediate()
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    try {
      expect((await producer.send({ topic: 't', value: Buffer.from('b') })).offset).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('names topics where the broker is older', async () => {
    serveProduce({ max: 9 })
    start()
    await producer.send({ topic: 't', value: Buffer.from('a') })
    expect(values()).toEqual(['a'])
  })

  it('packs records into batches of batch.size and keeps their order', async () => {
    start({ batchSizeBytes: 200 })
    const sent = Array.from({ length: 500 }, (_, i) => `v${i}`)
    for (const value of sent) producer.sendRaw('t', null, Buffer.from(value), null, 0)
    await producer.flush()
    expect(values()).toEqual(sent)
    expect(log.length).toBeGreaterThan(20)
    expect(producer.counts).toEqual({ acknowledged: 500, failed: 0 })
    expect(producer.bufferedBytes).toBe(0)
  })

  it('puts keys where Java puts them, and keyless records into all partitions', async () => {
    start({ batchSizeBytes: 100 })
    const writer = await producer.topic('wide')
    // murmur2 of these in Java: toPositive(hash) % 4.
    expect(['21', 'foobar', 'a-little-bit-long-string'].map((key) => writer.partitionOf(Buffer.from(key)))).toEqual([
      (-973932308 & 0x7fffffff) % 4,
      (-790332482 & 0x7fffffff) % 4,
      (-985981536 & 0x7fffffff) % 4,
    ])
    const line = Buffer.from('0123456789'.repeat(4))
    for (let i = 0; i < 400; i++) writer.appendValue(line, 0, line.length, 0)
    await producer.flush()
    expect(new Set(log.map((batch) => batch.partition)).size).toBe(4)
  })

  it('keeps order and loses nothing while the broker fails every third request', async () => {
    verdict = (_, index) => (index % 3 === 0 ? 6 : index % 7 === 1 ? HANG_UP : 0)
    const expected = new Map<number, number>()
    const judge = verdict
    // A broker takes a batch only in sequence, as Kafka's does.
    verdict = (batch, index) => {
      const answer = judge(batch, index)
      if (answer !== 0) return answer
      if (batch.sequence !== (expected.get(batch.epoch) ?? 0)) return 45
      expected.set(batch.epoch, batch.sequence + batch.values.length)
      return 0
    }
    start({ batchSizeBytes: 120 })
    const sent = Array.from({ length: 200 }, (_, i) => `v${i}`)
    for (const value of sent) producer.sendRaw('t', null, Buffer.from(value), null, 0)
    await producer.flush()
    expect(values()).toEqual(sent)
    expect(failures).toEqual([])
  })

  it('starts a new epoch when the broker knows another sequence', async () => {
    verdict = (batch, index) => (index === 1 ? 45 : batch.epoch === 1 && batch.sequence !== 0 ? 45 : 0)
    start()
    await producer.send({ topic: 't', value: Buffer.from('a') })
    await producer.send({ topic: 't', value: Buffer.from('b') })
    expect(log.map(({ epoch, sequence, values: v }) => [epoch, sequence, v])).toEqual([
      [0, 0, ['a']],
      [1, 0, ['b']],
    ])
  })

  it('takes a duplicate for written', async () => {
    verdict = () => 46
    start()
    await producer.send({ topic: 't', value: Buffer.from('a') })
    expect(producer.counts).toEqual({ acknowledged: 1, failed: 0 })
  })

  it('splits a batch that is too large for the topic, with the same sequences', async () => {
    verdict = (batch) => (batch.values.length > 3 ? 10 : 0)
    start()
    const sent = Array.from({ length: 10 }, (_, i) => `v${i}`)
    const all = sent.map((value) => producer.send({ topic: 't', value: Buffer.from(value) }))
    const offsets = (await Promise.all(all)).map((metadata) => metadata.offset)
    expect(values()).toEqual(sent)
    expect(offsets).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    let next = 0
    for (const batch of log) {
      expect(batch.sequence).toBe(next)
      next += batch.values.length
    }
  })

  it('reports each record that is refused, and goes on with the next', async () => {
    verdict = (batch) => (batch.values.includes('bad') ? 87 : 0)
    start()
    producer.sendRaw('t', Buffer.from('k'), Buffer.from('bad'), null, 0)
    await producer.flush()
    producer.sendRaw('t', null, Buffer.from('good'), null, 0)
    await producer.flush()
    expect(failures).toMatchObject([{ error: { name: 'INVALID_RECORD' }, value: 'bad', record: { partition: 0 } }])
    expect(values()).toEqual(['good'])
    expect(log[0]).toMatchObject({ epoch: 1, sequence: 0 })
  })

  it('refuses what is larger than max.request.size, in the words of Java', async () => {
    start({ maxRequestSizeBytes: 1000 })
    const value = Buffer.alloc(2000, 'x')
    const text =
      'The message is 2086 bytes when serialized which is larger than 1000, which is the value of the max.request.size configuration.'
    const error = await fail(producer.send({ topic: 't', value }))
    expect(error.message).toBe(text)
    const writer = await producer.topic('t')
    writer.appendValue(value, 0, 2000, 0)
    producer.sendRaw('t', null, value, null, 0)
    expect(failures.map((failed) => failed.error.message)).toEqual([text, text])
  })

  it('gives up on a topic that does not come, in the words of Java', async () => {
    start({ maxBlockMs: 20 })
    const error = await fail(producer.send({ topic: 'nix', value: null }))
    expect(error.message).toBe('Topic nix not present in metadata after 20 ms.')
    expect(error.exceptionClass).toBe('org.apache.kafka.common.errors.TimeoutException')
    producer.sendRaw('nix', null, Buffer.from('v'), null, 0)
    await producer.flush()
    expect(failures[0]?.error.message).toBe('Topic nix not present in metadata after 20 ms.')
  })

  it('waits for a topic that is just being made', async () => {
    start()
    const sent = producer.send({ topic: 'late', value: Buffer.from('v') })
    topics.set('late', { partitions: 1, leaderId: 1 })
    await sent
    expect(log[0]?.values).toEqual(['v'])
  })

  it('gives up after delivery.timeout.ms', async () => {
    topics.set('t', { partitions: 1, leaderId: -1 })
    start({ deliveryTimeoutMs: 30 })
    const error = await fail(producer.send({ topic: 't', value: Buffer.from('v') }))
    expect(error.message).toMatch(/^Expiring 1 record\(s\) for t-0:\d+ ms has passed since batch creation$/)
  })

  it('waits for nothing with acks=0', async () => {
    const seen = new Promise<void>((resolve) => {
      broker.on(ProduceRequest, ProduceResponse, ({ request }) => {
        expect(request.acks).toBe(0)
        resolve()
        return NO_ANSWER
      })
    })
    start({ acks: 0 })
    const { offset } = await producer.send({ topic: 't', value: Buffer.from('v') })
    await seen
    expect(offset).toBe(-1)
    expect(broker.count(InitProducerIdRequest)).toBe(0)
  })

  it('asks for a pause when buffer.memory is full', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    broker.on(ProduceRequest, ProduceResponse, async ({ request }) => {
      await held
      return {
        responses: request.topicData.map(({ topicId, partitionData }) => ({
          topicId,
          partitionResponses: partitionData.map(({ index }) => ({ index })),
        })),
      }
    })
    start({ bufferMemoryBytes: 1000, batchSizeBytes: 300 })
    await producer.topic('t')
    let room = true
    let count = 0
    while (room) {
      room = producer.sendRaw('t', null, Buffer.alloc(100), null, 0)
      count++
    }
    expect(count).toBeLessThan(12)
    const drained = producer.drained()
    release()
    await drained
    expect(producer.hasRoom).toBe(true)
    await producer.flush()
    expect(producer.counts.acknowledged).toBe(count)
  })

  it('gives up what waits when it can not have a producer id any more', async () => {
    verdict = () => 47
    broker.on(InitProducerIdRequest, InitProducerIdResponse, ({ index }) =>
      index === 0 ? { producerId: 5n } : { errorCode: 31 },
    )
    start()
    const error = await fail(producer.send({ topic: 't', value: null }))
    expect(error.name).toBe('CLUSTER_AUTHORIZATION_FAILED')
  })

  it('gets another producer id when the broker no longer takes the old one', async () => {
    verdict = (batch) => (batch.producerId === 100 ? 47 : 0)
    start()
    await producer.send({ topic: 't', value: Buffer.from('a') })
    expect(log).toMatchObject([{ producerId: 101, epoch: 0, sequence: 0, values: ['a'] }])
  })

  it('uses the id the topic has', async () => {
    let id = ''
    broker.on(ProduceRequest, ProduceResponse, ({ request }) => {
      id = request.topicData[0]?.topicId ?? ''
      return { responses: [{ topicId: id, partitionResponses: [{ index: 0 }] }] }
    })
    start()
    await producer.send({ topic: 't', value: null })
    expect(id).toBe(topicIdOf('t'))
  })
})
