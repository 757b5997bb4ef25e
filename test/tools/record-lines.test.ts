import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordSchemas } from '../../scripts/record-schema.ts'
import { readFetched } from '../../src/client/consumer/fetched.ts'
import { BatchBuilder, type RecordInput } from '../../src/protocol/records/batch-builder.ts'
import { ByteSink } from '../../src/tools/console-consumer/byte-sink.ts'
import type { RecordOrigin } from '../../src/tools/console-consumer/formatter.ts'
import { JsonFormatter } from '../../src/tools/console-consumer/json-formatter.ts'
import { JsonRecordError, readJsonRecord } from '../../src/tools/console-producer/json-record.ts'
import { inputLine, recordLine } from '../../src/tools/shared/record-schema.ts'
import { MemoryOutput } from '../cli/memory-io.ts'

interface Given {
  key: Buffer | null
  value: Buffer | null
  headers: { key: Buffer; value: Buffer | null }[]
  timestamp: number
}

/** Bytes as they come: text of all kinds, JSON, text with one byte broken, anything; short, or across many words and pieces. */
const someBytes = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
    fc.json({ maxDepth: 2 }).map((text) => Buffer.from(text)),
    fc
      .constantFrom('', '"', '\\', '\0', '\u001f', '\u007f', '\u2028\u2029', '😀', 'null', '{"base64":"AA=="}')
      .map(Buffer.from),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), fc.nat(), fc.nat({ max: 255 }))
      .map(([text, at, byte]) => {
        const broken = Buffer.from(text)
        broken[at % broken.length] = byte
        return broken
      }),
  )
  .chain((bytes) =>
    fc
      .oneof({ weight: 20, arbitrary: fc.constant(1) }, fc.constantFrom(7, 500, 3000))
      .map((times) => Buffer.concat(Array.from({ length: times }, () => bytes))),
  )
const nullable = fc.option(someBytes, { freq: 5 })

const record: fc.Arbitrary<Given> = fc.record({
  key: nullable,
  value: nullable,
  headers: fc.array(fc.record({ key: someBytes, value: nullable }), { maxLength: 3 }),
  timestamp: fc.oneof(
    fc.constantFrom(-1, 0, 9, 10, 999_999_999, 1e9, 1e15, 2 ** 52),
    fc.nat({ max: 2_000_000_000_000 }),
  ),
})

/** The lines of records in one batch each, so that each has its own timestamp to the last bit. */
const linesOf = (records: readonly Given[], origin: Partial<RecordOrigin> = {}, offset = 0): string[] => {
  const out = new MemoryOutput()
  const sink = new ByteSink(out)
  const formatter = new JsonFormatter()
  const full: RecordOrigin = { topic: 't', partition: 3, timestampType: 'CreateTime', ...origin }
  records.forEach((given, i) => {
    const builder = new BatchBuilder({ maxBytes: 1, compression: 'none' })
    builder.append(given as RecordInput)
    const buffer = builder.finish({ baseOffset: offset + i, partitionLeaderEpoch: 4 })
    const fetched = {
      topic: full.topic,
      partition: full.partition,
      fetchOffset: offset + i,
      nextOffset: offset + i + 1,
      highWatermark: offset + i + 1,
      lastStableOffset: offset + i + 1,
      logStartOffset: 0,
      buffer,
      abortedTransactions: [],
    }
    readFetched(fetched, { readCommitted: false, checkCrcs: true }, (cursor) => formatter.write(cursor, full, sink))
  })
  sink.flush()
  const text = out.text
  expect(text.endsWith('\n') || records.length === 0).toBe(true)
  return text.split('\n').slice(0, -1)
}

const read = (line: string): ReturnType<typeof readJsonRecord> => {
  const bytes = Buffer.from(line)
  return readJsonRecord(bytes, 0, bytes.length)
}

/** Large buffers are compared faster like this. */
const asText = ({ key, value, headers }: Pick<ReturnType<typeof read>, 'key' | 'value' | 'headers'>): unknown => [
  key?.toString('hex'),
  value?.toString('hex'),
  headers?.map((header) => [header.key.toString('hex'), header.value?.toString('hex')]) ?? [],
]

describe('a record as a JSON line', () => {
  it('is the same record when it is read again', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), (records) => {
        const lines = linesOf(records)
        expect(lines).toHaveLength(records.length)
        const again = lines.map(read)
        expect(again).toMatchObject(records.map(({ timestamp }) => ({ topic: 't', partition: 3, timestamp })))
        expect(again.map(asText)).toEqual(records.map(asText))
      }),
      { numRuns: 400 },
    )
  })

  it('is what its schema says, and what JSON.stringify would write', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), fc.nat({ max: 2 ** 40 }), (records, offset) => {
        for (const [i, line] of linesOf(records, {}, offset).entries()) {
          const object = recordLine.parse(JSON.parse(line))
          expect(object).toMatchObject({ topic: 't', offset: offset + i, timestampType: 'CreateTime', leaderEpoch: 4 })
          expect(JSON.stringify(JSON.parse(line))).toBe(line)
          expect(inputLine.safeParse(object).success).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('has exact numbers up to 2^53, whatever came before', () => {
    const plain = { key: null, value: null, headers: [] }
    const edges = [9, 10, 11, 99_999_999, 1e8, 999_999_999, 1e9, 1e9 + 1, 999_999_999_999, 2 ** 53 - 1, 1, -1, 5]
    const lines = linesOf(edges.map((timestamp) => ({ ...plain, timestamp })))
    expect(lines.map((line) => (JSON.parse(line) as { timestamp: number }).timestamp)).toEqual(edges)
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (offset, timestamp) => {
        const [line] = linesOf([{ ...plain, timestamp }], {}, offset)
        expect(line).toContain(`"offset":${offset},"timestamp":${timestamp},`)
      }),
    )
  })

  it('tells how often a share group handed it out', () => {
    const [line] = linesOf([{ key: null, value: Buffer.from('v'), headers: [], timestamp: 7 }], { deliveryCount: 2 })
    expect(line).toBe(
      '{"topic":"t","partition":3,"offset":0,"timestamp":7,"timestampType":"CreateTime","leaderEpoch":4,"deliveryCount":2,' +
        '"key":null,"value":"v","headers":[]}',
    )
    expect(recordLine.safeParse(JSON.parse(line!)).success).toBe(true)
  })
})

describe('reading a JSON line', () => {
  it('takes what a person types', () => {
    expect(read('{"value":"v"}')).toEqual({
      topic: undefined,
      partition: undefined,
      timestamp: undefined,
      key: null,
      value: Buffer.from('v'),
      headers: null,
    })
    expect(read(' { "value" : null , "headers" : [ ] } ').value).toBeNull()
  })

  it.each([
    ['plain text', 'it is not JSON'],
    ['{"value":"cut of', 'it is not JSON'],
    ['"v"', 'it is no JSON object'],
    ['{}', 'it has no "value"'],
    ['{"value":"v","colour":"red"}', 'unknown field "colour"; known are topic'],
    ['{"value":"v","__proto__":1}', 'unknown field "__proto__"'],
    ['{"value":7}', 'value is a string, null or {"base64": "…"}, not 7'],
    ['{"value":{"id":7}}', 'JSON inside a record is written as a string'],
    ['{"value":{"base64":"A"}}', 'value.base64 is not base64'],
    ['{"value":{"base64":"AA==","x":1}}', 'value is a string'],
    ['{"value":"\\ud800"}', 'value has half of a surrogate pair'],
    ['{"value":"v","key":["k"]}', 'key is a string'],
    ['{"value":"v","partition":"1"}', 'partition is a whole number from 0 to 2147483647, not "1"'],
    ['{"value":"v","partition":null}', 'partition is a whole number'],
    ['{"value":"v","timestamp":1.5}', 'timestamp is a whole number'],
    ['{"value":"v","timestamp":9007199254740993}', 'timestamp is a whole number from -1 to 9007199254740991'],
    ['{"value":"v","topic":""}', 'topic is a name'],
    ['{"value":"v","headers":{"a":"b"}}', 'headers is a list'],
    ['{"value":"v","headers":[["a","b"]]}', 'headers[0] is {"key": …, "value": …}'],
    ['{"value":"v","headers":[{"key":"a"}]}', 'headers[0] has no "value"'],
    ['{"value":"v","headers":[{"key":null,"value":"b"}]}', 'headers[0].key is null'],
    ['{"value":"v","headers":[{"key":"a","value":"b","c":1}]}', 'headers[0] has a field "c"'],
  ])('refuses %s', (line, message) => {
    expect(() => read(line)).toThrow(JsonRecordError)
    expect(() => read(line)).toThrow(message)
    const parsed = /not JSON/.test(message) ? undefined : (JSON.parse(line) as unknown)
    // Half of a pair is nothing JSON Schema has a word for.
    if (!message.includes('surrogate')) expect(inputLine.safeParse(parsed).success).toBe(false)
  })

  it('refuses bytes that are no UTF-8, which a string would lose', () => {
    const line = Buffer.from('{"value":"\xff"}', 'latin1')
    expect(() => readJsonRecord(line, 0, line.length)).toThrow('it is not UTF-8')
  })
})

describe('the published schemas', () => {
  it.each([...recordSchemas()])('%s is up to date (npm run record-schema)', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})
