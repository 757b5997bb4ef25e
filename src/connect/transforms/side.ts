/** Transformations that exist for keys and for values, and what they all need. */
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Field, Schema } from '../api/data.ts'
import type { Transformation, TransformationPlugin } from '../api/plugin.ts'
import type { ConnectRecord } from '../api/record.ts'
import { KAFKA_VERSION } from '../api/version.ts'
import { DataError } from '../data/errors.ts'
import { javaClassName } from '../data/java-class.ts'
import type { SchemaOptions } from '../data/schema.ts'
import { SchemaCache } from '../data/schema-cache.ts'
import { Struct } from '../data/struct.ts'

/** The part of a record that a transformation works on. */
export interface Side {
  schema(record: ConnectRecord): Schema | null
  value(record: ConnectRecord): ConnectValue
  /** @returns the record with another schema and value on this side */
  replace<R extends ConnectRecord>(record: R, schema: Schema | null, value: ConnectValue): R
}

const KEY: Side = {
  schema: (record) => record.keySchema,
  value: (record) => record.key,
  replace: (record, keySchema, key) => ({ ...record, keySchema, key }),
}

const VALUE: Side = {
  schema: (record) => record.valueSchema,
  value: (record) => record.value,
  replace: (record, valueSchema, value) => ({ ...record, valueSchema, value }),
}

/** How many schemas a transformation remembers the outcome for. */
export const SCHEMA_CACHE_SIZE = 16

/** A transformation of one side, and the schemas it has made of those it met. */
export abstract class SidedTransformation implements Transformation {
  protected readonly side: Side
  protected readonly schemas = new SchemaCache<Schema>(SCHEMA_CACHE_SIZE)

  constructor(part: Side) {
    this.side = part
  }

  abstract configure(props: Props): void
  abstract apply<R extends ConnectRecord>(record: R): R
}

const PACKAGE = 'org.apache.kafka.connect.transforms'

/** @returns the plugin of a transformation that has but one form */
export const oneTransformation = (
  name: string,
  configs: readonly ConnectConfigKey[],
  make: () => Transformation,
): TransformationPlugin => ({
  type: 'transformation',
  className: `${PACKAGE}.${name}`,
  version: KAFKA_VERSION,
  configs,
  make,
})

/** @returns the plugins of a transformation's two forms, for keys and for values */
export const bothSides = (
  name: string,
  configs: readonly ConnectConfigKey[],
  make: (side: Side) => Transformation,
): TransformationPlugin[] => [
  oneTransformation(`${name}$Key`, configs, () => make(KEY)),
  oneTransformation(`${name}$Value`, configs, () => make(VALUE)),
]

/** A config of most transformations. */
export const REPLACE_NULL: ConnectConfigKey = {
  name: 'replace.null.with.default',
  type: 'BOOLEAN',
  defaultValue: true,
  importance: 'MEDIUM',
  documentation: 'Whether a field that has a default takes it where its value is null.',
}

/** @returns a field's value; if wanted, its default where it has none */
export const fieldValue = (struct: Struct, field: Field | string, replacesNull: boolean): ConnectValue =>
  replacesNull ? struct.get(field) : struct.getWithoutDefault(field)

/** @returns what a changed schema keeps of the one it was made from: name, version, documentation, parameters */
export const basicsOf = ({ name, version, doc, parameters }: Schema): SchemaOptions => ({
  name,
  version,
  doc,
  parameters,
})

const foundText = (value: ConnectValue): string => (value === null ? 'null' : javaClassName(value))

/** @throws DataError if the value is no map of field names */
export function requireMap(value: ConnectValue, purpose: string): Map<string, ConnectValue> {
  if (value instanceof Map) return value as Map<string, ConnectValue>
  throw new DataError(`Only Map objects supported in absence of schema for [${purpose}], found: ${foundText(value)}`)
}

/** @throws DataError if the value is no structure */
export function requireStruct(value: ConnectValue, purpose: string): Struct {
  if (value instanceof Struct) return value
  throw new DataError(`Only Struct objects supported for [${purpose}], found: ${foundText(value)}`)
}

export const requireMapOrNull = (value: ConnectValue, purpose: string): Map<string, ConnectValue> | null =>
  value === null ? null : requireMap(value, purpose)

export const requireStructOrNull = (value: ConnectValue, purpose: string): Struct | null =>
  value === null ? null : requireStruct(value, purpose)
