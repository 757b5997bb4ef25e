import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectAdmin } from '../../src/client/admin/connect.ts'
import { ClientError } from '../../src/client/client-error.ts'
import type { Admin, OffsetSpec, Result, TopicPartition } from '../../src/client/types.ts'
import { KafkaError } from '../../src/protocol/errors.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../src/protocol/generated/02-list-offsets.ts'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/generated/03-metadata.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../src/protocol/generated/08-offset-commit.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../src/protocol/generated/09-offset-fetch.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../src/protocol/generated/15-describe-groups.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/generated/19-create-topics.ts'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../../src/protocol/generated/69-consumer-group-describe.ts'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from '../../src/protocol/generated/75-describe-topic-partitions.ts'
import { FakeBroker, HANG_UP, NO_ANSWER } from './fake-broker.ts'
import { type FakeTopic, serveCluster, testSettings, topicIdOf } from './fake-cluster.ts'

const value = <T>(result: Result<T> | undefined): T => {
  if (!result?.ok) throw result?.error ?? new Error('no result')
  return result.value
}
const errorOf = (result: Result<unknown> | undefined): Error => {
  if (result === undefined || result.ok) throw new Error('no error')
  return result.error
}
const failure = (promise: Promise<unknown>): Promise<ClientError> =>
  promise.then(
    () => Promise.reject(new Error('did not fail')),
    (error: ClientError) => error,
  )

describe('the admin client', () => {
  let broker: FakeBroker
  let admin: Admin
  let warnings: string[]
  const topics = new Map<string, FakeTopic>()

  beforeEach(async () => {
    broker = await FakeBroker.start()
    topics.clear()
    topics.set('a', { partitions: 2 })
    topics.set('__inner', { partitions: 1, internal: true })
    serveCluster(broker, topics)
    warnings = []
    admin = await connectAdmin({ ...testSettings(broker), warn: (message) => warnings.push(message) })
  })

  afterEach(async () => {
    await admin.close()
    await broker.stop()
  })

  it('lists topics, internal ones when asked', async () => {
    expect(await admin.listTopics()).toEqual([{ name: 'a', topicId: topicIdOf('a'), internal: false }])
    expect((await admin.listTopics({ listInternal: true })).map((topic) => topic.name)).toEqual(['a', '__inner'])
    expect(broker.count(MetadataRequest)).toBe(2)
  })

  it('never creates a topic by asking for it', async () => {
    const asked: boolean[] = []
    broker.on(MetadataRequest, MetadataResponse, ({ request }) => {
      asked.push(request.allowAutoTopicCreation)
      return { brokers: [{ nodeId: 1, ...broker.address }], topics: [] }
    })
    await admin.describeTopics(['nix'])
    expect(asked).toEqual([false])
  })

  it('describes topics page by page, with what only the newer request has', async () => {
    const cursors: unknown[] = []
    broker.on(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, ({ request, index }) => {
      cursors.push(request.cursor)
      const partition = { partitionIndex: index, leaderId: index === 0 ? 1 : -1, replicaNodes: [1, 7], isrNodes: [1] }
      const elr = { eligibleLeaderReplicas: [7], lastKnownElr: [] }
      const nextCursor = index === 0 ? { topicName: 'a', partitionIndex: 1 } : null
      const missing = index === 0 ? [] : [{ name: 'nix', errorCode: 3 }]
      const topic = { name: 'a', topicId: topicIdOf('a'), partitions: [{ ...partition, ...elr }] }
      return { topics: [topic, ...missing], nextCursor }
    })
    const described = await admin.describeTopics(['nix', 'a', ''], { partitionSizeLimitPerResponse: 1 })
    expect([...described.keys()]).toEqual(['nix', 'a', ''])
    expect(value(described.get('a')).partitions.map((p) => [p.partition, p.leader?.id ?? null])).toEqual([
      [0, 1],
      [1, null],
    ])
    expect(value(described.get('a')).partitions[0]?.elr).toEqual([{ id: 7, host: '', port: -1, rack: null }])
    expect(errorOf(described.get('nix')).name).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(errorOf(described.get('')).name).toBe('INVALID_TOPIC_EXCEPTION')
    expect(cursors).toEqual([null, { topicName: 'a', partitionIndex: 1 }])
  })

  it('describes topics from metadata where the broker is older', async () => {
    const described = await admin.describeTopics(['a', 'nix'])
    expect(value(described.get('a')).partitions.length).toBe(2)
    expect(errorOf(described.get('nix'))).toBeInstanceOf(KafkaError)
  })

  it('refuses a broker whose pages do not get anywhere', async () => {
    broker.on(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, () => ({
      topics: [],
      nextCursor: { topicName: 'a', partitionIndex: 0 },
    }))
    expect((await failure(admin.describeTopics(['a']))).reason).toBe('protocol')
  })

  it("reports each topic's fate with the controller's own words, and asks the controller when told to", async () => {
    topics.set('b', { partitions: 3 })
    broker.on(CreateTopicsRequest, CreateTopicsResponse, ({ request, index }) => ({
      topics: request.topics.map(({ name }) => ({
        name,
        topicId: topicIdOf(name),
        numPartitions: 3,
        errorCode: index === 0 ? 41 : name === 'a' ? 36 : 0,
        errorMessage: name === 'a' ? "Topic 'a' already exists." : null,
      })),
    }))
    const created = await admin.createTopics([{ name: 'a' }, { name: 'b', numPartitions: 3 }])
    expect(value(created.get('b'))).toEqual({ topicId: topicIdOf('b'), numPartitions: 3 })
    expect(errorOf(created.get('a'))).toMatchObject({
      message: "Topic 'a' already exists.",
      exceptionClass: 'org.apache.kafka.common.errors.TopicExistsException',
    })
    expect(broker.count(CreateTopicsRequest)).toBe(2)
    // Once for the controller's address, once to see that the new topic shows.
    expect(broker.count(MetadataRequest)).toBe(2)
  })

  it('waits until a new topic shows', async () => {
    broker.on(CreateTopicsRequest, CreateTopicsResponse, ({ request }) => ({
      topics: request.topics.map(({ name }) => ({ name, topicId: topicIdOf(name), numPartitions: 1 })),
    }))
    let looks = 0
    broker.on(MetadataRequest, MetadataResponse, ({ request }) => ({
      brokers: [{ nodeId: 1, ...broker.address }],
      controllerId: 1,
      topics: (request.topics ?? []).map(({ name }) => ({ name, errorCode: ++looks < 3 ? 3 : 0, partitions: [] })),
    }))
    expect((await admin.createTopics([{ name: 'late' }])).get('late')?.ok).toBe(true)
    expect(looks).toBe(3)
  })

  it('tries again after a lost connection', async () => {
    broker.on(CreateTopicsRequest, CreateTopicsResponse, ({ request, index }) =>
      index < 2 ? HANG_UP : { topics: request.topics.map(({ name }) => ({ name })) },
    )
    const created = await admin.createTopics([{ name: 'b' }])
    expect(created.get('b')?.ok).toBe(true)
    expect(broker.count(CreateTopicsRequest)).toBe(3)
    expect(warnings.length).toBe(1)
  })

  it('asks leaders for offsets, and looks for the leader again when it has moved', async () => {
    const timestamps: bigint[] = []
    broker.on(ListOffsetsRequest, ListOffsetsResponse, ({ request, index }) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => {
          timestamps.push(timestamp)
          const errorCode = partitionIndex === 1 && index === 0 ? 6 : 0
          return { partitionIndex, errorCode, offset: 40n + BigInt(partitionIndex), leaderEpoch: 5 }
        }),
      })),
    }))
    const first = { topic: 'a', partition: 0 }
    const second = { topic: 'a', partition: 1 }
    const missing = { topic: 'a', partition: 9 }
    const specs = new Map<TopicPartition, OffsetSpec>([
      [first, 'earliest'],
      [second, 1234],
      [missing, 'latest'],
    ])
    const listed = await admin.listOffsets(specs)
    expect(value(listed.get(first))).toEqual({ offset: 40, timestamp: -1, leaderEpoch: 5 })
    expect(value(listed.get(second)).offset).toBe(41)
    expect(errorOf(listed.get(missing)).name).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(timestamps).toEqual([-2n, 1234n, 1234n])
    expect(broker.count(MetadataRequest)).toBe(2)
  })

  it('says which request version a place in the log needs', async () => {
    broker.on(ListOffsetsRequest, ListOffsetsResponse, () => ({}), { max: 6 })
    const tp = { topic: 'a', partition: 0 }
    const listed = await admin.listOffsets(new Map([[tp, 'max-timestamp' as const]]))
    expect(errorOf(listed.get(tp)).message).toContain('LIST_OFFSETS with version in range [7,')
  })

  it('describes new groups first, others with DescribeGroups, and tells what was said first of one that is neither', async () => {
    broker.on(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ({ request }) => ({
      groups: request.groupIds.map((groupId) =>
        groupId === 'new'
          ? { groupId, groupState: 'Stable', groupEpoch: 3, assignmentEpoch: 3, assignorName: 'uniform' }
          : { groupId, errorCode: 69, errorMessage: `Group ${groupId} is not a consumer group.` },
      ),
    }))
    broker.on(DescribeGroupsRequest, DescribeGroupsResponse, ({ request }) => ({
      groups: request.groups.map((groupId) =>
        groupId === 'old'
          ? { groupId, groupState: 'Empty', protocolType: 'consumer', protocolData: 'range' }
          : { groupId, errorCode: 69, errorMessage: `Group ${groupId} not found.` },
      ),
    }))
    const groups = await admin.describeConsumerGroups(['new', 'old', 'none'])
    expect(value(groups.get('new'))).toMatchObject({ groupEpoch: 3, type: 'Consumer', partitionAssignor: 'uniform' })
    expect(value(groups.get('old'))).toMatchObject({ groupEpoch: null, type: 'Classic', partitionAssignor: 'range' })
    expect(errorOf(groups.get('none')).message).toBe('Group none is not a consumer group.')
  })

  it('looks for a coordinator again that has moved, and keeps one that has not', async () => {
    broker.on(OffsetFetchRequest, OffsetFetchResponse, ({ request, index }) => ({
      groups: request.groups.map(({ groupId }) => ({
        groupId,
        errorCode: index === 0 ? 16 : 0,
        topics: [
          {
            name: 'a',
            partitions: [
              { partitionIndex: 0, committedOffset: 7n, committedLeaderEpoch: 2, metadata: 'x' },
              { partitionIndex: 1, committedOffset: -1n },
            ],
          },
        ],
      })),
    }))
    const offsets = value((await admin.listConsumerGroupOffsets(['g'])).get('g'))
    await admin.listConsumerGroupOffsets(['g'])
    expect(offsets.get('a-0')).toEqual({ offset: 7, leaderEpoch: 2, metadata: 'x' })
    expect(offsets.get('a-1')).toBeNull()
    expect(broker.calls.filter(({ api }) => api === 'FindCoordinatorRequest').length).toBe(2)
  })

  it("gives every partition the group's error", async () => {
    broker.on(OffsetCommitRequest, OffsetCommitResponse, ({ request }) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: 25 })),
      })),
    }))
    const tp = { topic: 'a', partition: 0 }
    const committed = new Map([[tp, { offset: 3, leaderEpoch: null, metadata: '' }]])
    const altered = await admin.alterConsumerGroupOffsets('g', committed)
    expect(errorOf(altered.get(tp)).name).toBe('UNKNOWN_MEMBER_ID')
  })
})

describe('an admin client without a broker', () => {
  it('gives up after default.api.timeout.ms in the words of Java, and says why', async () => {
    const broker = await FakeBroker.start()
    const { address } = broker
    await broker.stop()
    const warnings: string[] = []
    const times = { defaultApiTimeoutMs: 30, retryBackoffMs: 5 }
    const admin = await connectAdmin({ bootstrapServers: [address], ...times, warn: (text) => warnings.push(text) })
    const error = await failure(admin.listTopics())
    const listing = await failure(admin.listGroups())
    const describing = await failure(admin.describeConsumerGroups(['g']))
    const committing = await failure(
      admin.alterConsumerGroupOffsets(
        'g',
        new Map([
          [
            { topic: 't', partition: 0 },
            { offset: 1, leaderEpoch: null, metadata: '' },
          ],
        ]),
      ),
    )
    await admin.close()
    expect([listing.message, listing.exceptionClass]).toEqual([
      'Failed to find brokers to send ListGroups',
      'org.apache.kafka.common.KafkaException',
    ])
    const words = 'Timed out waiting for a node assignment. Call: '
    expect(describing.message).toBe(`${words}describeConsumerGroups(api=FIND_COORDINATOR)`)
    expect(committing.message).toBe(`${words}offsetCommit(api=FIND_COORDINATOR)`)
    expect(error).toBeInstanceOf(ClientError)
    expect(error.message).toBe('Timed out waiting for a node assignment. Call: listTopics')
    expect(error.exceptionClass).toBe('org.apache.kafka.common.errors.TimeoutException')
    expect(error.detail).toContain(`Connection to 127.0.0.1:${address.port} was refused`)
    expect(error.nextStep).toContain('--bootstrap-server')
    expect(warnings.length).toBe(1)
  })

  it('fails at once when no name can be resolved', async () => {
    const admin = await connectAdmin({ bootstrapServers: [{ host: 'no-such-host.invalid', port: 9092 }] })
    const error = await failure(admin.listTopics())
    await admin.close()
    expect(error.message).toBe('No resolvable bootstrap urls given in bootstrap.servers')
  })

  it('uses the bootstrap server that answers', async () => {
    const broker = await FakeBroker.start()
    const gone = await FakeBroker.start()
    const { address } = gone
    await gone.stop()
    serveCluster(broker, new Map([['a', { partitions: 1 }]]))
    const admin = await connectAdmin({ ...testSettings(broker), bootstrapServers: [address, broker.address] })
    expect((await admin.listTopics()).length).toBe(1)
    await admin.close()
    await broker.stop()
  })

  it('says how often it tried when the broker does not answer in time', async () => {
    const broker = await FakeBroker.start()
    broker.on(MetadataRequest, MetadataResponse, () => NO_ANSWER)
    const times = { requestTimeoutMs: 20, defaultApiTimeoutMs: 60 }
    const admin = await connectAdmin({ ...testSettings(broker), ...times })
    const error = await failure(admin.listTopics())
    expect(error.message).toMatch(/^Call\(callName=listTopics, timeoutMs=60\) timed out after \d+ attempt\(s\)$/)
    await admin.close()
    await broker.stop()
  })

  it('does not wait for a connection it is just opening when it is closed', async () => {
    const sockets = new Set<Socket>()
    let asked = (): void => {}
    const silent = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('data', () => asked())
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const admin = await connectAdmin({ bootstrapServers: [{ host: '127.0.0.1', port }] })
    const call = failure(admin.listTopics())
    await new Promise<void>((resolve) => {
      asked = resolve
    })
    await admin.close()
    expect((await call).reason).toBe('closed')
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => silent.close(() => resolve()))
  })

  it('ends what is under way when it is closed', async () => {
    const broker = await FakeBroker.start()
    const asked = new Promise<void>((resolve) => {
      broker.on(MetadataRequest, MetadataResponse, () => {
        resolve()
        return NO_ANSWER
      })
    })
    const admin = await connectAdmin(testSettings(broker))
    const call = failure(admin.listTopics())
    await asked
    await admin.close()
    expect((await call).reason).toBe('closed')
    await broker.stop()
  })
})
