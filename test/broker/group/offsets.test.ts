import { beforeEach, describe, expect, it } from 'vitest'
import { offsetCommit } from '../../../src/broker/apis/08-offset-commit.ts'
import { offsetFetch } from '../../../src/broker/apis/09-offset-fetch.ts'
import { deleteGroups } from '../../../src/broker/apis/42-delete-groups.ts'
import { offsetDelete } from '../../../src/broker/apis/47-offset-delete.ts'
import type { LoadedMarker, LoadedRecord } from '../../../src/broker/group/group-context.ts'
import { encodeRecord } from '../../../src/broker/group/records.ts'
import { ErrorCode, KafkaError } from '../../../src/protocol/errors.ts'
import { GroupHarness, MINUTE_MS, settle, TOPIC_IDS } from './harness.ts'

const DAY_MS = 24 * 60 * MINUTE_MS
let h: GroupHarness

beforeEach(async () => {
  h = await GroupHarness.started()
})

describe('OffsetCommit', () => {
  it('of a consumer without a group makes a simple group', async () => {
    expect(await h.commit(5)).toBe(ErrorCode.NONE)
    expect(await h.commit(6, { partition: 3 }, 10)).toBe(ErrorCode.NONE)
    expect(await h.offsets()).toEqual({ 'orders-0': 5, 'orders-3': 6 })
    expect(await h.describe()).toMatchObject({ groupState: 'Empty', protocolType: '', members: [] })
  })

  it('is checked against member, generation and state', async () => {
    const { memberId } = await h.stable()
    expect(await h.commit(1, { memberId, generationId: 1 })).toBe(ErrorCode.NONE)
    expect(await h.commit(1, { memberId, generationId: 2 })).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(await h.commit(1, { memberId: 'x', generationId: 1 })).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await h.commit(1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await h.commit(1, { groupId: 'other', memberId, generationId: 1 })).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
    expect(await h.commit(1, { groupId: 'other', memberId, generationId: 1 }, 8)).toBe(ErrorCode.ILLEGAL_GENERATION)
    h.join({ memberId, protocols: [{ name: 'range', metadata: Buffer.from('changed') }] })
    await settle()
    expect(await h.commit(2, { memberId, generationId: 2 })).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect(await h.offsets()).toEqual({ 'orders-0': 1 })
  })

  it('fails topics and partitions that aren’t there by themselves', async () => {
    const partitions = [0, 9].map((partitionIndex) => ({ partitionIndex, committedOffset: 1n }))
    const topics = [
      { name: 'none', partitions },
      { name: 'orders', partitions },
    ]
    const response = await h.call(offsetCommit, 9, { groupId: 'g', generationIdOrMemberEpoch: -1, topics })
    expect(response.topics.map(({ name, partitions }) => [name, partitions])).toEqual([
      [
        'none',
        [
          { partitionIndex: 0, errorCode: 3 },
          { partitionIndex: 9, errorCode: 3 },
        ],
      ],
      [
        'orders',
        [
          { partitionIndex: 9, errorCode: 3 },
          { partitionIndex: 0, errorCode: 0 },
        ],
      ],
    ])
    const byId = [{ topicId: 'MkU3OEVBNTcwNTJENDM2Qg', partitions }]
    const unknown = await h.call(offsetCommit, 10, { groupId: 'g', generationIdOrMemberEpoch: -1, topics: byId })
    expect(unknown.topics[0]!.partitions[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  })

  it('refuses metadata that is too large', async () => {
    expect(await h.commit(1, { metadata: 'x'.repeat(20) })).toBe(ErrorCode.NONE)
    expect(await h.commit(2, { metadata: 'x'.repeat(21) })).toBe(ErrorCode.OFFSET_METADATA_TOO_LARGE)
    expect(await h.offsets()).toEqual({ 'orders-0': 1 })
  })

  it('is seen only when it is in the log, and not at all when that fails', async () => {
    await h.commit(1)
    h.holdAppends = true
    const second = h.commit(2)
    await settle()
    expect(await h.offsets()).toEqual({ 'orders-0': 1 })
    h.appendError = new KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
    await h.releaseAppends()
    expect(await second).toBe(ErrorCode.NOT_COORDINATOR)
    expect(await h.offsets()).toEqual({ 'orders-0': 1 })
  })

  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10])('works in version %i', async (version) => {
    expect(await h.commit(7, {}, version)).toBe(ErrorCode.NONE)
    expect(await h.offsets()).toEqual({ 'orders-0': 7 })
  })
})

describe('OffsetFetch', () => {
  const asked = [
    { name: 'orders', partitionIndexes: [0, 1] },
    { name: 'none', partitionIndexes: [0] },
  ]

  it.each([1, 2, 3, 4, 5, 6, 7])('gives -1 for what was never committed, in version %i', async (version) => {
    await h.commit(5, { metadata: 'm' })
    const { topics, errorCode } = await h.call(offsetFetch, version, { groupId: 'g', topics: asked })
    expect(errorCode).toBe(0)
    const offsets = topics.map(({ partitions }) => partitions.map((p) => [Number(p.committedOffset), p.metadata]))
    expect(offsets).toEqual([
      [
        [5, 'm'],
        [-1, ''],
      ],
      [[-1, '']],
    ])
  })

  it('gives everything for a null topic list', async () => {
    await h.commit(5)
    const { topics } = await h.call(offsetFetch, 2, { groupId: 'g', topics: null })
    expect(topics.map(({ name }) => name)).toEqual(['orders'])
  })

  it('asks for several groups, from v8 on', async () => {
    await h.commit(5)
    const groups = [
      { groupId: 'g', topics: [{ name: 'orders', partitionIndexes: [0] }] },
      { groupId: 'none', topics: null },
    ]
    const response = await h.call(offsetFetch, 8, { groups })
    expect(response.groups.map(({ groupId, topics }) => [groupId, topics.length])).toEqual([
      ['g', 1],
      ['none', 0],
    ])
  })

  it('names topics by id in v10', async () => {
    await h.commit(5)
    const topics = [
      { topicId: TOPIC_IDS.orders, partitionIndexes: [0] },
      { topicId: 'MkU3OEVBNTcwNTJENDM2Qg', partitionIndexes: [0] },
    ]
    const { groups } = await h.call(offsetFetch, 10, {
      groups: [
        { groupId: 'g', topics },
        { groupId: 'g', topics: null },
      ],
    })
    expect(groups[0]!.topics.map(({ partitions }) => partitions[0])).toMatchObject([
      { committedOffset: 5n, errorCode: 0 },
      { committedOffset: -1n, errorCode: ErrorCode.UNKNOWN_TOPIC_ID },
    ])
    expect(groups[1]!.topics.map(({ topicId }) => topicId)).toEqual([TOPIC_IDS.orders])
  })

  it('says NOT_COORDINATOR where v1 can: in the partitions', async () => {
    h.coordinator.unload(0)
    const v1 = await h.call(offsetFetch, 1, { groupId: 'g', topics: asked })
    expect(v1.topics[0]!.partitions[0]!.errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    expect((await h.call(offsetFetch, 2, { groupId: 'g', topics: asked })).errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    const v8 = await h.call(offsetFetch, 8, { groups: [{ groupId: 'g', topics: null }] })
    expect(v8.groups[0]!.errorCode).toBe(ErrorCode.NOT_COORDINATOR)
  })
})

describe('offsets of transactions', () => {
  const PRODUCER_ID = 7
  const pending = (offset: number, producerId = PRODUCER_ID): LoadedRecord => {
    const value = {
      offset,
      leaderEpoch: -1,
      metadata: '',
      commitTimestampMs: 1,
      expireTimestampMs: -1,
      topicId: TOPIC_IDS.orders!,
    }
    const record = encodeRecord({ kind: 'offset', groupId: 'g', topic: 'orders', partition: 0, value })
    return { kind: 'record', ...record, offset: 0, producerId }
  }
  const marker = (committed: boolean): LoadedMarker => ({ kind: 'marker', producerId: PRODUCER_ID, committed })

  it('count when the transaction was committed', async () => {
    expect(await (await h.restarted([pending(5), marker(true)])).offsets()).toEqual({ 'orders-0': 5 })
    expect(await (await h.restarted([pending(5), marker(false)])).offsets()).toEqual({})
  })

  it('don’t undo a commit that came after them', async () => {
    expect(await (await h.restarted([pending(5), pending(9, -1), marker(true)])).offsets()).toEqual({ 'orders-0': 9 })
  })

  it('make a partition unstable while the transaction is open', async () => {
    const next = await h.restarted([pending(3, -1), pending(5)])
    const groups = [{ groupId: 'g', topics: [{ name: 'orders', partitionIndexes: [0] }] }]
    const fetch = async (requireStable: boolean) =>
      (await next.call(offsetFetch, 9, { groups, requireStable })).groups[0]!.topics[0]!.partitions[0]
    expect(await fetch(true)).toMatchObject({ committedOffset: -1n, errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT })
    expect(await fetch(false)).toMatchObject({ committedOffset: 3n, errorCode: 0 })
  })
})

describe('OffsetDelete', () => {
  const topics = [
    { name: 'orders', partitions: [{ partitionIndex: 0 }] },
    { name: 'payments', partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] },
  ]

  it('deletes offsets of topics nobody reads', async () => {
    await h.commit(1)
    await h.commit(2, { topic: 'payments' })
    await h.stable()
    const response = await h.call(offsetDelete, 0, { groupId: 'g', topics })
    expect(response.topics.map(({ partitions }) => partitions.map((p) => p.errorCode))).toEqual([
      [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC],
      [ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ])
    expect(await h.offsets()).toEqual({ 'orders-0': 1 })
    expect(await (await h.restarted()).offsets()).toEqual({ 'orders-0': 1 })
  })

  it('takes offsets along that are just being written', async () => {
    h.holdAppends = true
    const commit = h.commit(2, { topic: 'payments' })
    await settle()
    const deletion = h.call(offsetDelete, 0, { groupId: 'g', topics })
    await settle()
    await h.releaseAppends()
    await Promise.all([commit, deletion])
    expect(await h.offsets()).toEqual({})
  })

  it('needs a group, and an empty one unless they are consumers', async () => {
    expect((await h.call(offsetDelete, 0, { groupId: 'g', topics })).errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
    const waiting = await h.joinAsNew({ protocolType: 'connect' })
    await settle()
    h.clock.advance(0)
    await waiting.done
    expect((await h.call(offsetDelete, 0, { groupId: 'g', topics })).errorCode).toBe(ErrorCode.NON_EMPTY_GROUP)
  })
})

describe('DeleteGroups', () => {
  it('removes groups without members and their offsets for good', async () => {
    await h.commit(1, { groupId: 'simple' })
    await h.stable()
    const { results } = await h.call(deleteGroups, 2, { groupsNames: ['simple', 'g', 'none'] })
    expect(results.map(({ errorCode }) => errorCode)).toEqual([
      0,
      ErrorCode.NON_EMPTY_GROUP,
      ErrorCode.GROUP_ID_NOT_FOUND,
    ])
    expect(await h.offsets('simple')).toEqual({})
    const next = await h.restarted()
    expect(await next.state('simple')).toBe('Dead')
    expect(await next.state()).toBe('Stable')
  })

  it('brings the group back when the log refuses', async () => {
    await h.commit(1)
    h.appendError = new KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    const { results } = await h.call(deleteGroups, 2, { groupsNames: ['g'] })
    expect(results[0]!.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    expect(await h.offsets()).toEqual({ 'orders-0': 1 })
    expect(await h.state()).toBe('Empty')
  })
})

describe('deleted topics', () => {
  it('take their offsets along, not those of a later topic of the name', async () => {
    await h.commit(1)
    await h.commit(2, { topic: 'payments' })
    await h.coordinator.onTopicsDeleted([
      { name: 'orders', topicId: TOPIC_IDS.orders! },
      { name: 'payments', topicId: 'MkU3OEVBNTcwNTJENDM2Qg' },
    ])
    expect(await h.offsets()).toEqual({ 'payments-0': 2 })
  })
})

describe('retention of offsets', () => {
  beforeEach(() => h.coordinator.start())

  const advance = async (ms: number) => {
    h.clock.advance(ms)
    await settle()
  }

  it('of a simple group runs from each commit', async () => {
    await h.commit(1)
    await advance(6 * DAY_MS)
    await h.commit(2, { partition: 1 })
    await advance(DAY_MS + 10 * MINUTE_MS)
    expect(await h.offsets()).toEqual({ 'orders-1': 2 })
    await advance(7 * DAY_MS)
    expect(await h.state()).toBe('Dead')
    expect(await (await h.restarted()).state()).toBe('Dead')
  })

  it('of a group runs from when it became empty', async () => {
    const { memberId } = await h.stable({ sessionTimeoutMs: 1_800_000 })
    await h.commit(1, { memberId, generationId: 1 })
    for (let day = 0; day < 8 * 48; day++) {
      await advance(30 * MINUTE_MS - 1)
      await h.heartbeat(memberId, 1)
    }
    expect(await h.offsets()).toEqual({ 'orders-0': 1 })
    await h.leave({ memberId })
    await advance(7 * DAY_MS - 10 * MINUTE_MS)
    expect(await h.offsets()).toEqual({ 'orders-0': 1 })
    await advance(20 * MINUTE_MS)
    expect(await h.offsets()).toEqual({})
  })

  it('of a topic no longer read runs from its commit, in a stable group', async () => {
    await h.commit(1, { topic: 'payments' })
    const { memberId } = await h.stable({ sessionTimeoutMs: 1_800_000 })
    for (let i = 0; i < 7 * 48 + 1; i++) {
      await advance(30 * MINUTE_MS - 1)
      await h.heartbeat(memberId, 1)
    }
    expect(await h.offsets()).toEqual({})
    expect(await h.state()).toBe('Stable')
  })

  it('is the client’s own where it sent one', async () => {
    const partitions = [{ partitionIndex: 0, committedOffset: 1n }]
    const topics = [{ name: 'orders', partitions }]
    await h.call(offsetCommit, 2, { groupId: 'g', generationIdOrMemberEpoch: -1, retentionTimeMs: 60_000n, topics })
    await advance(10 * MINUTE_MS)
    expect(await h.offsets()).toEqual({})
  })
})
