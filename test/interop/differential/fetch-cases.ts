import * as api from './apis.ts'
import { UNKNOWN_ID } from './metadata-cases.ts'
import { batch } from './records.ts'
import type { Session } from './session.ts'

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

interface Partition {
  partition?: number
  fetchOffset?: bigint
  partitionMaxBytes?: number
  currentLeaderEpoch?: number
  lastFetchedEpoch?: number
  logStartOffset?: bigint
}

async function filled(s: Session, name: string, partitions = 2): Promise<void> {
  await s.topic(name, partitions)
  for (const values of [['a', 'b', 'c'], ['d', 'e'], ['f']]) {
    await s.append(name, 0, batch(values, { timestamp: 1000 * values.length }))
  }
}

function topicOf(s: Session, v: number, name: string, partitions: Partition[]): object {
  const filledIn = partitions.map((one) => ({ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 << 20, ...one }))
  return v >= 13 ? { topicId: s.idOf(name), partitions: filledIn } : { topic: name, partitions: filledIn }
}

const REPLICA = { maxWaitMs: 10, minBytes: 1, maxBytes: 1 << 24, replicaId: -1 }
const plain = (v: number): object => (v >= 15 ? { maxWaitMs: 10, minBytes: 1, maxBytes: 1 << 24 } : REPLICA)

export async function fetch(s: Session): Promise<void> {
  await filled(s, 'fetch-a')
  await s.topic('fetch-e')
  await s.everyVersion(api.fetch, async (ask, v) => {
    const from = (one: Partition, more: object = {}): object => ({
      ...plain(v),
      topics: [topicOf(s, v, 'fetch-a', [one])],
      ...more,
    })
    await ask('from 0', from({}))
    await ask('from 1', from({ fetchOffset: 1n }))
    await ask('from the end', from({ fetchOffset: 6n }))
    for (const fetchOffset of [7n, -1n, -2n, 1n << 62n]) await ask(`from ${fetchOffset}`, from({ fetchOffset }))
    for (const partition of [2, -1]) await ask(`partition ${partition}`, from({ partition }))
    for (const maxBytes of [0, 1, -1, 80]) await ask(`max bytes ${maxBytes}`, from({}, { maxBytes }))
    for (const partitionMaxBytes of [0, 1, -1, 80])
      await ask(`partition max bytes ${partitionMaxBytes}`, from({ partitionMaxBytes }))
    for (const isolationLevel of [1, 2, -1]) await ask(`isolation ${isolationLevel}`, from({}, { isolationLevel }))
    for (const currentLeaderEpoch of [0, 1, 5, -2])
      await ask(`leader epoch ${currentLeaderEpoch}`, from({ currentLeaderEpoch }))
    for (const lastFetchedEpoch of [0, 1, -2])
      await ask(
        `last fetched epoch ${lastFetchedEpoch}`,
        from({ fetchOffset: 3n, lastFetchedEpoch, currentLeaderEpoch: 0 }),
      )
    await ask('last fetched epoch beyond', from({ fetchOffset: 30n, lastFetchedEpoch: 0, currentLeaderEpoch: 0 }))
    await ask('log start offset', from({ logStartOffset: 3n }))
    await ask('unknown topic', {
      ...plain(v),
      topics: [
        {
          topic: 'fetch-x',
          topicId: UNKNOWN_ID,
          partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 99 }],
        },
      ],
    })
    await ask('unknown topic and another', {
      ...plain(v),
      topics: [
        {
          topic: 'fetch-x',
          topicId: UNKNOWN_ID,
          partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 99 }],
        },
        topicOf(s, v, 'fetch-a', [{}]),
      ],
    })
    if (v >= 13)
      await ask('zero id', {
        ...plain(v),
        topics: [{ topicId: NO_ID, partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 99 }] }],
      })
    await ask('no topics', { ...plain(v) })
    await ask('no partitions', { ...plain(v), topics: [topicOf(s, v, 'fetch-a', [])] })
    await ask('twice', { ...plain(v), topics: [topicOf(s, v, 'fetch-a', [{}, { fetchOffset: 3n }])] })
    await ask('empty partition', { ...plain(v), topics: [topicOf(s, v, 'fetch-a', [{ partition: 1 }])] })
    await ask('two topics', { ...plain(v), topics: [topicOf(s, v, 'fetch-e', [{}]), topicOf(s, v, 'fetch-a', [{}])] })
    await ask('min bytes 0', { ...plain(v), minBytes: 0, topics: [topicOf(s, v, 'fetch-e', [{}])] })
    await ask('negative wait', { ...plain(v), maxWaitMs: -5, topics: [topicOf(s, v, 'fetch-e', [{}])] })
    await ask('rack', from({}, { rackId: 'nowhere' }))
    await ask('another cluster', from({}, { clusterId: 'not-this-one' }))
    if (v < 15) for (const replicaId of [1, 7, -2, -3]) await ask(`replica ${replicaId}`, from({}, { replicaId }))
    else
      for (const replicaId of [1, 7, -2, -3])
        await ask(`replica ${replicaId}`, from({}, { replicaState: { replicaId, replicaEpoch: -1n } }))
  })
}

export async function sessions(s: Session): Promise<void> {
  await filled(s, 'fses-a')
  await s.topic('fses-b')
  await s.everyVersion(
    api.fetch,
    async (ask, v) => {
      const of = (sessionId: number, sessionEpoch: number, topics: object[] = [], more: object = {}): object => ({
        ...plain(v),
        sessionId,
        sessionEpoch,
        topics,
        ...more,
      })
      const a = topicOf(s, v, 'fses-a', [{}, { partition: 1 }])
      await ask('full, no session', of(0, -1, [a]))
      await ask('unknown session', of(1234, 1, [a]))
      await ask('unknown session, epoch 0', of(1234, 0, [a]))
      await ask('unknown session, final', of(1234, -1, [a]))
      await ask('no id, epoch 1', of(0, 1, [a]))
      await ask('negative epoch', of(0, -2, [a]))
      await ask('session without topics', of(0, 0))
      const made = await ask('new session', of(0, 0, [a]))
      const id = made?.sessionId ?? 0
      await ask('next', of(id, 1))
      await ask('wrong epoch', of(id, 9))
      await ask('partition moved', of(id, 2, [topicOf(s, v, 'fses-a', [{ fetchOffset: 3n }])]))
      await ask('old epoch', of(id, 1))
      await ask('topic added', of(id, 3, [topicOf(s, v, 'fses-b', [{}])]))
      await ask('out of range', of(id, 4, [topicOf(s, v, 'fses-a', [{ fetchOffset: 99n }])]))
      await ask('still out of range', of(id, 5))
      await ask(
        'unknown added',
        of(id, 6, [
          {
            topic: 'fses-x',
            topicId: UNKNOWN_ID,
            partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 9 }],
          },
        ]),
      )
      await ask('unknown again', of(id, 7))
      const forget = v >= 13 ? { topicId: s.idOf('fses-a') } : { topic: 'fses-a' }
      await ask('forgotten', of(id, 8, [], { forgottenTopicsData: [{ ...forget, partitions: [0, 5] }] }))
      await ask('after', of(id, 9))
      await ask('closed', of(id, -1))
      await ask('after the end', of(id, 10))
    },
    { from: 7 },
  )
}

export async function listOffsets(s: Session): Promise<void> {
  await filled(s, 'list-a')
  await s.everyVersion(api.listOffsets, async (ask) => {
    const at = (timestamp: bigint, more: object = {}, partition: object = {}, name = 'list-a'): object => ({
      replicaId: -1,
      topics: [{ name, partitions: [{ partitionIndex: 0, timestamp, ...partition }] }],
      ...more,
    })
    for (const time of [
      -1n,
      -2n,
      -3n,
      -4n,
      -5n,
      -6n,
      -7n,
      0n,
      1000n,
      1001n,
      2000n,
      2001n,
      3000n,
      3002n,
      99999n,
      1n << 60n,
    ])
      await ask(`time ${time}`, at(time))
    for (const time of [-1n, -2n, -3n, -4n, -5n, 0n])
      await ask(`empty, time ${time}`, at(time, {}, { partitionIndex: 1 }))
    for (const isolationLevel of [1, 2, -1]) await ask(`isolation ${isolationLevel}`, at(-1n, { isolationLevel }))
    await ask('isolation 1, time 0', at(0n, { isolationLevel: 1 }))
    await ask('isolation 1, max', at(-3n, { isolationLevel: 1 }))
    for (const currentLeaderEpoch of [0, 1, -2])
      await ask(`leader epoch ${currentLeaderEpoch}`, at(-1n, {}, { currentLeaderEpoch }))
    for (const partitionIndex of [2, -1]) await ask(`partition ${partitionIndex}`, at(-1n, {}, { partitionIndex }))
    for (const name of ['list-x', '', 'a b', '__consumer_offsets']) await ask(`topic ${name}`, at(-1n, {}, {}, name))
    for (const replicaId of [1, 7, -2, -3]) await ask(`replica ${replicaId}`, at(-1n, { replicaId }))
    for (const timeoutMs of [0, -1, 5]) await ask(`timeout ${timeoutMs}`, at(-1n, { timeoutMs }))
    await ask('none', { replicaId: -1 })
    await ask('no partitions', { replicaId: -1, topics: [{ name: 'list-a' }] })
    const part = { partitionIndex: 0, timestamp: -1n }
    await ask('twice', {
      replicaId: -1,
      topics: [{ name: 'list-a', partitions: [part, { ...part, timestamp: -2n }, { ...part, partitionIndex: 1 }] }],
    })
    await ask('topic twice', {
      replicaId: -1,
      topics: [
        { name: 'list-a', partitions: [part] },
        { name: 'list-a', partitions: [{ ...part, timestamp: -2n }] },
      ],
    })
  })
}
