import {
  existsIn,
  inVersions,
  isTaggedIn,
  propertyName,
  type SchemaField,
  type SchemaInterpreter,
  type StructValue,
} from './schema-interpreter.ts'

/** A value in the JSON form of Kafka's own message classes: every field of the version, bytes in base64, int64 as a number. */
export function toKafkaJson(codec: SchemaInterpreter, value: StructValue, version: number): string {
  return struct(codec, codec.schema.fields, value, version)
}

/** Can Kafka's JSON carry the value? It has neither record data, nor unknown tags, nor NaN and infinities. */
export function fitsKafkaJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(fitsKafkaJson)
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return true
  return Object.entries(value).every(([key, inner]) =>
    key === 'unknownTaggedFields' ? inner === undefined : fitsKafkaJson(inner),
  )
}

function struct(codec: SchemaInterpreter, fields: SchemaField[], value: StructValue, version: number): string {
  const parts = fields
    .filter((field) => existsIn(field, version))
    .map((field) => {
      const given = value[propertyName(field)]
      return { field, item: given === undefined ? codec.defaultOf(field) : given }
    })
    .filter(
      ({ field, item }) => item !== null || !isTaggedIn(field, version) || inVersions(field.nullableVersions, version),
    )
    .map(({ field, item }) => `"${propertyName(field)}":${json(codec, field.type, item, version)}`)
  return `{${parts.join(',')}}`
}

function json(codec: SchemaInterpreter, type: string, value: unknown, version: number): string {
  if (value === null) return 'null'
  if (type.startsWith('[]'))
    return `[${(value as unknown[]).map((item) => json(codec, type.slice(2), item, version)).join(',')}]`
  const fields = codec.fieldsOf(type)
  if (fields) return struct(codec, fields, value as StructValue, version)
  if (typeof value === 'bigint') return String(value)
  if (type === 'float64') return /[.e]/.test(String(value)) ? String(value) : `${value}.0`
  return Buffer.isBuffer(value) ? `"${value.toString('base64')}"` : JSON.stringify(value)
}
