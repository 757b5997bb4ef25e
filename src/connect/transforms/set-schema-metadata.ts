/** Gives a schema another name or version (org.apache.kafka.connect.transforms.SetSchemaMetadata). */
import { ConfigError } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { Schema } from '../api/data.ts'
import type { ConnectRecord } from '../api/record.ts'
import { PluginConfig } from '../config/plugin-config.ts'
import { DataError } from '../data/errors.ts'
import { fieldsOf } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import * as side from './side.ts'

const CONFIGS: readonly ConnectConfigKey[] = [
  { name: 'schema.name', type: 'STRING', defaultValue: null, importance: 'HIGH', documentation: 'The new name.' },
  { name: 'schema.version', type: 'INT', defaultValue: null, importance: 'HIGH', documentation: 'The new version.' },
  side.REPLACE_NULL,
]

class SetSchemaMetadata extends side.SidedTransformation {
  private name: string | null = null
  private version: number | null = null
  private replacesNull = true

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.name = config.text('schema.name')
    this.version = config.number('schema.version')
    this.replacesNull = config.flag(side.REPLACE_NULL.name)
    if (this.name === null && this.version === null) throw new ConfigError('Neither schema name nor version configured')
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.side.schema(record)
    const value = this.side.value(record)
    if (schema === null && value === null) return record
    if (schema === null) throw new DataError('Schema required for [updating schema metadata]')
    const { name, version } = this
    const updated = this.schemas.get(schema, () => ({
      ...schema,
      // Kafka asks for them, so that only structures are taken.
      fields: fieldsOf(schema),
      name: name ?? schema.name,
      version: version ?? schema.version,
    }))
    return this.side.replace(record, updated, value instanceof Struct ? this.copy(value, updated) : value)
  }

  private copy(struct: Struct, schema: Schema): Struct {
    const copy = new Struct(schema)
    for (const { name } of schema.fields) copy.put(name, side.fieldValue(struct, name, this.replacesNull))
    return copy
  }
}

export const setSchemaMetadataTransformations = side.bothSides(
  'SetSchemaMetadata',
  CONFIGS,
  (part) => new SetSchemaMetadata(part),
)
