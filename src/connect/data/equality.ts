/** When schemas, and when values, are alike (Java's equals). */
import type { ConnectValue, Field, Schema } from '../api/data.ts'

/** Whether two values are alike, element by element; bytes by their content. */
export function sameValue(left: ConnectValue | undefined, right: ConnectValue | undefined): boolean {
  if (Object.is(left, right)) return true
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') return false
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, i) => sameValue(item, right[i]))
  }
  if (left instanceof Map) return right instanceof Map && sameMap(left, right)
  if (left instanceof Date) return right instanceof Date && left.getTime() === right.getTime()
  // Buffers, Decimals and Structs compare themselves.
  return left.constructor === right.constructor && left.equals(right as never)
}

function sameMap(left: Map<ConnectValue, ConnectValue>, right: Map<ConnectValue, ConnectValue>): boolean {
  if (left.size !== right.size) return false
  return [...left].every(([key, value]) => {
    if (right.has(key)) return sameValue(value, right.get(key))
    if (key === null || typeof key !== 'object') return false
    return [...right].some(([other, otherValue]) => sameValue(key, other) && sameValue(value, otherValue))
  })
}

const sameOrNull = (left: Schema | null, right: Schema | null): boolean =>
  left === right || (left !== null && right !== null && sameSchema(left, right))

function sameParameters(left: Schema['parameters'], right: Schema['parameters']): boolean {
  if (left === null || right === null || left === right) return left === right
  return left.size === right.size && [...left].every(([name, value]) => right.get(name) === value)
}

const sameFields = (left: readonly Field[], right: readonly Field[]): boolean =>
  left === right ||
  (left.length === right.length &&
    left.every((field, index) => {
      const other = right[index]!
      return field.name === other.name && field.index === other.index && sameSchema(field.schema, other.schema)
    }))

/** Whether two schemas say the same in every part, documentation and defaults included. */
export function sameSchema(left: Schema, right: Schema): boolean {
  if (left === right) return true
  return (
    left.type === right.type &&
    left.optional === right.optional &&
    left.name === right.name &&
    left.version === right.version &&
    left.doc === right.doc &&
    sameValue(left.defaultValue, right.defaultValue) &&
    sameFields(left.fields, right.fields) &&
    sameOrNull(left.keySchema, right.keySchema) &&
    sameOrNull(left.valueSchema, right.valueSchema) &&
    sameParameters(left.parameters, right.parameters)
  )
}
