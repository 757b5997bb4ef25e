import { describe, expect, it } from 'vitest'
import { joinGroup } from '../../../../src/broker/apis/11-join-group.ts'
import { encodeVersioned } from '../../../../src/protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../../../src/protocol/errors.ts'
import { ConsumerProtocolAssignment } from '../../../../src/protocol/generated/data/consumer-protocol-assignment.ts'
import { ConsumerProtocolSubscription } from '../../../../src/protocol/generated/data/consumer-protocol-subscription.ts'
import { Reader } from '../../../../src/protocol/reader.ts'
import { settle } from '../harness.ts'
import { assigned, ConsumerHarness } from './consumer-harness.ts'

const ALL = [0, 1, 2, 3]

function metadata(partitions: readonly number[]): Buffer {
  const ownedPartitions = partitions.length > 0 ? [{ topic: 'orders', partitions }] : []
  return encodeVersioned(ConsumerProtocolSubscription, { topics: ['orders'], ownedPartitions, generationId: 1 }, 3)
}

function assignment(partitions: readonly number[]): Buffer {
  return encodeVersioned(ConsumerProtocolAssignment, { assignedPartitions: [{ topic: 'orders', partitions }] }, 3)
}

function readAssignment(bytes: Buffer): { [topic: string]: number[] } {
  const { assignedPartitions } = ConsumerProtocolAssignment.read(new Reader(bytes.subarray(2)), 3)
  return Object.fromEntries(assignedPartitions.map(({ topic, partitions }) => [topic, partitions]))
}

class MigrationHarness extends ConsumerHarness {
  static override async started(): Promise<MigrationHarness> {
    const harness = new MigrationHarness()
    await harness.coordinator.load(0, [])
    return harness
  }

  /** JoinGroup of a cooperative consumer that has the partitions. */
  joinClassic(memberId: string, partitions: readonly number[] = []) {
    const protocols = [{ name: 'range', metadata: metadata(partitions) }]
    const timeouts = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 60_000 }
    return this.call(joinGroup, 9, { groupId: 'g', memberId, protocolType: 'consumer', protocols, ...timeouts })
  }

  async syncClassic(memberId: string, generationId: number) {
    const response = await this.sync({ memberId, generationId }).done
    return { ...response, partitions: response.errorCode === 0 ? readAssignment(response.assignment) : null }
  }
}

/** A classic group whose one member has the whole topic. */
async function classicGroup(): Promise<{ h: MigrationHarness; memberId: string }> {
  const h = await MigrationHarness.started()
  const { memberId } = await h.joinClassic('')
  const joining = h.joinClassic(memberId)
  await settle()
  h.clock.advance(0)
  const { generationId } = await joining
  await h.sync({ memberId, generationId }, {}, { assignments: [{ memberId, assignment: assignment(ALL) }] }).done
  return { h, memberId }
}

describe('an empty group', () => {
  it('changes its kind with the first member of the other protocol, and keeps its offsets', async () => {
    const h = await MigrationHarness.started()
    expect(await h.commit(7)).toBe(0)
    expect((await h.joinConsumer('A', ['orders'])).memberEpoch).toBe(2)
    expect(await h.offsets()).toEqual({ 'orders-0': 7 })
    await h.beat('A', -1)
    expect((await h.joinClassic('')).errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
    expect((await h.describeConsumer()).errorMessage).toBe('Group g is not a consumer group.')
    expect(h.replayed().size).toBe(0)
    expect(await h.offsets()).toEqual({ 'orders-0': 7 })
  })
})

describe('online', () => {
  it('upgrades a group: the classic member gives up by rejoining', async () => {
    const { h, memberId } = await classicGroup()
    const a = await h.joinConsumer('A', ['orders'])
    expect([a.memberEpoch, assigned(a)]).toEqual([2, {}])
    expect(await h.heartbeat(memberId, 1)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect((await h.joinClassic(memberId, ALL)).generationId).toBe(1)
    expect((await h.syncClassic(memberId, 1)).partitions).toEqual({ orders: [0, 1] })
    expect(await h.heartbeat(memberId, 1)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect((await h.joinClassic(memberId, [0, 1])).generationId).toBe(2)
    expect((await h.syncClassic(memberId, 2)).partitions).toEqual({ orders: [0, 1] })
    expect(assigned(await h.beat('A', 2))).toEqual({ orders: [2, 3] })
    expect(await h.heartbeat(memberId, 2)).toBe(0)
    expect((await h.describeConsumer()).members.map(({ memberType }) => memberType).sort()).toEqual([0, 1])
    expect(await h.commit(3, { memberId, generationId: 2 })).toBe(0)
    expect(await h.commit(3, { memberId, generationId: 3 })).toBe(ErrorCode.ILLEGAL_GENERATION)
  })

  it('downgrades it when the last member of the new protocol leaves', async () => {
    const { h, memberId } = await classicGroup()
    await h.joinConsumer('A', ['orders'])
    await h.beat('A', -1)
    expect(await h.describe()).toMatchObject({ groupState: 'PreparingRebalance', members: [{ memberId }] })
    expect(h.replayed().size).toBe(0)
    const joining = h.joinClassic(memberId)
    await settle()
    expect(await joining).toMatchObject({ errorCode: 0, generationId: 3, leader: memberId })
  })

  it('is up to the policy', async () => {
    const { h, memberId } = await classicGroup()
    h.consumer.values.migrationPolicy = 'disabled'
    expect(await h.joinConsumer('A', ['orders'])).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Cannot upgrade classic group g to consumer group because online upgrade is disabled.',
    })
    h.consumer.values.migrationPolicy = 'upgrade'
    expect((await h.joinConsumer('A', ['orders'])).errorCode).toBe(0)
    await h.beat('A', -1)
    expect((await h.describeConsumer()).members.map((member) => member.memberId)).toEqual([memberId])
  })

  it('leaves the group as it was when the log does not take it', async () => {
    const { h, memberId } = await classicGroup()
    h.holdAppends = true
    const joining = h.joinConsumer('A', ['orders'])
    await settle()
    const beat = h.heartbeat(memberId, 1)
    h.appendError = new KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    await h.releaseAppends()
    expect((await joining).errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    expect(await beat).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect((await h.describe()).members.map((member) => member.memberId)).toEqual([memberId])
  })

  it('removes a classic member that does not rejoin in time', async () => {
    const { h, memberId } = await classicGroup()
    await h.joinConsumer('A', ['orders'])
    for (let i = 0; i < 12; i++) {
      await h.heartbeat(memberId, 1)
      await h.beat('A', 2)
      h.clock.advance(5001)
      await settle()
    }
    expect((await h.describeConsumer()).members.map((member) => member.memberId)).toEqual(['A'])
    expect(assigned(await h.beat('A', 2))).toEqual({ orders: ALL })
  })
})
