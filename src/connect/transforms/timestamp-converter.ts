/** Makes times texts, numbers or one of Connect's types (org.apache.kafka.connect.transforms.TimestampConverter). */
import { SimpleDateFormat } from '../../base/simple-date-format.ts'
import { ConfigError, invalidValue } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Schema } from '../api/data.ts'
import type { ConnectRecord } from '../api/record.ts'
import { oneOf, PluginConfig } from '../config/plugin-config.ts'
import { withDefault } from '../data/default-value.ts'
import { fieldsOf } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { StructSchemaBuilder } from '../data/struct-builder.ts'
import * as side from './side.ts'
import {
  formOf,
  formWithoutSchema,
  readTime,
  schemaOfForm,
  type TimeForm,
  type TimeFormat,
  writeTime,
} from './time-forms.ts'

const PURPOSE = 'converting timestamp formats'

const CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'field',
    type: 'STRING',
    defaultValue: '',
    importance: 'HIGH',
    documentation: 'The field with the time; empty if the whole key or value is one.',
  },
  {
    name: 'target.type',
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'What the time becomes: string, unix, Date, Time or Timestamp.',
    validator: oneOf('string', 'unix', 'Date', 'Time', 'Timestamp'),
  },
  {
    name: 'format',
    type: 'STRING',
    defaultValue: '',
    importance: 'MEDIUM',
    documentation: 'How texts have the time (UTC): a pattern of java.text.SimpleDateFormat.',
  },
  {
    name: 'unix.precision',
    type: 'STRING',
    defaultValue: 'milliseconds',
    importance: 'LOW',
    documentation: 'What numbers count since 1970. What is finer than milliseconds is lost.',
    validator: oneOf('nanoseconds', 'microseconds', 'milliseconds', 'seconds'),
  },
  side.REPLACE_NULL,
]

class TimestampConverter extends side.SidedTransformation {
  private field = ''
  private target: TimeForm = 'Timestamp'
  private format: TimeFormat = { pattern: '', text: null, unixPrecision: 'milliseconds' }
  private replacesNull = true

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.field = config.text('field')!
    this.target = config.text('target.type') as TimeForm
    this.replacesNull = config.flag(side.REPLACE_NULL.name)
    const pattern = config.text('format')!
    if (this.target === 'string' && pattern === '') {
      throw new ConfigError('TimestampConverter requires format option to be specified when using string timestamps')
    }
    this.format = { pattern, text: dateFormat(pattern), unixPrecision: config.text('unix.precision')! }
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.side.schema(record)
    const value = this.side.value(record)
    if (schema === null) return this.side.replace(record, null, this.withoutSchema(value))
    if (this.field === '') {
      const updated = this.convert(value, formOf(schema))
      return this.side.replace(record, schemaOfForm(this.target, schema.optional), updated)
    }
    const struct = side.requireStructOrNull(value, PURPOSE)
    const updatedSchema = this.schemas.get(schema, () => this.updatedSchema(schema))
    return this.side.replace(record, updatedSchema, struct === null ? null : this.convertStruct(struct, updatedSchema))
  }

  private withoutSchema(value: ConnectValue): ConnectValue {
    if (value === null) return null
    if (this.field === '') return this.convert(value, formWithoutSchema(value))
    const updated = new Map(side.requireMap(value, PURPOSE))
    const time = updated.get(this.field) ?? null
    return updated.set(this.field, time === null ? null : this.convert(time, formWithoutSchema(time)))
  }

  private convert(value: ConnectValue, form: TimeForm): ConnectValue {
    return value === null ? null : writeTime(this.target, readTime(form, value, this.format), this.format)
  }

  private convertStruct(struct: Struct, schema: Schema): Struct {
    const updated = new Struct(schema)
    for (const field of struct.schema.fields) {
      const value = side.fieldValue(struct, field, this.replacesNull)
      updated.put(field.name, field.name === this.field ? this.convert(value, formOf(field.schema)) : value)
    }
    return updated
  }

  private updatedSchema(schema: Schema): Schema {
    const builder = new StructSchemaBuilder()
    for (const { name, schema: fieldSchema } of fieldsOf(schema)) {
      builder.field(name, name === this.field ? schemaOfForm(this.target, fieldSchema.optional) : fieldSchema)
    }
    const updated = builder.build({ ...side.basicsOf(schema), optional: schema.optional })
    const { defaultValue } = schema
    return defaultValue instanceof Struct ? withDefault(updated, this.convertStruct(defaultValue, updated)) : updated
  }
}

function dateFormat(pattern: string): SimpleDateFormat | null {
  if (pattern === '') return null
  try {
    return new SimpleDateFormat(pattern, 'UTC')
  } catch (error) {
    // Kafka mixes up name and value here.
    throw invalidValue(
      `TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${pattern}`,
      `java.lang.IllegalArgumentException: ${(error as Error).message}`,
    )
  }
}

export const timestampConverterTransformations = side.bothSides(
  'TimestampConverter',
  CONFIGS,
  (part) => new TimestampConverter(part),
)
