import { describe, expect, it } from 'vitest'
import { ErrorCode, KafkaError } from '../../../../src/protocol/errors.ts'
import { settle } from '../harness.ts'
import { assigned, ConsumerHarness, owned } from './consumer-harness.ts'

const ALL = { orders: [0, 1, 2, 3] }

/** A and B share the topic: A has 0 and 1, B has 2 and 3, both in epoch 3. */
async function shared(): Promise<ConsumerHarness> {
  const h = await ConsumerHarness.started()
  await h.joinConsumer('A', ['orders'])
  await h.joinConsumer('B', ['orders'])
  await h.beat('A', 2, { topicPartitions: owned(ALL) })
  await h.beat('A', 2, { topicPartitions: owned({ orders: [0, 1] }) })
  await h.beat('B', 3)
  return h
}

describe('joining', () => {
  it('gives the first member everything in epoch 2', async () => {
    const h = await ConsumerHarness.started()
    const joined = await h.joinConsumer('A', ['orders'])
    expect(joined).toMatchObject({ errorCode: 0, memberId: 'A', memberEpoch: 2, heartbeatIntervalMs: 5000 })
    expect(assigned(joined)).toEqual(ALL)
    expect(await h.describeConsumer()).toMatchObject({ groupState: 'Stable', groupEpoch: 2, assignmentEpoch: 2 })
  })

  it('makes a member id for clients of version 0', async () => {
    const h = await ConsumerHarness.started()
    const draft = { rebalanceTimeoutMs: 1000, subscribedTopicNames: ['orders'], topicPartitions: [] }
    expect((await h.beat('', 0, draft, 0)).memberId).toMatch(/^[\w][\w-]{21}$/)
    expect(await h.beat('', 0, draft, 1)).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST })
  })

  it('says only what changed in later heartbeats, and everything to a full one', async () => {
    const h = await ConsumerHarness.started()
    await h.joinConsumer('A', ['orders'])
    const appends = h.appends
    expect(assigned(await h.beat('A', 2))).toBeNull()
    const full = { rebalanceTimeoutMs: 60_000, subscribedTopicNames: ['orders'], topicPartitions: owned(ALL) }
    expect(assigned(await h.beat('A', 2, full))).toEqual(ALL)
    expect(h.appends).toBe(appends)
  })

  it('refuses members above the limit', async () => {
    const h = await ConsumerHarness.started()
    h.consumer.values.maxSize = 1
    await h.joinConsumer('A', ['orders'])
    expect(await h.joinConsumer('B', ['orders'])).toMatchObject({
      errorCode: ErrorCode.GROUP_MAX_SIZE_REACHED,
      errorMessage: 'The consumer group has reached its maximum capacity of 1 members.',
    })
    expect((await h.beat('A', 2)).errorCode).toBe(0)
  })

  it('leaves nothing behind when the append fails', async () => {
    const h = await ConsumerHarness.started()
    h.appendError = new KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    expect((await h.joinConsumer('A', ['orders'])).errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    h.appendError = undefined
    expect((await h.describeConsumer()).errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
    expect((await h.joinConsumer('A', ['orders'])).memberEpoch).toBe(2)
  })
})

describe('reconciliation', () => {
  it('takes partitions from one member before it gives them to another', async () => {
    const h = await ConsumerHarness.started()
    await h.joinConsumer('A', ['orders'])
    const b = await h.joinConsumer('B', ['orders'])
    expect([b.memberEpoch, assigned(b)]).toEqual([3, {}])
    const revoking = await h.beat('A', 2, { topicPartitions: owned(ALL) })
    expect([revoking.memberEpoch, assigned(revoking)]).toEqual([2, { orders: [0, 1] }])
    expect(assigned(await h.beat('B', 3))).toBeNull()
    expect((await h.describeConsumer()).groupState).toBe('Reconciling')
    const advanced = await h.beat('A', 2, { topicPartitions: owned({ orders: [0, 1] }) })
    expect([advanced.memberEpoch, assigned(advanced)]).toEqual([3, null])
    expect(assigned(await h.beat('B', 3))).toEqual({ orders: [2, 3] })
    expect((await h.describeConsumer()).groupState).toBe('Stable')
  })

  it('accepts the last epoch again while the answer may have been lost', async () => {
    const h = await shared()
    expect((await h.beat('A', 2, { topicPartitions: owned({ orders: [0] }) })).memberEpoch).toBe(3)
    expect((await h.beat('A', 2, { topicPartitions: owned({ orders: [3] }) })).errorCode).toBe(
      ErrorCode.FENCED_MEMBER_EPOCH,
    )
    expect((await h.beat('A', 2)).errorCode).toBe(ErrorCode.FENCED_MEMBER_EPOCH)
  })

  it('lets a member rejoin from epoch 0 with nothing', async () => {
    const h = await shared()
    const back = await h.joinConsumer('A', ['orders'])
    expect([back.memberEpoch, assigned(back)]).toEqual([3, { orders: [0, 1] }])
  })

  it('waits the assignment interval before it assigns anew', async () => {
    const h = await ConsumerHarness.started()
    h.consumer.values.assignmentIntervalMs = 1000
    await h.joinConsumer('A', ['orders'])
    const b = await h.joinConsumer('B', ['orders'])
    expect([b.memberEpoch, assigned(b)]).toEqual([2, {}])
    expect((await h.describeConsumer()).groupState).toBe('Assigning')
    h.clock.advance(1000)
    expect((await h.beat('B', 2)).memberEpoch).toBe(3)
  })

  it('takes a topic away that a member no longer reads', async () => {
    const h = await ConsumerHarness.started()
    await h.joinConsumer('A', ['orders', 'payments'])
    const before = { ...ALL, payments: [0, 1] }
    const draft = { subscribedTopicNames: ['orders'], topicPartitions: owned(before) }
    expect(assigned(await h.beat('A', 2, draft))).toEqual(ALL)
    expect((await h.beat('A', 2, { topicPartitions: owned(ALL) })).memberEpoch).toBe(3)
  })

  it('follows the preference of most members', async () => {
    const h = await ConsumerHarness.started()
    await h.joinConsumer('A', ['orders'], { serverAssignor: 'range' })
    expect((await h.describeConsumer()).assignorName).toBe('range')
    expect(await h.joinConsumer('B', ['orders'], { serverAssignor: 'no' })).toMatchObject({
      errorCode: ErrorCode.UNSUPPORTED_ASSIGNOR,
      errorMessage: 'ServerAssignor no is not supported. Supported assignors: uniform, range.',
    })
  })
})

describe('metadata', () => {
  it('bumps the epoch when a topic grows, comes to be or goes', async () => {
    const h = await ConsumerHarness.started()
    h.topics.delete('payments')
    await h.joinConsumer('A', ['orders', 'payments'])
    await h.beat('A', 2)
    h.topics.set('orders', 5)
    expect((await h.beat('A', 2)).memberEpoch).toBe(2)
    h.coordinator.onTopicChanged('orders')
    const grown = await h.beat('A', 2)
    expect([grown.memberEpoch, assigned(grown)]).toEqual([3, { orders: [0, 1, 2, 3, 4] }])
    h.topics.set('payments', 1)
    h.coordinator.onTopicChanged('payments')
    expect(assigned(await h.beat('A', 3))).toEqual({ orders: [0, 1, 2, 3, 4], payments: [0] })
    h.topics.delete('orders')
    h.coordinator.onTopicChanged('orders')
    expect(assigned(await h.beat('A', 4, { topicPartitions: [] }))).toEqual({ payments: [0] })
    expect((await h.describeConsumer()).groupEpoch).toBe(5)
  })
})

describe('leaving', () => {
  it('frees what the member had', async () => {
    const h = await shared()
    expect(await h.beat('B', -1)).toMatchObject({ errorCode: 0, memberEpoch: -1 })
    expect(assigned(await h.beat('A', 3))).toEqual(ALL)
    await h.beat('A', -1)
    expect((await h.describeConsumer()).groupState).toBe('Empty')
    expect((await h.beat('A', 4)).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(h.replayed().get('g')).toMatchObject({ groupEpoch: 5, assignmentEpoch: 4, metadataHash: 0n })
  })

  it('happens by itself when no heartbeat comes within the session timeout', async () => {
    const h = await shared()
    h.clock.advance(40_000)
    await h.beat('A', 3)
    h.clock.advance(5000)
    await settle()
    expect((await h.describeConsumer()).members.map(({ memberId }) => memberId)).toEqual(['A'])
    expect(assigned(await h.beat('A', 3))).toEqual(ALL)
  })

  it('happens to a member that does not give its partitions up in time', async () => {
    const h = await ConsumerHarness.started()
    await h.joinConsumer('A', ['orders'])
    await h.joinConsumer('B', ['orders'])
    for (let i = 0; i < 3; i++) {
      expect((await h.beat('A', 2, { topicPartitions: owned(ALL) })).errorCode).toBe(0)
      await h.beat('B', 3)
      h.clock.advance(20_000)
    }
    await settle()
    expect(await h.beat('A', 2)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    expect(assigned(await h.beat('B', 3))).toEqual(ALL)
  })

  it('of everyone leaves no timers', async () => {
    const h = await shared()
    await h.beat('A', -1)
    await h.beat('B', -1)
    expect(h.clock.pending).toBe(0)
  })
})

describe('static members', () => {
  it('keep their partitions and their place, and the newer duplicate is refused', async () => {
    const h = await ConsumerHarness.started()
    await h.joinConsumer('A', ['orders'], { instanceId: 'i' })
    await h.joinConsumer('B', ['payments'])
    const duplicate = await h.joinConsumer('C', ['orders'], { instanceId: 'i' })
    expect(duplicate.errorCode).toBe(ErrorCode.UNRELEASED_INSTANCE_ID)
    expect((await h.beat('A', 2, { instanceId: 'i' })).memberEpoch).toBe(3)
    expect((await h.beat('A', -2, { instanceId: 'i' })).memberEpoch).toBe(-2)
    expect(assigned(await h.beat('B', 3))).toBeNull()
    const back = await h.joinConsumer('C', ['orders'], { instanceId: 'i' })
    expect([back.memberEpoch, assigned(back)]).toEqual([3, ALL])
    expect((await h.describeConsumer()).groupEpoch).toBe(3)
    expect((await h.beat('A', 3, { instanceId: 'i' })).errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID)
    expect((await h.beat('C', 3, { instanceId: 'j' })).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it('are removed when they do not come back within their session', async () => {
    const h = await ConsumerHarness.started()
    await h.joinConsumer('A', ['orders'], { instanceId: 'i' })
    await h.beat('A', -2, { instanceId: 'i' })
    h.clock.advance(45_000)
    await settle()
    expect((await h.describeConsumer()).groupState).toBe('Empty')
  })
})

describe('a restarted coordinator', () => {
  it('goes on where the old one was, with new sessions', async () => {
    const h = await ConsumerHarness.started()
    await h.joinConsumer('A', ['orders'])
    await h.joinConsumer('B', ['orders'])
    await h.beat('A', 2, { topicPartitions: owned(ALL) })
    const next = new ConsumerHarness()
    next.log.push(...h.log)
    next.clock.setNowMs(h.clock.nowMs())
    await next.coordinator.load(0, h.log)
    expect(await next.describeConsumer()).toEqual(await h.describeConsumer())
    expect((await next.beat('A', 2, { topicPartitions: owned({ orders: [0, 1] }) })).memberEpoch).toBe(3)
    next.clock.advance(44_000)
    expect(assigned(await next.beat('B', 3))).toEqual({ orders: [2, 3] })
    next.clock.advance(44_000)
    await settle()
    expect((await next.describeConsumer()).members.map(({ memberId }) => memberId)).toEqual(['B'])
  })
})
