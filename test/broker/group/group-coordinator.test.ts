import { describe, expect, it } from 'vitest'
import { heartbeat } from '../../../src/broker/apis/12-heartbeat.ts'
import { leaveGroup } from '../../../src/broker/apis/13-leave-group.ts'
import { syncGroup } from '../../../src/broker/apis/14-sync-group.ts'
import { describeGroups } from '../../../src/broker/apis/15-describe-groups.ts'
import { listGroups } from '../../../src/broker/apis/16-list-groups.ts'
import type { LoadedRecord } from '../../../src/broker/group/group-context.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { GroupHarness, settle } from './harness.ts'

describe('loading', () => {
  it('answers as Kafka does before, while and after', async () => {
    const h = new GroupHarness()
    expect(await h.heartbeat('m', 1)).toBe(ErrorCode.NOT_COORDINATOR)
    expect((await h.join().done).errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    let finish = () => {}
    const gate = new Promise<void>((resolve) => {
      finish = resolve
    })
    async function* slow(): AsyncGenerator<LoadedRecord> {
      await gate
      yield { kind: 'record', key: null, value: null, offset: 0, producerId: -1 }
    }
    const loading = h.coordinator.load(0, slow())
    expect(await h.heartbeat('m', 1)).toBe(ErrorCode.NONE)
    expect((await h.join().done).errorCode).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    expect((await h.sync({ memberId: 'm', generationId: 1 }).done).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect((await h.call(listGroups, 5, {})).errorCode).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    finish()
    await loading
    expect((await h.join().done).errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
  })

  it('brings a stable group back whole, with fresh sessions', async () => {
    const h = await GroupHarness.started()
    const { memberId } = await h.stable()
    const before = await h.describe()
    const next = await h.restarted()
    expect(await next.describe()).toEqual(before)
    expect(await next.heartbeat(memberId, 1)).toBe(ErrorCode.NONE)
    next.clock.advance(10_000)
    await settle()
    expect(await next.state()).toBe('Empty')
  })

  it('fails where its records fail, and gives the partition up', async () => {
    const h = new GroupHarness()
    async function* broken(): AsyncGenerator<LoadedRecord> {
      yield { kind: 'record', key: null, value: null, offset: 0, producerId: -1 }
      throw new Error('disk')
    }
    await expect(h.coordinator.load(0, broken())).rejects.toThrow('disk')
    expect(h.coordinator.coordinates(0)).toBe(false)
  })

  it('passes over records it can not read', async () => {
    const h = await GroupHarness.started()
    const record = (key: string, value: string): LoadedRecord => ({
      kind: 'record',
      key: Buffer.from(key, 'hex'),
      value: Buffer.from(value, 'hex'),
      offset: 0,
      producerId: -1,
    })
    const offset = '00040000000000000005ffffffff01000001a20326819400'
    const next = await h.restarted([
      record('0063000167', '000000000001'),
      record('00010001670006' + '6f7264657273' + '00000000', offset),
      record('0002000178', '00ff'),
    ])
    next.coordinator.start()
    expect(await next.offsets()).toEqual({ 'orders-0': 5 })
    expect(next.appends).toBe(0)
  })

  it('rebalances a group that is over its limit', async () => {
    const h = await GroupHarness.started()
    await h.stable()
    h.settings.maxSize = 0
    expect(await (await h.restarted()).state()).toBe('PreparingRebalance')
  })
})

describe('unloading', () => {
  it('answers who waits and leaves no timer', async () => {
    const h = await GroupHarness.started()
    await h.stable()
    const waiting = await h.joinAsNew()
    await h.join().done
    await settle()
    h.coordinator.start()
    h.coordinator.stop()
    expect((await waiting.done).errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    expect(h.clock.pending).toBe(0)
    expect((await h.join().done).errorCode).toBe(ErrorCode.NOT_COORDINATOR)
  })
})

describe('partitionFor', () => {
  it('creates the topic when it is missing', async () => {
    const h = new GroupHarness()
    h.partitionCount = 0
    expect((await h.join().done).errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    expect(await h.coordinator.partitionFor('g')).toBe(0)
    expect((await h.join().done).errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
  })
})

describe('ListGroups', () => {
  it('filters by state and type in any case', async () => {
    const h = await GroupHarness.started()
    await h.stable()
    await h.commit(1, { groupId: 'simple' })
    const list = async (draft: object) =>
      (await h.call(listGroups, 5, draft)).groups.map(({ groupId }) => groupId).sort()
    expect(await list({})).toEqual(['g', 'simple'])
    expect(await list({ statesFilter: ['sTABLE'] })).toEqual(['g'])
    expect(await list({ statesFilter: ['none'] })).toEqual([])
    expect(await list({ typesFilter: ['Classic'] })).toEqual(['g', 'simple'])
    expect(await list({ typesFilter: ['consumer'] })).toEqual([])
    expect((await h.call(listGroups, 5, { statesFilter: ['empty'] })).groups).toEqual([
      { groupId: 'simple', protocolType: '', groupState: 'Empty', groupType: 'classic' },
    ])
  })
})

describe('DescribeGroups', () => {
  it('shows what a stable group is made of', async () => {
    const h = await GroupHarness.started()
    const { memberId } = await h.stable()
    const { groups } = await h.call(describeGroups, 6, { groups: ['g', 'none'], includeAuthorizedOperations: true })
    expect(groups[0]).toMatchObject({
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
      authorizedOperations: 3400,
    })
    expect(groups[0]!.members[0]).toMatchObject({
      memberId,
      clientId: 'client',
      clientHost: '/127.0.0.1',
      groupInstanceId: null,
    })
    expect(groups[0]!.members[0]!.memberAssignment.toString()).toBe(`all of ${memberId}`)
    expect(groups[1]).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group none not found.',
      groupState: 'Dead',
    })
  })

  it.each([0, 1, 2, 3, 4, 5])('calls an unknown group Dead in version %i', async (version) => {
    const h = await GroupHarness.started()
    const { groups } = await h.call(describeGroups, version, { groups: ['none'] })
    expect(groups[0]).toMatchObject({ errorCode: 0, groupState: 'Dead' })
  })
})

describe('every version', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('of JoinGroup makes a generation (v%i)', async (version) => {
    const h = await GroupHarness.started()
    const first = version < 4 ? '' : (await h.join({}, version).done).memberId
    const waiting = h.join({ memberId: first }, version)
    await settle()
    h.clock.advance(0)
    expect(await waiting.done).toMatchObject({ errorCode: 0, generationId: 1, protocolName: 'range' })
    expect((await h.join({ groupId: '' }, version).done).errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
  })

  it.each([0, 1, 2, 3, 4, 5])('of SyncGroup, Heartbeat and LeaveGroup works (v%i)', async (version) => {
    const h = await GroupHarness.started()
    const { memberId } = await h.stable()
    const named = version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}
    const synced = await h.call(syncGroup, version, { groupId: 'g', memberId, generationId: 1, ...named })
    expect(synced.assignment.toString()).toBe(`all of ${memberId}`)
    const beat = { groupId: 'g', memberId, generationId: 1 }
    expect((await h.call(heartbeat, Math.min(version, 4), beat)).errorCode).toBe(0)
    const leaving = version < 3 ? { groupId: 'g', memberId } : { groupId: 'g', members: [{ memberId }] }
    expect((await h.call(leaveGroup, version, leaving)).errorCode).toBe(0)
    await settle()
    const again = await h.call(leaveGroup, version, leaving)
    expect(again.errorCode || again.members[0]?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })
})
