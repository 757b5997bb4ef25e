import * as api from './apis.ts'
import { UNKNOWN_ID } from './metadata-cases.ts'
import type { AskOf, Session } from './session.ts'

const ANY_ACL = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
}

export async function acls(s: Session): Promise<void> {
  await s.everyVersion(api.describeAcls, async (ask) => {
    await ask('any', ANY_ACL)
    for (const resourceTypeFilter of [0, 2, 8, 99, -1])
      await ask(`resource type ${resourceTypeFilter}`, { ...ANY_ACL, resourceTypeFilter })
    for (const patternTypeFilter of [0, 2, 5, 99])
      await ask(`pattern type ${patternTypeFilter}`, { ...ANY_ACL, patternTypeFilter })
    for (const operation of [0, 2, 99]) await ask(`operation ${operation}`, { ...ANY_ACL, operation })
    for (const permissionType of [0, 3, 99]) await ask(`permission ${permissionType}`, { ...ANY_ACL, permissionType })
  })
  await s.everyVersion(api.createAcls, async (ask) => {
    const one = (more: object = {}): object => ({
      creations: [
        {
          resourceType: 2,
          resourceName: 't',
          resourcePatternType: 3,
          principal: 'User:a',
          host: '*',
          operation: 3,
          permissionType: 3,
          ...more,
        },
      ],
    })
    await ask('good', one())
    for (const resourceType of [0, 1]) await ask(`resource type ${resourceType}`, one({ resourceType }))
    await ask('principal', one({ principal: 'a' }))
    await ask('none', {})
  })
  await s.everyVersion(api.deleteAcls, async (ask) => {
    await ask('any', { filters: [ANY_ACL] })
    await ask('odd', { filters: [{ ...ANY_ACL, operation: 0 }, ANY_ACL] })
    await ask('none', {})
  })
}

const RATE: [string, number][] = [['producer_byte_rate', 1000]]

const quota = (entity: [string, string | null][], ops: [string, number, boolean?][], validateOnly = false): object => ({
  validateOnly,
  entries: [
    {
      entity: entity.map(([entityType, entityName]) => ({ entityType, entityName })),
      ops: ops.map(([key, value, remove = false]) => ({ key, value, remove })),
    },
  ],
})

type QuotaChanges = AskOf<typeof api.alterClientQuotas>

async function quotaEntities(ask: QuotaChanges): Promise<void> {
  await ask('user', quota([['user', 'q-a']], RATE))
  await ask(
    'default user and client',
    quota(
      [
        ['user', null],
        ['client-id', null],
      ],
      RATE,
    ),
  )
  await ask('ip', quota([['ip', '1.2.3.4']], [['connection_creation_rate', 5]]))
  await ask('ip name', quota([['ip', 'no.such.host.invalid']], [['connection_creation_rate', 5]]))
  await ask(
    'ip with user',
    quota(
      [
        ['ip', '1.2.3.4'],
        ['user', 'a'],
      ],
      [['connection_creation_rate', 5]],
    ),
  )
  await ask('ip wrong key', quota([['ip', '1.2.3.4']], RATE))
  await ask('unknown type', quota([['thing', 'a']], RATE))
  await ask('empty type', quota([['', 'a']], RATE))
  await ask(
    'type twice',
    quota(
      [
        ['user', 'a'],
        ['user', 'b'],
      ],
      RATE,
    ),
  )
}

async function quotaValues(ask: QuotaChanges): Promise<void> {
  await ask('no entity', quota([], RATE))
  await ask('empty name', quota([['user', '']], RATE))
  await ask('unknown key', quota([['user', 'q-a']], [['no_such', 1]]))
  await ask('wrong key of user', quota([['user', 'q-a']], [['connection_creation_rate', 1]]))
  for (const value of [0, -1, 1.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY])
    await ask(`value ${value}`, quota([['user', 'q-b']], [['producer_byte_rate', value]], true))
  for (const value of [0, -1, 1.5])
    await ask(`percentage ${value}`, quota([['user', 'q-b']], [['request_percentage', value]], true))
  await ask('connection rate 1.5', quota([['ip', '1.2.3.4']], [['connection_creation_rate', 1.5]], true))
  await ask(
    'key twice',
    quota(
      [['user', 'q-b']],
      [
        ['producer_byte_rate', 1],
        ['producer_byte_rate', 2],
      ],
      true,
    ),
  )
  await ask('remove what is not there', quota([['user', 'q-c']], [['producer_byte_rate', 0, true]]))
  await ask('remove', quota([['user', 'q-a']], [['producer_byte_rate', 0, true]], true))
  await ask('no ops', quota([['user', 'q-c']], []))
  await ask('none', {})
}

async function describeQuotas(s: Session): Promise<void> {
  await s.everyVersion(api.describeClientQuotas, async (ask) => {
    const one = (components: [string, number, string | null][], strict = false): object => ({
      components: components.map(([entityType, matchType, match]) => ({ entityType, matchType, match })),
      strict,
    })
    await ask('all', {})
    await ask('all, strictly', { strict: true })
    await ask('user', one([['user', 0, 'q-a']]))
    await ask('default user', one([['user', 1, null]]))
    await ask('any user', one([['user', 2, null]]))
    await ask('any user, strictly', one([['user', 2, null]], true))
    await ask(
      'user and client',
      one([
        ['user', 2, null],
        ['client-id', 2, null],
      ]),
    )
    await ask('ip', one([['ip', 2, null]]))
    await ask(
      'ip and user',
      one([
        ['ip', 2, null],
        ['user', 2, null],
      ]),
    )
    await ask(
      'type twice',
      one([
        ['user', 2, null],
        ['user', 1, null],
      ]),
    )
    await ask('unknown type', one([['thing', 2, null]]))
    await ask('empty type', one([['', 2, null]]))
    for (const matchType of [3, -1]) await ask(`match ${matchType}`, one([['user', matchType, null]]))
    await ask('exact null', one([['user', 0, null]]))
    await ask('any with name', one([['user', 2, 'q-a']]))
    await ask('default with name', one([['user', 1, 'q-a']]))
  })
}

export async function quotas(s: Session): Promise<void> {
  await s.everyVersion(api.alterClientQuotas, async (ask) => {
    await quotaEntities(ask)
    await quotaValues(ask)
  })
  await describeQuotas(s)
}

export async function scram(s: Session): Promise<void> {
  await s.everyVersion(api.alterUserScramCredentials, async (ask) => {
    const up = (more: object = {}): object => ({
      name: 'sc-a',
      mechanism: 1,
      iterations: 4096,
      salt: Buffer.from('salt'),
      saltedPassword: Buffer.alloc(32, 1),
      ...more,
    })
    const one = (...upsertions: object[]): object => ({ upsertions })
    await ask('good', one(up()))
    await ask('512', one(up({ mechanism: 2, saltedPassword: Buffer.alloc(64, 1) })))
    for (const iterations of [4095, 0, -1, 16385]) await ask(`iterations ${iterations}`, one(up({ iterations })))
    for (const mechanism of [0, 3, -1]) await ask(`mechanism ${mechanism}`, one(up({ mechanism })))
    await ask('empty user', one(up({ name: '' })))
    await ask('twice', one(up(), up()))
    await ask('two mechanisms', one(up(), up({ mechanism: 2 })))
    await ask('empty salt', one(up({ name: 'sc-s', salt: Buffer.alloc(0) })))
    await ask('empty password', one(up({ name: 'sc-p', saltedPassword: Buffer.alloc(0) })))
    await ask('good and bad', one(up({ name: 'sc-g' }), up({ iterations: 1 })))
    await ask('delete what is not there', { deletions: [{ name: 'sc-x', mechanism: 1 }] })
    await ask('delete and set', { deletions: [{ name: 'sc-a', mechanism: 1 }], ...one(up()) })
    await ask('delete twice', {
      deletions: [
        { name: 'sc-a', mechanism: 2 },
        { name: 'sc-a', mechanism: 2 },
      ],
    })
    for (const mechanism of [0, 9])
      await ask(`delete mechanism ${mechanism}`, { deletions: [{ name: 'sc-a', mechanism }] })
    await ask('delete empty user', { deletions: [{ name: '', mechanism: 1 }] })
    await ask('none', {})
  })
  await s.everyVersion(api.describeUserScramCredentials, async (ask) => {
    for (const users of [null, [], ['sc-a'], ['sc-x'], ['sc-a', 'sc-a'], [''], ['sc-a', 'sc-x', 'sc-x']])
      await ask(`users ${users}`, { users: users?.map((name) => ({ name })) ?? null })
  })
}

export async function cluster(s: Session): Promise<void> {
  await s.topic('cl-a', 2)
  await s.everyVersion(api.updateFeatures, async (ask, v) => {
    const one = (feature: string, maxVersionLevel: number, more: object = {}): object => ({
      timeoutMs: 5000,
      featureUpdates: [{ feature, maxVersionLevel, ...more }],
      ...(v >= 1 ? { validateOnly: true } : {}),
    })
    await ask('none', { timeoutMs: 5000 })
    await ask('unknown', one('no.such', 1))
    await ask('empty name', one('', 1))
    if (v >= 1)
      for (const level of [1, 7, 999, 0, -1])
        for (const upgradeType of [1, 2, 3, 0])
          await ask(`metadata.version ${level} type ${upgradeType}`, one('metadata.version', level, { upgradeType }))
    for (const feature of [
      'group.version',
      'transaction.version',
      'share.version',
      'streams.version',
      'eligible.leader.replicas.version',
      'kraft.version',
    ])
      for (const level of [0, 1, 9])
        if (v >= 1) await ask(`${feature} ${level}`, one(feature, level, { upgradeType: level === 0 ? 2 : 1 }))
    for (const level of [999, -1]) await ask(`group.version ${level}`, one('group.version', level))
    const twice = { feature: 'group.version', maxVersionLevel: 1 }
    if (v >= 1) await ask('twice', { timeoutMs: 5000, validateOnly: true, featureUpdates: [twice, twice] })
  })
  await reassignments(s)
  await logDirs(s)
}

async function reassignments(s: Session): Promise<void> {
  await s.everyVersion(api.alterPartitionReassignments, async (ask) => {
    const one = (name: string, partitionIndex: number, replicas: number[] | null, more: object = {}): object => ({
      timeoutMs: 5000,
      topics: [{ name, partitions: [{ partitionIndex, replicas }] }],
      ...more,
    })
    await ask('same', one('cl-a', 0, [1]))
    await ask('cancel nothing', one('cl-a', 0, null))
    await ask('nobody', one('cl-a', 0, []))
    await ask('unknown broker', one('cl-a', 0, [7]))
    await ask('negative broker', one('cl-a', 0, [-1]))
    await ask('twice to one', one('cl-a', 0, [1, 1]))
    await ask('more replicas', one('cl-a', 0, [1, 7], { allowReplicationFactorChange: false }))
    for (const partition of [9, -1]) await ask(`partition ${partition}`, one('cl-a', partition, [1]))
    await ask('unknown topic', one('cl-x', 0, [1]))
    await ask('none', { timeoutMs: 5000 })
  })
  await s.everyVersion(api.listPartitionReassignments, async (ask) => {
    await ask('all', { topics: null })
    await ask('none', { topics: [] })
    await ask('some', {
      topics: [
        { name: 'cl-a', partitionIndexes: [0, 9] },
        { name: 'cl-x', partitionIndexes: [0] },
      ],
    })
  })
  await s.everyVersion(api.electLeaders, async (ask) => {
    const one = (topic: string, partitions: number[], more: object = {}): object => ({
      timeoutMs: 5000,
      topicPartitions: [{ topic, partitions }],
      ...more,
    })
    await ask('preferred', one('cl-a', [0]))
    await ask('unclean', one('cl-a', [0], { electionType: 1 }))
    for (const electionType of [2, -1]) await ask(`type ${electionType}`, one('cl-a', [0], { electionType }))
    await ask('partitions', one('cl-a', [9, -1]))
    await ask('unknown topic', one('cl-x', [0]))
    await ask('none', { timeoutMs: 5000, topicPartitions: [] })
    await ask('all', { timeoutMs: 5000, topicPartitions: null })
    await ask('no partitions', one('cl-a', []))
  })
}

async function logDirs(s: Session): Promise<void> {
  await s.everyVersion(api.describeLogDirs, async (ask) => {
    await ask('some', { topics: [{ topic: 'cl-a', partitions: [0, 1] }] })
    await ask('some unknown', {
      topics: [
        { topic: 'cl-a', partitions: [0, 9, -1] },
        { topic: 'cl-x', partitions: [0] },
      ],
    })
    await ask('none', { topics: [] })
    await ask('no partitions', { topics: [{ topic: 'cl-a', partitions: [] }] })
  })
  await s.everyVersion(api.alterReplicaLogDirs, async (ask) => {
    const one = (path: string, name: string, partitions: number[]): object => ({
      dirs: [{ path, topics: [{ name, partitions }] }],
    })
    await ask('unknown dir', one('/no/such/dir', 'cl-a', [0]))
    await ask('relative dir', one('some/dir', 'cl-a', [0]))
    await ask('empty dir', one('', 'cl-a', [0]))
    await ask('same dir', one(s.dataDir, 'cl-a', [0]))
    await ask('partition 9', one(s.dataDir, 'cl-a', [9, -1]))
    await ask('unknown topic', one(s.dataDir, 'cl-x', [0]))
    await ask('none', {})
  })
  await s.everyVersion(api.describeQuorum, async (ask) => {
    const one = (topicName: string, ...partitions: number[]): object => ({
      topics: [{ topicName, partitions: partitions.map((partitionIndex) => ({ partitionIndex })) }],
    })
    await ask('unknown topic', one('cl-a', 0))
    await ask('no such partition', one('__cluster_metadata', 1))
    await ask('two partitions', one('__cluster_metadata', 0, 1))
    await ask('none', {})
  })
}

export async function rest(s: Session): Promise<void> {
  await s.everyVersion(api.createDelegationToken, async (ask) => {
    await ask('no secret', { maxLifetimeMs: 1000n })
    await ask('renewers', { renewers: [{ principalType: 'Group', principalName: 'x' }], maxLifetimeMs: -1n })
  })
  await s.everyVersion(api.renewDelegationToken, async (ask) => {
    await ask('unknown', { hmac: Buffer.from('x'), renewPeriodMs: 1n })
  })
  await s.everyVersion(api.expireDelegationToken, async (ask) => {
    await ask('unknown', { hmac: Buffer.from('x'), expiryTimePeriodMs: 1n })
  })
  await s.everyVersion(api.describeDelegationToken, async (ask) => {
    await ask('all', { owners: null })
    await ask('none', { owners: [] })
    await ask('some', { owners: [{ principalType: 'User', principalName: 'x' }] })
  })
  await s.everyVersion(api.unregisterBroker, async (ask) => {
    for (const brokerId of [7, -1]) await ask(`broker ${brokerId}`, { brokerId })
  })
  await s.everyVersion(api.addRaftVoter, async (ask) => {
    const one = (more: object = {}): object => ({
      clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
      timeoutMs: 500,
      voterId: 1,
      voterDirectoryId: UNKNOWN_ID,
      listeners: [{ name: 'CONTROLLER', host: 'localhost', port: 1 }],
      ...more,
    })
    await ask('other cluster', one({ clusterId: 'x' }))
    await ask('no cluster', one({ clusterId: null }))
    await ask('there', one())
    await ask('no listeners', one({ voterId: 2, listeners: [] }))
    await ask('negative', one({ voterId: -1 }))
  })
  await s.everyVersion(api.removeRaftVoter, async (ask) => {
    const one = (more: object = {}): object => ({
      clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
      voterId: 5,
      voterDirectoryId: UNKNOWN_ID,
      ...more,
    })
    await ask('other cluster', one({ clusterId: 'x' }))
    await ask('unknown', one())
    await ask('only one, other directory', one({ voterId: 1 }))
  })
  await s.everyVersion(api.getTelemetrySubscriptions, async (ask) => {
    await ask('new', { clientInstanceId: 'AAAAAAAAAAAAAAAAAAAAAA' })
  })
  await s.everyVersion(api.pushTelemetry, async (ask) => {
    await ask('unknown', { clientInstanceId: UNKNOWN_ID, subscriptionId: 1, metrics: Buffer.from('x') })
  })
}
