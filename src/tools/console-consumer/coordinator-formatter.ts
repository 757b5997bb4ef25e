import { keyJson, readPrefix, valueJson } from '../shared/records/coordinator-record.ts'
import type { RecordType } from '../shared/records/record-type.ts'
import type { Formatter } from './formatter.ts'

interface Family {
  /** The record types of the topic. */
  types(): Promise<{ types: readonly RecordType[] }>
  /** The types that are printed; without it all are. */
  prints?: (type: RecordType) => boolean
}

const groupTypes = () => import('../shared/records/group-records.ts')
const named =
  (pattern: RegExp) =>
  ({ key }: RecordType) =>
    pattern.test(key.name)

/** Kafka's formatters of the coordinators' topics, by class without `org.apache.kafka.tools.consumer.`. */
const families: Record<string, Family> = {
  OffsetsMessageFormatter: { types: groupTypes, prints: named(/^(Legacy)?OffsetCommitKey$/) },
  GroupMetadataMessageFormatter: { types: groupTypes, prints: named(/^GroupMetadataKey$/) },
  ShareGroupMessageFormatter: { types: groupTypes, prints: named(/^ShareGroup/) },
  TransactionLogMessageFormatter: { types: () => import('../shared/records/transaction-records.ts') },
  'group.share.ShareGroupStateMessageFormatter': { types: () => import('../shared/records/share-records.ts') },
}

/** The record as Kafka's CoordinatorRecordMessageFormatter has it. */
const recordJson = (type: RecordType, key: Buffer, value: Buffer | null): string => {
  const keyText = keyJson(type, key)
  if (value === null) return `{"key":{"type":${type.id},"data":${keyText}},"value":null}`
  const { version, data } = valueJson(type, value)
  return `{"key":{"type":${type.id},"data":${keyText}},"value":{"version":${version},"data":${data}}}`
}

/**
 * A formatter of a coordinator's topic: one JSON object a record, nothing between them. Records of other types are left out; one that
 * can't be read is an error.
 * @returns undefined for a name that is none of them
 */
export const coordinatorFormatter = async (name: string): Promise<Formatter | undefined> => {
  const family = Object.hasOwn(families, name) ? families[name] : undefined
  if (family === undefined) return undefined
  const { types } = await family.types()
  const byId = new Map(types.filter(family.prints ?? (() => true)).map((type) => [type.id, type]))
  return {
    needsTimestampType: false,
    write: (cursor, _origin, sink) => {
      const key = cursor.key()
      if (key === null) return
      try {
        const type = byId.get(readPrefix(key, 'key'))
        if (type !== undefined) sink.text(recordJson(type, key, cursor.value()))
      } catch (error) {
        const why = (error as Error).message
        throw new Error(`Could not read record at offset ${cursor.offset} due to: ${why}`, { cause: error })
      }
    },
  }
}
