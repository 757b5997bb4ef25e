/** Puts a whole key or value into a field of a new one (org.apache.kafka.connect.transforms.HoistField). */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectRecord } from '../api/record.ts'
import { PluginConfig } from '../config/plugin-config.ts'
import { Struct } from '../data/struct.ts'
import { StructSchemaBuilder } from '../data/struct-builder.ts'
import * as side from './side.ts'

const CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'field',
    type: 'STRING',
    importance: 'MEDIUM',
    documentation: 'Name of the only field of the new key or value.',
  },
]

class HoistField extends side.SidedTransformation {
  private field = ''

  configure(props: Props): void {
    this.field = new PluginConfig(CONFIGS, props).text('field')!
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.side.schema(record)
    const value = this.side.value(record)
    if (schema === null) return this.side.replace(record, null, new Map([[this.field, value]]))
    const hoisted = this.schemas.get(schema, () => new StructSchemaBuilder().field(this.field, schema).build())
    return this.side.replace(record, hoisted, new Struct(hoisted).put(this.field, value))
  }
}

export const hoistFieldTransformations = side.bothSides('HoistField', CONFIGS, (part) => new HoistField(part))
