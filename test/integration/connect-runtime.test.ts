import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Consumer } from '../../src/client/consumer/consumer.ts'
import { Producer } from '../../src/client/producer/producer.ts'
import { parseBootstrapServers } from '../../src/config/bootstrap-servers.ts'
import { LogTarget } from '../../src/connect/runtime/log.ts'
import { StandaloneWorker } from '../../src/connect/standalone.ts'
import { type EmbeddedBroker, startBroker } from '../../src/embedded/index.ts'
import { CollectingSink, FedSource, failingFirst, pluginsOf } from '../connect/test-plugins.ts'

let broker: EmbeddedBroker
let dir: string
let worker: StandaloneWorker
let source: FedSource
let sink: CollectingSink
let log: string
let run = 0

beforeAll(async () => {
  broker = await startBroker()
})
afterAll(() => broker.stop())

const start = async (more: Record<string, string> = {}): Promise<void> => {
  worker = await StandaloneWorker.start(
    {
      'bootstrap.servers': broker.bootstrapServers,
      'key.converter': 'String',
      'value.converter': 'String',
      'offset.storage.file.filename': join(dir, 'offsets'),
      'offset.flush.interval.ms': '50',
      listeners: 'http://127.0.0.1:0',
      ...more,
    },
    new LogTarget((line) => {
      log += line
    }),
    pluginsOf(source, sink),
  )
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'kt-connect-'))
  source = new FedSource()
  sink = new CollectingSink()
  log = ''
  run++
  await start()
})
afterEach(async () => {
  await worker.stop()
  rmSync(dir, { recursive: true, force: true })
})

interface Answer {
  status: number
  body: unknown
}

const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
  const response = await fetch(new URL(path, worker.url), {
    method,
    headers: { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

const until = async (what: () => unknown): Promise<void> => {
  while (!(await what())) await new Promise((resolve) => setImmediate(resolve))
}

const taskState = async (name: string): Promise<string | undefined> => {
  const { body } = await call('GET', `/connectors/${name}/status`)
  return (body as { tasks: { state: string }[] }).tasks[0]?.state
}

const topic = (name: string): string => `${name}-${run}`

const produce = async (name: string, ...values: (string | null)[]): Promise<void> => {
  const producer = new Producer({ bootstrapServers: parseBootstrapServers([broker.bootstrapServers]) })
  for (const value of values) await producer.send({ topic: name, value: value === null ? null : Buffer.from(value) })
  await producer.close()
}

interface Read {
  value: string | null
  headers: Record<string, string>
}

const read = async (name: string, count: number): Promise<Read[]> => {
  const consumer = new Consumer({
    bootstrapServers: parseBootstrapServers([broker.bootstrapServers]),
    autoOffsetReset: 'earliest',
  })
  consumer.assign([{ topic: name, partition: 0 }])
  const records: Read[] = []
  while (records.length < count) {
    for (const fetched of await consumer.poll(1000)) {
      consumer.consume(fetched, (cursor) => {
        const { value, headers } = cursor.decode()
        const texts = headers.map((header) => [header.key, String(header.value)] as const)
        records.push({ value: value === null ? null : String(value), headers: Object.fromEntries(texts) })
      })
    }
  }
  await consumer.close()
  return records
}

const sourceConfig = (more: Record<string, string> = {}): Record<string, string> => ({
  'connector.class': source.className,
  topic: topic('out'),
  ...more,
})
const sinkConfig = (more: Record<string, string> = {}): Record<string, string> => ({
  'connector.class': sink.className,
  topics: topic('in'),
  // Connectors of all tests have one name, but not one group.
  'consumer.override.group.id': topic('group'),
  'consumer.override.fetch.max.wait.ms': '20',
  ...more,
})

describe('a source task', () => {
  it('writes records in order, with keys and headers, and stores the offsets of what was acknowledged', async () => {
    await call('PUT', '/connectors/s/config', sourceConfig())
    source.push([{ value: 'a', headers: [{ key: 'h', schema: null, value: 'x' }] }, { value: 'b' }])
    expect(await read(topic('out'), 2)).toEqual([
      { value: 'a', headers: { h: 'x' } },
      { value: 'b', headers: {} },
    ])
    await until(async () => JSON.stringify((await call('GET', '/connectors/s/offsets')).body).includes('"position":2'))
    expect(source.acknowledged).toEqual([1, 2])
    expect((await call('GET', '/connectors/s/topics')).body).toEqual({ s: { topics: [topic('out')] } })
  })

  it('that fails is FAILED with its trace and disturbs nobody; a restart runs it again', async () => {
    await produce(topic('in'), 'one')
    await call('PUT', '/connectors/s/config', sourceConfig())
    await call('PUT', '/connectors/k/config', sinkConfig())
    source.push(new Error('out of order'))
    await until(async () => (await taskState('s')) === 'FAILED')
    expect(JSON.stringify((await call('GET', '/connectors/s/tasks/0/status')).body)).toContain('Error: out of order')
    await sink.until(1)
    expect(await taskState('k')).toBe('RUNNING')
    const answer = await call('POST', '/connectors/s/restart?includeTasks=true&onlyFailed=true')
    expect(answer).toMatchObject({
      status: 202,
      body: { connector: { state: 'RUNNING' }, tasks: [{ state: 'RESTARTING' }] },
    })
    source.push([{ value: 'again' }])
    expect(await read(topic('out'), 1)).toEqual([{ value: 'again', headers: {} }])
  })

  it('skips what it can not convert where errors are tolerated', async () => {
    const config = sourceConfig({
      'value.converter': 'org.apache.kafka.connect.converters.LongConverter',
      'errors.tolerance': 'all',
      'errors.log.enable': 'true',
    })
    await call('PUT', '/connectors/s/config', config)
    source.push([{ value: 'no number' }, { value: 7n, valueSchema: null }])
    expect(await read(topic('out'), 1)).toHaveLength(1)
    expect(log).toContain(
      "Executing stage 'VALUE_CONVERTER' with class 'org.apache.kafka.connect.converters.LongConverter'",
    )
    await call('PUT', '/connectors/s/config', { ...config, 'errors.tolerance': 'none' })
    source.push([{ value: 'no number' }])
    await until(async () => (await taskState('s')) === 'FAILED')
    expect(JSON.stringify((await call('GET', '/connectors/s/status')).body)).toContain(
      'Tolerance exceeded in error handler',
    )
  })

  it('applies transformations where their predicates say so', async () => {
    await call('PUT', '/connectors/s/config', {
      ...sourceConfig(),
      transforms: 'drop,route',
      'transforms.drop.type': 'org.apache.kafka.connect.transforms.Filter',
      'transforms.drop.predicate': 'empty',
      'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
      'transforms.route.regex': '(.*)',
      'transforms.route.replacement': '$1-routed',
      'transforms.route.predicate': 'empty',
      'transforms.route.negate': 'true',
      predicates: 'empty',
      'predicates.empty.type': 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone',
    })
    source.push([{ value: null }, { value: 'kept' }])
    expect(await read(`${topic('out')}-routed`, 1)).toEqual([{ value: 'kept', headers: {} }])
  })

  it('creates topics as topic.creation says', async () => {
    await call('PUT', '/connectors/s/config', {
      ...sourceConfig(),
      'topic.creation.default.partitions': '3',
      'topic.creation.default.replication.factor': '1',
      'topic.creation.default.cleanup.policy': 'compact',
    })
    source.push([{ value: 'x', key: 'k' }])
    await until(() => source.acknowledged.length === 1)
    expect(log).toContain(`Creating topic '${topic('out')}' by group default: 3 partition(s), replication factor 1`)
  })
})

describe('a sink task', () => {
  it('gets every record, commits what it has put, and goes on there', async () => {
    await produce(topic('in'), 'a', 'b')
    await call('PUT', '/connectors/k/config', sinkConfig())
    await sink.until(2)
    const offset = { partition: { kafka_partition: 0, kafka_topic: topic('in') }, offset: { kafka_offset: 2 } }
    await until(
      async () =>
        JSON.stringify((await call('GET', '/connectors/k/offsets')).body) === JSON.stringify({ offsets: [offset] }),
    )
    await call('POST', '/connectors/k/tasks/0/restart')
    await produce(topic('in'), 'c')
    await sink.until(3)
    expect(sink.values).toEqual(['a', 'b', 'c'])
    expect(sink.closed).toEqual([`${topic('in')}-0`])
  })

  it('is given the same records again after a RetriableError', async () => {
    sink.onPut = failingFirst(2)
    await produce(topic('in'), 'a', 'b')
    await call('PUT', '/connectors/k/config', sinkConfig())
    await sink.until(2)
    expect(sink.values).toEqual(['a', 'b'])
    expect(sink.puts).toBe(3)
    expect(await taskState('k')).toBe('RUNNING')
  })

  it('goes back where its context says', async () => {
    let back = true
    sink.onPut = (records, context) => {
      if (back) context.offset({ topic: records[0]!.topic, partition: 0 }, 0)
      back = false
    }
    await produce(topic('in'), 'a')
    await call('PUT', '/connectors/k/config', sinkConfig())
    await sink.until(2)
    expect(sink.values).toEqual(['a', 'a'])
  })

  it('sends what it can not read to the dead letters, with where and why', async () => {
    await produce(topic('in'), 'no json', '{"x":1}')
    const config = sinkConfig({
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': topic('dead'),
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
    })
    await call('PUT', '/connectors/k/config', config)
    await sink.until(1)
    const [letter] = await read(topic('dead'), 1)
    expect(letter).toMatchObject({
      value: 'no json',
      headers: {
        '__connect.errors.topic': topic('in'),
        '__connect.errors.partition': '0',
        '__connect.errors.offset': '0',
        '__connect.errors.connector.name': 'k',
        '__connect.errors.task.id': '0',
        '__connect.errors.stage': 'VALUE_CONVERTER',
        '__connect.errors.class.name': 'org.apache.kafka.connect.json.JsonConverter',
        '__connect.errors.exception.class.name': 'org.apache.kafka.connect.errors.DataException',
      },
    })
  })

  it('reports errant records of its own', async () => {
    sink.onPut = (records, context) => {
      for (const record of records)
        if (record.value === 'bad') void context.reporter!(record, new Error('do not like it'))
    }
    await produce(topic('in'), 'good', 'bad')
    await call('PUT', '/connectors/k/config', {
      ...sinkConfig(),
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': topic('dead'),
      'errors.deadletterqueue.topic.replication.factor': '1',
    })
    expect(await read(topic('dead'), 1)).toEqual([{ value: 'bad', headers: {} }])
  })

  it('shares partitions with other tasks of its connector', async () => {
    await broker.createTopic(topic('in'), { partitions: 2 })
    await call('PUT', '/connectors/k/config', sinkConfig({ 'tasks.max': '2' }))
    await until(() => new Set(sink.opened).size === 2)
    await produce(topic('in'), ...Array.from({ length: 40 }, (_, i) => `${i}`))
    await sink.until(40)
    expect(new Set(sink.values).size).toBe(40)
  })

  it('pauses, resumes and stops; its offsets can be changed only then', async () => {
    await produce(topic('in'), 'a')
    await call('PUT', '/connectors/k/config', sinkConfig())
    await sink.until(1)
    await call('PUT', '/connectors/k/pause')
    await until(async () => (await taskState('k')) === 'PAUSED')
    await produce(topic('in'), 'b')
    await call('PUT', '/connectors/k/resume')
    await sink.until(2)
    const offsets = [{ partition: { kafka_topic: topic('in'), kafka_partition: 0 }, offset: { kafka_offset: 1 } }]
    expect((await call('PATCH', '/connectors/k/offsets', { offsets })).status).toBe(400)
    expect((await call('PUT', '/connectors/k/stop')).status).toBe(204)
    expect((await call('GET', '/connectors/k/status')).body).toMatchObject({
      connector: { state: 'STOPPED' },
      tasks: [],
    })
    expect(await call('PATCH', '/connectors/k/offsets', { offsets })).toMatchObject({ status: 200 })
    await call('PUT', '/connectors/k/resume')
    await sink.until(3)
    expect(sink.values).toEqual(['a', 'b', 'b'])
  })
})
