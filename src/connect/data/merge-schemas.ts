import type { ConnectValue, Schema, SchemaType } from '../api/data.ts'
import { sameSchema } from './equality.ts'
import { DataError } from './errors.ts'
import { DATE, dateFromDays, TIME, TIMESTAMP, timeFromMs, timestampFromMs } from './logical.ts'
import { shortestFloat } from './number-text.ts'

/** Numeric types: each holds, more or less, what those before it hold. */
const NUMERIC: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64']

/** @returns the schema that fits the values of both, the wider one of two numbers'; null if there is none */
export function mergeSchemas(left: Schema, right: Schema): Schema | null {
  if (left.type === right.type) {
    if (left.optional !== right.optional) return sameSchema(left, right) ? left : null
    return left.optional ? left : right
  }
  const [leftWidth, rightWidth] = [NUMERIC.indexOf(left.type), NUMERIC.indexOf(right.type)]
  if (leftWidth < 0 || rightWidth < 0) return null
  return leftWidth > rightWidth ? left : right
}

/**
 * @param schema one that mergeSchemas made, of the value's own schema and others
 * @returns the value as this schema has it
 * @throws DataError if that can't be
 */
export function alignValue(schema: Schema, own: Schema | null, value: ConnectValue): ConnectValue {
  if (value === null) {
    if (schema.optional) return null
    throw new DataError('Unable to convert a null value to a schema that requires a value')
  }
  if (!NUMERIC.includes(schema.type)) return reshape(schema, own, value)
  const isTemporal = schema.name === DATE || schema.name === TIME || schema.name === TIMESTAMP
  if (value instanceof Date && isTemporal) return value
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw new DataError(`Unable to convert ${String(value)} to a number`)
  }
  if (schema.name === DATE) return dateFromDays(schema, Number(value))
  if (schema.name === TIME) return timeFromMs(schema, Number(value))
  if (schema.name === TIMESTAMP) return timestampFromMs(schema, BigInt(value))
  return numberAs(schema, value)
}

function numberAs(schema: Schema, value: number | bigint): number | bigint {
  if (schema.type === 'INT64') return BigInt(value)
  return schema.type === 'FLOAT32' ? Math.fround(Number(value)) : Number(value)
}

/** Changes nothing but the numbers within lists and maps, whose schema tells how they are kept. */
function reshape(schema: Schema | null, own: Schema | null, value: ConnectValue): ConnectValue {
  if (schema === null) return withoutSchema(own, value)
  if (typeof value === 'number' || typeof value === 'bigint') return numberAs(schema, value)
  const element = (item: ConnectValue) => reshape(schema.valueSchema, own?.valueSchema ?? null, item)
  if (Array.isArray(value)) return value.map(element)
  if (!(value instanceof Map)) return value
  return new Map(
    [...value].map(([key, item]) => [reshape(schema.keySchema, own?.keySchema ?? null, key), element(item)]),
  )
}

/** @returns the value as it is without its schema: whole numbers as bigints, other numbers as doubles that print alike */
export function withoutSchema(schema: Schema | null, value: ConnectValue): ConnectValue {
  if (schema === null || value === null) return value
  if (typeof value === 'number') {
    if (schema.type === 'FLOAT64') return value
    return schema.type === 'FLOAT32' ? shortestFloat(value) : BigInt(value)
  }
  if (Array.isArray(value)) return value.map((item) => withoutSchema(schema.valueSchema, item))
  if (!(value instanceof Map)) return value
  const { keySchema, valueSchema } = schema
  return new Map([...value].map(([key, item]) => [withoutSchema(keySchema, key), withoutSchema(valueSchema, item)]))
}
