/** Makes fields, or a whole key or value, another type (org.apache.kafka.connect.transforms.Cast). */
import { ConfigError, invalidValue } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Schema, SchemaType } from '../api/data.ts'
import type { ConnectRecord } from '../api/record.ts'
import { PluginConfig } from '../config/plugin-config.ts'
import { withDefault } from '../data/default-value.ts'
import { withoutSchema } from '../data/merge-schemas.ts'
import { fieldsOf, schemaOf } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { StructSchemaBuilder } from '../data/struct-builder.ts'
import { castValue, TARGET_TYPES } from './cast-value.ts'
import { splitMapping } from './mappings.ts'
import * as side from './side.ts'

const PURPOSE = 'cast types'

const CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'spec',
    type: 'LIST',
    importance: 'HIGH',
    documentation:
      'Fields and their new types, as field1:type,field2:type, or one type for the whole key or value. ' +
      'Types: int8, int16, int32, int64, float32, float64, boolean, string. Bytes become strings only.',
    validator: (_name, value) => {
      if (value === null || (value as readonly string[]).length === 0) {
        throw new ConfigError('Must specify at least one field to cast.')
      }
      parseSpec(value as readonly string[])
    },
  },
  side.REPLACE_NULL,
]

/** New types by field; null stands for the whole. */
type Casts = ReadonlyMap<string | null, SchemaType>

function parseSpec(mappings: readonly string[]): Casts {
  const casts = new Map<string | null, SchemaType>()
  for (const mapping of mappings) {
    const parts = splitMapping(mapping)
    if (parts.length > 2)
      throw invalidValue('renames', `[${mappings.join(', ')}]`, `Invalid rename mapping: ${mapping}`)
    const [field, type] = parts.length === 1 ? [null, parts[0]] : [parts[0]!.trim(), parts[1]]
    casts.set(field, targetOf((type ?? '').trim()))
  }
  if (casts.has(null) && mappings.length > 1) {
    throw new ConfigError(
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    )
  }
  return casts
}

const OTHER_TYPES = ['BYTES', 'ARRAY', 'MAP', 'STRUCT']

function targetOf(text: string): SchemaType {
  const type = text.toUpperCase()
  const found = TARGET_TYPES.find((each) => each === type)
  if (found !== undefined) return found
  if (!OTHER_TYPES.includes(type)) {
    // Kafka mixes up name and value here.
    const value = `java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.${type}`
    throw invalidValue(`Invalid type found in casting spec: ${text}`, value)
  }
  throw new ConfigError(
    `Cast transformation does not support casting to ${type}; supported types are [${TARGET_TYPES.join(', ')}]`,
  )
}

class Cast extends side.SidedTransformation {
  private casts: Casts = new Map()
  private replacesNull = true

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.casts = parseSpec(config.list('spec'))
    this.replacesNull = config.flag(side.REPLACE_NULL.name)
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.side.schema(record)
    const value = this.side.value(record)
    if (value === null) return record
    if (schema === null) return this.side.replace(record, null, this.withoutSchema(value))
    const updatedSchema = this.schemaFor(schema)
    const whole = this.casts.get(null)
    const updated =
      whole === undefined
        ? this.castStruct(side.requireStruct(value, PURPOSE), updatedSchema)
        : castValue(schema, value, whole)
    return this.side.replace(record, updatedSchema, updated)
  }

  private withoutSchema(value: ConnectValue): ConnectValue {
    const whole = this.casts.get(null)
    const cast = (type: SchemaType, each: ConnectValue) => withoutSchema(schemaOf(type), castValue(null, each, type))
    if (whole !== undefined) return cast(whole, value)
    const updated = new Map(side.requireMap(value, PURPOSE))
    for (const [field, type] of this.casts) updated.set(field!, cast(type, updated.get(field!) ?? null))
    return updated
  }

  private castStruct(struct: Struct, updatedSchema: Schema): Struct {
    const updated = new Struct(updatedSchema)
    for (const field of struct.schema.fields) {
      const type = this.casts.get(field.name)
      const value = side.fieldValue(struct, field, this.replacesNull)
      updated.put(field.name, type === undefined ? value : castValue(field.schema, value, type))
    }
    return updated
  }

  private schemaFor(schema: Schema): Schema {
    return this.schemas.get(schema, () => {
      const whole = this.casts.get(null)
      if (whole !== undefined) return castSchema(schema, whole, { ...side.basicsOf(schema), optional: schema.optional })
      const builder = new StructSchemaBuilder()
      for (const { name, schema: fieldSchema } of fieldsOf(schema)) {
        const type = this.casts.get(name)
        const { optional } = fieldSchema
        builder.field(name, type === undefined ? fieldSchema : castSchema(fieldSchema, type, { optional }))
      }
      return builder.build({ ...side.basicsOf(schema), optional: schema.optional })
    })
  }
}

function castSchema(schema: Schema, type: SchemaType, options: Parameters<typeof schemaOf>[1]): Schema {
  const updated = schemaOf(type, options)
  return schema.defaultValue === undefined
    ? updated
    : withDefault(updated, castValue(schema, schema.defaultValue, type))
}

export const castTransformations = side.bothSides('Cast', CONFIGS, (part) => new Cast(part))
