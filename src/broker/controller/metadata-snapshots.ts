/**
 * Snapshots of the metadata log (KIP-630): files `<end offset>-<epoch>.checkpoint` beside its segments. Whoever replays starts with the
 * newest, so what lies before it in the log may go.
 */
import { encode } from '../../protocol/codec.ts'
import { KRaftVersionRecord } from '../../protocol/generated/data/k-raft-version-record.ts'
import { SnapshotFooterRecord } from '../../protocol/generated/data/snapshot-footer-record.ts'
import { SnapshotHeaderRecord } from '../../protocol/generated/data/snapshot-header-record.ts'
import { buildBatch, type RecordInput } from '../../protocol/records/batch-builder.ts'
import { ControlType, encodeControlKey } from '../../protocol/records/control-records.ts'
import { type FileSystem, readWholeFile, writeAtomically } from '../../storage/file-system.ts'
import { encodeMetadataRecord, type MetadataRecordDraft } from './metadata-record.ts'

const NAME = /^(\d{20})-(\d{10})\.checkpoint$/
const MAX_BATCH_BYTES = 1024 * 1024

export interface SnapshotId {
  /** Offset after the last record it covers. */
  endOffset: number
  /** Epoch of that record. */
  epoch: number
}

export const snapshotFileName = ({ endOffset, epoch }: SnapshotId): string =>
  `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}.checkpoint`

/** The snapshots in a directory, oldest first. */
export function listSnapshots(fileSystem: FileSystem, directory: string): SnapshotId[] {
  return fileSystem
    .list(directory)
    .flatMap((name) => {
      const found = NAME.exec(name)
      return found ? [{ endOffset: Number(found[1]), epoch: Number(found[2]) }] : []
    })
    .sort((a, b) => a.endOffset - b.endOffset || a.epoch - b.epoch)
}

/** The bytes of a snapshot, undefined when there is none of that id. */
export function readSnapshot(fileSystem: FileSystem, directory: string, id: SnapshotId): Buffer | undefined {
  return readWholeFile(fileSystem, `${directory}/${snapshotFileName(id)}`)
}

export interface SnapshotContent {
  records: readonly MetadataRecordDraft[]
  /** VotersRecord of dynamic voters. */
  voters: Buffer | undefined
  /** Timestamp of the last record covered, ms. */
  lastTimestamp: number
  nowMs: number
}

/** Writes a snapshot; it is on disk, or not there at all, when this returns. Throws the system error. */
export function writeSnapshot(
  fileSystem: FileSystem,
  directory: string,
  id: SnapshotId,
  { records, voters, lastTimestamp, nowMs }: SnapshotContent,
): void {
  const batches: Buffer[] = []
  let baseOffset = 0
  const add = (inputs: readonly RecordInput[], control: boolean): void => {
    batches.push(buildBatch(inputs, { control, partitionLeaderEpoch: id.epoch, baseOffset }))
    baseOffset += inputs.length
  }
  const controlRecord = (type: number, value: Buffer): RecordInput => ({
    key: encodeControlKey(type),
    value,
    timestamp: nowMs,
  })
  const header = encode(SnapshotHeaderRecord, { lastContainedLogTimestamp: BigInt(lastTimestamp) }, 0)
  const head = [controlRecord(ControlType.SNAPSHOT_HEADER, header)]
  if (voters) {
    head.push(controlRecord(ControlType.KRAFT_VERSION, encode(KRaftVersionRecord, { kRaftVersion: 1 }, 0)))
    head.push(controlRecord(ControlType.KRAFT_VOTERS, voters))
  }
  add(head, true)
  let batch: RecordInput[] = []
  let sizeBytes = 0
  for (const record of records) {
    const value = encodeMetadataRecord(record)
    if (batch.length > 0 && sizeBytes + value.length > MAX_BATCH_BYTES) {
      add(batch, false)
      batch = []
      sizeBytes = 0
    }
    batch.push({ value, timestamp: nowMs })
    sizeBytes += value.length
  }
  if (batch.length > 0) add(batch, false)
  add([controlRecord(ControlType.SNAPSHOT_FOOTER, encode(SnapshotFooterRecord, {}, 0))], true)
  writeAtomically(fileSystem, directory, snapshotFileName(id), Buffer.concat(batches))
}

export interface SnapshotRetention {
  /** metadata.max.retention.bytes, negative for no limit */
  bytes: number
  /** metadata.max.retention.ms, negative for no limit */
  ms: number
}

/**
 * Which of the snapshots may go, oldest first: those the log with all snapshots is too large or that are too old for. The newest
 * always stays.
 */
export function expiredSnapshots(
  snapshots: readonly { id: SnapshotId; sizeBytes: number; modifiedMs: number }[],
  logSizeBytes: number,
  { bytes, ms }: SnapshotRetention,
  nowMs: number,
): SnapshotId[] {
  const expired: SnapshotId[] = []
  let total = logSizeBytes + snapshots.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  for (const { id, sizeBytes, modifiedMs } of snapshots.slice(0, -1)) {
    const isTooMuch = bytes >= 0 && total > bytes
    const isTooOld = ms >= 0 && nowMs - modifiedMs > ms
    if (!isTooMuch && !isTooOld) break
    expired.push(id)
    total -= sizeBytes
  }
  return expired
}
