/** The forms a time can have in a record. */
import type { SimpleDateFormat } from '../../base/simple-date-format.ts'
import type { ConnectValue, Schema } from '../api/data.ts'
import { ConnectError, DataError } from '../data/errors.ts'
import { javaClassText } from '../data/java-class.ts'
import * as logical from '../data/logical.ts'
import { INT64_SCHEMA, STRING_SCHEMA, schemaOf, schemaText } from '../data/schema.ts'

export type TimeForm = 'string' | 'unix' | 'Date' | 'Time' | 'Timestamp'

export interface TimeFormat {
  readonly pattern: string
  /** How texts have the time; null if nothing tells. */
  readonly text: SimpleDateFormat | null
  readonly unixPrecision: string
}

type Value = Exclude<ConnectValue, null>

const DAY_MS = 86_400_000

const SCHEMAS: Readonly<Record<TimeForm, Schema>> = {
  string: STRING_SCHEMA,
  unix: INT64_SCHEMA,
  Date: logical.DATE_SCHEMA,
  Time: logical.TIME_SCHEMA,
  Timestamp: logical.TIMESTAMP_SCHEMA,
}
const OPTIONAL_SCHEMAS = Object.fromEntries(
  Object.entries(SCHEMAS).map(([form, schema]) => [form, schemaOf(schema.type, { ...schema, optional: true })]),
) as Record<TimeForm, Schema>

/** @returns the schema of times of this form */
export const schemaOfForm = (form: TimeForm, isOptional: boolean): Schema =>
  (isOptional ? OPTIONAL_SCHEMAS : SCHEMAS)[form]

/** @throws ConnectError for a schema whose values are no times */
export function formOf(schema: Schema): TimeForm {
  if (schema.name === logical.TIMESTAMP) return 'Timestamp'
  if (schema.name === logical.DATE) return 'Date'
  if (schema.name === logical.TIME) return 'Time'
  if (schema.type === 'STRING') return 'string'
  if (schema.type === 'INT64') return 'unix'
  throw new ConnectError(`Schema ${schemaText(schema)} does not correspond to a known timestamp type format`)
}

/** @throws DataError for what is no time */
export function formWithoutSchema(value: Value): TimeForm {
  if (value instanceof Date) return 'Timestamp'
  if (typeof value === 'bigint') return 'unix'
  if (typeof value === 'string') return 'string'
  throw new DataError(`TimestampConverter does not support ${javaClassText(value)} objects as timestamps`)
}

/** @returns milliseconds since 1970 @throws DataError if the value hasn't this form */
export function readTime(form: TimeForm, value: Value, format: TimeFormat): number {
  if (form === 'string') return readText(value, format)
  if (form === 'unix') return readUnix(value, format.unixPrecision)
  if (value instanceof Date) return value.getTime()
  throw new DataError(`Expected ${form} to be a java.util.Date, but found ${javaClassText(value)}`)
}

function readText(value: Value, { text, pattern }: TimeFormat): number {
  if (typeof value !== 'string') {
    throw new DataError(`Expected string timestamp to be a String, but found ${javaClassText(value)}`)
  }
  const timeMs = text?.parse(value) ?? null
  if (timeMs !== null) return timeMs
  throw new DataError(`Could not parse timestamp: value (${value}) does not match pattern (${pattern})`)
}

function readUnix(value: Value, precision: string): number {
  if (typeof value !== 'bigint') {
    throw new DataError(`Expected Unix timestamp to be a Long, but found ${javaClassText(value)}`)
  }
  const timeMs = { seconds: value * 1000n, microseconds: value / 1000n, nanoseconds: value / 1_000_000n }[precision]
  return logical.timestampFromMs(logical.TIMESTAMP_SCHEMA, timeMs ?? value).getTime()
}

/** @returns the time in this form */
export function writeTime(form: TimeForm, timeMs: number, format: TimeFormat): ConnectValue {
  switch (form) {
    case 'string':
      return format.text!.format(timeMs)
    case 'unix':
      return writeUnix(BigInt(timeMs), format.unixPrecision)
    case 'Date':
      return new Date(Math.floor(timeMs / DAY_MS) * DAY_MS)
    case 'Time':
      return new Date(((timeMs % DAY_MS) + DAY_MS) % DAY_MS)
    case 'Timestamp':
      return new Date(timeMs)
  }
}

const MAX_LONG = 2n ** 63n - 1n

/** More than fits is the most there is. */
function writeUnix(timeMs: bigint, precision: string): bigint {
  const value =
    { seconds: timeMs / 1000n, microseconds: timeMs * 1000n, nanoseconds: timeMs * 1_000_000n }[precision] ?? timeMs
  if (value > MAX_LONG) return MAX_LONG
  return value < -MAX_LONG - 1n ? -MAX_LONG - 1n : value
}
