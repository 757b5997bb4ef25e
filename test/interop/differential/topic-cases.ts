import * as api from './apis.ts'
import { UNKNOWN_ID } from './metadata-cases.ts'
import type { AskOf, Session } from './session.ts'

const LONG_NAME = 'n'.repeat(250)
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'
const BAD_CONFIGS: [string, string | null][] = [
  ['retention.ms', 'x'],
  ['retention.ms', '-2'],
  ['retention.ms', ''],
  ['retention.ms', null],
  ['no.such.config', '1'],
  ['cleanup.policy', 'burn'],
  ['cleanup.policy', ''],
  ['cleanup.policy', 'compact,delete,compact'],
  ['segment.bytes', '1'],
  ['segment.bytes', '99999999999'],
  ['segment.bytes', '1048575'],
  ['max.message.bytes', '-1'],
  ['compression.type', 'rar'],
  ['compression.gzip.level', '99'],
  ['compression.gzip.level', '0'],
  ['compression.lz4.level', '0'],
  ['compression.zstd.level', '-200000'],
  ['min.cleanable.dirty.ratio', '2'],
  ['min.cleanable.dirty.ratio', 'half'],
  ['min.insync.replicas', '0'],
  ['unclean.leader.election.enable', 'maybe'],
  ['message.timestamp.type', 'Whenever'],
  ['message.format.version', '2.0'],
  ['message.downconversion.enable', 'false'],
  ['leader.replication.throttled.replicas', 'x'],
  ['leader.replication.throttled.replicas', '0:1,1:1'],
  ['follower.replication.throttled.replicas', '*'],
  ['remote.storage.enable', 'true'],
  ['remote.storage.enable', 'yes'],
  ['local.retention.ms', '99999999999999'],
  ['local.retention.bytes', '-3'],
  ['remote.log.copy.disable', 'true'],
  ['segment.ms', '0'],
  ['segment.jitter.ms', '-1'],
  ['index.interval.bytes', '-1'],
  ['flush.messages', '0'],
  ['file.delete.delay.ms', '-1'],
  ['preallocate', '1'],
  ['', 'x'],
]

const newTopic = (name: string, more: object = {}): object => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  ...more,
})
const creation = (name: string, more: object = {}, all: object = {}): object => ({
  timeoutMs: 5000,
  topics: [newTopic(name, more)],
  ...all,
})

type Creations = AskOf<typeof api.createTopics>

async function assignments(ask: Creations, v: number): Promise<void> {
  const assigned = (...lists: [number, number[]][]): object => ({
    numPartitions: -1,
    replicationFactor: -1,
    assignments: lists.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds })),
  })
  await ask('assigned', creation(`ct-as-${v}`, assigned([0, [1]], [1, [1]])))
  await ask('assigned and counted', creation(`ct-a1-${v}`, { ...assigned([0, [1]]), numPartitions: 1 }))
  await ask('assigned and factor', creation(`ct-a2-${v}`, { ...assigned([0, [1]]), replicationFactor: 1 }))
  await ask('assigned to nobody', creation(`ct-a3-${v}`, assigned([0, []])))
  await ask('assigned to unknown', creation(`ct-a4-${v}`, assigned([0, [7]])))
  await ask('assigned twice to one', creation(`ct-a5-${v}`, assigned([0, [1, 1]])))
  await ask('assigned with a hole', creation(`ct-a6-${v}`, assigned([0, [1]], [2, [1]])))
  await ask('assigned from 1', creation(`ct-a7-${v}`, assigned([1, [1]])))
  await ask('assigned partition twice', creation(`ct-a8-${v}`, assigned([0, [1]], [0, [1]])))
  await ask('assigned unequal', creation(`ct-a9-${v}`, assigned([0, [1]], [1, [1, 2]])))
  await ask('assigned negative', creation(`ct-a10-${v}`, assigned([-1, [1]])))
  await ask('assigned negative broker', creation(`ct-a11-${v}`, assigned([0, [-1]])))
}

async function configsOfNew(ask: Creations, v: number): Promise<void> {
  for (const [name, value] of BAD_CONFIGS)
    await ask(`config ${name}=${value}`, creation(`ct-c-${v}`, { configs: [{ name, value }] }, { validateOnly: true }))
  await ask(
    'configs',
    creation(`ct-cf-${v}`, {
      configs: [
        { name: 'retention.ms', value: '5000' },
        { name: 'cleanup.policy', value: 'compact' },
      ],
    }),
  )
  await ask(
    'config twice',
    creation(`ct-ct-${v}`, {
      configs: [
        { name: 'retention.ms', value: '5000' },
        { name: 'retention.ms', value: '6000' },
      ],
    }),
  )
  await ask(
    'two bad configs',
    creation(`ct-cb-${v}`, {
      configs: [
        { name: 'no.such', value: '5000' },
        { name: 'segment.bytes', value: 'x' },
      ],
    }),
  )
}

export async function createTopics(s: Session): Promise<void> {
  await s.topic('ct-there')
  await s.everyVersion(api.createTopics, async (ask, v) => {
    await ask('good', creation(`ct-good-${v}`))
    await ask('only validated', creation(`ct-val-${v}`, { numPartitions: 3 }, { validateOnly: true }))
    await ask('only validated, there', creation('ct-there', {}, { validateOnly: true }))
    await ask('defaults', creation(`ct-def-${v}`, { numPartitions: -1, replicationFactor: -1 }))
    await ask('there', creation('ct-there'))
    await ask('colliding', creation('ct.there'))
    await ask('twice', {
      timeoutMs: 5000,
      topics: [newTopic(`ct-tw-${v}`), newTopic(`ct-tw-${v}`), newTopic(`ct-ok-${v}`)],
    })
    await ask('none', { timeoutMs: 5000 })
    await ask('timeout 0', creation(`ct-t0-${v}`, {}, { timeoutMs: 0, validateOnly: true }))
    for (const name of [
      '',
      '.',
      '..',
      'a b',
      LONG_NAME,
      'ü',
      '__cluster_metadata',
      '__consumer_offsets',
      '__share_group_state',
      '__transaction_state',
      '__x',
    ])
      await ask(`name ${name.slice(0, 20)}`, creation(name, {}, { validateOnly: true }))
    for (const numPartitions of [0, -2, 10001, 2147483647])
      await ask(`partitions ${numPartitions}`, creation(`ct-p-${v}`, { numPartitions }))
    for (const replicationFactor of [0, -2, 2, 300, 32767])
      await ask(`replication ${replicationFactor}`, creation(`ct-r-${v}`, { replicationFactor }))
    await assignments(ask, v)
    await configsOfNew(ask, v)
  })
}

export async function deleteTopics(s: Session): Promise<void> {
  await s.everyVersion(api.deleteTopics, async (ask, v) => {
    await s.topic(`dt-a-${v}`, 2)
    const id = await s.topic(`dt-b-${v}`)
    await s.topic(`dt-c-${v}`)
    const named = (...names: string[]): object =>
      v >= 6 ? { timeoutMs: 5000, topics: names.map((name) => ({ name })) } : { timeoutMs: 5000, topicNames: names }
    await ask('good', named(`dt-a-${v}`))
    await ask('again', named(`dt-a-${v}`))
    await ask('unknown', named('dt-x'))
    await ask('unknown and known twice', named('dt-x', `dt-c-${v}`, `dt-c-${v}`))
    await ask('none', named())
    await ask('invalid', named('a b', '', LONG_NAME))
    await ask('internal', named('__transaction_state'))
    await ask('by id', { timeoutMs: 5000, topics: [{ name: null, topicId: id }] })
    await ask('by id again', { timeoutMs: 5000, topics: [{ name: null, topicId: id }] })
    await ask('unknown id', { timeoutMs: 5000, topics: [{ name: null, topicId: UNKNOWN_ID }] })
    await ask('zero id', { timeoutMs: 5000, topics: [{ name: null, topicId: NO_ID }] })
    if (v >= 6) {
      const both = await s.topic(`dt-d-${v}`)
      await ask('id and name', { timeoutMs: 5000, topics: [{ name: `dt-d-${v}`, topicId: both }] })
      await ask('id twice', {
        timeoutMs: 5000,
        topics: [
          { name: null, topicId: both },
          { name: null, topicId: both },
        ],
      })
      await ask('id and its name', {
        timeoutMs: 5000,
        topics: [
          { name: null, topicId: both },
          { name: `dt-d-${v}`, topicId: NO_ID },
        ],
      })
    }
  })
}

export async function createPartitions(s: Session): Promise<void> {
  await s.topic('cp-a', 2)
  await s.everyVersion(api.createPartitions, async (ask, v) => {
    const one = (name: string, count: number, more: object = {}, all: object = {}): object => ({
      timeoutMs: 5000,
      topics: [{ name, count, assignments: null, ...more }],
      ...all,
    })
    await s.topic(`cp-${v}`)
    await ask('good', one(`cp-${v}`, 2))
    await ask('only validated', one('cp-a', 5, {}, { validateOnly: true }))
    for (const count of [2, 1, 0, -1, 10002, 2147483647])
      await ask(`to ${count}`, one('cp-a', count, {}, { validateOnly: true }))
    await ask('unknown', one('cp-x', 3))
    await ask('invalid name', one('a b', 3))
    await ask('empty name', one('', 3))
    await ask('twice', {
      timeoutMs: 5000,
      topics: [
        { name: 'cp-a', count: 3, assignments: null },
        { name: 'cp-a', count: 4, assignments: null },
        { name: 'cp-x', count: 4, assignments: null },
      ],
    })
    await ask('none', { timeoutMs: 5000 })
    const to = (...lists: number[][]): object => ({ assignments: lists.map((brokerIds) => ({ brokerIds })) })
    const dry = { validateOnly: true }
    await ask('assigned', one('cp-a', 3, to([1]), dry))
    await ask('assigned empty list', one('cp-a', 3, { assignments: [] }, dry))
    await ask('assigned too few', one('cp-a', 4, to([1]), dry))
    await ask('assigned too many', one('cp-a', 3, to([1], [1]), dry))
    await ask('assigned to nobody', one('cp-a', 3, to([]), dry))
    await ask('assigned to unknown', one('cp-a', 3, to([9]), dry))
    await ask('assigned twice to one', one('cp-a', 3, to([1, 1]), dry))
    await ask('assigned with more replicas', one('cp-a', 3, to([1, 2]), dry))
    await ask('internal', one('__transaction_state', 60, {}, dry))
  })
}

export async function describeConfigs(s: Session): Promise<void> {
  await s.topic('dc-a', 1, { 'segment.bytes': '2097152', 'cleanup.policy': 'compact' })
  await s.everyVersion(api.describeConfigs, async (ask) => {
    const one = (
      resourceType: number,
      resourceName: string,
      configurationKeys: string[] | null = null,
      more: object = {},
    ): object => ({ resources: [{ resourceType, resourceName, configurationKeys }], ...more })
    await ask('topic', one(2, 'dc-a'))
    await ask('topic with synonyms', one(2, 'dc-a', null, { includeSynonyms: true }))
    await ask('topic with documentation', one(2, 'dc-a', null, { includeDocumentation: true }))
    await ask('topic, some keys', one(2, 'dc-a', ['retention.ms', 'no.such', 'retention.ms']))
    await ask('topic, no keys', one(2, 'dc-a', []))
    for (const name of ['dc-x', '', 'a b', '__consumer_offsets']) await ask(`topic ${name}`, one(2, name))
    await ask('broker', one(4, '1'))
    await ask('broker with synonyms', one(4, '1', null, { includeSynonyms: true }))
    await ask('broker with documentation', one(4, '1', null, { includeDocumentation: true }))
    await ask('broker, some keys', one(4, '1', ['log.retention.ms', 'node.id', 'num.io.threads', 'no.such']))
    for (const name of ['', '7', 'x', '-1']) await ask(`broker ${name}`, one(4, name))
    for (const name of ['', '1', '7', 'x']) await ask(`logger ${name}`, one(8, name, ['root']))
    for (const name of ['', 'x']) await ask(`client metrics ${name}`, one(16, name))
    for (const name of ['', 'x']) await ask(`group ${name}`, one(32, name))
    await ask('group with synonyms', one(32, 'x', null, { includeSynonyms: true, includeDocumentation: true }))
    for (const type of [0, 1, 3, 64, -1]) await ask(`type ${type}`, one(type, 'x'))
    await ask('none', {})
    await ask('twice', {
      resources: [
        { resourceType: 2, resourceName: 'dc-a', configurationKeys: [] },
        { resourceType: 2, resourceName: 'dc-a', configurationKeys: null },
      ],
    })
  })
}

export async function alterConfigs(s: Session): Promise<void> {
  await s.topic('ac-a')
  await s.everyVersion(api.alterConfigs, async (ask) => {
    const one = (
      resourceType: number,
      resourceName: string,
      configs: [string, string | null][],
      validateOnly = false,
    ): object => ({
      validateOnly,
      resources: [{ resourceType, resourceName, configs: configs.map(([name, value]) => ({ name, value })) }],
    })
    await ask('topic', one(2, 'ac-a', [['retention.ms', '777']]))
    await ask('topic, only validated', one(2, 'ac-a', [['segment.ms', '777']], true))
    await ask('empties', one(2, 'ac-a', []))
    await resourceCases((label, type, name, configs) => ask(label, one(type, name, configs, true)))
    for (const [name, value] of BAD_CONFIGS) await ask(`config ${name}=${value}`, one(2, 'ac-a', [[name, value]], true))
    await ask(
      'config twice',
      one(
        2,
        'ac-a',
        [
          ['retention.ms', '1'],
          ['retention.ms', '2'],
        ],
        true,
      ),
    )
    await ask('none', {})
    const config = { name: 'retention.ms', value: '1' }
    await ask('resource twice', {
      resources: [
        { resourceType: 2, resourceName: 'ac-a', configs: [config] },
        { resourceType: 2, resourceName: 'ac-a', configs: [config] },
      ],
    })
  })
}

async function resourceCases(
  ask: (label: string, type: number, name: string, configs: [string, string | null][]) => Promise<unknown>,
): Promise<void> {
  const some: [string, string][] = [['retention.ms', '1000']]
  for (const name of ['ac-x', '', 'a b']) await ask(`topic ${name}`, 2, name, some)
  for (const name of ['1', '', '7', 'x']) {
    await ask(`broker ${name}`, 4, name, [['log.cleaner.threads', '2']])
    await ask(`broker ${name} unknown config`, 4, name, [['no.such', '2']])
    await ask(`broker ${name} static config`, 4, name, [['node.id', '2']])
    await ask(`broker ${name} bad value`, 4, name, [['log.cleaner.threads', 'x']])
    await ask(`broker ${name} bad value 0`, 4, name, [['num.io.threads', '0']])
    await ask(`broker ${name} far more threads`, 4, name, [['num.io.threads', '1000']])
    await ask(`broker ${name} retention`, 4, name, [['log.retention.ms', 'x']])
    await ask(`broker ${name} listener`, 4, name, [['advertised.listeners', 'x']])
  }
  for (const name of ['1', '', '7']) await ask(`logger ${name}`, 8, name, [['kafka.server', 'INFO']])
  await ask('logger bad level', 8, '1', [['kafka.server.KafkaApis', 'LOUD']])
  await ask('logger unknown', 8, '1', [['no.such.logger', 'INFO']])
  for (const name of ['m', '']) await ask(`client metrics ${name}`, 16, name, [['interval.ms', '1000']])
  for (const [key, value] of [
    ['interval.ms', '5'],
    ['interval.ms', 'x'],
    ['match', 'x'],
    ['match', 'client_id=('],
    ['match', 'what=x'],
    ['metrics', ''],
    ['no.such', '1'],
  ] as const)
    await ask(`client metrics ${key}=${value}`, 16, 'm', [[key, value]])
  for (const [key, value] of [
    ['consumer.session.timeout.ms', '50000'],
    ['consumer.session.timeout.ms', '1'],
    ['consumer.session.timeout.ms', '99999999'],
    ['consumer.heartbeat.interval.ms', '1'],
    ['consumer.heartbeat.interval.ms', '60000'],
    ['share.auto.offset.reset', 'x'],
    ['share.auto.offset.reset', 'by_duration:PT1H'],
    ['share.auto.offset.reset', 'by_duration:-PT1H'],
    ['share.isolation.level', 'x'],
    ['streams.num.standby.replicas', '9'],
    ['share.record.lock.duration.ms', '1'],
    ['no.such', '1'],
  ] as const)
    await ask(`group ${key}=${value}`, 32, 'g', [[key, value]])
  await ask('group without name', 32, '', [['consumer.session.timeout.ms', '50000']])
  for (const type of [0, 1, 3, 64]) await ask(`type ${type}`, type, 'x', some)
}

export async function incrementalAlterConfigs(s: Session): Promise<void> {
  await s.topic('ia-a')
  await s.everyVersion(api.incrementalAlterConfigs, async (ask) => {
    const one = (
      resourceType: number,
      resourceName: string,
      configs: [string, string | null, number?][],
      validateOnly = true,
    ): object => ({
      validateOnly,
      resources: [
        {
          resourceType,
          resourceName,
          configs: configs.map(([name, value, configOperation = 0]) => ({ name, value, configOperation })),
        },
      ],
    })
    await ask('set', one(2, 'ia-a', [['retention.ms', '777']], false))
    await ask('delete', one(2, 'ia-a', [['retention.ms', null, 1]], false))
    await ask('delete what is not set', one(2, 'ia-a', [['segment.ms', null, 1]], false))
    await ask('append', one(2, 'ia-a', [['cleanup.policy', 'compact', 2]], false))
    await ask('append again', one(2, 'ia-a', [['cleanup.policy', 'compact', 2]], false))
    await ask('subtract', one(2, 'ia-a', [['cleanup.policy', 'delete', 3]], false))
    await ask('subtract all', one(2, 'ia-a', [['cleanup.policy', 'compact', 3]], false))
    await ask('append to a number', one(2, 'ia-a', [['retention.ms', '1', 2]]))
    await ask('subtract from a number', one(2, 'ia-a', [['retention.ms', '1', 3]]))
    await ask('append to unknown', one(2, 'ia-a', [['no.such', '1', 2]]))
    await ask('delete unknown', one(2, 'ia-a', [['no.such', null, 1]]))
    for (const operation of [4, -1])
      await ask(`operation ${operation}`, one(2, 'ia-a', [['retention.ms', '1', operation]]))
    for (const operation of [0, 1, 2, 3])
      await ask(`null value, operation ${operation}`, one(2, 'ia-a', [['cleanup.policy', null, operation]]))
    await ask('nothing', one(2, 'ia-a', []))
    await ask(
      'config twice',
      one(2, 'ia-a', [
        ['retention.ms', '1'],
        ['retention.ms', null, 1],
      ]),
    )
    await ask('none', {})
    const resource = { resourceType: 2, resourceName: 'ia-a', configs: [{ name: 'retention.ms', value: '1' }] }
    await ask('resource twice', { resources: [resource, resource] })
    for (const [name, value] of BAD_CONFIGS) await ask(`config ${name}=${value}`, one(2, 'ia-a', [[name, value]]))
    await resourceCases((label, type, name, configs) => ask(label, one(type, name, configs)))
    await ask('logger delete', one(8, '1', [['kafka.server', null, 1]]))
    await ask('logger append', one(8, '1', [['kafka.server', 'INFO', 2]]))
  })
}
