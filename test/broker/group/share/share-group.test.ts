import { describe, expect, it } from 'vitest'
import { listGroups } from '../../../../src/broker/apis/16-list-groups.ts'
import { consumerGroupHeartbeat } from '../../../../src/broker/apis/68-consumer-group-heartbeat.ts'
import { shareGroupHeartbeat } from '../../../../src/broker/apis/76-share-group-heartbeat.ts'
import { shareGroupDescribe } from '../../../../src/broker/apis/77-share-group-describe.ts'
import { GroupShard } from '../../../../src/broker/group/shard.ts'
import type { ShareGroup } from '../../../../src/broker/group/share/share-group.ts'
import type { Draft } from '../../../../src/protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../../../src/protocol/errors.ts'
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../../../src/protocol/generated/76-share-group-heartbeat.ts'
import { GroupHarness, settle, TOPIC_IDS } from '../harness.ts'

class ShareHarness extends GroupHarness {
  static override async started(): Promise<ShareHarness> {
    const harness = new ShareHarness()
    await harness.coordinator.load(0, [])
    return harness
  }

  beat(
    memberId: string,
    memberEpoch: number,
    draft: Draft<ShareGroupHeartbeatRequest> = {},
  ): Promise<ShareGroupHeartbeatResponse> {
    return this.call(shareGroupHeartbeat, 1, { groupId: 'g', memberId, memberEpoch, ...draft })
  }

  joinShare(memberId: string, topics: readonly string[]): Promise<ShareGroupHeartbeatResponse> {
    return this.beat(memberId, 0, { subscribedTopicNames: topics })
  }

  async described(groupId = 'g') {
    return (await this.call(shareGroupDescribe, 1, { groupIds: [groupId] })).groups[0]!
  }

  replayed(): ReadonlyMap<string, ShareGroup> {
    const shard = new GroupShard(0, this.context())
    for (const record of this.log) shard.replay(record)
    shard.finishReplay()
    return shard.shareGroups
  }
}

const partitions = (response: ShareGroupHeartbeatResponse) =>
  response.assignment?.topicPartitions.map((topic) => [topic.topicId, topic.partitions])

describe('share groups', () => {
  it('gives a member partitions once they have state, in the heartbeat that makes it', async () => {
    const h = await ShareHarness.started()
    const joined = await h.joinShare('a', ['orders'])
    expect(joined).toMatchObject({ errorCode: 0, memberId: 'a', heartbeatIntervalMs: 5000 })
    expect(partitions(joined)).toEqual([[TOPIC_IDS.orders, [0, 1, 2, 3]]])
    expect(h.share.states.size).toBe(4)
    expect((await h.beat('a', joined.memberEpoch)).assignment).toBeNull()
    expect(await h.described()).toMatchObject({ groupState: 'Stable', assignorName: 'simple' })
  })

  it('shares partitions among more members than there are', async () => {
    const h = await ShareHarness.started()
    h.share.values.assignmentIntervalMs = 0
    const epochs = new Map<string, number>()
    for (const id of ['a', 'b', 'c', 'd', 'e']) epochs.set(id, (await h.joinShare(id, ['payments'])).memberEpoch)
    for (const [id, epoch] of epochs) epochs.set(id, (await h.beat(id, epoch)).memberEpoch)
    const { members } = await h.described()
    const counts = [0, 0]
    for (const { assignment } of members) {
      const assigned = assignment.topicPartitions.flatMap(({ partitions: each }) => each)
      expect(assigned.length).toBeGreaterThan(0)
      for (const partition of assigned) counts[partition]!++
    }
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(2)
    expect(Math.max(...counts)).toBeLessThanOrEqual(3)
  })

  it('waits for share.assignment.interval.ms between assignments', async () => {
    const h = await ShareHarness.started()
    const a = await h.joinShare('a', ['orders'])
    const b = await h.joinShare('b', ['orders'])
    expect(partitions(b)).toEqual([])
    h.clock.setNowMs(h.clock.nowMs() + 1000)
    const again = await h.beat('b', b.memberEpoch)
    expect(partitions(again)?.[0]?.[1]).toHaveLength(2)
    expect(partitions(await h.beat('a', a.memberEpoch))?.[0]?.[1]).toHaveLength(2)
  })

  it('refuses in Kafka’s words', async () => {
    const h = await ShareHarness.started()
    const { memberEpoch } = await h.joinShare('a', ['orders'])
    await expect(h.beat('', 0)).rejects.toMatchObject({ code: ErrorCode.INVALID_REQUEST, brokerMessage: null })
    expect(await h.beat('b', 0)).toMatchObject({ errorMessage: 'SubscribedTopicNames must be set in first request.' })
    expect(await h.beat('a', -2)).toMatchObject({ errorMessage: 'MemberEpoch is invalid.' })
    expect(await h.beat('b', 1)).toMatchObject({
      errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
      errorMessage: 'Member b is not a member of group g.',
    })
    expect((await h.beat('a', memberEpoch + 1)).errorMessage).toContain('greater member epoch')
    expect(await h.beat('a', 1, { groupId: 'x' })).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Share group x not found.',
    })
    h.share.values.maxSize = 1
    expect(await h.joinShare('b', ['orders'])).toMatchObject({
      errorCode: ErrorCode.GROUP_MAX_SIZE_REACHED,
      errorMessage: 'The share group has reached its maximum capacity of 1 members.',
    })
  })

  it('keeps its name from groups of other kinds, and theirs from it', async () => {
    const h = await ShareHarness.started()
    await h.joinShare('a', ['orders'])
    const consumer = await h.call(consumerGroupHeartbeat, 1, {
      ...{ groupId: 'g', memberId: 'm', memberEpoch: 0, rebalanceTimeoutMs: 1000 },
      ...{ subscribedTopicNames: ['orders'], topicPartitions: [] },
    })
    expect(consumer).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group g is not a consumer group.',
    })
    expect((await h.join().done).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    await h.call(consumerGroupHeartbeat, 1, {
      ...{ groupId: 'c', memberId: 'm', memberEpoch: 0, rebalanceTimeoutMs: 1000 },
      ...{ subscribedTopicNames: ['orders'], topicPartitions: [] },
    })
    const other = await h.beat('a', 0, { groupId: 'c', subscribedTopicNames: ['orders'] })
    expect(other).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group c is not a share group.',
    })
    const { groups } = await h.call(listGroups, 5, { typesFilter: ['share'] })
    expect(groups).toMatchObject([{ groupId: 'g', groupType: 'share', protocolType: 'share', groupState: 'Stable' }])
  })

  it('removes members whose session ends, and lets them leave', async () => {
    const h = await ShareHarness.started()
    const { memberEpoch } = await h.joinShare('a', ['orders'])
    await h.joinShare('b', ['orders'])
    expect(await h.beat('b', -1)).toMatchObject({ errorCode: 0, memberEpoch: -1 })
    h.clock.advance(44_000)
    await h.beat('a', memberEpoch)
    h.clock.advance(44_000)
    await settle()
    expect((await h.described()).members).toHaveLength(1)
    h.clock.advance(2000)
    await settle()
    expect(await h.described()).toMatchObject({ groupState: 'Empty', members: [] })
  })

  it('takes back what it said when state can’t be made, and tries again', async () => {
    const h = await ShareHarness.started()
    h.share.error = new KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    const failed = await h.joinShare('a', ['orders'])
    expect(failed.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    expect(h.replayed().get('g')?.state).toMatchObject({ initializing: new Map(), initialized: new Map() })
    h.share.error = undefined
    expect(partitions(await h.joinShare('a', ['orders']))).toEqual([[TOPIC_IDS.orders, [0, 1, 2, 3]]])
  })

  it('replays to an equal group, and gives members a whole session then', async () => {
    const h = await ShareHarness.started()
    const { memberEpoch } = await h.joinShare('a', ['orders', 'payments'])
    const before = await h.described()
    const group = h.replayed().get('g')!
    expect(group.members.get('a')).toMatchObject({ memberEpoch, clientHost: expect.stringContaining('/') })
    expect(group.state?.initialized.size).toBe(2)
    await h.coordinator.load(0, h.log)
    expect(await h.described()).toEqual(before)
    h.clock.advance(46_000)
    await settle()
    expect((await h.described()).groupState).toBe('Empty')
  })

  it('is deleted with its state, but not while it has members', async () => {
    const h = await ShareHarness.started()
    await h.joinShare('a', ['orders'])
    expect(await h.coordinator.deleteGroup('g')).toBe(ErrorCode.NON_EMPTY_GROUP)
    await h.beat('a', -1)
    h.share.error = new KafkaError(ErrorCode.NOT_COORDINATOR)
    expect(await h.coordinator.deleteGroup('g')).toBe(ErrorCode.NOT_COORDINATOR)
    h.share.error = undefined
    expect(await h.coordinator.deleteGroup('g')).toBe(0)
    expect(h.share.states.size).toBe(0)
    expect(h.replayed().size).toBe(0)
    expect(await h.described()).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group g not found.',
    })
  })

  it('forgets the state of deleted topics', async () => {
    const h = await ShareHarness.started()
    await h.joinShare('a', ['orders', 'payments'])
    await h.coordinator.onTopicsDeleted([{ name: 'orders', topicId: TOPIC_IDS.orders! }])
    expect([...h.replayed().get('g')!.state!.initialized.keys()]).toEqual([TOPIC_IDS.payments])
  })
})
