import { beforeAll, describe, expect, it } from 'vitest'
import { crc32c } from '../../../src/base/crc32c.ts'
import { maxExpandedBytes, type ProduceRules, validateProducedRecords } from '../../../src/broker/record-validation.ts'
import { ErrorCode, KafkaError } from '../../../src/protocol/errors.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import {
  ATTRIBUTES,
  BATCH_LENGTH,
  BATCH_OVERHEAD,
  CRC,
  LOG_OVERHEAD,
} from '../../../src/protocol/records/batch-header.ts'
import {
  type CompressionType,
  compress,
  compressionId,
  ensureCodec,
} from '../../../src/protocol/records/compression.ts'

/** Not snappy: it never unfolds to more than 22 times its size. */
const TYPES: readonly CompressionType[] = ['gzip', 'lz4', 'zstd']
const MEGABYTE = 1 << 20
const NOW = 1_700_000_000_000

const rules = (changes: Partial<ProduceRules>): ProduceRules => ({
  partition: 't-0',
  maxMessageBytes: MEGABYTE,
  logAppendTime: false,
  timestampBeforeMaxMs: 2 ** 63,
  timestampAfterMaxMs: 3_600_000,
  compression: 'producer',
  compressionLevel: undefined,
  compacted: false,
  ...changes,
})

/** A batch with a right checksum whose records unfold to `sizeBytes` zeros. */
function bomb(type: CompressionType, sizeBytes: number): Buffer {
  const header = buildBatch([{ key: Buffer.from('k'), value: Buffer.from('v'), timestamp: NOW }]).subarray(
    0,
    BATCH_OVERHEAD,
  )
  const batch = Buffer.concat([header, compress(type, Buffer.alloc(sizeBytes))])
  batch.writeInt32BE(batch.length - LOG_OVERHEAD, BATCH_LENGTH)
  batch.writeInt16BE(compressionId(type), ATTRIBUTES)
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES)), CRC)
  return batch
}

describe('a decompression bomb', () => {
  beforeAll(() => Promise.all(TYPES.map(ensureCodec)))

  it.each(
    TYPES.flatMap((type) => [
      [type, 'a compacted topic', { compacted: true }] as const,
      [type, 'a topic of another compression', { compression: type === 'zstd' ? 'gzip' : 'zstd' } as const] as const,
    ]),
  )('of %s is refused by %s', (type, _topic, changes) => {
    const batch = bomb(type, 32 * MEGABYTE)
    // The limit of one record batch is never reached by the bytes sent; what they unfold to is 30 times too much.
    const limited = rules({ ...changes, maxMessageBytes: Math.max(batch.length, 10_000) })
    const allowed = maxExpandedBytes(limited.maxMessageBytes)
    expect(allowed).toBeLessThan(16 * MEGABYTE)
    let refusal: unknown
    try {
      validateProducedRecords(batch, 13, limited, NOW)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(KafkaError)
    expect((refusal as KafkaError).code).toBe(ErrorCode.INVALID_RECORD)
    expect((refusal as KafkaError).message).toContain(`more than the allowed ${allowed} bytes`)
  })

  it('is not unfolded where nobody has to look inside', () => {
    const batch = bomb('gzip', 32 * MEGABYTE)
    expect(validateProducedRecords(batch, 13, rules({ maxMessageBytes: batch.length }), NOW).records).toBe(batch)
  })

  it('is given no more memory because max.message.bytes is high', () => {
    expect(maxExpandedBytes(10_000)).toBe(1_000_000)
    expect(maxExpandedBytes(1_048_588)).toBe(104_858_800)
    expect(maxExpandedBytes(10 * MEGABYTE)).toBe(128 * MEGABYTE)
    expect(maxExpandedBytes(100 * MEGABYTE)).toBe(400 * MEGABYTE)
  })
})
