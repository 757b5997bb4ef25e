import * as api from './apis.ts'
import { UNKNOWN_ID } from './metadata-cases.ts'
import { batch, changed } from './records.ts'
import type { AskOf, Session } from './session.ts'

const FUTURE_MS = BigInt(Date.now()) + 864_000_000n
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

const INTERNAL = [
  { name: '__consumer_offsets', topicId: UNKNOWN_ID, partitionData: [{ index: 0, records: batch(['a']) }] },
]

interface Part {
  index: number
  records: Buffer | null
}

function topicData(s: Session, v: number, name: string, partitionData: Part[]): object {
  return v >= 13 ? { topicId: s.idOf(name), partitionData } : { name, partitionData }
}

/** Batches that aren't as they should be. */
function badBatches(): [string, Buffer | null][] {
  const good = batch(['a', 'b'])
  const at = (position: number, value: number): Buffer => changed(good, (copy) => copy.writeUInt8(value, position))
  const crc = Buffer.from(good)
  crc.writeUInt32BE(1, 17)
  return [
    ['empty records', Buffer.alloc(0)],
    ['a few bytes', Buffer.from([0, 1, 2])],
    ['cut short', good.subarray(0, good.length - 1)],
    ['trailing bytes', Buffer.concat([good, Buffer.from([0, 0, 0])])],
    ['two batches', Buffer.concat([good, good])],
    ['wrong crc', crc],
    ['magic 0', at(16, 0)],
    ['magic 1', at(16, 1)],
    ['magic 3', at(16, 3)],
    ['magic -1', at(16, 255)],
    ['compression 5', at(22, 5)],
    ['compression 7', at(22, 7)],
    ['gzip that is not', at(22, 1)],
    ['zstd that is not', at(22, 4)],
    ['control batch', at(22, 0x20)],
    ['transactional without id', at(22, 0x10)],
    ['log append time', at(22, 0x08)],
    ['base offset 5', changed(good, (copy) => copy.writeBigInt64BE(5n, 0))],
    ['count too large', changed(good, (copy) => copy.writeInt32BE(3, 57))],
    ['count too small', changed(good, (copy) => copy.writeInt32BE(1, 57))],
    [
      'count and delta too small',
      changed(good, (copy) => {
        copy.writeInt32BE(1, 57)
        copy.writeInt32BE(0, 23)
      }),
    ],
    ['count 0', changed(good, (copy) => copy.writeInt32BE(0, 57))],
    ['count -1', changed(good, (copy) => copy.writeInt32BE(-1, 57))],
    ['last offset delta 5', changed(good, (copy) => copy.writeInt32BE(5, 23))],
    ['last offset delta -1', changed(good, (copy) => copy.writeInt32BE(-1, 23))],
    ['max timestamp wrong', changed(good, (copy) => copy.writeBigInt64BE(77n, 35))],
    ['no timestamp', batch(['a'], { timestamp: -1 })],
    ['timestamp in the future', batch(['a'], { timestamp: Number(FUTURE_MS) })],
    ['leader epoch 9', changed(good, (copy) => copy.writeInt32BE(9, 12))],
    ['producer id without epoch', batch(['a'], { producerId: 7, producerEpoch: -1, baseSequence: 0 })],
    ['producer id without sequence', batch(['a'], { producerId: 7, producerEpoch: 0, baseSequence: -1 })],
    [
      'transactional with unknown id',
      batch(['a'], { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true }),
    ],
    ['length too large', changed(good, (copy) => copy.writeInt32BE(good.length, 8))],
    ['length 10', changed(good, (copy) => copy.writeInt32BE(10, 8))],
    ['length negative', changed(good, (copy) => copy.writeInt32BE(-1, 8))],
    ['delete horizon', at(22, 0x40)],
    ['record length wrong', changed(good, (copy) => copy.writeUInt8(40, 61))],
    ['too large', batch(['x'.repeat(2_000_000)])],
    ['single too large for topic', batch(['x'.repeat(1_048_600)])],
  ]
}

/** What a topic's configs ask of records. */
async function topicRules(
  ask: AskOf<typeof api.produce>,
  one: (name: string, index: number, records: Buffer) => object,
): Promise<void> {
  await ask('compacted without key', one('prod-c', 0, batch(['a', 'b'])))
  await ask('compacted with key', one('prod-c', 0, batch(['a'], { key: 'k' })))
  await ask('log append time', one('prod-l', 0, batch(['a'])))
  await ask('log append time, future', one('prod-l', 0, batch(['a'], { timestamp: Number(FUTURE_MS) })))
  await ask('too old', one('prod-t', 0, batch(['a', 'b'])))
  await ask('too new', one('prod-t', 0, batch(['a', 'b'], { timestamp: Number(FUTURE_MS) })))
  await ask('larger than a segment', one('prod-s', 0, batch(['x'.repeat(1_500_000)])))
}

export async function produce(s: Session): Promise<void> {
  await s.topic('prod-a', 2)
  await s.topic('prod-z')
  await s.topic('prod-c', 1, { 'cleanup.policy': 'compact' })
  await s.topic('prod-l', 1, { 'message.timestamp.type': 'LogAppendTime' })
  await s.topic('prod-t', 1, { 'message.timestamp.after.max.ms': '1000', 'message.timestamp.before.max.ms': '3600000' })
  await s.topic('prod-s', 1, { 'segment.bytes': '1048576', 'max.message.bytes': '2000000' })
  await s.everyVersion(api.produce, async (ask, v) => {
    const one = (name: string, index: number, records: Buffer | null, more: object = {}): object => ({
      acks: 1,
      timeoutMs: 3000,
      topicData: [topicData(s, v, name, [{ index, records }])],
      ...more,
    })
    await ask('good', one('prod-a', 0, batch(['a', 'b'])))
    await ask('acks all', one('prod-a', 0, batch(['a']), { acks: -1 }))
    for (const acks of [2, -2, 7]) await ask(`acks ${acks}`, one('prod-a', 0, batch(['a']), { acks }))
    for (const index of [2, -1]) await ask(`partition ${index}`, one('prod-a', index, batch(['a'])))
    await ask('no topics', { acks: 1, timeoutMs: 1000 })
    await ask('no partitions', { acks: 1, timeoutMs: 1000, topicData: [topicData(s, v, 'prod-a', [])] })
    await ask('unknown topic', {
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ name: 'prod-x', topicId: UNKNOWN_ID, partitionData: [{ index: 0, records: batch(['a']) }] }],
    })
    if (v >= 13)
      await ask('zero id', {
        acks: 1,
        timeoutMs: 1000,
        topicData: [{ topicId: NO_ID, partitionData: [{ index: 0, records: batch(['a']) }] }],
      })
    await ask('internal topic', { acks: 1, timeoutMs: 1000, topicData: INTERNAL })
    const part = { index: 0, records: batch(['d']) }
    await ask('partition twice', { acks: 1, timeoutMs: 1000, topicData: [topicData(s, v, 'prod-a', [part, part])] })
    await ask('topic twice', {
      acks: 1,
      timeoutMs: 1000,
      topicData: [topicData(s, v, 'prod-a', [part]), topicData(s, v, 'prod-a', [{ ...part, index: 1 }])],
    })
    // Kafka's answer never comes: waiting for that once is enough.
    if (v === 13) await ask('null records', one('prod-a', 1, null))
    await ask('good and bad magic', {
      acks: 1,
      timeoutMs: 1000,
      topicData: [
        topicData(s, v, 'prod-a', [
          { index: 1, records: batch(['x']) },
          { index: 0, records: changed(batch(['y']), (copy) => copy.writeUInt8(3, 16)) },
        ]),
      ],
    })
    for (const [label, records] of badBatches()) {
      // Some are taken by one broker only; they must not shift the offsets of all that follow.
      const topic = /that is not|^log append/.test(label) ? 'prod-z' : 'prod-a'
      await ask(label, one(topic, topic === 'prod-a' ? 1 : 0, records))
    }
    await topicRules(ask, one)
    await ask('transactional id without transaction', one('prod-a', 0, batch(['a']), { transactionalId: 'prod-tx' }))
    await ask('good and bad', {
      acks: 1,
      timeoutMs: 1000,
      topicData: [topicData(s, v, 'prod-a', [part, { index: 9, records: batch(['x']) }])],
    })
  })
}

/** Sequence numbers of idempotent producers. */
export async function sequences(s: Session): Promise<void> {
  await s.topic('seq-a')
  await s.append('seq-a', 0, batch(['ready']))
  await s.everyVersion(api.produce, async (ask, v) => {
    const producerId = await s.producerId()
    const one = (label: string, producerEpoch: number, baseSequence: number, values = ['a', 'b']): Promise<unknown> =>
      ask(label, {
        acks: -1,
        timeoutMs: 1000,
        topicData: [
          topicData(s, v, 'seq-a', [
            { index: 0, records: batch(values, { producerId: Number(producerId), producerEpoch, baseSequence }) },
          ]),
        ] as object[],
      })
    await one('first at 5', 0, 5)
    await one('next', 0, 7)
    await one('gap', 0, 12)
    await one('duplicate', 0, 7)
    await one('older duplicate', 0, 5)
    await one('overlap', 0, 8)
    await one('before all', 0, 0)
    await one('shorter', 0, 9, ['a'])
    await one('new epoch not at 0', 1, 5)
    await one('new epoch', 1, 0)
    await one('old epoch', 0, 10)
    await one('epoch skipped', 5, 0)
    await one('sequence at the end', 6, 0, ['a'])
  })
}

export async function deleteRecords(s: Session): Promise<void> {
  await s.topic('del-a', 2)
  await s.everyVersion(api.deleteRecords, async (ask) => {
    await s.append('del-a', 0, batch(['a', 'b', 'c', 'd', 'e']))
    const at = (offset: bigint, partitionIndex = 0, name = 'del-a'): object => ({
      timeoutMs: 1000,
      topics: [{ name, partitions: [{ partitionIndex, offset }] }],
    })
    await ask('2', at(2n))
    await ask('again', at(2n))
    await ask('below the start', at(1n))
    await ask('beyond the end', at(99n))
    for (const offset of [-1n, -2n, -3n]) await ask(`offset ${offset}`, at(offset))
    await ask('no such partition', at(1n, 7))
    await ask('negative partition', at(1n, -1))
    await ask('unknown topic', at(1n, 0, 'del-x'))
    await ask('internal topic', at(1n, 0, '__consumer_offsets'))
    await ask('empty name', at(1n, 0, ''))
    await ask('no topics', { timeoutMs: 1000 })
    await ask('no partitions', { timeoutMs: 1000, topics: [{ name: 'del-a' }] })
    const twice = { partitionIndex: 1, offset: 0n }
    await ask('twice', { timeoutMs: 1000, topics: [{ name: 'del-a', partitions: [twice, { ...twice, offset: -1n }] }] })
  })
}

export async function offsetForLeaderEpoch(s: Session): Promise<void> {
  await s.topic('epoch-a', 2)
  await s.append('epoch-a', 0, batch(['a', 'b', 'c']))
  await s.everyVersion(api.offsetForLeaderEpoch, async (ask) => {
    const at = (partition: number, leaderEpoch: number, currentLeaderEpoch = -1, topic = 'epoch-a'): object => ({
      replicaId: -1,
      topics: [{ topic, partitions: [{ partition, leaderEpoch, currentLeaderEpoch }] }],
    })
    for (const epoch of [0, 1, 5, -1, -2, 2147483647]) await ask(`epoch ${epoch}`, at(0, epoch))
    for (const current of [0, 1, 9, -2]) await ask(`current epoch ${current}`, at(0, 0, current))
    await ask('empty log', at(1, 0))
    for (const partition of [2, -1]) await ask(`partition ${partition}`, at(partition, 0))
    await ask('unknown topic', at(0, 0, -1, 'epoch-x'))
    await ask('empty name', at(0, 0, -1, ''))
    await ask('a follower', { ...at(0, 0), replicaId: 1 })
    await ask('an unknown follower', { ...at(0, 0), replicaId: 7 })
    await ask('a debugger', { ...at(0, 0), replicaId: -2 })
    await ask('none', {})
    const part = { partition: 0, leaderEpoch: 0 }
    await ask('twice', {
      replicaId: -1,
      topics: [{ topic: 'epoch-a', partitions: [part, { ...part, leaderEpoch: 4 }] }],
    })
  })
}
