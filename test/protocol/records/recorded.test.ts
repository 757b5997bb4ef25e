import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  batchCompression,
  ensureBatchCodecs,
  forEachBatch,
  validateBatch,
} from '../../../src/protocol/records/batch-reader.ts'
import { type DecodedRecord, readRecords } from '../../../src/protocol/records/record-cursor.ts'

/** Segments of a Kafka 4.3.0 broker, as kafka-console-producer.sh (java-*) and kcat with headers (kcat-*) filled them. */
const FIXTURES = new URL('./fixtures/', import.meta.url)

const names = readdirSync(FIXTURES).filter((name) => name.endsWith('.hex'))

describe('recorded segments', () => {
  it('are there for every codec of Java', () => {
    expect(names).toEqual(expect.arrayContaining(['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((c) => `java-${c}.hex`)))
  })

  it.each(names)('%s is read to its end', async (name) => {
    const segment = Buffer.from(readFileSync(new URL(name, FIXTURES), 'latin1').replaceAll('\n', ''), 'hex')
    await ensureBatchCodecs(segment)
    expect(ensureBatchCodecs(segment)).toBeUndefined()
    const records: DecodedRecord[] = []
    const types = new Set<string>()
    const end = forEachBatch(segment, (header) => {
      validateBatch(segment, header)
      types.add(batchCompression(header))
      records.push(...readRecords(segment, header))
    })
    expect(end).toBe(segment.length)
    expect([...types]).toEqual([name.replace(/^.*-|\.hex$/g, '')])
    expect(records.map(({ offset, key, value }) => `${offset} ${key}:${value}`)).toEqual(
      Array.from({ length: 12 }, (_, i) => `${i} key${i}:value number ${i} ${'abcdefgh'.repeat(6)}`),
    )
    const headers = name.startsWith('kcat')
      ? [
          { key: 'trace', value: Buffer.from('abc') },
          { key: 'empty', value: null },
        ]
      : []
    for (const record of records) expect(record.headers).toEqual(headers)
  })
})
