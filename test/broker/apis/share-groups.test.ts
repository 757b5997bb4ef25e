import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../../src/protocol/generated/10-find-coordinator.ts'
import { ListGroupsRequest, ListGroupsResponse } from '../../../src/protocol/generated/16-list-groups.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../../src/protocol/generated/20-delete-topics.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../../src/protocol/generated/21-delete-records.ts'
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../../src/protocol/generated/42-delete-groups.ts'
import {
  ShareAcknowledgeRequest,
  ShareAcknowledgeResponse,
} from '../../../src/protocol/generated/79-share-acknowledge.ts'
import {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from '../../../src/protocol/generated/84-read-share-group-state.ts'
import {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from '../../../src/protocol/generated/85-write-share-group-state.ts'
import {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from '../../../src/protocol/generated/87-read-share-group-state-summary.ts'
import {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../../src/protocol/generated/91-alter-share-group-offsets.ts'
import {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../../src/protocol/generated/92-delete-share-group-offsets.ts'
import { TestBroker, type TestClient } from '../in-process.ts'
import { configureGroup, Member, newName, newTopic, offsetsOf, produce, type Topic } from './share-fixture.ts'

/** A fetch that nothing wakes makes its test run out of time. */
const NEVER_MS = 3_600_000
const [ACCEPT, RELEASE, REJECT, RENEW] = [1, 2, 3, 4]

let broker: TestBroker
let client: TestClient
beforeAll(async () => {
  broker = await TestBroker.start({
    'share.coordinator.state.topic.num.partitions': '2',
    'share.coordinator.snapshot.update.records.per.snapshot': '3',
    'group.share.min.record.lock.duration.ms': '1000',
  })
  client = await broker.connect()
})
afterAll(async () => {
  client.close()
  await broker.stop()
})

async function memberOfNew(count: number, configs: Record<string, string> = {}): Promise<Member> {
  const groupId = newName('group')
  await configureGroup(client, groupId, configs)
  return await Member.joined(broker, groupId, await newTopic(client, count))
}

describe('share groups over the wire', () => {
  it('assigns the partitions to a member that joins, at once', async () => {
    const groupId = newName('group')
    const topic = await newTopic(client, 0)
    const member = new Member(client, groupId, topic)
    await client.request(FindCoordinatorRequest, FindCoordinatorResponse, 6, { keyType: 0, coordinatorKeys: [groupId] })
    const answer = await member.beat({ subscribedTopicNames: [topic.name] })
    expect(answer).toMatchObject({ errorCode: 0, memberId: member.memberId, heartbeatIntervalMs: 5000 })
    expect(answer.assignment?.topicPartitions).toEqual([{ topicId: topic.id, partitions: [0] }])
  })

  it('hands records out, takes acknowledgements, and counts deliveries', async () => {
    const a = await memberOfNew(10)
    const b = await Member.joined(broker, a.groupId, a.topic)
    expect(await a.acquire()).toEqual([[0, 9, 1]])
    expect(await b.acquire()).toEqual([])
    expect(await a.acknowledge(0, 9, [1, 1, 1, 2, 2, 3, 0, 1, 1, 1])).toEqual([0, null])
    expect(await offsetsOf(client, a.groupId)).toEqual([0, 2])
    expect(await b.acquire()).toEqual([[3, 4, 2]])
    expect(await b.acknowledge(3, 4, [ACCEPT!])).toEqual([0, null])
    await produce(client, a.topic, 1)
    expect(await a.acquire()).toEqual([[10, 10, 1]])
    expect(await a.acknowledge(10, 10, [ACCEPT!])).toEqual([0, null])
    expect((await offsetsOf(client, a.groupId))![1]).toBe(0)
  })

  it('refuses acknowledgements in Kafka’s words', async () => {
    const a = await memberOfNew(10)
    const b = await Member.joined(broker, a.groupId, a.topic)
    await a.acquire()
    await b.acquire()
    const { INVALID_RECORD_STATE, INVALID_REQUEST } = ErrorCode
    expect(await b.acknowledge(0, 9, [ACCEPT!])).toEqual([
      INVALID_RECORD_STATE,
      'Member is not the owner of batch record',
    ])
    expect(await b.acknowledge(1, 2, [ACCEPT!])).toEqual([INVALID_RECORD_STATE, 'Member is not the owner of offset'])
    const tooFar = 'Batch record not found. The last offset in request is past acquired records.'
    expect(await a.acknowledge(5, 12, [ACCEPT!])).toEqual([INVALID_REQUEST, tooFar])
    expect((await a.acknowledge(5, 3, [ACCEPT!]))[0]).toBe(INVALID_REQUEST)
    expect((await a.acknowledge(0, 2, [1, 2]))[0]).toBe(INVALID_REQUEST)
    expect((await a.acknowledge(0, 0, [9]))[0]).toBe(INVALID_REQUEST)
    expect((await a.acknowledge(0, 0, [RENEW!]))[0]).toBe(INVALID_REQUEST)
    expect(await a.acknowledge(0, 9, [RENEW!], { isRenewAck: true })).toEqual([0, null])
    expect(await a.acknowledge(0, 4, [REJECT!])).toEqual([0, null])
    const released = 'The offset cannot be acknowledged. The offset is not acquired.'
    expect(await a.acknowledge(5, 5, [RELEASE!])).toEqual([0, null])
    expect(await a.acknowledge(5, 6, [ACCEPT!])).toEqual([INVALID_RECORD_STATE, released])
  })

  it('keeps sessions apart, by epoch', async () => {
    const member = await memberOfNew(1)
    member.sessionEpoch = 3
    expect((await member.fetch()).errorCode).toBe(ErrorCode.SHARE_SESSION_NOT_FOUND)
    expect((await member.acknowledge(0, 0, [ACCEPT!]))[0]).toBe(ErrorCode.SHARE_SESSION_NOT_FOUND)
    member.sessionEpoch = 0
    expect((await member.acknowledge(0, 0, [ACCEPT!]))[0]).toBe(ErrorCode.INVALID_SHARE_SESSION_EPOCH)
    await member.fetch()
    member.sessionEpoch = 7
    expect((await member.fetch()).errorCode).toBe(ErrorCode.INVALID_SHARE_SESSION_EPOCH)
    for (const odd of [{ memberId: 'x'.repeat(40) }, { groupId: null }]) {
      expect(await member.fetch(odd)).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST, errorMessage: null })
    }
  })

  it('makes what a member had available when its connection or its session ends', async () => {
    const a = await memberOfNew(4)
    const b = await Member.joined(broker, a.groupId, a.topic)
    expect(await a.acquire()).toEqual([[0, 3, 1]])
    const waiting = b.acquire({ maxWaitMs: NEVER_MS })
    a.client.close()
    expect(await waiting).toEqual([[0, 3, 2]])
    const c = await Member.joined(broker, a.groupId, a.topic)
    await c.fetch()
    expect((await b.acknowledge(0, 1, [ACCEPT!], { shareSessionEpoch: -1 }))[0]).toBe(0)
    expect(await c.acquire()).toEqual([[2, 3, 3]])
  })

  it('wakes a waiting fetch when records come, and when a lock ends', async () => {
    const a = await memberOfNew(0, { 'share.record.lock.duration.ms': '1000' })
    const waiting = a.acquire({ maxWaitMs: NEVER_MS })
    await produce(client, a.topic, 2)
    expect(await waiting).toEqual([[0, 1, 1]])
    const b = await Member.joined(broker, a.groupId, a.topic)
    expect(await b.acquire({ maxWaitMs: NEVER_MS })).toEqual([[0, 1, 2]])
  })

  it('takes a strict record limit strictly, and keeps batches together otherwise', async () => {
    const a = await memberOfNew(10)
    expect(await a.acquire({ maxRecords: 3, shareAcquireMode: 1 })).toEqual([[0, 2, 1]])
    expect(await a.acquire({ maxRecords: 3 })).toEqual([[3, 9, 1]])
  })

  it('goes on where it was after a restart, with delivery counts', async () => {
    const a = await memberOfNew(10)
    await a.acquire()
    for (const offset of [0, 1, 2, 3]) expect(await a.acknowledge(offset, offset, [ACCEPT!])).toEqual([0, null])
    await a.acknowledge(6, 6, [ACCEPT!])
    await a.acknowledge(8, 8, [RELEASE!])
    client.close()
    await broker.restart()
    client = await broker.connect()
    expect(await offsetsOf(client, a.groupId)).toEqual([4, 5])
    const b = await Member.joined(broker, a.groupId, a.topic)
    expect(await b.acquire()).toEqual([
      [4, 5, 1],
      [7, 7, 1],
      [8, 8, 2],
      [9, 9, 1],
    ])
    const { groups } = await client.request(ListGroupsRequest, ListGroupsResponse, 5, { typesFilter: ['share'] })
    expect(groups).toContainEqual(
      expect.objectContaining({ groupId: a.groupId, groupType: 'share', groupState: 'Stable' }),
    )
  })

  it('follows the log when its start moves', async () => {
    const a = await memberOfNew(10)
    const b = await Member.joined(broker, a.groupId, a.topic)
    expect(await a.acquire({ maxRecords: 4, shareAcquireMode: 1 })).toEqual([[0, 3, 1]])
    await client.request(DeleteRecordsRequest, DeleteRecordsResponse, 2, {
      topics: [{ name: a.topic.name, partitions: [{ partitionIndex: 0, offset: 6n }] }],
    })
    expect(await b.acquire()).toEqual([[6, 9, 1]])
    expect(await a.acknowledge(0, 3, [ACCEPT!])).toEqual([0, null])
  })
})

describe('what goes away under a share group', () => {
  it('answers a waiting fetch when its topic is deleted', async () => {
    const a = await memberOfNew(0)
    await a.fetch()
    const waiting = a.fetch({ maxWaitMs: NEVER_MS })
    // On another connection: requests of one are answered in order.
    await client.request(DeleteTopicsRequest, DeleteTopicsResponse, 6, {
      topics: [{ name: a.topic.name }],
      timeoutMs: 1000,
    })
    const answer = await waiting
    expect(answer.responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  })

  it('answers a waiting fetch whose session is ended elsewhere', async () => {
    const a = await memberOfNew(0)
    await a.fetch()
    const waiting = a.fetch({ maxWaitMs: NEVER_MS })
    const other = new Member(client, a.groupId, a.topic)
    const ended = await other.fetch({ memberId: a.memberId, shareSessionEpoch: -1, topics: [] })
    expect(ended.errorCode).toBe(0)
    const answer = await waiting
    // The fetch may have come after the end.
    if (answer.errorCode === ErrorCode.SHARE_SESSION_NOT_FOUND) return
    expect(answer.responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  })
})

describe('offsets and deletion of share groups', () => {
  const alter = (groupId: string, topic: Topic, startOffset: number, partitionIndex = 0) =>
    client.request(AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, 0, {
      groupId,
      topics: [{ topicName: topic.name, partitions: [{ partitionIndex, startOffset: BigInt(startOffset) }] }],
    })
  const deleteGroup = async (groupId: string) =>
    (await client.request(DeleteGroupsRequest, DeleteGroupsResponse, 2, { groupsNames: [groupId] })).results[0]!
      .errorCode

  it('alters, deletes and forgets once the group is empty', async () => {
    const a = await memberOfNew(10)
    await a.acquire()
    await a.acknowledge(0, 9, [ACCEPT!])
    expect((await alter(a.groupId, a.topic, 4)).errorCode).toBe(ErrorCode.NON_EMPTY_GROUP)
    expect(await deleteGroup(a.groupId)).toBe(ErrorCode.NON_EMPTY_GROUP)
    await a.fetch({ shareSessionEpoch: -1, topics: [] })
    await a.beat({ memberEpoch: -1 })
    const altered = await alter(a.groupId, a.topic, 4)
    expect(altered.responses[0]).toMatchObject({ topicId: a.topic.id, partitions: [{ errorCode: 0 }] })
    expect(await offsetsOf(client, a.groupId)).toEqual([4, 6])
    const unknown = await alter(a.groupId, a.topic, 4, 3)
    expect(unknown.responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    const b = await Member.joined(broker, a.groupId, a.topic)
    expect(await b.acquire()).toEqual([[4, 9, 1]])
    await b.fetch({ shareSessionEpoch: -1, topics: [] })
    await b.beat({ memberEpoch: -1 })
    const forgotten = await client.request(DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, 0, {
      groupId: a.groupId,
      topics: [{ topicName: a.topic.name }, { topicName: 'no-such-topic' }],
    })
    expect(forgotten.responses.map(({ errorCode }) => errorCode)).toEqual([0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])
    expect(await offsetsOf(client, a.groupId)).toBeUndefined()
    expect(await deleteGroup(a.groupId)).toBe(0)
    expect(await deleteGroup(a.groupId)).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
  })
})

describe('the share coordinator’s own requests', () => {
  const of = (groupId: string, { id }: Topic, more: object) => ({
    groupId,
    topics: [{ topicId: id, partitions: [{ partition: 0, ...more }] }],
  })

  it('fences old leaders and states', async () => {
    const a = await memberOfNew(3)
    await a.acquire()
    const read = async (leaderEpoch: number) =>
      (
        await client.request(
          ReadShareGroupStateRequest,
          ReadShareGroupStateResponse,
          0,
          of(a.groupId, a.topic, { leaderEpoch }),
        )
      ).results[0]!.partitions[0]!
    const write = async (more: object) =>
      (
        await client.request(
          WriteShareGroupStateRequest,
          WriteShareGroupStateResponse,
          1,
          of(a.groupId, a.topic, { startOffset: 1n, deliveryCompleteCount: 0, stateBatches: [], ...more }),
        )
      ).results[0]!.partitions[0]!
    const first = await read(5)
    expect(first).toMatchObject({ errorCode: 0, startOffset: -1n, stateEpoch: 2 })
    expect((await read(4)).errorCode).toBe(ErrorCode.FENCED_LEADER_EPOCH)
    expect((await write({ leaderEpoch: 4, stateEpoch: 2 })).errorCode).toBe(ErrorCode.FENCED_LEADER_EPOCH)
    expect((await write({ leaderEpoch: 5, stateEpoch: 1 })).errorCode).toBe(ErrorCode.FENCED_STATE_EPOCH)
    expect((await write({ leaderEpoch: 5, stateEpoch: 2 })).errorCode).toBe(0)
    const summary = await client.request(
      ReadShareGroupStateSummaryRequest,
      ReadShareGroupStateSummaryResponse,
      1,
      of(a.groupId, a.topic, { leaderEpoch: 5 }),
    )
    expect(summary.results[0]!.partitions[0]).toMatchObject({ errorCode: 0, startOffset: 1n, deliveryCompleteCount: 0 })
    // The share partition that was open belongs to the past now. Who leads, and where, is said along with that.
    const { groupId, memberId, topic, sessionEpoch: shareSessionEpoch } = a
    const batch = { firstOffset: 0n, lastOffset: 2n, acknowledgeTypes: [ACCEPT!] }
    const fenced = await client.request(ShareAcknowledgeRequest, ShareAcknowledgeResponse, 2, {
      ...{ groupId, memberId, shareSessionEpoch },
      topics: [{ topicId: topic.id, partitions: [{ partitionIndex: 0, acknowledgementBatches: [batch] }] }],
    })
    expect(fenced).toMatchObject({
      responses: [
        {
          partitions: [{ errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, currentLeader: { leaderId: 1, leaderEpoch: 0 } }],
        },
      ],
      nodeEndpoints: [{ nodeId: 1, host: 'localhost', port: broker.port }],
    })
  })

  it('says what isn’t there', async () => {
    const topic = await newTopic(client, 0)
    const answer = await client.request(
      ReadShareGroupStateRequest,
      ReadShareGroupStateResponse,
      0,
      of(newName('group'), topic, { leaderEpoch: 0 }),
    )
    expect(answer.results[0]!.partitions[0]).toMatchObject({
      errorCode: ErrorCode.INVALID_REQUEST,
      errorMessage: 'Read operation on uninitialized share partition not allowed.',
    })
  })

  it('finds the coordinator of a share partition', async () => {
    const topic = await newTopic(client, 0)
    const find = async (key: string, version: number) =>
      (
        await client.request(FindCoordinatorRequest, FindCoordinatorResponse, version, {
          keyType: 2,
          coordinatorKeys: [key],
        })
      ).coordinators[0]!
    expect(await find(`g:${topic.id}:0`, 6)).toMatchObject({ errorCode: 0, nodeId: 1, port: broker.port })
    expect((await find('nonsense', 6)).errorCode).toBe(ErrorCode.INVALID_REQUEST)
    expect((await find(`g:${topic.id}:0`, 5)).errorCode).toBe(ErrorCode.INVALID_REQUEST)
  })
})
