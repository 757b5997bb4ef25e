import * as api from './apis.ts'
import { coordinatorOf } from './group-cases.ts'
import { UNKNOWN_ID } from './metadata-cases.ts'
import { batch } from './records.ts'
import type { AskOf, Session } from './session.ts'

const MEMBER = 'bWVtYmVyLW9uZS1vZi1hbA'
const OTHER = 'bWVtYmVyLXR3by1vZi1hbA'
const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'

type Heartbeats = AskOf<typeof api.consumerGroupHeartbeat>

const join = (v: number, more: object = {}): object => ({
  groupId: `cg-${v}`,
  memberId: MEMBER,
  memberEpoch: 0,
  rebalanceTimeoutMs: 60_000,
  subscribedTopicNames: ['cg-a'],
  topicPartitions: [],
  ...more,
})

const beatOf = (v: number, memberEpoch: number, more: object = {}): object => ({
  groupId: `cg-${v}`,
  memberId: MEMBER,
  memberEpoch,
  ...more,
})

async function firstHeartbeats(ask: Heartbeats, v: number): Promise<void> {
  const one = (more: object = {}): object => join(v, more)
  const beat = (memberEpoch: number, more: object = {}): object => beatOf(v, memberEpoch, more)
  await ask('empty group', one({ groupId: '' }))
  await ask('blank group', one({ groupId: '  ' }))
  await ask('empty member', one({ memberId: '' }))
  await ask('blank member', one({ memberId: ' ' }))
  await ask('long member', one({ memberId: 'm'.repeat(40) }))
  await ask('no rebalance timeout', one({ rebalanceTimeoutMs: -1 }))
  await ask('rebalance timeout 0', one({ rebalanceTimeoutMs: 0 }))
  await ask('no partitions', one({ topicPartitions: null }))
  await ask('some partitions', one({ topicPartitions: [{ topicId: UNKNOWN_ID, partitions: [0] }] }))
  await ask('no subscription', one({ subscribedTopicNames: null }))
  await ask('empty subscription', one({ subscribedTopicNames: [], groupId: `cge-${v}` }))
  await ask('unknown assignor', one({ serverAssignor: 'nobody' }))
  await ask('empty assignor', one({ serverAssignor: '' }))
  await ask('empty rack', one({ rackId: '' }))
  await ask('empty instance', one({ instanceId: '' }))
  await ask('bad regex', one({ subscribedTopicNames: null, subscribedTopicRegex: '(' }))
  await ask('unknown group, epoch 5', one({ groupId: `cgx-${v}`, memberEpoch: 5 }))
  await ask('leave unknown group', beat(-1, { groupId: `cgx-${v}` }))
  await ask('leave as static without instance', beat(-2))
  for (const epoch of [-3, -9]) await ask(`epoch ${epoch}`, beat(epoch))
  await ask('unknown topic', one({ groupId: `cgu-${v}`, subscribedTopicNames: ['cg-x'] }))
}

async function memberOfConsumerGroup(s: Session, ask: Heartbeats, v: number): Promise<void> {
  const one = (more: object = {}): object => join(v, more)
  const beat = (memberEpoch: number, more: object = {}): object => beatOf(v, memberEpoch, more)
  const first = await ask('first', one())
  const epoch = first?.memberEpoch ?? 0
  await ask('next', beat(epoch))
  await ask(
    'all fields',
    beat(epoch, {
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: ['cg-a'],
      topicPartitions: [{ topicId: s.idOf('cg-a'), partitions: [0, 1] }],
    }),
  )
  await ask('epoch ahead', beat(epoch + 5))
  await ask('epoch behind', beat(Math.max(1, epoch - 1)))
  await ask('another member, epoch 1', beat(epoch, { memberId: OTHER }))
  await ask('leave as another', beat(-1, { memberId: OTHER }))
  await otherRequests(s, v, epoch)
  await ask('subscription changed', beat(epoch, { subscribedTopicNames: ['cg-a', 'cg-x'] }))
  await ask('left', beat(-1))
  await ask('after leaving', beat(epoch))
  const instance = await ask('static', one({ instanceId: 'i-1' }))
  await ask('static, other member, epoch 0', one({ instanceId: 'i-1', memberId: OTHER }))
  await ask('static, other member', beat(instance?.memberEpoch ?? 1, { instanceId: 'i-1', memberId: OTHER }))
  await ask('unknown instance', beat(instance?.memberEpoch ?? 1, { instanceId: 'i-2' }))
  await ask('static leaves for a while', beat(-2, { instanceId: 'i-1' }))
  await ask('static is back', one({ instanceId: 'i-1', memberId: OTHER }))
}

/** What a member of a consumer group may say in requests of other kinds, and what others may say of the group. */
async function otherRequests(s: Session, v: number, epoch: number): Promise<void> {
  const describe = { request: api.consumerGroupDescribe.request, response: api.consumerGroupDescribe.response }
  await s.send('one member', describe, { groupIds: [`cg-${v}`], includeAuthorizedOperations: true }, Math.min(v, 1))
  await s.send(
    'two',
    api.offsetFetch,
    { groups: [{ groupId: `cg-${v}`, memberId: MEMBER, memberEpoch: epoch + 3, topics: null }] },
    9,
  )
  await s.send(
    'unknown member of a consumer group',
    api.offsetFetch,
    { groups: [{ groupId: `cg-${v}`, memberId: 'x', memberEpoch: epoch, topics: null }] },
    9,
  )
  const commit = (memberId: string, generationIdOrMemberEpoch: number): object => ({
    groupId: `cg-${v}`,
    memberId,
    generationIdOrMemberEpoch,
    topics: [{ name: 'cg-a', partitions: [{ partitionIndex: 0, committedOffset: 1n }] }],
  })
  for (const version of [2, 8, 9]) {
    await s.send('of a consumer group', api.offsetCommit, commit(MEMBER, epoch), version)
    await s.send('of a consumer group, epoch ahead', api.offsetCommit, commit(MEMBER, epoch + 3), version)
    await s.send('of a consumer group, epoch behind', api.offsetCommit, commit(MEMBER, epoch - 1), version)
    await s.send('of a consumer group, unknown', api.offsetCommit, commit('x', epoch), version)
    await s.send('of a consumer group, nobody', api.offsetCommit, commit('', -1), version)
  }
  await s.send(
    'of a consumer group',
    api.joinGroup,
    {
      groupId: `cg-${v}`,
      sessionTimeoutMs: 10_000,
      memberId: '',
      protocolType: 'other',
      protocols: [{ name: 'x', metadata: Buffer.from('x') }],
    },
    3,
  )
  await s.send('of a consumer group', api.heartbeat, { groupId: `cg-${v}`, generationId: epoch, memberId: MEMBER }, 4)
  await s.send(
    'of a consumer group',
    api.syncGroup,
    { groupId: `cg-${v}`, generationId: epoch, memberId: MEMBER, protocolType: 'consumer', protocolName: 'range' },
    5,
  )
  await s.send('of a consumer group', api.leaveGroup, { groupId: `cg-${v}`, members: [{ memberId: 'x' }] }, 5)
  await s.send('of a consumer group', api.describeGroups, { groups: [`cg-${v}`] }, 6)
  await s.send('of a consumer group', api.deleteGroups, { groupsNames: [`cg-${v}`] }, 2)
}

export async function consumer(s: Session): Promise<void> {
  await s.topic('cg-a', 2)
  await coordinatorOf(s, 'cg')
  await s.everyVersion(api.consumerGroupHeartbeat, async (ask, v) => {
    await firstHeartbeats(ask, v)
    await memberOfConsumerGroup(s, ask, v)
  })
  await s.everyVersion(api.consumerGroupDescribe, async (ask) => {
    for (const ids of [['cg-0'], ['cg-x'], [''], ['cg-0', 'cg-0', 'cge-1'], ['cgu-0'], ['cge-0'], []])
      await ask(`groups ${ids}`, { groupIds: ids })
    await ask('operations', { groupIds: ['cg-0', 'cg-x'], includeAuthorizedOperations: true })
  })
}

export async function share(s: Session): Promise<void> {
  await s.topic('sg-a', 2)
  await coordinatorOf(s, 'sg')
  await s.everyVersion(api.shareGroupHeartbeat, async (ask) => {
    const one = (more: object = {}): object => ({
      groupId: 'sg',
      memberId: MEMBER,
      memberEpoch: 0,
      subscribedTopicNames: ['sg-a'],
      ...more,
    })
    await ask('empty group', one({ groupId: '' }))
    await ask('empty member', one({ memberId: '' }))
    await ask('long member', one({ memberId: 'm'.repeat(40) }))
    await ask('no subscription', one({ subscribedTopicNames: null }))
    await ask('empty subscription', one({ subscribedTopicNames: [], groupId: 'sge' }))
    await ask('empty rack', one({ rackId: '' }))
    for (const epoch of [-2, -3]) await ask(`epoch ${epoch}`, one({ memberEpoch: epoch }))
    await ask('unknown group, epoch 5', one({ groupId: 'sgx', memberEpoch: 5 }))
    await ask('leave unknown group', one({ groupId: 'sgx', memberEpoch: -1 }))
    const first = await ask('first', one())
    const epoch = first?.memberEpoch ?? 0
    await ask('epoch ahead', one({ memberEpoch: epoch + 5, subscribedTopicNames: null }))
    await ask('another member', one({ memberEpoch: epoch, memberId: OTHER }))
    await ask('leave as another', one({ memberEpoch: -1, memberId: OTHER }))
    await s.send(
      'of a share group',
      api.joinGroup,
      {
        groupId: 'sg',
        sessionTimeoutMs: 10_000,
        memberId: '',
        protocolType: 'consumer',
        protocols: [{ name: 'x', metadata: Buffer.from('x') }],
      },
      3,
    )
    await s.send(
      'of a share group',
      api.offsetCommit,
      { groupId: 'sg', topics: [{ name: 'sg-a', partitions: [{ partitionIndex: 0, committedOffset: 1n }] }] },
      9,
    )
    await s.send('of a share group', api.offsetFetch, { groups: [{ groupId: 'sg', topics: null }] }, 9)
    await s.send(
      'of a share group',
      api.consumerGroupHeartbeat,
      {
        groupId: 'sg',
        memberId: OTHER,
        memberEpoch: 0,
        rebalanceTimeoutMs: 1000,
        subscribedTopicNames: ['sg-a'],
        topicPartitions: [],
      },
      1,
    )
    await s.send('of a share group', api.describeGroups, { groups: ['sg'] }, 6)
    await s.send('of a share group', api.deleteGroups, { groupsNames: ['sg'] }, 2)
  })
  await shareOffsets(s)
  await shareFetch(s)
}

async function shareOffsets(s: Session): Promise<void> {
  await s.everyVersion(api.shareGroupDescribe, async (ask) => {
    for (const ids of [['sgx'], [''], ['sge'], []]) await ask(`groups ${ids}`, { groupIds: ids })
  })
  await s.everyVersion(api.describeShareGroupOffsets, async (ask) => {
    for (const groupId of ['sgx', '', 'sge']) {
      await ask(`all of group ${groupId}`, { groups: [{ groupId, topics: null }] })
      await ask(`group ${groupId}`, {
        groups: [
          {
            groupId,
            topics: [
              { topicName: 'sg-a', partitions: [0, 9] },
              { topicName: 'sg-x', partitions: [0] },
            ],
          },
        ],
      })
    }
    await ask('none', { groups: [] })
  })
  await s.everyVersion(api.alterShareGroupOffsets, async (ask) => {
    const one = (groupId: string, topicName = 'sg-a', partitionIndex = 0): object => ({
      groupId,
      topics: [{ topicName, partitions: [{ partitionIndex, startOffset: 0n }] }],
    })
    for (const group of ['sgx', '', 'sg', 'sge']) await ask(`group ${group}`, one(group))
    await ask('unknown topic', one('sge', 'sg-x'))
    await ask('partition 9', one('sge', 'sg-a', 9))
    await ask('no topics', { groupId: 'sgx' })
  })
  await s.everyVersion(api.deleteShareGroupOffsets, async (ask) => {
    for (const group of ['sgx', '', 'sg', 'sge'])
      for (const topicName of ['sg-a', 'sg-x'])
        await ask(`group ${group} ${topicName}`, { groupId: group, topics: [{ topicName }] })
    await ask('no topics', { groupId: 'sgx' })
  })
}

async function shareFetch(s: Session): Promise<void> {
  const id = s.idOf('sg-a')
  await s.append('sg-a', 0, batch(['a', 'b']))
  await s.everyVersion(api.shareFetch, async (ask) => {
    const one = (shareSessionEpoch: number, more: object = {}, partition: object = {}): object => ({
      groupId: 'sgf',
      memberId: MEMBER,
      shareSessionEpoch,
      maxWaitMs: 10,
      minBytes: 0,
      maxBytes: 1 << 20,
      maxRecords: 10,
      batchSize: 10,
      topics: [{ topicId: id, partitions: [{ partitionIndex: 0, ...partition }] }],
      ...more,
    })
    const v0 = (message: object): object => {
      const { maxRecords: _, batchSize: __, ...rest } = message as { maxRecords: number; batchSize: number }
      return rest
    }
    for (const say of [
      (label: string, message: object) => ask(label, message),
      (label: string, message: object) => ask(`${label}, v0`, v0(message)),
    ]) {
      await say('unknown session', one(3))
      await say('final without session', one(-1))
      await say('empty member', one(0, { memberId: '' }))
      await say('member is no uuid', one(0, { memberId: 'x' }))
      await say('null group', one(0, { groupId: null }))
      await say('null member', one(0, { memberId: null }))
      await say(
        'acknowledgements at the start',
        one(0, {}, { acknowledgementBatches: [{ firstOffset: 0n, lastOffset: 0n, acknowledgeTypes: [1] }] }),
      )
      await say('bad max records', one(0, { maxRecords: 0 }))
      await say('mode 7', one(0, { shareAcquireMode: 7 }))
    }
  })
  await s.everyVersion(api.shareAcknowledge, async (ask) => {
    const one = (shareSessionEpoch: number, more: object = {}, acknowledgeTypes = [1], firstOffset = 0n): object => ({
      groupId: 'sgf',
      memberId: MEMBER,
      shareSessionEpoch,
      topics: [
        {
          topicId: id,
          partitions: [
            { partitionIndex: 0, acknowledgementBatches: [{ firstOffset, lastOffset: 0n, acknowledgeTypes }] },
          ],
        },
      ],
      ...more,
    })
    for (const epoch of [0, 1, -1]) await ask(`epoch ${epoch}`, one(epoch))
    for (const type of [5, -1, 0]) await ask(`type ${type}`, one(1, {}, [type]))
    await ask('no types', one(1, {}, []))
    await ask('range upside down', one(1, {}, [1], 5n))
    await ask('null group', one(1, { groupId: null }))
    await ask('null member', one(1, { memberId: null }))
  })
}

const TOPOLOGY = {
  epoch: 0,
  subtopologies: [
    {
      subtopologyId: '0',
      sourceTopics: ['st-a'],
      sourceTopicRegex: [],
      stateChangelogTopics: [],
      repartitionSinkTopics: [],
      repartitionSourceTopics: [],
      copartitionGroups: [],
    },
  ],
}

const streamsMember = (more: object = {}): object => ({
  ...{
    groupId: 'st',
    memberId: MEMBER,
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    topology: TOPOLOGY,
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
  },
  ...{ processId: 'process', clientTags: [], ...more },
})

async function firstStreamsHeartbeats(ask: AskOf<typeof api.streamsGroupHeartbeat>): Promise<void> {
  await ask('empty group', streamsMember({ groupId: '' }))
  await ask('empty member', streamsMember({ memberId: '' }))
  await ask('long member', streamsMember({ memberId: 'm'.repeat(40) }))
  await ask('empty instance', streamsMember({ instanceId: '' }))
  await ask('an instance', streamsMember({ groupId: 'st-i', instanceId: 'i' }))
  await ask('empty rack', streamsMember({ rackId: '' }))
  await ask('no rebalance timeout', streamsMember({ rebalanceTimeoutMs: -1 }))
  for (const field of ['topology', 'activeTasks', 'standbyTasks', 'warmupTasks', 'processId', 'clientTags'])
    await ask(`no ${field}`, streamsMember({ [field]: null }))
  for (const field of ['activeTasks', 'standbyTasks', 'warmupTasks'])
    await ask(`some ${field}`, streamsMember({ [field]: [{ subtopologyId: '0', partitions: [0] }] }))
  await ask('empty process', streamsMember({ processId: '' }))
  await ask('endpoint', streamsMember({ groupId: 'st-e', userEndpoint: { host: '', port: 0 } }))
  for (const epoch of [-2, -3]) await ask(`epoch ${epoch}`, streamsMember({ memberEpoch: epoch }))
  await ask('unknown group, epoch 5', streamsMember({ groupId: 'stx', memberEpoch: 5 }))
  await ask('leave unknown group', streamsMember({ groupId: 'stx', memberEpoch: -1 }))
  await ask(
    'regex',
    streamsMember({
      groupId: 'st-r',
      topology: { epoch: 0, subtopologies: [{ ...TOPOLOGY.subtopologies[0], sourceTopicRegex: ['a.*'] }] },
    }),
  )
  await ask(
    'missing source',
    streamsMember({
      groupId: 'st-m',
      topology: { epoch: 0, subtopologies: [{ ...TOPOLOGY.subtopologies[0], sourceTopics: ['st-x'] }] },
    }),
  )
}

export async function streams(s: Session): Promise<void> {
  await s.topic('st-a', 2)
  await coordinatorOf(s, 'st')
  await s.everyVersion(api.streamsGroupHeartbeat, async (ask) => {
    await firstStreamsHeartbeats(ask)
    const first = await ask('first', streamsMember())
    const epoch = first?.memberEpoch ?? 0
    const beat = (memberEpoch: number, more: object = {}): object => ({
      groupId: 'st',
      memberId: MEMBER,
      memberEpoch,
      ...more,
    })
    await ask('next', beat(epoch))
    await ask('epoch ahead', beat(epoch + 5))
    await ask('topology again', beat(epoch, { topology: { ...TOPOLOGY, epoch: 1 } }))
    await ask('another member', beat(epoch, { memberId: OTHER }))
    await ask('leave as another', beat(-1, { memberId: OTHER }))
    await s.send(
      'of a streams group',
      api.consumerGroupHeartbeat,
      {
        groupId: 'st',
        memberId: OTHER,
        memberEpoch: 0,
        rebalanceTimeoutMs: 1000,
        subscribedTopicNames: ['st-a'],
        topicPartitions: [],
      },
      1,
    )
    await ask('left', beat(-1))
  })
  await s.everyVersion(api.streamsGroupDescribe, async (ask) => {
    for (const ids of [['stx'], [''], ['st'], ['st-m'], []]) await ask(`groups ${ids}`, { groupIds: ids })
  })
  await s.send(
    'zero id',
    api.consumerGroupHeartbeat,
    {
      groupId: 'zz',
      memberId: ZERO,
      memberEpoch: 0,
      rebalanceTimeoutMs: 1000,
      subscribedTopicNames: ['st-a'],
      topicPartitions: [],
    },
    1,
  )
}
