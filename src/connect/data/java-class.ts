import type { ConnectValue } from '../api/data.ts'
import { Decimal } from './decimal.ts'

/**
 * @returns the name of the Java class such a value has in Kafka, for error texts; a number could be of several there and is called
 * an Integer when it is whole, else a Double
 */
export function javaClassName(value: Exclude<ConnectValue, null>): string {
  switch (typeof value) {
    case 'boolean':
      return 'java.lang.Boolean'
    case 'bigint':
      return 'java.lang.Long'
    case 'string':
      return 'java.lang.String'
    case 'number':
      return Number.isInteger(value) ? 'java.lang.Integer' : 'java.lang.Double'
  }
  if (Array.isArray(value)) return 'java.util.ArrayList'
  if (value instanceof Map) return 'java.util.HashMap'
  if (value instanceof Date) return 'java.util.Date'
  if (value instanceof Decimal) return 'java.math.BigDecimal'
  return Buffer.isBuffer(value) ? '[B' : 'org.apache.kafka.connect.data.Struct'
}

/** @returns what Java's Class.toString says: `class java.lang.Long` */
export const javaClassText = (value: Exclude<ConnectValue, null>): string => `class ${javaClassName(value)}`
