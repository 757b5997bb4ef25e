import type { ConnectValue, Field, Schema, SchemaType } from '../api/data.ts'
import { Decimal } from './decimal.ts'
import { sameSchema, sameValue } from './equality.ts'
import { DataError } from './errors.ts'
import { javaClassText } from './java-class.ts'
import { DATE, DECIMAL, TIME, TIMESTAMP } from './logical.ts'
import { fieldOf, schemaText } from './schema.ts'

/** A structure's values, by field (org.apache.kafka.connect.data.Struct). */
export class Struct {
  readonly schema: Schema
  private readonly values: ConnectValue[]

  /** @throws DataError if the schema is none of a structure */
  constructor(schema: Schema) {
    if (schema.type !== 'STRUCT') throw new DataError(`Not a struct schema: ${schemaText(schema)}`)
    this.schema = schema
    this.values = schema.fields.map(() => null)
  }

  /**
   * @returns the field's value; its default where it has none
   * @throws DataError if there is no such field
   */
  get(field: string | Field): ConnectValue {
    const { index, schema } = this.find(field)
    return this.values[index] ?? schema.defaultValue ?? null
  }

  /** @throws DataError if there is no such field */
  getWithoutDefault(field: string | Field): ConnectValue {
    return this.values[this.find(field).index] ?? null
  }

  /** @throws DataError if there is no such field, or it can't have this value */
  put(field: string | Field, value: ConnectValue): this {
    const { index, name, schema } = this.find(field)
    validateField(name, schema, value)
    this.values[index] = value
    return this
  }

  /** @throws DataError if a required field without a default has no value, or a value doesn't fit */
  validate(): void {
    for (const { index, name, schema } of this.schema.fields) {
      const value = this.values[index] ?? null
      if (value === null && (schema.optional || schema.defaultValue !== undefined)) continue
      validateField(name, schema, value)
    }
  }

  equals(other: Struct): boolean {
    return sameSchema(this.schema, other.schema) && this.values.every((value, i) => sameValue(value, other.values[i]))
  }

  private find(field: string | Field): Field {
    const found = fieldOf(this.schema, typeof field === 'string' ? field : field.name)
    if (found === undefined) {
      throw new DataError(`${typeof field === 'string' ? field : field.name} is not a valid field name`)
    }
    return found
  }
}

const integer = (bits: number) => (value: ConnectValue) =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value + 0.5) <= 2 ** (bits - 1)

const isMember: Readonly<Record<SchemaType, (value: ConnectValue) => boolean>> = {
  INT8: integer(8),
  INT16: integer(16),
  INT32: integer(32),
  INT64: (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  FLOAT32: (value) => typeof value === 'number',
  FLOAT64: (value) => typeof value === 'number',
  BOOLEAN: (value) => typeof value === 'boolean',
  STRING: (value) => typeof value === 'string',
  BYTES: (value) => Buffer.isBuffer(value),
  ARRAY: (value) => Array.isArray(value),
  MAP: (value) => value instanceof Map,
  STRUCT: (value) => value instanceof Struct,
}

/** Whether a value is one of a type's, whatever is in it. */
export const isOfType = (type: SchemaType, value: ConnectValue): boolean => isMember[type](value)

const isDate = (value: ConnectValue): boolean => value instanceof Date

const isLogicalMember: ReadonlyMap<string | null, (value: ConnectValue) => boolean> = new Map([
  [DECIMAL, (value: ConnectValue) => value instanceof Decimal],
  [DATE, isDate],
  [TIME, isDate],
  [TIMESTAMP, isDate],
])

/** @throws DataError if a value isn't one of the schema's, or a part of it isn't */
export const validateValue = (schema: Schema, value: ConnectValue): void => validate(schema, value, 'value')

const validateField = (name: string, schema: Schema, value: ConnectValue): void =>
  validate(schema, value, `field: "${name}"`)

function validate(schema: Schema, value: ConnectValue, location: string): void {
  if (value === null) {
    if (schema.optional) return
    throw new DataError(`Invalid value: null used for required ${location}, schema type: ${schema.type}`)
  }
  if (!(isLogicalMember.get(schema.name) ?? isMember[schema.type])(value)) {
    const name = schema.name === null ? '' : ` "${schema.name}"`
    const found = javaClassText(value)
    throw new DataError(`Invalid Java object for schema${name} with type ${schema.type}: ${found} for ${location}`)
  }
  if (value instanceof Struct) {
    if (!sameSchema(value.schema, schema)) throw new DataError('Struct schemas do not match.')
    value.validate()
  } else if (schema.type === 'ARRAY') {
    const element = present(schema.valueSchema, `element of array ${location}`)
    for (const item of value as ConnectValue[]) validate(element, item, `element of array ${location}`)
  } else if (schema.type === 'MAP') {
    const keySchema = present(schema.keySchema, `key of map ${location}`)
    const valueSchema = present(schema.valueSchema, `value of map ${location}`)
    for (const [key, item] of value as Map<ConnectValue, ConnectValue>) {
      validate(keySchema, key, `key of map ${location}`)
      validate(valueSchema, item, `value of map ${location}`)
    }
  }
}

function present(schema: Schema | null, location: string): Schema {
  if (schema === null) throw new DataError(`No schema defined for ${location}`)
  return schema
}
