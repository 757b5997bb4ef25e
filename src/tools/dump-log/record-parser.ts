import { Reader } from '../../protocol/reader.ts'
import type { RecordType } from '../shared/records/record-type.ts'
import { messageJson } from '../shared/records/schema-json.ts'

/** What is printed of a record's key and value; undefined when there is nothing to print. */
export interface ParsedRecord {
  key: string | undefined
  value: string | undefined
}

export type RecordParser = (offset: number, key: Buffer | null, value: Buffer | null) => ParsedRecord

/** An unusable record; the rest of the file can't be read with this decoder. */
export class DecodeError extends Error {
  override name = 'DecodeError'
}

const idOf = (bytes: Buffer): string => {
  let hash = 0
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0
  return (hash >>> 0).toString(16)
}

const number = (bytes: Buffer, sizeBytes: number, read: () => unknown): string => {
  if (bytes.length < sizeBytes) throw new DecodeError('java.nio.BufferUnderflowException')
  return String(read())
}

/** The decoders Kafka has, by the last part of their class name. */
const decoders: Readonly<Record<string, (bytes: Buffer) => string>> = {
  StringDecoder: (bytes) => bytes.toString('utf8'),
  DefaultDecoder: (bytes) => `[B@${idOf(bytes)}`,
  IntegerDecoder: (bytes) => number(bytes, 4, () => bytes.readInt32BE(0)),
  LongDecoder: (bytes) => number(bytes, 8, () => bytes.readBigInt64BE(0)),
}

const PACKAGE = 'org.apache.kafka.tools.api.'

const decoderOf = (className: string): ((bytes: Buffer) => string) => {
  const name = className.startsWith(PACKAGE) ? className.slice(PACKAGE.length) : ''
  const decoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined
  if (decoder !== undefined) return decoder
  throw Object.assign(new Error('Failed to load decoder class'), {
    detail: `kt runs no Java classes; of Kafka's own it has ${Object.keys(decoders)
      .map((one) => PACKAGE + one)
      .join(', ')}.`,
  })
}

/** Keys and values by the classes of `--key-decoder-class` and `--value-decoder-class`. */
export const classParser = (keyClass: string, valueClass: string): RecordParser => {
  const [keyText, valueText] = [decoderOf(keyClass), decoderOf(valueClass)]
  return (_, key, value) => ({
    key: key === null ? undefined : keyText(key),
    value: value === null ? undefined : valueText(value),
  })
}

/** Java's buffers say nothing of what was missing when they end too early. */
const readPart = (part: 'key' | 'value', version: number, read: () => string): string => {
  try {
    return read()
  } catch (error) {
    const why = `Could not read record with version ${version} from ${part}'s buffer due to: null.`
    throw new Error(why, { cause: error })
  }
}

const readVersion = (part: 'key' | 'value', bytes: Buffer): number => {
  if (bytes.length < 2) throw new Error(`Could not read version from ${part}'s buffer.`)
  return bytes.readInt16BE(0)
}

const coordinatorValue = (type: RecordType, value: Buffer, adjust: (json: string) => string): string => {
  const version = readVersion('value', value)
  const data = readPart('value', version, () =>
    messageJson(type.valueSchema, type.value.read(new Reader(value.subarray(2)), version), version),
  )
  return `{"version":"${version}","data":${adjust(data)}}`
}

/**
 * Records of a coordinator's topic as JSON.
 * @param adjust a change to the JSON of values of some types
 */
export const coordinatorParser = (
  types: readonly RecordType[],
  adjust: (typeId: number, json: string) => string = (_, json) => json,
): RecordParser => {
  const byId = new Map(types.map((type) => [type.id, type]))
  return (offset, key, value) => {
    if (key === null) {
      throw new DecodeError(
        `Failed to decode message at offset ${offset} using the specified decoder (message had a missing key)`,
      )
    }
    try {
      const id = readVersion('key', key)
      const type = byId.get(id)
      if (type === undefined) {
        return { key: `Unknown record type ${id} at offset ${offset}, skipping.`, value: undefined }
      }
      const data = readPart('key', id, () =>
        messageJson(type.keySchema, type.key.read(new Reader(key.subarray(2)), 0), 0),
      )
      return {
        key: `{"type":"${id}","data":${data}}`,
        value: value === null ? '<DELETE>' : coordinatorValue(type, value, (json) => adjust(id, json)),
      }
    } catch (error) {
      return { key: `Error at offset ${offset}, skipping. ${(error as Error).message}`, value: undefined }
    }
  }
}
