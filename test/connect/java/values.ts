/** Schemas and values of all kinds, for cases. */
import fc, { type Arbitrary } from 'fast-check'
import type { SchemaCase, ValueCase } from './exchange.ts'

const DATA = 'org.apache.kafka.connect.data'
const FIELD_NAMES = ['a', 'b', 'c', 'x.y', 'Größe'] as const

const whole = (bits: number) =>
  fc.oneof(fc.bigInt(-100n, 100n), fc.bigInt(-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n)).map(String)

const TEXT = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'ab"\\:,[]{} \n\t\u0001\u001f\u007f') }),
  fc.constantFrom('true', '5', '-1.5', '2020-01-01', '12:00:00.000Z', 'null', '1e5'),
)

/** Numbers whose shortest text every Java finds. */
const FLOATING = fc.oneof(
  fc.integer({ min: -(2 ** 16), max: 2 ** 16 }).map((n) => String(n / 8)),
  fc.constantFrom('0.0', '1.0E10', '1.5E-7', '-0.0', 'NaN', 'Infinity', '-Infinity', '0.1', '3.0E20'),
)

const CONTENT: Readonly<Record<string, Arbitrary<string>>> = {
  INT8: whole(8),
  INT16: whole(16),
  INT32: whole(32),
  INT64: whole(64),
  FLOAT32: FLOATING,
  FLOAT64: FLOATING,
  BOOLEAN: fc.constantFrom('true', 'false'),
  STRING: TEXT,
  BYTES: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('base64')),
}

const PLAIN = Object.keys(CONTENT) as SchemaCase['type'][]
const DAY_MS = 86_400_000

const decimalText = (scale: number): Arbitrary<string> =>
  fc.bigInt(-(10n ** 20n), 10n ** 20n).map((unscaled) => {
    const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
    const sign = unscaled < 0n ? '-' : ''
    return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  })

const dates = (days: Arbitrary<number>, times: Arbitrary<number>): Arbitrary<ValueCase> =>
  fc.tuple(days, times).map(([day, time]) => ['date', String(day * DAY_MS + time)])

const LOGICAL: Readonly<Record<string, Arbitrary<ValueCase>>> = {
  [`${DATA}.Date`]: dates(fc.integer({ min: -10_000, max: 30_000 }), fc.constant(0)),
  [`${DATA}.Time`]: dates(fc.constant(0), fc.nat(DAY_MS - 1)),
  [`${DATA}.Timestamp`]: dates(fc.integer({ min: 1, max: 30_000 }), fc.nat(DAY_MS - 1)),
}

/** @returns values of the schema; null among them where it may be */
export function valuesOf(schema: SchemaCase): Arbitrary<ValueCase> {
  const value = presentValuesOf(schema)
  return schema.optional ? fc.option(value, { freq: 4 }) : value
}

function presentValuesOf(schema: SchemaCase): Arbitrary<ValueCase> {
  if (schema.name === `${DATA}.Decimal`) {
    return decimalText(Number(schema.parameters![0]![1])).map((text) => ['decimal', text])
  }
  const logical = schema.name === undefined ? undefined : LOGICAL[schema.name]
  if (logical !== undefined) return logical
  switch (schema.type) {
    case 'ARRAY':
      return fc.array(valuesOf(schema.valueSchema!), { maxLength: 3 }).map((items) => ['array', items])
    case 'MAP':
      return fc
        .uniqueArray(fc.tuple(valuesOf(schema.keySchema!), valuesOf(schema.valueSchema!)), {
          maxLength: 3,
          selector: ([key]) => String(key),
        })
        .map((entries) => ['map', entries])
    case 'STRUCT':
      return fc
        .tuple(...schema.fields!.map(([, field]) => fieldValuesOf(field)))
        .map((items) => ['struct', items as ValueCase[]])
    default:
      return CONTENT[schema.type]!.map((text) => [schema.type.toLowerCase(), text])
  }
}

/** A field with a default may be without a value. */
const fieldValuesOf = (schema: SchemaCase): Arbitrary<ValueCase> =>
  schema.default === undefined ? valuesOf(schema) : fc.option(valuesOf(schema), { freq: 2 })

const logicalSchema: Arbitrary<SchemaCase> = fc.oneof(
  fc.constantFrom<SchemaCase>(
    { type: 'INT32', name: `${DATA}.Date`, version: 1 },
    { type: 'INT32', name: `${DATA}.Time`, version: 1 },
    { type: 'INT64', name: `${DATA}.Timestamp`, version: 1 },
  ),
  fc.nat(4).map(
    (scale): SchemaCase => ({
      type: 'BYTES',
      name: `${DATA}.Decimal`,
      version: 1,
      parameters: [['scale', String(scale)]],
    }),
  ),
)

const plainSchema: Arbitrary<SchemaCase> = fc.constantFrom(...PLAIN).map((type) => ({ type }))

const describe = (schema: SchemaCase): Arbitrary<SchemaCase> =>
  fc
    .record(
      {
        optional: fc.constant(true as const),
        doc: fc.constantFrom('what it is', ''),
        ...(schema.name === undefined ? { name: fc.constantFrom('com.example.Thing'), version: fc.nat(9) } : {}),
        ...(schema.parameters === undefined
          ? {
              parameters: fc.constant<[string, string][]>([
                ['z', '1'],
                ['a', 'b"c'],
              ]),
            }
          : {}),
      },
      { requiredKeys: [] },
    )
    .map((facts) => ({ ...schema, ...facts }))

const defaulted = (schema: SchemaCase): Arbitrary<SchemaCase> =>
  schema.type === 'STRUCT'
    ? fc.constant(schema)
    : fc
        .option(presentValuesOf(schema), { freq: 2, nil: undefined })
        .map((value) => (value === undefined ? schema : { ...schema, default: value }))

/** @param depth of nesting */
export function schemaCases(depth: number): Arbitrary<SchemaCase> {
  const inner = depth === 0 ? plainSchema : fc.oneof(plainSchema, logicalSchema, nested(depth - 1))
  return inner.chain(describe).chain(defaulted)
}

function nested(depth: number): Arbitrary<SchemaCase> {
  const element = schemaCases(depth)
  const key = fc.constantFrom<SchemaCase>({ type: 'STRING' }, { type: 'STRING' }, { type: 'INT32' }, { type: 'INT64' })
  return fc.oneof(
    element.map((valueSchema): SchemaCase => ({ type: 'ARRAY', valueSchema })),
    fc.tuple(key, element).map(([keySchema, valueSchema]): SchemaCase => ({ type: 'MAP', keySchema, valueSchema })),
    structCases(depth),
  )
}

/** @returns schemas of structures, with fields of a few names */
export const structCases = (depth: number): Arbitrary<SchemaCase> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...FIELD_NAMES), schemaCases(depth)), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    })
    .map((fields): SchemaCase => ({ type: 'STRUCT', fields: fields as [string, SchemaCase][] }))

/** Values that need no schema. */
export const bareValues: Arbitrary<ValueCase> = fc.letrec<{ value: ValueCase; map: ValueCase }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .constantFrom('INT64', 'FLOAT64', 'BOOLEAN', 'STRING', 'BYTES')
      .chain((type) => CONTENT[type]!.map((text): ValueCase => [type.toLowerCase(), text])),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }).map((items): ValueCase => ['array', items]),
    tie('map'),
  ),
  map: fieldMap(tie('value')),
})).value

function fieldMap(value: Arbitrary<ValueCase>): Arbitrary<ValueCase> {
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...FIELD_NAMES), value), { maxLength: 4, selector: ([name]) => name })
    .map((entries) => ['map', entries.map(([name, item]): [ValueCase, ValueCase] => [['string', name], item])])
}

/** Maps of field names. */
export const bareMaps: Arbitrary<ValueCase> = fieldMap(bareValues)
