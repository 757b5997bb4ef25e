import { setTimeout as delay } from 'node:timers/promises'
import { encodeVersioned } from '../../../src/protocol/codec.ts'
import { ConsumerProtocolSubscription } from '../../../src/protocol/generated/data/consumer-protocol-subscription.ts'
import * as api from './apis.ts'
import { UNKNOWN_ID } from './metadata-cases.ts'
import type { Session } from './session.ts'

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'
const SUBSCRIPTION = encodeVersioned(ConsumerProtocolSubscription, { topics: ['grp-a'] }, 1)
const ASSIGNMENT = Buffer.from('assigned')

/** Waits for the coordinator of a group or transactional id. */
export async function coordinatorOf(s: Session, key: string, keyType = 0): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { coordinators } = await s.quiet(api.findCoordinator, { keyType, coordinatorKeys: [key] })
    if (coordinators[0]?.errorCode === 0) {
      const probe = await s.quiet(api.heartbeat, { groupId: 'probe', generationId: 1, memberId: 'x' })
      if (keyType !== 0 || ![14, 16].includes(probe.errorCode)) return
    }
    await delay(25)
  }
}

const joining = (groupId: string, memberId: string, more: object = {}): object => ({
  groupId,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  memberId,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: SUBSCRIPTION }],
  ...more,
})

/** A group of one member in its first generation. */
async function stable(s: Session, groupId: string, instance: string | null = null): Promise<string> {
  const id = instance === null ? {} : { groupInstanceId: instance }
  const first = await s.quiet(api.joinGroup, joining(groupId, '', id))
  const memberId = first.memberId
  s.call(memberId, `<member of ${groupId}>`)
  if (first.errorCode === 79) await s.quiet(api.joinGroup, joining(groupId, memberId, id))
  const assignments = [{ memberId, assignment: ASSIGNMENT }]
  await s.quiet(api.syncGroup, {
    groupId,
    generationId: 1,
    memberId,
    ...id,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments,
  })
  return memberId
}

export async function findCoordinator(s: Session): Promise<void> {
  await coordinatorOf(s, 'fc')
  await coordinatorOf(s, 'fc', 1)
  await coordinatorOf(s, `fc:${UNKNOWN_ID}:0`, 2)
  await s.everyVersion(api.findCoordinator, async (ask, v) => {
    const one = (key: string, more: object = {}): object =>
      v >= 4 ? { coordinatorKeys: [key], ...more } : { key, ...more }
    await ask('group', one('fc'))
    await ask('empty', one(''))
    await ask('empty transactional id', one('', { keyType: 1 }))
    for (const keyType of [3, -1, 7]) await ask(`type ${keyType}`, one('fc', { keyType }))
    for (const key of [
      '',
      'fc',
      'fc:x',
      'fc:x:0',
      `fc:${UNKNOWN_ID}:0`,
      `fc:${UNKNOWN_ID}:-1`,
      `fc:${UNKNOWN_ID}:x`,
      `:${UNKNOWN_ID}:0`,
      `a:b:${UNKNOWN_ID}:0`,
      `fc:${NO_ID}:0`,
    ])
      await ask(`share key ${key.slice(0, 12)}`, one(key, { keyType: 2 }))
    await ask('several', { coordinatorKeys: ['fc', 'fd', 'fc', ''] })
    await ask('none', { coordinatorKeys: [] })
  })
}

export async function offsets(s: Session): Promise<void> {
  await s.topic('grp-a', 2)
  await coordinatorOf(s, 'of')
  await s.everyVersion(api.offsetCommit, async (ask, v) => {
    const group = `of-${v}`
    const topic = (name: string, more: object = {}): object =>
      v >= 10 ? { topicId: name === 'grp-a' ? s.idOf('grp-a') : UNKNOWN_ID, ...more } : { name, ...more }
    const one = (more: object = {}, partition: object = {}, name = 'grp-a'): object => ({
      groupId: group,
      topics: [
        topic(name, { partitions: [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: 'm', ...partition }] }),
      ],
      ...more,
    })
    await ask('without members', one())
    await ask('empty group', one({ groupId: '' }))
    await ask('member of no group', one({ memberId: 'x', generationIdOrMemberEpoch: 1 }))
    await ask('member without generation', one({ memberId: 'x' }))
    await ask('generation without member', one({ generationIdOrMemberEpoch: 1 }))
    await ask('generation 0, new group', one({ groupId: `ofn-${v}`, generationIdOrMemberEpoch: 0 }))
    await ask('retention', one({ retentionTimeMs: 1000n }))
    await ask('unknown topic', one({}, {}, 'grp-x'))
    await ask('invalid topic', one({}, {}, 'a b'))
    for (const partitionIndex of [2, -1]) await ask(`partition ${partitionIndex}`, one({}, { partitionIndex }))
    for (const committedOffset of [-1n, -5n]) await ask(`offset ${committedOffset}`, one({}, { committedOffset }))
    await ask('leader epoch', one({}, { committedLeaderEpoch: 3 }))
    await ask('leader epoch -2', one({}, { committedLeaderEpoch: -2 }))
    await ask('null metadata', one({}, { partitionIndex: 1, committedMetadata: null }))
    await ask('metadata too long', one({}, { committedMetadata: 'm'.repeat(5000) }))
    await ask('no topics', { groupId: group })
    await ask('no partitions', { groupId: group, topics: [topic('grp-a')] })
    const part = { partitionIndex: 0, committedOffset: 6n, committedMetadata: '' }
    await ask('twice', { groupId: group, topics: [topic('grp-a', { partitions: [part, part] })] })
    await ask('topic twice', {
      groupId: group,
      topics: [topic('grp-a', { partitions: [part] }), topic('grp-a', { partitions: [part] })],
    })
    if (v >= 10) await ask('zero id', { groupId: group, topics: [{ topicId: NO_ID, partitions: [part] }] })
    await ask('instance', one({ groupInstanceId: 'i', memberId: 'x', generationIdOrMemberEpoch: 1 }))
  })
  await offsetFetch(s)
}

async function offsetFetch(s: Session): Promise<void> {
  await s.quiet(
    api.offsetCommit,
    {
      groupId: 'of-f',
      topics: [{ name: 'grp-a', partitions: [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: 'm' }] }],
    },
    9,
  )
  await s.everyVersion(api.offsetFetch, async (ask, v) => {
    const one = (groupId: string, topics: [string, number[]][] | null, more: object = {}, all: object = {}): object => {
      const named = topics?.map(([name, partitionIndexes]) =>
        v >= 10
          ? { topicId: name === 'grp-a' ? s.idOf('grp-a') : UNKNOWN_ID, partitionIndexes }
          : { name, partitionIndexes },
      )
      return v >= 8
        ? { groups: [{ groupId, topics: named ?? null, ...more }], ...all }
        : { groupId, topics: named ?? null, ...all }
    }
    await ask('one', one('of-f', [['grp-a', [0, 1]]]))
    await ask('all', one('of-f', null))
    await ask('unknown group', one('of-none', [['grp-a', [0]]]))
    await ask('unknown group, all', one('of-none', null))
    await ask('empty group', one('', [['grp-a', [0]]]))
    await ask('unknown topic', one('of-f', [['grp-x', [0]]]))
    await ask('partitions', one('of-f', [['grp-a', [5, -1, 0, 0]]]))
    await ask('no topics', one('of-f', []))
    await ask('no partitions', one('of-f', [['grp-a', []]]))
    await ask(
      'topic twice',
      one('of-f', [
        ['grp-a', [0]],
        ['grp-a', [1]],
      ]),
    )
    await ask('stable', one('of-f', [['grp-a', [0]]], {}, { requireStable: true }))
    await ask('member', one('of-f', [['grp-a', [0]]], { memberId: 'x', memberEpoch: 1 }))
    await ask('member, unknown group', one('of-none', [['grp-a', [0]]], { memberId: 'x', memberEpoch: 1 }))
    await ask('two groups', {
      groups: [
        { groupId: 'of-f', topics: null },
        { groupId: 'of-none', topics: null },
        { groupId: 'of-f', topics: [] },
      ],
    })
    await ask('no groups', { groups: [] })
  })
}

export async function offsetDelete(s: Session): Promise<void> {
  await s.topic('od-a', 2)
  await coordinatorOf(s, 'od')
  await s.quiet(
    api.offsetCommit,
    { groupId: 'od', topics: [{ name: 'od-a', partitions: [{ partitionIndex: 0, committedOffset: 5n }] }] },
    9,
  )
  await stable(s, 'od-live')
  await s.everyVersion(api.offsetDelete, async (ask) => {
    const one = (groupId: string, name: string, ...partitions: number[]): object => ({
      groupId,
      topics: [{ name, partitions: partitions.map((partitionIndex) => ({ partitionIndex })) }],
    })
    await ask('good', one('od', 'od-a', 0))
    await ask('unknown group', one('od-x', 'od-a', 0))
    await ask('empty group', one('', 'od-a', 0))
    await ask('nothing there', one('od-live', 'od-a', 0))
    await ask('subscribed', one('od-live', 'grp-a', 0))
    await ask('unknown topic', one('od-live', 'od-x', 0))
    await ask('partitions', one('od-live', 'od-a', 5, -1, 1, 1))
    await ask('no partitions', one('od-live', 'od-a'))
    await ask('no topics', { groupId: 'od-live' })
  })
}

export async function members(s: Session): Promise<void> {
  await s.topic('grp-a', 2).catch(() => s.known('grp-a'))
  await coordinatorOf(s, 'mem')
  await s.everyVersion(api.joinGroup, async (ask, v) => {
    const one = (suffix: string, memberId = '', more: object = {}): object =>
      joining(`jg-${v}-${suffix}`, memberId, more)
    const first = await ask('first', one('a'))
    s.call(first?.memberId, `<member of jg-${v}>`)
    if (v >= 4) await ask('with its id', one('a', first?.memberId))
    await ask('again', one('a', first?.memberId))
    await ask('unknown member', one('a', 'nobody'))
    await ask('unknown member, new group', one('b', 'nobody'))
    await ask('empty group', joining('', ''))
    for (const sessionTimeoutMs of [1, 0, -1, 5999, 1_800_001])
      await ask(`session timeout ${sessionTimeoutMs}`, one('c', '', { sessionTimeoutMs }))
    await ask('rebalance timeout -1', one('r', '', { rebalanceTimeoutMs: -1 }))
    await ask('no protocols', one('c', '', { protocols: [] }))
    await ask('no protocol type', one('c', '', { protocolType: '' }))
    await ask('other protocol type', one('a', first?.memberId, { protocolType: 'other' }))
    await ask('other protocols', one('a', '', { protocols: [{ name: 'sticky', metadata: SUBSCRIPTION }] }))
    await ask('empty metadata', one('d', '', { protocols: [{ name: 'range', metadata: Buffer.alloc(0) }] }))
    await ask('empty instance', one('e', '', { groupInstanceId: '' }))
    const fixed = await ask('instance', one('f', '', { groupInstanceId: 'i-1' }))
    s.call(fixed?.memberId, `<fixed of jg-${v}>`)
    await ask('instance with wrong member', one('f', 'nobody', { groupInstanceId: 'i-1' }))
    await ask('unknown instance with member', one('f', fixed?.memberId, { groupInstanceId: 'i-2' }))
    await ask('unknown instance, unknown member', one('f', 'nobody', { groupInstanceId: 'i-2' }))
    for (const groupInstanceId of ['a b', '.', 'x'.repeat(300)])
      await ask(`instance ${groupInstanceId.slice(0, 4)}`, one(`g${groupInstanceId.length}`, '', { groupInstanceId }))
  })
}

export async function heartbeats(s: Session): Promise<void> {
  await coordinatorOf(s, 'hb')
  const memberId = await stable(s, 'hb')
  const fixed = await stable(s, 'hb-fixed', 'i-1')
  await s.everyVersion(api.heartbeat, async (ask) => {
    const one = (more: object = {}): object => ({ groupId: 'hb', generationId: 1, memberId, ...more })
    await ask('good', one())
    await ask('unknown group', one({ groupId: 'hb-x' }))
    await ask('empty group', one({ groupId: '' }))
    await ask('unknown member', one({ memberId: 'nobody' }))
    await ask('empty member', one({ memberId: '' }))
    for (const generationId of [0, 2, -1]) await ask(`generation ${generationId}`, one({ generationId }))
    await ask('unknown instance', one({ groupInstanceId: 'i-9' }))
    await ask('instance', one({ groupId: 'hb-fixed', memberId: fixed, groupInstanceId: 'i-1' }))
    await ask('instance, other member', one({ groupId: 'hb-fixed', memberId: 'nobody', groupInstanceId: 'i-1' }))
  })
  await s.everyVersion(api.syncGroup, async (ask) => {
    const one = (more: object = {}): object => ({
      groupId: 'hb',
      generationId: 1,
      memberId,
      protocolType: 'consumer',
      protocolName: 'range',
      ...more,
    })
    await ask('good', one())
    await ask('with assignments', one({ assignments: [{ memberId, assignment: Buffer.from('x') }] }))
    await ask('unknown group', one({ groupId: 'hb-x' }))
    await ask('empty group', one({ groupId: '' }))
    await ask('unknown member', one({ memberId: 'nobody' }))
    for (const generationId of [0, 2, -1]) await ask(`generation ${generationId}`, one({ generationId }))
    await ask('null protocol', one({ protocolType: null, protocolName: null }))
    await ask('other protocol type', one({ protocolType: 'other' }))
    await ask('other protocol', one({ protocolName: 'other' }))
    await ask('instance, other member', one({ groupId: 'hb-fixed', memberId: 'nobody', groupInstanceId: 'i-1' }))
    await ask('unknown instance', one({ groupInstanceId: 'i-9' }))
  })
  const empty = await s.quiet(api.joinGroup, joining('hb-pending', ''))
  s.call(empty.memberId, '<pending>')
  await s.everyVersion(api.heartbeat, async (ask) => {
    await ask('pending', { groupId: 'hb-pending', generationId: -1, memberId: empty.memberId })
  })
  await s.everyVersion(api.describeGroups, async (ask) => {
    const groups = ['hb', 'hb-x', '', 'hb', 'hb-fixed', 'hb-pending']
    for (const group of groups) await ask(`group ${group}`, { groups: [group] })
    await ask('all', { groups })
    await ask('none', { groups: [] })
    await ask('operations', { groups, includeAuthorizedOperations: true })
  })
  await commitsOfMembers(s, memberId, fixed)
}

async function commitsOfMembers(s: Session, memberId: string, fixed: string): Promise<void> {
  await s.topic('hb-t').catch(() => s.known('hb-t'))
  await s.everyVersion(api.offsetCommit, async (ask, v) => {
    const topics = [
      {
        name: 'hb-t',
        ...(v >= 10 ? { topicId: s.idOf('hb-t') } : {}),
        partitions: [{ partitionIndex: 0, committedOffset: 5n }],
      },
    ]
    const one = (more: object = {}): object => ({
      groupId: 'hb',
      generationIdOrMemberEpoch: 1,
      memberId,
      topics,
      ...more,
    })
    await ask('of a member', one())
    for (const generationIdOrMemberEpoch of [0, 2, -1])
      await ask(`of a member, generation ${generationIdOrMemberEpoch}`, one({ generationIdOrMemberEpoch }))
    await ask('of another', one({ memberId: 'nobody' }))
    await ask('of nobody, group has members', one({ memberId: '', generationIdOrMemberEpoch: -1 }))
    await ask('of an instance', one({ groupId: 'hb-fixed', memberId: fixed, groupInstanceId: 'i-1' }))
    await ask('of an instance, other member', one({ groupId: 'hb-fixed', memberId: 'nobody', groupInstanceId: 'i-1' }))
  })
}

export async function endOfGroups(s: Session): Promise<void> {
  await coordinatorOf(s, 'lg')
  await s.everyVersion(api.leaveGroup, async (ask, v) => {
    const group = `lg-${v}`
    const memberId = await stable(s, group)
    const fixed = await stable(s, `lgf-${v}`, 'i-1')
    const one = (groupId: string, id: string, instance: string | null = null): object =>
      v >= 3 ? { groupId, members: [{ memberId: id, groupInstanceId: instance }] } : { groupId, memberId: id }
    await ask('unknown group', one('lg-x', memberId))
    await ask('empty group', one('', memberId))
    await ask('unknown member', one(group, 'nobody'))
    await ask('empty member', one(group, ''))
    await ask('no members', v >= 3 ? { groupId: group } : one(group, ''))
    await ask('instance', {
      groupId: `lgf-${v}`,
      members: [
        { memberId: '', groupInstanceId: 'i-9' },
        { memberId: 'nobody', groupInstanceId: 'i-1' },
        { memberId: fixed, groupInstanceId: 'i-1' },
        { memberId: '', groupInstanceId: 'i-1' },
      ],
    })
    await ask('good', one(group, memberId))
    await ask('again', one(group, memberId))
  })
  await s.quiet(
    api.offsetCommit,
    { groupId: 'dg-simple', topics: [{ name: 'grp-a', partitions: [{ partitionIndex: 0, committedOffset: 5n }] }] },
    9,
  )
  await stable(s, 'dg-live')
  await s.everyVersion(api.deleteGroups, async (ask) => {
    await ask('live', { groupsNames: ['dg-live'] })
    await ask('unknown', { groupsNames: ['dg-x'] })
    await ask('empty', { groupsNames: [''] })
    await ask('simple', { groupsNames: ['dg-simple'] })
    await ask('several', { groupsNames: ['dg-simple', 'dg-x', 'dg-live', 'dg-x'] })
    await ask('none', { groupsNames: [] })
  })
  await s.everyVersion(api.listGroups, async (ask) => {
    await ask('all', {})
    for (const states of [['Stable'], ['stable', 'EMPTY'], ['Dead'], ['PreparingRebalance'], ['nonsense'], ['']])
      await ask(`states ${states}`, { statesFilter: states })
    for (const types of [['classic'], ['Consumer'], ['share', 'classic'], ['nonsense'], ['unknown'], ['']])
      await ask(`types ${types}`, { typesFilter: types })
  })
}
