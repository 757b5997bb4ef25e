import fc from 'fast-check'
import {
  existsIn,
  inVersions,
  propertyName,
  type SchemaField,
  type SchemaInterpreter,
  type StructValue,
} from './schema-interpreter.ts'

/** How the fields that the version lacks are filled: left out, or with anything. */
export type Filling = 'fitting' | 'anything'

const UNKNOWN_TAGS = [40, 41, 300, 70_000]

const PRIMITIVES: Record<string, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -0x80, max: 0x7f }),
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint16: fc.integer({ min: 0, max: 0xffff }),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float64: fc.double(),
  string: fc.oneof(
    { weight: 4, arbitrary: fc.string({ maxLength: 12, unit: 'binary' }) },
    { weight: 1, arbitrary: fc.constant('x'.repeat(200)) },
  ),
  bytes: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
}
PRIMITIVES.records = fc.oneof(
  { weight: 6, arbitrary: PRIMITIVES.bytes as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: fc.constant(Buffer.alloc(1500, 7)) },
)

/** Random values of a message: those that `version` can carry, or any, whether or not it can. */
export function messageValues(codec: SchemaInterpreter, version: number, filling: Filling): fc.Arbitrary<StructValue> {
  return structValues(codec, codec.schema.fields, version, filling, 0)
}

function structValues(
  codec: SchemaInterpreter,
  fields: SchemaField[],
  version: number,
  filling: Filling,
  depth: number,
): fc.Arbitrary<StructValue> {
  const model: Record<string, fc.Arbitrary<unknown>> = {}
  const required: string[] = []
  for (const field of fields) {
    if (filling === 'fitting' && !existsIn(field, version)) continue
    model[propertyName(field)] = fieldValues(codec, field, version, filling, depth)
    const defaultFits = codec.defaultOf(field) !== null || inVersions(field.nullableVersions, version)
    if (filling === 'fitting' && !defaultFits) required.push(propertyName(field))
  }
  if (codec.isFlexible(version)) model.unknownTaggedFields = unknownTags(fields)
  return fc.record(model, { requiredKeys: required }) as fc.Arbitrary<StructValue>
}

function unknownTags(fields: SchemaField[]): fc.Arbitrary<unknown> {
  const free = UNKNOWN_TAGS.filter((tag) => fields.every((field) => field.tag !== tag))
  const some = fc
    .subarray(free, { minLength: 1, maxLength: 2 })
    .chain((tags) =>
      fc.tuple(...tags.map((tag) => (PRIMITIVES.bytes as fc.Arbitrary<unknown>).map((data) => ({ tag, data })))),
    )
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some })
}

function fieldValues(
  codec: SchemaInterpreter,
  field: SchemaField,
  version: number,
  filling: Filling,
  depth: number,
): fc.Arbitrary<unknown> {
  const values = typeValues(codec, field.type, version, filling, depth)
  const nullable =
    filling === 'anything' ? field.nullableVersions !== undefined : inVersions(field.nullableVersions, version)
  const either = nullable ? fc.option(values, { freq: 4 }) : values
  const byDefault = codec.defaultOf(field)
  if (byDefault === null && !nullable) return either
  return fc.oneof({ weight: 5, arbitrary: either }, { weight: 1, arbitrary: fc.constant(byDefault) })
}

function typeValues(
  codec: SchemaInterpreter,
  type: string,
  version: number,
  filling: Filling,
  depth: number,
): fc.Arbitrary<unknown> {
  if (type.startsWith('[]')) {
    const items = typeValues(codec, type.slice(2), version, filling, depth + 1)
    return fc.array(items, { maxLength: depth === 0 ? 3 : 2 })
  }
  const fields = codec.fieldsOf(type)
  if (fields) return structValues(codec, fields, version, filling, depth + 1)
  return PRIMITIVES[type] as fc.Arbitrary<unknown>
}
