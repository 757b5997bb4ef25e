/** Puts one field of a key or value in its place (org.apache.kafka.connect.transforms.ExtractField). */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue } from '../api/data.ts'
import type { ConnectRecord } from '../api/record.ts'
import { PluginConfig } from '../config/plugin-config.ts'
import { UnknownFieldError } from '../data/errors.ts'
import { FIELD_SYNTAX_VERSION, FieldPath } from './field-path.ts'
import * as side from './side.ts'

const PURPOSE = 'field extraction'

const CONFIGS: readonly ConnectConfigKey[] = [
  { name: 'field', type: 'STRING', importance: 'MEDIUM', documentation: 'The field.' },
  side.REPLACE_NULL,
  FIELD_SYNTAX_VERSION,
]

class ExtractField extends side.SidedTransformation {
  private name = ''
  private path = new FieldPath([''])
  private replacesNull = true

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.name = config.text('field')!
    this.path = FieldPath.fromConfig(this.name, props)
    this.replacesNull = config.flag(side.REPLACE_NULL.name)
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.side.schema(record)
    const value = this.side.value(record)
    if (schema === null) return this.side.replace(record, null, this.fromMap(value))
    const struct = side.requireStructOrNull(value, PURPOSE)
    const field = this.path.fieldFrom(schema)
    if (field === undefined) throw new UnknownFieldError(`Unknown field: ${this.name}`)
    const extracted = struct === null ? null : this.path.valueFromStruct(struct, this.replacesNull)
    return this.side.replace(record, field.schema, extracted)
  }

  private fromMap(value: ConnectValue): ConnectValue {
    const map = side.requireMapOrNull(value, PURPOSE)
    return map === null ? null : this.path.valueFromMap(map)
  }
}

export const extractFieldTransformations = side.bothSides('ExtractField', CONFIGS, (part) => new ExtractField(part))
