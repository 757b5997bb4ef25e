import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { APIS } from '../../../src/broker/apis/index.ts'
import { PatternType, PermissionType } from '../../../src/broker/authorizer/acl.ts'
import { AclOperation, ResourceType } from '../../../src/broker/authorizer/authorizer.ts'
import { ErrorCode, errorName } from '../../../src/protocol/errors.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { TestBroker, type TestClient } from '../in-process.ts'
import { connectAs } from './connect-as.ts'

const { LITERAL, PREFIXED } = PatternType
const { TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID } = ResourceType
const { READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS } = AclOperation
const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'
const [PRODUCE, FETCH, METADATA, OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR] = [0, 1, 3, 8, 9, 10]
const [DESCRIBE_GROUPS, LIST_GROUPS, CREATE_TOPICS, DELETE_TOPICS, INIT_PRODUCER_ID, ADD_PARTITIONS] = [
  15, 16, 19, 20, 22, 24,
]
const [CREATE_ACLS, CREATE_PARTITIONS, OFFSET_DELETE, DESCRIBE_CLUSTER, LIST_TRANSACTIONS] = [30, 37, 47, 60, 66]
const [HEARTBEAT, DESCRIBE_CONSUMERS, DESCRIBE_PARTITIONS, LIST_OFFSETS, DESCRIBE_TRANSACTIONS, ALTER_CONFIGS] = [
  68, 69, 75, 2, 65, 44,
]

// biome-ignore lint/suspicious/noExplicitAny: answers of many APIs
type Answer = any

let broker: TestBroker
let root: TestClient
let secretId: string

beforeAll(async () => {
  broker = await TestBroker.start({
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:root',
  })
  root = await connectAs(broker, 'User:root')
  const topics = ['open', 'secret'].map((name) => ({ name, numPartitions: 2, replicationFactor: 1 }))
  const made = await send(root, CREATE_TOPICS, 7, { topics })
  secretId = made.topics[1].topicId
  for (const [keyType, key] of ['group', 'txn'].entries()) {
    await send(root, FIND_COORDINATOR, 4, { keyType, coordinatorKeys: [key] })
  }
  await send(root, OFFSET_COMMIT, 9, commit('open', 'secret'))
})
afterAll(async () => {
  root.close()
  await broker.stop()
})

async function send(client: TestClient, key: number, version: number, message: object): Promise<Answer> {
  const api = APIS.find(({ request }) => request.apiKey === key)!
  return await client.request(api.request, api.response, version, message)
}

type Right = [type: ResourceType, name: string, operation: AclOperation, permission?: 'deny' | 'prefix']
let users = 0

/** Asks as a new user who has just these rights. */
async function as(rights: readonly Right[], key: number, version: number, message: object): Promise<Answer> {
  const principal = `User:u${users++}`
  if (rights.length > 0) {
    const creations = rights.map(([resourceType, resourceName, operation, how]) => ({
      ...{ resourceType, resourceName, operation, principal, host: '*' },
      resourcePatternType: how === 'prefix' ? PREFIXED : LITERAL,
      permissionType: how === 'deny' ? PermissionType.DENY : PermissionType.ALLOW,
    }))
    await send(root, CREATE_ACLS, 3, { creations })
  }
  const client = await connectAs(broker, principal)
  const answer = await send(client, key, version, message)
  client.close()
  return answer
}

const records = () => buildBatch([{ key: null, value: Buffer.from('v'), timestamp: 1 }])
const commit = (...names: string[]) => ({
  groupId: 'group',
  generationIdOrMemberEpoch: -1,
  topics: names.map((name) => ({ name, partitions: [{ partitionIndex: 0, committedOffset: 1n }] })),
})
const three = <T>(of: (name: string) => T): T[] => ['open', 'secret', 'absent'].map(of)

/** name: error, of a list of things with an error each. */
function errorsOf(
  items: Answer[],
  errorCode: (item: Answer) => number = (item) => item.errorCode,
): Record<string, string> {
  return Object.fromEntries(
    items.map((item) => [
      String(item.name ?? item.topic ?? item.groupId ?? item.resourceName),
      errorName(errorCode(item)),
    ]),
  )
}

const READ_OPEN: Right[] = [[TOPIC, 'open', READ]]
const OPEN_ONLY = { open: 'NONE', secret: 'TOPIC_AUTHORIZATION_FAILED', absent: 'TOPIC_AUTHORIZATION_FAILED' }

describe('topics of one request are decided one by one', () => {
  it('Produce', async () => {
    const topicData = three((name) => ({ name, partitionData: [{ index: 0, records: records() }] }))
    const answer = await as([[TOPIC, 'open', WRITE]], PRODUCE, 12, { acks: 1, topicData })
    expect(errorsOf(answer.responses, (topic) => topic.partitionResponses[0].errorCode)).toEqual(OPEN_ONLY)
  })

  it('Fetch, which waits for what may be read', async () => {
    const topics = three((topic) => ({ topic, partitions: [{ partition: 1, partitionMaxBytes: 1000 }] }))
    const request = { topics, maxWaitMs: 0, maxBytes: 1000, minBytes: 1 }
    expect(errorsOf((await as(READ_OPEN, FETCH, 12, request)).responses, (t) => t.partitions[0].errorCode)).toEqual(
      OPEN_ONLY,
    )
    const asBroker = await as(READ_OPEN, FETCH, 12, { ...request, replicaId: 1 })
    expect(new Set(Object.values(errorsOf(asBroker.responses, (t) => t.partitions[0].errorCode)))).toEqual(
      new Set(['TOPIC_AUTHORIZATION_FAILED']),
    )
    const replica: Right[] = [[CLUSTER, 'kafka-cluster', CLUSTER_ACTION]]
    for (const replicaId of [1, 5]) {
      const copied = await as(replica, FETCH, 12, { ...request, replicaId })
      // Kafka answers a broker that has no replica so, and one that is the leader itself.
      expect(errorsOf(copied.responses, (t) => t.partitions[0].errorCode)).toMatchObject({
        open: 'NOT_LEADER_OR_FOLLOWER',
        secret: 'NOT_LEADER_OR_FOLLOWER',
      })
    }
  })

  it('ListOffsets', async () => {
    const topics = three((name) => ({ name, partitions: [{ partitionIndex: 0, timestamp: -1n }] }))
    const answer = await as([[TOPIC, 'open', DESCRIBE]], LIST_OFFSETS, 8, { topics })
    expect(errorsOf(answer.topics, (t) => t.partitions[0].errorCode)).toEqual(OPEN_ONLY)
  })

  it('OffsetCommit and OffsetDelete', async () => {
    const rights: Right[] = [...READ_OPEN, [GROUP, 'group', READ], [GROUP, 'group', DELETE]]
    const committed = await as(rights, OFFSET_COMMIT, 9, commit('open', 'secret', 'absent'))
    expect(errorsOf(committed.topics, (t) => t.partitions[0].errorCode)).toEqual(OPEN_ONLY)
    const topics = ['secret', 'absent'].map((name) => ({ name, partitions: [{ partitionIndex: 0 }] }))
    const removed = await as(rights, OFFSET_DELETE, 0, { groupId: 'group', topics })
    expect(errorsOf(removed.topics, (t) => t.partitions[0].errorCode)).toEqual({
      secret: 'TOPIC_AUTHORIZATION_FAILED',
      absent: 'TOPIC_AUTHORIZATION_FAILED',
    })
  })

  it('OffsetFetch; among all topics the others are left out', async () => {
    const rights: Right[] = [
      [TOPIC, 'open', DESCRIBE],
      [GROUP, 'gr', DESCRIBE, 'prefix'],
    ]
    const named = await as(rights, OFFSET_FETCH, 8, {
      groups: [{ groupId: 'group', topics: three((name) => ({ name, partitionIndexes: [0] })) }],
    })
    expect(errorsOf(named.groups[0].topics, (t) => t.partitions[0].errorCode)).toEqual(OPEN_ONLY)
    const all = await as(rights, OFFSET_FETCH, 8, {
      groups: [
        { groupId: 'group', topics: null },
        { groupId: 'other', topics: null },
      ],
    })
    expect(errorsOf(all.groups)).toEqual({ group: 'NONE', other: 'GROUP_AUTHORIZATION_FAILED' })
    expect(all.groups[0].topics.map((t: Answer) => t.name)).toEqual(['open'])
  })

  it('CreatePartitions', async () => {
    const topics = three((name) => ({ name, count: 5, assignments: null }))
    const answer = await as([[TOPIC, 'open', ALTER]], CREATE_PARTITIONS, 3, { topics, validateOnly: true })
    expect(errorsOf(answer.results)).toEqual(OPEN_ONLY)
  })

  it('AddPartitionsToTxn: one refused keeps the others from being tried', async () => {
    const request = { v3AndBelowTransactionalId: 'txn', v3AndBelowTopics: three((name) => ({ name, partitions: [0] })) }
    const errors = (answer: Answer) =>
      errorsOf(answer.resultsByTopicV3AndBelow, (t) => t.resultsByPartition[0].partitionErrorCode)
    const rights: Right[] = [
      [TRANSACTIONAL_ID, 'txn', WRITE],
      [TOPIC, 'open', WRITE],
    ]
    expect(errors(await as(rights, ADD_PARTITIONS, 3, request))).toEqual({
      ...OPEN_ONLY,
      open: 'OPERATION_NOT_ATTEMPTED',
    })
    expect(new Set(Object.values(errors(await as(rights.slice(1), ADD_PARTITIONS, 3, request))))).toEqual(
      new Set(['TRANSACTIONAL_ID_AUTHORIZATION_FAILED']),
    )
    const batched = await as(rights, ADD_PARTITIONS, 5, { transactions: [] })
    expect(batched.errorCode).toBe(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
  })
})

describe('metadata', () => {
  const DESCRIBE_OPEN: Right[] = [[TOPIC, 'open', DESCRIBE]]

  it('has neither name nor id of what may not be described', async () => {
    const topics = three((name) => ({ name, topicId: ZERO }))
    const named = await as(DESCRIBE_OPEN, METADATA, 12, { topics, allowAutoTopicCreation: false })
    expect(errorsOf(named.topics)).toEqual(OPEN_ONLY)
    expect(named.topics.map((t: Answer) => t.topicId).slice(1)).toEqual([ZERO, ZERO])
    const byId = await as(DESCRIBE_OPEN, METADATA, 12, { topics: [{ name: null, topicId: secretId }] })
    expect(byId.topics).toMatchObject([
      { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name: null, topicId: secretId },
    ])
    const all = await as(DESCRIBE_OPEN, METADATA, 12, { topics: null })
    expect(errorsOf(all.topics)).toEqual({ open: 'NONE' })
  })

  it('creates topics for who may create them', async () => {
    const request = { topics: [{ name: 'wanted-1' }, { name: 'wanted-2' }], allowAutoTopicCreation: true }
    const may: Right[] = [[TOPIC, 'wanted', DESCRIBE, 'prefix']]
    const refused = { 'wanted-1': 'TOPIC_AUTHORIZATION_FAILED', 'wanted-2': 'TOPIC_AUTHORIZATION_FAILED' }
    expect(errorsOf((await as(may, METADATA, 9, request)).topics)).toEqual(refused)
    const one = await as([...may, [TOPIC, 'wanted-1', CREATE]], METADATA, 9, request)
    // The answer doesn't wait for the topic to be there.
    expect(errorsOf(one.topics)).toEqual({ ...refused, 'wanted-1': 'UNKNOWN_TOPIC_OR_PARTITION' })
    await vi.waitFor(async () => {
      const both = await as([...may, [CLUSTER, 'kafka-cluster', CREATE]], METADATA, 9, request)
      expect(errorsOf(both.topics)).toEqual({ 'wanted-1': 'NONE', 'wanted-2': 'NONE' })
    })
  })

  it('DescribeTopicPartitions leaves out or refuses', async () => {
    const named = await as(DESCRIBE_OPEN, DESCRIBE_PARTITIONS, 0, { topics: three((name) => ({ name })) })
    expect(errorsOf(named.topics)).toEqual(OPEN_ONLY)
    expect(errorsOf((await as(DESCRIBE_OPEN, DESCRIBE_PARTITIONS, 0, {})).topics)).toEqual({ open: 'NONE' })
  })

  it('says what may be done', async () => {
    const bits = (...operations: number[]) => operations.reduce((all, operation) => all | (1 << operation), 0)
    const request = { topics: [{ name: 'open' }], includeTopicAuthorizedOperations: true }
    const { topics } = await as([...READ_OPEN, [TOPIC, 'open', ALTER]], METADATA, 12, request)
    expect(topics[0].topicAuthorizedOperations).toBe(bits(READ, ALTER, DESCRIBE))
    const ask = { includeClusterAuthorizedOperations: true }
    const none = await as([[CLUSTER, 'kafka-cluster', CREATE]], DESCRIBE_CLUSTER, 0, ask)
    expect(none.clusterAuthorizedOperations).toBe(0)
    const some = await as([[CLUSTER, 'kafka-cluster', ALTER]], DESCRIBE_CLUSTER, 0, ask)
    expect(some.clusterAuthorizedOperations).toBe(bits(ALTER, DESCRIBE))
    const groups = { groups: ['group', 'other'], includeAuthorizedOperations: true }
    const described = await as([[GROUP, 'group', DELETE]], DESCRIBE_GROUPS, 5, groups)
    expect(errorsOf(described.groups)).toEqual({ group: 'NONE', other: 'GROUP_AUTHORIZATION_FAILED' })
    expect(described.groups[1].authorizedOperations).toBe(bits(DELETE, DESCRIBE))
  })
})

describe('topics', () => {
  it('are created by right to the name or the cluster; the configs are for who may describe them', async () => {
    const topics = ['n-1', 'n-2', '__cluster_metadata'].map((name) => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
    }))
    const request = { topics, validateOnly: true }
    const one = await as([[TOPIC, 'n-1', CREATE]], CREATE_TOPICS, 7, request)
    expect(errorsOf(one.topics)).toEqual({
      'n-1': 'NONE',
      'n-2': 'TOPIC_AUTHORIZATION_FAILED',
      __cluster_metadata: 'INVALID_REQUEST',
    })
    expect(one.topics[0]).toMatchObject({
      topicConfigErrorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      numPartitions: -1,
      configs: [],
    })
    expect(one.topics[1].errorMessage).toBe('Authorization failed.')
    const rights: Right[] = [
      [CLUSTER, 'kafka-cluster', CREATE],
      [TOPIC, 'n-2', DESCRIBE_CONFIGS],
    ]
    const both = await as(rights, CREATE_TOPICS, 7, request)
    expect(both.topics.slice(0, 2)).toMatchObject([
      { errorCode: 0, numPartitions: -1 },
      { errorCode: 0, numPartitions: 1, topicConfigErrorCode: 0 },
    ])
  })

  it('are deleted by right; who may not describe one does not learn its name', async () => {
    const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
    const request = {
      topics: [
        { name: null, topicId: secretId },
        { name: 'absent', topicId: ZERO },
      ],
    }
    const none = await as([], DELETE_TOPICS, 6, request)
    expect(none.responses).toMatchObject([
      { name: null, topicId: secretId, errorCode },
      { name: 'absent', errorCode },
    ])
    const some = await as([[TOPIC, '*', DESCRIBE]], DELETE_TOPICS, 6, request)
    expect(some.responses).toMatchObject([
      { name: 'secret', topicId: secretId, errorCode },
      { name: 'absent', errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
    ])
  })

  it('have configs of their own right, and so have groups; all others are the cluster’s', async () => {
    const resources = [
      [2, 'open'],
      [4, '1'],
      [16, 'm'],
      [32, 'group'],
    ].map(([resourceType, resourceName]) => ({ resourceType, resourceName }))
    const errors = {
      open: 'TOPIC_AUTHORIZATION_FAILED',
      1: 'CLUSTER_AUTHORIZATION_FAILED',
      m: 'CLUSTER_AUTHORIZATION_FAILED',
      group: 'GROUP_AUTHORIZATION_FAILED',
    }
    const answer = await as([], ALTER_CONFIGS, 1, { resources, validateOnly: true })
    expect(errorsOf(answer.responses)).toEqual(errors)
    const allowed = await as([[TOPIC, 'open', AclOperation.ALTER_CONFIGS]], ALTER_CONFIGS, 1, {
      resources,
      validateOnly: true,
    })
    expect(errorsOf(allowed.responses)).toEqual({ ...errors, open: 'NONE' })
  })
})

describe('groups and transactions', () => {
  it('are listed for who may describe them', async () => {
    const groups = async (...rights: Right[]) => (await as(rights, LIST_GROUPS, 4, {})).groups.length
    expect(await groups()).toBe(0)
    expect(await groups([GROUP, 'group', READ])).toBe(1)
    expect(await groups([CLUSTER, 'kafka-cluster', DESCRIBE])).toBe(1)
    await send(root, INIT_PRODUCER_ID, 4, {
      transactionalId: 'txn',
      transactionTimeoutMs: 60_000,
      producerId: -1n,
      producerEpoch: -1,
    })
    const txns = async (...rights: Right[]) =>
      (await as(rights, LIST_TRANSACTIONS, 1, { durationFilter: -1n })).transactionStates.length
    expect(await txns()).toBe(0)
    expect(await txns([TRANSACTIONAL_ID, 'txn', DESCRIBE])).toBe(1)
    const described = await as([], DESCRIBE_TRANSACTIONS, 0, { transactionalIds: ['txn'] })
    expect(described.transactionStates[0].errorCode).toBe(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  })

  it('give producer ids to who may write somewhere', async () => {
    const ask = async (...rights: Right[]) =>
      errorName(
        (await as(rights, INIT_PRODUCER_ID, 4, { transactionalId: null, producerId: -1n, producerEpoch: -1 }))
          .errorCode,
      )
    expect(await ask()).toBe('CLUSTER_AUTHORIZATION_FAILED')
    expect(await ask([TOPIC, 'open', READ])).toBe('CLUSTER_AUTHORIZATION_FAILED')
    expect(await ask([TOPIC, 'open', WRITE])).toBe('NONE')
    expect(await ask([TOPIC, 'open', WRITE], [TOPIC, 'open', WRITE, 'deny'])).toBe('CLUSTER_AUTHORIZATION_FAILED')
    expect(await ask([CLUSTER, 'kafka-cluster', AclOperation.IDEMPOTENT_WRITE])).toBe('NONE')
  })

  it('of the consumer protocol show and take only topics that may be described', async () => {
    const join = (subscription: object, memberId: string) => ({
      groupId: 'consumers',
      memberId,
      memberEpoch: 0,
      rebalanceTimeoutMs: 60_000,
      topicPartitions: [],
      ...subscription,
    })
    const rights: Right[] = [
      [GROUP, 'consumers', READ],
      [TOPIC, 'open', DESCRIBE],
    ]
    const refused = await as(rights, HEARTBEAT, 1, join({ subscribedTopicNames: ['open', 'secret'] }, secretId))
    expect(refused).toMatchObject({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, errorMessage: null })
    const taken = await as(rights, HEARTBEAT, 1, join({ subscribedTopicRegex: 'open|secret' }, secretId))
    expect(taken.errorCode).toBe(0)
    const request = { groupIds: ['consumers'], includeAuthorizedOperations: true }
    await send(root, HEARTBEAT, 1, join({ subscribedTopicNames: ['secret'] }, ZERO.replace('A', 'B')))
    const hidden = await as(rights, DESCRIBE_CONSUMERS, 1, request)
    expect(hidden.groups).toMatchObject([
      {
        errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
        errorMessage: 'The group has described topic(s) that the client is not authorized to describe.',
        members: [],
      },
    ])
    const shown = await as([...rights, [TOPIC, '*', DESCRIBE]], DESCRIBE_CONSUMERS, 1, request)
    expect(shown.groups[0].members).toHaveLength(2)
  })
})
