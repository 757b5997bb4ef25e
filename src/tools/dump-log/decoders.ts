import type { OptionSet } from '../../cli/joptsimple.ts'
import { loadMetadataRecords } from '../../embedded/storage-format.ts'
import { ConsumerProtocolAssignment } from '../../protocol/generated/data/consumer-protocol-assignment.ts'
import { ConsumerProtocolSubscription } from '../../protocol/generated/data/consumer-protocol-subscription.ts'
import { Reader } from '../../protocol/reader.ts'
import consumerProtocolAssignment from '../../protocol/schema/ConsumerProtocolAssignment.json' with { type: 'json' }
import consumerProtocolSubscription from '../../protocol/schema/ConsumerProtocolSubscription.json' with { type: 'json' }
import { metadataJson, metadataRecordReader, metadataTypeName } from '../shared/records/metadata-records.ts'
import { type MessageSchema, messageJson } from '../shared/records/schema-json.ts'
import { classParser, coordinatorParser, type RecordParser } from './record-parser.ts'
import { remoteMetadataText } from './remote-metadata.ts'

const GROUP_METADATA = 2

interface GroupMetadataJson {
  protocolType?: string
  members?: { subscription?: unknown; assignment?: unknown }[]
}

const protocolJson = (base64: unknown, kind: 'subscription' | 'assignment'): unknown => {
  try {
    const bytes = Buffer.from(String(base64), 'base64')
    const version = bytes.readInt16BE(0)
    const reader = new Reader(bytes.subarray(2))
    const [codec, schema] =
      kind === 'subscription'
        ? [ConsumerProtocolSubscription, consumerProtocolSubscription]
        : [ConsumerProtocolAssignment, consumerProtocolAssignment]
    if (version < codec.minVersion || version > codec.maxVersion) return base64
    return JSON.parse(messageJson(schema as unknown as MessageSchema, codec.read(reader, version), version))
  } catch {
    return base64
  }
}

/** Subscriptions and assignments of the consumers of a classic group, read. */
const withConsumerProtocol = (typeId: number, json: string): string => {
  if (typeId !== GROUP_METADATA) return json
  const group = JSON.parse(json) as GroupMetadataJson
  if (group.protocolType !== 'consumer') return json
  for (const member of group.members ?? []) {
    for (const kind of ['subscription', 'assignment'] as const) member[kind] = protocolJson(member[kind], kind)
  }
  return JSON.stringify(group)
}

const metadataParser = async (): Promise<RecordParser> => {
  const read = await metadataRecordReader()
  return (offset, _key, value) => {
    try {
      if (value === null) throw new Error('the record has no value')
      const record = read(value)
      const data = metadataJson(record)
      return {
        key: undefined,
        value: `{"type":"${metadataTypeName(record.type)}","version":${record.version},"data":${data}}`,
      }
    } catch (error) {
      return { key: undefined, value: `Error at ${offset}, skipping. ${(error as Error).message}` }
    }
  }
}

const remoteParser = async (): Promise<RecordParser> => {
  const { checkFrameVersion } = await loadMetadataRecords()
  return (offset, _key, value) => {
    try {
      if (value === null) throw new Error('the record has no value')
      return { key: undefined, value: remoteMetadataText(value, checkFrameVersion) }
    } catch (error) {
      return { key: undefined, value: `Error at offset ${offset}, skipping. ${(error as Error).message}` }
    }
  }
}

/** The parser that the options ask for. */
export const parserOf = async (options: OptionSet): Promise<RecordParser> => {
  if (options.has('offsets-decoder')) {
    return coordinatorParser((await import('../shared/records/group-records.ts')).types, withConsumerProtocol)
  }
  if (options.has('transaction-log-decoder')) {
    return coordinatorParser((await import('../shared/records/transaction-records.ts')).types)
  }
  if (options.has('cluster-metadata-decoder')) return metadataParser()
  if (options.has('remote-log-metadata-decoder')) return remoteParser()
  if (options.has('share-group-state-decoder')) {
    return coordinatorParser((await import('../shared/records/share-records.ts')).types)
  }
  return classParser(options.text('key-decoder-class') ?? '', options.text('value-decoder-class') ?? '')
}
