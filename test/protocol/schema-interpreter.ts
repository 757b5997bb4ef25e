import { readdirSync, readFileSync } from 'node:fs'

/**
 * Encodes and decodes messages by walking their schema: slow, plain, and written apart from the code generator, so that the
 * generated codecs can be checked against it. Values have the shape of the generated interfaces.
 */
export interface SchemaField {
  name: string
  type: string
  versions?: string
  nullableVersions?: string
  taggedVersions?: string
  flexibleVersions?: string
  tag?: number
  default?: unknown
  ignorable?: boolean
  fields?: SchemaField[]
}

export interface MessageSchema {
  name: string
  validVersions: string
  flexibleVersions?: string
  fields: SchemaField[]
  commonStructs?: { name: string; fields: SchemaField[] }[]
}

export type StructValue = Record<string, unknown>

/** Where an encoded message says how long something is. */
export interface LengthMark {
  position: number
  kind: 'varint' | 'int16' | 'int32'
  sizeBytes: number
}

interface TaggedValue {
  tag: number
  data: Buffer
}

/** A value that the version can't carry. */
export class RefusedError extends Error {}

const schemaDir = new URL('../../src/protocol/schema/', import.meta.url)

/** Every message schema, by name. */
export function loadSchemas(): MessageSchema[] {
  return readdirSync(schemaDir)
    .filter((name) => name.endsWith('.json') && name !== 'apis.json')
    .map((name) => JSON.parse(readFileSync(new URL(name, schemaDir), 'utf8')) as MessageSchema)
}

/** Is `version` inside '3', '1-4', '2+' or 'none'? */
export function inVersions(spec: string | undefined, version: number): boolean {
  if (spec === undefined || spec === 'none') return false
  if (spec.endsWith('+')) return version >= Number.parseInt(spec, 10)
  const [low, high] = spec.split('-').map(Number) as [number, number?]
  return version >= low && version <= (high ?? low)
}

export function versionsOf(schema: MessageSchema): number[] {
  return Array.from({ length: 64 }, (_, version) => version).filter((version) =>
    inVersions(schema.validVersions, version),
  )
}

export const propertyName = (field: SchemaField): string => field.name.charAt(0).toLowerCase() + field.name.slice(1)
export const existsIn = (field: SchemaField, version: number): boolean =>
  inVersions(field.versions ?? field.taggedVersions, version)
export const isTaggedIn = (field: SchemaField, version: number): boolean =>
  existsIn(field, version) && inVersions(field.taggedVersions, version)

const FIXED_SIZES: Record<string, number> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
}

class Output {
  readonly parts: Buffer[] = []
  readonly marks: LengthMark[] = []
  position = 0

  put(bytes: Buffer): void {
    this.parts.push(bytes)
    this.position += bytes.length
  }

  varint(value: number): void {
    const bytes: number[] = []
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      bytes.push(rest >= 128 ? (rest % 128) + 128 : rest)
      if (rest < 128) break
    }
    this.put(Buffer.from(bytes))
  }

  /** `count` null stands for a null value. */
  length(count: number | null, kind: LengthMark['kind']): void {
    const position = this.position
    if (kind === 'varint') this.varint(count === null ? 0 : count + 1)
    else this.put(number(kind, count ?? -1))
    this.marks.push({ position, kind, sizeBytes: this.position - position })
  }

  append(other: Output): void {
    for (const mark of other.marks) this.marks.push({ ...mark, position: mark.position + this.position })
    for (const part of other.parts) this.put(part)
  }
}

function number(type: string, value: unknown): Buffer {
  const out = Buffer.alloc(FIXED_SIZES[type] as number)
  if (type === 'bool') out[0] = value ? 1 : 0
  else if (type === 'int8') out.writeInt8(value as number)
  else if (type === 'int16') out.writeInt16BE(value as number)
  else if (type === 'uint16') out.writeUInt16BE(value as number)
  else if (type === 'int32') out.writeInt32BE(value as number)
  else if (type === 'int64') out.writeBigInt64BE(value as bigint)
  else if (type === 'float64') out.writeDoubleBE(value as number)
  else out.set(Buffer.from(value as string, 'base64url'))
  return out
}

/** Takes values off the front of a buffer. */
class Input {
  rest: Buffer
  constructor(bytes: Buffer) {
    this.rest = bytes
  }

  take(sizeBytes: number): Buffer {
    if (sizeBytes > this.rest.length) throw new RangeError('out of bytes')
    const taken = this.rest.subarray(0, sizeBytes)
    this.rest = this.rest.subarray(sizeBytes)
    return taken
  }

  varint(): number {
    for (let value = 0, weight = 1; ; weight *= 128) {
      const byte = this.take(1)[0] as number
      value += (byte % 128) * weight
      if (byte < 128) return value
    }
  }

  /** Null stands for a null value. */
  length(kind: LengthMark['kind']): number | null {
    const count =
      kind === 'varint' ? this.varint() - 1 : kind === 'int16' ? this.take(2).readInt16BE() : this.take(4).readInt32BE()
    return count === -1 ? null : count
  }
}

/** Codec of one message. */
export class SchemaInterpreter {
  readonly schema: MessageSchema
  private readonly structs = new Map<string, SchemaField[]>()

  constructor(schema: MessageSchema) {
    this.schema = schema
    const visit = (fields: SchemaField[]): void => {
      for (const field of fields) {
        if (!field.fields) continue
        this.structs.set(field.type.replace('[]', ''), field.fields)
        visit(field.fields)
      }
    }
    visit(schema.fields)
    for (const struct of schema.commonStructs ?? []) {
      this.structs.set(struct.name, struct.fields)
      visit(struct.fields)
    }
  }

  /** Fields of a struct type; undefined for other types. */
  fieldsOf(type: string): SchemaField[] | undefined {
    return this.structs.get(type)
  }

  isFlexible(version: number): boolean {
    return inVersions(this.schema.flexibleVersions, version)
  }

  /** Bytes of `value`, and where they hold lengths. Throws RefusedError when the version can't carry the value. */
  encode(value: StructValue, version: number): { bytes: Buffer; marks: LengthMark[] } {
    const out = new Output()
    this.putStruct(out, this.schema.fields, value, version)
    return { bytes: Buffer.concat(out.parts), marks: out.marks }
  }

  decode(bytes: Buffer, version: number): StructValue {
    const input = new Input(bytes)
    const value = this.takeStruct(input, this.schema.fields, version)
    if (input.rest.length > 0) throw new RangeError('bytes left over')
    return value
  }

  defaultOf(field: SchemaField): unknown {
    const text =
      field.default === undefined || field.default === null || field.default === '' ? undefined : String(field.default)
    if (text === 'null') return null
    if (field.type.startsWith('[]')) return []
    const struct = this.structs.get(field.type)
    if (struct) return Object.fromEntries(struct.map((inner) => [propertyName(inner), this.defaultOf(inner)]))
    switch (field.type) {
      case 'bool':
        return text === 'true'
      case 'string':
        return text ?? ''
      case 'uuid':
        return Buffer.alloc(16).toString('base64url')
      case 'bytes':
      case 'records':
        return Buffer.alloc(0)
      case 'int64':
        return BigInt(text ?? 0)
      default:
        return Number(text ?? 0)
    }
  }

  private isDefault(field: SchemaField, value: unknown): boolean {
    const expected = this.defaultOf(field)
    if (value === null || expected === null) return value === expected
    if (Array.isArray(value) || Buffer.isBuffer(value)) return value.length === 0
    const struct = this.structs.get(field.type)
    if (!struct) return value === expected
    const given = value as StructValue
    if (((given.unknownTaggedFields as unknown[] | undefined) ?? []).length > 0) return false
    return struct.every((inner) => this.isDefault(inner, this.valueIn(inner, given)))
  }

  private valueIn(field: SchemaField, struct: StructValue): unknown {
    const value = struct[propertyName(field)]
    return value === undefined ? this.defaultOf(field) : value
  }

  private lengthKind(field: SchemaField, type: string, version: number): LengthMark['kind'] {
    const compact =
      field.flexibleVersions === undefined ? this.isFlexible(version) : inVersions(field.flexibleVersions, version)
    if (compact) return 'varint'
    return type === 'string' ? 'int16' : 'int32'
  }

  private putStruct(out: Output, fields: SchemaField[], struct: StructValue, version: number): void {
    const tagged: TaggedValue[] = []
    const taggedOutputs = new Map<number, Output>()
    for (const field of fields) {
      const value = this.valueIn(field, struct)
      if (!existsIn(field, version)) {
        if (!field.ignorable && !this.isDefault(field, value))
          throw new RefusedError(`no ${field.name} in version ${version}`)
      } else if (!isTaggedIn(field, version)) this.put(out, field, value, version)
      else if (!this.isDefault(field, value)) {
        const inner = new Output()
        this.put(inner, field, value, version)
        taggedOutputs.set(field.tag as number, inner)
        tagged.push({ tag: field.tag as number, data: Buffer.concat(inner.parts) })
      }
    }
    if (!this.isFlexible(version)) return
    tagged.push(...((struct.unknownTaggedFields as TaggedValue[] | undefined) ?? []))
    tagged.sort((a, b) => a.tag - b.tag)
    out.varint(tagged.length)
    for (const { tag, data } of tagged) {
      out.varint(tag)
      out.varint(data.length)
      const inner = taggedOutputs.get(tag)
      if (inner) out.append(inner)
      else out.put(data)
    }
  }

  private put(out: Output, field: SchemaField, value: unknown, version: number): void {
    if (value === null && !inVersions(field.nullableVersions, version)) throw new RefusedError(`${field.name} is null`)
    if (
      this.structs.has(field.type) &&
      field.nullableVersions !== undefined &&
      inVersions(field.nullableVersions, version)
    ) {
      if (isTaggedIn(field, version)) out.varint(value === null ? 0 : 1)
      else out.put(number('int8', value === null ? -1 : 1))
      if (value === null) return
    }
    this.putValue(out, field, field.type, value, version)
  }

  private putValue(out: Output, field: SchemaField, type: string, value: unknown, version: number): void {
    const struct = this.structs.get(type)
    if (struct) {
      this.putStruct(out, struct, value as StructValue, version)
      return
    }
    if (FIXED_SIZES[type]) {
      out.put(number(type, value))
      return
    }
    const kind = this.lengthKind(field, type, version)
    if (value === null) {
      out.length(null, kind)
      return
    }
    if (type.startsWith('[]')) {
      const items = value as unknown[]
      out.length(items.length, kind)
      for (const item of items) this.putValue(out, field, type.slice(2), item, version)
      return
    }
    const bytes = type === 'string' ? Buffer.from(value as string) : (value as Buffer)
    out.length(bytes.length, kind)
    out.put(bytes)
  }

  private takeStruct(input: Input, fields: SchemaField[], version: number): StructValue {
    const struct: StructValue = {}
    for (const field of fields) {
      const plain = existsIn(field, version) && !isTaggedIn(field, version)
      struct[propertyName(field)] = plain ? this.take(input, field, version) : this.defaultOf(field)
    }
    if (!this.isFlexible(version)) return struct
    const unknown: TaggedValue[] = []
    for (let left = input.varint(); left > 0; left--) {
      const tag = input.varint()
      const data = input.take(input.varint())
      const field = fields.find((known) => known.tag === tag && isTaggedIn(known, version))
      if (field) struct[propertyName(field)] = this.take(new Input(data), field, version)
      else unknown.push({ tag, data })
    }
    if (unknown.length > 0) struct.unknownTaggedFields = unknown
    return struct
  }

  private take(input: Input, field: SchemaField, version: number): unknown {
    const nullable = inVersions(field.nullableVersions, version)
    if (this.structs.has(field.type) && nullable) {
      const present = isTaggedIn(field, version) ? input.varint() > 0 : input.take(1).readInt8() >= 0
      if (!present) return null
    }
    return this.takeValue(input, field, field.type, version)
  }

  private takeValue(input: Input, field: SchemaField, type: string, version: number): unknown {
    const struct = this.structs.get(type)
    if (struct) return this.takeStruct(input, struct, version)
    const size = FIXED_SIZES[type]
    if (size) return fixedValue(type, input.take(size))
    const count = input.length(this.lengthKind(field, type, version))
    if (count === null) return null
    if (type.startsWith('[]'))
      return Array.from({ length: count }, () => this.takeValue(input, field, type.slice(2), version))
    const bytes = input.take(count)
    return type === 'string' ? bytes.toString() : bytes
  }
}

function fixedValue(type: string, bytes: Buffer): unknown {
  if (type === 'bool') return bytes[0] !== 0
  if (type === 'int64') return bytes.readBigInt64BE()
  if (type === 'float64') return bytes.readDoubleBE()
  if (type === 'uuid') return bytes.toString('base64url')
  return type === 'uint16' ? bytes.readUIntBE(0, 2) : bytes.readIntBE(0, bytes.length)
}
