/** Values of Connect as JSON, by their schemas or by what they are, and back. */
import { javaDoubleText } from '../../config/java-number.ts'
import type { ConnectValue, Schema, SchemaType } from '../api/data.ts'
import { Decimal } from '../data/decimal.ts'
import { sameSchema } from '../data/equality.ts'
import { DataError } from '../data/errors.ts'
import { javaClassText } from '../data/java-class.ts'
import * as logical from '../data/logical.ts'
import { floatText } from '../data/number-text.ts'
import { Struct } from '../data/struct.ts'
import { type JsonNode, jsonString, nodeType } from './json-text.ts'

export interface JsonFormat {
  /** Decimals as numbers instead of base64 bytes. */
  readonly hasNumericDecimals: boolean
  readonly replacesNullWithDefault: boolean
}

type Value = Exclude<ConnectValue, null>

/** @returns JSON text @throws DataError if the value isn't one of the schema's */
export function valueToJson(schema: Schema | null, value: ConnectValue, format: JsonFormat): string {
  if (value === null) {
    if (schema === null) return 'null'
    if (schema.defaultValue !== undefined && format.replacesNullWithDefault) {
      return valueToJson(schema, schema.defaultValue, format)
    }
    if (schema.optional) return 'null'
    throw new DataError('Conversion error: null value for field that is required and has no default value')
  }
  return logicalToJson(schema, value, format) ?? plainToJson(schema, value, format)
}

/** @returns undefined if the schema is of no logical type */
function logicalToJson(schema: Schema | null, value: Value, format: JsonFormat): string | undefined {
  switch (schema?.name) {
    case logical.DECIMAL:
      if (!(value instanceof Decimal)) return notLogical('Decimal', 'BigDecimal', value)
      if (format.hasNumericDecimals) return value.toString()
      return `"${logical.decimalToBytes(schema, value).toString('base64')}"`
    case logical.DATE:
      return String(value instanceof Date ? logical.dateToDays(schema, value) : notLogical('Date', 'Date', value))
    case logical.TIME:
      return String(value instanceof Date ? logical.timeToMs(schema, value) : notLogical('Time', 'Date', value))
    case logical.TIMESTAMP:
      return String(
        value instanceof Date ? logical.timestampToMs(schema, value) : notLogical('Timestamp', 'Date', value),
      )
    default:
      return undefined
  }
}

function notLogical(type: string, expected: string, value: Value): never {
  throw new DataError(`Invalid type for ${type}, expected ${expected} but was ${javaClassText(value)}`)
}

function plainToJson(schema: Schema | null, value: Value, format: JsonFormat): string {
  switch (schema?.type ?? typeWithoutSchema(value)) {
    case 'BOOLEAN':
      return typeof value === 'boolean' ? String(value) : misfit(schema, value)
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return typeof value === 'number' && Number.isInteger(value) ? String(value + 0) : misfit(schema, value)
    case 'INT64':
      return typeof value === 'bigint' ? String(value) : misfit(schema, value)
    case 'FLOAT32':
      return typeof value === 'number' ? floatingToJson(floatText(value)) : misfit(schema, value)
    case 'FLOAT64':
      return typeof value === 'number' ? floatingToJson(javaDoubleText(value)) : misfit(schema, value)
    case 'STRING':
      return typeof value === 'string' ? jsonString(value) : misfit(schema, value)
    case 'BYTES':
      if (Buffer.isBuffer(value)) return `"${value.toString('base64')}"`
      throw new DataError(`Invalid type for bytes type: ${javaClassText(value)}`)
    case 'ARRAY':
      if (!Array.isArray(value)) return misfit(schema, value)
      return `[${value.map((item) => valueToJson(schema?.valueSchema ?? null, item, format)).join(',')}]`
    case 'MAP':
      return value instanceof Map ? mapToJson(schema, value, format) : misfit(schema, value)
    case 'STRUCT':
      return value instanceof Struct ? structToJson(schema, value, format) : misfit(schema, value)
  }
}

/** NaN and the infinities are texts in JSON. */
const floatingToJson = (text: string): string => (/[a-z]/.test(text) ? `"${text}"` : text)

function misfit(schema: Schema | null, value: Value): never {
  throw new DataError(`Invalid type for ${schema?.type ?? 'unknown schema'}: ${javaClassText(value)}`)
}

function typeWithoutSchema(value: Value): SchemaType {
  switch (typeof value) {
    case 'boolean':
      return 'BOOLEAN'
    case 'bigint':
      return 'INT64'
    case 'number':
      return 'FLOAT64'
    case 'string':
      return 'STRING'
    default:
      break
  }
  if (Array.isArray(value)) return 'ARRAY'
  if (value instanceof Map) return 'MAP'
  if (value instanceof Struct) return 'STRUCT'
  if (Buffer.isBuffer(value)) return 'BYTES'
  throw new DataError(`Java ${javaClassText(value)} does not have corresponding schema type.`)
}

function mapToJson(schema: Schema | null, map: Map<ConnectValue, ConnectValue>, format: JsonFormat): string {
  const keySchema = schema?.keySchema ?? null
  const valueSchema = schema?.valueSchema ?? null
  const isObject =
    schema === null ? [...map.keys()].every((key) => typeof key === 'string') : keySchema?.type === 'STRING'
  const entries = [...map].map(([key, value]) => {
    const text = valueToJson(valueSchema, value, format)
    if (!isObject) return `[${valueToJson(keySchema, key, format)},${text}]`
    const name = valueToJson(keySchema, key, format)
    return `${name === 'null' ? '"null"' : name}:${text}`
  })
  return isObject ? `{${entries.join(',')}}` : `[${entries.join(',')}]`
}

function structToJson(schema: Schema | null, struct: Struct, format: JsonFormat): string {
  if (schema === null || !sameSchema(struct.schema, schema)) throw new DataError('Mismatching schema.')
  const fields = schema.fields.map(
    (field) => `${jsonString(field.name)}:${valueToJson(field.schema, struct.getWithoutDefault(field), format)}`,
  )
  return `{${fields.join(',')}}`
}

/**
 * @param node undefined where there is none
 * @throws DataError if the node can't be one of the schema's values
 */
export function valueFromJson(schema: Schema | null, node: JsonNode | undefined, format: JsonFormat): ConnectValue {
  if (schema === null) return fromPlainJson(node, format)
  if (node === undefined || node === null) {
    if (schema.defaultValue !== undefined && format.replacesNullWithDefault) return schema.defaultValue
    if (schema.optional) return null
    throw new DataError(`Invalid null value for required ${schema.type} field`)
  }
  return logicalFromJson(schema, node) ?? typedFromJson(schema, node, format)
}

function fromPlainJson(node: JsonNode | undefined, format: JsonFormat): ConnectValue {
  if (node === undefined || node === null) return null
  if (typeof node === 'bigint') return BigInt.asIntN(64, node)
  if (node instanceof Decimal) return node.toNumber()
  if (Array.isArray(node)) return node.map((item) => fromPlainJson(item, format))
  if (node instanceof Map) return new Map([...node].map(([name, item]) => [name, fromPlainJson(item, format)]))
  return node
}

/** @returns undefined if the schema is of no logical type */
function logicalFromJson(schema: Schema, node: Exclude<JsonNode, null>): ConnectValue | undefined {
  switch (schema.name) {
    case logical.DECIMAL:
      return decimalFromJson(schema, node)
    case logical.DATE:
      return logical.dateFromDays(schema, int32Of('Date', node))
    case logical.TIME:
      return logical.timeFromMs(schema, int32Of('Time', node))
    case logical.TIMESTAMP:
      if (typeof node === 'bigint') return logical.timestampFromMs(schema, BigInt.asIntN(64, node))
      return misfitNode('Timestamp', 'integral', node)
    default:
      return undefined
  }
}

function misfitNode(type: string, expected: string, node: JsonNode): never {
  throw new DataError(
    `Invalid type for ${type}, underlying representation should be ${expected} but was ${nodeType(node)}`,
  )
}

function int32Of(type: string, node: JsonNode): number {
  if (typeof node === 'bigint' && BigInt.asIntN(32, node) === node) return Number(node)
  return misfitNode(type, 'integer', node)
}

function decimalFromJson(schema: Schema, node: JsonNode): Decimal {
  if (typeof node === 'bigint') return new Decimal(node, 0)
  if (node instanceof Decimal) return node
  if (typeof node !== 'string') return misfitNode('Decimal', 'numeric or bytes', node)
  try {
    return logical.decimalFromBytes(schema, base64Of(node))
  } catch (cause) {
    throw new DataError('Invalid bytes for Decimal field', { cause })
  }
}

function base64Of(text: string): Buffer {
  const compact = text.replace(/[ \t\r\n]/g, '')
  if (compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return Buffer.from(compact, 'base64')
  throw new DataError('Invalid bytes field')
}

const integerPart = (node: JsonNode): bigint =>
  typeof node === 'bigint' ? node : node instanceof Decimal ? node.toLong() : 0n

const numberOf = (node: JsonNode): number =>
  typeof node === 'bigint' ? Number(node) : node instanceof Decimal ? node.toNumber() : 0

/** Like Jackson, takes a node that is of another type for 0, false or nothing. */
function typedFromJson(schema: Schema, node: Exclude<JsonNode, null>, format: JsonFormat): ConnectValue {
  switch (schema.type) {
    case 'BOOLEAN':
      return node === true
    case 'INT8':
      return Number(BigInt.asIntN(8, integerPart(node)))
    case 'INT16':
      return Number(BigInt.asIntN(16, integerPart(node)))
    case 'INT32':
      return Number(BigInt.asIntN(32, integerPart(node)))
    case 'INT64':
      return BigInt.asIntN(64, integerPart(node))
    case 'FLOAT32':
      return Math.fround(numberOf(node))
    case 'FLOAT64':
      return numberOf(node)
    case 'BYTES':
      return typeof node === 'string' ? base64Of(node) : null
    case 'STRING':
      return typeof node === 'string' ? node : null
    case 'ARRAY':
      return elementsOf(node).map((item) => valueFromJson(schema.valueSchema, item, format))
    case 'MAP':
      return mapFromJson(schema, node, format)
    case 'STRUCT':
      return structFromJson(schema, node, format)
  }
}

function elementsOf(node: JsonNode): JsonNode[] {
  if (Array.isArray(node)) return node
  return node instanceof Map ? [...node.values()] : []
}

function mapFromJson(schema: Schema, node: JsonNode, format: JsonFormat): ConnectValue {
  const { keySchema, valueSchema } = schema
  if (keySchema === null || keySchema.type === 'STRING') {
    if (node instanceof Map) {
      return new Map([...node].map(([name, item]) => [name, valueFromJson(valueSchema, item, format)]))
    }
    throw new DataError(`Maps with string fields should be encoded as JSON objects, but found ${nodeType(node)}`)
  }
  if (!Array.isArray(node)) {
    const found = nodeType(node)
    throw new DataError(`Maps with non-string fields should be encoded as JSON array of tuples, but found ${found}`)
  }
  return new Map(node.map((entry) => entryFromJson(keySchema, valueSchema, entry, format)))
}

function entryFromJson(
  keySchema: Schema,
  valueSchema: Schema | null,
  entry: JsonNode,
  format: JsonFormat,
): [ConnectValue, ConnectValue] {
  if (!Array.isArray(entry)) {
    throw new DataError(`Found invalid map entry instead of array tuple: ${nodeType(entry)}`)
  }
  if (entry.length !== 2) {
    throw new DataError(`Found invalid map entry, expected length 2 but found :${entry.length}`)
  }
  return [valueFromJson(keySchema, entry[0], format), valueFromJson(valueSchema, entry[1], format)]
}

function structFromJson(schema: Schema, node: JsonNode, format: JsonFormat): Struct {
  if (!(node instanceof Map)) {
    throw new DataError(`Structs should be encoded as JSON objects, but found ${nodeType(node)}`)
  }
  const struct = new Struct(schema)
  for (const field of schema.fields) struct.put(field, valueFromJson(field.schema, node.get(field.name), format))
  return struct
}
