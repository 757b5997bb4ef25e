import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConnectValue, Schema } from '../../../src/connect/api/data.ts'
import type { Converter } from '../../../src/connect/api/plugin.ts'
import { jsonText, readJson } from '../../../src/connect/converters/json-text.ts'
import { converterPlugins } from '../../../src/connect/converters/plugins.ts'
import { Decimal } from '../../../src/connect/data/decimal.ts'
import { sameSchema, sameValue } from '../../../src/connect/data/equality.ts'
import { decimalSchema, TIMESTAMP_SCHEMA } from '../../../src/connect/data/logical.ts'
import * as schemas from '../../../src/connect/data/schema.ts'
import { Struct } from '../../../src/connect/data/struct.ts'
import { structSchema } from '../../../src/connect/data/struct-builder.ts'
import { schemaFrom, valueFrom } from '../java/exchange.ts'
import { schemaCases, valuesOf } from '../java/values.ts'

function json(props: Record<string, string> = {}): Converter {
  const plugin = converterPlugins.find(
    ({ type, className }) => type === 'converter' && className.endsWith('.JsonConverter'),
  )
  const made = plugin!.make() as Converter
  made.configure(props, false)
  return made
}

const bare = json({ 'schemas.enable': 'false' })
const write = (made: Converter, schema: Schema | null, value: ConnectValue) =>
  made.fromConnectData('t', [], schema, value)?.toString() ?? null
const read = (made: Converter, text: string | null) =>
  made.toConnectData('t', [], text === null ? null : Buffer.from(text))

const order = structSchema(
  {
    id: schemas.INT64_SCHEMA,
    price: decimalSchema(2),
    at: TIMESTAMP_SCHEMA,
    note: schemas.schemaOf('STRING', { optional: true, defaultValue: 'none' }),
  },
  { name: 'com.example.Order', version: 1 },
)
const example = new Struct(order)
  .put('id', 9007199254740993n)
  .put('price', new Decimal(1999n, 2))
  .put('at', new Date(1_600_000_000_000))

describe('JsonConverter', () => {
  it('writes schema and payload', () => {
    expect(write(json(), order, example)).toBe(
      '{"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"},' +
        '{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"},"field":"price"},' +
        '{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"at"},' +
        '{"type":"string","optional":true,"default":"none","field":"note"}],"optional":false,"name":"com.example.Order","version":1},' +
        '"payload":{"id":9007199254740993,"price":"B88=","at":1600000000000,"note":"none"}}',
    )
  })

  it('writes the payload alone, decimals as numbers and no defaults if told so', () => {
    const made = json({
      'schemas.enable': 'false',
      'decimal.format': 'numeric',
      'replace.null.with.default': 'false',
    })
    expect(write(made, order, example)).toBe('{"id":9007199254740993,"price":19.99,"at":1600000000000,"note":null}')
  })

  it('keeps every digit of whole numbers', () => {
    const { value } = read(bare, '{"big":9007199254740993,"max":9223372036854775807,"half":0.5}')
    expect(value).toEqual(
      new Map<string, unknown>([
        ['big', 9007199254740993n],
        ['max', 9223372036854775807n],
        ['half', 0.5],
      ]),
    )
    expect(write(bare, null, value)).toBe('{"big":9007199254740993,"max":9223372036854775807,"half":0.5}')
  })

  it('takes tombstones for what they are', () => {
    expect(read(json(), null)).toEqual({ schema: null, value: null })
    expect(write(json(), null, null)).toBeNull()
    expect(write(bare, schemas.OPTIONAL_STRING_SCHEMA, null)).toBe('null')
  })

  it('reads by a schema of its own', () => {
    const made = json({ 'schema.content': '{"type":"struct","fields":[{"type":"int8","field":"a"}]}' })
    const { schema, value } = read(made, '{"a":5,"b":6}')
    expect(sameSchema(schema!, structSchema({ a: schemas.INT8_SCHEMA }))).toBe(true)
    expect((value as Struct).get('a')).toBe(5)
  })

  it.each([
    ['{"a":1}', 'JsonConverter with schemas.enable requires "schema" and "payload" fields'],
    ['nonsense', 'Converting byte[] to Kafka Connect data failed due to serialization error: '],
    ['{"schema":{"type":"int9"},"payload":1}', 'Unknown schema type: int9'],
    ['{"schema":{"type":"int8"},"payload":null}', 'Invalid null value for required INT8 field'],
    ['{"schema":{"type":"int8","default":300},"payload":null}', null],
    [`{"schema":null,"payload":${'['.repeat(2000)}}`, 'serialization error'],
    [`{"schema":null,"payload":${'9'.repeat(2000)}}`, 'serialization error'],
  ])('%.60s', (text, message) => {
    if (message === null) expect(read(json(), text).value).toBe(44)
    else expect(() => read(json(), text)).toThrow(message)
  })

  it('refuses values of other schemas', () => {
    expect(() => write(bare, schemas.INT32_SCHEMA, 'a')).toThrow('Invalid type for INT32: class java.lang.String')
    expect(() => write(bare, schemas.INT32_SCHEMA, null)).toThrow('null value for field that is required')
    expect(() => write(bare, decimalSchema(1), new Decimal(1n, 2))).toThrow('Schema has scale 1, value has scale 2.')
  })

  it('reads what it wrote', () => {
    const made = json()
    const data = schemaCases(2).chain((schema) => valuesOf(schema).map((value) => ({ schema, value })))
    fc.assert(
      fc.property(data, ({ schema: schemaCase, value: valueCase }) => {
        const schema = schemaFrom(schemaCase)!
        const value = valueFrom(schema, valueCase)
        const text = write(made, schema, value)!
        // Infinite and no numbers are texts in JSON, which no reader takes for numbers; minus zero loses its sign.
        fc.pre(!/"(-?Infinity|NaN)"|-0\.0/.test(text))
        const again = read(made, text)
        expect(write(made, again.schema, again.value)).toBe(text)
        // Defaults take the places of nulls.
        if (text.includes('"default":')) return
        expect(sameSchema(again.schema!, schema)).toBe(true)
        expect(sameValue(again.value, value)).toBe(true)
      }),
    )
  })

  it('remembers so many schemas and no more', () => {
    const made = json({ 'schemas.cache.size': '2' })
    const texts = [1, 2, 3, 1].map((version) => write(made, schemas.schemaOf('INT8', { version }), 1))
    expect(texts[3]).toBe(texts[0])
    expect(texts[2]).toBe('{"schema":{"type":"int8","optional":false,"version":3},"payload":1}')
    const readers = texts.map((text) => read(made, text).schema?.version)
    expect(readers).toEqual([1, 2, 3, 1])
  })
})

describe('JSON text', () => {
  it('means what JSON.parse takes it for', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        const node = readJson(text)
        expect(JSON.parse(jsonText(node!))).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each(['{', '[1', '[1,]', '{"a"}', "'a'", '+1', '.5', '1.', 'tru', '"open', '"\u0001"', '"\\x"', '1x', '--1'])(
    'refuses %s',
    (text) => {
      expect(() => readJson(text)).toThrow(SyntaxError)
    },
  )
})

describe('messages that begin like the one before', () => {
  const start = '{"schema":{"type":"int64","optional":true},"payload":'
  it.each([
    [`${start}2}`, 2n],
    [`${start}2} trailing`, 2n],
    [`${start}null}`, null],
    [`${start}1,"payload":3}`, 3n],
    ['{"payload":4,"schema":{"type":"int64","optional":true}}', 4n],
    ['{"schema":{"type":"string"},"payload":"text"}', 'text'],
  ])('%s', (text, value) => {
    const made = json()
    for (let i = 0; i < 2; i++) {
      read(made, `${start}1}`)
      expect(read(made, text).value).toBe(value)
    }
  })

  it.each([`${start}1,"more":3}`, `${start}1`, `${start}1,}`, start])('refuses %s', (text) => {
    const made = json()
    read(made, `${start}1}`)
    expect(() => read(made, text)).toThrow(/JsonConverter with schemas.enable|serialization error/)
  })
})
