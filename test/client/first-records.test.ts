import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectAdmin } from '../../src/client/admin/connect.ts'
import { firstRecordIn } from '../../src/client/admin/first-records.ts'
import type { Admin } from '../../src/client/types.ts'
import { type EmbeddedBroker, startBroker } from '../../src/embedded/index.ts'
import { ErrorCode } from '../../src/protocol/errors.ts'
import { type BatchOptions, buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { buildEndTxnMarkerBatch } from '../../src/protocol/records/control-records.ts'

/** A batch of records at these offsets; the time of each is ten times its offset. */
const batch = (offsets: readonly number[], options: BatchOptions = {}): Buffer =>
  buildBatch(
    offsets.map((offset) => ({ offset, value: Buffer.alloc(20), timestamp: offset * 10 })),
    { baseOffset: offsets[0]!, ...options },
  )
const marker = (baseOffset: number, commit: boolean): Buffer =>
  buildEndTxnMarkerBatch({
    ...{ commit, coordinatorEpoch: 0, timestamp: 1, baseOffset },
    producerId: 7,
    producerEpoch: 0,
  })
const record = (offset: number) => ({ found: true, offset, timestamp: offset * 10 })

describe('the first record of fetched batches', () => {
  it('is the one asked for, wherever in its batch it is', () => {
    const buffer = Buffer.concat([batch([0, 1, 2]), batch([3, 4])])
    expect([0, 2, 3, 4].map((from) => firstRecordIn(buffer, from))).toEqual([0, 2, 3, 4].map(record))
    expect(firstRecordIn(buffer, 5)).toEqual({ found: false, nextOffset: 5 })
  })

  it('is the next one that compaction left', () => {
    const buffer = Buffer.concat([batch([0, 4]), batch([9])])
    expect(firstRecordIn(buffer, 1)).toEqual(record(4))
    expect(firstRecordIn(batch([0, 1], { lastOffset: 5 }), 3)).toEqual({ found: false, nextOffset: 6 })
    expect(firstRecordIn(batch([2, 3], { deleteHorizonMs: 5_000_000 }), 2)).toEqual(record(2))
  })

  it('has the time of its append where the log has that', () => {
    expect(firstRecordIn(batch([0, 1], { logAppendTimeMs: 99 }), 0)).toEqual({ found: true, offset: 0, timestamp: 99 })
  })

  it('is taken from the header of a batch that is cut off', () => {
    const cut = batch([0, 1, 2, 3]).subarray(0, 80)
    expect(firstRecordIn(cut, 0)).toEqual(record(0))
    expect(firstRecordIn(cut, 2)).toEqual({ found: true, offset: 2, timestamp: 0 })
    expect(firstRecordIn(cut.subarray(0, 50), 0)).toEqual({ found: false, nextOffset: 0 })
  })

  it('is no marker, and none of an aborted transaction', () => {
    const own = { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true }
    const buffer = Buffer.concat([batch([0, 1], own), marker(2, false), batch([3], own), marker(4, true)])
    const aborted = [{ producerId: 7, firstOffset: 0 }]
    expect(firstRecordIn(buffer, 0)).toEqual(record(0))
    expect(firstRecordIn(buffer, 0, aborted)).toEqual(record(3))
    expect(firstRecordIn(buffer, 4, aborted)).toEqual({ found: false, nextOffset: 5 })
  })
})

describe('reading on from positions', () => {
  let broker: EmbeddedBroker
  let admin: Admin
  beforeAll(async () => {
    broker = await startBroker({ topics: [{ name: 't', partitions: 2 }] })
    admin = await connectAdmin({ bootstrapServers: [{ host: 'localhost', port: broker.port }] })
    const producer = (await broker.kafkajs()).producer({
      transactionalId: 'x',
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const messages = (...values: string[]) => values.map((value) => ({ value, partition: 0, timestamp: '5000' }))
    for (const end of ['commit', 'abort', 'commit'] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 't', messages: messages(end, end) })
      await transaction[end]()
    }
    await producer.disconnect()
  })
  afterAll(async () => {
    await admin.close()
    await broker.stop()
  })

  const readOn = async (offset: number, readCommitted: boolean, partition = 0) => {
    const position = { topic: 't', partition, offset }
    return (await admin.firstRecords([position], { readCommitted })).get(position)
  }

  it('finds records with their times, beyond markers and aborted ones', async () => {
    // 0 1 committed, 2 its marker, 3 4 aborted, 5 the marker, 6 7 committed, 8 the marker.
    expect(await readOn(0, false)).toEqual({ ok: true, value: { found: true, offset: 0, timestamp: 5000 } })
    expect(await readOn(2, false)).toMatchObject({ value: { offset: 3 } })
    expect(await readOn(2, true)).toMatchObject({ value: { offset: 6 } })
    expect(await readOn(8, true)).toEqual({ ok: true, value: { found: false, nextOffset: 9 } })
  })

  it('fails for an offset that is not in the log, beside those that are', async () => {
    const good = { topic: 't', partition: 0, offset: 1 }
    const bad = { topic: 't', partition: 1, offset: 77 }
    const none = { topic: 'nope', partition: 0, offset: 0 }
    const found = await admin.firstRecords([good, bad, none])
    expect(found.get(good)).toMatchObject({ ok: true })
    expect(found.get(bad)).toMatchObject({ ok: false, error: { code: ErrorCode.OFFSET_OUT_OF_RANGE } })
    expect(found.get(none)).toMatchObject({ ok: false, error: { code: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION } })
  })

  it('lists where share groups are, several in one question', async () => {
    const answers = await admin.listShareGroupsOffsets(['a', 'b'])
    const nothing = { ok: true, value: new Map() }
    expect(answers).toEqual(
      new Map([
        ['a', nothing],
        ['b', nothing],
      ]),
    )
  })
})
