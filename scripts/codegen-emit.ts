import { condition, type Field, intersects, NEVER, type Range, range, type Schema } from './codegen-schema.ts'

interface Struct {
  /** TypeScript name: the message's, followed by the schema's struct name. */
  name: string
  fields: Field[]
}

interface Context {
  message: string
  valid: Range
  flexible: Range
  structs: Map<string, Struct>
}

const PRIMITIVES: Record<string, string> = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  uint16: 'number',
  int32: 'number',
  int64: 'bigint',
  float64: 'number',
  string: 'string',
  bytes: 'Buffer',
  records: 'Buffer',
  uuid: 'string',
}

export const kebab = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()

const property = (field: Field): string => (field.name[0] as string).toLowerCase() + field.name.slice(1)
const elementType = (type: string): string => type.slice(2)
const isArray = (type: string): boolean => type.startsWith('[]')
const isStruct = (type: string): boolean => !isArray(type) && PRIMITIVES[type] === undefined

/** The whole text for one message: interfaces, readers, writers, codec. */
export function emitMessage(schema: Schema): string {
  const valid = range(schema.validVersions)
  const ctx: Context = { message: schema.name, valid, flexible: range(schema.flexibleVersions), structs: new Map() }
  collect(ctx, schema.fields)
  for (const common of schema.commonStructs ?? []) {
    ctx.structs.set(common.name, { name: schema.name + common.name, fields: common.fields })
    collect(ctx, common.fields)
  }
  const top: Struct = { name: schema.name, fields: schema.fields }
  const structs = [top, ...ctx.structs.values()]
  const out = structs.flatMap((s) => [emitInterface(ctx, s), emitRead(ctx, s), emitWrite(ctx, s)])
  for (const name of defaultChecked(ctx, structs)) out.push(emitIsDefault(ctx, ctx.structs.get(name) as Struct))
  out.push(`export const ${schema.name}: MessageCodec<${schema.name}> = {
  name: '${schema.name}',
  apiKey: ${schema.apiKey ?? -1},
  minVersion: ${valid.min},
  maxVersion: ${valid.max},
  flexibleFrom: ${ctx.flexible.min},
  read: read${schema.name},
  write: write${schema.name},
}
`)
  return out.join('\n')
}

function collect(ctx: Context, fields: Field[]): void {
  for (const field of fields) {
    if (!field.fields) continue
    const name = isArray(field.type) ? elementType(field.type) : field.type
    ctx.structs.set(name, { name: ctx.message + name, fields: field.fields })
    collect(ctx, field.fields)
  }
}

function tsType(ctx: Context, field: Field): string {
  const base = isArray(field.type) ? `${tsName(ctx, elementType(field.type))}[]` : tsName(ctx, field.type)
  return canBeNull(field) ? `${base} | null` : base
}

const tsName = (ctx: Context, type: string): string => PRIMITIVES[type] ?? struct(ctx, type).name
const canBeNull = (field: Field): boolean =>
  field.nullableVersions !== undefined && range(field.nullableVersions).max >= 0

function struct(ctx: Context, type: string): Struct {
  const found = ctx.structs.get(type)
  if (!found) throw new Error(`${ctx.message}: no struct ${type}`)
  return found
}

function emitInterface(ctx: Context, s: Struct): string {
  const lines = s.fields.map((field) => {
    const versions =
      field.versions === '0+' ? '' : `  /** Versions ${field.versions}${field.ignorable ? ', ignorable' : ''}. */\n`
    return `${versions}  ${property(field)}: ${tsType(ctx, field)}`
  })
  if (hasTags(ctx)) lines.push('  unknownTaggedFields?: RawTaggedField[]')
  return `export interface ${s.name} {\n${lines.join('\n')}\n}\n`
}

const hasTags = (ctx: Context): boolean => intersects(ctx.flexible, ctx.valid)

/** `flexible` as an expression on v, for one field (some opt out of compact lengths). */
function compact(ctx: Context, field: Field): string {
  if (field.flexibleVersions !== undefined) return condition(range(field.flexibleVersions), ctx.valid)
  return flexibleFlag(ctx)
}

function flexibleFlag(ctx: Context): string {
  const text = condition(ctx.flexible, ctx.valid)
  return text === 'true' || text === 'false' ? text : 'flexible'
}

function declareFlexible(ctx: Context): string {
  const text = condition(ctx.flexible, ctx.valid)
  return text === 'true' || text === 'false' ? '' : `  const flexible = ${text}\n`
}

/** As in Kafka's generator, only the word makes null the default: a JSON null counts as no default given. */
const isNullDefault = (field: Field): boolean => field.default === 'null'

/** The schema default as an expression. */
function defaultOf(ctx: Context, field: Field): string {
  if (isNullDefault(field)) return 'null'
  if (isArray(field.type)) return '[]'
  const text = field.default == null || field.default === '' ? undefined : String(field.default)
  switch (field.type) {
    case 'bool':
      return text ?? 'false'
    case 'string':
      return `'${text ?? ''}'`
    case 'uuid':
      return `'AAAAAAAAAAAAAAAAAAAAAA'`
    case 'bytes':
    case 'records':
      return 'Buffer.alloc(0)'
    case 'int64':
      return `${BigInt(text ?? 0)}n`
    default:
      if (PRIMITIVES[field.type]) return String(Number(text ?? 0))
      return defaultStruct(ctx, field.type)
  }
}

function defaultStruct(ctx: Context, type: string): string {
  const parts = struct(ctx, type).fields.map((field) => `${property(field)}: ${defaultOf(ctx, field)}`)
  return `{ ${parts.join(', ')} }`
}

/** An expression that reads one non-null value of `type`. */
function readValue(ctx: Context, type: string, flag: string, reader: string): string {
  if (isArray(type)) return `${reader}.array(${flag}, () => ${readValue(ctx, elementType(type), flag, reader)})`
  if (type === 'records') return `${reader}.bytes(${flag})`
  if (type === 'string' || type === 'bytes') return `${reader}.${type}(${flag})`
  if (PRIMITIVES[type]) return `${reader}.${type}()`
  return `read${struct(ctx, type).name}(${reader}, v)`
}

function readNullable(ctx: Context, type: string, flag: string, reader: string): string {
  if (isArray(type)) {
    return `${reader}.nullableArray(${flag}, () => ${readValue(ctx, elementType(type), flag, reader)})`
  }
  if (type === 'string') return `${reader}.nullableString(${flag})`
  if (type === 'bytes' || type === 'records') return `${reader}.nullableBytes(${flag})`
  // A tagged struct is marked by an unsigned varint, any other by an int8.
  if (reader === 't') return `t.unsignedVarint() === 0 ? null : ${readValue(ctx, type, flag, reader)}`
  return `${reader}.nullableStruct(() => ${readValue(ctx, type, flag, reader)})`
}

function readField(ctx: Context, field: Field, known: Range, reader: string): string {
  const flag = compact(ctx, field)
  const nullable = condition(range(field.nullableVersions), known)
  if (nullable === 'false') return readValue(ctx, field.type, flag, reader)
  if (nullable === 'true') return readNullable(ctx, field.type, flag, reader)
  return `${nullable} ? ${readNullable(ctx, field.type, flag, reader)} : ${readValue(ctx, field.type, flag, reader)}`
}

const narrow = (a: Range, b: Range): Range => ({ min: Math.max(a.min, b.min), max: Math.min(a.max, b.max) })

/** Where the field stands among the ordinary ones. */
function plainRange(field: Field): Range {
  const versions = range(field.versions)
  const tagged = range(field.taggedVersions)
  if (!intersects(versions, tagged)) return versions
  return { min: versions.min, max: Math.min(versions.max, tagged.min - 1) }
}

function taggedRange(ctx: Context, field: Field): Range {
  return field.tag === undefined
    ? { min: NEVER, max: -1 }
    : narrow(narrow(range(field.taggedVersions), range(field.versions)), ctx.valid)
}

function emitRead(ctx: Context, s: Struct): string {
  let body = declareFlexible(ctx)
  const names: string[] = []
  for (const field of s.fields) {
    const name = property(field)
    names.push(name)
    const plain = plainRange(field)
    const when = condition(plain, ctx.valid)
    const type = tsType(ctx, field)
    if (when === 'true') body += `  const ${name} = ${readField(ctx, field, ctx.valid, 'r')}\n`
    else if (when === 'false') body += `  let ${name}: ${type} = ${defaultOf(ctx, field)}\n`
    else {
      body += `  let ${name}: ${type} = ${defaultOf(ctx, field)}\n`
      body += `  if (${when}) ${name} = ${readField(ctx, field, narrow(plain, ctx.valid), 'r')}\n`
    }
  }
  if (hasTags(ctx)) {
    const cases = s.fields
      .filter((field) => taggedRange(ctx, field).max >= taggedRange(ctx, field).min)
      .map((field) => {
        const tagged = taggedRange(ctx, field)
        const when = condition(tagged, narrow(ctx.flexible, ctx.valid))
        const guard = when === 'true' ? '' : ` && ${when}`
        return `if (tag === ${field.tag}${guard}) ${property(field)} = ${readField(ctx, field, tagged, 't')}\n    else `
      })
    const known = cases.length === 0 ? '' : `(tag, t) => {\n    ${cases.join('')}return false\n    return true\n  }`
    const call = `r.taggedFields(${known})`
    const flag = flexibleFlag(ctx)
    body += `  const unknownTaggedFields = ${flag === 'true' ? call : `flexible ? ${call} : undefined`}\n`
    body += `  const message: ${s.name} = { ${names.join(', ')} }\n`
    body += '  if (unknownTaggedFields) message.unknownTaggedFields = unknownTaggedFields\n  return message\n'
  } else body += `  return { ${names.join(', ')} }\n`
  const unusedV = /\bv\b/.test(body) ? 'v' : '_v'
  const unusedR = /\br\b/.test(body) ? 'r' : '_r'
  return `function read${s.name}(${unusedR}: Reader, ${unusedV}: number): ${s.name} {\n${fixConst(body)}}\n`
}

/** Fields that nothing assigns again are const. */
function fixConst(body: string): string {
  return body.replace(/^ {2}let (\w+)(: [^=]+ = )/gm, (all, name: string, rest: string) =>
    new RegExp(`\\b${name} = `, 'g').test(body.replace(all, '')) ? all : `  const ${name}${rest}`,
  )
}

function writeValue(ctx: Context, type: string, flag: string, value: string, writer: string): string {
  if (isArray(type)) {
    return `${writer}.array(${value}, ${flag}, (item) => ${writeValue(ctx, elementType(type), flag, 'item', writer)})`
  }
  if (type === 'records') return `${writer}.bytes(${value}, ${flag})`
  if (type === 'string' || type === 'bytes') return `${writer}.${type}(${value}, ${flag})`
  if (PRIMITIVES[type]) return `${writer}.${type}(${value})`
  return `write${struct(ctx, type).name}(${writer}, ${value}, v)`
}

function writeNullableStruct(ctx: Context, type: string, flag: string, value: string, writer: string): string {
  if (writer === 'w') return `w.nullableStruct(${value}, (item) => ${writeValue(ctx, type, flag, 'item', 'w')})`
  return `if (${value} === null) t.unsignedVarint(0)\n    else { t.unsignedVarint(1); ${writeValue(ctx, type, flag, value, 't')} }`
}

function writeField(ctx: Context, field: Field, known: Range, value: string, writer: string): string {
  const flag = compact(ctx, field)
  if (!canBeNull(field)) return writeValue(ctx, field.type, flag, value, writer)
  const nullable = condition(range(field.nullableVersions), known)
  const withNull = isStruct(field.type)
    ? writeNullableStruct(ctx, field.type, flag, value, writer)
    : writeValue(ctx, field.type, flag, value, writer)
  if (nullable === 'true') return withNull
  const refuse = `if (${value} === null${nullable === 'false' ? '' : ` && !(${nullable})`}) throw new UnsupportedVersionError(\`${ctx.message} version \${v}: ${field.name} can't be null\`)`
  if (nullable === 'false') return `${refuse}\n    ${writeValue(ctx, field.type, flag, value, writer)}`
  if (!isStruct(field.type)) return `${refuse}\n    ${withNull}`
  return `if (${nullable}) ${withNull}\n    else ${value} === null ? undefined : ${writeValue(ctx, field.type, flag, value, writer)}`
}

/** The message's value, or the default where it was left out. */
function givenOrDefault(ctx: Context, field: Field): string {
  const access = `m.${property(field)}`
  const fallback = defaultOf(ctx, field)
  if (canBeNull(field) && fallback !== 'null') return `${access} === undefined ? ${fallback} : ${access}`
  return `${access} ?? ${fallback}`
}

/** True when the value differs from the default. */
function differs(ctx: Context, field: Field, value: string): string {
  if (isNullDefault(field)) return `${value} !== null`
  const nullable = canBeNull(field)
  if (isArray(field.type)) return nullable ? `${value} === null || ${value}.length > 0` : `${value}.length > 0`
  if (field.type === 'bytes' || field.type === 'records') {
    return nullable ? `${value} === null || ${value}.length > 0` : `${value}.length > 0`
  }
  if (isStruct(field.type)) {
    const check = `!isDefault${struct(ctx, field.type).name}(${value})`
    return nullable ? `${value} === null || ${check}` : check
  }
  return `${value} !== ${defaultOf(ctx, field)}`
}

function emitWrite(ctx: Context, s: Struct): string {
  let body = declareFlexible(ctx)
  const tagged: string[] = []
  for (const field of s.fields) {
    const name = property(field)
    const plain = narrow(plainRange(field), ctx.valid)
    const tag = taggedRange(ctx, field)
    const isTagged = tag.max >= tag.min
    const anywhere = condition(range(field.versions), ctx.valid)
    if (anywhere === 'false' && field.ignorable) continue
    body += `  const ${name} = ${givenOrDefault(ctx, field)}\n`
    const when = condition(plain, ctx.valid)
    if (when === 'true') body += `  ${writeField(ctx, field, plain, name, 'w')}\n`
    else if (when !== 'false') body += `  if (${when}) {\n    ${writeField(ctx, field, plain, name, 'w')}\n  }\n`
    if (anywhere !== 'true' && !field.ignorable) {
      const outside = anywhere === 'false' ? '' : `!(${anywhere}) && `
      body += `  if (${outside}(${differs(ctx, field, name)})) throw new UnsupportedVersionError(\`${ctx.message} version \${v} has no ${field.name}\`)\n`
    }
    if (isTagged) {
      const guard = condition(tag, ctx.valid)
      const cond = guard === 'true' ? differs(ctx, field, name) : `${guard} && (${differs(ctx, field, name)})`
      tagged.push(`  if (${cond}) tags.push([${field.tag}, (t) => { ${writeField(ctx, field, tag, name, 't')} }])\n`)
    }
  }
  if (hasTags(ctx)) {
    let list = '[]'
    if (tagged.length > 0) {
      body += `  const tags: [number, (w: Writer) => void][] = []\n${tagged.join('')}`
      list = 'tags'
    }
    const flag = flexibleFlag(ctx)
    const call = `w.taggedFields(${list}, m.unknownTaggedFields)`
    body += flag === 'true' ? `  ${call}\n` : `  if (flexible) ${call}\n`
  }
  const unusedV = /\bv\b/.test(body) ? 'v' : '_v'
  const unusedW = /\bw\b/.test(body) ? 'w' : '_w'
  const unusedM = /\bm\b/.test(body) ? 'm' : '_m'
  return `function write${s.name}(${unusedW}: Writer, ${unusedM}: Draft<${s.name}>, ${unusedV}: number): void {\n${body}}\n`
}

/** Names of the structs whose equality with their default is asked somewhere. */
function defaultChecked(ctx: Context, structs: Struct[]): Set<string> {
  const wanted = new Set<string>()
  const visit = (type: string): void => {
    if (wanted.has(type)) return
    wanted.add(type)
    for (const field of struct(ctx, type).fields) if (isStruct(field.type) && !isNullDefault(field)) visit(field.type)
  }
  for (const s of structs) {
    for (const field of s.fields) {
      if (!isStruct(field.type) || isNullDefault(field)) continue
      const always = condition(range(field.versions), ctx.valid) === 'true'
      if (field.tag !== undefined || (!always && !field.ignorable)) visit(field.type)
    }
  }
  return wanted
}

function emitIsDefault(ctx: Context, s: Struct): string {
  const lines = s.fields.map((field) => {
    const name = property(field)
    return `  const ${name} = ${givenOrDefault(ctx, field)}\n  if (${differs(ctx, field, name)}) return false\n`
  })
  if (hasTags(ctx)) lines.push('  if (m.unknownTaggedFields && m.unknownTaggedFields.length > 0) return false\n')
  return `function isDefault${s.name}(m: Draft<${s.name}>): boolean {\n${lines.join('')}  return true\n}\n`
}
