import type { ConnectValue, Schema, SchemaType } from '../api/data.ts'
import { Decimal } from './decimal.ts'

const NUMBERS: Readonly<Partial<Record<SchemaType, string>>> = {
  INT8: 'java.lang.Byte',
  INT16: 'java.lang.Short',
  INT32: 'java.lang.Integer',
  FLOAT32: 'java.lang.Float',
  FLOAT64: 'java.lang.Double',
}

/**
 * @param schema the value's; without it a number is called an Integer when it is whole, else a Double
 * @returns the name of the Java class such a value has in Kafka, for error texts
 */
export function javaClassName(value: Exclude<ConnectValue, null>, schema: Schema | null = null): string {
  switch (typeof value) {
    case 'boolean':
      return 'java.lang.Boolean'
    case 'bigint':
      return 'java.lang.Long'
    case 'string':
      return 'java.lang.String'
    case 'number':
      return NUMBERS[schema?.type ?? 'STRING'] ?? (Number.isInteger(value) ? 'java.lang.Integer' : 'java.lang.Double')
    default:
      break
  }
  if (Array.isArray(value)) return 'java.util.ArrayList'
  if (value instanceof Map) return 'java.util.HashMap'
  if (value instanceof Date) return 'java.util.Date'
  if (value instanceof Decimal) return 'java.math.BigDecimal'
  return Buffer.isBuffer(value) ? '[B' : 'org.apache.kafka.connect.data.Struct'
}

/** @returns what Java's Class.toString says: `class java.lang.Long` */
export const javaClassText = (value: Exclude<ConnectValue, null>, schema: Schema | null = null): string =>
  `class ${javaClassName(value, schema)}`
