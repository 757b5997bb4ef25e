import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Consumer } from '../../src/client/consumer/consumer.ts'
import { decodeAssignment, encodeAssignment, encodeSubscription } from '../../src/client/consumer/protocol-data.ts'
import type { ConsumerSettings } from '../../src/client/consumer/settings.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/generated/01-fetch.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../src/protocol/generated/02-list-offsets.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../src/protocol/generated/08-offset-commit.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../src/protocol/generated/09-offset-fetch.ts'
import { JoinGroupRequest, JoinGroupResponse } from '../../src/protocol/generated/11-join-group.ts'
import { HeartbeatRequest, HeartbeatResponse } from '../../src/protocol/generated/12-heartbeat.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from '../../src/protocol/generated/13-leave-group.ts'
import { SyncGroupRequest, SyncGroupResponse } from '../../src/protocol/generated/14-sync-group.ts'
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../src/protocol/generated/68-consumer-group-heartbeat.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { FakeBroker, HANG_UP } from './fake-broker.ts'
import { type FakeTopic, serveCluster, testSettings, topicIdOf } from './fake-cluster.ts'

const TP = { topic: 't', partition: 0 }

describe('the consumer', () => {
  let broker: FakeBroker
  let consumer: Consumer
  let warnings: string[]
  const topics = new Map<string, FakeTopic>()
  /** The log of every partition: values, from offset 0. */
  let log: string[]
  let committed: Map<string, number>

  beforeEach(async () => {
    broker = await FakeBroker.start()
    topics.clear()
    topics.set('t', { partitions: 1, leaderEpoch: 4 })
    serveCluster(broker, topics)
    log = ['a', 'b', 'c', 'd']
    committed = new Map()
    warnings = []
    serveFetch()
    serveOffsets()
  })

  afterEach(async () => {
    await consumer.close()
    await broker.stop()
  })

  function serveFetch(errorOnce = 0): void {
    broker.on(FetchRequest, FetchResponse, async ({ request, index }) => {
      const responses = request.topics.map(({ topicId, partitions }) => ({
        topicId,
        partitions: partitions.map(({ partition, fetchOffset }) => {
          const from = Number(fetchOffset)
          if (errorOnce !== 0 && index === 0) return { partitionIndex: partition, errorCode: errorOnce, records: null }
          // As a broker does, the batch that holds the offset comes whole: batches here have two records.
          const start = from - (from % 2)
          const records = log.slice(start, start + 2).map((value) => ({ value: Buffer.from(value), timestamp: 1 }))
          const batch =
            records.length === 0 ? null : buildBatch(records, { baseOffset: start, partitionLeaderEpoch: 4 })
          return {
            partitionIndex: partition,
            highWatermark: BigInt(log.length),
            records: from < log.length ? batch : null,
          }
        }),
      }))
      const empty = responses.every((topic) => topic.partitions.every((p) => p.records === null))
      if (empty) await new Promise((resolve) => setTimeout(resolve, 2))
      return { responses }
    })
  }

  function serveOffsets(): void {
    broker.on(ListOffsetsRequest, ListOffsetsResponse, ({ request }) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => {
          const offset = timestamp === -2n ? 0n : timestamp === -1n ? BigInt(log.length) : timestamp > 1n ? -1n : 1n
          return { partitionIndex, offset, leaderEpoch: 4 }
        }),
      })),
    }))
    broker.on(OffsetFetchRequest, OffsetFetchResponse, ({ request }) => ({
      groups: request.groups.map(({ groupId, topics: asked }) => ({
        groupId,
        topics: (asked ?? []).map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            committedOffset: BigInt(committed.get(`${name}-${partitionIndex}`) ?? -1),
          })),
        })),
      })),
    }))
    broker.on(OffsetCommitRequest, OffsetCommitResponse, ({ request }) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, committedOffset }) => {
          committed.set(`${name}-${partitionIndex}`, Number(committedOffset))
          return { partitionIndex }
        }),
      })),
    }))
  }

  const start = (more: Partial<ConsumerSettings> = {}): Consumer => {
    const settings = { ...testSettings(broker), fetchMaxWaitMs: 5, warn: (message: string) => warnings.push(message) }
    consumer = new Consumer({ ...settings, autoOffsetReset: 'earliest', ...more })
    return consumer
  }
  const read = async (count: number): Promise<string[]> => {
    const seen: string[] = []
    while (seen.length < count) {
      const fetched = await consumer.poll(5000)
      if (fetched.length === 0) throw new Error('nothing came')
      for (const partition of fetched) {
        consumer.consume(partition, (cursor) => {
          seen.push(String(cursor.value()))
          return seen.length < count
        })
      }
    }
    return seen
  }
  const failure = (promise: Promise<unknown>): Promise<Error & { reason?: string }> =>
    promise.then(
      () => Promise.reject(new Error('did not fail')),
      (error: Error) => error,
    )

  it('reads an assigned partition from the beginning, in order', async () => {
    start()
    consumer.assign([TP])
    expect(await read(4)).toEqual(['a', 'b', 'c', 'd'])
    expect(consumer.position(TP)).toBe(4)
    expect(consumer.highWatermark(TP)).toBe(4)
    expect([...consumer.positions().values()]).toEqual([{ offset: 4, leaderEpoch: 4, metadata: '' }])
  })

  it('moves the position only by what is consumed', async () => {
    start()
    consumer.assign([TP])
    const [fetched] = await consumer.poll(5000)
    expect(fetched?.nextOffset).toBe(2)
    expect(consumer.position(TP)).toBe(0)
    if (fetched) consumer.consume(fetched, () => false)
    expect(consumer.position(TP)).toBe(1)
    consumer.advance(TP, 2)
    expect(consumer.position(TP)).toBe(2)
    expect(await read(2)).toEqual(['c', 'd'])
  })

  it('starts within a batch after a seek', async () => {
    start()
    consumer.assign([TP])
    consumer.seek(TP, { offset: 1 })
    expect(await read(3)).toEqual(['b', 'c', 'd'])
    consumer.seek(TP, 'earliest')
    expect(await read(1)).toEqual(['a'])
  })

  it.each([
    ['latest' as const, 4],
    ['earliest' as const, 0],
    [{ durationMs: 1000 }, 4],
  ])('starts at %j without a commit', async (autoOffsetReset, position) => {
    start({ autoOffsetReset })
    consumer.assign([TP])
    while (consumer.position(TP) === null) await consumer.poll(1)
    expect(consumer.position(TP)).toBe(position)
  })

  it('refuses to start without a commit when told so', async () => {
    start({ autoOffsetReset: 'none' })
    consumer.assign([TP])
    const error = await failure(consumer.poll(5000))
    expect(error).toMatchObject({ reason: 'no-offset' })
    expect(error.message).toBe('Undefined offset with no reset policy for partitions: [t-0]')
  })

  it('starts over by auto.offset.reset when its offset is gone', async () => {
    serveFetch(1)
    start()
    consumer.assign([TP])
    consumer.seek(TP, { offset: 2 })
    expect(await read(2)).toEqual(['a', 'b'])
  })

  it('goes on after the leader has moved or the connection is lost', async () => {
    serveFetch(6)
    start()
    consumer.assign([TP])
    expect(await read(2)).toEqual(['a', 'b'])
    broker.dropConnections()
    expect(await read(2)).toEqual(['c', 'd'])
  })

  it('is woken up', async () => {
    start()
    log = []
    consumer.assign([TP])
    const polled = failure(consumer.poll(60_000))
    consumer.wakeup()
    expect(await polled).toMatchObject({ reason: 'wakeup' })
    expect(await consumer.poll(1)).toEqual([])
  })

  it('sees nothing of a paused partition', async () => {
    start()
    consumer.assign([TP])
    consumer.pause([TP])
    expect(await consumer.poll(20)).toEqual([])
    consumer.resume([TP])
    expect(await read(1)).toEqual(['a'])
  })

  it('notices a damaged batch', async () => {
    start()
    consumer.assign([TP])
    const [fetched] = await consumer.poll(5000)
    if (fetched) fetched.buffer[fetched.buffer.length - 1] = 0x7f
    expect(() => fetched && consumer.consume(fetched, () => true)).toThrow(/checksum/)
  })

  describe('in a classic group', () => {
    const joins: string[] = []
    const left: string[] = []
    const committedAtJoin: number[] = []
    const assigned: { memberId: string; partitions: unknown }[] = []

    beforeEach(() => {
      joins.length = 0
      left.length = 0
      committedAtJoin.length = 0
      assigned.length = 0
      broker.on(JoinGroupRequest, JoinGroupResponse, ({ request }) => {
        committedAtJoin.push(committed.get('t-0') ?? -1)
        joins.push(`${request.memberId} ${request.protocols.map((protocol) => protocol.name).join()}`)
        if (request.memberId === '') return { errorCode: 79, memberId: 'm1' }
        const metadata = encodeSubscription(['t'], [], -1, '')
        const members = ['m1', 'm2'].map((memberId) => ({ memberId, metadata }))
        return { generationId: joins.length, protocolName: 'range', leader: 'm1', memberId: 'm1', members }
      })
      broker.on(SyncGroupRequest, SyncGroupResponse, ({ request }) => {
        for (const { memberId, assignment } of request.assignments) {
          assigned.push({ memberId, partitions: decodeAssignment(assignment) })
        }
        return { assignment: encodeAssignment([TP]) }
      })
      broker.on(HeartbeatRequest, HeartbeatResponse, ({ index }) => ({ errorCode: index === 0 ? 27 : 0 }))
      broker.on(LeaveGroupRequest, LeaveGroupResponse, ({ request }) => {
        left.push(...request.members.map((member) => member.memberId))
        return {}
      })
    })

    it('joins, assigns as the leader, commits and leaves', async () => {
      start({ groupId: 'g' })
      consumer.subscribe({ topics: ['t'] })
      expect(await read(3)).toEqual(['a', 'b', 'c'])
      expect(joins).toEqual([' range,cooperative-sticky', 'm1 range,cooperative-sticky'])
      expect(assigned).toEqual([
        { memberId: 'm1', partitions: [TP] },
        { memberId: 'm2', partitions: [] },
      ])
      await consumer.close()
      expect(committed.get('t-0')).toBe(3)
      expect(left).toEqual(['m1'])
    })

    it('goes on from what the group committed', async () => {
      committed.set('t-0', 2)
      start({ groupId: 'g' })
      consumer.subscribe({ pattern: /^t$/ })
      expect(await read(2)).toEqual(['c', 'd'])
    })

    it('commits before it joins again when the group rebalances', async () => {
      start({ groupId: 'g', heartbeatIntervalMs: 1 })
      consumer.subscribe({ topics: ['t'] })
      let rebalance = false
      broker.on(HeartbeatRequest, HeartbeatResponse, () => ({ errorCode: rebalance ? 27 : 0 }))
      const seen = await read(2)
      rebalance = true
      while (joins.length < 3 || seen.length < 4) {
        for (const fetched of await consumer.poll(5))
          consumer.consume(fetched, (cursor) => seen.push(String(cursor.value())))
      }
      rebalance = false
      expect(committedAtJoin[2]).toBeGreaterThanOrEqual(2)
      expect(seen).toEqual(['a', 'b', 'c', 'd'])
    })

    it('hands out nothing of what it is about to lose while it commits', async () => {
      start({ groupId: 'g', heartbeatIntervalMs: 1 })
      consumer.subscribe({ topics: ['t'] })
      log = ['a', 'b']
      let commits = 0
      let release = (): void => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      broker.on(OffsetCommitRequest, OffsetCommitResponse, async ({ request }) => {
        commits++
        const offset = request.topics[0]?.partitions[0]?.committedOffset
        log = ['a', 'b', 'c', 'd']
        await released
        committed.set('t-0', Number(offset))
        return { topics: [{ name: 't', partitions: [{ partitionIndex: 0 }] }] }
      })
      let rebalance = false
      broker.on(HeartbeatRequest, HeartbeatResponse, () => ({ errorCode: rebalance && commits === 0 ? 27 : 0 }))
      expect(await read(2)).toEqual(['a', 'b'])
      rebalance = true
      while (commits === 0) expect(await consumer.poll(5)).toEqual([])
      for (let polls = 0; polls < 5; polls++) expect(await consumer.poll(5)).toEqual([])
      release()
      expect(await read(2)).toEqual(['c', 'd'])
    })

    it('joins as a new member when it was forgotten', async () => {
      broker.on(HeartbeatRequest, HeartbeatResponse, ({ index }) => ({ errorCode: index === 0 ? 25 : 0 }))
      start({ groupId: 'g', heartbeatIntervalMs: 1 })
      consumer.subscribe({ topics: ['t'] })
      while (joins.length < 4) await consumer.poll(5)
      expect(joins[2]).toBe(' range,cooperative-sticky')
    })

    it('stays in the group when it is a static member', async () => {
      start({ groupId: 'g', groupInstanceId: 'i1' })
      consumer.subscribe({ topics: ['t'] })
      await read(1)
      await consumer.close()
      expect(left).toEqual([])
    })

    it('reports what joining again can not cure', async () => {
      broker.on(JoinGroupRequest, JoinGroupResponse, () => ({ errorCode: 81 }))
      start({ groupId: 'g' })
      consumer.subscribe({ topics: ['t'] })
      expect((await failure(consumer.poll(5000))).name).toBe('GROUP_MAX_SIZE_REACHED')
    })

    it('survives a coordinator that goes away while it joins', async () => {
      let calls = 0
      broker.on(JoinGroupRequest, JoinGroupResponse, () => {
        if (calls++ === 0) return HANG_UP
        const metadata = encodeSubscription(['t'], [], -1, '')
        const members = [{ memberId: 'm1', metadata }]
        return { generationId: 1, protocolName: 'range', leader: 'm1', memberId: 'm1', members }
      })
      start({ groupId: 'g' })
      consumer.subscribe({ topics: ['t'] })
      expect(await read(1)).toEqual(['a'])
      expect(warnings.length).toBeGreaterThan(0)
    })
  })

  it('joins by KIP-848, takes over what it is given, and leaves', async () => {
    const epochs: number[] = []
    const owned: unknown[] = []
    broker.on(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ({ request, index }) => {
      epochs.push(request.memberEpoch)
      owned.push(request.topicPartitions?.map(({ partitions }) => partitions))
      if (request.memberEpoch === 0) expect(request.subscribedTopicNames).toEqual(['t'])
      const topicPartitions = [{ topicId: topicIdOf('t'), partitions: [0] }]
      const assignment = index === 0 ? { topicPartitions } : null
      return { memberId: request.memberId, memberEpoch: 7, heartbeatIntervalMs: 1000, assignment }
    })
    start({ groupId: 'g', groupProtocol: 'CONSUMER' })
    consumer.subscribe({ topics: ['t'] })
    expect(await read(4)).toEqual(['a', 'b', 'c', 'd'])
    await consumer.close()
    expect(committed.get('t-0')).toBe(4)
    expect(epochs).toEqual([0, 7, -1])
    expect(owned).toEqual([[], [[0]], undefined])
  })

  it('joins again with epoch 0 when it is fenced', async () => {
    const epochs: number[] = []
    broker.on(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ({ request, index }) => {
      epochs.push(request.memberEpoch)
      if (index === 1) return { errorCode: 110, errorMessage: 'fenced' }
      const assignment = { topicPartitions: [{ topicId: topicIdOf('t'), partitions: [0] }] }
      return { memberId: request.memberId, memberEpoch: 3, heartbeatIntervalMs: 1000, assignment }
    })
    start({ groupId: 'g', groupProtocol: 'CONSUMER' })
    consumer.subscribe({ topics: ['t'] })
    while (epochs.length < 3) await consumer.poll(5)
    expect(epochs.slice(0, 3)).toEqual([0, 3, 0])
  })
})
