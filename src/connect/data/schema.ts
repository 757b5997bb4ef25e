/** Making and naming schemas (org.apache.kafka.connect.data.ConnectSchema, SchemaBuilder). */
import type { ConnectValue, Field, Schema, SchemaType } from '../api/data.ts'
import { DataError } from './errors.ts'

const NO_FIELDS: readonly Field[] = []

const bare = (type: SchemaType, optional: boolean): Schema => ({
  type,
  optional,
  name: null,
  version: null,
  doc: null,
  defaultValue: undefined,
  parameters: null,
  fields: NO_FIELDS,
  keySchema: null,
  valueSchema: null,
})

/** The schemas of plain values. */
export const INT8_SCHEMA = bare('INT8', false)
export const INT16_SCHEMA = bare('INT16', false)
export const INT32_SCHEMA = bare('INT32', false)
export const INT64_SCHEMA = bare('INT64', false)
export const FLOAT32_SCHEMA = bare('FLOAT32', false)
export const FLOAT64_SCHEMA = bare('FLOAT64', false)
export const BOOLEAN_SCHEMA = bare('BOOLEAN', false)
export const STRING_SCHEMA = bare('STRING', false)
export const BYTES_SCHEMA = bare('BYTES', false)

/** What a schema may say besides its type. */
export interface SchemaOptions {
  readonly optional?: boolean
  readonly name?: string | null
  readonly version?: number | null
  readonly doc?: string | null
  readonly defaultValue?: ConnectValue | undefined
  readonly parameters?: ReadonlyMap<string, string> | null
  readonly fields?: readonly Field[]
  readonly keySchema?: Schema | null
  readonly valueSchema?: Schema | null
}

/** @returns a schema of a type; what the options leave out is as in a bare one */
export function schemaOf(type: SchemaType, options: SchemaOptions = {}): Schema {
  const schema = { ...bare(type, false), ...options }
  return schema.defaultValue === null ? { ...schema, defaultValue: undefined } : schema
}

/** @returns the schema of an array; null elements only for an array without any */
export const arraySchema = (valueSchema: Schema | null, options: SchemaOptions = {}): Schema =>
  schemaOf('ARRAY', { ...options, valueSchema })

/** @returns the schema of a map; null where no key or value tells what it is */
export const mapSchema = (keySchema: Schema | null, valueSchema: Schema | null, options: SchemaOptions = {}): Schema =>
  schemaOf('MAP', { ...options, keySchema, valueSchema })

export const OPTIONAL_INT16_SCHEMA = bare('INT16', true)
export const OPTIONAL_INT32_SCHEMA = bare('INT32', true)
export const OPTIONAL_INT64_SCHEMA = bare('INT64', true)
export const OPTIONAL_FLOAT32_SCHEMA = bare('FLOAT32', true)
export const OPTIONAL_FLOAT64_SCHEMA = bare('FLOAT64', true)
export const OPTIONAL_BOOLEAN_SCHEMA = bare('BOOLEAN', true)
export const OPTIONAL_STRING_SCHEMA = bare('STRING', true)
export const OPTIONAL_BYTES_SCHEMA = bare('BYTES', true)

/** @returns a structure's fields @throws DataError if the schema is none of a structure */
export function fieldsOf(schema: Schema): readonly Field[] {
  if (schema.type === 'STRUCT') return schema.fields
  throw new DataError('Cannot list fields on non-struct type')
}

const fieldsByName = new WeakMap<readonly Field[], Map<string, Field>>()

/**
 * @returns a structure's field; undefined if there is none of that name
 * @throws DataError if the schema is none of a structure
 */
export function fieldOf(schema: Schema, name: string): Field | undefined {
  if (schema.type !== 'STRUCT') throw new DataError('Cannot look up fields on non-struct type')
  let fields = fieldsByName.get(schema.fields)
  if (fields === undefined) {
    fields = new Map(schema.fields.map((field) => [field.name, field]))
    fieldsByName.set(schema.fields, fields)
  }
  return fields.get(name)
}

/** @returns the text of a schema in error texts: `Schema{com.example.Order:STRUCT}` */
export const schemaText = (schema: Schema): string =>
  schema.name === null ? `Schema{${schema.type}}` : `Schema{${schema.name}:${schema.type}}`
