import { parseJavaDouble, parseJavaInteger } from '../../config/java-number.ts'
import type { ConnectValue, Schema, SchemaType } from '../api/data.ts'
import { Decimal } from '../data/decimal.ts'
import { DataError } from '../data/errors.ts'
import { javaClassText } from '../data/java-class.ts'
import { DATE, dateToDays, TIME, TIMESTAMP, timestampToMs, timeToMs } from '../data/logical.ts'
import { Struct } from '../data/struct.ts'
import { dateText, javaText } from '../data/text.ts'

/** What values can be made. */
export const TARGET_TYPES: readonly SchemaType[] = [
  ...(['INT8', 'INT16', 'INT32', 'INT64'] as const),
  ...(['FLOAT32', 'FLOAT64', 'BOOLEAN', 'STRING'] as const),
]
const SOURCE_TYPES: readonly SchemaType[] = [...TARGET_TYPES, 'BYTES']

const BITS: Readonly<Partial<Record<SchemaType, number>>> = { INT8: 8, INT16: 16, INT32: 32, INT64: 64 }

/**
 * @returns the value as Java's narrowing and parsing make it another type
 * @throws DataError where there is no way
 */
export function castValue(schema: Schema | null, value: ConnectValue, target: SchemaType): ConnectValue {
  if (value === null) return null
  const type = schema?.type ?? typeWithoutSchema(value)
  if (!SOURCE_TYPES.includes(type)) {
    throw new DataError(
      `Cast transformation does not support casting from ${type}; supported types are [${SOURCE_TYPES.join(', ')}]`,
    )
  }
  if (target === 'STRING') return castToString(schema, value)
  const plain = schema === null ? value : withoutLogicalType(schema, value)
  if (target === 'BOOLEAN') return castToBoolean(plain)
  if (target === 'FLOAT32') return Math.fround(castToFloat(plain, true))
  if (target === 'FLOAT64') return castToFloat(plain, false)
  const integer = castToInteger(plain, BITS[target]!)
  return target === 'INT64' ? integer : Number(integer)
}

function typeWithoutSchema(value: Exclude<ConnectValue, null>): SchemaType {
  if (Array.isArray(value)) return 'ARRAY'
  if (value instanceof Map) return 'MAP'
  if (value instanceof Struct) return 'STRUCT'
  if (value instanceof Date || value instanceof Decimal) {
    throw new DataError(
      `Cast transformation was passed a value of type ${javaClassText(value)} which is not supported by Connect's data API`,
    )
  }
  // Which of the types that can be cast makes no difference.
  return 'STRING'
}

function withoutLogicalType(schema: Schema, value: Exclude<ConnectValue, null>): Exclude<ConnectValue, null> {
  if (!(value instanceof Date)) return value
  if (schema.name === DATE) return dateToDays(schema, value)
  if (schema.name === TIME) return timeToMs(schema, value)
  return schema.name === TIMESTAMP ? timestampToMs(schema, value) : value
}

function unexpected(value: Exclude<ConnectValue, null>): never {
  throw new DataError(`Unexpected type in Cast transformation: ${javaClassText(value)}`)
}

function outOfRange(text: string): never {
  throw new DataError(`Value (${text}) was out of range for requested data type`)
}

function castToInteger(value: Exclude<ConnectValue, null>, bits: number): bigint {
  switch (typeof value) {
    case 'bigint':
      return BigInt.asIntN(bits, value)
    case 'boolean':
      return value ? 1n : 0n
    case 'string':
      return parseInteger(value, bits)
    case 'number':
      // Java makes a floating number an int first, or a long for a long, the nearest there is.
      return BigInt.asIntN(bits, nearestInteger(value, Math.max(bits, 32)))
    default:
      break
  }
  return value instanceof Decimal ? BigInt.asIntN(bits, value.toLong()) : unexpected(value)
}

function parseInteger(text: string, bits: number): bigint {
  const value = parseJavaInteger(text, 64)
  return value === null || BigInt.asIntN(bits, value) !== value ? outOfRange(text) : value
}

function nearestInteger(value: number, bits: number): bigint {
  if (Number.isNaN(value)) return 0n
  const limit = 1n << BigInt(bits - 1)
  if (value >= Number(limit)) return limit - 1n
  return value < -Number(limit) ? -limit : BigInt(Math.trunc(value))
}

function castToFloat(value: Exclude<ConnectValue, null>, isSingle: boolean): number {
  switch (typeof value) {
    case 'bigint':
    case 'number':
    case 'boolean':
      return Number(value)
    case 'string': {
      const parsed = parseJavaDouble(value)
      if (parsed === null) return outOfRange(value)
      return isSingle ? Math.fround(parsed) : parsed
    }
    default:
      break
  }
  return value instanceof Decimal ? value.toNumber() : unexpected(value)
}

function castToBoolean(value: Exclude<ConnectValue, null>): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.toLowerCase() === 'true'
  return castToInteger(value, 64) !== 0n
}

function castToString(schema: Schema | null, value: ConnectValue): string {
  if (value instanceof Date) return dateText(value)
  return Buffer.isBuffer(value) ? value.toString('base64') : javaText(schema, value)
}
