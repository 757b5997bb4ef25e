import { beforeEach, describe, expect, it } from 'vitest'
import { ErrorCode, KafkaError } from '../../../src/protocol/errors.ts'
import { GroupHarness, settle, subscription } from './harness.ts'

let h: GroupHarness

beforeEach(async () => {
  h = await GroupHarness.started()
})

describe('JoinGroup', () => {
  it.each([
    ['an empty group id', { groupId: '' }, ErrorCode.INVALID_GROUP_ID],
    ['a session timeout below the limit', { sessionTimeoutMs: 5999 }, ErrorCode.INVALID_SESSION_TIMEOUT],
    ['a session timeout above the limit', { sessionTimeoutMs: 1_800_001 }, ErrorCode.INVALID_SESSION_TIMEOUT],
    ['a member id in an unknown group', { memberId: 'x' }, ErrorCode.UNKNOWN_MEMBER_ID],
    ['no protocols', { protocols: [] }, ErrorCode.INCONSISTENT_GROUP_PROTOCOL],
    ['no protocol type', { protocolType: '' }, ErrorCode.INCONSISTENT_GROUP_PROTOCOL],
  ])('refuses %s', async (_what, draft, errorCode) => {
    const response = await h.join(draft).done
    expect(response).toMatchObject({ errorCode, generationId: -1, members: [] })
  })

  it('gives new members an id first, from v4 on', async () => {
    const first = await h.join({}, 4, 'app').done
    expect(first.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
    expect(first.memberId).toMatch(/^app-[0-9a-f-]{36}$/)
    expect(await h.state()).toBe('Empty')
    const waiting = h.join({ memberId: first.memberId }, 4)
    await settle()
    h.clock.advance(0)
    const joined = await waiting.done
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, protocolName: 'range', leader: first.memberId })
    expect(joined.members.map((member) => member.memberId)).toEqual([first.memberId])
  })

  it('takes members of v0-3 at once', async () => {
    const waiting = h.join({}, 3)
    await settle()
    h.clock.advance(0)
    expect(await waiting.done).toMatchObject({ errorCode: 0, generationId: 1 })
  })

  it('forgets a pending member after its session timeout', async () => {
    const { memberId } = await h.join().done
    h.clock.advance(10_000)
    expect((await h.join({ memberId }).done).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(h.clock.pending).toBe(0)
  })

  it('extends the first rebalance while members keep coming, up to the rebalance timeout', async () => {
    h.settings.initialRebalanceDelayMs = 3000
    const first = await h.joinAsNew({ rebalanceTimeoutMs: 8000 })
    await settle()
    h.clock.advance(2000)
    const second = await h.joinAsNew({ rebalanceTimeoutMs: 8000 })
    await settle()
    h.clock.advance(1000)
    await settle()
    expect(first.pending).toBe(true)
    h.clock.advance(3000)
    expect((await first.done).members).toHaveLength(2)
    expect((await second.done).members).toHaveLength(0)
  })

  it('chooses the protocol most members prefer among those all support', async () => {
    const a = { name: 'range', metadata: subscription('orders') }
    const b = { name: 'sticky', metadata: subscription('orders') }
    const c = { name: 'own', metadata: subscription('orders') }
    h.settings.initialRebalanceDelayMs = 1000
    const joins = [
      await h.joinAsNew({ protocols: [c, a, b] }),
      await h.joinAsNew({ protocols: [b, a] }),
      await h.joinAsNew({ protocols: [b, a] }),
    ]
    await settle()
    h.clock.advance(2000)
    for (const waiting of joins) expect((await waiting.done).protocolName).toBe('sticky')
  })

  it('refuses a member that shares no protocol, or has another type', async () => {
    await h.stable()
    const protocols = [{ name: 'other', metadata: Buffer.alloc(0) }]
    expect((await h.join({ protocols }).done).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    expect((await h.join({ protocolType: 'connect' }).done).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  })

  it('rebalances when a member joins, and drops who does not rejoin in time', async () => {
    const old = await h.stable({ sessionTimeoutMs: 300_000 })
    const waiting = await h.joinAsNew()
    await settle()
    expect(await h.state()).toBe('PreparingRebalance')
    expect(await h.heartbeat(old.memberId, 1)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    h.clock.advance(60_000)
    const joined = await waiting.done
    expect(joined).toMatchObject({ generationId: 2, leader: joined.memberId })
    expect(joined.members).toHaveLength(1)
    expect(await h.heartbeat(old.memberId, 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it('answers a repeated JoinGroup with the current generation', async () => {
    const waiting = await h.joinAsNew()
    await settle()
    h.clock.advance(0)
    const joined = await waiting.done
    const again = await h.join({ memberId: joined.memberId }).done
    expect(again).toEqual(joined)
  })

  it('starts a rebalance when the leader rejoins a stable group, not when a follower does', async () => {
    const { leader, follower } = await twoMembers()
    const unchanged = await h.join({ memberId: follower }).done
    expect(unchanged).toMatchObject({ generationId: 2, members: [], leader })
    const rejoin = h.join({ memberId: leader })
    await settle()
    expect(rejoin.pending).toBe(true)
    expect(await h.state()).toBe('PreparingRebalance')
    const other = h.join({ memberId: follower })
    expect((await rejoin.done).generationId).toBe(3)
    expect((await other.done).generationId).toBe(3)
  })

  it('starts a rebalance when a follower changed its subscription', async () => {
    const { follower } = await twoMembers()
    const protocols = [{ name: 'range', metadata: subscription('payments') }]
    const rejoin = h.join({ memberId: follower, protocols })
    await settle()
    expect(rejoin.pending).toBe(true)
  })

  it('keeps to group.max.size', async () => {
    h.settings.maxSize = 1
    await h.stable()
    expect((await h.join().done).errorCode).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED)
  })

  it('tells the older of two JoinGroups of one member to rejoin', async () => {
    const { leader } = await twoMembers()
    const first = h.join({ memberId: leader })
    await settle()
    h.join({ memberId: leader })
    expect((await first.done).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
  })
})

describe('SyncGroup', () => {
  it('hands out the leader’s assignments once they are in the log', async () => {
    const { joins } = await twoJoined()
    const [leader, follower] = joins
    const waiting = h.sync(follower!)
    await settle()
    expect(waiting.pending).toBe(true)
    h.holdAppends = true
    const leading = h.sync(leader!, { [leader!.memberId]: 'a', [follower!.memberId]: 'b' })
    await settle()
    expect([waiting.pending, leading.pending]).toEqual([true, true])
    await h.releaseAppends()
    expect((await waiting.done).assignment.toString()).toBe('b')
    expect((await leading.done).assignment.toString()).toBe('a')
    expect(await h.state()).toBe('Stable')
    expect((await h.sync(follower!).done).assignment.toString()).toBe('b')
  })

  it('checks member, generation and protocol', async () => {
    const member = await h.stable()
    const errorOf = async (change: object) => (await h.sync({ ...member, ...change }, {}, change).done).errorCode
    expect(await errorOf({ memberId: 'x' })).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await errorOf({ generationId: 7 })).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(await errorOf({ protocolName: 'sticky' })).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    expect(await errorOf({ protocolType: null })).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    expect(await errorOf({ groupId: 'none' })).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await errorOf({ groupId: '' })).toBe(ErrorCode.INVALID_GROUP_ID)
  })

  it('asks waiting members to rejoin when a rebalance starts', async () => {
    const { joins } = await twoJoined()
    const waiting = h.sync(joins[1]!)
    await h.joinAsNew()
    expect((await waiting.done).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect((await h.sync(joins[0]!).done).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
  })

  it('drops members that joined but never sync', async () => {
    const { joins } = await twoJoined(300_000)
    const leading = h.sync(joins[0]!, {})
    await leading.done
    h.clock.advance(60_000)
    expect(await h.state()).toBe('PreparingRebalance')
    expect((await h.describe()).members.map((member) => member.memberId)).toEqual([joins[0]!.memberId])
  })

  it('drops assignments of a generation that ended while they were stored', async () => {
    const { joins } = await twoJoined()
    h.holdAppends = true
    const leading = h.sync(joins[0]!, { [joins[0]!.memberId]: 'old' })
    await settle()
    await h.leave({ memberId: joins[1]!.memberId })
    expect((await leading.done).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    const rejoined = await h.join({ memberId: joins[0]!.memberId }).done
    await h.releaseAppends()
    expect(await h.state()).toBe('CompletingRebalance')
    const synced = await h.sync(rejoined, { [rejoined.memberId]: 'new' }).done
    expect(synced.assignment.toString()).toBe('new')
  })

  it('starts a rebalance when the assignments can’t be stored', async () => {
    const { joins } = await twoJoined()
    const waiting = h.sync(joins[1]!)
    h.appendError = new KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    const leading = h.sync(joins[0]!, {})
    expect((await leading.done).errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    expect((await waiting.done).errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    expect(await h.state()).toBe('PreparingRebalance')
  })
})

describe('sessions', () => {
  it('expire without heartbeats and live on with them', async () => {
    const { memberId } = await h.stable()
    for (let i = 0; i < 5; i++) {
      h.clock.advance(9999)
      expect(await h.heartbeat(memberId, 1)).toBe(ErrorCode.NONE)
    }
    h.clock.advance(10_000)
    await settle()
    expect(await h.state()).toBe('Empty')
    expect(await h.heartbeat(memberId, 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(h.clock.pending).toBe(0)
  })

  it('are kept alive by commits', async () => {
    const { memberId } = await h.stable()
    h.clock.advance(9999)
    expect(await h.commit(1, { memberId, generationId: 1 })).toBe(ErrorCode.NONE)
    h.clock.advance(9999)
    expect(await h.state()).toBe('Stable')
  })

  it('give up a new member whose JoinGroup waits too long', async () => {
    await h.stable({ groupInstanceId: null, sessionTimeoutMs: 1_800_000, rebalanceTimeoutMs: 1_800_000 })
    const waiting = await h.joinAsNew({ rebalanceTimeoutMs: 1_800_000 })
    await settle()
    h.clock.advance(300_000)
    expect((await waiting.done).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it('are checked by Heartbeat', async () => {
    const { memberId } = await h.stable()
    expect(await h.heartbeat(memberId, 2)).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(await h.heartbeat('x', 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(await h.heartbeat(memberId, 1, 'i')).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })
})

describe('LeaveGroup', () => {
  it('empties a group and stores that', async () => {
    const { memberId } = await h.stable()
    const { errorCode, members } = await h.leave({ memberId })
    expect([errorCode, members[0]!.errorCode]).toEqual([0, 0])
    await settle()
    expect(await h.state()).toBe('Empty')
    expect(await (await h.restarted()).state()).toBe('Empty')
  })

  it('answers each member by itself', async () => {
    const { memberId } = await h.stable()
    const { members } = await h.leave({ memberId: 'x' }, { memberId: '', groupInstanceId: 'i' }, { memberId })
    expect(members.map((member) => member.errorCode)).toEqual([25, 25, 0])
  })

  it('removes a pending member, so that the others need not wait', async () => {
    const { leader, follower } = await twoMembers()
    const pending = await h.join().done
    const rejoins = [h.join({ memberId: leader }), h.join({ memberId: follower })]
    await settle()
    expect(rejoins[0]!.pending).toBe(true)
    await h.leave({ memberId: pending.memberId })
    expect((await rejoins[0]!.done).generationId).toBe(3)
  })

  it('answers requests that wait of a member that leaves', async () => {
    const { joins } = await twoJoined()
    const waiting = h.sync(joins[1]!)
    await settle()
    await h.leave({ memberId: joins[1]!.memberId })
    expect((await waiting.done).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })
})

describe('static members', () => {
  it('come back under a new id without a rebalance', async () => {
    const first = await staticStable()
    const second = await h.join({ groupInstanceId: 'i' }).done
    expect(second).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: true, leader: second.memberId })
    expect(second.memberId).toMatch(/^i-/)
    expect(second.members).toHaveLength(1)
    const assignment = (await h.sync(second, {}, { groupInstanceId: 'i' }).done).assignment
    expect(assignment.toString()).toBe('static assignment')
    expect(await h.heartbeat(first.memberId, 1, 'i')).toBe(ErrorCode.FENCED_INSTANCE_ID)
    expect((await (await h.restarted()).describe()).members[0]!.memberId).toBe(second.memberId)
  })

  it('are told of the old leader before v9', async () => {
    const first = await staticStable()
    const second = await h.join({ groupInstanceId: 'i' }, 8).done
    expect(second).toMatchObject({ errorCode: 0, skipAssignment: false, leader: first.memberId, members: [] })
  })

  it('keep their place when the new id can’t be stored', async () => {
    const first = await staticStable()
    h.appendError = new KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect((await h.join({ groupInstanceId: 'i' }).done).errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    expect(await h.heartbeat(first.memberId, 1, 'i')).toBe(ErrorCode.NONE)
  })

  it('fence an older incarnation that waits', async () => {
    h.settings.initialRebalanceDelayMs = 1000
    const older = h.join({ groupInstanceId: 'i' })
    await settle()
    const newer = h.join({ groupInstanceId: 'i' })
    expect((await older.done).errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID)
    await settle()
    h.clock.advance(2000)
    expect((await newer.done).errorCode).toBe(ErrorCode.NONE)
  })

  it('stay in the group when they miss a rebalance, until the session ends', async () => {
    await staticStable({ sessionTimeoutMs: 120_000, rebalanceTimeoutMs: 30_000 })
    const waiting = await h.joinAsNew({ rebalanceTimeoutMs: 30_000 })
    await settle()
    h.clock.advance(30_000)
    expect((await waiting.done).members).toHaveLength(2)
  })

  it('are removed by instance id alone', async () => {
    await staticStable()
    expect((await h.leave({ memberId: '', groupInstanceId: 'i' })).members[0]!.errorCode).toBe(0)
    await settle()
    expect(await h.state()).toBe('Empty')
  })
})

async function staticStable(draft = {}) {
  const waiting = h.join({ groupInstanceId: 'i', ...draft })
  await settle()
  h.clock.advance(0)
  const joined = await waiting.done
  await h.sync(joined, { [joined.memberId]: 'static assignment' }, { groupInstanceId: 'i' }).done
  return joined
}

/** Two members of one generation that have not synced yet, the leader first. */
async function twoJoined(sessionTimeoutMs = 10_000) {
  const first = await h.stable({ sessionTimeoutMs })
  const second = await h.joinAsNew({ sessionTimeoutMs })
  const again = h.join({ memberId: first.memberId, sessionTimeoutMs })
  return { joins: [await again.done, await second.done] }
}

async function twoMembers() {
  const { joins } = await twoJoined()
  const [leader, follower] = joins.map((joined) => joined.memberId)
  const syncs = [h.sync(joins[1]!), h.sync(joins[0]!, { [leader!]: 'a', [follower!]: 'b' })]
  for (const waiting of syncs) await waiting.done
  return { leader: leader!, follower: follower! }
}
