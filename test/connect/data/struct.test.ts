import { describe, expect, it } from 'vitest'
import { sameSchema } from '../../../src/connect/data/equality.ts'
import { DATE_SCHEMA, decimalSchema, TIME_SCHEMA } from '../../../src/connect/data/logical.ts'
import * as schemas from '../../../src/connect/data/schema.ts'
import { Struct, validateValue } from '../../../src/connect/data/struct.ts'
import { StructSchemaBuilder, structSchema } from '../../../src/connect/data/struct-builder.ts'

const point = structSchema({
  x: schemas.INT8_SCHEMA,
  y: schemas.schemaOf('INT16', { optional: true, defaultValue: 7 }),
})

describe('Struct', () => {
  it('gives values, defaults where there are none', () => {
    const struct = new Struct(point).put('x', 1)
    expect([struct.get('x'), struct.get('y'), struct.getWithoutDefault('y')]).toEqual([1, 7, null])
  })

  it("refuses what doesn't fit, in Kafka's words", () => {
    const struct = new Struct(point)
    expect(() => struct.get('z')).toThrow('z is not a valid field name')
    expect(() => struct.put('x', null)).toThrow('Invalid value: null used for required field: "x", schema type: INT8')
    expect(() => struct.put('x', 'a')).toThrow(
      'Invalid Java object for schema with type INT8: class java.lang.String for field: "x"',
    )
    expect(() => struct.put('x', 128)).toThrow('with type INT8')
    expect(() => struct.validate()).toThrow('null used for required field: "x"')
    expect(() => new Struct(schemas.INT8_SCHEMA)).toThrow('Not a struct schema: Schema{INT8}')
  })

  it('is like another with the same values', () => {
    const one = () => new Struct(point).put('x', 1)
    expect(one().equals(one())).toBe(true)
    expect(one().equals(one().put('y', 2))).toBe(false)
  })
})

describe('validateValue', () => {
  it.each([
    [
      schemas.arraySchema(schemas.STRING_SCHEMA),
      ['a', null],
      'null used for required element of array value, schema type: STRING',
    ],
    [schemas.mapSchema(schemas.STRING_SCHEMA, schemas.INT64_SCHEMA), new Map([['a', 'b']]), 'for value of map value'],
    [schemas.arraySchema(null), ['a'], 'No schema defined for element of array value'],
    [DATE_SCHEMA, 5, '"org.apache.kafka.connect.data.Date" with type INT32: class java.lang.Integer for value'],
    [decimalSchema(2), Buffer.of(1), 'org.apache.kafka.connect.data.Decimal'],
    [structSchema({ a: schemas.INT8_SCHEMA }), new Struct(point), 'Struct schemas do not match.'],
  ])('%o refuses %o', (schema, value, message) => {
    expect(() => validateValue(schema, value)).toThrow(message)
  })
})

describe('schemas', () => {
  it('are alike when all of their parts are', () => {
    const make = (doc: string | null) =>
      structSchema({ at: TIME_SCHEMA, list: schemas.arraySchema(decimalSchema(1)) }, { doc })
    expect(sameSchema(make('a'), make('a'))).toBe(true)
    expect(sameSchema(make('a'), make('b'))).toBe(false)
    expect(sameSchema(decimalSchema(1), decimalSchema(2))).toBe(false)
    expect(sameSchema(schemas.schemaOf('BYTES', { defaultValue: Buffer.of(1) }), schemas.BYTES_SCHEMA)).toBe(false)
  })

  it('have each field once', () => {
    const builder = new StructSchemaBuilder().field('a', schemas.INT8_SCHEMA)
    expect(() => builder.field('a', schemas.INT8_SCHEMA)).toThrow(
      'Cannot create field because of field name duplication a',
    )
  })
})
