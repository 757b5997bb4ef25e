/** The files that formatting writes: snapshots in Kafka's checkpoint format (KIP-630, KIP-853). */

import type { Draft, MessageCodec } from '../../protocol/codec.ts'
import { KRaftVersionRecord } from '../../protocol/generated/data/k-raft-version-record.ts'
import { SnapshotFooterRecord } from '../../protocol/generated/data/snapshot-footer-record.ts'
import { SnapshotHeaderRecord } from '../../protocol/generated/data/snapshot-header-record.ts'
import { VotersRecord } from '../../protocol/generated/data/voters-record.ts'
import type { UserScramCredentialRecord } from '../../protocol/generated/metadata/user-scram-credential-record.ts'
import { buildBatch, type RecordInput } from '../../protocol/records/batch-builder.ts'
import { ControlType, encodeControlKey } from '../../protocol/records/control-records.ts'
import { Writer } from '../../protocol/writer.ts'
import { METADATA_TOPIC } from '../../storage/log-manager.ts'
import { encodeMetadataRecord, type MetadataRecordDraft } from './metadata-record.ts'

export const BOOTSTRAP_CHECKPOINT_FILE = 'bootstrap.checkpoint'
/** Folder of the metadata log inside its log directory. */
export const METADATA_LOG_FOLDER = `${METADATA_TOPIC}-0`
/** The snapshot before the first record, which holds the voters of a dynamic quorum. */
export const FIRST_SNAPSHOT_FILE = '00000000000000000000-0000000000.checkpoint'

/** A controller of a dynamic quorum. */
export interface Voter {
  id: number
  directoryId: string
  endpoints: readonly { name: string; host: string; port: number }[]
}

const KRAFT_VERSIONS = { minSupportedVersion: 0, maxSupportedVersion: 1 }

function controlRecord<T>(type: number, codec: MessageCodec<T>, message: Draft<T>, timestamp: number): RecordInput {
  const writer = new Writer(64)
  codec.write(writer, message, 0)
  return { key: encodeControlKey(type), value: writer.toBuffer(), timestamp }
}

function snapshot(control: readonly RecordInput[], records: readonly MetadataRecordDraft[], nowMs: number): Buffer {
  const batches = [buildBatch(control, { control: true, partitionLeaderEpoch: 0, baseOffset: 0 })]
  if (records.length > 0) {
    const values = records.map((record) => ({ value: encodeMetadataRecord(record), timestamp: nowMs }))
    batches.push(buildBatch(values, { partitionLeaderEpoch: 0, baseOffset: control.length }))
  }
  const footer = controlRecord(ControlType.SNAPSHOT_FOOTER, SnapshotFooterRecord, {}, nowMs)
  const baseOffset = control.length + records.length
  batches.push(buildBatch([footer], { control: true, partitionLeaderEpoch: 0, baseOffset }))
  return Buffer.concat(batches)
}

/**
 * Content of bootstrap.checkpoint: the feature levels the first controller starts from, levels of 0 left out, and credentials.
 * @param levels in the order they are to stand in
 */
export function bootstrapCheckpoint(
  levels: Iterable<readonly [string, number]>,
  nowMs: number,
  credentials: readonly UserScramCredentialRecord[] = [],
): Buffer {
  const header = controlRecord(ControlType.SNAPSHOT_HEADER, SnapshotHeaderRecord, {}, nowMs)
  const records = [...levels].map(
    ([name, featureLevel]): MetadataRecordDraft => ({ type: 'FeatureLevelRecord', data: { name, featureLevel } }),
  )
  for (const data of credentials) records.push({ type: 'UserScramCredentialRecord', data })
  return snapshot([header], records, nowMs)
}

/** Content of the metadata log's first snapshot: kraft.version 1 and the voters. */
export function votersSnapshot(voters: readonly Voter[], kRaftVersion: number, nowMs: number): Buffer {
  const header = { lastContainedLogTimestamp: BigInt(nowMs) }
  const drafts = voters.map(({ id, directoryId, endpoints }) => ({
    voterId: id,
    voterDirectoryId: directoryId,
    endpoints: endpoints.map((endpoint) => ({ ...endpoint })),
    kRaftVersionFeature: KRAFT_VERSIONS,
  }))
  const control = [
    controlRecord(ControlType.SNAPSHOT_HEADER, SnapshotHeaderRecord, header, nowMs),
    controlRecord(ControlType.KRAFT_VERSION, KRaftVersionRecord, { kRaftVersion }, nowMs),
    controlRecord(ControlType.KRAFT_VOTERS, VotersRecord, { voters: drafts }, nowMs),
  ]
  return snapshot(control, [], nowMs)
}
