import { isUtf8 } from 'node:buffer'

/** A header as it goes into a record. Its name is bytes: not every client writes UTF-8. */
export interface JsonHeader {
  key: Buffer
  value: Buffer | null
}

/** What a line says. Where it says nothing about partition or timestamp they are chosen as for any record. */
export interface JsonRecord {
  topic: string | undefined
  partition: number | undefined
  timestamp: number | undefined
  key: Buffer | null
  value: Buffer | null
  headers: JsonHeader[] | null
}

/** A line that is no record; the message says why, without naming the line. */
export class JsonRecordError extends Error {
  override name = 'JsonRecordError'
}

const fail = (why: string): never => {
  throw new JsonRecordError(why)
}

type Fields = Record<string, unknown>

/** Fields of console-consumer's lines; those that only tell where a record was are passed over. */
const known = [
  'topic',
  'partition',
  'offset',
  'timestamp',
  'timestampType',
  'leaderEpoch',
  'deliveryCount',
  'key',
  'value',
  'headers',
]
const knownFields = new Set(known)

const shown = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether there is half of a surrogate pair, such as \ud800 alone: UTF-8 has no bytes for it. */
const hasHalfPair = (text: string): boolean => !(text as string & { isWellFormed(): boolean }).isWellFormed()

const fromText = (text: string, what: string): Buffer => {
  if (hasHalfPair(text)) {
    fail(`${what} has half of a surrogate pair, ${shown(text)}: UTF-8 has no bytes for it`)
  }
  return Buffer.from(text, 'utf8')
}

const fromBase64 = (text: string, what: string): Buffer => {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) fail(`${what} is not base64: ${shown(text)}`)
  return bytes
}

/** A string, or `{"base64": "…"}`. */
const bytesOf = (value: unknown, what: string): Buffer => {
  if (typeof value === 'string') return fromText(value, what)
  if (isObject(value) && typeof value.base64 === 'string' && Object.keys(value).length === 1) {
    return fromBase64(value.base64, `${what}.base64`)
  }
  const hint = isObject(value) || Array.isArray(value) ? '; JSON inside a record is written as a string' : ''
  return fail(`${what} is a string, null or {"base64": "…"}, not ${shown(value)}${hint}`)
}

const nullableBytes = (value: unknown, what: string): Buffer | null => (value === null ? null : bytesOf(value, what))

const headerOf = (given: unknown, what: string): JsonHeader => {
  if (!isObject(given)) return fail(`${what} is {"key": …, "value": …}, not ${shown(given)}`)
  const stranger = Object.keys(given).find((name) => name !== 'key' && name !== 'value')
  if (stranger !== undefined) fail(`${what} has a field ${shown(stranger)} that is none of "key" and "value"`)
  for (const name of ['key', 'value']) if (!Object.hasOwn(given, name)) fail(`${what} has no "${name}"`)
  const { key } = given
  if (key === null) return fail(`${what}.key is null, which Kafka does not allow`)
  return { key: bytesOf(key, `${what}.key`), value: nullableBytes(given.value, `${what}.value`) }
}

const headersOf = (given: unknown): JsonHeader[] | null => {
  if (given === undefined) return null
  if (!Array.isArray(given)) return fail(`headers is a list of {"key": …, "value": …}, not ${shown(given)}`)
  return given.length === 0 ? null : given.map((header, i) => headerOf(header, `headers[${i}]`))
}

const integerOf = (given: unknown, what: string, least: number, most: number): number | undefined => {
  if (given === undefined) return undefined
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= least && given <= most) return given
  return fail(`${what} is a whole number from ${least} to ${most}, not ${shown(given)}`)
}

const maxPartition = 2 ** 31 - 1

const parse = (source: Buffer, start: number, end: number): unknown => {
  const line = source.subarray(start, end)
  if (!isUtf8(line)) return fail('it is not UTF-8; bytes that are none go into {"base64": "…"}')
  try {
    return JSON.parse(line.toString('utf8'))
  } catch (error) {
    return fail(`it is not JSON: ${(error as Error).message}`)
  }
}

/**
 * Reads one line as a record: the fields of `console-consumer --output json`, of which only value has to be there.
 *
 * @throws JsonRecordError for what isn't JSON, isn't an object, has a field unknown here or a value that doesn't fit it
 */
export const readJsonRecord = (source: Buffer, start: number, end: number): JsonRecord => {
  const fields = parse(source, start, end)
  if (!isObject(fields)) return fail(`it is no JSON object such as {"key": "k", "value": "v"} but ${shown(fields)}`)
  for (const name of Object.keys(fields)) {
    if (!knownFields.has(name)) fail(`unknown field ${shown(name)}; known are ${known.join(', ')}`)
  }
  const { topic, key, value } = fields
  if (value === undefined) fail('it has no "value"; null writes a tombstone')
  if (topic !== undefined && (typeof topic !== 'string' || topic === '')) fail(`topic is a name, not ${shown(topic)}`)
  return {
    topic: topic as string | undefined,
    partition: integerOf(fields.partition, 'partition', 0, maxPartition),
    timestamp: integerOf(fields.timestamp, 'timestamp', -1, Number.MAX_SAFE_INTEGER),
    key: key === undefined ? null : nullableBytes(key, 'key'),
    value: nullableBytes(value, 'value'),
    headers: headersOf(fields.headers),
  }
}

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d

/** Whether a line has nothing but blanks, as between records typed by hand. */
export const isBlankLine = (source: Buffer, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) if (!isBlank(source[i]!)) return false
  return true
}
