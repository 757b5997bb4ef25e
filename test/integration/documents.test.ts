import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { commandLoaders } from '../../src/cli/commands.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../src/protocol/generated/88-streams-group-heartbeat.ts'
import { namedSchemas } from '../../src/tools/schema/documents.ts'
import { TestClient } from '../broker/in-process.ts'
import { MemoryOutput, memoryIo } from '../cli/memory-io.ts'
import { Sandbox } from './kt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

const schemas = new Map(namedSchemas().map(({ name, schema }) => [name, schema]))
type Rows = Record<string, unknown>[]

let broker: TestBroker
let dir: string
/** Schemas that a real output with rows has passed. */
const proven = new Set<string>()

const kt = async (command: string, args: readonly string[], env: Record<string, string> = {}) => {
  const io = memoryIo([], { KT_BOOTSTRAP_SERVER: broker.bootstrapServers, ...env })
  const code = await runCommand(await commandLoaders[command]!(), args, io)
  return { code, out: io.out.text, err: io.err.text }
}

/** Runs an action, once; its document has to fit its schema. */
const rowsOf = async (name: string, command: string, args: string): Promise<Rows> => {
  const { code, out, err } = await kt(command, [...args.split(' ').filter(Boolean), '--output', 'json'])
  expect([code, err], `kt ${command} ${args}\n${err}`).toEqual([0, expect.anything()])
  const rows = JSON.parse(out) as Rows
  schemas.get(name)!.parse(rows)
  if (rows.length > 0) proven.add(name)
  return rows
}

/** What moves from one moment to the next. */
const moving =
  /"(durationMs|highWatermark|logEndOffset|last\w+TimestampMs|lag|usableBytes|sizeBytes|timeBehindMs|tookMs)":-?[\d.]+/g
const still = (rows: unknown): string => JSON.stringify(rows).replace(moving, '')

/** The same for an action that changes nothing: it has to say the same as YAML, and have rows. */
const readsAs = async (name: string, command: string, args: string): Promise<Rows> => {
  const rows = await rowsOf(name, command, args)
  expect(rows, `kt ${command} ${args}`).not.toEqual([])
  const { code, out } = await kt(command, [...args.split(' ').filter(Boolean), '--output', 'yaml'])
  expect(code).toBe(0)
  expect(still(parse(out))).toBe(still(rows))
  return rows
}

/** A file with this JSON. */
const jsonFile = (name: string, value: unknown): string => {
  const path = join(dir, name)
  writeFileSync(path, JSON.stringify(value))
  return path
}

/** A consumer that goes on reading; resolves when it has printed something. */
const reading = async (command: string, args: readonly string[]) => {
  const io = memoryIo([], { KT_BOOTSTRAP_SERVER: broker.bootstrapServers })
  let started = (): void => {}
  const hasRead = new Promise<void>((resolve) => {
    started = resolve
  })
  io.out = new (class extends MemoryOutput {
    override write(data: string | Buffer): void {
      super.write(data)
      started()
    }
  })()
  const ended = runCommand(await commandLoaders[command]!(), args, io)
  await Promise.race([hasRead, ended.then(() => expect.fail(`${command} ended: ${io.err.text}`))])
  return async (): Promise<void> => {
    io.interrupt()
    await ended
  }
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kt-documents-'))
  broker = await startTestBroker({
    topics: [{ name: 'orders', partitions: 2, configs: { 'retention.ms': '60000' } }, 'lines'],
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'group.streams.initial.rebalance.delay.ms': '0',
    },
  })
  for (const topic of ['orders', 'lines']) {
    const io = memoryIo(['a\nb\nc\n'], { KT_BOOTSTRAP_SERVER: broker.bootstrapServers })
    expect(await runCommand(await commandLoaders['console-producer']!(), ['--topic', topic], io)).toBe(0)
  }
})
afterAll(async () => {
  await broker.stop()
  await rm(dir, { recursive: true, force: true })
})

describe('documents of a real broker', () => {
  it('topics, offsets, configs', async () => {
    expect(await readsAs('topics-list', 'topics', '--list --exclude-internal')).toEqual([
      { topic: 'lines' },
      { topic: 'orders' },
    ])
    const [orders] = await readsAs('topics-describe', 'topics', '--describe --topic orders')
    expect(orders).toMatchObject({ partitionCount: 2, configs: { 'retention.ms': '60000' } })
    await readsAs('topics-describe', 'topics', '--describe --topics-with-overrides')
    for (const filter of ['under-replicated', 'unavailable', 'under-min-isr']) {
      expect(await rowsOf('topics-describe', 'topics', `--describe --${filter}-partitions`)).toEqual([])
    }
    await readsAs('topics-describe', 'topics', '--describe --at-min-isr-partitions')
    await readsAs('get-offsets', 'get-offsets', '--topic orders')
    const own = await readsAs('configs-describe', 'configs', '--describe --topic orders')
    expect(own).toMatchObject([
      { entityName: 'orders', name: 'retention.ms', value: '60000', synonyms: expect.any(Array) },
    ])
    await readsAs('configs-describe', 'configs', '--describe --broker 1 --all')
    await rowsOf('configs-describe', 'configs', '--describe --broker-defaults')
  })

  it('quotas and SCRAM', async () => {
    expect(await rowsOf('configs-describe-quotas', 'configs', '--describe --entity-type users')).toEqual([])
    const scram = 'SCRAM-SHA-256=[iterations=4096,password=x]'
    await rowsOf('messages', 'configs', `--alter --user alice --add-config ${scram}`)
    await rowsOf(
      'messages',
      'configs',
      '--alter --user alice --client-defaults --add-config producer_byte_rate=1048576',
    )
    await rowsOf('messages', 'configs', '--alter --ip-defaults --add-config connection_creation_rate=9000')
    const users = await readsAs('configs-describe-quotas', 'configs', '--describe --user alice')
    expect(users).toContainEqual({ kind: 'scram', user: 'alice', mechanism: 'SCRAM-SHA-256', iterations: 4096 })
    const both = await readsAs('configs-describe-quotas', 'configs', '--describe --user alice --client-defaults')
    expect(both).toMatchObject([
      { user: 'alice', clientId: null, defaults: ['clientId'], quotas: { producer_byte_rate: 1048576 } },
    ])
    await readsAs('configs-describe-quotas', 'configs', '--describe --ip-defaults')
  })

  it.each(['classic', 'consumer'])('consumer groups of the %s protocol', async (protocol) => {
    const group = `readers-${protocol}`
    const stop = await reading('console-consumer', [
      ...['--topic', 'orders', '--group', group, '--from-beginning'],
      ...['--command-property', `group.protocol=${protocol}`],
    ])
    const describeGroup = `--describe --group ${group}`
    const [state] = await readsAs('consumer-groups-state', 'consumer-groups', `${describeGroup} --state --verbose`)
    expect(state).toMatchObject({ group, type: protocol, state: 'Stable', coordinator: 1, memberCount: 1 })
    const [member] = await readsAs('consumer-groups-members', 'consumer-groups', `${describeGroup} --members --verbose`)
    expect(member).toMatchObject({ group, partitionCount: 2 })
    const busy = await kt('consumer-groups', `--delete --group ${group} --output json`.split(' '))
    schemas.get('consumer-groups-delete')!.parse(JSON.parse(busy.out))
    expect(busy.code).toBe(1)
    const { error } = JSON.parse(busy.err) as { error: object }
    expect(error).toMatchObject({ name: 'NON_EMPTY_GROUP', failures: [{ group, name: 'NON_EMPTY_GROUP' }] })
    await stop()
    await readsAs('consumer-groups-offsets', 'consumer-groups', `${describeGroup} --offsets`)
    await readsAs('consumer-groups-list', 'consumer-groups', '--list')
    await readsAs('consumer-groups-list', 'consumer-groups', '--list --state')
    await readsAs('groups-list', 'groups', '--list')
    const reset = `--reset-offsets --group ${group} --topic orders --to-earliest --execute`
    expect(await rowsOf('consumer-groups-reset-offsets', 'consumer-groups', reset)).toContainEqual({
      ...{ group, topic: 'orders', partition: 0, newOffset: 0 },
    })
    await readsAs('consumer-groups-offsets', 'consumer-groups', '--describe --all-groups')
    await rowsOf(
      'consumer-groups-delete-offsets',
      'consumer-groups',
      `--delete-offsets --group ${group} --topic orders:0`,
    )
    await rowsOf('consumer-groups-delete', 'consumer-groups', `--delete --group ${group}`)
  })

  it('share groups', async () => {
    await rowsOf('messages', 'configs', '--alter --group queue --add-config share.auto.offset.reset=earliest')
    const stop = await reading('console-share-consumer', ['--topic', 'orders', '--group', 'queue'])
    await readsAs('share-groups-list', 'share-groups', '--list')
    await readsAs('share-groups-members', 'share-groups', '--describe --group queue --members')
    await readsAs('share-groups-state', 'share-groups', '--describe --group queue --state')
    await stop()
    await readsAs('share-groups-offsets', 'share-groups', '--describe --group queue')
    await readsAs('lag', 'lag', 'queue --partitions')
    await rowsOf(
      'share-groups-reset-offsets',
      'share-groups',
      '--reset-offsets --group queue --topic orders --to-earliest --execute',
    )
    await rowsOf('share-groups-delete-offsets', 'share-groups', '--delete-offsets --group queue --topic orders')
    await rowsOf('share-groups-delete', 'share-groups', '--delete --group queue')
  })

  it('streams groups', async () => {
    const client = await TestClient.connect(broker.port)
    const noTasks = { activeTasks: [], standbyTasks: [], warmupTasks: [] }
    const topology = { epoch: 0, subtopologies: [{ subtopologyId: '0', sourceTopics: ['lines'] }] }
    const beat = (memberEpoch: number, more: object) =>
      client.request(StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, 0, {
        ...{ groupId: 'app', memberId: 'm', memberEpoch, endpointInformationEpoch: -1, ...more },
      })
    await kt('streams-groups', ['--describe', '--group', 'app'])
    const { memberEpoch } = await beat(0, { rebalanceTimeoutMs: 60_000, processId: 'p', topology, ...noTasks })
    await beat(memberEpoch, noTasks)
    await readsAs('streams-groups-list', 'streams-groups', '--list')
    const [member] = await readsAs('streams-groups-members', 'streams-groups', '--describe --group app --members')
    expect(member).toMatchObject({ assignment: { active: [{ subtopologyId: '0', partitions: [0] }] } })
    await readsAs('streams-groups-state', 'streams-groups', '--describe --group app --state')
    await readsAs('streams-groups-offsets', 'streams-groups', '--describe --group app')
    await beat(-1, {})
    client.close()
    const reset = '--reset-offsets --group app --input-topic lines --to-latest --execute'
    const outcome = await kt('streams-groups', `${reset} --output json`.split(' '))
    expect([outcome.code, JSON.parse(outcome.out)]).toEqual([1, []])
    expect(outcome.err).toContain("One or more topics are not part of the group 'app'.")
    await rowsOf('streams-groups-delete', 'streams-groups', '--delete --group app')
  })

  it('transactions', async () => {
    const producer = (await broker.kafkajs()).producer({
      transactionalId: 'tx',
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'orders', messages: [{ value: 'x', partition: 0 }] })
    await readsAs('transactions-list', 'transactions', 'list')
    const [open] = await readsAs('transactions-describe', 'transactions', 'describe --transactional-id tx')
    expect(open).toMatchObject({ state: 'Ongoing', partitions: [{ topic: 'orders', partition: 0 }] })
    const producers = 'describe-producers --topic orders --partition 0'
    await readsAs('transactions-describe-producers', 'transactions', producers)
    expect(await rowsOf('transactions-find-hanging', 'transactions', 'find-hanging --topic orders')).toEqual([])
    await transaction.commit()
    await producer.disconnect()
  })

  it('ACLs, client metrics, features', async () => {
    expect(await rowsOf('acls-list', 'acls', '--list')).toEqual([])
    await rowsOf('messages', 'acls', '--add --allow-principal User:bob --operation Read --topic orders')
    expect(await readsAs('acls-list', 'acls', '--list')).toMatchObject([
      { resourceName: 'orders', principal: 'User:bob' },
    ])
    expect(await rowsOf('client-metrics-list', 'client-metrics', '--list')).toEqual([])
    await rowsOf('messages', 'client-metrics', '--alter --name m --interval 5000')
    expect(await readsAs('client-metrics-list', 'client-metrics', '--list')).toEqual([{ subscription: 'm' }])
    await readsAs('client-metrics-describe', 'client-metrics', '--describe --name m')
    await readsAs('features-describe', 'features', 'describe')
    for (const command of ['features', 'storage']) {
      await readsAs(`${command}-version-mapping`, command, 'version-mapping --release-version 4.0')
      const dependencies = 'feature-dependencies --feature transaction.version=2 --feature metadata.version=20'
      await readsAs(`${command}-feature-dependencies`, command, dependencies)
    }
  })

  it('the cluster', async () => {
    expect(await readsAs('cluster-id', 'cluster', 'cluster-id')).toEqual([{ clusterId: broker.clusterId }])
    await readsAs('cluster-list-endpoints', 'cluster', 'list-endpoints')
    await readsAs('broker-api-versions', 'broker-api-versions', '')
    await readsAs('metadata-quorum-status', 'metadata-quorum', 'describe --status')
    await readsAs('metadata-quorum-replication', 'metadata-quorum', 'describe --replication')
    const [first] = await readsAs('log-dirs-describe', 'log-dirs', '--describe --topic-list orders')
    expect(first).toMatchObject({ nodeId: 1, error: null, replicas: [{ topic: 'orders' }, { topic: 'orders' }] })
    await readsAs('leader-election', 'leader-election', '--election-type preferred --topic orders --partition 0')
    expect(await rowsOf('reassign-partitions-list', 'reassign-partitions', '--list')).toEqual([])
    const place = { topic: 'orders', partition: 0, replicas: [1], log_dirs: [first!.logDir] }
    const plan = jsonFile('plan.json', {
      version: 1,
      partitions: [place, { topic: 'orders', partition: 1, replicas: [2] }],
    })
    const verified = `--verify --reassignment-json-file ${plan} --preserve-throttles`
    expect(await readsAs('reassign-partitions-verify', 'reassign-partitions', verified)).toMatchObject([
      { kind: 'partition', partition: 0, state: 'completed', replicas: [1] },
      { kind: 'partition', partition: 1, state: 'inactive', replicas: [1], targetReplicas: [2] },
      { kind: 'replica', partition: 0, state: 'completed' },
    ])
    const offsets = { version: 1, partitions: [{ topic: 'lines', partition: 0, offset: 2 }] }
    const file = jsonFile('offsets.json', offsets)
    expect(await rowsOf('delete-records', 'delete-records', `--offset-json-file ${file}`)).toEqual([
      { topic: 'lines', partition: 0, lowWatermark: 2, error: null },
    ])
    await readsAs('schema-list', 'schema', '')
    await readsAs('doctor', 'doctor', '')
    const named = { KT_CONFIG_DIR: dir, KT_STATE_DIR: dir }
    const own = async (name: string, command: string, args: string[]) => {
      const { out, err } = await kt(command, [...args, '--output', 'json'], named)
      expect(schemas.get(name)!.parse(JSON.parse(out)), err).not.toEqual([])
      proven.add(name)
    }
    await kt('profile', ['add', 'here', '--bootstrap-server', broker.bootstrapServers], named)
    await own('profile-list', 'profile', ['list'])
    await own('profile-show', 'profile', ['show', 'here'])
    await kt('configs', ['--alter', '--topic', 'orders', '--add-config', 'retention.ms=86400000'], named)
    await own('undo-list', 'undo', ['--list'])
  })

  it('names what failed of several things, with an error of its own', async () => {
    const partitions = [
      { topic: 'lines', partition: 0, offset: 99 },
      { topic: 'orders', partition: 0, offset: 0 },
    ]
    const file = jsonFile('too-far.json', { version: 1, partitions })
    const plain = await kt('delete-records', ['--offset-json-file', file])
    expect([plain.code, plain.err]).toEqual([0, ''])
    const { code, out, err } = await kt('delete-records', ['--offset-json-file', file, '--output', 'json'])
    expect(code).toBe(1)
    const rows = schemas.get('delete-records')!.parse(JSON.parse(out)) as Rows
    expect(rows.find((row) => row.topic === 'orders')).toMatchObject({ lowWatermark: 0, error: null })
    const { error } = schemas.get('error')!.parse(JSON.parse(err)) as { error: object }
    expect(error).toMatchObject({ name: 'OFFSET_OUT_OF_RANGE', failures: [{ topic: 'lines', partition: 0 }] })
  })

  it('log files, a line each', async () => {
    const folders = readdirSync(broker.dataDir).filter((name) =>
      /^(orders|lines|__cluster_metadata|__transaction)/.test(name),
    )
    // Kafka's metadata log grows twice a second.
    const copies = join(dir, 'log-copies')
    for (const folder of folders) cpSync(join(broker.dataDir, folder), join(copies, folder), { recursive: true })
    const files = folders.flatMap((folder) =>
      readdirSync(join(copies, folder))
        .filter((name) => /\.(log|index|timeindex)$/.test(name))
        .map((name) => join(copies, folder, name)),
    )
    const args = ['--deep-iteration', '--max-message-size', '5242880', '--files', files.join(',')]
    const json = await kt('dump-log', [...args, '--output', 'json'])
    expect([json.code, json.out === '']).toEqual([0, false])
    const rows = json.out
      .trimEnd()
      .split('\n')
      .map((line) => schemas.get('dump-log')!.parse(JSON.parse(line)) as Rows[number])
    const kinds = ['file', 'batch', 'record', 'offsetIndexEntry', 'timeIndexEntry']
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(kinds))
    expect(rows.find((row) => row.control !== null && row.kind === 'record')).toBeDefined()
    const yaml = await kt('dump-log', [...args, '--output', 'yaml'])
    expect(parseAllDocuments(yaml.out).map((one) => one.toJS() as unknown)).toEqual(rows)
    const log = files.find((name) => name.includes('__cluster_metadata') && name.endsWith('.log'))!
    const decoded = await kt('dump-log', ['--cluster-metadata-decoder', '--files', log, '--output', 'json'])
    expect(decoded.out).toContain('"value":{"type":"TOPIC_RECORD"')
    expect((await kt('dump-log', [...args, '--output', 'table'])).err).toContain('A dump is a stream')
    proven.add('dump-log')
  })

  it('storage', async () => {
    const config = join(dir, 'server.properties')
    const lines = ['process.roles=broker,controller', 'node.id=1', 'listeners=PLAINTEXT://:9092,CONTROLLER://:9093']
    const quorum = ['controller.listener.names=CONTROLLER', 'controller.quorum.bootstrap.servers=localhost:9093']
    writeFileSync(config, [...lines, ...quorum, `log.dirs=${broker.dataDir}`].join('\n'))
    await readsAs('storage-info', 'storage', `info -c ${config}`)
    writeFileSync(config, [...lines, ...quorum, `log.dirs=${join(dir, 'nowhere')}`].join('\n'))
    const { code, out, err } = await kt('storage', ['info', '-c', config, '--output', 'json'])
    expect([code, (JSON.parse(out) as Rows)[0]]).toMatchObject([1, { metadata: null, problems: [/does not exist/] }])
    expect(JSON.parse(err)).toMatchObject({ error: { failures: [{ kind: 'other' }] } })
  })
})

it('are what connect-plugin-path finds', async () => {
  const path = join(dir, 'plugins')
  mkdirSync(path)
  const plugin = `{ type: 'predicate', className: 'example.Some', version: '2', configs: [], make: () => ({ configure() {}, test: () => true }) }`
  writeFileSync(join(path, 'some.mjs'), `export default ${plugin}\n`)
  const rows = await readsAs('connect-plugin-path-list', 'connect-plugin-path', `list --plugin-path ${path}`)
  expect(rows).toMatchObject([{ plugin: 'example.Some', type: 'predicate' }])
})

describe('the built kt', () => {
  it('keeps the streams apart, and ends as the document says', async () => {
    const box = new Sandbox()
    try {
      const stopped = await box.run(['broker', 'status', '--output', 'json'])
      expect([stopped.code, stopped.stderr]).toEqual([3, ''])
      schemas.get('broker-status')!.parse(JSON.parse(stopped.stdout))
      const started = await box.run(['broker', 'start', '--port', '0', '--output', 'json'])
      expect(schemas.get('broker-start')!.parse(JSON.parse(started.stdout))).toMatchObject([{ isStarted: true }])
      const status = await box.run(['broker', 'status'], { KT_OUTPUT: 'yaml' })
      expect(schemas.get('broker-status')!.parse(parse(status.stdout))).toMatchObject([{ status: 'running' }])
      const created = await box.run(['topics', '--create', '--topic', 'a'], { KT_OUTPUT: 'json' })
      expect(JSON.parse(created.stdout)).toEqual([{ message: 'Created topic a.' }])
      const twice = await box.run(['topics', '--create', '--topic', 'a'], { KT_OUTPUT: 'json' })
      expect([twice.code, twice.stdout]).toEqual([1, ''])
      expect(schemas.get('error')!.parse(JSON.parse(twice.stderr))).toMatchObject({
        error: { kind: 'broker', name: 'TOPIC_ALREADY_EXISTS', exitCode: 1 },
      })
      const wrong = await box.run(['topics', '--lst', '--output', 'json'])
      expect(schemas.get('error')!.parse(JSON.parse(wrong.stderr))).toMatchObject({ error: { kind: 'usage' } })
      const missing = ['consumer-groups', '--describe', '--group', 'nobody']
      const plain = await box.run(missing)
      expect([plain.code, plain.stderr]).toEqual([0, ''])
      const machine = await box.run([...missing, '--output', 'yaml'])
      expect([machine.code, machine.stdout]).toEqual([1, ''])
      expect(parse(machine.stderr)).toMatchObject({ error: { name: 'GROUP_ID_NOT_FOUND' } })
      const ended = await box.run(['broker', 'stop', '--output', 'json'])
      expect(schemas.get('broker-stop')!.parse(JSON.parse(ended.stdout))).toMatchObject([{ isStopped: true }])
    } finally {
      await box.close()
    }
  })
})

it('are what measurements come to', async () => {
  const [size, count] = ['--record-size 10', '--num-records 20']
  const written = await rowsOf(
    'producer-perf-test',
    'producer-perf-test',
    `--topic perf ${size} ${count} --throughput -1`,
  )
  expect(written).toMatchObject([{ recordCount: 20, sizeBytes: 200, isSteadyState: false }])
  expect(await rowsOf('consumer-perf-test', 'consumer-perf-test', `--topic perf ${count}`)).toMatchObject([
    { recordCount: 20, sizeBytes: 200 },
  ])
  await kt(
    'configs',
    '--alter --entity-type groups --entity-name sp --add-config share.auto.offset.reset=earliest'.split(' '),
  )
  const shared = `--topic perf ${count} --group sp --show-consumer-stats`
  expect(await rowsOf('share-consumer-perf-test', 'share-consumer-perf-test', shared)).toMatchObject([
    { clientId: 'perf-share-consumer-client', recordCount: 20 },
    { clientId: null, recordCount: 20 },
  ])
  const latency = `--topic perf ${size} ${count} --producer-acks 1`
  expect(await rowsOf('e2e-latency', 'e2e-latency', latency)).toMatchObject([{ topic: 'perf', recordCount: 20 }])
})

it('has seen rows of every schema that a single broker can fill', () => {
  const elsewhere = ['error', 'broker-status', 'broker-start', 'broker-stop']
  const unfilled = [...schemas.keys()].filter((name) => !proven.has(name) && !elsewhere.includes(name))
  expect(unfilled).toEqual([
    'streams-groups-reset-offsets',
    'streams-groups-delete-offsets',
    'transactions-find-hanging',
    'delegation-tokens-describe',
    'reassign-partitions-list',
  ])
})
