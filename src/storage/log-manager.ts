import type { Cancel } from '../base/clock.ts'
import { DecompressedTooLargeError } from '../protocol/records/compression-errors.ts'
import { CorruptRecordError } from '../protocol/records/corrupt-record-error.ts'
import { takeCleanShutdownFile, writeCleanShutdownFile } from './clean-shutdown-file.ts'
import { StorageError } from './errors.ts'
import { deleteDirName, partitionDirName, partitionOfDirName, strayDirName, type TopicPartition } from './file-names.ts'
import { FutureLogs } from './future-logs.ts'
import { Log } from './log.ts'
import { type Cleanable, CleaningAbortedError, cleanableOf, LogCleaning } from './log-cleaner.ts'
import { isCompacted, type LogConfig } from './log-config.ts'
import type { LogListener } from './log-types.ts'
import {
  CLEANER_CHECKPOINT,
  HIGH_WATERMARK_CHECKPOINT,
  LOG_START_CHECKPOINT,
  partitionKey,
  RECOVERY_POINT_CHECKPOINT,
  readOffsetCheckpoint,
  writeOffsetCheckpoint,
} from './offset-checkpoint.ts'
import { readPartitionMetadata, writePartitionMetadata } from './partition-metadata-file.ts'
import type { StorageContext } from './storage-context.ts'

/** The controller opens this log itself, with `Log.open`: as in Kafka, it has no part in checkpoints and clean shutdown. */
export const METADATA_TOPIC = '__cluster_metadata'

const DEFAULT_CLEANER_BACKOFF_MS = 15_000

export interface LogManagerOptions {
  context: StorageContext
  /** log.dirs; created if need be. */
  logDirs: readonly string[]
  /** The settings of a topic; asked when a log is loaded or created. */
  configOf: (topic: string) => LogConfig
  listener?: LogListener
  /** log.flush.offset.checkpoint.interval.ms and log.flush.start.offset.checkpoint.interval.ms */
  checkpointIntervalMs?: number
  /** replica.high.watermark.checkpoint.interval.ms */
  highWatermarkCheckpointIntervalMs?: number
  /** log.retention.check.interval.ms */
  retentionCheckIntervalMs?: number
  /** log.cleaner.backoff.ms, asked each time: it is dynamic. Undefined: nothing is compacted (log.cleaner.enable=false). */
  cleanerBackoffMs?: () => number | undefined
  /** replica.alter.log.dirs.io.max.bytes.per.second, asked each time: it is dynamic. */
  moveBytesPerSecond?: () => number
  /** cordoned.log.dirs: whether a directory takes no new logs, as long as another does. */
  isCordoned?: (dir: string) => boolean
  /** A log has taken its place in another log directory. */
  moved?: (log: Log) => void
}

interface LogDir {
  path: string
  wasClean: boolean
  brokerEpoch: number
  /** What went wrong; with anything here the shutdown isn't clean. */
  failure: unknown
}

/** All logs of a broker in its log directories (Kafka's LogManager). */
export class LogManager {
  readonly context: StorageContext
  readonly #options: LogManagerOptions
  readonly #logs = new Map<string, Log>()
  readonly #dirs: LogDir[] = []
  readonly #creating = new Map<string, Promise<Log>>()
  /** Directories of the logs being created. */
  readonly #comingUp: string[] = []
  readonly #timers = new Map<string, Cancel>()
  readonly #removals = new Set<Promise<void>>()
  /** Logs on their way to another log directory. */
  readonly futures: FutureLogs

  private constructor(options: LogManagerOptions) {
    this.#options = options
    this.context = options.context
    this.futures = new FutureLogs(this.context, {
      current: (key) => this.#logs.get(key),
      configOf: options.configOf,
      bytesPerSecond: options.moveBytesPerSecond ?? (() => Number.POSITIVE_INFINITY),
      open: (dir, topicPartition) => this.#openLog(dir, topicPartition, { isClean: false }),
      discard: (log) => this.#discard(log),
      replace: (current, log) => this.#replace(current, log),
    })
  }

  /**
   * Loads all logs. The clean-shutdown markers are removed first, so that a crash while loading counts as unclean; logs
   * of directories without one are recovered. Throws StorageError.
   */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const manager = new LogManager(options)
    for (const path of options.logDirs) await manager.#loadDir(path)
    await manager.futures.recover()
    return manager
  }

  async #loadDir(path: string): Promise<void> {
    const { fileSystem, logger } = this.context
    fileSystem.makeDirectory(path)
    const { wasClean, brokerEpoch } = takeCleanShutdownFile(fileSystem, path)
    const dir: LogDir = { path, wasClean, brokerEpoch, failure: undefined }
    this.#dirs.push(dir)
    const recoveryPoints = readOffsetCheckpoint(fileSystem, path, RECOVERY_POINT_CHECKPOINT, logger)
    const startOffsets = readOffsetCheckpoint(fileSystem, path, LOG_START_CHECKPOINT, logger)
    for (const [name, offset] of readOffsetCheckpoint(fileSystem, path, CLEANER_CHECKPOINT, logger)) {
      this.#cleaned.set(name, offset)
    }
    for (const name of fileSystem.list(path)) {
      if (this.futures.note(path, name)) continue
      const found = partitionOfDirName(name)
      if (!found || found.topic === METADATA_TOPIC || !fileSystem.stat(`${path}/${name}`)?.isDirectory) continue
      if (found.isDelete) {
        this.#removeLater(`${path}/${name}`, this.#options.configOf(found.topic).fileDeleteDelayMs)
        continue
      }
      if (this.#logs.has(name)) {
        throw new StorageError(`The partition ${name} is in more than one log directory; remove one of the copies.`)
      }
      await this.#openLog(path, found, { isClean: wasClean }, recoveryPoints.get(name), startOffsets.get(name))
    }
  }

  async #openLog(
    dir: string,
    { topic, partition }: TopicPartition,
    { isClean }: { isClean: boolean },
    recoveryPoint?: number,
    logStartOffset?: number,
  ): Promise<Log> {
    const name = partitionDirName({ topic, partition })
    const directory = `${dir}/${name}`
    const { listener, configOf } = this.#options
    const log = await Log.open(this.context, directory, { topic, partition }, configOf(topic), {
      isClean,
      recoveryPoint,
      logStartOffset,
      listener: {
        ...listener,
        storageFailed: (failed, error) => this.#storageFailed(failed, error),
        truncated: (truncated, offset) => this.#truncated(truncated, offset),
      },
    })
    log.topicId = readPartitionMetadata(this.context.fileSystem, directory)
    this.#logs.set(name, log)
    return log
  }

  #truncated(log: Log, offset: number): void {
    const cleaned = this.#cleaned.get(log.name)
    if (cleaned !== undefined && cleaned > offset) this.#cleaned.set(log.name, offset)
    this.#options.listener?.truncated?.(log, offset)
  }

  #storageFailed(log: Log, error: StorageError): void {
    const dir = this.#dirs.find(({ path }) => log.directory.startsWith(`${path}/`))
    // A full disk that took writes again later leaves nothing unsound behind; anything else makes the shutdown unclean.
    if (dir && error.code !== 'ENOSPC') dir.failure ??= error
    this.#options.listener?.storageFailed?.(log, error)
  }

  /** The log directory a log is in. */
  dirOf(log: Log): string {
    return log.directory.slice(0, log.directory.lastIndexOf('/'))
  }

  #discard(log: Log): void {
    this.#removeLater(this.#renameAway(log, deleteDirName(log.topicPartition)), 0)
  }

  /** The old log waits for its removal, the copy is the partition's log from now on. Nothing else runs in between. */
  #replace(current: Log, log: Log): void {
    const { fileSystem } = this.context
    const { topicPartition } = current
    const parent = this.dirOf(log)
    this.#logs.delete(log.name)
    this.#removeLater(this.#renameAway(current, deleteDirName(topicPartition)), log.config.fileDeleteDelayMs)
    const directory = `${parent}/${partitionDirName(topicPartition)}`
    fileSystem.rename(log.directory, directory)
    fileSystem.syncDirectory(parent)
    log.moveTo(directory)
    log.listener = current.listener
    this.#cleaned.delete(log.name)
    this.#logs.set(log.name, log)
    this.#options.moved?.(log)
  }

  /** Whether all directories had their clean-shutdown marker when they were opened. */
  get wasClean(): boolean {
    return this.#dirs.every((dir) => dir.wasClean)
  }

  /** The broker epoch in the clean-shutdown marker, -1 without (KIP-966). */
  get previousBrokerEpoch(): number {
    return this.wasClean ? Math.max(-1, ...this.#dirs.map((dir) => dir.brokerEpoch)) : -1
  }

  get logs(): Iterable<Log> {
    return this.#logs.values()
  }

  get(topicPartition: TopicPartition): Log | undefined {
    return this.#logs.get(partitionKey(topicPartition))
  }

  /**
   * The log of a partition, created if there is none yet, in the directory with the fewest logs. Throws StorageError,
   * also when the log there belongs to another topic id.
   */
  getOrCreate(topicPartition: TopicPartition, topicId?: string): Promise<Log> {
    const key = partitionKey(topicPartition)
    const running = this.#creating.get(key)
    if (running) return running
    const creation = this.#getOrCreate(topicPartition, topicId).finally(() => this.#creating.delete(key))
    this.#creating.set(key, creation)
    return creation
  }

  async #getOrCreate(topicPartition: TopicPartition, topicId: string | undefined): Promise<Log> {
    const { fileSystem } = this.context
    const log = this.get(topicPartition) ?? (await this.#create(topicPartition))
    if (topicId === undefined) return log
    if (log.topicId === undefined) {
      writePartitionMetadata(fileSystem, log.directory, topicId)
      log.topicId = topicId
    } else if (log.topicId !== topicId) {
      throw new StorageError(
        `${log.directory} belongs to topic id ${log.topicId}, not to ${topicId}: it is left from a deleted topic of the same name. Delete it first.`,
      )
    }
    return log
  }

  async #create(topicPartition: TopicPartition): Promise<Log> {
    const path = this.#emptiestDir()
    this.#comingUp.push(path)
    try {
      return await this.#openLog(path, topicPartition, { isClean: true })
    } catch (error) {
      throw new StorageError(`The log of ${partitionDirName(topicPartition)} can't be created: ${String(error)}`, error)
    } finally {
      this.#comingUp.splice(this.#comingUp.indexOf(path), 1)
    }
  }

  #emptiestDir(): string {
    const counts = new Map(this.#dirs.map(({ path }) => [path, 0]))
    for (const path of this.#comingUp) counts.set(path, (counts.get(path) ?? 0) + 1)
    for (const log of this.#logs.values()) {
      const path = this.dirOf(log)
      counts.set(path, (counts.get(path) ?? 0) + 1)
    }
    const open = [...counts].filter(([path]) => !this.#options.isCordoned?.(path))
    return (open.length > 0 ? open : [...counts]).reduce((best, other) => (other[1] < best[1] ? other : best))[0]
  }

  /** Applies changed settings to the logs of a topic. */
  updateTopicConfig(topic: string, config: LogConfig): void {
    for (const log of [...this.#logs.values(), ...this.futures.logs()]) {
      if (log.topicPartition.topic === topic) log.updateConfig(config)
    }
  }

  /**
   * Deletes a partition's log: its directory is renamed at once, so that a log of the same name can be created, and removed
   * after file.delete.delay.ms. Does nothing when there is none. Throws StorageError.
   */
  delete(topicPartition: TopicPartition): void {
    const log = this.#logs.get(partitionKey(topicPartition))
    if (!log) return
    this.futures.drop(topicPartition)
    const target = this.#renameAway(log, deleteDirName(topicPartition))
    this.#removeLater(target, log.config.fileDeleteDelayMs)
  }

  /** Takes a log out of use and keeps it in a directory `…-stray`, whose path is returned. Throws StorageError. */
  setAside(topicPartition: TopicPartition): string | undefined {
    const log = this.#logs.get(partitionKey(topicPartition))
    return log && this.#renameAway(log, strayDirName(topicPartition))
  }

  #renameAway(log: Log, name: string): string {
    const { fileSystem } = this.context
    const parent = this.dirOf(log)
    const target = `${parent}/${name}`
    log.closeHandles()
    if (this.#logs.get(log.name) === log) this.#logs.delete(log.name)
    try {
      fileSystem.rename(log.directory, target)
      fileSystem.syncDirectory(parent)
    } catch (error) {
      throw new StorageError(`The log in ${log.directory} can't be moved to ${target}: ${String(error)}`, error)
    }
    log.moveTo(target)
    return target
  }

  #removeLater(directory: string, delayMs: number): void {
    const { fileSystem, clock, logger } = this.context
    const cancel = clock.schedule(delayMs, () => {
      this.#timers.delete(directory)
      const removal = fileSystem
        .removeDirectory(directory)
        .catch((error: unknown) => logger.error(`The directory ${directory} can't be removed: ${String(error)}`))
        .finally(() => this.#removals.delete(removal))
      this.#removals.add(removal)
    })
    this.#timers.set(directory, cancel)
  }

  /** Starts checkpoints and retention on the clock. */
  start(): void {
    const {
      checkpointIntervalMs = 60_000,
      highWatermarkCheckpointIntervalMs = 5_000,
      retentionCheckIntervalMs = 300_000,
      cleanerBackoffMs = () => DEFAULT_CLEANER_BACKOFF_MS,
    } = this.#options
    this.#every(
      'checkpoint',
      () => checkpointIntervalMs,
      () => this.checkpointRecoveryPoints(),
    )
    this.#every(
      'high watermarks',
      () => highWatermarkCheckpointIntervalMs,
      () => this.checkpointHighWatermarks(),
    )
    this.#every(
      'retention',
      () => retentionCheckIntervalMs,
      () => this.deleteOldSegments(),
    )
    const backoffMs = (): number => cleanerBackoffMs() ?? DEFAULT_CLEANER_BACKOFF_MS
    this.#every('compaction', backoffMs, () => {
      if (cleanerBackoffMs() === undefined) return
      this.cleanLogs().catch((error: unknown) => this.context.logger.error(`Compaction failed: ${String(error)}`))
    })
  }

  #every(what: string, intervalMs: () => number, work: () => void): void {
    const again = (): void => {
      const cancel = this.context.clock.schedule(intervalMs(), () => {
        again()
        try {
          work()
        } catch (error) {
          this.context.logger.error(`Background work (${what}) failed: ${String(error)}`)
        }
      })
      this.#timers.set(what, cancel)
    }
    again()
  }

  /**
   * Compacts the compacted logs that are dirty enough, the dirtiest first, one after the other; returns how many. A call
   * while another is under way does nothing.
   */
  async cleanLogs(): Promise<number> {
    if (this.#cleaning) return 0
    this.#cleaning = true
    try {
      let count = 0
      for (const { log, cleanable } of this.#dirtyLogs()) count += await this.#cleanLog(log, cleanable)
      return count
    } finally {
      this.#cleaning = false
    }
  }

  #dirtyLogs(): { log: Log; cleanable: Cleanable }[] {
    return [...this.#logs.values()]
      .filter(
        (log) =>
          isCompacted(log.config) && !this.#uncleanable.has(log) && this.futures.of(log.topicPartition) === undefined,
      )
      .flatMap((log) => {
        const cleanable = this.#perLog(log, 'be looked through for compaction', () =>
          cleanableOf(log, this.#cleaned.get(log.name)),
        )
        return cleanable ? [{ log, cleanable }] : []
      })
      .filter(
        ({ log, cleanable }) =>
          cleanable.endOffset > cleanable.firstDirtyOffset &&
          (cleanable.isOverdue || cleanable.dirtyRatio > log.config.minCleanableDirtyRatio),
      )
      .sort((a, b) => b.cleanable.dirtyRatio - a.cleanable.dirtyRatio)
  }

  async #cleanLog(log: Log, cleanable: Cleanable): Promise<number> {
    try {
      const cleanedOffset = await new LogCleaning(log, cleanable).run()
      this.#cleaned.set(log.name, cleanedOffset)
      for (const dir of this.#dirs) this.#checkpoint(dir, CLEANER_CHECKPOINT, ({ name }) => this.#cleaned.get(name))
      return 1
    } catch (error) {
      if (!(error instanceof CleaningAbortedError)) {
        this.context.logger.error(`The log ${log.name} can't be compacted: ${String(error)}`)
        // It would fail the same way each time, at the cost of decompressing it all again.
        if (error instanceof DecompressedTooLargeError || error instanceof CorruptRecordError)
          this.#uncleanable.add(log)
      }
      return 0
    }
  }

  /** Applies retention to all logs; those of compacted topics lose only what is below their log start offset. */
  deleteOldSegments(): void {
    for (const log of [...this.#logs.values()]) {
      this.#perLog(log, 'be trimmed to its retention', () => log.deleteOldSegments())
    }
  }

  /** Works on one log so that a failure of its disk doesn't keep the others from their turn. */
  #perLog<T>(log: Log, what: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.context.logger.error(`The log ${log.name} can't ${what}: ${String(error)}`)
      return undefined
    }
  }

  /** Writes recovery-point-offset-checkpoint and log-start-offset-checkpoint of every directory. Throws the system error. */
  checkpointRecoveryPoints(): void {
    for (const dir of this.#dirs) {
      this.#checkpoint(dir, RECOVERY_POINT_CHECKPOINT, (log) => log.recoveryPoint)
      this.#checkpoint(dir, LOG_START_CHECKPOINT, (log) =>
        log.logStartOffset > log.segments.first!.baseOffset ? log.logStartOffset : undefined,
      )
    }
  }

  /** Writes replication-offset-checkpoint of every directory. Throws the system error. */
  checkpointHighWatermarks(): void {
    for (const dir of this.#dirs) this.#checkpoint(dir, HIGH_WATERMARK_CHECKPOINT, (log) => log.highWatermark)
  }

  /** Offset up to which each log is compacted, as in cleaner-offset-checkpoint. */
  readonly #cleaned = new Map<string, number>()
  /** What compaction can't read, left alone until the next start (as Kafka does). */
  readonly #uncleanable = new WeakSet<Log>()
  #cleaning = false
  readonly #lastWritten = new Map<string, string>()

  #checkpoint({ path }: LogDir, name: string, offsetOf: (log: Log) => number | undefined): void {
    const offsets = new Map<string, number>()
    for (const [key, log] of this.#logs) {
      const offset = log.directory.startsWith(`${path}/`) ? offsetOf(log) : undefined
      if (offset !== undefined) offsets.set(key, offset)
    }
    // An idle broker doesn't write the same file again and again.
    const content = JSON.stringify([...offsets])
    if (this.#lastWritten.get(`${path}/${name}`) === content) return
    writeOffsetCheckpoint(this.context.fileSystem, path, name, offsets)
    this.#lastWritten.set(`${path}/${name}`, content)
  }

  /**
   * Flushes and closes all logs, writes the checkpoints and, last and only if nothing failed, the clean-shutdown markers.
   * Never rejects; what failed is reported to the logger.
   */
  async shutdown(brokerEpoch = -1): Promise<void> {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    await this.futures.close()
    await Promise.allSettled([...this.#creating.values(), ...this.#removals])
    for (const dir of this.#dirs) await this.#shutdownDir(dir, brokerEpoch)
  }

  async #shutdownDir(dir: LogDir, brokerEpoch: number): Promise<void> {
    const logs = [...this.#logs.values()].filter((log) => log.directory.startsWith(`${dir.path}/`))
    const results = await Promise.allSettled(logs.map((log) => log.close()))
    for (const result of results) if (result.status === 'rejected') dir.failure ??= result.reason
    try {
      this.#checkpoint(dir, RECOVERY_POINT_CHECKPOINT, (log) => log.recoveryPoint)
      this.#checkpoint(dir, LOG_START_CHECKPOINT, (log) =>
        log.logStartOffset > log.segments.first!.baseOffset ? log.logStartOffset : undefined,
      )
      this.#checkpoint(dir, HIGH_WATERMARK_CHECKPOINT, (log) => log.highWatermark)
      if (dir.failure) throw dir.failure
      writeCleanShutdownFile(this.context.fileSystem, dir.path, brokerEpoch)
    } catch (error) {
      dir.failure ??= error
      this.context.logger.error(
        `${dir.path} was not shut down cleanly (${String(dir.failure)}); the next start checks its logs.`,
      )
    }
  }

  /** Drops everything at once, writing nothing: what a crash leaves. For tests and for directories that failed. */
  abandon(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    this.futures.abandon()
    for (const log of this.#logs.values()) log.closeHandles()
  }
}
