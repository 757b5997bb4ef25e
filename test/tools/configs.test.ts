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
    ['--alter --topic a --add-config b$=1', 'Invalid character found for config key: b$'],
    ['--describe --user u', 'come with a later version of kt; nothing was changed'],
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
