/**
 * Metadata records as they stand in the values of __cluster_metadata-0 (Kafka's MetadataRecordSerde):
 * frame version (unsigned varint, 1), record type and version (unsigned varints), then the message.
 */
import type { Draft, MessageCodec } from '../../protocol/codec.ts'
import { AbortTransactionRecord } from '../../protocol/generated/metadata/abort-transaction-record.ts'
import { AccessControlEntryRecord } from '../../protocol/generated/metadata/access-control-entry-record.ts'
import { BeginTransactionRecord } from '../../protocol/generated/metadata/begin-transaction-record.ts'
import { BrokerRegistrationChangeRecord } from '../../protocol/generated/metadata/broker-registration-change-record.ts'
import { ClearElrRecord } from '../../protocol/generated/metadata/clear-elr-record.ts'
import { ClientQuotaRecord } from '../../protocol/generated/metadata/client-quota-record.ts'
import { ConfigRecord } from '../../protocol/generated/metadata/config-record.ts'
import { DelegationTokenRecord } from '../../protocol/generated/metadata/delegation-token-record.ts'
import { EndTransactionRecord } from '../../protocol/generated/metadata/end-transaction-record.ts'
import { FeatureLevelRecord } from '../../protocol/generated/metadata/feature-level-record.ts'
import { FenceBrokerRecord } from '../../protocol/generated/metadata/fence-broker-record.ts'
import { NoOpRecord } from '../../protocol/generated/metadata/no-op-record.ts'
import { PartitionChangeRecord } from '../../protocol/generated/metadata/partition-change-record.ts'
import { PartitionRecord } from '../../protocol/generated/metadata/partition-record.ts'
import { ProducerIdsRecord } from '../../protocol/generated/metadata/producer-ids-record.ts'
import { RegisterBrokerRecord } from '../../protocol/generated/metadata/register-broker-record.ts'
import { RegisterControllerRecord } from '../../protocol/generated/metadata/register-controller-record.ts'
import { RemoveAccessControlEntryRecord } from '../../protocol/generated/metadata/remove-access-control-entry-record.ts'
import { RemoveDelegationTokenRecord } from '../../protocol/generated/metadata/remove-delegation-token-record.ts'
import { RemoveTopicRecord } from '../../protocol/generated/metadata/remove-topic-record.ts'
import { RemoveUserScramCredentialRecord } from '../../protocol/generated/metadata/remove-user-scram-credential-record.ts'
import { TopicRecord } from '../../protocol/generated/metadata/topic-record.ts'
import { UnfenceBrokerRecord } from '../../protocol/generated/metadata/unfence-broker-record.ts'
import { UnregisterBrokerRecord } from '../../protocol/generated/metadata/unregister-broker-record.ts'
import { UserScramCredentialRecord } from '../../protocol/generated/metadata/user-scram-credential-record.ts'
import { Reader } from '../../protocol/reader.ts'
import { Writer } from '../../protocol/writer.ts'

const FRAME_VERSION = 1

const CODECS = {
  RegisterBrokerRecord,
  UnregisterBrokerRecord,
  TopicRecord,
  PartitionRecord,
  ConfigRecord,
  PartitionChangeRecord,
  AccessControlEntryRecord,
  FenceBrokerRecord,
  UnfenceBrokerRecord,
  RemoveTopicRecord,
  DelegationTokenRecord,
  UserScramCredentialRecord,
  FeatureLevelRecord,
  ClientQuotaRecord,
  ProducerIdsRecord,
  RemoveAccessControlEntryRecord,
  BrokerRegistrationChangeRecord,
  NoOpRecord,
  RemoveUserScramCredentialRecord,
  BeginTransactionRecord,
  EndTransactionRecord,
  AbortTransactionRecord,
  RemoveDelegationTokenRecord,
  RegisterControllerRecord,
  ClearElrRecord,
}

type Codecs = typeof CODECS
type MessageOf<C> = C extends MessageCodec<infer T> ? T : never

/** One metadata record: which kind, and its content. */
export type MetadataRecord = {
  [K in keyof Codecs]: { type: K; data: MessageOf<Codecs[K]> }
}[keyof Codecs]

/** A record to be written; fields left out have their schema default. */
export type MetadataRecordDraft = {
  [K in keyof Codecs]: { type: K; data: Draft<MessageOf<Codecs[K]>>; version?: number }
}[keyof Codecs]

/** The log holds a record that this version doesn't know: written by a newer Kafka. */
export class UnsupportedMetadataError extends Error {
  override name = 'UnsupportedMetadataError'
}

// biome-ignore lint/suspicious/noExplicitAny: the map is heterogeneous; `type` says which one a record is
const BY_API_KEY = new Map<number, MessageCodec<any>>(Object.values(CODECS).map((codec) => [codec.apiKey, codec]))

/** Encodes a record's value; `version` defaults to the newest. */
export function encodeMetadataRecord(record: MetadataRecordDraft): Buffer {
  // biome-ignore lint/suspicious/noExplicitAny: type and data belong together by MetadataRecordDraft
  const codec: MessageCodec<any> = CODECS[record.type]
  const version = record.version ?? codec.maxVersion
  const writer = new Writer(128)
  writer.unsignedVarint(FRAME_VERSION)
  writer.unsignedVarint(codec.apiKey)
  writer.unsignedVarint(version)
  codec.write(writer, record.data, version)
  return writer.toBuffer()
}

/**
 * Checks what every record in Kafka's metadata framing starts with.
 * @throws UnsupportedMetadataError in Kafka's words
 */
export function checkFrameVersion(frameVersion: number): void {
  if (frameVersion === FRAME_VERSION) return
  throw new UnsupportedMetadataError(
    frameVersion === 0
      ? 'Could not deserialize metadata record with frame version 0. Note that upgrades from the preview release of KRaft in 2.8 to newer versions are not supported.'
      : `Could not deserialize metadata record due to unknown frame version ${frameVersion}(only frame version ${FRAME_VERSION} is supported)`,
  )
}

/** Decodes a record's value; throws UnsupportedMetadataError for what a newer Kafka wrote. */
export function decodeMetadataRecord(value: Buffer): MetadataRecord {
  const reader = new Reader(value)
  const frameVersion = reader.unsignedVarint()
  checkFrameVersion(frameVersion)
  const apiKey = reader.unsignedVarint()
  const version = reader.unsignedVarint()
  const codec = BY_API_KEY.get(apiKey)
  if (!codec || version < codec.minVersion || version > codec.maxVersion) {
    throw new UnsupportedMetadataError(
      `the metadata log holds record type ${apiKey} version ${version}, which Kafka 4.3 does not know: ` +
        'the data directory was written by a newer version. Use that version, or another data directory.',
    )
  }
  return { type: codec.name as MetadataRecord['type'], data: codec.read(reader, version) } as MetadataRecord
}
