import { beforeEach, describe, expect, it } from 'vitest'
import * as topics from '../../src/tools/topics/command.ts'
import { configEntry, FakeAdmin, node, topic } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

let admin: FakeAdmin
const run = (command: string): Promise<Outcome> => runTool(topics, admin, command)

beforeEach(() => {
  admin = new FakeAdmin()
  for (const name of ['orders', 'prices', '__consumer_offsets']) admin.topics.set(name, topic(name, [{}, {}]))
})

describe('topics --list', () => {
  it('sorts, filters by regular expression and can leave out internal topics', async () => {
    expect((await run('--list')).out).toEqual(['__consumer_offsets', 'orders', 'prices'])
    expect((await run('--list --exclude-internal')).out).toEqual(['orders', 'prices'])
    expect((await run('--list --topic or.*,pri')).out).toEqual(['orders'])
    expect((await run('--list --topic nothing')).out).toEqual([''])
    expect((await run('--list --topic [')).out).toEqual([
      'Error while executing topic command : [ is an invalid regex.',
    ])
  })

  it('closes the client and knows other formats', async () => {
    const { out } = await run('--list --exclude-internal --output json')
    expect(JSON.parse(out.join('\n'))).toEqual([{ topic: 'orders' }, { topic: 'prices' }])
    expect((await run('--list --exclude-internal --output yaml')).out).toEqual(['- topic: orders', '- topic: prices'])
    expect((await run('--list --exclude-internal --output table')).out[1]).toMatch(/^│ topic +│$/)
    expect((await run('--list --output xml')).code).toBe(1)
    expect(admin.closed).toBe(true)
  })
})

describe('topics --describe', () => {
  it('prints topic and partitions as Kafka does', async () => {
    admin.topics.set('orders', topic('orders', [{}, { leader: null, replicas: [node(1), node(2)] }]))
    admin.configs.set('topic/orders', [
      configEntry('retention.ms', '5', { source: 'DYNAMIC_TOPIC_CONFIG' }),
      configEntry('min.insync.replicas', '1'),
    ])
    expect((await run('--describe --topic orders')).out).toEqual([
      'Topic: orders\tTopicId: orders-id\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: retention.ms=5',
      '\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: ',
      '\tTopic: orders\tPartition: 1\tLeader: none\tReplicas: 1,2\tIsr: 1\tElr: \tLastKnownElr: ',
    ])
    const second = ['\tTopic: orders\tPartition: 1\tLeader: none\tReplicas: 1,2\tIsr: 1\tElr: \tLastKnownElr: ']
    expect((await run('--describe --under-replicated-partitions')).out).toEqual(second)
    expect((await run('--describe --unavailable-partitions')).out).toEqual(second)
    expect((await run('--describe --under-min-isr-partitions')).out).toEqual(second)
    expect((await run('--describe --topic orders --topics-with-overrides')).out).toHaveLength(1)
    expect((await run('--describe --topic prices --topics-with-overrides')).out).toEqual([])
  })

  it('complains about what is not there', async () => {
    expect(await run('--describe --topic none')).toEqual({
      code: 1,
      out: ["Error while executing topic command : Topic 'none' does not exist as expected"],
      err: [],
    })
    expect(await run('--describe --topic none --if-exists')).toEqual({ code: 0, out: [], err: [] })
    expect((await run('--describe --topic-id abc')).out[0]).toContain('decoded as 2 bytes')
  })

  it.each([
    ['a', 'Input byte[] should at least have 2 bytes for base64 bytes'],
    ['short', 'Last unit does not have enough valid bits'],
    ['a+b', 'Illegal base64 character 2b'],
    ['ab=', 'Input byte array has wrong 4-byte ending unit'],
    ['abc=d', 'Input byte array has incorrect ending byte at 4'],
  ])('refuses the id %s as Java does', async (id, message) => {
    expect((await run(`--describe --topic-id ${id}`)).out).toEqual([`Error while executing topic command : ${message}`])
  })

  it('says that an answer had no eligible leader replicas', async () => {
    admin.topics.set('byid', topic('byid', [{ elr: null, lastKnownElr: null }]))
    const { out } = await run('--describe --topic byid')
    expect(out[1]).toBe('\tTopic: byid\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: N/A\tLastKnownElr: N/A')
  })

  it('leaves to the broker what only it can know of a config', async () => {
    expect((await run('--create --topic tiered --config remote.storage.enable=true')).code).toBe(0)
  })
})

describe('topics --create, --alter, --delete', () => {
  it('creates with counts or an assignment', async () => {
    expect((await run('--create --topic new --partitions 3 --replication-factor 2 --config a=1')).out[0]).toContain(
      'Unknown topic config name: a',
    )
    expect((await run('--create --topic new.x --partitions 3 --config retention.ms=60000')).out).toEqual([
      expect.stringContaining('WARNING: Due to limitations in metric names'),
      'Created topic new.x.',
    ])
    expect(admin.changes).toEqual([
      [
        'create',
        {
          name: 'new.x',
          numPartitions: 3,
          replicationFactor: undefined,
          configs: new Map([['retention.ms', '60000']]),
        },
      ],
    ])
    await run('--create --topic other --replica-assignment 1:2,2:1')
    expect(admin.changes[1]).toEqual([
      'create',
      {
        name: 'other',
        replicasAssignments: new Map([
          [0, [1, 2]],
          [1, [2, 1]],
        ]),
        configs: new Map(),
      },
    ])
  })

  it.each([
    ['--topic orders', "Topic 'orders' already exists."],
    ['--topic n --partitions 0', 'The partitions must be greater than 0'],
    ['--topic n --replication-factor 40000', 'The replication factor must be between 1 and 32767 inclusive'],
    ['--topic n --replica-assignment 1:1', 'Partition replica lists may not contain duplicate entries: 1'],
    ['--topic n --replica-assignment 1:2,3', 'Partition 1 has different replication factor: [3]'],
    ['--topic n --replica-assignment 1:x', 'For input string: "x"'],
    ['--topic n --config retention.ms', 'requirement failed: Invalid topic config'],
  ])('--create %s fails', async (args, message) => {
    const { code, out } = await run(`--create ${args}`)
    expect(code).toBe(1)
    expect(out[0]).toContain(`Error while executing topic command : ${message}`)
  })

  it('keeps quiet about an existing topic when told to', async () => {
    expect(await run('--create --topic orders --if-not-exists')).toEqual({ code: 0, out: [], err: [] })
  })

  it('alters and deletes everything that matches', async () => {
    await run('--alter --topic orders|prices --partitions 4')
    await run('--alter --topic orders --partitions 4 --replica-assignment 1,2,3,4')
    await run('--delete --topic o.*')
    expect(admin.changes).toEqual([
      [
        'partitions',
        [
          ['orders', { totalCount: 4 }],
          ['prices', { totalCount: 4 }],
        ],
      ],
      ['partitions', [['orders', { totalCount: 4, assignments: [[3], [4]] }]]],
      ['delete', ['orders']],
    ])
  })
})

describe('topics: options that do not go together', () => {
  it.each([
    ['--list --create --topic c', 'Command must include exactly one action'],
    ['--list --partitions 2', 'Option "[partitions]" can\'t be used with option "[list]"'],
    ['--create', 'Missing required argument "[topic]"'],
    ['--alter --topic a', 'Missing required argument "[partitions]"'],
    ['--create --topic a --replica-assignment 1 --partitions 1', 'Option "[replica-assignment]" can\'t be used'],
    ['--describe --under-replicated-partitions --topics-with-overrides', 'Option "[under-replicated-partitions]"'],
    ['--describe --if-exists', '--topic or --topic-id is required to describe a topic'],
  ])('%s', async (args, message) => {
    const { code, out, err } = await run(args)
    expect(code).toBe(1)
    expect(out).toEqual([])
    expect(err[0]).toContain(message)
    expect(err[1]).toMatch(/^Option\s+Description$/)
  })
})
