import { describe, expect, it } from 'vitest'
import { crc32c } from '../../src/base/crc32c.ts'
import {
  type InvalidRecordsError,
  type ProduceRules,
  validateProducedRecords,
} from '../../src/broker/record-validation.ts'
import { ErrorCode, KafkaError } from '../../src/protocol/errors.ts'
import { buildBatch, type RecordInput } from '../../src/protocol/records/batch-builder.ts'
import {
  ATTRIBUTES,
  CRC,
  LAST_OFFSET_DELTA,
  MAX_TIMESTAMP,
  readBatchHeader,
} from '../../src/protocol/records/batch-header.ts'
import { batchCompression, validateBatch } from '../../src/protocol/records/batch-reader.ts'
import { readRecords } from '../../src/protocol/records/record-cursor.ts'

const NOW = 1_700_000_000_000
const HOUR = 3_600_000

const rules = (changes: Partial<ProduceRules> = {}): ProduceRules => ({
  partition: 't-0',
  maxMessageBytes: 10_000,
  logAppendTime: false,
  timestampBeforeMaxMs: 2 ** 63,
  timestampAfterMaxMs: HOUR,
  compression: 'producer',
  compressionLevel: undefined,
  compacted: false,
  ...changes,
})

const record = (value: string, more: Partial<RecordInput> = {}): RecordInput => ({
  value: Buffer.from(value),
  timestamp: NOW,
  ...more,
})
const batchOf = (...values: string[]): Buffer => buildBatch(values.map((value) => record(value)))

function failure(records: Buffer, changes: Partial<ProduceRules> = {}, version = 13): KafkaError {
  try {
    validateProducedRecords(records, version, rules(changes), NOW)
  } catch (error) {
    if (error instanceof KafkaError) return error
    throw error
  }
  throw new Error('was accepted')
}

function repaired(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES)), CRC)
  return batch
}

function basedAt(offset: number): Buffer {
  const batch = batchOf('a')
  batch.writeBigInt64BE(BigInt(offset), 0)
  return repaired(batch)
}

describe('validateProducedRecords', () => {
  it('takes a good batch as the bytes it came in', () => {
    const batch = batchOf('a', 'b')
    const before = Buffer.from(batch)
    const { records, logAppendTimeMs } = validateProducedRecords(batch, 13, rules(), NOW)
    expect(records).toBe(batch)
    expect(records).toEqual(before)
    expect(logAppendTimeMs).toBe(-1)
  })

  it.each([
    ['no batch', Buffer.alloc(0), 'INVALID_RECORD'],
    ['less than a header', Buffer.alloc(20), 'INVALID_RECORD'],
    ['two batches', Buffer.concat([batchOf('a'), batchOf('b')]), 'INVALID_RECORD'],
    ['a cut batch', batchOf('a').subarray(0, 65), 'INVALID_RECORD'],
    ['a base offset', basedAt(5), 'INVALID_RECORD'],
    ['a control batch', buildBatch([record('a')], { control: true }), 'INVALID_RECORD'],
    [
      'a sequence missing',
      buildBatch([record('a')], { producerId: 5, producerEpoch: 0, baseSequence: -1 }),
      'INVALID_RECORD',
    ],
  ])('refuses %s', (_what, records, errorName) => {
    expect(failure(records).errorName).toBe(errorName)
  })

  it('leaves out bytes behind the batch that are no whole batch', () => {
    const batch = batchOf('a')
    expect(validateProducedRecords(Buffer.concat([batch, Buffer.alloc(3)]), 13, rules(), NOW).records).toEqual(batch)
  })

  it('calls records invalid, not corrupt, that contradict their lengths', () => {
    const batch = batchOf('a')
    batch[61] = 80
    expect(failure(repaired(batch)).code).toBe(ErrorCode.INVALID_RECORD)
  })

  it('refuses a flipped bit, by the checksum', () => {
    const batch = batchOf('hello')
    batch[batch.length - 3]! ^= 1
    expect(failure(batch).code).toBe(ErrorCode.CORRUPT_MESSAGE)
  })

  it('refuses a record count that the records do not bear out', () => {
    const batch = batchOf('a', 'b')
    batch.writeInt32BE(4, LAST_OFFSET_DELTA)
    expect(failure(repaired(batch)).message).toMatch(/Inconsistent batch offset range \[0, 4\]/)
  })

  it('refuses a batch above max.message.bytes with the sizes', () => {
    const error = failure(batchOf('x'.repeat(500)), { maxMessageBytes: 400 })
    expect(error.code).toBe(ErrorCode.MESSAGE_TOO_LARGE)
    expect(error.message).toMatch(
      /in the append to t-0 is \d+ bytes which exceeds the maximum configured value of 400\./,
    )
  })

  it('refuses zstd before version 7', () => {
    const batch = batchOf('a')
    batch.writeInt16BE(4, ATTRIBUTES)
    expect(failure(repaired(batch), {}, 6).code).toBe(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
  })

  it('names each record whose time is out of range', () => {
    const batch = buildBatch([record('a'), record('b', { timestamp: NOW + 2 * HOUR }), record('c')])
    const error = failure(batch)
    expect(error.code).toBe(ErrorCode.INVALID_TIMESTAMP)
    expect((error as InvalidRecordsError).recordErrors.map((e) => e.batchIndex)).toEqual([1])
    expect(failure(buildBatch([record('old', { timestamp: NOW - 5000 })]), { timestampBeforeMaxMs: 1000 }).code).toBe(
      ErrorCode.INVALID_TIMESTAMP,
    )
  })

  it('refuses records without key on a compacted topic', () => {
    const batch = buildBatch([record('a', { key: Buffer.from('k') }), record('b')])
    const error = failure(batch, { compacted: true })
    expect(error.code).toBe(ErrorCode.INVALID_RECORD)
    expect(error.message).toContain(
      "[RecordError(batchIndex=1, message='Compacted topic cannot accept message without key in topic partition t-0')]",
    )
  })

  it('stamps LogAppendTime and keeps the checksum right', () => {
    const { records, logAppendTimeMs } = validateProducedRecords(
      batchOf('a'),
      13,
      rules({ logAppendTime: true }),
      NOW + 7,
    )
    expect(logAppendTimeMs).toBe(NOW + 7)
    const header = readBatchHeader(records, 0)
    validateBatch(records, header)
    expect([...readRecords(records, header)][0]!.timestamp).toBe(NOW + 7)
    expect(records.readBigInt64BE(MAX_TIMESTAMP)).toBe(BigInt(NOW + 7))
  })

  it('recompresses as the topic wants and keeps the producer fields', async () => {
    const { ensureCodec } = await import('../../src/protocol/records/compression.ts')
    await ensureCodec('gzip')
    const batch = buildBatch([record('a', { key: Buffer.from('k'), headers: [{ key: 'h', value: null }] })], {
      producerId: 9,
      producerEpoch: 1,
      baseSequence: 3,
    })
    const { records } = validateProducedRecords(batch, 13, rules({ compression: 'gzip' }), NOW)
    const header = readBatchHeader(records, 0)
    expect(batchCompression(header)).toBe('gzip')
    expect([header.producerId, header.producerEpoch, header.baseSequence]).toEqual([9, 1, 3])
    expect([...readRecords(records, header)]).toMatchObject([
      { key: Buffer.from('k'), value: Buffer.from('a'), headers: [{ key: 'h', value: null }] },
    ])
  })
})
