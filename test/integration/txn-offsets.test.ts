import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectAdmin } from '../../src/client/admin/connect.ts'
import { Consumer } from '../../src/client/consumer/consumer.ts'
import type { GroupMetadata } from '../../src/client/consumer/offsets.ts'
import { Producer } from '../../src/client/producer/producer.ts'
import { type Admin, type OffsetAndMetadata, type TopicPartition, topicPartitionKey } from '../../src/client/types.ts'
import { type EmbeddedBroker, startBroker } from '../../src/embedded/index.ts'
import { ErrorCode } from '../../src/protocol/errors.ts'

/** transaction.version before and after KIP-890. */
describe.each([1, 2])('offsets in transactions, transaction.version %i', (level) => {
  let broker: EmbeddedBroker
  let admin: Admin
  const open: { close(): Promise<void> }[] = []
  const source: TopicPartition = { topic: 'source', partition: 0 }

  beforeAll(async () => {
    broker = await startBroker({
      properties: { 'group.initial.rebalance.delay.ms': '0' },
      topics: ['source', 'target'],
    })
    admin = await connectAdmin(settings())
    if (level < 2) {
      const update = { level, upgradeType: 'safe-downgrade' as const }
      const results = await admin.updateFeatures(new Map([['transaction.version', update]]))
      expect([...results.values()].every(({ ok }) => ok)).toBe(true)
    }
  })

  afterAll(async () => {
    await Promise.all(open.map((one) => one.close().catch(() => undefined)))
    await admin?.close()
    await broker?.stop()
  })

  const settings = () => ({
    bootstrapServers: [{ host: 'localhost', port: broker.port }],
    retryBackoffMs: 5,
    retryBackoffMaxMs: 20,
  })

  const producerOf = (transactionalId: string): Producer => {
    const producer = new Producer({ ...settings(), transactionalId, onError: () => undefined })
    open.push(producer)
    return producer
  }

  /** A group without members, as one that assigns partitions by itself. */
  const alone = (groupId: string): GroupMetadata => ({
    groupId,
    memberId: '',
    generationIdOrMemberEpoch: -1,
    groupInstanceId: null,
  })

  const offset = (at: number): Map<TopicPartition, OffsetAndMetadata> =>
    new Map([[source, { offset: at, leaderEpoch: null, metadata: `at ${at}` }]])

  const begun = async (producer: Producer): Promise<Producer> => {
    producer.transactions?.begin()
    await producer.send({ topic: 'target', value: Buffer.from('a') })
    return producer
  }

  const committed = async (groupId: string): Promise<number | null> => {
    const result = (await admin.listConsumerGroupOffsets([groupId])).get(groupId)
    if (!result?.ok) throw result?.error ?? new Error('no answer')
    return result.value.get(topicPartitionKey(source))?.offset ?? null
  }

  const code = (value: ErrorCode) => expect.objectContaining({ code: value })

  it('counts them when the transaction commits, not before', async () => {
    const producer = await begun(producerOf('commits'))
    await producer.sendOffsets(offset(5), alone('commits'))
    expect(await committed('commits')).toBeNull()
    await producer.commitTransaction()
    expect(await committed('commits')).toBe(5)
  })

  it('commits a transaction of offsets alone', async () => {
    const producer = producerOf('bare')
    producer.transactions?.begin()
    await producer.sendOffsets(offset(7), alone('bare'))
    await producer.commitTransaction()
    expect(await committed('bare')).toBe(7)
  })

  it('forgets them when it aborts, and takes those of the next one', async () => {
    const producer = await begun(producerOf('aborts'))
    await producer.sendOffsets(offset(5), alone('aborts'))
    await producer.abortTransaction()
    expect(await committed('aborts')).toBeNull()
    await begun(producer)
    await producer.sendOffsets(offset(6), alone('aborts'))
    await producer.commitTransaction()
    expect(await committed('aborts')).toBe(6)
  })

  it('adds the group by a request of its own only where the offsets do not do it', async () => {
    const adding = broker.faults.delay(0, { api: 'AddOffsetsToTxn' })
    const partitions = broker.faults.delay(0, { api: 'AddPartitionsToTxn' })
    const producer = await begun(producerOf('adds'))
    await producer.sendOffsets(offset(5), alone('adds'))
    await producer.commitTransaction()
    expect([adding.strikes, partitions.strikes]).toEqual(level === 2 ? [0, 0] : [1, 1])
    broker.faults.clear()
  })

  it.each(['NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS'] as const)('tries again after %s', async (error) => {
    const fault = broker.faults.error(error, { api: 'TxnOffsetCommit', times: 2 })
    const producer = await begun(producerOf(error))
    await producer.sendOffsets(offset(5), alone(error))
    await producer.commitTransaction()
    expect(fault.strikes).toBe(2)
    expect(await committed(error)).toBe(5)
  })

  it.each(['CLASSIC', 'CONSUMER'] as const)('speaks for a member of a %s group, and for no other', async (protocol) => {
    const groupId = `member-${protocol}`
    const consumer = new Consumer({ ...settings(), groupId, groupProtocol: protocol })
    open.push(consumer)
    consumer.subscribe({ topics: ['source'] })
    while (!consumer.isSettled) await consumer.poll(100)
    const group = consumer.groupMetadata
    expect(group.generationIdOrMemberEpoch).toBeGreaterThan(0)
    const producer = await begun(producerOf(groupId))
    await producer.sendOffsets(offset(5), group)
    await producer.commitTransaction()
    expect(await committed(groupId)).toBe(5)

    await begun(producer)
    const stale = { ...group, generationIdOrMemberEpoch: group.generationIdOrMemberEpoch + 1 }
    await expect(producer.sendOffsets(offset(6), stale)).rejects.toThrow(
      'Transaction offset Commit failed due to consumer group metadata mismatch',
    )
    await expect(producer.commitTransaction()).rejects.toEqual(code(ErrorCode.ILLEGAL_GENERATION))
    await producer.abortTransaction()
    await begun(producer)
    const stranger = { ...group, memberId: 'stranger' }
    await expect(producer.sendOffsets(offset(6), stranger)).rejects.toEqual(code(ErrorCode.UNKNOWN_MEMBER_ID))
    expect(producer.transactions?.fatal).toBeNull()
    await producer.abortTransaction()
    expect(await committed(groupId)).toBe(5)
    await begun(producer)
    await producer.sendOffsets(offset(8), consumer.groupMetadata)
    await producer.commitTransaction()
    expect(await committed(groupId)).toBe(8)
  })

  it('can be aborted when the group is forbidden, and goes on afterwards', async () => {
    broker.faults.error('GROUP_AUTHORIZATION_FAILED', { api: 'TxnOffsetCommit', times: 1 })
    const producer = await begun(producerOf('forbidden'))
    await expect(producer.sendOffsets(offset(5), alone('forbidden'))).rejects.toEqual(
      code(ErrorCode.GROUP_AUTHORIZATION_FAILED),
    )
    // What waits is given up, not sent.
    await expect(producer.send({ topic: 'target', value: Buffer.from('late') })).rejects.toEqual(
      code(ErrorCode.GROUP_AUTHORIZATION_FAILED),
    )
    await producer.abortTransaction()
    await begun(producer)
    await producer.sendOffsets(offset(6), alone('forbidden'))
    await producer.commitTransaction()
    expect(await committed('forbidden')).toBe(6)
  })

  it('is over for good when the transactional id is forbidden', async () => {
    broker.faults.error('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', { api: 'TxnOffsetCommit', times: 1 })
    const producer = await begun(producerOf('denied'))
    const denied = code(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    await expect(producer.sendOffsets(offset(5), alone('denied'))).rejects.toEqual(denied)
    await expect(producer.abortTransaction()).rejects.toEqual(denied)
    expect(() => producer.transactions?.begin()).toThrow()
  })

  it('is over for good when another producer has the transactional id', async () => {
    const old = await begun(producerOf('fenced'))
    const young = await begun(producerOf('fenced'))
    const fenced = code(ErrorCode.PRODUCER_FENCED)
    const text = 'There is a newer producer with the same transactionalId which fences the current one.'
    await expect(old.sendOffsets(offset(5), alone('fenced'))).rejects.toThrow(text)
    expect(old.transactions?.fatal).toEqual(fenced)
    await expect(old.commitTransaction()).rejects.toEqual(fenced)
    await young.sendOffsets(offset(9), alone('fenced'))
    await young.commitTransaction()
    expect(await committed('fenced')).toBe(9)
  })

  it('does not come back by itself when its records are refused for another producer', async () => {
    const old = await begun(producerOf('refused'))
    const young = await begun(producerOf('refused'))
    const refused = old.send({ topic: 'target', value: Buffer.from('zombie') })
    await expect(refused).rejects.toEqual(code(ErrorCode.INVALID_PRODUCER_EPOCH))
    await expect(old.commitTransaction()).rejects.toEqual(code(ErrorCode.INVALID_PRODUCER_EPOCH))
    await expect(old.abortTransaction()).rejects.toEqual(code(ErrorCode.PRODUCER_FENCED))
    await young.commitTransaction()
  })

  it('takes nothing of a producer that crashed between its offsets and its commit', async () => {
    const crashed = await begun(producerOf('crashed'))
    await crashed.sendOffsets(offset(5), alone('crashed'))
    await crashed.cluster.close()
    const heir = producerOf('crashed')
    await heir.identity()
    expect(await committed('crashed')).toBeNull()
    await begun(heir)
    await heir.sendOffsets(offset(6), alone('crashed'))
    await heir.commitTransaction()
    expect(await committed('crashed')).toBe(6)
  })

  it('starts a new epoch after a failed record, so that the next transaction has no gap', async () => {
    const producer = await begun(producerOf('gap'))
    broker.faults.error('INVALID_RECORD', { api: 'Produce', times: 1 })
    await expect(producer.send({ topic: 'target', value: Buffer.from('bad') })).rejects.toEqual(
      code(ErrorCode.INVALID_RECORD),
    )
    await producer.abortTransaction()
    await begun(producer)
    await producer.send({ topic: 'target', value: Buffer.from('b') })
    await producer.commitTransaction()
    expect(producer.transactions?.failure).toBeNull()
  })

  it('needs a transaction', async () => {
    const producer = producerOf('none')
    await expect(producer.sendOffsets(offset(1), alone('none'))).rejects.toThrow('begin one first')
  })
})
