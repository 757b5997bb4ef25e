import type { ConnectValue, Schema } from '../api/data.ts'
import { DataError, SchemaBuilderError } from './errors.ts'
import { schemaOf } from './schema.ts'
import { validateValue } from './struct.ts'

/**
 * @param schema one without a default
 * @returns the schema with this default; null for none
 * @throws SchemaBuilderError if the value isn't one of the schema's
 */
export function withDefault(schema: Schema, defaultValue: ConnectValue): Schema {
  try {
    validateValue(schema, defaultValue)
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause
    throw new SchemaBuilderError('Invalid default value', { cause })
  }
  return schemaOf(schema.type, { ...schema, defaultValue })
}
