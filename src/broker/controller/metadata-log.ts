/**
 * __cluster_metadata-0: the log all cluster state is rebuilt from. This node is the quorum's only voter, so what is written is committed.
 * Beside the log's segments its directory holds snapshots (`<end offset>-<epoch>.checkpoint`) and `quorum-state`.
 */
import type { Clock } from '../../base/clock.ts'
import { type Draft, encode } from '../../protocol/codec.ts'
import { KRaftVersionRecord } from '../../protocol/generated/data/k-raft-version-record.ts'
import { LeaderChangeMessage } from '../../protocol/generated/data/leader-change-message.ts'
import { VotersRecord } from '../../protocol/generated/data/voters-record.ts'
import { Reader } from '../../protocol/reader.ts'
import { buildBatch, type RecordInput } from '../../protocol/records/batch-builder.ts'
import { isControl } from '../../protocol/records/batch-header.ts'
import { ensureBatchCodecs, readBatches, validateBatch } from '../../protocol/records/batch-reader.ts'
import { ControlType, decodeControlKey, encodeControlKey } from '../../protocol/records/control-records.ts'
import { readRecords } from '../../protocol/records/record-cursor.ts'
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
import {
  expiredSnapshots,
  listSnapshots,
  readSnapshot,
  type SnapshotId,
  type SnapshotRetention,
  snapshotFileName,
  writeSnapshot,
} from './metadata-snapshots.ts'
import { readQuorumState, writeQuorumState } from './quorum-state.ts'

/** Bytes read at a time when the log is replayed. */
const REPLAY_BYTES = 4 * 1024 * 1024

export interface MetadataLogOptions {
  context: StorageContext
  /** metadata.log.dir: the log's directory is made in it. */
  dir: string
  nodeId: number
  clock: Clock
  /** Called for each record, replayed or new, in order. */
  apply(record: MetadataRecord, offset: number): void
  /** The new high watermark, once its records are applied. */
  onAdvance?(): void
  /** Without it no snapshots are written. */
  snapshots?: SnapshotOptions
  /** metadata.log.segment.bytes */
  segmentBytes?: number
  /** metadata.log.segment.ms */
  segmentMs?: number
}

export interface SnapshotOptions {
  /** The whole state as records; undefined when it can't be told just now. */
  records(): readonly MetadataRecordDraft[] | undefined
  /** metadata.log.max.record.bytes.between.snapshots */
  maxBytesBetween: number
  /** metadata.log.max.snapshot.interval.ms, 0 for never because of time */
  maxIntervalMs: number
  retention: SnapshotRetention
}

export class MetadataLog {
  /** Epoch in which this node leads the quorum. */
  epoch = 0
  private readonly options: MetadataLogOptions
  private readonly log: Log
  /** The voters as a record of the log or of a snapshot says (KIP-853); without, they are in the configuration. */
  private voters: Buffer | undefined
  private snapshotEpoch = 0
  private bytesSinceSnapshot = 0
  private lastSnapshotMs: number | undefined

  private constructor(options: MetadataLogOptions, log: Log) {
    this.options = options
    this.log = log
  }

  /** Opens and replays the log. Throws StorageError, UnsupportedMetadataError. */
  static async open(options: MetadataLogOptions): Promise<MetadataLog> {
    const directory = `${options.dir}/${METADATA_TOPIC}-0`
    options.context.fileSystem.makeDirectory(directory)
    const topicPartition = { topic: METADATA_TOPIC, partition: 0 }
    const { segmentBytes = defaultLogConfig.segmentBytes, segmentMs = defaultLogConfig.segmentMs } = options
    const config = { ...defaultLogConfig, retentionMs: -1, segmentBytes, segmentMs }
    refuseDamage(options.context.fileSystem, directory)
    const snapshot = listSnapshots(options.context.fileSystem, directory).at(-1)
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

  get startOffset(): number {
    return this.log.logStartOffset
  }

  /** Epoch of the newest record. */
  get lastEpoch(): number {
    return this.log.latestEpoch ?? this.snapshotEpoch
  }

  /** 1 with dynamic voters (KIP-853), else 0: then the configuration names them. */
  get kraftVersion(): number {
    return this.voters ? 1 : 0
  }

  /** Of dynamic voters; undefined with static ones. */
  get votersRecord(): VotersRecord | undefined {
    return this.voters && VotersRecord.read(new Reader(this.voters), 0)
  }

  /** Where a follower's log with that epoch and offset must be cut: the last epoch both have and its end offset. */
  endOfEpoch(epoch: number): { epoch: number; endOffset: number } {
    return this.log.epochs.endOffsetFor(epoch, this.log.logEndOffset)
  }

  /** Whole batches from `startOffset` on, as they are in the log. */
  read(startOffset: number, maxBytes: number): Promise<Buffer> {
    return this.log.readAsync({ startOffset, maxBytes })
  }

  /** Makes the voters dynamic (kraft.version 1): they stand in the log from here on. */
  async upgradeVoters(voters: Draft<VotersRecord>): Promise<void> {
    const { context, nodeId, clock } = this.options
    this.voters = encode(VotersRecord, voters, 0)
    const timestamp = clock.nowMs()
    await this.write(buildBatch(this.voterRecords(timestamp), { control: true, partitionLeaderEpoch: this.epoch }))
    writeQuorumState(context.fileSystem, this.directory, { nodeId, epoch: this.epoch, dynamicVoters: true })
  }

  private voterRecords(timestamp: number): RecordInput[] {
    const version = encode(KRaftVersionRecord, { kRaftVersion: 1 }, 0)
    return [
      { key: encodeControlKey(ControlType.KRAFT_VERSION), value: version, timestamp },
      { key: encodeControlKey(ControlType.KRAFT_VOTERS), value: this.voters ?? null, timestamp },
    ]
  }

  private async replaySnapshot(id: SnapshotId): Promise<void> {
    this.snapshotEpoch = id.epoch
    await this.applyBatches(this.snapshot(id) ?? Buffer.alloc(0), () => id.endOffset - 1)
  }

  /** The bytes of a snapshot, undefined when there is none of that id. */
  snapshot(id: SnapshotId): Buffer | undefined {
    return readSnapshot(this.options.context.fileSystem, this.directory, id)
  }

  get latestSnapshotId(): SnapshotId | undefined {
    return listSnapshots(this.options.context.fileSystem, this.directory).at(-1)
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
      records.push(...this.voterRecords(timestamp))
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
    this.options.onAdvance?.()
    this.snapshotIfDue(
      values.reduce((sum, value) => sum + value.length, 0),
      timestamp,
    )
  }

  /** A failure costs nothing but the snapshot: the log has everything. */
  private snapshotIfDue(appendedBytes: number, nowMs: number): void {
    const { snapshots, context } = this.options
    if (!snapshots) return
    this.bytesSinceSnapshot += appendedBytes
    this.lastSnapshotMs ??= nowMs
    const { maxBytesBetween, maxIntervalMs } = snapshots
    const isOld = maxIntervalMs > 0 && nowMs - this.lastSnapshotMs >= maxIntervalMs
    if (this.bytesSinceSnapshot < maxBytesBetween && !isOld) return
    const records = snapshots.records()
    if (!records) return
    this.bytesSinceSnapshot = 0
    this.lastSnapshotMs = nowMs
    try {
      const id = { endOffset: this.log.logEndOffset, epoch: this.lastEpoch }
      const content = { records, voters: this.voters, lastTimestamp: nowMs, nowMs }
      writeSnapshot(context.fileSystem, this.directory, id, content)
      this.deleteOld(snapshots.retention, nowMs)
    } catch (error) {
      context.logger.error(`No snapshot of the metadata could be written: ${String(error)}`)
    }
  }

  /** Deletes snapshots that are due, and what of the log only they needed. */
  private deleteOld(retention: SnapshotRetention, nowMs: number): void {
    const { fileSystem } = this.options.context
    const ids = listSnapshots(fileSystem, this.directory)
    const path = (id: SnapshotId): string => `${this.directory}/${snapshotFileName(id)}`
    const found = ids.map((id) => {
      const { sizeBytes = 0, modifiedMs = nowMs } = fileSystem.stat(path(id)) ?? {}
      return { id, sizeBytes, modifiedMs }
    })
    const expired = expiredSnapshots(found, this.log.sizeBytes, retention, nowMs)
    const oldestKept = ids[expired.length]
    if (expired.length === 0 || !oldestKept) return
    this.log.deleteRecords(oldestKept.endOffset)
    for (const id of expired) fileSystem.remove(path(id))
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
