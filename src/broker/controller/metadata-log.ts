/**
 * __cluster_metadata-0: the log all cluster state is rebuilt from. This node is the quorum's only voter, so what is written is committed.
 * Beside the log's segments its directory holds snapshots (`<end offset>-<epoch>.checkpoint`) and `quorum-state`.
 */
import type { Clock } from '../../base/clock.ts'
import { encode } from '../../protocol/codec.ts'
import { KRaftVersionRecord } from '../../protocol/generated/data/k-raft-version-record.ts'
import { LeaderChangeMessage } from '../../protocol/generated/data/leader-change-message.ts'
import { buildBatch, type RecordInput } from '../../protocol/records/batch-builder.ts'
import { isControl } from '../../protocol/records/batch-header.ts'
import { ensureBatchCodecs, readBatches, validateBatch } from '../../protocol/records/batch-reader.ts'
import { ControlType, decodeControlKey, encodeControlKey } from '../../protocol/records/control-records.ts'
import { readRecords } from '../../protocol/records/record-cursor.ts'
import { readWholeFile } from '../../storage/file-system.ts'
import { Log } from '../../storage/log.ts'
import { defaultLogConfig } from '../../storage/log-config.ts'
import { METADATA_TOPIC } from '../../storage/log-manager.ts'
import type { StorageContext } from '../../storage/storage-context.ts'
import { refuseDamage } from './metadata-damage.ts'
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecord,
  type MetadataRecordDraft,
} from './metadata-record.ts'
import { readQuorumState, writeQuorumState } from './quorum-state.ts'

/** Bytes read at a time when the log is replayed. */
const REPLAY_BYTES = 4 * 1024 * 1024
const SNAPSHOT_NAME = /^(\d{20})-(\d{10})\.checkpoint$/

export interface MetadataLogOptions {
  context: StorageContext
  /** metadata.log.dir: the log's directory is made in it. */
  dir: string
  nodeId: number
  clock: Clock
  /** Called for each record, replayed or new, in order. */
  apply(record: MetadataRecord, offset: number): void
}

interface Snapshot {
  path: string
  endOffset: number
  epoch: number
}

export class MetadataLog {
  /** Epoch in which this node leads the quorum. */
  epoch = 0
  private readonly options: MetadataLogOptions
  private readonly log: Log
  /** The voters as a record of the log or of a snapshot says (KIP-853); without, they are in the configuration. */
  private voters: Buffer | undefined
  private snapshotEpoch = 0

  private constructor(options: MetadataLogOptions, log: Log) {
    this.options = options
    this.log = log
  }

  /** Opens and replays the log. Throws StorageError, UnsupportedMetadataError. */
  static async open(options: MetadataLogOptions): Promise<MetadataLog> {
    const directory = `${options.dir}/${METADATA_TOPIC}-0`
    options.context.fileSystem.makeDirectory(directory)
    const topicPartition = { topic: METADATA_TOPIC, partition: 0 }
    const config = { ...defaultLogConfig, retentionMs: -1 }
    refuseDamage(options.context.fileSystem, directory)
    const snapshot = latestSnapshot(options.context, directory)
    const log = await Log.open(options.context, directory, topicPartition, config, {
      isClean: false,
      logStartOffset: snapshot?.endOffset ?? 0,
    })
    if (snapshot && log.logEndOffset < snapshot.endOffset) log.truncateFullyAndStartAt(snapshot.endOffset)
    const opened = new MetadataLog(options, log)
    if (snapshot) await opened.replaySnapshot(snapshot)
    await opened.replay(Math.max(log.logStartOffset, snapshot?.endOffset ?? 0))
    return opened
  }

  get endOffset(): number {
    return this.log.logEndOffset
  }

  get directory(): string {
    return this.log.directory
  }

  private async replaySnapshot({ path, endOffset, epoch }: Snapshot): Promise<void> {
    this.snapshotEpoch = epoch
    const content = readWholeFile(this.options.context.fileSystem, path) ?? Buffer.alloc(0)
    await this.applyBatches(content, () => endOffset - 1)
  }

  private async replay(from: number): Promise<void> {
    for (let offset = from; offset < this.log.writtenOffset; ) {
      const chunk = this.log.read({ startOffset: offset, maxBytes: REPLAY_BYTES })
      if (chunk.length === 0) break
      offset = await this.applyBatches(chunk, (recordOffset) => recordOffset)
    }
  }

  private async applyBatches(buffer: Buffer, offsetOf: (recordOffset: number) => number): Promise<number> {
    await ensureBatchCodecs(buffer)
    let next = 0
    for (const header of readBatches(buffer)) {
      validateBatch(buffer, header)
      next = header.baseOffset + header.lastOffsetDelta + 1
      for (const record of readRecords(buffer, header)) {
        if (isControl(header.attributes)) {
          if (decodeControlKey(record.key).type === ControlType.KRAFT_VOTERS)
            this.voters = Buffer.from(record.value ?? Buffer.alloc(0))
        } else if (record.value) this.options.apply(decodeMetadataRecord(record.value), offsetOf(record.offset))
      }
    }
    return next
  }

  /** Takes the lead of the quorum in a new epoch and says so in the log, as every KRaft leader does. */
  async becomeLeader(): Promise<void> {
    const { context, nodeId, clock } = this.options
    const state = readQuorumState(context.fileSystem, this.directory)
    this.epoch = Math.max(state?.leaderEpoch ?? 0, this.log.latestEpoch ?? 0, this.snapshotEpoch) + 1
    writeQuorumState(context.fileSystem, this.directory, {
      nodeId,
      epoch: this.epoch,
      dynamicVoters: this.voters !== undefined,
    })
    const voter = [{ voterId: nodeId }]
    const timestamp = clock.nowMs()
    const leaderChange = encode(LeaderChangeMessage, { leaderId: nodeId, voters: voter, grantingVoters: voter }, 0)
    const records: RecordInput[] = [
      { key: encodeControlKey(ControlType.LEADER_CHANGE), value: leaderChange, timestamp },
    ]
    if (this.voters && this.log.logEndOffset === 0) {
      // The first leader carries the voters from the formatted snapshot over into the log.
      const version = encode(KRaftVersionRecord, { kRaftVersion: 1 }, 0)
      records.push({ key: encodeControlKey(ControlType.KRAFT_VERSION), value: version, timestamp })
      records.push({ key: encodeControlKey(ControlType.KRAFT_VOTERS), value: this.voters, timestamp })
    }
    await this.write(buildBatch(records, { control: true, partitionLeaderEpoch: this.epoch }))
  }

  /**
   * Writes records as one batch; resolves when they are on disk. `beforeApply` runs between writing and applying: what must be ready
   * before anyone sees the change. Calls must not overlap.
   */
  async append(
    records: readonly MetadataRecordDraft[],
    beforeApply?: (records: readonly MetadataRecord[]) => Promise<void>,
  ): Promise<void> {
    const timestamp = this.options.clock.nowMs()
    const values = records.map(encodeMetadataRecord)
    const first = await this.write(buildBatch(values.map((value) => ({ value, timestamp }))))
    const applied = values.map(decodeMetadataRecord)
    await beforeApply?.(applied)
    for (const [i, record] of applied.entries()) this.options.apply(record, first + i)
  }

  private async write(batch: Buffer): Promise<number> {
    const result = this.log.append(batch, { leaderEpoch: this.epoch, origin: 'coordinator' })
    await result.written
    await this.log.flush()
    return result.firstOffset
  }

  /** Offsets and epochs for DescribeQuorum. */
  get highWatermark(): number {
    return this.log.highWatermark
  }

  close(): Promise<void> {
    return this.log.close()
  }
}

function latestSnapshot({ fileSystem }: StorageContext, directory: string): Snapshot | undefined {
  let latest: Snapshot | undefined
  for (const name of fileSystem.list(directory)) {
    const found = SNAPSHOT_NAME.exec(name)
    if (!found) continue
    const snapshot = { path: `${directory}/${name}`, endOffset: Number(found[1]), epoch: Number(found[2]) }
    if (!latest || snapshot.endOffset > latest.endOffset) latest = snapshot
  }
  return latest
}
