import { describe, expect, it } from 'vitest'
import { offsetFetch } from '../../../../src/broker/apis/09-offset-fetch.ts'
import { listGroups } from '../../../../src/broker/apis/16-list-groups.ts'
import { deleteGroups } from '../../../../src/broker/apis/42-delete-groups.ts'
import { offsetDelete } from '../../../../src/broker/apis/47-offset-delete.ts'
import { ErrorCode } from '../../../../src/protocol/errors.ts'
import { settle } from '../harness.ts'
import { ConsumerHarness, owned } from './consumer-harness.ts'

/** A has partitions 0 and 1 since epoch 2 and is in epoch 3; B has 2 and 3 since epoch 3. */
async function shared(): Promise<ConsumerHarness> {
  const h = await ConsumerHarness.started()
  await h.joinConsumer('A', ['orders'])
  await h.joinConsumer('B', ['orders'])
  await h.beat('A', 2, { topicPartitions: owned({ orders: [0, 1, 2, 3] }) })
  await h.beat('A', 2, { topicPartitions: owned({ orders: [0, 1] }) })
  await h.beat('B', 3)
  return h
}

describe('commits', () => {
  it.each([
    ['its epoch', { memberId: 'A', generationId: 3 }, 9, 0],
    ['an older epoch, for what it has had since', { memberId: 'A', generationId: 2 }, 9, 0],
    ['an epoch older than the assignment', { memberId: 'A', generationId: 1 }, 9, ErrorCode.STALE_MEMBER_EPOCH],
    [
      'an older epoch, for another’s',
      { memberId: 'A', generationId: 2, partition: 3 },
      9,
      ErrorCode.STALE_MEMBER_EPOCH,
    ],
    ['a newer epoch', { memberId: 'A', generationId: 4 }, 9, ErrorCode.STALE_MEMBER_EPOCH],
    ['no membership', { memberId: 'C', generationId: 3 }, 9, ErrorCode.UNKNOWN_MEMBER_ID],
    ['no member id', { memberId: '', generationId: -1 }, 9, ErrorCode.UNKNOWN_MEMBER_ID],
    ['an old version', { memberId: 'A', generationId: 3 }, 8, ErrorCode.UNSUPPORTED_VERSION],
  ])('with %s', async (_what, draft, version, errorCode) => {
    expect(await (await shared()).commit(5, draft, version)).toBe(errorCode)
  })

  it('by administrators once the group is empty', async () => {
    const h = await shared()
    await h.beat('A', -1)
    await h.beat('B', -1)
    expect(await h.commit(5)).toBe(0)
    expect(await h.offsets()).toEqual({ 'orders-0': 5 })
  })
})

it('answers fetches by members with their epoch, and by whoever names none', async () => {
  const h = await shared()
  const fetch = async (memberId: string | null, memberEpoch: number) =>
    (await h.call(offsetFetch, 9, { groups: [{ groupId: 'g', memberId, memberEpoch, topics: null }] })).groups[0]!
      .errorCode
  expect(await fetch(null, -1)).toBe(0)
  expect(await fetch('A', 3)).toBe(0)
  expect(await fetch('A', 2)).toBe(ErrorCode.STALE_MEMBER_EPOCH)
  expect(await fetch('C', 3)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
})

it('lists groups by type and state', async () => {
  const h = await shared()
  const list = async (typesFilter: string[], statesFilter: string[] = []) =>
    (await h.call(listGroups, 5, { typesFilter, statesFilter })).groups
  const listed = [{ groupId: 'g', protocolType: 'consumer', groupState: 'Stable', groupType: 'consumer' }]
  expect(await list(['Consumer'])).toEqual(listed)
  expect(await list([], ['stable'])).toEqual(listed)
  expect(await list(['classic'])).toEqual([])
  expect(await list([], ['Empty'])).toEqual([])
})

it('deletes only groups without members, with their offsets', async () => {
  const h = await shared()
  await h.commit(5, { memberId: 'A', generationId: 3 })
  const remove = async () => (await h.call(deleteGroups, 2, { groupsNames: ['g'] })).results[0]!.errorCode
  expect(await remove()).toBe(ErrorCode.NON_EMPTY_GROUP)
  await h.beat('A', -1)
  await h.beat('B', -1)
  expect(await remove()).toBe(0)
  expect(await h.offsets()).toEqual({})
  expect(h.replayed().size).toBe(0)
  expect((await h.describeConsumer()).errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
})

it('deletes offsets of topics that nobody reads', async () => {
  const h = await shared()
  await h.commit(5, { memberId: 'A', generationId: 3, topic: 'payments' })
  const remove = async (name: string) =>
    (await h.call(offsetDelete, 0, { groupId: 'g', topics: [{ name, partitions: [{ partitionIndex: 0 }] }] }))
      .topics[0]!.partitions[0]!.errorCode
  expect(await remove('orders')).toBe(ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC)
  expect(await remove('payments')).toBe(0)
  expect(await h.offsets()).toEqual({})
})

it('expires offsets of topics that nobody reads, and an empty group with the last of them', async () => {
  const h = await shared()
  h.consumer.values.sessionTimeoutMs = Number.MAX_SAFE_INTEGER
  await h.beat('A', 3)
  await h.beat('B', 3)
  await h.commit(5, { memberId: 'A', generationId: 3 })
  await h.commit(5, { memberId: 'A', generationId: 3, topic: 'payments' })
  h.coordinator.start()
  h.clock.advance(h.settings.offsetsRetentionMs + h.settings.offsetsRetentionCheckIntervalMs)
  await settle()
  expect(await h.offsets()).toEqual({ 'orders-0': 5 })
  await h.beat('A', -1)
  await h.beat('B', -1)
  h.clock.advance(h.settings.offsetsRetentionCheckIntervalMs)
  await settle()
  expect(await h.offsets()).toEqual({})
  expect(h.replayed().size).toBe(0)
})
