import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from '../../../src/protocol/generated/25-add-offsets-to-txn.ts'
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../../src/protocol/generated/28-txn-offset-commit.ts'

import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../src/protocol/generated/68-consumer-group-heartbeat.ts'
import { client, committedOffset, newName, newTopic, Producer, startBroker, stopBroker } from './txn-fixture.ts'

beforeAll(startBroker)
afterAll(stopBroker)

describe('offsets of a transaction', () => {
  it.each([
    ['commit', true, 5],
    ['abort', false, 5],
    ['commit', true, 2],
    ['abort', false, 2],
  ] as const)('wait for its end: %s, %s, v%i', async (_, committed, version) => {
    const topic = await newTopic()
    const producer = await Producer.started()
    const group = newName('group')
    if (version < 5) {
      expect(await producer.commitOffset(group, topic, 5, version)).toBe(ErrorCode.INVALID_TXN_STATE)
      const added = await client.request(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, 4, {
        ...producer.identity,
        groupId: group,
      })
      expect(added.errorCode).toBe(0)
    }
    expect(await producer.commitOffset(group, topic, 5, version)).toBe(0)
    expect(await committedOffset(group, topic)).toMatchObject({
      errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT,
      committedOffset: -1n,
    })
    expect(await committedOffset(group, topic, false)).toMatchObject({ errorCode: 0, committedOffset: -1n })
    await producer.end(committed, version < 5 ? 3 : 5)
    await producer.settled()
    expect(await committedOffset(group, topic)).toMatchObject({ errorCode: 0, committedOffset: committed ? 5n : -1n })
  })

  it('need a known member when they name one, and an existing partition', async () => {
    const topic = await newTopic()
    const producer = await Producer.started()
    const groupId = newName('group')
    const commit = (more: object, partitionIndex = 0) =>
      client.request(TxnOffsetCommitRequest, TxnOffsetCommitResponse, 5, {
        ...producer.identity,
        groupId,
        generationId: -1,
        topics: [{ name: topic.name, partitions: [{ partitionIndex, committedOffset: 1n }] }],
        ...more,
      })
    const codeOf = (answer: TxnOffsetCommitResponse) => answer.topics[0]!.partitions[0]!.errorCode
    expect(codeOf(await commit({ generationId: 3, memberId: 'm' }))).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(codeOf(await commit({}, 9))).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(codeOf(await commit({ groupId: '' }))).toBe(ErrorCode.INVALID_GROUP_ID)
    expect(codeOf(await commit({ producerEpoch: 9 }))).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
  })
})

it('offsets of a consumer group come from a member with the group’s epoch', async () => {
  const topic = await newTopic()
  const producer = await Producer.started()
  const groupId = newName('group')
  const memberId = 'm'.repeat(22)
  const member = await client.request(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, 1, {
    groupId,
    memberId,
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: [topic.name],
    topicPartitions: [],
  })
  expect(member.errorCode).toBe(0)
  const commit = async (generationId: number, by: string) => {
    const answer = await client.request(TxnOffsetCommitRequest, TxnOffsetCommitResponse, 5, {
      ...producer.identity,
      groupId,
      generationId,
      memberId: by,
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, committedOffset: 7n }] }],
    })
    return answer.topics[0]!.partitions[0]!.errorCode
  }
  expect(await commit(member.memberEpoch + 1, memberId)).toBe(ErrorCode.ILLEGAL_GENERATION)
  expect(await commit(member.memberEpoch, 'nobody')).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  expect(await commit(member.memberEpoch, memberId)).toBe(0)
  await producer.end(true)
  await producer.settled()
  expect(await committedOffset(groupId, topic)).toMatchObject({ errorCode: 0, committedOffset: 7n })
})
