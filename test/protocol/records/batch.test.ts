import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { AssertionError } from '../../../src/base/assert.ts'
import { BatchBuilder, buildBatch, type RecordInput } from '../../../src/protocol/records/batch-builder.ts'
import * as layout from '../../../src/protocol/records/batch-header.ts'
import { forEachBatch, readBatches, validateBatch } from '../../../src/protocol/records/batch-reader.ts'
import { stampLogAppendTime, stampPlace } from '../../../src/protocol/records/batch-stamp.ts'
import { COMPRESSION_TYPES, ensureCodec } from '../../../src/protocol/records/compression.ts'
import { forEachRecord, readRecords } from '../../../src/protocol/records/record-cursor.ts'
import { firstHeader, recordInput, recordInputs } from './arbitraries.ts'

beforeAll(async () => {
  for (const type of COMPRESSION_TYPES) await ensureCodec(type)
})

const decode = (batch: Buffer) => [...readRecords(batch, firstHeader(batch))]

const expected = (records: RecordInput[], baseOffset = 0) =>
  records.map(({ key = null, value, headers = [], timestamp }, i) => ({
    offset: baseOffset + i,
    timestamp,
    key,
    value,
    headers,
  }))

describe.each(COMPRESSION_TYPES)('a batch compressed with %s', (compression) => {
  it('gives back the records and the fields of its header', () => {
    fc.assert(
      fc.property(recordInputs, fc.nat(2 ** 40), fc.boolean(), (records, baseOffset, transactional) => {
        const batch = buildBatch(records, {
          compression,
          baseOffset,
          transactional,
          producerId: 2 ** 40,
          producerEpoch: 7,
          baseSequence: 42,
          partitionLeaderEpoch: 3,
        })
        const header = firstHeader(batch)
        validateBatch(batch, header)
        expect(header).toMatchObject({
          baseOffset,
          sizeBytes: batch.length,
          partitionLeaderEpoch: 3,
          attributes: COMPRESSION_TYPES.indexOf(compression) | (transactional ? layout.TRANSACTIONAL_MASK : 0),
          lastOffsetDelta: records.length - 1,
          baseTimestamp: records[0]!.timestamp,
          maxTimestamp: Math.max(...records.map(({ timestamp }) => timestamp)),
          producerId: 2 ** 40,
          producerEpoch: 7,
          baseSequence: 42,
          recordCount: records.length,
        })
        expect(decode(batch)).toEqual(expected(records, baseOffset))
      }),
      { numRuns: 60 },
    )
  })

  it('holds more than one block of the codec', () => {
    const records = Array.from({ length: 4000 }, (_, i) => ({
      value: Buffer.from(`${i} ${'x'.repeat(90)}`),
      timestamp: i,
    }))
    const values = decode(buildBatch(records, { compression })).map(({ value }) => String(value))
    expect(values.join('\n')).toBe(records.map(({ value }) => String(value)).join('\n'))
  })
})

describe('BatchBuilder', () => {
  it('makes the same bytes by slices as by records', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 99 }), fc.uint8Array()), { minLength: 1 }), (pairs) => {
        const plain = new BatchBuilder()
        const keyed = new BatchBuilder()
        for (const [key, value] of pairs) {
          const source = Buffer.concat([Buffer.from('..'), key, value])
          const valueStart = 2 + key.length
          expect(plain.appendValue(source, valueStart, source.length, 5)).toBe(true)
          expect(keyed.appendKeyValue(source, 2, valueStart, valueStart, source.length, 5)).toBe(true)
        }
        const record = ([key, value]: (typeof pairs)[number]) => ({ key: Buffer.from(key), value: Buffer.from(value) })
        const records = pairs.map((pair) => ({ ...record(pair), timestamp: 5 }))
        expect(keyed.finish()).toEqual(buildBatch(records))
        expect(plain.finish()).toEqual(buildBatch(records.map(({ value, timestamp }) => ({ value, timestamp }))))
      }),
    )
  })

  it('stays within maxBytes, keeps what it promised, and takes any first record', () => {
    fc.assert(
      fc.property(fc.array(recordInput, { minLength: 1 }), fc.integer({ min: 70, max: 1500 }), (records, maxBytes) => {
        const builder = new BatchBuilder({ maxBytes })
        let taken = 0
        for (const record of records) {
          const room = builder.hasRoom(record.key?.length ?? 0, record.value?.length ?? 0, record.headers)
          const before = builder.sizeBytes
          const appended = builder.append(record)
          if (room) expect(appended).toBe(true)
          if (!appended) {
            expect(builder.sizeBytes).toBe(before)
            break
          }
          taken++
        }
        expect(taken).toBeGreaterThan(0)
        const batch = builder.finish()
        if (taken > 1) expect(batch.length).toBeLessThanOrEqual(maxBytes)
        expect(decode(batch)).toEqual(expected(records.slice(0, taken)))
      }),
    )
  })

  it.each(['none', 'lz4'] as const)(
    'is used again after reset without touching the batch before (%s)',
    (compression) => {
      const builder = new BatchBuilder({ compression })
      const append = (text: string) => builder.append({ value: Buffer.from(text), timestamp: 1 })
      append('first')
      const first = builder.finish()
      const copy = Buffer.from(first)
      builder.reset()
      append('second, which is longer')
      const second = builder.finish({ producerId: 9, producerEpoch: 1, baseSequence: 100 })
      expect(first).toEqual(copy)
      expect(decode(second).map(({ value }) => String(value))).toEqual(['second, which is longer'])
      expect(firstHeader(second)).toMatchObject({ producerId: 9, producerEpoch: 1, baseSequence: 100 })
      builder.reset(second)
      append('third')
      expect(builder.storage).toBe(second)
      expect(decode(builder.finish()).map(({ value }) => String(value))).toEqual(['third'])
    },
  )

  it('copies the bodies of records as they are, with gaps between offsets, and keeps the last offset', () => {
    fc.assert(
      fc.property(recordInputs, fc.infiniteStream(fc.boolean()), (records, keeps) => {
        const source = buildBatch(records, { baseOffset: 100 })
        const kept = records.map(() => keeps.next().value as boolean)
        const lastOffset = 99 + records.length
        const builder = new BatchBuilder({ baseOffset: 100, lastOffset, emptyMaxTimestamp: 8, compression: 'zstd' })
        forEachRecord(source, firstHeader(source), (cursor) => {
          if (!kept[cursor.offset - 100]) return
          builder.appendBody(cursor.data, cursor.bodyStart, cursor.recordEnd, cursor.offset, cursor.timestamp)
        })
        const cleaned = builder.finish()
        validateBatch(cleaned, firstHeader(cleaned))
        expect(decode(cleaned)).toEqual(expected(records, 100).filter((_, i) => kept[i]))
        expect(firstHeader(cleaned)).toMatchObject({ baseOffset: 100, lastOffsetDelta: records.length - 1 })
      }),
    )
  })

  it('gives all records the append time, or counts from the delete horizon', () => {
    const records = [
      { value: null, timestamp: 5 },
      { value: null, timestamp: 3 },
    ]
    const appendTime = buildBatch(records, { logAppendTimeMs: 77 })
    expect(decode(appendTime).map(({ timestamp }) => timestamp)).toEqual([77, 77])
    const horizon = buildBatch(records, { deleteHorizonMs: 1000 })
    expect(firstHeader(horizon)).toMatchObject({ baseTimestamp: 1000, maxTimestamp: 5, attributes: 0x40 })
    expect(decode(horizon).map(({ timestamp }) => timestamp)).toEqual([5, 3])
  })

  it('refuses an empty batch without last offset, a second finish, and offsets that fall', () => {
    const builder = new BatchBuilder()
    expect(() => builder.finish()).toThrow(AssertionError)
    builder.append({ value: null, timestamp: 1, offset: 5 })
    expect(() => builder.append({ value: null, timestamp: 1, offset: 5 })).toThrow(AssertionError)
    builder.finish()
    expect(() => builder.finish()).toThrow(AssertionError)
    expect(() => builder.append({ value: null, timestamp: 1 })).toThrow(AssertionError)
  })
})

describe('walking batches', () => {
  const one = buildBatch([{ value: Buffer.from('one'), timestamp: 1 }])
  const two = buildBatch([{ value: Buffer.from('two'), timestamp: 1 }], { baseOffset: 1 })

  it('stops at an incomplete last batch and says where', () => {
    const log = Buffer.concat([one, two, two.subarray(0, 40)])
    expect([...readBatches(log)].map(({ position }) => position)).toEqual([0, one.length])
    expect(forEachBatch(log, () => {})).toBe(one.length + two.length)
    expect(forEachBatch(log, () => false)).toBe(one.length)
  })

  it('stops among the records when told to', () => {
    const batch = buildBatch([one, two].map((value) => ({ value, timestamp: 1 })))
    const seen: number[] = []
    forEachRecord(batch, firstHeader(batch), ({ offset }) => seen.push(offset) < 1)
    expect(seen).toEqual([0])
  })

  it('stamps the place without a new checksum, and the append time with one', () => {
    const log = Buffer.concat([one, two])
    stampPlace(log, one.length, 2 ** 40, 12)
    const [, header] = [...readBatches(log)]
    expect(header).toMatchObject({ baseOffset: 2 ** 40, partitionLeaderEpoch: 12 })
    validateBatch(log, header!)
    stampLogAppendTime(log, one.length, 1234)
    const [, stamped] = [...readBatches(log)]
    validateBatch(log, stamped!)
    expect([...readRecords(log, stamped!)][0]?.timestamp).toBe(1234)
  })
})
