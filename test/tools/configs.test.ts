import { beforeEach, describe, expect, it } from 'vitest'
import * as configs from '../../src/tools/configs/command.ts'
import { configEntry, FakeAdmin, topic } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

let admin: FakeAdmin
const run = (command: string): Promise<Outcome> => runTool(configs, admin, command)

beforeEach(() => {
  admin = new FakeAdmin()
  admin.topics.set('orders', topic('orders', [{}]))
  admin.configs.set('topic/orders', [
    configEntry('retention.ms', '60000', {
      source: 'DYNAMIC_TOPIC_CONFIG',
      synonyms: [{ name: 'retention.ms', value: '60000', source: 'DYNAMIC_TOPIC_CONFIG' }],
    }),
    configEntry('segment.bytes', '1'),
  ])
})

describe('configs --describe', () => {
  it('shows what was set, or everything', async () => {
    const set = '  retention.ms=60000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=60000}'
    expect((await run('--describe --topic orders')).out).toEqual(['Dynamic configs for topic orders are:', set])
    expect((await run('--describe --entity-type topics --entity-name orders --all')).out).toEqual([
      'All configs for topic orders are:',
      set,
      '  segment.bytes=1 sensitive=false synonyms={}',
    ])
    expect((await run('--describe --entity-type topics')).out).toHaveLength(2)
    expect((await run('--describe --topic none')).out).toEqual([
      "The topic 'none' doesn't exist and doesn't have dynamic config.",
    ])
  })

  it('goes through all brokers and their default', async () => {
    expect((await run('--describe --entity-type brokers')).out).toEqual([
      'Dynamic configs for broker 1 are:',
      'Default configs for brokers in the cluster are:',
    ])
  })
})

describe('configs --alter', () => {
  it('sets and deletes', async () => {
    const { out } = await run(
      '--alter --topic orders --add-config retention.ms=1,cleanup.policy=[compact,delete] --delete-config a,b',
    )
    expect(out).toEqual(['Completed updating config for topic orders.'])
    expect(admin.changes).toEqual([
      [
        'configs',
        [
          [
            { type: 'topic', name: 'orders' },
            [
              { name: 'a', op: 'delete', value: '' },
              { name: 'b', op: 'delete', value: '' },
              { name: 'retention.ms', op: 'set', value: '1' },
              { name: 'cleanup.policy', op: 'set', value: 'compact,delete' },
            ],
          ],
        ],
      ],
    ])
    expect((await run('--alter --broker-defaults --add-config a=1')).out).toEqual([
      'Completed updating default config for brokers in the cluster.',
    ])
  })

  it.each([
    ['--describe', 'At least one entity type must be specified'],
    ['--describe --entity-type planets', 'Invalid entity type planets, the entity type must be one of topics, clients'],
    ['--describe --topic a --entity-type topics', 'Duplicate entity type(s) specified: topics'],
    ['--describe --user a --entity-type clients', '--entity-{type,name,default} should not be used in conjunction'],
    ['--describe --topic a!b', "Topic name is invalid: 'a!b' contains"],
    ['--describe --topic a --group b', "Only 'users' and 'clients' entity types may be specified together"],
    ['--describe --broker x', 'The entity name for brokers must be a valid integer broker id, but it is: x'],
    ['--describe --entity-type broker-loggers', 'An entity name must be specified with --describe of broker-loggers'],
    ['--alter --topic a', 'At least one of --add-config, --add-config-file, or --delete-config must be specified'],
    ['--alter --entity-type topics --add-config a=b', 'An entity name must be specified with --alter of topics'],
    ['--alter --entity-type brokers --add-config a=b', 'An entity-name or default entity must be specified'],
    ['--alter --topic a --add-config b', 'requirement failed: Invalid entity config'],
    ['--alter --topic a --add-config b!=1', 'Invalid character found for config key: b!'],
    ['--alter --user u --add-config a=1', 'Unexpected config names: Set(a)'],
    [
      '--alter --user u --add-config producer_byte_rate=x',
      'Cannot parse quota configuration value for producer_byte_rate: x',
    ],
    ['--alter --ip 1.1.1.1 --add-config a=1', "Only connection quota configs can be added for 'ips'"],
    [
      '--alter --user u --add-config SCRAM-SHA-256=[iterations=1,password=x]',
      'Iterations 1 is less than the minimum 4096',
    ],
    ['--alter --user-defaults --add-config SCRAM-SHA-256=[password=x]', 'is not allowed with User SCRAM Credentials'],
    ['--alter --user u --delete-config producer_byte_rate', 'Invalid config(s): producer_byte_rate'],
    ['--entity-what x', 'entity-what is not a recognized option'],
  ])('%s fails', async (args, message) => {
    const { code, err, out } = await run(args)
    expect([code, out]).toEqual([1, []])
    expect(err[0]).toContain(message)
  })

  it('names its arguments when the cluster refuses', async () => {
    admin.incrementalAlterConfigs = () => Promise.reject(new Error('Unknown topic config name: x'))
    expect(await run('--alter --topic orders --add-config x=1')).toEqual({
      code: 1,
      out: [],
      err: [
        "Error while executing config command with args '--bootstrap-server h:1 --alter --topic orders --add-config x=1'",
        'Unknown topic config name: x',
      ],
    })
  })
})

describe('configs of users and clients', () => {
  it('shows quotas and SCRAM credentials', async () => {
    const entity = new Map([
      ['user', 'u'],
      ['client-id', null],
    ])
    admin.quotas = [{ entity, values: new Map([['producer_byte_rate', 1e7]]) }]
    admin.scram.set('u', { ok: true, value: [{ mechanism: 'SCRAM-SHA-256', iterations: 8192 }] })
    expect((await run('--describe --entity-type users')).out).toEqual([
      "Quota configs for user-principal 'u', the default client-id are producer_byte_rate=1.0E7",
      "SCRAM credential configs for user-principal 'u' are SCRAM-SHA-256=iterations=8192",
    ])
    expect((await run('--describe --user u --client c')).out).toHaveLength(1)
  })

  it('sets them', async () => {
    const { out } = await run('--alter --user u --client-defaults --add-config producer_byte_rate=5')
    expect(out).toEqual(['Completed updating config for user u.'])
    expect(admin.asked).toEqual([
      [
        'quotas',
        [
          ['user', 'u'],
          ['client-id', null],
        ],
        [['producer_byte_rate', 5]],
      ],
    ])
    admin.asked = []
    await run('--alter --user u --add-config SCRAM-SHA-512=[password=x]')
    expect(admin.asked).toEqual([
      ['scram', [{ user: 'u', mechanism: 'SCRAM-SHA-512', iterations: 4096, password: 'x' }]],
    ])
  })
})
