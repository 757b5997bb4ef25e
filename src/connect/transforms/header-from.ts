/** Copies or moves fields of a key or value to headers (org.apache.kafka.connect.transforms.HeaderFrom). */
import { ConfigError } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Schema } from '../api/data.ts'
import type { ConnectHeader, ConnectRecord } from '../api/record.ts'
import { nonEmptyList, oneOf, PluginConfig } from '../config/plugin-config.ts'
import { DataError, UnknownFieldError } from '../data/errors.ts'
import { fieldOf, schemaText } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { StructSchemaBuilder } from '../data/struct-builder.ts'
import * as side from './side.ts'

const CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'fields',
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'The fields.',
    validator: nonEmptyList,
  },
  {
    name: 'headers',
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'Names of the headers, one for each field.',
    validator: nonEmptyList,
  },
  {
    name: 'operation',
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'move: the fields are taken out of the key or value; copy: they stay there.',
    validator: oneOf('move', 'copy'),
  },
  side.REPLACE_NULL,
]

class HeaderFrom extends side.SidedTransformation {
  private fields: readonly string[] = []
  private headers: readonly string[] = []
  private operation = 'copy'
  private replacesNull = true

  configure(props: Props): void {
    const config = new PluginConfig(CONFIGS, props)
    this.fields = config.list('fields')
    this.headers = config.list('headers')
    if (this.headers.length !== this.fields.length) {
      throw new ConfigError("'fields' config must have the same number of elements as 'headers' config.")
    }
    this.operation = config.text('operation')!
    this.replacesNull = config.flag(side.REPLACE_NULL.name)
  }

  apply<R extends ConnectRecord>(record: R): R {
    const schema = this.side.schema(record)
    const value = this.side.value(record)
    return schema === null ? this.withoutSchema(record, value) : this.withSchema(record, schema, value)
  }

  private withoutSchema<R extends ConnectRecord>(record: R, value: ConnectValue): R {
    const map = side.requireMap(value, `header ${this.operation}`)
    const headers = this.fields.map((field, i) => ({
      key: this.headers[i]!,
      schema: null,
      value: map.get(field) ?? null,
    }))
    const updated = new Map(map)
    if (this.operation === 'move') for (const field of this.fields) updated.delete(field)
    return this.side.replace(withHeaders(record, headers), null, updated)
  }

  private withSchema<R extends ConnectRecord>(record: R, schema: Schema, value: ConnectValue): R {
    const struct = side.requireStruct(value, `header ${this.operation}`)
    const remaining = this.operation === 'copy' ? null : this.withoutFields(schema, struct)
    const headers = this.fields.map((name, i): ConnectHeader => {
      const field = fieldOf(schema, name)
      if (field === undefined) throw new UnknownFieldError(`Unknown field: ${name}`)
      const fieldValue = side.fieldValue(struct, name, this.replacesNull)
      if (fieldValue === null && !field.schema.optional) {
        throw new DataError(`A null value requires an optional schema but was ${schemaText(field.schema)}`)
      }
      return { key: this.headers[i]!, schema: field.schema, value: fieldValue }
    })
    const updated = withHeaders(record, headers)
    return remaining === null ? updated : this.side.replace(updated, remaining.schema, remaining)
  }

  private withoutFields(schema: Schema, struct: Struct): Struct {
    const remaining = new Struct(this.schemas.get(schema, () => this.remainingSchema(schema)))
    for (const { name } of remaining.schema.fields) {
      remaining.put(name, side.fieldValue(struct, name, this.replacesNull))
    }
    return remaining
  }

  private remainingSchema(schema: Schema): Schema {
    const builder = new StructSchemaBuilder()
    for (const field of schema.fields) if (!this.fields.includes(field.name)) builder.field(field.name, field.schema)
    return builder.build(side.basicsOf(schema))
  }
}

const withHeaders = <R extends ConnectRecord>(record: R, headers: readonly ConnectHeader[]): R => ({
  ...record,
  headers: [...record.headers, ...headers],
})

export const headerFromTransformations = side.bothSides('HeaderFrom', CONFIGS, (part) => new HeaderFrom(part))
