import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { crc32c } from '../../../src/base/crc32c.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import * as layout from '../../../src/protocol/records/batch-header.ts'
import { forEachBatch, validateBatch } from '../../../src/protocol/records/batch-reader.ts'
import { COMPRESSION_TYPES, ensureCodec } from '../../../src/protocol/records/compression.ts'
import { DecompressedTooLargeError, UnknownCompressionError } from '../../../src/protocol/records/compression-errors.ts'
import { CorruptRecordError } from '../../../src/protocol/records/corrupt-record-error.ts'
import { readRecords } from '../../../src/protocol/records/record-cursor.ts'
import { firstHeader } from './arbitraries.ts'

beforeAll(async () => {
  for (const type of COMPRESSION_TYPES) await ensureCodec(type)
})

const records = Array.from({ length: 5 }, (_, i) => ({
  key: Buffer.from(`key ${i}`),
  value: Buffer.from(`value ${i} `.repeat(5)),
  headers: [{ key: 'h', value: null }],
  timestamp: 1_700_000_000_000 + i,
}))

/** Makes the checksum right again, so that only the deeper checks stand in the way. */
function reseal(batch: Buffer): Buffer {
  batch.writeInt32BE(batch.length - layout.LOG_OVERHEAD, layout.BATCH_LENGTH)
  batch.writeUInt32BE(crc32c(batch.subarray(layout.ATTRIBUTES)), layout.CRC)
  return batch
}

/** Reads all there is; anything but the errors allowed is the test's failure. */
function readAll(buffer: Buffer, validate = true): 'read' | 'corrupt' {
  try {
    forEachBatch(buffer, (header) => {
      if (validate) validateBatch(buffer, header)
      for (const _ of readRecords(buffer, header, { maxOutputBytes: 1 << 20 }));
    })
    return 'read'
  } catch (error) {
    const allowed = [CorruptRecordError, UnknownCompressionError, DecompressedTooLargeError]
    if (!allowed.some((type) => error instanceof type)) throw error
    return 'corrupt'
  }
}

describe.each(COMPRESSION_TYPES)('a damaged batch (%s)', (compression) => {
  it('is a clean stop when cut off at any byte', () => {
    const batch = buildBatch(records, { compression })
    for (let length = 0; length < batch.length; length++) {
      const cut = Buffer.from(batch.subarray(0, length))
      expect(forEachBatch(cut, () => {})).toBe(0)
    }
  })

  it('is corrupt when cut off at any byte and given the length and checksum to match', () => {
    const batch = buildBatch(records, { compression })
    for (let length = layout.BATCH_OVERHEAD; length < batch.length; length++) {
      const cut = reseal(Buffer.from(batch.subarray(0, length)))
      expect(() => {
        validateBatch(cut, firstHeader(cut))
        for (const _ of readRecords(cut, firstHeader(cut)));
      }).toThrow(CorruptRecordError)
    }
  })

  it('is found out by its checksum whichever bit after the header is flipped', () => {
    const batch = buildBatch(records, { compression })
    for (let at = layout.CRC; at < batch.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        batch[at]! ^= 1 << bit
        expect(() => validateBatch(batch, firstHeader(batch))).toThrow(CorruptRecordError)
        batch[at]! ^= 1 << bit
      }
    }
    expect(readAll(batch)).toBe('read')
  })

  it('never does worse than a typed error when its bytes change under a right checksum', () => {
    const batch = buildBatch(records, { compression })
    const change = fc.record({ at: fc.nat(batch.length - 1), byte: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const damaged = Buffer.from(batch)
        for (const { at, byte } of changes) damaged[at] = byte
        readAll(damaged, false)
        readAll(reseal(damaged))
      }),
      { numRuns: 400 },
    )
  })

  it('never does worse than a typed error when its records are noise', () => {
    const header = buildBatch(records, { compression }).subarray(0, layout.BATCH_OVERHEAD)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer(), (noise, count) => {
        const batch = reseal(Buffer.concat([header, noise]))
        batch.writeInt32BE(count, layout.RECORD_COUNT)
        readAll(batch, false)
      }),
      { numRuns: 300 },
    )
  })
})

describe('hostile lengths', () => {
  const hostile = (body: string, count = 1): Buffer => {
    const header = buildBatch([{ value: null, timestamp: 1 }]).subarray(0, layout.BATCH_OVERHEAD)
    const batch = Buffer.concat([header, Buffer.from(body.replaceAll(' ', ''), 'hex')])
    batch.writeInt32BE(count, layout.RECORD_COUNT)
    return reseal(batch)
  }

  // length | attributes | timestamp delta | offset delta | key length | value length | headers
  it.each([
    ['a record of 2^31 - 1 bytes', 'feffffff0f 00 00 00 01 01 00', /record 0 is 2147483647 bytes long/],
    ['a record of -2^31 bytes', 'ffffffff0f 00 00 00 01 01 00', /record 0 is -2147483648 bytes long/],
    ['a key of 2^31 - 1 bytes', '14 00 00 00 feffffff0f 01 00', /key of record 0 is 2147483647 bytes/],
    ['a key of -2 bytes', '0c 00 00 00 03 01 00', /key of record 0 is -2 bytes/],
    ['a value that reaches beyond the record', '0e 00 00 00 01 06 00 00', /value of record 0 is 3 bytes long/],
    ['a value of -2^31 bytes', '14 00 00 00 01 ffffffff0f 00', /value of record 0 is -2147483648/],
    ['2^31 - 1 headers', '14 00 00 00 01 01 feffffff0f', /can't hold the 2147483647 headers/],
    ['-1 headers', '0c 00 00 00 01 01 01', /can't hold the -1 headers/],
    ['a header without key', '10 00 00 00 01 01 02 01 01', /has no key/],
    ['a varint of 6 bytes', '16 00 00 808080808000 01 01 00', /longer than 5 bytes/],
    ['a varlong of 11 bytes', '20 00 8080808080808080808000 00 01 01 00', /longer than 10 bytes/],
    ['a record that is too long', '0e 00 00 00 01 01 00 ff', /longer by 1 bytes/],
    ['a record without anything', '00 00 00 00 00 00 00', /cut off/],
    ['bytes after the last record', '0c 00 00 00 01 01 00 00', /1 bytes follow/],
  ])('rejects %s', (_name, body, message) => {
    const batch = hostile(body)
    validateBatch(batch, firstHeader(batch))
    expect(() => [...readRecords(batch, firstHeader(batch))]).toThrow(CorruptRecordError)
    expect(() => [...readRecords(batch, firstHeader(batch))]).toThrow(message)
  })

  it.each([-1, 2, 2 ** 31 - 1])('rejects a record count of %i over one record', (count) => {
    const batch = hostile('0c 00 00 00 01 01 00', count)
    expect(() => [...readRecords(batch, firstHeader(batch))]).toThrow(CorruptRecordError)
  })

  it('rejects batch sizes below a header, and waits for the rest of one that is large', () => {
    const batch = buildBatch(records)
    for (const length of [-(2 ** 31), -1, 0, 20, layout.BATCH_OVERHEAD - layout.LOG_OVERHEAD - 1]) {
      batch.writeInt32BE(length, layout.BATCH_LENGTH)
      expect(() => firstHeader(batch)).toThrow(CorruptRecordError)
    }
    batch.writeInt32BE(2 ** 31 - 1, layout.BATCH_LENGTH)
    expect(forEachBatch(batch, () => {})).toBe(0)
  })

  it('rejects the formats before 2, naming the magic and the place', () => {
    const batch = buildBatch(records)
    const log = Buffer.concat([batch, batch])
    log.writeInt8(1, batch.length + layout.MAGIC)
    expect(() => forEachBatch(log, () => {})).toThrow(new RegExp(`byte ${batch.length} is corrupt: its magic is 1`))
  })
})
