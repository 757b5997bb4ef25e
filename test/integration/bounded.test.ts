import type { Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pause } from '../../src/client/backoff.ts'
import { Consumer } from '../../src/client/consumer/consumer.ts'
import { consumerConfig } from '../../src/config/client-config.ts'
import * as consoleConsumer from '../../src/tools/console-consumer/command.ts'
import * as consumerGroups from '../../src/tools/consumer-groups/command.ts'
import * as deleteRecords from '../../src/tools/delete-records/command.ts'
import type { Properties } from '../../src/tools/shared/connect.ts'
import { type MemoryIo, memoryIo } from '../cli/memory-io.ts'
import { type Outcome, runToolOn, type Tool } from './in-process.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

let broker: TestBroker
let kafka: Kafka
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  broker = await startTestBroker({
    properties: {
      'log.cleaner.backoff.ms': '50',
      'group.initial.rebalance.delay.ms': '0',
      'group.consumer.min.heartbeat.interval.ms': '50',
      'group.consumer.heartbeat.interval.ms': '50',
    },
  })
  kafka = await broker.kafkajs()
})
afterAll(async () => {
  for (const close of closing) await close()
  await broker.stop()
})

const runTool = (tool: Tool, args: string, io?: MemoryIo): Promise<Outcome> => runToolOn(broker, tool, args, io)
const read = (args: string, io?: MemoryIo): Promise<Outcome> => runTool(consoleConsumer, args, io)

type Message = { value: string | null; key?: string; partition?: number; timestamp?: string }
const named = (from: number, to: number, more: Partial<Message> = {}): Message[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ value: `v${from + i}`, partition: 0, ...more }))
const values = (from: number, to: number): string[] => named(from, to).map(({ value }) => value!)

const produce = async (topic: string, messages: Message[]): Promise<void> => {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages })
  await producer.disconnect()
}

/** Each list is one transaction; what becomes of it is said before. */
const transact = async (topic: string, list: ['commit' | 'abort' | 'open', Message[]][]): Promise<void> => {
  for (const [end, messages] of list) {
    const transactionalId = `${topic}-${Math.random()}`
    const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages })
    if (end === 'open') {
      closing.push(async () => {
        await transaction.abort()
        await producer.disconnect()
      })
      continue
    }
    await transaction[end]()
    await producer.disconnect()
  }
}

describe('--exit', () => {
  it('ends where the partitions ended at the start, however much comes after', async () => {
    await broker.createTopic('plain', { partitions: 3 })
    await produce('plain', [...named(1, 5), ...named(6, 8, { partition: 2 })])
    const io = memoryIo()
    const { write } = io.err
    let late: Promise<void> | undefined
    // The ends are known once they are told.
    io.err.write = (text) => {
      late ??= produce('plain', named(100, 101))
      write.call(io.err, text)
    }
    const { code, out, err } = await read('--topic plain --exit', io)
    await late
    expect([code, out.sort()]).toEqual([0, values(1, 8)])
    expect(err).toBe(
      'Reading from the beginning: plain-0 offsets 0 to 4, plain-1 nothing, plain-2 offsets 0 to 2\n' +
        'Processed a total of 8 messages\n',
    )
  })

  it('ends at once with nothing to read', async () => {
    await broker.createTopic('empty', { partitions: 2 })
    expect(await read('--topic empty --exit')).toMatchObject({ code: 0, out: [] })
    expect(await read('--topic empty --group empties --exit')).toMatchObject({ code: 0, out: [] })
    expect(await read('--topic empty --tail 3')).toMatchObject({ code: 0, out: [] })
  })

  it('reads several topics', async () => {
    await broker.createTopic('family-a')
    await broker.createTopic('family-b')
    await produce('family-a', named(1, 2))
    await produce('family-b', named(3, 4))
    expect((await read('--include family-.* --exit')).out.sort()).toEqual(values(1, 4))
    expect((await read('--include family-.* --tail 1')).out.sort()).toEqual(['v2', 'v4'])
  })

  it('works with a limit and a time without records; the one is an end like another, the other is not', async () => {
    await broker.createTopic('limits')
    await produce('limits', named(1, 9))
    expect(await read('--topic limits --exit --max-messages 4')).toMatchObject({ code: 0, out: values(1, 4) })
    expect(await read('--topic limits --exit --timeout-ms 60000')).toMatchObject({ code: 0, out: values(1, 9) })
    const cut = await read('--topic limits --exit --timeout-ms 0')
    expect(cut.code).toBe(1)
    expect(cut.err).toContain('TimeoutException')
  })

  it('fails where there is nothing of the name', async () => {
    const missing = await read('--topic nowhere --exit')
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('There is no topic nowhere')])
    expect((await read('--include nowhere.* --exit')).err).toContain('no topic that --include matches')
    await broker.createTopic('here')
    expect((await read('--topic here --partition 7 --exit')).err).toContain('has no partition 7')
  })
})

describe('transactions', () => {
  it('end at a marker, with what is not aborted', async () => {
    await broker.createTopic('txn')
    await transact('txn', [
      ['commit', named(1, 3)],
      ['abort', named(4, 6)],
      ['commit', named(7, 7)],
      ['abort', named(8, 9)],
    ])
    const committed = [...values(1, 3), 'v7']
    const isolated = '--topic txn --isolation-level read_committed'
    expect(await read(`${isolated} --exit`)).toMatchObject({ code: 0, out: committed })
    expect(await read(`${isolated} --group txns --exit`)).toMatchObject({ code: 0, out: committed })
    expect(await read('--topic txn --exit')).toMatchObject({ code: 0, out: values(1, 9) })
    for (const count of [1, 2, 3, 4, 5]) {
      expect((await read(`${isolated} --tail ${count}`)).out).toEqual(committed.slice(-count))
      expect((await read(`--topic txn --tail ${count}`)).out).toEqual(values(1, 9).slice(-count))
    }
  })

  it('that are open are the end of what is committed', async () => {
    await broker.createTopic('open')
    await produce('open', named(1, 3))
    await transact('open', [['open', named(4, 5)]])
    await produce('open', named(6, 6))
    expect(await read('--topic open --isolation-level read_committed --exit')).toMatchObject({
      code: 0,
      out: values(1, 3),
    })
    expect((await read('--topic open --isolation-level read_committed --tail 1')).out).toEqual(['v3'])
    expect((await read('--topic open --exit')).out).toEqual(values(1, 6))
  })

  it('leave the last records far from the end', async () => {
    await broker.createTopic('far')
    await produce('far', named(1, 4))
    await transact('far', [['abort', named(1000, 1700)]])
    await transact('far', [['abort', named(2000, 2700)]])
    expect((await read('--topic far --isolation-level read_committed --tail 3')).out).toEqual(values(2, 4))
    expect((await read('--topic far --isolation-level read_committed --from -3 --exit')).out).toEqual(values(2, 4))
  })
})

describe('a compacted topic', () => {
  it('has its last records where they are', async () => {
    const configs = { 'cleanup.policy': 'compact', 'segment.ms': '1', 'min.cleanable.dirty.ratio': '0.01' }
    await broker.createTopic('compact', { configs })
    for (let round = 0; round < 3; round++) {
      for (let key = 0; key < 6; key++) {
        await produce('compact', [{ key: `k${key}`, value: `r${round}k${key}`, partition: 0 }])
      }
    }
    await produce('compact', [{ key: 'last', value: 'last', partition: 0 }])
    const end = ['r2k0', 'r2k1', 'r2k2', 'r2k3', 'r2k4', 'r2k5', 'last']
    let all = await read('--topic compact --exit')
    // Compaction comes when it comes; each look is a whole read.
    while (all.out.length > end.length) all = await read('--topic compact --exit')
    expect(all).toMatchObject({ code: 0, out: end })
    for (const count of [1, 3, 7, 8])
      expect((await read(`--topic compact --tail ${count}`)).out).toEqual(end.slice(-count))
    expect((await read('--topic compact --from 5 --to 14')).out).toEqual(end.slice(0, 2))
  })
})

describe('bounds', () => {
  it.each([
    ['--from 3 --to 6', values(4, 6)],
    ['--from 8', values(9, 10), '--timeout-ms 300'],
    ['--from -3 --to 9', values(8, 9)],
    ['--from +2 --to +3', values(3, 5)],
    ['--to 2', values(1, 2)],
    ['--to 99', values(1, 10)],
    ['--to -8', values(1, 2)],
    ['--tail 3', values(8, 10)],
    ['--tail 2 --to 5', values(4, 5)],
    ['--tail 0', []],
    ['--tail 99', values(1, 10)],
    ['--from @1700000003 --to @1700000006', values(3, 5)],
    ['--from 1700000003000 --to @1700000006000', values(3, 5)],
    ['--from latest --exit', []],
    ['--from -1h --exit', []],
    ['--from 6 --to 3', []],
    ['--partition 0 --offset 7 --exit', values(8, 10)],
    ['--partition 0 --offset @1700000008 --exit', values(8, 10)],
  ])('%s', async (args, expected, more = '') => {
    const topic = 'bounds'
    await broker.createTopic(topic).catch(() => {})
    const { out } = await read(`--topic ${topic} --exit`)
    if (out.length === 0) {
      // Two batches, so that bounds cut them and lie between them.
      const at = (n: number): string => String(1_700_000_000_000 + n * 1000)
      const messages = named(1, 10).map((message, i) => ({ ...message, timestamp: at(i + 1) }))
      await produce(topic, messages.slice(0, 6))
      await produce(topic, messages.slice(6))
    }
    expect((await read(`--topic ${topic} ${args}${more === '' ? '' : ` ${more}`}`)).out).toEqual(expected)
  })

  it.each([
    ['--from 1 --tail 1', '--from and --tail cannot be specified together'],
    ['--from 1 --from-beginning', '--from and --from-beginning cannot be specified together'],
    ['--from 1 --group g', 'Options --group and --from cannot be specified together'],
    ['--tail 1 --group g', 'Options --group and --tail cannot be specified together'],
    ['--tail -1', '--tail needs a number of records'],
    ['--order timestamp', '--order needs an end'],
    ['--order size --exit', '--order knows timestamp'],
    ['--order timestamp --exit --group g', '--group and --order cannot'],
    ['--from noon', '"noon" is no time or offset'],
    ['--to noon', '"noon" is no time or offset'],
    ['--partition 0 --offset noon', "The provided offset value 'noon' is incorrect."],
    ['--partition 0 --offset -2 --exit', "The provided offset value '-2' is incorrect."],
  ])('%s is refused', async (args, message) => {
    const { code, err } = await read(`--topic any ${args}`)
    expect([code, err]).toEqual([1, expect.stringContaining(message)])
  })
})

describe('--order timestamp', () => {
  const at = (ms: number, partition: number): Message => ({
    value: `v${ms}`,
    partition,
    timestamp: String(1_700_000_000_000 + ms),
  })

  it('merges partitions, each of several batches', async () => {
    await broker.createTopic('merged', { partitions: 4 })
    const all = Array.from({ length: 300 }, (_, i) => at(i + 1, (i * 7) % 3))
    for (let i = 0; i < all.length; i += 50) await produce('merged', all.slice(i, i + 50))
    const small = '--command-property max.partition.fetch.bytes=500'
    expect(await read(`--topic merged --exit --order timestamp ${small}`)).toMatchObject({
      code: 0,
      out: values(1, 300),
    })
    expect((await read('--topic merged --tail 2 --order timestamp')).out).toEqual(values(295, 300))
    expect(
      (await read('--topic merged --from @1700000000:+100ms --to @1700000000:+111ms --order timestamp')).out,
    ).toEqual(values(100, 110))
    expect((await read('--topic merged --exit --order timestamp --max-messages 17')).out).toEqual(values(1, 17))
  })

  it('leaves the order within a partition, and out what is aborted', async () => {
    await broker.createTopic('disordered', { partitions: 2 })
    await produce('disordered', [at(5, 0), at(1, 0), at(9, 0), at(3, 1), at(4, 1), at(7, 1)])
    await transact('disordered', [
      ['abort', [at(6, 1)]],
      ['commit', [at(8, 1)]],
    ])
    const { out } = await read('--topic disordered --exit --order timestamp --isolation-level read_committed')
    expect(out).toEqual(['v3', 'v4', 'v5', 'v1', 'v7', 'v8', 'v9'])
  })
})

describe('records deleted', () => {
  it('before the start are not there; the first batch may be cut', async () => {
    await broker.createTopic('deleted')
    await produce('deleted', named(1, 10))
    await runTool(deleteRecords, '--topic deleted --before 4')
    expect(await read('--topic deleted --exit')).toMatchObject({ code: 0, out: values(5, 10) })
    expect((await read('--topic deleted --tail 8')).out).toEqual(values(5, 10))
    expect((await read('--topic deleted --tail 6')).out).toEqual(values(5, 10))
    await runTool(deleteRecords, '--topic deleted --before latest')
    expect(await read('--topic deleted --exit')).toMatchObject({ code: 0, out: [] })
  })

  it("while they are being read don't keep it from ending", async () => {
    await broker.createTopic('going')
    await produce('going', named(1, 10))
    // All is gone between the look at the ends and the first fetch.
    const open = async (properties: Properties): Promise<Consumer> => {
      const consumer = new Consumer({ ...(await consumerConfig(properties)), warn: () => {} })
      const poll = consumer.poll.bind(consumer)
      let deleting: Promise<Outcome> | undefined
      consumer.poll = async (timeoutMs) => {
        deleting ??= runTool(deleteRecords, '--topic going --before latest')
        await deleting
        return poll(timeoutMs)
      }
      return consumer
    }
    const tool: Tool = { spec: consoleConsumer.spec, run: (args, to) => consoleConsumer.run(args, to, open) }
    const { code, out, err } = await runTool(tool, '--topic going --exit')
    expect([code, out]).toEqual([0, []])
    expect(err).toContain('Reading from the beginning: going-0 offsets 0 to 9')
  })
})

describe('in a group', () => {
  const lag = async (group: string): Promise<string[]> => {
    const { out } = await runTool(consumerGroups, `--describe --group ${group}`)
    return out
      .filter((line) => line.startsWith(group))
      .map((line) => line.split(/ +/).slice(2, 6).join(' '))
      .sort()
  }

  it.each(['classic', 'consumer'])(
    'what was read is committed, and the next one goes on there (%s)',
    async (protocol) => {
      const topic = `group-${protocol}`
      const args = `--topic ${topic} --group ${topic} --command-property group.protocol=${protocol}`
      await broker.createTopic(topic, { partitions: 2 })
      await produce(topic, [...named(1, 6), ...named(7, 9, { partition: 1 })])
      expect((await read(`${args} --exit --max-messages 4`)).out).toHaveLength(4)
      const rest = await read(`${args} --exit`)
      expect([rest.code, rest.out.length]).toEqual([0, 5])
      expect(await lag(topic)).toEqual(['0 6 6 0', '1 3 3 0'])
      await produce(topic, named(10, 12))
      expect((await read(`${args} --to 7`)).out).toEqual(['v10'])
      expect(await lag(topic)).toEqual(['0 7 9 2', '1 3 3 0'])
      expect((await read(`${args} --exit`)).out).toEqual(['v11', 'v12'])
      expect(await read(`${args} --exit`)).toMatchObject({ code: 0, out: [] })
    },
  )

  it('it ends with its own share when another member has the rest', async () => {
    await broker.createTopic('shared', { partitions: 2 })
    await produce('shared', [...named(1, 3), ...named(4, 6, { partition: 1 })])
    const other = new Consumer({
      bootstrapServers: [{ host: 'localhost', port: broker.port }],
      groupId: 'shared',
      enableAutoCommit: false,
    })
    other.subscribe({ topics: ['shared'] })
    let stays = true
    const polling = (async () => {
      while (stays) await other.poll(50)
    })()
    while (other.assignedPartitions().length < 2) await pause(10)
    const { code, out } = await read('--topic shared --group shared --exit --from-beginning')
    stays = false
    await polling
    await other.close()
    expect(code).toBe(0)
    expect(out).toHaveLength(3)
  })
})
