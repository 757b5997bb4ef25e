import type { Field, Schema } from '../api/data.ts'
import { SchemaBuilderError } from './errors.ts'
import { type SchemaOptions, schemaOf } from './schema.ts'

/** Puts the schema of a structure together, field by field. */
export class StructSchemaBuilder {
  private readonly fields = new Map<string, Field>()

  /** @throws SchemaBuilderError for a field that is there already or has no name or schema */
  field(name: string | null, schema: Schema | null): this {
    if (name === null || name === '') throw new SchemaBuilderError('fieldName cannot be null.')
    if (schema === null) throw new SchemaBuilderError(`fieldSchema for field ${name} cannot be null.`)
    if (this.fields.has(name)) {
      throw new SchemaBuilderError(`Cannot create field because of field name duplication ${name}`)
    }
    this.fields.set(name, { name, index: this.fields.size, schema })
    return this
  }

  build(options: SchemaOptions = {}): Schema {
    return schemaOf('STRUCT', { ...options, fields: [...this.fields.values()] })
  }
}

/** @returns the schema of a structure of these fields */
export function structSchema(fields: Readonly<Record<string, Schema>>, options: SchemaOptions = {}): Schema {
  const builder = new StructSchemaBuilder()
  for (const [name, schema] of Object.entries(fields)) builder.field(name, schema)
  return builder.build(options)
}
