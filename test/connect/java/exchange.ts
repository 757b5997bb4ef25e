/** Cases for Kafka's own converters and transformations, in a form that Java and TypeScript read, and what comes of them as text. */
import type { ConnectConfigKey } from '../../../src/connect/api/config.ts'
import type { ConnectValue, Schema, SchemaAndValue, SchemaType } from '../../../src/connect/api/data.ts'
import type { Converter, HeaderConverter, Plugin, Predicate, Transformation } from '../../../src/connect/api/plugin.ts'
import type { ConnectRecord } from '../../../src/connect/api/record.ts'
import { converterPlugins } from '../../../src/connect/converters/plugins.ts'
import { Decimal } from '../../../src/connect/data/decimal.ts'
import { withDefault } from '../../../src/connect/data/default-value.ts'
import { schemaOf } from '../../../src/connect/data/schema.ts'
import { Struct } from '../../../src/connect/data/struct.ts'
import { StructSchemaBuilder } from '../../../src/connect/data/struct-builder.ts'
import { predicatePlugins } from '../../../src/connect/predicates/plugins.ts'
import { transformationPlugins } from '../../../src/connect/transforms/plugins.ts'

export interface SchemaCase {
  type: SchemaType
  optional?: true
  name?: string
  version?: number
  doc?: string
  parameters?: [string, string][]
  default?: ValueCase
  fields?: [string, SchemaCase][]
  keySchema?: SchemaCase
  valueSchema?: SchemaCase
}

/** A value's kind and its content: texts for what is plain, else the values within. */
export type ValueCase = null | [kind: string, content: string | ValueCase[] | [ValueCase, ValueCase][]]

export interface RecordCase {
  topic: string
  partition: number | null
  /** Of a sink's record. */
  offset?: number
  timestamp: string | null
  keySchema: SchemaCase | null
  key: ValueCase
  valueSchema: SchemaCase | null
  value: ValueCase
  headers: [string, SchemaCase | null, ValueCase][]
}

export interface Case {
  kind: 'write' | 'read' | 'write-header' | 'read-header' | 'transform' | 'test' | 'configs'
  /** Kafka's class name. */
  plugin: string
  configs: Record<string, string>
  schema?: SchemaCase | null
  value?: ValueCase
  /** In base64. */
  bytes?: string | null
  record?: RecordCase
}

export const plugins: readonly Plugin[] = [...converterPlugins, ...transformationPlugins, ...predicatePlugins]

function make(type: Plugin['type'], { plugin, configs }: Case): unknown {
  const found = plugins.find((each) => each.type === type && each.className === plugin)
  if (found === undefined) throw new Error(`no ${type} ${plugin}`)
  if (!('make' in found)) throw new Error(`${plugin} can't be made`)
  const made = found.make()
  made.configure(configs, false)
  return made
}

/** @returns what ConnectData.java writes for the same case, if all is well */
export function runCase(each: Case): string {
  try {
    return outcome(each)
  } catch (error) {
    const { exceptionClass, name, message } = error as Error & { exceptionClass?: string }
    return `! ${exceptionClass ?? name}: ${message}`
  }
}

function outcome(each: Case): string {
  const schema = schemaFrom(each.schema ?? null)
  const bytes = each.bytes == null ? null : Buffer.from(each.bytes, 'base64')
  switch (each.kind) {
    case 'write':
      return base64(
        (make('converter', each) as Converter).fromConnectData('t', [], schema, valueFrom(schema, each.value!)),
      )
    case 'read':
      return dump((make('converter', each) as Converter).toConnectData('t', [], bytes))
    case 'write-header': {
      const converter = make('header_converter', each) as HeaderConverter
      return base64(converter.fromConnectHeader('t', 'h', schema, valueFrom(schema, each.value!)))
    }
    case 'read-header':
      return dump((make('header_converter', each) as HeaderConverter).toConnectHeader('t', 'h', bytes))
    case 'transform':
      return dumpRecord((make('transformation', each) as Transformation).apply(recordFrom(each.record!)))
    case 'configs':
      return plugins
        .find(({ className }) => className === each.plugin)!
        .configs.map(dumpConfig)
        .join('; ')
    case 'test':
      return String((make('predicate', each) as Predicate).test(recordFrom(each.record!)))
  }
}

function dumpConfig(key: ConnectConfigKey): string {
  const { name, type, defaultValue, importance, group = null, orderInGroup = -1, width = 'NONE', displayName } = key
  const shown = Array.isArray(defaultValue) ? `[${defaultValue.join(', ')}]` : String(defaultValue)
  return `${name} ${type} ${defaultValue === undefined ? 'required' : shown} ${importance} ${group} ${orderInGroup} ${width} ${displayName ?? name}`
}

const base64 = (bytes: Buffer | null): string => bytes?.toString('base64') ?? 'null'

export function schemaFrom(each: SchemaCase | null): Schema | null {
  if (each === null) return null
  const builder = new StructSchemaBuilder()
  for (const [name, schema] of each.fields ?? []) builder.field(name, schemaFrom(schema))
  const schema = schemaOf(each.type, {
    optional: each.optional ?? false,
    name: each.name ?? null,
    version: each.version ?? null,
    doc: each.doc ?? null,
    parameters: each.parameters === undefined ? null : new Map(each.parameters),
    fields: builder.build().fields,
    keySchema: schemaFrom(each.keySchema ?? null),
    valueSchema: schemaFrom(each.valueSchema ?? null),
  })
  return each.default === undefined ? schema : withDefault(schema, valueFrom(schema, each.default))
}

export function valueFrom(schema: Schema | null, each: ValueCase): ConnectValue {
  if (each === null) return null
  const [kind, content] = each
  if (typeof content === 'string') return plainFrom(kind, content)
  if (kind === 'array') {
    return (content as ValueCase[]).map((item) => valueFrom(schema?.valueSchema ?? null, item))
  }
  if (kind === 'map') {
    const entries = content as [ValueCase, ValueCase][]
    return new Map(
      entries.map(([key, item]) => [
        valueFrom(schema?.keySchema ?? null, key),
        valueFrom(schema?.valueSchema ?? null, item),
      ]),
    )
  }
  const struct = new Struct(schema!)
  for (const field of schema!.fields) {
    const item = (content as ValueCase[])[field.index]!
    if (item !== null) struct.put(field, valueFrom(field.schema, item))
  }
  return struct
}

function plainFrom(kind: string, text: string): ConnectValue {
  switch (kind) {
    case 'int64':
      return BigInt(text)
    case 'float32':
      return Math.fround(Number(text))
    case 'boolean':
      return text === 'true'
    case 'string':
      return text
    case 'bytes':
      return Buffer.from(text, 'base64')
    case 'decimal':
      return Decimal.parse(text)
    case 'date':
      return new Date(Number(text))
    default:
      return Number(text)
  }
}

function recordFrom(each: RecordCase): ConnectRecord {
  const keySchema = schemaFrom(each.keySchema)
  const valueSchema = schemaFrom(each.valueSchema)
  const record: ConnectRecord = {
    topic: each.topic,
    kafkaPartition: each.partition,
    keySchema,
    key: valueFrom(keySchema, each.key),
    valueSchema,
    value: valueFrom(valueSchema, each.value),
    timestamp: each.timestamp === null ? null : Number(each.timestamp),
    headers: each.headers.map(([key, schemaCase, value]) => {
      const schema = schemaFrom(schemaCase)
      return { key, schema, value: valueFrom(schema, value) }
    }),
  }
  return each.offset === undefined ? record : Object.assign(record, { kafkaOffset: each.offset })
}

function dumpRecord(record: ConnectRecord | null): string {
  if (record === null) return 'dropped'
  const parts = [
    `${record.topic} ${record.kafkaPartition} ${record.timestamp}`,
    `key ${dump({ schema: record.keySchema, value: record.key })}`,
    `value ${dump({ schema: record.valueSchema, value: record.value })}`,
    ...record.headers.map(({ key, schema, value }) => `header ${key} ${dump({ schema, value })}`),
  ]
  return parts.join(' ')
}

const dump = ({ schema, value }: SchemaAndValue): string => `${dumpSchema(schema)} ${dumpValue(schema, value)}`

function dumpSchema(schema: Schema | null): string {
  if (schema === null) return 'null'
  const parameters =
    schema.parameters === null
      ? 'null'
      : `{${[...schema.parameters]
          .sort()
          .map(([name, value]) => `${name}=${value}`)
          .join(', ')}}`
  const parts = [`${schema.name} ${schema.version} ${schema.doc} ${parameters}`]
  if (schema.defaultValue !== undefined) parts.push(`default ${dumpValue(schema, schema.defaultValue)}`)
  if (schema.type === 'ARRAY') parts.push(dumpSchema(schema.valueSchema))
  if (schema.type === 'MAP') parts.push(dumpSchema(schema.keySchema), dumpSchema(schema.valueSchema))
  parts.push(...schema.fields.map((field) => `${field.name}:${dumpSchema(field.schema)}`))
  return `${schema.type}${schema.optional ? '?' : ''}(${parts.join(' ')})`
}

function dumpValue(schema: Schema | null, value: ConnectValue): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return dumpNumber(schema?.type ?? 'FLOAT64', value)
  if (typeof value === 'string') return `"${value}"`
  if (typeof value !== 'object') return String(value)
  if (value instanceof Decimal) return `decimal ${value.unscaled} ${value.scale}`
  if (value instanceof Date) return `date ${value.getTime()}`
  if (Buffer.isBuffer(value)) return `bytes ${value.toString('base64')}`
  const items = schema?.valueSchema ?? null
  if (Array.isArray(value)) return `[${value.map((item) => dumpValue(items, item)).join(', ')}]`
  if (value instanceof Struct) {
    const fields = value.schema.fields.map((field) => dumpValue(field.schema, value.getWithoutDefault(field)))
    return `struct{${fields.join(', ')}}`
  }
  const keys = schema?.keySchema ?? null
  return `{${[...value]
    .map(([key, item]) => `${dumpValue(keys, key)}=${dumpValue(items, item)}`)
    .sort()
    .join(', ')}}`
}

function dumpNumber(type: SchemaType, value: number): string {
  const bytes = Buffer.alloc(8)
  if (type === 'FLOAT32') {
    bytes.writeFloatBE(value)
    return `f${bytes.readUInt32BE().toString(16)}`
  }
  if (type !== 'FLOAT64') return String(value)
  bytes.writeDoubleBE(value)
  return `d${bytes.readBigUInt64BE().toString(16)}`
}
