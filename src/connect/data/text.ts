/** How values become text: for people (Java's toString) and so that they can be read back (Connect's Values). */
import { SimpleDateFormat } from '../../base/simple-date-format.ts'
import { javaDoubleText } from '../../config/java-number.ts'
import type { ConnectValue, Schema } from '../api/data.ts'
import { Decimal } from './decimal.ts'
import { floatText } from './number-text.ts'
import { Struct } from './struct.ts'

const DAY_MS = 86_400_000
const time = new SimpleDateFormat("HH:mm:ss.SSS'Z'")
const date = new SimpleDateFormat('yyyy-MM-dd')
const timestamp = new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")
const javaDate = new SimpleDateFormat('EEE MMM dd HH:mm:ss zzz yyyy')

/** @returns a time of day, a date or both, in the time zone of the process, whichever seems to be meant */
export function dateText(value: Date): string {
  const timeMs = value.getTime()
  if (timeMs < DAY_MS) return time.format(timeMs)
  return (timeMs % DAY_MS === 0 ? date : timestamp).format(timeMs)
}

function numberText(schema: Schema | null, value: number): string {
  switch (schema?.type) {
    case 'FLOAT32':
      return floatText(value)
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return String(value)
    default:
      return javaDoubleText(value)
  }
}

/**
 * @param schema what a number is; without it, it counts as a double
 * @returns what Java's toString says of a value; bytes, whose text there is an address, say how many there are
 */
export function javaText(schema: Schema | null, value: ConnectValue): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return numberText(schema, value)
  if (typeof value !== 'object') return String(value)
  if (value instanceof Struct) return structText(value)
  if (value instanceof Date) return javaDate.format(value.getTime())
  if (value instanceof Decimal) return value.toString()
  if (Array.isArray(value)) return `[${value.map((item) => javaText(schema?.valueSchema ?? null, item)).join(', ')}]`
  if (Buffer.isBuffer(value)) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`
  const entries = [...value].map(
    ([key, item]) => `${javaText(schema?.keySchema ?? null, key)}=${javaText(schema?.valueSchema ?? null, item)}`,
  )
  return `{${entries.join(', ')}}`
}

function structText(struct: Struct): string {
  const fields = struct.schema.fields.map((field) => [field, struct.getWithoutDefault(field)] as const)
  const texts = fields
    .filter(([, value]) => value !== null)
    .map(([field, value]) => `${field.name}=${javaText(field.schema, value)}`)
  return `Struct{${texts.join(',')}}`
}

/**
 * @param schema as in javaText
 * @returns text that parseValue reads back, similar to JSON; null for null (Values.convertToString)
 */
export const valueText = (schema: Schema | null, value: ConnectValue): string | null =>
  value === null ? null : literal(schema, value, false)

function literal(schema: Schema | null, value: ConnectValue, isEmbedded: boolean): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return numberText(schema, value)
  if (typeof value === 'string') return isEmbedded ? quoted(value) : value
  if (typeof value !== 'object' || value instanceof Decimal) return String(value)
  if (value instanceof Date) return dateText(value)
  const elements = schema?.valueSchema ?? null
  if (Array.isArray(value)) return `[${value.map((item) => literal(elements, item, true)).join(',')}]`
  if (Buffer.isBuffer(value)) return isEmbedded ? `"${value.toString('base64')}"` : value.toString('base64')
  const entry = (keySchema: Schema | null, key: ConnectValue, itemSchema: Schema | null, item: ConnectValue) =>
    `${literal(keySchema, key, true)}:${literal(itemSchema, item, true)}`
  const entries =
    value instanceof Struct
      ? value.schema.fields.map((field) => entry(null, field.name, field.schema, value.get(field)))
      : [...value].map(([key, item]) => entry(schema?.keySchema ?? null, key, elements, item))
  return `{${entries.join(',')}}`
}

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`
