import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../src/cli/joptsimple.ts'
import type { Output } from '../../src/cli/output.ts'
import { readFetched } from '../../src/client/consumer/fetched.ts'
import { BatchBuilder, type RecordInput } from '../../src/protocol/records/batch-builder.ts'
import { ByteSink } from '../../src/tools/console-consumer/byte-sink.ts'
import { JsonFormatter } from '../../src/tools/console-consumer/json-formatter.ts'
import { spec } from '../../src/tools/console-consumer/options.ts'
import { ownFormatter } from '../../src/tools/console-consumer/own-format.ts'
import { TemplateFormatter } from '../../src/tools/console-consumer/template-formatter.ts'

const full: RecordInput = {
  key: Buffer.from('k"1'),
  value: Buffer.from([0x63, 0x61, 0x66, 0xc3, 0xa9]),
  timestamp: 1_700_000_000_123,
  headers: [
    { key: 'a', value: Buffer.from('1') },
    { key: 'b', value: Buffer.from('') },
    { key: 'a', value: Buffer.from('2') },
    { key: 'n', value: null },
  ],
}
const empty: RecordInput = { key: null, value: null, timestamp: -1 }

const format = (template: string, records: readonly RecordInput[] = [full], deliveryCount?: number): Buffer => {
  const parts: Buffer[] = []
  const out = { write: (data: Buffer) => parts.push(Buffer.from(data)), closed: false } as unknown as Output
  const sink = new ByteSink(out)
  const formatter = new TemplateFormatter(template)
  records.forEach((record, i) => {
    const builder = new BatchBuilder({ compression: 'none' })
    builder.append(record)
    const offsets = {
      fetchOffset: i,
      nextOffset: i + 1,
      highWatermark: i + 1,
      lastStableOffset: i + 1,
      logStartOffset: 0,
    }
    const buffer = builder.finish({ baseOffset: i, partitionLeaderEpoch: 6 })
    readFetched(
      { topic: 'to', partition: 12, ...offsets, buffer, abortedTransactions: [] },
      { readCommitted: false, checkCrcs: true },
      (cursor) =>
        formatter.write(cursor, { topic: 'to', partition: 12, timestampType: 'CreateTime', deliveryCount }, sink),
    )
  })
  sink.flush()
  return Buffer.concat(parts)
}

describe('--format', () => {
  // What kcat 1.7.1 prints for the same records and template.
  it.each([
    ['[%t|%p|%o|%k|%K|%s|%S|%T|%%]\\n', '[to|12|0|k"1|3|café|5|1700000000123|%]\n'],
    ['%h', 'a=1,b=,a=2,n=NULL'],
    ['A\\x4a|\\065|\\65|\\q|\\\\n|\\"|\\%k|\\', 'AJ|5|A|q|\\n|"|\\k"1|\\'],
    ['\\t\\r\\n', '\t\r\n'],
    ['no token', 'no token'],
  ])('%j is as in kcat', (template, expected) => {
    expect(format(template).toString()).toBe(expected)
  })

  it('shows nulls as nothing, with -1 for a length, as kcat', () => {
    expect(format('[%k|%K|%s|%S|%h|%T|%o]', [full, empty]).toString()).toBe(
      '[k"1|3|café|5|a=1,b=,a=2,n=NULL|1700000000123|0][|-1||-1||-1|1]',
    )
    expect(format('%R', [full, empty])).toEqual(Buffer.from([0, 0, 0, 5, 255, 255, 255, 255]))
  })

  it.each([
    ['%{topic} %{partition} %{offset} %{leaderEpoch} %{timestampType}', 'to 12 0 6 CreateTime'],
    ['%{timestamp} %{timestamp:iso}', '1700000000123 2023-11-14T22:13:20.123Z'],
    ['%{key}|%{key:json}|%{key:hex}|%{key:base64}|%{key:length}', 'k"1|"k\\"1"|6b2231|ayIx|3'],
    ['%{value}|%{value:json}|%{value:hex}|%{value:base64}|%{value:length}', 'café|"café"|636166c3a9|Y2Fmw6k=|5'],
    ['%{headers}|%{headers:count}|%{header:a}|%{header:b}|%{header:n}|%{header:no}', 'a=1,b=,a=2,n=NULL|4|2|||'],
    [
      '%{headers:json}',
      '[{"key":"a","value":"1"},{"key":"b","value":""},{"key":"a","value":"2"},{"key":"n","value":null}]',
    ],
    ['[%{deliveryCount}]', '[]'],
  ])('%s', (template, expected) => {
    expect(format(template).toString()).toBe(expected)
  })

  it('has words for what is not there', () => {
    expect(
      format('%{key:json} %{value:hex} %{value:base64} %{timestamp:iso} %{headers:json}', [empty]).toString(),
    ).toBe('null   -1 []')
    expect(format('%{deliveryCount}', [empty], 3).toString()).toBe('3')
  })

  it('can show the JSON line among other things', () => {
    const line = format('%{json}', [empty]).toString()
    expect(JSON.parse(line)).toMatchObject({ topic: 'to', key: null, value: null, headers: [] })
    expect(format('%p %{json}%{json}!', [empty]).toString()).toBe(`12 ${line}${line}!`)
  })

  it('keeps bytes that are no text', () => {
    const binary = Buffer.from([0, 255, 128, 10])
    expect(format('%s\\xff\\0', [{ ...empty, value: binary }])).toEqual(Buffer.concat([binary, Buffer.from([255, 0])]))
    expect(format('\\x4aCC').toString()).toBe('JCC')
  })

  it.each([
    ['x %z', 'unknown token %z at character 3 of the format "x %z". Known: %t'],
    ['%', 'a % without a letter at character 1'],
    ['%t%{foo}', 'unknown token %{foo} at character 3'],
    ['%{constructor}', 'unknown token %{constructor} at character 1'],
    ['%{value', '%{ without a closing } at character 1'],
    ['%{header:}', 'unknown token %{header:}'],
    ['a\\xzz', '\\x without hexadecimal digits at character 2'],
    ['\\256', '\\256 is no byte at character 1'],
    ['%😀', 'unknown token %😀'],
  ])('%j is refused with its place', (template, message) => {
    expect(() => format(template)).toThrow(message)
  })
})

describe('options of formats', () => {
  const chosen = (...args: string[]): ReturnType<typeof ownFormatter> => ownFormatter(spec, parseOptions(spec, args))

  it('leave the choice to --formatter unless they are given', async () => {
    expect(await chosen('--topic', 't')).toBeUndefined()
    expect(await chosen('--output', 'lines', '--formatter-property', 'print.key=true')).toBeUndefined()
    for (const args of [
      ['--output', 'json'],
      ['--format', 'json'],
      ['-f', 'json'],
    ]) {
      expect(await chosen(...args)).toBeInstanceOf(JsonFormatter)
    }
    for (const args of [['--format', '%s'], ['-f', '%s'], ['-f%s']]) {
      expect(await chosen(...args)).toBeInstanceOf(TemplateFormatter)
    }
  })

  it.each([
    [['--output', 'yaml'], "--output is json or lines, not 'yaml'"],
    [['-f', '%x'], '-f: unknown token %x at character 1'],
    [['--format', '%s', '--output', 'json'], 'Options --format and --output cannot be specified together.'],
    [['-f', '%s', '--format', '%s'], 'Options -f and --format cannot be specified together.'],
    [['-f', '%s', '--formatter-property', 'print.key=true'], 'Options -f and --formatter-property cannot'],
    [['--output', 'json', '--value-deserializer', 'x'], 'Options --output and --value-deserializer cannot'],
  ])('%j are refused', async (args, message) => {
    await expect(chosen(...args)).rejects.toThrow(message)
  })
})
