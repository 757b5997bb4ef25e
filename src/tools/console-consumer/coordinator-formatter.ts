import type { MessageCodec } from '../../protocol/codec.ts'
import { GroupMetadataKey, GroupMetadataValue } from '../../protocol/generated/data/group-metadata.ts'
import { LegacyOffsetCommitKey, LegacyOffsetCommitValue } from '../../protocol/generated/data/legacy-offset-commit.ts'
import { OffsetCommitKey, OffsetCommitValue } from '../../protocol/generated/data/offset-commit.ts'
import { TransactionLogKey, TransactionLogValue } from '../../protocol/generated/data/transaction-log.ts'
import { Reader } from '../../protocol/reader.ts'
import groupMetadataKey from '../../protocol/schema/GroupMetadataKey.json' with { type: 'json' }
import groupMetadataValue from '../../protocol/schema/GroupMetadataValue.json' with { type: 'json' }
import legacyOffsetCommitKey from '../../protocol/schema/LegacyOffsetCommitKey.json' with { type: 'json' }
import legacyOffsetCommitValue from '../../protocol/schema/LegacyOffsetCommitValue.json' with { type: 'json' }
import offsetCommitKey from '../../protocol/schema/OffsetCommitKey.json' with { type: 'json' }
import offsetCommitValue from '../../protocol/schema/OffsetCommitValue.json' with { type: 'json' }
import transactionLogKey from '../../protocol/schema/TransactionLogKey.json' with { type: 'json' }
import transactionLogValue from '../../protocol/schema/TransactionLogValue.json' with { type: 'json' }
import { type MessageSchema, messageJson } from '../shared/records/schema-json.ts'
import type { Formatter } from './formatter.ts'

interface RecordType {
  key: MessageCodec<object>
  keySchema: MessageSchema
  value: MessageCodec<object>
  valueSchema: MessageSchema
}

const type = (key: unknown, keySchema: unknown, value: unknown, valueSchema: unknown): RecordType =>
  ({ key, keySchema, value, valueSchema }) as RecordType

const legacyOffset = type(
  LegacyOffsetCommitKey,
  legacyOffsetCommitKey,
  LegacyOffsetCommitValue,
  legacyOffsetCommitValue,
)
const offset = type(OffsetCommitKey, offsetCommitKey, OffsetCommitValue, offsetCommitValue)
const groupMetadata = type(GroupMetadataKey, groupMetadataKey, GroupMetadataValue, groupMetadataValue)
const transaction = type(TransactionLogKey, transactionLogKey, TransactionLogValue, transactionLogValue)

/** Record types by the number a key starts with, for each formatter. */
const formatters: Record<string, ReadonlyMap<number, RecordType>> = {
  OffsetsMessageFormatter: new Map([
    [0, legacyOffset],
    [1, offset],
  ]),
  GroupMetadataMessageFormatter: new Map([[2, groupMetadata]]),
  TransactionLogMessageFormatter: new Map([[0, transaction]]),
}

const decode = (codec: MessageCodec<object>, schema: MessageSchema, body: Buffer, version: number): string =>
  messageJson(schema, codec.read(new Reader(body), version), version)

/**
 * Kafka's formatters of the coordinators' topics: one JSON object a record, nothing between them. Records of other types are left
 * out.
 * @returns undefined for a name that is none of them
 */
export const coordinatorFormatter = (name: string): Formatter | undefined => {
  const types = Object.hasOwn(formatters, name) ? formatters[name] : undefined
  if (types === undefined) return undefined
  return {
    needsTimestampType: false,
    write: (cursor, _origin, sink) => {
      const key = cursor.key()
      if (key === null || key.length < 2) return
      const id = key.readInt16BE(0)
      const recordType = types.get(id)
      if (recordType === undefined) return
      const keyText = decode(recordType.key, recordType.keySchema, key.subarray(2), 0)
      const value = cursor.value()
      let valueText = 'null'
      if (value !== null) {
        const version = value.readInt16BE(0)
        const data = decode(recordType.value, recordType.valueSchema, value.subarray(2), version)
        valueText = `{"version":${version},"data":${data}}`
      }
      sink.text(`{"key":{"type":${id},"data":${keyText}},"value":${valueText}}`)
    },
  }
}
