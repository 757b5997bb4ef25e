/** Logical types: values whose schema has one of these names are Decimals or Dates in memory and plain ones when written. */
import { parseJavaInteger } from '../../config/java-number.ts'
import type { Schema } from '../api/data.ts'
import { Decimal } from './decimal.ts'
import { DataError } from './errors.ts'
import { type SchemaOptions, schemaOf } from './schema.ts'

export const DECIMAL = 'org.apache.kafka.connect.data.Decimal'
export const DATE = 'org.apache.kafka.connect.data.Date'
export const TIME = 'org.apache.kafka.connect.data.Time'
export const TIMESTAMP = 'org.apache.kafka.connect.data.Timestamp'

const DAY_MS = 86_400_000

/** @param scale digits after the point */
export const decimalSchema = (scale: number, options: SchemaOptions = {}): Schema =>
  schemaOf('BYTES', { ...options, name: DECIMAL, version: 1, parameters: new Map([['scale', String(scale)]]) })

export const DATE_SCHEMA = schemaOf('INT32', { name: DATE, version: 1 })
export const TIME_SCHEMA = schemaOf('INT32', { name: TIME, version: 1 })
export const TIMESTAMP_SCHEMA = schemaOf('INT64', { name: TIMESTAMP, version: 1 })

function scaleOf(schema: Schema): number {
  const text = schema.parameters?.get('scale')
  if (text === undefined) throw new DataError('Invalid Decimal schema: scale parameter not found.')
  const scale = parseJavaInteger(text, 32)
  if (scale === null) throw new DataError('Invalid scale parameter found in Decimal schema: ')
  return Number(scale)
}

/** @throws DataError if the value's scale isn't the schema's */
export function decimalToBytes(schema: Schema, value: Decimal): Buffer {
  const scale = scaleOf(schema)
  if (value.scale === scale) return value.unscaledBytes()
  throw new DataError(
    'Decimal value has mismatching scale for given Decimal schema. ' +
      `Schema has scale ${scale}, value has scale ${value.scale}.`,
  )
}

export const decimalFromBytes = (schema: Schema, bytes: Uint8Array): Decimal =>
  Decimal.fromBytes(bytes, scaleOf(schema))

function requireName(schema: Schema, name: string, what: string): void {
  if (schema.name === name) return
  throw new DataError(`Requested conversion of ${what} object but the schema does not match.`)
}

/** @returns days since 1970 @throws DataError for a time that isn't midnight, UTC */
export function dateToDays(schema: Schema, value: Date): number {
  requireName(schema, DATE, 'Date')
  const days = value.getTime() / DAY_MS
  if (Number.isInteger(days)) return days | 0
  throw new DataError('Kafka Connect Date type should not have any time fields set to non-zero values.')
}

export function dateFromDays(schema: Schema, days: number): Date {
  requireName(schema, DATE, 'Date')
  return new Date(days * DAY_MS)
}

/** @returns milliseconds since midnight @throws DataError for another day than 1970-01-01, UTC */
export function timeToMs(schema: Schema, value: Date): number {
  requireName(schema, TIME, 'Time')
  const timeMs = value.getTime()
  if (timeMs >= 0 && timeMs <= DAY_MS) return timeMs
  throw new DataError('Kafka Connect Time type should not have any date fields set to non-zero values.')
}

/** @throws DataError for more milliseconds than a day has */
export function timeFromMs(schema: Schema, timeMs: number): Date {
  requireName(schema, TIME, 'Date')
  if (timeMs >= 0 && timeMs <= DAY_MS) return new Date(timeMs)
  throw new DataError('Time values must use number of milliseconds greater than 0 and less than 86400000')
}

export function timestampToMs(schema: Schema, value: Date): bigint {
  requireName(schema, TIMESTAMP, 'Timestamp')
  return BigInt(value.getTime())
}

/** @throws DataError for a time no JavaScript date reaches: beyond 8.64e15 ms */
export function timestampFromMs(schema: Schema, timeMs: bigint): Date {
  requireName(schema, TIMESTAMP, 'Timestamp')
  const date = new Date(Number(timeMs))
  if (Number.isNaN(date.getTime())) throw new DataError(`Timestamp ${timeMs} is too far from 1970 to be represented.`)
  return date
}
