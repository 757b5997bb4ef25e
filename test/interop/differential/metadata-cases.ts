import { ZERO_UUID } from '../../../src/base/uuid.ts'
import * as api from './apis.ts'
import type { Session } from './session.ts'

export const UNKNOWN_ID = 'bm90LWEtdG9waWMtaWQteA'
const LONG_NAME = 'n'.repeat(250)

export async function metadata(s: Session): Promise<void> {
  const id = await s.topic('meta-a', 3)
  await s.topic('meta-b')
  await s.everyVersion(api.metadata, async (ask, v) => {
    await ask('one', { topics: [{ name: 'meta-a' }] })
    await ask('two, one twice', { topics: [{ name: 'meta-a' }, { name: 'meta-b' }, { name: 'meta-a' }] })
    await ask('none', { topics: v === 0 ? [{ name: 'meta-b' }] : [] })
    await ask('unknown, no creation', { topics: [{ name: 'meta-x' }], allowAutoTopicCreation: false })
    await ask('unknown twice, no creation', {
      topics: [{ name: 'meta-x' }, { name: 'meta-x' }, { name: 'meta-a' }],
      allowAutoTopicCreation: false,
    })
    for (const name of ['', '.', '..', 'a b', LONG_NAME, 'ümlaut']) {
      await ask(`invalid name ${name.slice(0, 5)}`, { topics: [{ name }] })
      await ask(`invalid name ${name.slice(0, 5)}, no creation`, { topics: [{ name }], allowAutoTopicCreation: false })
    }
    await ask('internal, no creation', {
      topics: [{ name: '__consumer_offsets' }, { name: '__share_group_state' }],
      allowAutoTopicCreation: false,
    })
    await ask('null name', { topics: [{ name: null }] })
    await ask('null name, unknown id', { topics: [{ name: null, topicId: UNKNOWN_ID }] })
    await ask('null name, id', { topics: [{ name: null, topicId: id }] })
    await ask('name and id', { topics: [{ name: 'meta-a', topicId: id }] })
    await ask('wrong name and id', { topics: [{ name: 'meta-b', topicId: id }] })
    await ask('name and unknown id', { topics: [{ name: 'meta-a', topicId: UNKNOWN_ID }] })
    await ask('id and name mixed', { topics: [{ name: null, topicId: id }, { name: 'meta-b' }] })
    await ask('id twice', {
      topics: [
        { name: null, topicId: id },
        { name: null, topicId: id },
      ],
    })
    await ask('operations', {
      topics: [{ name: 'meta-a' }, { name: 'meta-x' }],
      includeTopicAuthorizedOperations: true,
      allowAutoTopicCreation: false,
    })
    await ask('operations of cluster', { topics: [{ name: 'meta-a' }], includeClusterAuthorizedOperations: true })
    await ask('operations of unknown id', {
      topics: [{ name: null, topicId: UNKNOWN_ID }],
      includeTopicAuthorizedOperations: true,
    })
    await ask('created', { topics: [{ name: `meta-new-${v}` }, { name: 'meta-a' }] })
    await s.known(`meta-new-${v}`)
    await ask('created before', { topics: [{ name: `meta-new-${v}` }] })
    await ask('created twice in one request', { topics: [{ name: `meta-twice-${v}` }, { name: `meta-twice-${v}` }] })
    await s.known(`meta-twice-${v}`)
    await ask('colliding name created', { topics: [{ name: `meta.new-${v}` }] })
    await s.known(`meta.new-${v}`)
  })
  await s.everyVersion(api.metadata, async (ask, v) => {
    await ask('all', { topics: v === 0 ? [] : null })
  })
}

export async function apiVersions(s: Session): Promise<void> {
  await s.everyVersion(api.apiVersions, async (ask) => {
    await ask('good', { clientSoftwareName: 'diff', clientSoftwareVersion: '1.0' })
    for (const name of ['', ' ', '-a', 'a-', 'a b', 'a.b-c', 'ü', 'a_b', 'x'.repeat(300)]) {
      await ask(`software name ${name.slice(0, 5)}`, { clientSoftwareName: name, clientSoftwareVersion: '1.0' })
      await ask(`software version ${name.slice(0, 5)}`, { clientSoftwareName: 'diff', clientSoftwareVersion: name })
    }
  })
}

export async function describeCluster(s: Session): Promise<void> {
  await s.everyVersion(api.describeCluster, async (ask) => {
    await ask('plain', {})
    await ask('operations', { includeClusterAuthorizedOperations: true })
    await ask('fenced', { includeFencedBrokers: true })
    for (const endpointType of [0, 2, 3, -1]) await ask(`endpoint type ${endpointType}`, { endpointType })
  })
}

export async function describeTopicPartitions(s: Session): Promise<void> {
  for (const name of ['dtp-a', 'dtp-b', 'dtp-c']) await s.topic(name, 4)
  await s.everyVersion(api.describeTopicPartitions, async (ask) => {
    const topics = [{ name: 'dtp-b' }, { name: 'dtp-a' }, { name: 'dtp-c' }]
    await ask('all three', { topics })
    await ask('duplicates', { topics: [...topics, ...topics] })
    await ask('unknown', { topics: [{ name: 'dtp-x' }, { name: 'dtp-a' }] })
    await ask('invalid names', { topics: [{ name: '' }, { name: 'a b' }, { name: LONG_NAME }] })
    for (const limit of [0, -1, 1, 4, 5, 100]) await ask(`limit ${limit}`, { topics, responsePartitionLimit: limit })
    for (const limit of [1, 5])
      await ask(`limit ${limit} with unknown`, {
        topics: [...topics, { name: 'dtp-0' }],
        responsePartitionLimit: limit,
      })
    const from = (topicName: string, partitionIndex: number): object => ({ cursor: { topicName, partitionIndex } })
    await ask('cursor', { topics, ...from('dtp-b', 2) })
    await ask('cursor with limit', { topics, ...from('dtp-b', 2), responsePartitionLimit: 3 })
    await ask('cursor beyond', { topics, ...from('dtp-b', 9) })
    await ask('cursor negative', { topics, ...from('dtp-b', -1) })
    await ask('cursor unknown topic', { topics, ...from('dtp-bb', 0) })
    await ask('cursor unknown topic, not 0', { topics, ...from('dtp-bb', 3) })
    await ask('cursor past all', { topics, ...from('z', 0) })
    await ask('cursor empty name', { topics, ...from('', 0) })
    await ask('no topics with cursor', { ...from('dtp-b', 1) })
    await ask('no topics', {})
  })
}

export async function listConfigResources(s: Session): Promise<void> {
  await s.topic('lcr-a')
  await s.everyVersion(api.listConfigResources, async (ask) => {
    for (const types of [[2], [4], [8], [16], [32], [16, 32], [1], [0], [-1], [99], [16, 99], [16, 16]])
      await ask(`types ${types}`, { resourceTypes: types })
  })
}

/** Requests that are not in order. */
export async function frames(s: Session): Promise<void> {
  const ask = (label: string, bytes: number[]): Promise<unknown> =>
    s.sendFrame(label, api.metadata, Buffer.from(bytes), 0, null, 3000)
  await ask('unknown api key', [0x7f, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff])
  await ask('negative api key', [0xff, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff])
  for (const key of [4, 5, 6, 7, 52, 53, 54, 56, 58, 62, 63, 67, 70, 73, 82])
    await ask(`api key ${key} of the controller or gone`, [0, key, 0, 0, 0, 0, 0, 1, 0xff, 0xff])
  await ask('empty', [])
  await ask('header cut short', [0, 3, 0])
  await ask('body cut short', [0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 9])
  await ask('negative version', [0, 3, 0xff, 0xff, 0, 0, 0, 1, 0xff, 0xff])
  for (const one of Object.values(api)) {
    for (const version of [one.request.minVersion - 1, one.request.maxVersion + 1]) {
      const frame = Buffer.from([0, one.request.apiKey, 0, 0, 0, 0, 0, 1, 0, 1, 0x61, 0, 0])
      frame.writeInt16BE(version, 2)
      if (version >= 0)
        await s.sendFrame(
          'unsupported version',
          { request: one.request, response: one.response } as typeof api.metadata,
          frame,
          version,
          null,
          3000,
        )
    }
  }
  await s.everyVersion(
    api.metadata,
    async (_, v) => {
      const good = s.wire.encode(
        api.metadata.request,
        { topics: v === 0 ? [{ name: 'frames-x' }] : [], allowAutoTopicCreation: v < 4 },
        v,
      )
      await s.sendFrame('trailing bytes', api.metadata, Buffer.concat([good, Buffer.from('more')]), v)
    },
    { from: 1 },
  )
  await s.everyVersion(
    api.metadata,
    async (ask) => {
      await ask('after what was wrong', {
        topics: [{ name: 'frames-y', topicId: ZERO_UUID }],
        allowAutoTopicCreation: false,
      })
    },
    { from: 4 },
  )
}
