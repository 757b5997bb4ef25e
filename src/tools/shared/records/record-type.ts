import type { MessageCodec } from '../../../protocol/codec.ts'
import type { MessageSchema } from './schema-json.ts'

/** A kind of record of a coordinator's topic: how its key and its value are read. */
export interface RecordType {
  /** The number a key of this kind starts with. */
  id: number
  key: MessageCodec<object>
  keySchema: MessageSchema
  value: MessageCodec<object>
  valueSchema: MessageSchema
}

export const recordType = (key: unknown, keySchema: unknown, value: unknown, valueSchema: unknown): RecordType => {
  const codec = key as MessageCodec<object>
  return { id: codec.apiKey, key: codec, keySchema, value, valueSchema } as RecordType
}
