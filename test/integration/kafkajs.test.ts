import { CompressionTypes, ConfigResourceTypes, type Consumer, type Kafka, type KafkaMessage } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedBroker, startBroker } from '../../src/embedded/index.ts'

let broker: EmbeddedBroker
let kafka: Kafka

beforeAll(async () => {
  broker = await startBroker({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
  kafka = await broker.kafkajs({ clientId: 'test' })
})

afterAll(() => broker?.stop())

/** Runs `use` with a connected client and disconnects it whatever happens. */
async function connected<C extends { connect(): Promise<void>; disconnect(): Promise<void> }, T>(
  client: C,
  use: (client: C) => Promise<T>,
): Promise<T> {
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.disconnect()
  }
}

/** Things that arrive from callbacks, and a way to wait until there are enough of them. */
class Arrivals<T> {
  readonly all: T[] = []
  #waiting: (() => void)[] = []

  add(item: T): void {
    this.all.push(item)
    for (const check of this.#waiting) check()
  }

  until(isEnough: (all: T[]) => boolean): Promise<T[]> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (isEnough(this.all)) resolve(this.all)
      }
      this.#waiting.push(check)
      check()
    })
  }
}

const textOf = ({ value }: KafkaMessage): string => value?.toString() ?? 'null'

/** Reads a topic from its start with a group of its own until `count` records are there. */
const readAll = (topic: string, count: number): Promise<KafkaMessage[]> =>
  connected(kafka.consumer({ groupId: `read-${topic}`, maxWaitTimeInMs: 100 }), async (consumer) => {
    const arrivals = new Arrivals<KafkaMessage>()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ eachMessage: async ({ message }) => arrivals.add(message) })
    return arrivals.until((all) => all.length >= count)
  })

describe('kafkajs on startBroker()', () => {
  it('administers topics, configs and records', async () => {
    await connected(kafka.admin(), async (admin) => {
      expect(await admin.createTopics({ topics: [{ topic: 'managed', numPartitions: 2 }], waitForLeaders: true })).toBe(
        true,
      )
      expect(await admin.listTopics()).toContain('managed')
      expect(await admin.createTopics({ topics: [{ topic: 'managed' }] })).toBe(false)
      await admin.createPartitions({ topicPartitions: [{ topic: 'managed', count: 3 }] })
      const { topics } = await admin.fetchTopicMetadata({ topics: ['managed'] })
      expect(topics[0]?.partitions.map(({ partitionId }) => partitionId).sort()).toEqual([0, 1, 2])
      const cluster = await admin.describeCluster()
      expect(cluster.clusterId).toBe(broker.clusterId)
      expect(cluster.brokers.map(({ port }) => port)).toEqual([broker.port])

      const resource = { type: ConfigResourceTypes.TOPIC, name: 'managed' }
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '1234567' }] }],
      })
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ ...resource, configNames: ['retention.ms'] }],
      })
      expect(resources[0]?.configEntries[0]).toMatchObject({ configName: 'retention.ms', configValue: '1234567' })

      await connected(kafka.producer(), (producer) =>
        producer.send({ topic: 'managed', messages: [0, 1, 2].map((n) => ({ value: `${n}`, partition: 0 })) }),
      )
      await admin.deleteTopicRecords({ topic: 'managed', partitions: [{ partition: 0, offset: '2' }] })
      const offsets = await admin.fetchTopicOffsets('managed')
      expect(offsets.find(({ partition }) => partition === 0)).toMatchObject({ low: '2', high: '3' })

      await admin.deleteTopics({ topics: ['managed'] })
      expect(await admin.listTopics()).not.toContain('managed')
    })
  })

  it.each([
    ['none', CompressionTypes.None],
    ['gzip', CompressionTypes.GZIP],
  ])('carries keys, values and headers with compression %s', async (name, compression) => {
    const topic = `packed-${name}`
    await broker.createTopic(topic)
    const messages = Array.from({ length: 500 }, (_, n) => ({
      key: n % 3 === 0 ? null : `key-${n}`,
      value: n % 7 === 0 ? null : `värde ${n} `.repeat(20),
      headers: { trace: `${n}` },
    }))
    const [sent] = await connected(kafka.producer(), (producer) =>
      producer.send({ topic, compression, messages, acks: -1 }),
    )
    expect(sent).toMatchObject({ errorCode: 0, baseOffset: '0' })
    const read = await readAll(topic, messages.length)
    expect(
      read.map(({ key, value, headers }) => ({
        key: key?.toString() ?? null,
        value: value?.toString() ?? null,
        headers: { trace: headers?.trace?.toString() },
      })),
    ).toEqual(messages)
    expect(read.map(({ offset }) => offset)).toEqual(messages.map((_, n) => `${n}`))
  })

  it('numbers the records of an idempotent producer without gaps or doubles', async () => {
    await broker.createTopic('once', { partitions: 2 })
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    await connected(producer, async () => {
      for (let n = 0; n < 20; n++) {
        await producer.send({ topic: 'once', messages: [0, 1].map((partition) => ({ value: `${n}`, partition })) })
      }
    })
    const expected = Array.from({ length: 20 }, (_, n) => [`${n}`, `${n}`]).flat()
    const read = (await readAll('once', expected.length)).map(textOf)
    expect(read.toSorted((a, b) => Number(a) - Number(b))).toEqual(expected)
  })

  it('shows committed transactions and hides aborted ones, offsets included', async () => {
    await broker.createTopic('ledger')
    const producer = kafka.producer({ transactionalId: 'book-keeper', maxInFlightRequests: 1, idempotent: true })
    const write = async (value: string, offset: string, isKept: boolean): Promise<void> => {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 'ledger', messages: [{ value }] })
      await transaction.sendOffsets({
        consumerGroupId: 'clerk',
        topics: [{ topic: 'ledger', partitions: [{ partition: 0, offset }] }],
      })
      await (isKept ? transaction.commit() : transaction.abort())
    }
    await connected(producer, async () => {
      await write('kept', '1', true)
      await write('dropped', '2', false)
      await write('kept too', '3', true)
      await write('dropped too', '4', false)
    })
    expect((await readAll('ledger', 2)).map(textOf)).toEqual(['kept', 'kept too'])
    const committed = await connected(kafka.admin(), (admin) =>
      admin.fetchOffsets({ groupId: 'clerk', topics: ['ledger'] }),
    )
    expect(committed[0]?.partitions).toMatchObject([{ partition: 0, offset: '3' }])
  })
})

interface Member {
  consumer: Consumer
  assigned: Arrivals<number[]>
  read: Arrivals<string>
}

/** A running member of group `pair` on topic `shared`, which has four partitions. */
async function join(): Promise<Member> {
  const consumer = kafka.consumer({ groupId: 'pair', heartbeatInterval: 100, maxWaitTimeInMs: 100 })
  const member: Member = { consumer, assigned: new Arrivals(), read: new Arrivals() }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
    member.assigned.add([...(payload.memberAssignment.shared ?? [])]),
  )
  await consumer.connect()
  await consumer.subscribe({ topic: 'shared', fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      await consumer.commitOffsets([{ topic, partition, offset: `${BigInt(message.offset) + 1n}` }])
      member.read.add(textOf(message))
    },
  })
  return member
}

const owns = (count: number) => (all: number[][]) => all.at(-1)?.length === count

const send = (from: number, count: number): Promise<unknown> =>
  connected(kafka.producer(), (producer) =>
    producer.send({
      topic: 'shared',
      messages: Array.from({ length: count }, (_, n) => ({ value: `${from + n}`, partition: n % 4 })),
    }),
  )

describe('a group of kafkajs consumers', () => {
  it('shares partitions, rebalances, and goes on from what was committed', async () => {
    await broker.createTopic('shared', { partitions: 4 })
    const first = await join()
    let second: Member | undefined
    try {
      await first.assigned.until(owns(4))
      await send(0, 40)
      await first.read.until((all) => all.length === 40)

      second = await join()
      await Promise.all([first.assigned.until(owns(2)), second.assigned.until(owns(2))])
      const both = [...first.assigned.all.at(-1)!, ...second.assigned.all.at(-1)!]
      expect(both.toSorted()).toEqual([0, 1, 2, 3])
      await send(40, 40)
      await Promise.all([first.read.until((all) => all.length === 60), second.read.until((all) => all.length === 20)])

      await first.consumer.disconnect()
      await second.assigned.until(owns(4))
      await send(80, 40)
      await second.read.until((all) => all.length === 60)
      const read = [...first.read.all, ...second.read.all].map(Number)
      expect(read.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, n) => n))
    } finally {
      await first.consumer.disconnect()
      await second?.consumer.disconnect()
    }
  })

  it('leaves offsets behind that admin shows, moves and deletes', async () => {
    await connected(kafka.admin(), async (admin) => {
      const committed = async (): Promise<string[]> => {
        const [found] = await admin.fetchOffsets({ groupId: 'pair', topics: ['shared'] })
        return (found?.partitions ?? []).toSorted((a, b) => a.partition - b.partition).map(({ offset }) => offset)
      }
      expect(await committed()).toEqual(['30', '30', '30', '30'])
      const { groups } = await admin.describeGroups(['pair'])
      expect(groups[0]).toMatchObject({ groupId: 'pair', state: 'Empty', protocolType: 'consumer' })
      expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).toContain('pair')
      await admin.setOffsets({ groupId: 'pair', topic: 'shared', partitions: [{ partition: 2, offset: '5' }] })
      expect((await committed())[2]).toBe('5')
      await admin.deleteGroups(['pair'])
      expect(await committed()).toEqual(['-1', '-1', '-1', '-1'])
    })
  })
})
