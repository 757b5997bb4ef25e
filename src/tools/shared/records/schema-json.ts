import { ZERO_UUID } from '../../../base/uuid.ts'
import { javaDouble } from '../java.ts'

/** A field of a message schema, as src/protocol/schema has it. */
interface SchemaField {
  name: string
  type: string
  /** Left out where they are those in which the field is tagged. */
  versions?: string
  taggedVersions?: string
  ignorable?: boolean
  default?: unknown
  fields?: readonly SchemaField[]
}

/** The part of a message schema that JSON needs. */
export interface MessageSchema {
  fields: readonly SchemaField[]
  commonStructs?: readonly { name: string; fields: readonly SchemaField[] }[]
}

const includes = (versions: string | undefined, version: number): boolean => {
  if (versions === undefined || versions === 'none') return false
  const match = /^(\d+)(\+|-(\d+))?$/.exec(versions)
  if (match === null) return false
  const low = Number(match[1])
  const high = match[2] === '+' ? Number.POSITIVE_INFINITY : Number(match[3] ?? match[1])
  return version >= low && version <= high
}

const camelCase = (name: string): string => name[0]!.toLowerCase() + name.slice(1)

const isDefault = (field: SchemaField, value: unknown): boolean => {
  if (value === null) return field.default === 'null' || field.default === null
  if (Array.isArray(value)) return value.length === 0 && field.default !== 'null' && field.default !== null
  if (field.type === 'uuid') return value === ZERO_UUID
  if (typeof value === 'object') return false
  return (
    String(value) === String(field.default ?? (typeof value === 'string' ? '' : typeof value === 'boolean' ? false : 0))
  )
}

const writeValue = (
  schema: MessageSchema,
  field: SchemaField,
  type: string,
  value: unknown,
  version: number,
): string => {
  if (value === null || value === undefined) return 'null'
  if (type.startsWith('[]')) {
    const items = (value as unknown[]).map((item) => writeValue(schema, field, type.slice(2), item, version))
    return `[${items.join(',')}]`
  }
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString('base64'))
  if (typeof value === 'bigint') return String(value)
  if (type === 'float64') return javaDouble(value as number)
  if (typeof value === 'object') {
    const fields = field.fields ?? schema.commonStructs?.find((struct) => struct.name === type)?.fields ?? []
    return writeFields(schema, fields, value as Record<string, unknown>, version)
  }
  return JSON.stringify(value)
}

const writeFields = (
  schema: MessageSchema,
  fields: readonly SchemaField[],
  message: Record<string, unknown>,
  version: number,
): string => {
  const parts: string[] = []
  for (const field of fields) {
    if (!includes(field.versions ?? field.taggedVersions, version)) continue
    const name = camelCase(field.name)
    const value = message[name]
    if (includes(field.taggedVersions, version) && isDefault(field, value)) continue
    parts.push(`${JSON.stringify(name)}:${writeValue(schema, field, field.type, value, version)}`)
  }
  return `{${parts.join(',')}}`
}

/** A decoded message as the JSON of Kafka's own converters: the fields of that version, in the order of the schema. */
export const messageJson = (schema: MessageSchema, message: object, version: number): string =>
  writeFields(schema, schema.fields, message as Record<string, unknown>, version)
