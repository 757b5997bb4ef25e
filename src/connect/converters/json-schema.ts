/** Schemas as JSON, as they stand in the envelope of a JsonConverter's messages, and back. */
import type { Schema, SchemaType } from '../api/data.ts'
import { withDefault } from '../data/default-value.ts'
import { DataError, SchemaBuilderError } from '../data/errors.ts'
import { type SchemaOptions, schemaOf } from '../data/schema.ts'
import { SchemaCache } from '../data/schema-cache.ts'
import { StructSchemaBuilder } from '../data/struct-builder.ts'
import { type JsonNode, jsonString, jsonText } from './json-text.ts'
import { type JsonFormat, valueFromJson, valueToJson } from './json-values.ts'

const TYPE_NAMES: Readonly<Record<SchemaType, string>> = {
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  STRING: 'string',
  BYTES: 'bytes',
  ARRAY: 'array',
  MAP: 'map',
  STRUCT: 'struct',
}
const TYPES = new Map(Object.entries(TYPE_NAMES).map(([type, name]) => [name, type as SchemaType]))

/** Translates schemas; remembers those translated last. */
export class JsonSchemas {
  private readonly format: JsonFormat
  private readonly texts: SchemaCache<string>
  /** By the text of their JSON, the oldest first. */
  private readonly schemas = new Map<string, Schema>()
  private readonly maxSchemas: number

  /** @param maxSchemas how many are remembered, each way */
  constructor(format: JsonFormat, maxSchemas: number) {
    this.format = format
    this.maxSchemas = maxSchemas
    this.texts = new SchemaCache(maxSchemas)
  }

  /** @returns JSON text */
  write(schema: Schema | null): string {
    return schema === null ? 'null' : this.texts.get(schema, (each) => `{${this.fieldsOf(each).join(',')}}`)
  }

  private fieldsOf(schema: Schema): string[] {
    const fields = [`"type":"${TYPE_NAMES[schema.type]}"`]
    if (schema.type === 'ARRAY') fields.push(`"items":${this.write(schema.valueSchema)}`)
    if (schema.type === 'MAP') {
      fields.push(`"keys":${this.write(schema.keySchema)}`, `"values":${this.write(schema.valueSchema)}`)
    }
    if (schema.type === 'STRUCT') {
      const members = schema.fields.map((field) => {
        const text = this.write(field.schema)
        return `${text.slice(0, -1)},"field":${jsonString(field.name)}}`
      })
      fields.push(`"fields":[${members.join(',')}]`)
    }
    fields.push(`"optional":${schema.optional}`)
    if (schema.name !== null) fields.push(`"name":${jsonString(schema.name)}`)
    if (schema.version !== null) fields.push(`"version":${schema.version}`)
    if (schema.doc !== null) fields.push(`"doc":${jsonString(schema.doc)}`)
    if (schema.parameters !== null) fields.push(`"parameters":${jsonText(new Map(schema.parameters))}`)
    if (schema.defaultValue !== undefined) {
      fields.push(`"default":${valueToJson(schema, schema.defaultValue, this.format)}`)
    }
    return fields
  }

  /** @throws DataError for what is no schema */
  read(node: JsonNode): Schema | null {
    if (node === null) return null
    const key = jsonText(node)
    const known = this.schemas.get(key)
    const schema = known ?? this.parse(node)
    this.schemas.delete(key)
    this.schemas.set(key, schema)
    if (this.schemas.size > this.maxSchemas) this.schemas.delete(this.schemas.keys().next().value!)
    return schema
  }

  private parse(node: Exclude<JsonNode, null>): Schema {
    const fields = node instanceof Map ? node : new Map<string, JsonNode>()
    const typeName = fields.get('type')
    if (typeof typeName !== 'string') throw new DataError("Schema must contain 'type' field")
    const type = TYPES.get(typeName)
    if (type === undefined) throw new DataError(`Unknown schema type: ${typeName}`)
    const schema = schemaOf(type, { ...this.membersOf(type, fields), ...describe(fields) })
    const given = fields.get('default')
    if (given === undefined) return schema
    const defaultValue = valueFromJson(schema, given, this.format)
    // Kafka compares the structure's schema with an unfinished one here, so that none will do.
    if (type !== 'STRUCT' || defaultValue === null) return withDefault(schema, defaultValue)
    throw new SchemaBuilderError('Invalid default value', { cause: new DataError('Struct schemas do not match.') })
  }

  private membersOf(type: SchemaType, fields: ReadonlyMap<string, JsonNode>): SchemaOptions {
    if (type === 'ARRAY') {
      const items = fields.get('items') ?? null
      if (items === null) throw new DataError('Array schema did not specify the element type')
      return { valueSchema: this.read(items) }
    }
    if (type === 'MAP') {
      const [keys, values] = [fields.get('keys'), fields.get('values')]
      if (keys === undefined) throw new DataError('Map schema did not specify the key type')
      if (values === undefined) throw new DataError('Map schema did not specify the value type')
      if (keys === null) throw new SchemaBuilderError('keySchema cannot be null.')
      if (values === null) throw new SchemaBuilderError('valueSchema cannot be null.')
      return { keySchema: this.read(keys), valueSchema: this.read(values) }
    }
    return type === 'STRUCT' ? { fields: this.structFields(fields.get('fields')) } : {}
  }

  private structFields(nodes: JsonNode | undefined): Schema['fields'] {
    if (!Array.isArray(nodes)) throw new DataError('Struct schema\'s "fields" argument is not an array.')
    const builder = new StructSchemaBuilder()
    for (const node of nodes) {
      const name = node instanceof Map ? node.get('field') : undefined
      if (typeof name !== 'string') throw new DataError("Struct schema's field name not specified properly")
      builder.field(name, this.read(node))
    }
    return builder.build().fields
  }
}

function describe(fields: ReadonlyMap<string, JsonNode>): SchemaOptions {
  const text = (name: string): string | null => {
    const value = fields.get(name)
    return typeof value === 'string' ? value : null
  }
  const version = fields.get('version')
  return {
    optional: fields.get('optional') === true,
    name: text('name'),
    version: typeof version === 'bigint' ? Number(BigInt.asIntN(32, version)) : null,
    doc: text('doc'),
    parameters: parametersOf(fields.get('parameters')),
  }
}

function parametersOf(node: JsonNode | undefined): ReadonlyMap<string, string> | null {
  if (!(node instanceof Map) || node.size === 0) return null
  for (const value of node.values()) {
    if (typeof value !== 'string') throw new DataError('Schema parameters must have string values.')
  }
  return node as Map<string, string>
}
