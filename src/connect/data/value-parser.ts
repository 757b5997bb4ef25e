/** What a text means when nothing tells: a number, a boolean, a time, a list, a map or a text (Values.parseString). */
import { SimpleDateFormat } from '../../base/simple-date-format.ts'
import { javaTrim } from '../../config/java-number.ts'
import type { ConnectValue, Schema, SchemaAndValue } from '../api/data.ts'
import { Decimal } from './decimal.ts'
import { DataError } from './errors.ts'
import { DATE_SCHEMA, decimalSchema, TIME_SCHEMA, TIMESTAMP_SCHEMA } from './logical.ts'
import { alignValue, mergeSchemas, withoutSchema } from './merge-schemas.ts'
import * as schemas from './schema.ts'
import { ValueTokens } from './value-tokens.ts'

const NULL: SchemaAndValue = { schema: null, value: null }
const MAX_DEPTH = 500

/** Texts that are times have exactly one of these lengths; they are read in the time zone of the process. */
const TEMPORAL: ReadonlyMap<number, readonly [Schema, SimpleDateFormat]> = new Map([
  ['yyyy-MM-dd'.length, [DATE_SCHEMA, new SimpleDateFormat('yyyy-MM-dd')]],
  ['HH:mm:ss.SSSZ'.length, [TIME_SCHEMA, new SimpleDateFormat("HH:mm:ss.SSS'Z'")]],
  ['yyyy-MM-ddTHH:mm:ss.SSSZ'.length, [TIMESTAMP_SCHEMA, new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")]],
] as const)

/** @returns what the text seems to mean, and its schema; `null` has none */
export function parseValue(text: string): SchemaAndValue {
  if (text === '') return textOf(text)
  return new ValueParser(text).parse(false, 0)
}

const textOf = (value: string): SchemaAndValue => ({ schema: schemas.STRING_SCHEMA, value })

/** The schema that all elements seen so far have in common. */
class CommonSchema {
  schema: Schema | null = null
  private isCompatible = true

  add(latest: Schema | null): void {
    if (latest === null || !this.isCompatible) return
    this.schema = this.schema === null ? latest : mergeSchemas(this.schema, latest)
    this.isCompatible = this.schema !== null
  }
}

class ValueParser {
  private readonly tokens: ValueTokens

  constructor(text: string) {
    this.tokens = new ValueTokens(text)
  }

  /** @throws DataError for an embedded value that is none */
  parse(isEmbedded: boolean, depth: number): SchemaAndValue {
    if (!this.tokens.hasNext()) return NULL
    if (isEmbedded && this.tokens.consume('"')) return this.quoted()
    if (this.literal('null', isEmbedded)) return NULL
    if (this.literal('true', isEmbedded)) return { schema: schemas.BOOLEAN_SCHEMA, value: true }
    if (this.literal('false', isEmbedded)) return { schema: schemas.BOOLEAN_SCHEMA, value: false }
    const container = this.container(depth)
    if (container !== null) return container
    const token = this.tokens.next()
    const trimmed = javaTrim(token)
    if (trimmed === '') return textOf(token)
    const plain = this.temporalOrNumber(trimmed)
    if (plain !== null) return plain
    if (isEmbedded) throw new DataError('Failed to parse embedded value')
    return textOf(this.tokens.original)
  }

  private literal(text: string, isEmbedded: boolean): boolean {
    const start = this.tokens.mark()
    if (this.tokens.consume(text) && (isEmbedded || !this.tokens.hasNext())) return true
    this.tokens.rewind(start)
    return false
  }

  /** @returns null if there is no list or map, or a broken one */
  private container(depth: number): SchemaAndValue | null {
    const start = this.tokens.mark()
    try {
      if (this.tokens.consume('[')) return this.list(depth + 1)
      if (this.tokens.consume('{')) return this.map(depth + 1)
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      this.tokens.rewind(start)
    }
    return null
  }

  private temporalOrNumber(token: string): SchemaAndValue | null {
    const startsWithDigit = /^\p{Nd}/u.test(token)
    if (startsWithDigit) {
      const position = this.tokens.mark()
      const more = this.tokens.take(4)
      const long = more === null ? null : parseTemporal(token + more)
      if (long !== null) return long
      this.tokens.rewind(position)
      const short = parseTemporal(token)
      if (short !== null) return short
    }
    return startsWithDigit || token.startsWith('+') || token.startsWith('-') ? parseNumber(token) : null
  }

  private quoted(): SchemaAndValue {
    let content = ''
    while (this.tokens.hasNext() && !this.tokens.consume('"')) content += this.tokens.next()
    return parseTemporal(content) ?? textOf(content)
  }

  private list(depth: number): SchemaAndValue {
    this.checkDepth(depth)
    const elements: SchemaAndValue[] = []
    const common = new CommonSchema()
    while (this.tokens.hasNext()) {
      if (this.tokens.consume(']')) return listOf(common.schema, elements)
      if (this.tokens.consume(',')) this.fail('Unable to parse an empty array element')
      const element = this.parse(true, depth)
      common.add(element.schema)
      elements.push(element)
      const position = this.tokens.mark()
      if (this.tokens.consume(']')) this.tokens.rewind(position)
      else if (!this.tokens.consume(',')) throw new DataError("Array elements missing ',' delimiter")
    }
    return this.unfinished('Array', ']')
  }

  private map(depth: number): SchemaAndValue {
    this.checkDepth(depth)
    const entries: [SchemaAndValue, SchemaAndValue][] = []
    const [keys, values] = [new CommonSchema(), new CommonSchema()]
    while (this.tokens.hasNext()) {
      if (this.tokens.consume('}')) return mapOf(keys.schema, values.schema, entries)
      if (this.tokens.consume(',')) this.fail('Unable to parse a map entry with no key or value')
      const key = this.parse(true, depth)
      if (key.value === null) this.fail('Map entry may not have a null key')
      if (!this.tokens.consume(':')) this.fail(`Map entry is missing ':' at ${this.tokens.end} in`)
      const value = this.parse(true, depth)
      entries.push([key, value])
      this.tokens.consume(',')
      keys.add(key.schema)
      values.add(value.schema)
    }
    return this.unfinished('Map', '}')
  }

  private checkDepth(depth: number): void {
    if (depth > MAX_DEPTH) throw new DataError(`Values are nested more than ${MAX_DEPTH} deep`)
  }

  private fail(message: string): never {
    throw new DataError(`${message}: ${this.tokens.original}`)
  }

  private unfinished(what: string, end: string): never {
    return this.fail(
      this.tokens.previous === ',' ? `${what} is missing element after ','` : `${what} is missing terminating '${end}'`,
    )
  }
}

function listOf(common: Schema | null, elements: readonly SchemaAndValue[]): SchemaAndValue {
  return { schema: schemas.arraySchema(common), value: elements.map((element) => aligned(common, element)) }
}

function mapOf(
  keys: Schema | null,
  values: Schema | null,
  entries: readonly (readonly [SchemaAndValue, SchemaAndValue])[],
): SchemaAndValue {
  // A later entry takes an earlier one's place before both are made alike.
  const last = new Map(entries.map((entry) => [keyIdentity(entry[0]), entry]))
  const keyed = values !== null && keys === null ? null : values
  const value = new Map([...last.values()].map(([key, item]) => [aligned(keys, key), aligned(keyed, item)]))
  return { schema: schemas.mapSchema(keys, keyed), value }
}

/** Numbers of different types are different keys. */
const keyIdentity = ({ schema, value }: SchemaAndValue): ConnectValue =>
  typeof value === 'number' ? `${schema!.type} ${value}` : typeof value === 'string' ? `"${value}` : value

const aligned = (common: Schema | null, { schema, value }: SchemaAndValue): ConnectValue =>
  common === null ? withoutSchema(schema, value) : alignValue(common, schema, value)

function parseTemporal(token: string): SchemaAndValue | null {
  const text = token.replaceAll('\\:', ':')
  const format = TEMPORAL.get(text.length)
  const timeMs = format?.[1].parse(text) ?? null
  return timeMs === null ? null : { schema: format![0], value: new Date(timeMs) }
}

/** @returns the smallest integer type that holds it, else a float, if need be a double, if need be a Decimal; null for no number */
function parseNumber(token: string): SchemaAndValue | null {
  const decimal = Decimal.parse(token)
  if (decimal === null) return null
  const integer = decimal.toSmallInteger()
  if (integer !== null && BigInt.asIntN(64, integer) === integer) return integerOf(integer)
  if (decimal.scale !== 0) {
    const double = decimal.toNumber()
    const float = Math.fround(double)
    if (Number.isFinite(float)) return { schema: schemas.FLOAT32_SCHEMA, value: float }
    if (Number.isFinite(double)) return { schema: schemas.FLOAT64_SCHEMA, value: double }
  }
  return { schema: decimalSchema(decimal.scale), value: decimal }
}

function integerOf(value: bigint): SchemaAndValue {
  const fits = (bits: number): boolean => BigInt.asIntN(bits, value) === value
  if (fits(8)) return { schema: schemas.INT8_SCHEMA, value: Number(value) }
  if (fits(16)) return { schema: schemas.INT16_SCHEMA, value: Number(value) }
  if (fits(32)) return { schema: schemas.INT32_SCHEMA, value: Number(value) }
  return { schema: schemas.INT64_SCHEMA, value }
}
