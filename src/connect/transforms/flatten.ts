/** Brings nested fields to the top, under names joined from those of each level (org.apache.kafka.connect.transforms.Flatten). */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Schema } from '../api/data.ts'
import type { ConnectRecord } from '../api/record.ts'
import { PluginConfig } from '../config/plugin-config.ts'
import { Decimal } from '../data/decimal.ts'
import { withDefault } from '../data/default-value.ts'
import { DataError } from '../data/errors.ts'
import { javaClassText } from '../data/java-class.ts'
import { schemaOf } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { StructSchemaBuilder } from '../data/struct-builder.ts'
import * as side from './side.ts'

const PURPOSE = 'flattening'

const CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'delimiter',
    type: 'STRING',
    defaultValue: '.',
    importance: 'MEDIUM',
    documentation: 'What stands between the names that make a new one.',
  },
]

class Flatten extends side.SidedTransformation {
  private delimiter = '.'

  configure(props: Props): void {
    this.delimiter = new PluginConfig(CONFIGS, props).text('delimiter')!
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.side.schema(record)
    const value = this.side.value(record)
    if (value === null) return record
    if (schema === null) {
      const flat = new Map<string, ConnectValue>()
      this.flattenMap(side.requireMap(value, PURPOSE), '', flat)
      return this.side.replace(record, null, flat)
    }
    const struct = side.requireStruct(value, PURPOSE)
    const updatedSchema = this.schemas.get(schema, () => this.flatSchema(schema))
    const flat = new Struct(updatedSchema)
    this.flattenStruct(struct, '', flat)
    return this.side.replace(record, updatedSchema, flat)
  }

  private nameOf(prefix: string, name: string): string {
    return prefix === '' ? name : prefix + this.delimiter + name
  }

  private flattenMap(map: Map<string, ConnectValue>, prefix: string, flat: Map<string, ConnectValue>): void {
    for (const [key, value] of map) {
      const name = this.nameOf(prefix, key)
      if (value instanceof Map) this.flattenMap(value as Map<string, ConnectValue>, name, flat)
      else if (value instanceof Struct) {
        const found = javaClassText(value)
        throw new DataError(
          `Flatten transformation does not support ${found} for record without schemas (for field ${name}).`,
        )
      } else if (value instanceof Date || value instanceof Decimal) {
        throw new DataError(
          `Flatten transformation was passed a value of type ${javaClassText(value)} ` +
            "which is not supported by Connect's data API",
        )
      } else flat.set(name, value)
    }
  }

  private flatSchema(schema: Schema): Schema {
    const builder = new StructSchemaBuilder()
    const { defaultValue } = schema
    this.addFields(schema, '', builder, schema.optional, defaultValue instanceof Struct ? defaultValue : null)
    return builder.build(side.basicsOf(schema))
  }

  private addFields(
    schema: Schema,
    prefix: string,
    builder: StructSchemaBuilder,
    isOptional: boolean,
    defaults: Struct | null,
  ): void {
    for (const field of schema.fields) {
      const name = this.nameOf(prefix, field.name)
      const optional = isOptional || field.schema.optional
      const defaultValue = field.schema.defaultValue ?? defaults?.get(field) ?? null
      if (field.schema.type === 'MAP') this.refuseMap(name)
      if (field.schema.type === 'STRUCT') {
        this.addFields(field.schema, name, builder, optional, defaultValue instanceof Struct ? defaultValue : null)
      } else {
        const { type, valueSchema } = field.schema
        const flat = schemaOf(type, { ...side.basicsOf(field.schema), optional, valueSchema })
        builder.field(name, defaultValue === null ? flat : withDefault(flat, defaultValue))
      }
    }
  }

  private refuseMap(name: string): never {
    throw new DataError(`Flatten transformation does not support MAP for record with schemas (for field ${name}).`)
  }

  private flattenStruct(struct: Struct, prefix: string, flat: Struct): void {
    for (const field of struct.schema.fields) {
      const name = this.nameOf(prefix, field.name)
      if (field.schema.type !== 'STRUCT') flat.put(name, struct.get(field))
      else {
        const nested = struct.getWithoutDefault(field)
        if (nested instanceof Struct) this.flattenStruct(nested, name, flat)
      }
    }
  }
}

export const flattenTransformations = side.bothSides('Flatten', CONFIGS, (part) => new Flatten(part))
