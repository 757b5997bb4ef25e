import { describe, expect, test } from 'vitest'
import { listGroups } from '../../../../src/broker/apis/16-list-groups.ts'
import { deleteGroups } from '../../../../src/broker/apis/42-delete-groups.ts'
import { consumerGroupHeartbeat } from '../../../../src/broker/apis/68-consumer-group-heartbeat.ts'
import { ErrorCode } from '../../../../src/protocol/errors.ts'
import { settle } from '../harness.ts'
import { active, owned, StreamsHarness, standby, topology } from './streams-harness.ts'

const statuses = (response: { status: { statusCode: number; statusDetail: string }[] | null }) =>
  (response.status ?? []).map(({ statusCode, statusDetail }) => `${statusCode} ${statusDetail}`)

describe('members', () => {
  test('the first one brings the topology and gets all tasks', async () => {
    const h = await StreamsHarness.started()
    const joined = await h.joinStreams('m1')
    expect(joined).toMatchObject({ errorCode: 0, memberId: 'm1', memberEpoch: 2, heartbeatIntervalMs: 5000 })
    expect(active(joined)).toEqual({ '0': [0, 1, 2, 3] })
    expect(active(await h.beat('m1', 2, owned({ '0': [0, 1, 2, 3] })))).toBeNull()
    expect(await h.describeStreams()).toMatchObject({ groupState: 'Stable', groupEpoch: 2, assignmentEpoch: 2 })
  })

  test('a second one waits until the first has let go of its tasks', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    const joined = await h.joinStreams('m2')
    expect([joined.memberEpoch, active(joined)]).toEqual([3, {}])
    const told = await h.beat('m1', 2, owned({ '0': [0, 1, 2, 3] }))
    expect([told.memberEpoch, active(told)]).toEqual([2, { '0': [0, 1] }])
    expect((await h.describeStreams()).groupState).toBe('Reconciling')
    expect(active(await h.beat('m2', 3, owned({})))).toBeNull()
    expect((await h.beat('m1', 2, owned({ '0': [0, 1] }))).memberEpoch).toBe(3)
    expect(active(await h.beat('m2', 3, owned({})))).toEqual({ '0': [2, 3] })
    expect((await h.describeStreams()).groupState).toBe('Stable')
  })

  test('one that has yet to give up tasks is told nothing new until it has', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    await h.joinStreams('m2')
    await h.beat('m1', 2, owned({ '0': [0, 1, 2, 3] }))
    for (const still of [owned({ '0': [0, 1, 2] }), {}]) {
      const told = await h.beat('m1', 2, still)
      expect([told.memberEpoch, active(told)]).toEqual([2, null])
    }
    expect(active(await h.beat('m2', 3, owned({})))).toBeNull()
  })

  test('one that does not give up its tasks in time is removed', async () => {
    const h = await StreamsHarness.started()
    h.streams.sessionTimeoutMs = 600_000
    await h.joinStreams('m1')
    await h.joinStreams('m2')
    await h.beat('m1', 2, owned({ '0': [0, 1, 2, 3] }))
    h.clock.advance(60_000)
    await settle()
    expect((await h.beat('m1', 2)).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(active(await h.beat('m2', 3, owned({})))).toEqual({ '0': [0, 1, 2, 3] })
  })

  test('one that falls silent is removed after its session', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    h.clock.advance(44_999)
    await settle()
    expect((await h.beat('m1', 2)).errorCode).toBe(0)
    h.clock.advance(45_000)
    await settle()
    expect(await h.describeStreams()).toMatchObject({ groupState: 'Empty', groupEpoch: 3, members: [] })
  })

  test('a restarted coordinator gives each a whole session and goes on', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    await h.joinStreams('m2')
    await h.beat('m1', 2, owned({ '0': [0, 1, 2, 3] }))
    const before = await h.describeStreams()
    const next = new StreamsHarness()
    next.log.push(...h.log)
    await next.coordinator.load(0, h.log)
    expect(await next.describeStreams()).toEqual(before)
    expect((await next.beat('m1', 2, owned({ '0': [0, 1] }))).memberEpoch).toBe(3)
    next.clock.advance(45_000)
    await settle()
    expect((await next.describeStreams()).members).toEqual([])
  })

  test('epochs that are not theirs fence them; the last one is good while they have nothing more', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    await h.joinStreams('m2')
    await h.beat('m1', 2, owned({ '0': [0, 1, 2, 3] }))
    await h.beat('m1', 2, owned({ '0': [0, 1] }))
    const fenced = await h.beat('m1', 9)
    expect(fenced).toMatchObject({
      errorCode: ErrorCode.FENCED_MEMBER_EPOCH,
      errorMessage:
        'The streams group member has a greater member epoch (9) than the one known by the group coordinator (3). The member must abandon all its partitions and rejoin.',
    })
    expect((await h.beat('m1', 1)).errorCode).toBe(ErrorCode.FENCED_MEMBER_EPOCH)
    expect((await h.beat('m1', 2, owned({ '0': [0, 1] }))).errorCode).toBe(0)
    expect((await h.beat('m1', 2, owned({ '0': [0, 1, 2] }))).errorCode).toBe(ErrorCode.FENCED_MEMBER_EPOCH)
  })

  test('there are at most group.streams.max.size', async () => {
    const h = await StreamsHarness.started()
    h.streams.maxSize = 1
    await h.joinStreams('m1')
    expect(await h.joinStreams('m2')).toMatchObject({
      errorCode: ErrorCode.GROUP_MAX_SIZE_REACHED,
      errorMessage: 'The streams group has reached its maximum capacity of 1 members.',
    })
  })

  test('a request to shut the application down reaches all until the group is empty', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    await h.joinStreams('m2')
    const detail =
      '4 Streams group member m1 encountered a fatal error and requested a shutdown for the entire application.'
    expect(statuses(await h.beat('m1', 2, { shutdownApplication: true }))).toEqual([detail])
    expect(statuses(await h.beat('m2', 3))).toEqual([detail])
    await h.beat('m1', -1)
    await h.beat('m2', -1)
    expect(statuses(await h.joinStreams('m3'))).toEqual([])
  })

  test('endpoints are told with the partitions behind them when they changed', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1', { userEndpoint: { host: 'h1', port: 1 } })
    const told = await h.beat('m1', 2, { endpointInformationEpoch: -1 })
    expect(told.endpointInformationEpoch).toBe(0)
    expect(told.partitionsByUserEndpoint).toEqual([
      {
        userEndpoint: { host: 'h1', port: 1 },
        activePartitions: [{ topic: 'orders', partitions: [0, 1, 2, 3] }],
        standbyPartitions: [],
      },
    ])
    expect((await h.beat('m1', 2, { endpointInformationEpoch: 0 })).partitionsByUserEndpoint).toBeNull()
    const second = await h.joinStreams('m2', { userEndpoint: { host: 'h2', port: 2 } })
    expect(second.endpointInformationEpoch).toBe(1)
    expect((await h.beat('m1', 2, { endpointInformationEpoch: 0 })).partitionsByUserEndpoint).toHaveLength(2)
  })
})

describe('assignments', () => {
  test('wait for the initial rebalance delay, then go to all that came', async () => {
    const h = await StreamsHarness.started()
    h.streams.initialRebalanceDelayMs = 3000
    const joined = await h.joinStreams('m1')
    expect([joined.memberEpoch, active(joined)]).toEqual([1, {}])
    expect(statuses(joined)).toEqual(['5 Assignment delayed due to the configured initial rebalance delay.'])
    await h.joinStreams('m2')
    h.clock.advance(3000)
    await settle()
    expect(await h.describeStreams()).toMatchObject({ groupState: 'Reconciling', groupEpoch: 3, assignmentEpoch: 3 })
    expect(active(await h.beat('m1', 1, owned({})))).toEqual({ '0': [0, 2] })
    expect(active(await h.beat('m2', 1, owned({})))).toEqual({ '0': [1, 3] })
  })

  test('are not computed more often than the assignment interval allows', async () => {
    const h = await StreamsHarness.started()
    h.streams.assignmentIntervalMs = 1000
    h.clock.setNowMs(5000)
    await h.joinStreams('m1')
    h.clock.advance(999)
    const joined = await h.joinStreams('m2')
    expect(statuses(joined)).toEqual(['5 Assignment delayed due to the configured assignment interval.'])
    h.clock.advance(1)
    expect((await h.beat('m2', joined.memberEpoch, owned({}))).memberEpoch).toBe(3)
  })

  test('have standbys in other processes, and change when the config does', async () => {
    const h = await StreamsHarness.started()
    h.topics.set('payments', 4)
    h.streams.numStandbyReplicas = 1
    const stateful = topology([{ sourceTopics: ['orders'], stateChangelogTopics: [{ name: 'payments' }] }])
    await h.joinStreams('m1', { topology: stateful })
    await h.joinStreams('m2', { topology: stateful })
    const one = await h.beat('m1', 2, owned({ '0': [0, 1, 2, 3] }))
    expect(active(one)).toEqual({ '0': [0, 1] })
    await h.beat('m1', 2, owned({ '0': [0, 1] }))
    const two = await h.beat('m2', 3, owned({}))
    expect([active(two), standby(two)]).toEqual([{ '0': [2, 3] }, { '0': [0, 1] }])
    h.streams.numStandbyReplicas = 0
    const without = await h.beat('m2', 3, owned({ '0': [2, 3] }, { '0': [0, 1] }))
    expect([without.memberEpoch, standby(without)]).toEqual([3, {}])
    expect((await h.beat('m2', 3, owned({ '0': [2, 3] }))).memberEpoch).toBe(4)
  })
})

describe('topologies', () => {
  test('with missing source topics wait for them', async () => {
    const h = await StreamsHarness.started()
    h.topics.delete('payments')
    const joined = await h.joinStreams('m1', { topology: topology([{ sourceTopics: ['payments', 'orders'] }]) })
    expect(statuses(joined)).toEqual(['1 Source topics payments are missing.'])
    expect(await h.describeStreams()).toMatchObject({ groupState: 'NotReady' })
    h.setTopic('payments', 2)
    const told = await h.beat('m1', 2, owned({}))
    expect([told.memberEpoch, active(told), statuses(told)]).toEqual([3, { '0': [0, 1, 2, 3] }, []])
  })

  test('have their internal topics made, with the partitions they need', async () => {
    const h = await StreamsHarness.started()
    h.topics.delete('payments')
    const asked = topology([
      { sourceTopics: ['orders'], repartitionSinkTopics: ['words'] },
      {
        repartitionSourceTopics: [{ name: 'words', topicConfigs: [{ key: 'cleanup.policy', value: 'delete' }] }],
        stateChangelogTopics: [{ name: 'payments', replicationFactor: 3 }],
      },
    ])
    const joined = await h.joinStreams('m1', { topology: asked })
    expect(statuses(joined)).toEqual(['3 Internal topics are missing: payments, words'])
    expect(h.created).toEqual([
      { name: 'words', numPartitions: 4, replicationFactor: 0, configs: new Map([['cleanup.policy', 'delete']]) },
      { name: 'payments', numPartitions: 4, replicationFactor: 3, configs: new Map() },
    ])
    h.streamsTopics.failure = (name) => (name === 'words' ? 'no room' : undefined)
    expect(statuses(await h.beat('m1', 2, owned({})))).toEqual([
      '3 Internal topics are missing: payments, words; Creation failed: words (no room).',
    ])
  })

  test('can not be changed; an old one is stale', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1', { topology: topology(undefined, 2) })
    expect(statuses(await h.joinStreams('m2', { topology: topology(undefined, 1) }))).toEqual([
      "0 The member's topology epoch 1 is behind the group's topology epoch 2.",
    ])
    expect(await h.joinStreams('m3', { topology: topology(undefined, 3) })).toMatchObject({
      errorCode: ErrorCode.INVALID_REQUEST,
      errorMessage: 'Topology updates are not supported yet.',
    })
  })

  test('that fix the partitions of a changelog are refused', async () => {
    const h = await StreamsHarness.started()
    const fixed = [{ sourceTopics: ['orders'], stateChangelogTopics: [{ name: 'payments', partitions: 2 }] }]
    expect(await h.joinStreams('m1', { topology: topology(fixed) })).toMatchObject({
      errorCode: ErrorCode.STREAMS_INVALID_TOPOLOGY,
      errorMessage: 'Changelog topic payments must have an undefined partition count, but it is set to 2.',
    })
  })

  test('with Kafka’s own topics or names that can be no topic’s are refused', async () => {
    const h = await StreamsHarness.started()
    const refused = async (name: string) => {
      const response = await h.joinStreams('m1', { topology: topology([{ sourceTopics: [name] }]) })
      return [response.errorCode, response.errorMessage]
    }
    expect(await refused('__consumer_offsets')).toEqual([
      ErrorCode.STREAMS_INVALID_TOPOLOGY,
      'Use of Kafka internal topics __consumer_offsets in a Kafka Streams topology is prohibited.',
    ])
    expect(await refused('a b')).toEqual([
      ErrorCode.STREAMS_INVALID_TOPOLOGY,
      'Topic names a b are not valid topic names.',
    ])
  })
})

describe('requests', () => {
  const nothing = { topology: topology(), rebalanceTimeoutMs: 1000, ...owned({}) }
  test.each([
    ['', 0, nothing, "MemberId can't be empty."],
    ['m', 0, { ...nothing, instanceId: 'i' }, 'Static membership is not yet supported.'],
    ['m', 0, { ...nothing, taskOffsets: [] }, 'TaskOffsets are not supported yet.'],
    ['m', 0, { ...nothing, rebalanceTimeoutMs: -1 }, 'RebalanceTimeoutMs must be provided in first request.'],
    ['m', 0, { ...nothing, topology: null }, 'Topology must be non-null when (re-)joining.'],
    ['m', 0, { ...nothing, activeTasks: null }, 'ActiveTasks must be empty when (re-)joining.'],
    ['m', -3, {}, 'MemberEpoch is -3, but must be greater than or equal to -2.'],
    ['m', 5, { activeTasks: [] }, 'If one task-type is non-null, all must be non-null.'],
    ['m', 5, { topology: topology() }, 'Topology can only be provided when (re-)joining.'],
  ])('of %j in epoch %i are refused', async (memberId, memberEpoch, draft, errorMessage) => {
    const h = await StreamsHarness.started()
    const response = await h.beat(memberId, memberEpoch, draft)
    expect(response).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST, errorMessage })
    expect(h.log).toEqual([])
  })

  test('that name tasks which do not exist are refused', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    expect(await h.beat('m1', 2, owned({ '0': [4] }))).toMatchObject({
      errorCode: ErrorCode.INVALID_REQUEST,
      errorMessage: 'Task 4 for subtopology 0 is invalid. Number of tasks for this subtopology: 4',
    })
  })

  test('whose records can not be written change nothing', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    const before = await h.describeStreams()
    h.appendError = Object.assign(new Error('no'), { code: ErrorCode.NOT_ENOUGH_REPLICAS }) as never
    expect((await h.joinStreams('m2')).errorCode).not.toBe(0)
    h.appendError = undefined
    expect(await h.describeStreams()).toEqual(before)
    expect((await h.joinStreams('m2')).memberEpoch).toBe(3)
  })
})

describe('kinds of groups', () => {
  test('a group is listed, and deleted when it is empty', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    const list = async () => (await h.call(listGroups, 5, { typesFilter: ['Streams'] })).groups
    expect(await list()).toEqual([
      { groupId: 'g', protocolType: 'streams', groupState: 'Stable', groupType: 'streams' },
    ])
    const remove = async () => (await h.call(deleteGroups, 2, { groupsNames: ['g'] })).results[0]!.errorCode
    expect(await remove()).toBe(ErrorCode.NON_EMPTY_GROUP)
    await h.beat('m1', -1)
    expect(await remove()).toBe(0)
    expect(await list()).toEqual([])
    expect(h.replayed().size).toBe(0)
  })

  test('others do not get in while there are members', async () => {
    const h = await StreamsHarness.started()
    await h.joinStreams('m1')
    expect((await h.join().done).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    const request = { groupId: 'g', memberId: 'c', rebalanceTimeoutMs: 1000, subscribedTopicNames: ['orders'] }
    expect(await h.call(consumerGroupHeartbeat, 1, { ...request, topicPartitions: [] })).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group g is not a consumer group.',
    })
    await h.beat('m1', -1)
    expect((await h.join().done).errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
    expect(h.replayed().size).toBe(0)
  })

  test('an empty classic group makes room, one with members does not', async () => {
    const h = await StreamsHarness.started()
    const { memberId } = await h.stable()
    expect(await h.joinStreams('m1')).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group g is not a streams group.',
    })
    await h.leave({ memberId })
    await h.commit(7)
    expect((await h.joinStreams('m1')).errorCode).toBe(0)
    expect(await h.offsets()).toEqual({ 'orders-0': 7 })
    expect(h.replayed().get('g')?.state).toBe('Stable')
  })
})
