import { describe, expect, test } from 'vitest'
import { offsetFetch } from '../../../../src/broker/apis/09-offset-fetch.ts'
import { offsetDelete } from '../../../../src/broker/apis/47-offset-delete.ts'
import { GroupShard } from '../../../../src/broker/group/shard.ts'
import { commitTransactionalOffsets } from '../../../../src/broker/group/txn-offset-commit.ts'
import { decode, encode } from '../../../../src/protocol/codec.ts'
import { ErrorCode } from '../../../../src/protocol/errors.ts'
import { TxnOffsetCommitRequest } from '../../../../src/protocol/generated/28-txn-offset-commit.ts'
import { owned, StreamsHarness } from './streams-harness.ts'

/** m1 has the tasks 0 and 1 since epoch 2 and is in epoch 3, m2 has 2 and 3 since epoch 3. */
async function twoMembers(): Promise<StreamsHarness> {
  const h = await StreamsHarness.started()
  await h.joinStreams('m1')
  await h.joinStreams('m2')
  await h.beat('m1', 2, owned({ '0': [0, 1, 2, 3] }))
  await h.beat('m1', 2, owned({ '0': [0, 1] }))
  await h.beat('m2', 3, owned({}))
  return h
}

describe('commits', () => {
  test.each([
    ['in the member’s epoch', 'm1', 3, 0, 9, ErrorCode.NONE],
    ['in an older epoch, of a task the member had in it', 'm1', 2, 1, 9, ErrorCode.NONE],
    ['in an older epoch, of a task it has no more', 'm1', 2, 2, 9, ErrorCode.STALE_MEMBER_EPOCH],
    ['older than the assignment of the task', 'm2', 2, 2, 9, ErrorCode.STALE_MEMBER_EPOCH],
    ['in an epoch yet to come', 'm1', 4, 0, 9, ErrorCode.STALE_MEMBER_EPOCH],
    ['of who is no member', 'mx', 3, 0, 9, ErrorCode.UNKNOWN_MEMBER_ID],
    ['in a version without member epochs', 'm1', 3, 0, 8, ErrorCode.UNSUPPORTED_VERSION],
    ['of an administrator, while there are members', '', -1, 0, 9, ErrorCode.UNKNOWN_MEMBER_ID],
  ])('%s', async (_what, memberId, generationId, partition, version, errorCode) => {
    const h = await twoMembers()
    expect(await h.commit(5, { memberId, generationId, partition }, version)).toBe(errorCode)
  })

  test('of a topic that the topology does not read, in an older epoch', async () => {
    const h = await twoMembers()
    const draft = { memberId: 'm1', generationId: 2, topic: 'payments' }
    expect(await h.commit(5, draft)).toBe(ErrorCode.STALE_MEMBER_EPOCH)
  })

  test('of an administrator when the group is empty', async () => {
    const h = await twoMembers()
    await h.beat('m1', -1)
    await h.beat('m2', -1)
    expect(await h.commit(5)).toBe(0)
    expect(await h.offsets()).toEqual({ 'orders-0': 5 })
  })

  test('in a transaction are told ILLEGAL_GENERATION instead of a stale epoch', async () => {
    const h = await twoMembers()
    const shard = new GroupShard(0, h.context())
    for (const record of h.log) shard.replay(record)
    const commit = async (generationId: number) => {
      const partitions = [{ partitionIndex: 2, committedOffset: 1n }]
      const draft = { groupId: 'g', memberId: 'm1', generationId, topics: [{ name: 'orders', partitions }] }
      const request = decode(TxnOffsetCommitRequest, encode(TxnOffsetCommitRequest, draft, 4), 4)
      const response = await commitTransactionalOffsets(h.context(), () => shard, request)
      return response.topics![0]!.partitions![0]!.errorCode
    }
    expect(await commit(2)).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(await commit(3)).toBe(0)
  })
})

test('only members in their epoch and those who are none read offsets', async () => {
  const h = await twoMembers()
  const fetch = async (memberId: string | null, memberEpoch: number) =>
    (await h.call(offsetFetch, 9, { groups: [{ groupId: 'g', memberId, memberEpoch, topics: null }] })).groups[0]!
      .errorCode
  expect(await fetch('m1', 3)).toBe(0)
  expect(await fetch(null, -1)).toBe(0)
  expect(await fetch('m1', 2)).toBe(ErrorCode.STALE_MEMBER_EPOCH)
  expect(await fetch('mx', 3)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
})

test('offsets of topics that the topology reads can not be deleted', async () => {
  const h = await twoMembers()
  const remove = async (name: string) => {
    const topics = [{ name, partitions: [{ partitionIndex: 0 }] }]
    return (await h.call(offsetDelete, 0, { groupId: 'g', topics })).topics[0]!.partitions[0]!.errorCode
  }
  expect(await remove('orders')).toBe(ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC)
  expect(await remove('payments')).toBe(0)
})
