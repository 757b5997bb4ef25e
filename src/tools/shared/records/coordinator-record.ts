import type { MessageCodec } from '../../../protocol/codec.ts'
import { Reader } from '../../../protocol/reader.ts'
import type { RecordType } from './record-type.ts'
import { type MessageSchema, messageJson } from './schema-json.ts'

/** Which half of a record; Kafka's messages name it. */
type Part = 'key' | 'value'

/** The number in front of a key (its type) or of a value (its version). */
export const readPrefix = (bytes: Buffer, part: Part): number => {
  if (bytes.length < 2) throw new Error(`Could not read version from ${part}'s buffer.`)
  return bytes.readInt16BE(0)
}

/** What follows the prefix, as JSON. @param prefix what the message calls a version */
const readBody = (
  bytes: Buffer,
  part: Part,
  prefix: number,
  { codec, schema, version }: { codec: MessageCodec<object>; schema: MessageSchema; version: number },
): string => {
  try {
    return messageJson(schema, codec.read(new Reader(bytes.subarray(2)), version), version)
  } catch (error) {
    // Java's buffers say nothing of what was missing when they end too early.
    throw new Error(`Could not read record with version ${prefix} from ${part}'s buffer due to: null.`, {
      cause: error,
    })
  }
}

/** The JSON of the key of a coordinator's record. @throws Error with Kafka's message */
export const keyJson = (type: RecordType, key: Buffer): string =>
  readBody(key, 'key', type.id, { codec: type.key, schema: type.keySchema, version: 0 })

/** The JSON of the value of a coordinator's record, and its version. @throws Error with Kafka's message */
export const valueJson = (type: RecordType, value: Buffer): { version: number; data: string } => {
  const version = readPrefix(value, 'value')
  if (version < type.value.minVersion || version > type.value.maxVersion) {
    throw new Error(`Found an unknown record version ${version} for ${type.id} type`)
  }
  const data = readBody(value, 'value', version, { codec: type.value, schema: type.valueSchema, version })
  return { version, data }
}
