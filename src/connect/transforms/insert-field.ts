/** Adds fields with where and when a record is, or with a fixed text (org.apache.kafka.connect.transforms.InsertField). */
import { ConfigError, invalidValue } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Schema } from '../api/data.ts'
import type { ConnectRecord, SinkRecord } from '../api/record.ts'
import { PluginConfig } from '../config/plugin-config.ts'
import { DataError } from '../data/errors.ts'
import { TIMESTAMP_SCHEMA } from '../data/logical.ts'
import * as schemas from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { StructSchemaBuilder } from '../data/struct-builder.ts'
import * as side from './side.ts'

const PURPOSE = 'field insertion'

const field = (name: string, what: string): ConnectConfigKey => ({
  name,
  type: 'STRING',
  defaultValue: null,
  importance: 'MEDIUM',
  documentation: `Name of a field for ${what}; with ! after it the field is required, with ? or nothing optional.`,
})

const CONFIGS: readonly ConnectConfigKey[] = [
  field('topic.field', "the record's topic"),
  field('partition.field', "the record's partition"),
  field('offset.field', "the record's offset; for sinks only"),
  field('timestamp.field', "the record's timestamp"),
  field('static.field', 'static.value'),
  {
    name: 'static.value',
    type: 'STRING',
    defaultValue: null,
    importance: 'MEDIUM',
    documentation: 'What the field named by static.field has.',
  },
  side.REPLACE_NULL,
]

/** What can be inserted, in this order; null: this record has no such thing. */
interface Source {
  readonly config: string
  readonly schema: Schema
  value(record: ConnectRecord, staticValue: string | null): ConnectValue
}

const SOURCES: readonly Source[] = [
  { config: 'topic.field', schema: schemas.STRING_SCHEMA, value: (record) => record.topic },
  { config: 'partition.field', schema: schemas.INT32_SCHEMA, value: (record) => record.kafkaPartition },
  { config: 'offset.field', schema: schemas.INT64_SCHEMA, value: (record) => BigInt(sinkRecord(record).kafkaOffset) },
  {
    config: 'timestamp.field',
    schema: TIMESTAMP_SCHEMA,
    value: ({ timestamp }) => (timestamp === null ? null : new Date(timestamp)),
  },
  { config: 'static.field', schema: schemas.STRING_SCHEMA, value: (_record, staticValue) => staticValue },
]

function sinkRecord(record: ConnectRecord): SinkRecord {
  if ('kafkaOffset' in record) return record as SinkRecord
  throw new DataError(`Only SinkRecord supported for [${PURPOSE}], found: org.apache.kafka.connect.source.SourceRecord`)
}

interface Insertion {
  readonly name: string
  readonly schema: Schema
  readonly source: Source
}

function insertionOf(spec: string | null, source: Source): Insertion[] {
  if (spec === null) return []
  const name = /[?!]$/.test(spec) ? spec.slice(0, -1) : spec
  const schema = schemas.schemaOf(source.schema.type, { ...source.schema, optional: !spec.endsWith('!') })
  return [{ name, schema, source }]
}

/** Without a schema whole numbers are bigints and a time is its milliseconds. */
function plain(value: ConnectValue): ConnectValue {
  if (value instanceof Date) return BigInt(value.getTime())
  return typeof value === 'number' ? BigInt(value) : value
}

class InsertField extends side.SidedTransformation {
  private insertions: readonly Insertion[] = []
  private staticValue: string | null = null
  private replacesNull = true

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.staticValue = config.text('static.value')
    this.replacesNull = config.flag(side.REPLACE_NULL.name)
    this.insertions = SOURCES.flatMap((source) => insertionOf(config.text(source.config), source))
    if (this.insertions.length === 0) throw new ConfigError('No field insertion configured')
    const fixed = config.text('static.field')
    if (fixed !== null && this.staticValue === null) {
      throw invalidValue('static.value', null, `No value specified for static field: ${fixed}`)
    }
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.side.value(record)
    if (value === null) return record
    if (this.side.schema(record) === null) {
      const updated = new Map(side.requireMap(value, PURPOSE))
      this.insert(record, (name, inserted) => updated.set(name, plain(inserted)))
      return this.side.replace(record, null, updated)
    }
    const struct = side.requireStruct(value, PURPOSE)
    const schema = this.schemas.get(struct.schema, (each) => this.updatedSchema(each))
    const updated = new Struct(schema)
    for (const each of struct.schema.fields) updated.put(each.name, side.fieldValue(struct, each, this.replacesNull))
    this.insert(record, (name, inserted) => updated.put(name, inserted))
    return this.side.replace(record, schema, updated)
  }

  private insert(record: ConnectRecord, put: (name: string, value: ConnectValue) => void): void {
    for (const { name, source } of this.insertions) {
      const value = source.value(record, this.staticValue)
      if (value !== null) put(name, value)
    }
  }

  private updatedSchema(schema: Schema): Schema {
    const builder = new StructSchemaBuilder()
    for (const each of schema.fields) builder.field(each.name, each.schema)
    for (const insertion of this.insertions) builder.field(insertion.name, insertion.schema)
    return builder.build(side.basicsOf(schema))
  }
}

export const insertFieldTransformations = side.bothSides('InsertField', CONFIGS, (part) => new InsertField(part))
