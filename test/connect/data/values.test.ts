import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../../src/connect/data/decimal.ts'
import * as schemas from '../../../src/connect/data/schema.ts'
import { Struct } from '../../../src/connect/data/struct.ts'
import { structSchema } from '../../../src/connect/data/struct-builder.ts'
import { javaText, valueText } from '../../../src/connect/data/text.ts'
import { parseValue } from '../../../src/connect/data/value-parser.ts'

const typeOf = (text: string): string => {
  const { schema } = parseValue(text)
  const element = (each: typeof schema): string => (each === null ? '?' : each.type)
  if (schema?.type === 'ARRAY') return `[${element(schema.valueSchema)}]`
  if (schema?.type === 'MAP') return `{${element(schema.keySchema)}:${element(schema.valueSchema)}}`
  return element(schema)
}

describe('what a text means', () => {
  it.each([
    ['', 'STRING', ''],
    ['null', '?', null],
    ['true', 'BOOLEAN', true],
    ['truer', 'STRING', 'truer'],
    ['5', 'INT8', 5],
    ['-129', 'INT16', -129],
    ['32768', 'INT32', 32768],
    ['9223372036854775807', 'INT64', 9223372036854775807n],
    ['9223372036854775808', 'BYTES', new Decimal(9223372036854775808n, 0)],
    ['1e3', 'INT16', 1000],
    ['1.0', 'INT8', 1],
    ['1.5', 'FLOAT32', 1.5],
    ['1.5e300', 'FLOAT64', 1.5e300],
    ['2019-08-23', 'INT32', new Date(2019, 7, 23)],
    ['2019-08-23T14:34:54.346Z', 'INT64', new Date(2019, 7, 23, 14, 34, 54, 346)],
    ['14:34:54.346Z', 'INT32', new Date(1970, 0, 1, 14, 34, 54, 346)],
    ['[1, 2, 300]', '[INT16]', [1, 2, 300]],
    ['[1, 5000000000]', '[INT64]', [1n, 5000000000n]],
    ['[]', '[?]', []],
    ['[1, "a"]', '[?]', [1n, 'a']],
    ['[1, null]', 'STRING', '[1, null]'],
    ['[1,', 'STRING', '[1,'],
    [
      '{"a": 1, "b": 2.5}',
      '{STRING:FLOAT32}',
      new Map([
        ['a', 1],
        ['b', 2.5],
      ]),
    ],
    ['{"a": null}', '{STRING:?}', new Map([['a', null]])],
    ['{1 2}', 'STRING', '{1 2}'],
    ['some "quoted" text', 'STRING', 'some "quoted" text'],
  ] as const)('%s', (text, type, value) => {
    expect(typeOf(text)).toBe(type)
    expect(parseValue(text).value).toEqual(value)
  })

  it('is the text that was written, for texts inside lists that need no backslash and look like nothing else', () => {
    const word = fc
      .string({ unit: 'grapheme-ascii' })
      .filter((text) => !/["\\:,[\]{}]/.test(text) && text.trim() !== '')
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const schema = schemas.arraySchema(schemas.STRING_SCHEMA)
        expect(parseValue(valueText(schema, words)!)).toEqual({ schema, value: words })
      }),
    )
  })

  it('is the integer that was written', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
        expect(BigInt(parseValue(String(value)).value as number | bigint)).toBe(value)
      }),
    )
  })

  it('never fails', () => {
    const texts = fc.string({
      unit: fc.constantFrom('[', ']', '{', '}', '"', ',', ':', '\\', ' ', '1', '-', 'a', '.', 'e'),
    })
    fc.assert(fc.property(texts, (text) => parseValue(text) !== undefined))
    expect(parseValue('['.repeat(100_000)).value).toBe('['.repeat(100_000))
  })
})

describe('texts of values', () => {
  const schema = structSchema({
    id: schemas.INT32_SCHEMA,
    ratio: schemas.FLOAT32_SCHEMA,
    tag: schemas.OPTIONAL_STRING_SCHEMA,
  })
  const struct = new Struct(schema).put('id', 1).put('ratio', Math.fround(0.1))

  it("are Java's for people", () => {
    expect(javaText(schema, struct)).toBe('Struct{id=1,ratio=0.1}')
    expect(javaText(null, [1n, 1, 1e7, 'a', null])).toBe('[1, 1.0, 1.0E7, a, null]')
    expect(javaText(null, new Map([['a', true]]))).toBe('{a=true}')
    expect(javaText(null, new Decimal(-150n, 2))).toBe('-1.50')
  })

  it('can be read back', () => {
    expect(valueText(schema, struct)).toBe('{"id":1,"ratio":0.1,"tag":null}')
    expect(valueText(null, new Map([['a "b"', Buffer.from([1, 2])]]))).toBe('{"a \\"b\\"":"AQI="}')
    expect(valueText(null, Buffer.from([1, 2]))).toBe('AQI=')
    expect(valueText(null, new Date(2020, 1, 2, 3, 4, 5, 6))).toBe('2020-02-02T03:04:05.006Z')
  })
})

describe('Decimal', () => {
  it.each(['0', '1.50', '-0.001', '1E+3', '1.2E-10', '0.0000001', '123456789012345678901234567890.12'])(
    '%s',
    (text) => {
      const parsed = Decimal.parse(text)!
      expect(Decimal.parse(parsed.toString())).toEqual(parsed)
      expect(Decimal.fromBytes(parsed.unscaledBytes(), parsed.scale)).toEqual(parsed)
    },
  )

  it('takes as few bytes as hold it', () => {
    const bytes = [0n, 127n, 128n, -128n, -129n, 255n, 256n].map((n) =>
      new Decimal(n, 0).unscaledBytes().toString('hex'),
    )
    expect(bytes).toEqual(['00', '7f', '0080', '80', 'ff7f', '00ff', '0100'])
  })
})
