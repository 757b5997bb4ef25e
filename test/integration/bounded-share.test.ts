import type { Kafka } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pause } from '../../src/client/backoff.ts'
import { ShareConsumer } from '../../src/client/share-consumer/share-consumer.ts'
import * as configs from '../../src/tools/configs/command.ts'
import * as shareConsumer from '../../src/tools/console-share-consumer/command.ts'
import { type Outcome, runToolOn } from './in-process.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

let broker: TestBroker
let kafka: Kafka

beforeAll(async () => {
  broker = await startTestBroker()
  kafka = await broker.kafkajs()
})
afterAll(() => broker.stop())

/** A topic, and a share group of its name that starts at the beginning. */
const prepare = async (name: string, partitions = 1): Promise<void> => {
  await broker.createTopic(name, { partitions })
  const change = `--alter --entity-type groups --entity-name ${name} --add-config share.auto.offset.reset=earliest`
  expect(await runToolOn(broker, configs, change)).toMatchObject({ code: 0 })
}
const read = (name: string, more = ''): Promise<Outcome> =>
  runToolOn(broker, shareConsumer, `--topic ${name} --group ${name} --exit${more === '' ? '' : ` ${more}`}`)
const values = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `v${from + i}`)

const produce = async (topic: string, list: string[], partition = 0): Promise<void> => {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: list.map((value) => ({ value, partition })) })
  await producer.disconnect()
}

it('ends when everything there was is handed out, and has nothing to do the next time', async () => {
  await prepare('jobs', 3)
  await produce('jobs', values(1, 5))
  await produce('jobs', values(6, 8), 2)
  const { code, out } = await read('jobs')
  expect([code, out.sort()]).toEqual([0, values(1, 8)])
  expect(await read('jobs')).toMatchObject({ code: 0, out: [] })
  await produce('jobs', values(9, 9))
  expect((await read('jobs')).out).toEqual(['v9'])
})

it('ends at a limit, and goes on there', async () => {
  await prepare('limited')
  await produce('limited', values(1, 5))
  expect(await read('limited', '--max-messages 2')).toMatchObject({ code: 0, out: values(1, 2) })
  expect((await read('limited')).out).toEqual(values(3, 5))
})

it('says by its exit code that it ended before the end', async () => {
  await prepare('late')
  await produce('late', values(1, 5))
  const { code, err } = await read('late', '--timeout-ms 0')
  expect([code, err]).toEqual([1, expect.stringContaining('TimeoutException')])
})

it('ends at the marker of a transaction', async () => {
  await prepare('marked')
  const producer = kafka.producer({ transactionalId: 'marked', idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic: 'marked', messages: [{ value: 'v1' }, { value: 'v2' }] })
  await transaction.commit()
  await producer.disconnect()
  expect(await read('marked')).toMatchObject({ code: 0, out: values(1, 2) })
  expect(await read('marked')).toMatchObject({ code: 0, out: [] })
})

it('ends with nothing when others hold what there is', async () => {
  await prepare('held')
  await produce('held', values(1, 5))
  const other = new ShareConsumer({
    bootstrapServers: [{ host: 'localhost', port: broker.port }],
    groupId: 'held',
    acknowledgementMode: 'explicit',
  })
  other.subscribe(['held'])
  while ((await other.poll(1000)).length === 0) await pause(10)
  expect(await read('held')).toMatchObject({ code: 0, out: [] })
  await other.close()
  expect((await read('held')).out).toEqual(values(1, 5))
})

it('has nothing to read of an empty topic, and none that is not there', async () => {
  await prepare('nothing')
  expect(await read('nothing')).toMatchObject({ code: 0, out: [] })
  expect((await read('nowhere')).err).toContain('There is no topic nowhere')
})

it('warns that a new group starts at the end', async () => {
  await broker.createTopic('fresh')
  await produce('fresh', values(1, 3))
  const { code, out, err } = await read('fresh')
  expect([code, out, err]).toEqual([0, [], expect.stringContaining('a new group: it starts at the end')])
})
