import { describe, expect, it } from 'vitest'
import type { ConnectValue, Schema } from '../../../src/connect/api/data.ts'
import type { ConnectRecord } from '../../../src/connect/api/record.ts'
import { TIMESTAMP_SCHEMA } from '../../../src/connect/data/logical.ts'
import * as schemas from '../../../src/connect/data/schema.ts'
import { Struct } from '../../../src/connect/data/struct.ts'
import { structSchema } from '../../../src/connect/data/struct-builder.ts'
import { javaText } from '../../../src/connect/data/text.ts'
import { predicatePlugins } from '../../../src/connect/predicates/plugins.ts'
import { stepsOf } from '../../../src/connect/transforms/field-path.ts'
import { transformationPlugins } from '../../../src/connect/transforms/plugins.ts'

function transformation(name: string, props: Record<string, string> = {}) {
  const plugin = transformationPlugins.find(
    ({ className }) => className === `org.apache.kafka.connect.transforms.${name}`,
  )
  const made = plugin!.make()
  made.configure(props)
  return made
}

function record(valueSchema: Schema | null, value: ConnectValue, rest: Partial<ConnectRecord> = {}): ConnectRecord {
  const key = { keySchema: null, key: null }
  return {
    topic: 'orders',
    kafkaPartition: 3,
    ...key,
    valueSchema,
    value,
    timestamp: 1_600_000_000_000,
    headers: [],
    ...rest,
  }
}

const address = structSchema({ city: schemas.STRING_SCHEMA, zip: schemas.OPTIONAL_STRING_SCHEMA })
const person = structSchema({ name: schemas.STRING_SCHEMA, age: schemas.INT32_SCHEMA, address }, { name: 'Person' })
const ada = new Struct(person)
  .put('name', 'Ada')
  .put('age', 36)
  .put('address', new Struct(address).put('city', 'London'))

/** What becomes of Ada, as text. */
function transformed(name: string, props: Record<string, string> = {}): string {
  const after = transformation(name, props).apply(record(person, ada))!
  return `${after.topic} ${javaText(after.keySchema, after.key)} ${javaText(after.valueSchema, after.value)}`
}

describe('transformations of structures', () => {
  const whole = 'Struct{name=Ada,age=36,address=Struct{city=London}}'
  it.each([
    [
      'Cast$Value',
      { spec: 'age:string,name:boolean' },
      'orders null Struct{name=false,age=36,address=Struct{city=London}}',
    ],
    ['ExtractField$Value', { field: 'age' }, 'orders null 36'],
    ['ExtractField$Value', { field: 'address.city', 'field.syntax.version': 'V2' }, 'orders null London'],
    ['Flatten$Value', { delimiter: '_' }, 'orders null Struct{name=Ada,age=36,address_city=London}'],
    ['HoistField$Value', { field: 'person' }, `orders null Struct{person=${whole}}`],
    [
      'InsertField$Value',
      { 'topic.field': 't', 'static.field': 's', 'static.value': 'x' },
      `orders null ${whole.slice(0, -1)},t=orders,s=x}`,
    ],
    ['MaskField$Value', { fields: 'name,age' }, 'orders null Struct{name=,age=0,address=Struct{city=London}}'],
    [
      'MaskField$Value',
      { fields: 'age', replacement: '7' },
      'orders null Struct{name=Ada,age=7,address=Struct{city=London}}',
    ],
    ['RegexRouter', { regex: '(.)(.*)', replacement: '$2-$1' }, `rders-o null ${whole}`],
    ['ReplaceField$Value', { exclude: 'address', renames: 'name:who' }, 'orders null Struct{who=Ada,age=36}'],
    ['ReplaceField$Value', { include: 'age' }, 'orders null Struct{age=36}'],
    ['TimestampRouter', {}, `orders-20200913 null ${whole}`],
    ['ValueToKey', { fields: 'age,name' }, `orders Struct{age=36,name=Ada} ${whole}`],
  ])('%s %o', (name, props, expected) => {
    expect(transformed(name, props as Record<string, string>)).toBe(expected)
  })

  it('SetSchemaMetadata gives the structure its new schema', () => {
    const after = transformation('SetSchemaMetadata$Value', { 'schema.name': 'Human', 'schema.version': '2' }).apply(
      record(person, ada),
    )!
    expect([after.valueSchema?.name, after.valueSchema?.version]).toEqual(['Human', 2])
    expect((after.value as Struct).schema).toBe(after.valueSchema)
  })

  it('a schema seen before is not worked out again', () => {
    const flatten = transformation('Flatten$Value')
    const [first, second] = [flatten.apply(record(person, ada))!, flatten.apply(record({ ...person }, ada))!]
    expect(second.valueSchema).toBe(first.valueSchema)
  })
})

describe('transformations without schemas', () => {
  it.each([
    ['Cast$Value', { spec: 'n:int8' }, new Map([['n', 300n]]), '{n=44}'],
    ['Cast$Value', { spec: 'float32' }, '0.1', '0.1'],
    ['Flatten$Value', {}, new Map([['a', new Map([['b', 1n]])]]), '{a.b=1}'],
    [
      'ReplaceField$Value',
      { exclude: 'a' },
      new Map([
        ['a', 1n],
        ['b', 2n],
      ]),
      '{b=2}',
    ],
    ['InsertField$Value', { 'partition.field': 'p', 'timestamp.field': 't' }, new Map(), '{p=3, t=1600000000000}'],
    ['ExtractField$Value', { field: 'a' }, new Map([['a', true]]), 'true'],
    ['TimestampConverter$Value', { 'target.type': 'unix', format: 'yyyy-MM-dd' }, '2020-09-13', '1599955200000'],
    [
      'TimestampConverter$Value',
      { 'target.type': 'string', format: "yyyy-MM-dd'T'HH:mm:ss.SSSXXX" },
      1n,
      '1970-01-01T00:00:00.001Z',
    ],
  ])('%s %o', (name, props, value, expected) => {
    const after = transformation(name, props as Record<string, string>).apply(record(null, value))!
    expect(javaText(null, after.value)).toBe(expected)
  })

  it('HeaderFrom moves fields, InsertHeader adds, DropHeaders takes away', () => {
    const move = transformation('HeaderFrom$Value', { fields: 'a', headers: 'h', operation: 'move' })
    const moved = move.apply(
      record(
        null,
        new Map([
          ['a', 1n],
          ['b', 2n],
        ]),
      ),
    )!
    expect(moved.value).toEqual(new Map([['b', 2n]]))
    const added = transformation('InsertHeader', { header: 'i', 'value.literal': '5' }).apply(moved)!
    expect(added.headers).toEqual([
      { key: 'h', schema: null, value: 1n },
      { key: 'i', schema: schemas.INT8_SCHEMA, value: 5 },
    ])
    expect(
      transformation('DropHeaders', { headers: 'h' })
        .apply(added)!
        .headers.map(({ key }) => key),
    ).toEqual(['i'])
  })

  it('Filter drops', () => {
    expect(transformation('Filter').apply(record(null, null))).toBeNull()
  })
})

describe('TimestampConverter', () => {
  it('changes the schema with the field', () => {
    const schema = structSchema({ at: TIMESTAMP_SCHEMA })
    const convert = transformation('TimestampConverter$Value', {
      field: 'at',
      'target.type': 'unix',
      'unix.precision': 'microseconds',
    })
    const after = convert.apply(record(schema, new Struct(schema).put('at', new Date(5))))!
    expect(after.valueSchema?.fields[0]?.schema.type).toBe('INT64')
    expect((after.value as Struct).get('at')).toBe(5000n)
  })
})

describe('what transformations refuse', () => {
  it.each([
    ['Cast$Value', {}, 'Missing required configuration "spec" which has no default value.'],
    ['Cast$Value', { spec: 'a:bytes' }, 'Cast transformation does not support casting to BYTES'],
    ['InsertField$Value', {}, 'No field insertion configured'],
    [
      'MaskField$Value',
      { fields: 'a', replacement: '' },
      'Invalid value  for configuration replacement: String must be non-empty',
    ],
    ['RegexRouter', { regex: '(', replacement: '' }, 'Invalid value ( for configuration regex: Invalid regex: '],
    ['ReplaceField$Value', { renames: 'a' }, 'Invalid value [a] for configuration renames: Invalid rename mapping: a'],
    [
      'ExtractField$Value',
      { field: 'a', 'field.syntax.version': 'V3' },
      'String must be one of (case insensitive): V1, V2',
    ],
    ['TimestampConverter$Value', { 'target.type': 'string' }, 'requires format option to be specified'],
    ['ValueToKey', { fields: '' }, "Configuration 'fields' must not be empty."],
  ])('%s %o', (name, props, message) => {
    expect(() => transformation(name, props as Record<string, string>)).toThrow(message)
  })

  it.each([
    ['ExtractField$Value', { field: 'x' }, 'Unknown field: x'],
    ['ValueToKey', { fields: 'x' }, 'Field does not exist: x'],
    ['ReplaceField$Key', { exclude: 'x' }, null],
    [
      'TimestampConverter$Value',
      { field: 'age', 'target.type': 'unix' },
      'Schema Schema{INT32} does not correspond to a known timestamp type format',
    ],
    ['InsertField$Value', { 'offset.field': 'o' }, 'Only SinkRecord supported for [field insertion]'],
  ])('%s %o of a record', (name, props, message) => {
    const apply = () => transformation(name, props as Record<string, string>).apply(record(person, ada))
    if (message === null) expect(apply()).toEqual(record(person, ada))
    else expect(apply).toThrow(message)
  })
})

describe('paths to nested fields', () => {
  it.each([
    ['a', ['a']],
    ['a.b', ['a', 'b']],
    ['`a.b`.c', ['a.b', 'c']],
    ['a.`b.c`', ['a', 'b.c']],
    ['`a`b`', ['a`b']],
    ['`a\\`.b`', ['a`.b']],
    ['a.', ['a', '']],
    ['', []],
  ])('%s', (path, steps) => {
    expect(stepsOf(path)).toEqual(steps)
  })

  it('need their backticks in pairs', () => {
    expect(() => stepsOf('`a.b')).toThrow('Incomplete backtick pair in path: [`a.b]')
  })
})

describe('predicates', () => {
  it.each([
    ['HasHeaderKey', { name: 'h' }, true],
    ['HasHeaderKey', { name: 'i' }, false],
    ['RecordIsTombstone', {}, true],
    ['TopicNameMatches', { pattern: 'ord.*' }, true],
    ['TopicNameMatches', { pattern: 'ord' }, false],
  ])('%s %o', (name, props, expected) => {
    const predicate = predicatePlugins.find(({ className }) => className.endsWith(`.${name}`))!.make()
    predicate.configure(props as Record<string, string>)
    expect(predicate.test(record(null, null, { headers: [{ key: 'h', schema: null, value: null }] }))).toBe(expected)
  })
})
