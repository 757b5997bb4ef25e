/** What is asked of Kafka's converters, transformations and predicates and of ours. */
import fc, { type Arbitrary } from 'fast-check'
import type { Case, RecordCase, SchemaCase, ValueCase } from './exchange.ts'
import { plugins, runCase } from './exchange.ts'
import { jsonPieces, readableTexts } from './texts.ts'
import { bareMaps, bareValues, schemaCases, structCases, valuesOf } from './values.ts'

const CONNECT = 'org.apache.kafka.connect'
const JSON_CONVERTER = `${CONNECT}.json.JsonConverter`
const SIMPLE_HEADERS = `${CONNECT}.storage.SimpleHeaderConverter`

interface Data {
  schema: SchemaCase | null
  value: ValueCase
}

const withSchema = (schemas: Arbitrary<SchemaCase>): Arbitrary<Data> =>
  schemas.chain((schema) => valuesOf(schema).map((value) => ({ schema, value })))
const bare = (values: Arbitrary<ValueCase>): Arbitrary<Data> => values.map((value) => ({ schema: null, value }))
const anyData = fc.oneof(
  { weight: 3, arbitrary: withSchema(schemaCases(2)) },
  { weight: 1, arbitrary: bare(bareValues) },
)

const jsonConfigs = fc.record(
  {
    'schemas.enable': fc.constantFrom('true', 'false'),
    'decimal.format': fc.constantFrom('BASE64', 'numeric'),
    'replace.null.with.default': fc.constantFrom('true', 'false'),
  },
  { requiredKeys: [] },
) as Arbitrary<Record<string, string>>

const jsonWrites: Arbitrary<Case> = fc
  .tuple(anyData, jsonConfigs)
  .map(([data, configs]) => ({ kind: 'write', plugin: JSON_CONVERTER, configs, ...data }))

/** What is written is read again, now and then with something in it changed. */
const jsonReads: Arbitrary<Case> = fc
  .tuple(jsonWrites, fc.option(fc.tuple(fc.nat(), fc.constantFrom('null', '1', '"x"', '{}', '[]', 'true', ''))))
  .map(([write, change]) => {
    const written = runCase(write)
    const text = written.startsWith('!') || written === 'null' ? '{}' : Buffer.from(written, 'base64').toString()
    const bytes = Buffer.from(change === null ? text : changed(text, change[0], change[1])).toString('base64')
    return { kind: 'read', plugin: JSON_CONVERTER, configs: write.configs, bytes }
  })

function changed(text: string, seed: number, insertion: string): string {
  const values = [...text.matchAll(/(?<=:)(?:"[^"\\]*"|-?[\d.]+|true|false|null)/g)]
  const match = values[seed % Math.max(1, values.length)]
  if (match === undefined) return insertion
  return text.slice(0, match.index) + insertion + text.slice(match.index + match[0].length)
}

const fixedSchemas = [
  {
    type: 'struct',
    fields: [
      { type: 'int8', field: 'a', optional: true },
      { type: 'string', field: 'b', default: 'x' },
    ],
  },
  { type: 'array', items: { type: 'double', optional: true } },
  { type: 'map', keys: { type: 'string' }, values: { type: 'int64', optional: true } },
  { type: 'map', keys: { type: 'int32' }, values: { type: 'boolean' } },
  { type: 'bytes', optional: true, name: `${CONNECT}.data.Decimal`, parameters: { scale: '2' } },
  { type: 'int64', name: `${CONNECT}.data.Timestamp`, version: 1.5 },
  { type: 'struct', fields: [], default: {} },
  { type: 'int32', default: null },
  { type: 'int32', optional: true, default: 'x', parameters: {} },
  { type: 'string', default: 5 },
  { type: 'array' },
  { type: 'map', keys: { type: 'string' } },
  { type: 'int128' },
  { fields: 5 },
  [],
]

/** JSON as people write it, broken too. */
const jsonTexts: Arbitrary<Case> = fc
  .tuple(
    fc.oneof(jsonPieces, fc.json()),
    fc.constantFrom('bare', 'schema', 'content'),
    fc.constantFrom(...fixedSchemas),
  )
  .map(([text, form, schema]) => {
    const configs: Record<string, string> = { 'schemas.enable': String(form !== 'bare') }
    if (form === 'content') configs['schema.content'] = JSON.stringify(schema)
    // What an empty message means by a schema is Jackson's secret.
    if (form === 'content' && text.trim() === '') return { kind: 'read', plugin: JSON_CONVERTER, configs, bytes: null }
    const given = form === 'schema' ? `{"schema":${JSON.stringify(schema)},"payload":${text}}` : text
    return { kind: 'read', plugin: JSON_CONVERTER, configs, bytes: Buffer.from(given).toString('base64') }
  })

const headerWrites: Arbitrary<Case> = fc
  .tuple(anyData, fc.constantFrom(SIMPLE_HEADERS, `${CONNECT}.storage.StringConverter`))
  .filter(
    ([{ schema, value }, plugin]) => plugin === SIMPLE_HEADERS || !JSON.stringify([schema, value]).includes('"bytes"'),
  )
  .map(([data, plugin]) => ({ kind: 'write-header', plugin, configs: { 'converter.type': 'header' }, ...data }))

const headerReads: Arbitrary<Case> = fc
  .oneof(
    readableTexts,
    headerWrites.map((write) => {
      const written = runCase(write)
      return written.startsWith('!') || written === 'null' ? '' : Buffer.from(written, 'base64').toString()
    }),
  )
  .map((text) => ({
    kind: 'read-header',
    plugin: SIMPLE_HEADERS,
    configs: {},
    bytes: Buffer.from(text).toString('base64'),
  }))

const NUMBERS = ['Short', 'Integer', 'Long', 'Float', 'Double', 'Boolean', 'ByteArray']
const plainConverters: Arbitrary<Case> = fc
  .tuple(fc.constantFrom(...NUMBERS), withSchema(schemaCases(0)), fc.uint8Array({ maxLength: 9 }), fc.boolean())
  .map(([name, data, bytes, reads]): Case => {
    const plugin = `${CONNECT}.converters.${name}Converter`
    if (reads) return { kind: 'read', plugin, configs: {}, bytes: Buffer.from(bytes).toString('base64') }
    return { kind: 'write', plugin, configs: {}, ...data }
  })

const structs = withSchema(
  structCases(1).chain((schema) => fc.constantFrom(schema, { ...schema, name: 'com.example.Order', version: 2 })),
)

const records = (data: Arbitrary<Data>): Arbitrary<RecordCase> =>
  fc
    .record({
      topic: fc.constantFrom('orders', 'test-topic.v1', 'a'),
      sink: fc.boolean(),
      partition: fc.option(fc.nat(9)),
      timestamp: fc.option(fc.nat(2_000_000_000).map((seconds) => String(seconds * 1000 + 7))),
      data,
      headers: fc.array(fc.tuple(fc.constantFrom('h', 'g'), withSchema(schemaCases(0))), { maxLength: 2 }),
    })
    .map(({ topic, sink, partition, timestamp, data: { schema, value }, headers }) => ({
      topic,
      partition: sink ? (partition ?? 0) : partition,
      ...(sink ? { offset: 42 } : {}),
      timestamp,
      keySchema: schema,
      key: value,
      valueSchema: schema,
      value,
      headers: headers.map(([key, header]): RecordCase['headers'][number] => [key, header.schema, header.value]),
    }))

const field = fc.constantFrom('a', 'b', 'c', 'x.y', 'Größe')
const fields = fc.uniqueArray(field, { minLength: 1, maxLength: 3 }).map((names) => names.join(','))
const flag = fc.constantFrom('true', 'false')
const type = fc.constantFrom('int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string')
const path = fc.oneof(field, fc.constantFrom('a.b', 'b.a', '`x.y`', '`x.y`.a', 'a.`x.y`', 'c.Größe', 'a..b', '`a'))

const spec = fc.oneof(
  fc.dictionary(field, type, { minKeys: 1, maxKeys: 3 }).map((casts) =>
    Object.entries(casts)
      .map((each) => each.join(':'))
      .join(','),
  ),
  type,
  fc.constantFrom('', 'a:b', 'a:int8:c', 'bytes', 'a:int8,int16'),
)

/** Configs of each transformation; those in the second list may be left out. */
const CONFIGS: Readonly<Record<string, [Record<string, Arbitrary<string>>, Record<string, Arbitrary<string>>]>> = {
  Cast: [{ spec }, { 'replace.null.with.default': flag }],
  ExtractField: [
    { field: path },
    { 'replace.null.with.default': flag, 'field.syntax.version': fc.constantFrom('V1', 'v2', 'V2') },
  ],
  Flatten: [{}, { delimiter: fc.constantFrom('_', '', '::') }],
  HeaderFrom: [
    {
      fields: fc.constantFrom('a', 'a,b'),
      headers: fc.constantFrom('h1', 'h1,h2'),
      operation: fc.constantFrom('move', 'copy'),
    },
    { 'replace.null.with.default': flag },
  ],
  HoistField: [{ field }, {}],
  InsertField: [
    {},
    {
      'topic.field': fc.constantFrom('t', 'topic!', 'a'),
      'partition.field': fc.constantFrom('p', 'p?', 'p!'),
      'offset.field': fc.constantFrom('o'),
      'timestamp.field': fc.constantFrom('ts', 'ts!'),
      'static.field': fc.constantFrom('s'),
      'static.value': fc.constantFrom('v', '5'),
      'replace.null.with.default': flag,
    },
  ],
  MaskField: [
    { fields: fc.oneof(fields, fc.constant('')) },
    { replacement: fc.constantFrom('x', '77', '-1.5e3', '', '1e30'), 'replace.null.with.default': flag },
  ],
  ReplaceField: [
    {},
    {
      exclude: fields,
      include: fields,
      renames: fc.constantFrom('a:z', 'a:b', 'b:c,c:b', 'a', 'a:b:c'),
      'replace.null.with.default': flag,
    },
  ],
  SetSchemaMetadata: [
    {},
    {
      'schema.name': fc.constantFrom('new', 'new.name'),
      'schema.version': fc.constantFrom('7', 'x'),
      'replace.null.with.default': flag,
    },
  ],
  TimestampConverter: [
    { 'target.type': fc.constantFrom('string', 'unix', 'Date', 'Time', 'Timestamp') },
    {
      field: fc.constantFrom('a', 'b', ''),
      format: fc.constantFrom(
        'yyyy-MM-dd',
        "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        'EEE, d MMM yyyy HH:mm:ss Z',
        'yyMMddhhmmssa',
        'bad',
      ),
      'unix.precision': fc.constantFrom('seconds', 'milliseconds', 'microseconds', 'nanoseconds'),
      'replace.null.with.default': flag,
    },
  ],
}

const SINGLE: typeof CONFIGS = {
  ValueToKey: [{ fields }, { 'replace.null.with.default': flag }],
  DropHeaders: [{ headers: fc.constantFrom('h', 'g,h', 'x', '') }, {}],
  InsertHeader: [{ header: fc.constantFrom('h', 'new'), 'value.literal': readableTexts }, {}],
  Filter: [{}, {}],
  RegexRouter: [
    {
      regex: fc.constantFrom('(.*)', '([a-z]+)-(.*)', 'o|orders', 'a', '(?<n>o)rders', '('),
      replacement: fc.constantFrom('new', '$1-x', 'x$2', `\${n}!`, '\\$1', '$0_$0'),
    },
    {},
  ],
  TimestampRouter: [
    {},
    {
      'topic.format': fc.constantFrom(`x-\${timestamp}`, `\${topic}/\${topic}`),
      'timestamp.format': fc.constantFrom("yyyy.MM.dd'x'", 'D-u-w-W-F', 'GG yy MMM EEEE kk KK hh a z Z XX'),
    },
  ],
}

const TIMES: Arbitrary<Data> = fc.oneof(
  withSchema(
    fc.constantFrom<SchemaCase>(
      { type: 'STRING' },
      { type: 'INT64', optional: true },
      { type: 'INT64', name: `${CONNECT}.data.Timestamp`, version: 1 },
      { type: 'INT32', name: `${CONNECT}.data.Date`, version: 1 },
      { type: 'INT32', name: `${CONNECT}.data.Time`, version: 1, optional: true },
      { type: 'INT8' },
    ),
  ).map((data): Data => (data.schema!.type === 'STRING' ? { ...data, value: ['string', '2021-03-04'] } : data)),
  bare(
    fc.constantFrom<ValueCase>(
      ['string', '2021-03-04'],
      ['string', '2021-13-41 and more'],
      ['string', '2021-03-04T05:06:07.089+02:00'],
      ['string', 'Thu, 4 Mar 2021 05:06:07 -0130'],
      ['string', '210304120000AM'],
      ['int64', '1614834367089'],
      ['int64', '-1'],
      ['float64', '1.5'],
    ),
  ),
)

/** A time alone, or as field a of a structure or a map. */
const timed: Arbitrary<Data> = fc.tuple(TIMES, fc.boolean()).map(([data, isField]) => {
  if (!isField) return data
  if (data.schema === null) return { schema: null, value: ['map', [[['string', 'a'], data.value]]] }
  return { schema: { type: 'STRUCT', fields: [['a', data.schema]] }, value: ['struct', [data.value]] }
})

function transforms(name: string, sides: readonly string[]): Arbitrary<Case> {
  const [required, optional] = (CONFIGS[name] ?? SINGLE[name])!
  const configs = fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) })
  const shaped = fc.oneof(structs, bare(bareMaps))
  const data =
    name === 'TimestampConverter'
      ? timed
      : fc.oneof({ weight: 5, arbitrary: shaped }, { weight: 1, arbitrary: anyData })
  return fc.tuple(configs, records(data), fc.constantFrom(...sides)).map(([given, record, side]) => ({
    kind: 'transform',
    plugin: `${CONNECT}.transforms.${name}${side}`,
    configs: given as Record<string, string>,
    record,
  }))
}

const predicates: Arbitrary<Case> = fc
  .tuple(
    fc.constantFrom<[string, Record<string, string>]>(
      ['HasHeaderKey', { name: 'h' }],
      ['HasHeaderKey', { name: '' }],
      ['RecordIsTombstone', {}],
      ['TopicNameMatches', { pattern: 'o.*' }],
      ['TopicNameMatches', { pattern: 'order' }],
      ['TopicNameMatches', { pattern: '' }],
    ),
    records(anyData),
  )
  .map(([[name, configs], record]) => ({
    kind: 'test',
    plugin: `${CONNECT}.transforms.predicates.${name}`,
    configs,
    record,
  }))

const FAMILIES: readonly Arbitrary<Case>[] = [
  ...[jsonWrites, jsonReads, jsonTexts, headerWrites, headerReads, plainConverters, predicates],
  ...Object.keys(CONFIGS).map((name) => transforms(name, ['$Key', '$Value'])),
  ...Object.keys(SINGLE).map((name) => transforms(name, [''])),
]

const classNames = [...new Set(plugins.map(({ className }) => className))]

/** @returns so many cases of each family, the same ones for the same seed, and the configs of all */
export const generateCases = (count: number, seed: number): Case[] => [
  ...classNames.map((plugin): Case => ({ kind: 'configs', plugin, configs: {} })),
  ...FAMILIES.flatMap((family) => fc.sample(family, { numRuns: count, seed })),
]
