/** Makes a key of fields of the value (org.apache.kafka.connect.transforms.ValueToKey). */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { Schema } from '../api/data.ts'
import type { Transformation } from '../api/plugin.ts'
import type { ConnectRecord } from '../api/record.ts'
import { distinctList, PluginConfig } from '../config/plugin-config.ts'
import { DataError } from '../data/errors.ts'
import { fieldOf } from '../data/schema.ts'
import { SchemaCache } from '../data/schema-cache.ts'
import { Struct } from '../data/struct.ts'
import { StructSchemaBuilder } from '../data/struct-builder.ts'
import * as side from './side.ts'

const PURPOSE = 'copying fields from value to key'

const CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'fields',
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'Fields of the value that become the key.',
    validator: distinctList({ allowsEmpty: false }),
  },
  side.REPLACE_NULL,
]

class ValueToKey implements Transformation {
  private fields: readonly string[] = []
  private replacesNull = true
  private readonly schemas = new SchemaCache<Schema>(side.SCHEMA_CACHE_SIZE)

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.fields = [...new Set(config.list('fields'))]
    this.replacesNull = config.flag(side.REPLACE_NULL.name)
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (record.valueSchema === null) {
      const value = side.requireMap(record.value, PURPOSE)
      return { ...record, keySchema: null, key: new Map(this.fields.map((name) => [name, value.get(name) ?? null])) }
    }
    const value = side.requireStruct(record.value, PURPOSE)
    const keySchema = this.schemas.get(value.schema, (schema) => this.keySchema(schema))
    const key = new Struct(keySchema)
    for (const name of this.fields) key.put(name, side.fieldValue(value, name, this.replacesNull))
    return { ...record, keySchema, key }
  }

  private keySchema(schema: Schema): Schema {
    const builder = new StructSchemaBuilder()
    for (const name of this.fields) {
      const field = fieldOf(schema, name)
      if (field === undefined) throw new DataError(`Field does not exist: ${name}`)
      builder.field(name, field.schema)
    }
    return builder.build()
  }
}

export const valueToKeyTransformation = side.oneTransformation('ValueToKey', CONFIGS, () => new ValueToKey())
