import { CorruptBatchError, LogError, StorageError } from './errors.ts'
import {
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetOfFileName,
  partitionDirName,
  SNAPSHOT_SUFFIX,
  SWAP_SUFFIX,
  segmentFileName,
  TIME_INDEX_SUFFIX,
  type TopicPartition,
  TXN_INDEX_SUFFIX,
} from './file-names.ts'
import { CorruptIndexError } from './index-file.ts'
import { LeaderEpochCache } from './leader-epoch-cache.ts'
import type { LogConfig } from './log-config.ts'
import { LogSegment, NO_FILES } from './log-segment.ts'
import { LogSegments } from './log-segments.ts'
import type { LogParts } from './log-types.ts'
import { rebuildProducerState, replayBatch } from './producer-rebuild.ts'
import { ProducerStateManager } from './producer-state-manager.ts'
import type { StorageContext } from './storage-context.ts'

/** Bytes scanned in recovery before the event loop gets a turn. */
const YIELD_BYTES = 32 * 1024 * 1024
/** A KRaft snapshot waiting for deletion; not storage's to remove. */
const SNAPSHOT_DELETED = '.checkpoint.deleted'

export interface LoadOptions {
  /** The directory's clean-shutdown marker was there: nothing is scanned. Default false. */
  isClean?: boolean
  /** From recovery-point-offset-checkpoint. Default 0: scan everything. */
  recoveryPoint?: number
  /** From log-start-offset-checkpoint. Default 0. */
  logStartOffset?: number
}

/** Loads one log (Kafka's LogLoader). */
class Loader {
  readonly context: StorageContext
  readonly directory: string
  readonly name: string
  readonly config: LogConfig
  readonly isClean: boolean
  readonly recoveryPoint: number
  readonly logStartOffset: number
  readonly segments = new LogSegments()
  readonly epochs: LeaderEpochCache
  #scannedBytes = 0

  constructor(
    context: StorageContext,
    directory: string,
    topicPartition: TopicPartition,
    config: LogConfig,
    options: LoadOptions,
  ) {
    this.context = context
    this.directory = directory
    this.name = partitionDirName(topicPartition)
    this.config = config
    this.isClean = options.isClean ?? false
    this.recoveryPoint = options.recoveryPoint ?? 0
    this.logStartOffset = options.logStartOffset ?? 0
    context.fileSystem.makeDirectory(directory)
    this.epochs = LeaderEpochCache.load(context.fileSystem, directory, context.logger)
  }

  async load(): Promise<LogParts> {
    this.#finishInterruptedSwaps()
    this.#openSegments()
    await this.#rebuildBrokenIndexes()
    if (!this.isClean) await this.#recover()
    const logEndOffset = this.#ensureActive()
    this.epochs.truncateFromEnd(logEndOffset)
    const logStartOffset = Math.max(this.logStartOffset, this.segments.first!.baseOffset)
    this.epochs.truncateFromStart(this.logStartOffset)
    const producers = this.#newProducers()
    producers.removeStraySnapshots(new Set(this.segments.all.map((segment) => segment.baseOffset)))
    const nowMs = this.context.clock.nowMs()
    rebuildProducerState(producers, this.segments, logStartOffset, logEndOffset, nowMs, this.name, this.isClean)
    if (!this.isClean) producers.takeSnapshot()
    const recoveryPoint = this.isClean ? logEndOffset : Math.min(this.recoveryPoint, logEndOffset)
    const { segments, epochs } = this
    return { segments, epochs, producers, logStartOffset, logEndOffset, recoveryPoint }
  }

  #newProducers(): ProducerStateManager {
    const { fileSystem, logger, producerIdExpirationMs } = this.context
    return new ProducerStateManager(fileSystem, this.directory, logger, producerIdExpirationMs)
  }

  /** Removes temporary files, and puts cleaned segments whose swap was interrupted into the place of the old ones. */
  #finishInterruptedSwaps(): void {
    const { fileSystem, logger } = this.context
    const remove = (name: string): void => fileSystem.remove(`${this.directory}/${name}`)
    const names = fileSystem.list(this.directory)
    const cleaned = names.filter((name) => name.endsWith(CLEANED_SUFFIX))
    const minCleaned = Math.min(...cleaned.map((name) => offsetOfFileName(name) ?? Number.POSITIVE_INFINITY))
    for (const name of names) {
      if (name.endsWith(DELETED_SUFFIX) && !name.endsWith(SNAPSHOT_DELETED)) remove(name)
      // Swaps at or above a .cleaned file belong to a split that didn't finish.
      else if (name.endsWith(SWAP_SUFFIX) && offsetOfFileName(name)! >= minCleaned) remove(name)
    }
    for (const name of cleaned) remove(name)
    const swaps = fileSystem.list(this.directory).filter((name) => name.endsWith(SWAP_SUFFIX))
    let from = Number.POSITIVE_INFINITY
    let to = Number.NEGATIVE_INFINITY
    for (const name of swaps.filter((candidate) => candidate.endsWith(LOG_SUFFIX + SWAP_SUFFIX))) {
      const baseOffset = offsetOfFileName(name)!
      const segment = this.#openSegment(baseOffset, new Set(swaps), SWAP_SUFFIX)
      from = Math.min(from, baseOffset)
      to = Math.max(to, segment.readNextOffset())
      segment.close()
    }
    for (const name of fileSystem.list(this.directory)) {
      const offset = offsetOfFileName(name)
      if (offset === undefined || name.endsWith(SWAP_SUFFIX) || offset < from || offset >= to) continue
      logger.info(`Deleting ${this.directory}/${name}: it was compacted but not deleted before the shutdown.`)
      remove(name)
    }
    for (const name of swaps) {
      logger.info(`Finishing the interrupted swap of ${this.directory}/${name}.`)
      fileSystem.rename(`${this.directory}/${name}`, `${this.directory}/${name.slice(0, -SWAP_SUFFIX.length)}`)
    }
  }

  #openSegment(baseOffset: number, names: ReadonlySet<string>, suffix = ''): LogSegment {
    const has = (kind: string): boolean => names.has(segmentFileName(baseOffset, kind) + suffix)
    const files = {
      log: true,
      index: has(INDEX_SUFFIX),
      timeIndex: has(TIME_INDEX_SUFFIX),
      txnIndex: has(TXN_INDEX_SUFFIX),
    }
    return new LogSegment(this.context, this.directory, baseOffset, files, suffix)
  }

  #openSegments(): void {
    const { fileSystem, logger } = this.context
    const names = new Set(fileSystem.list(this.directory))
    for (const name of names) {
      const baseOffset = offsetOfFileName(name)
      if (baseOffset === undefined) continue
      if (name.endsWith(LOG_SUFFIX)) this.segments.add(this.#openSegment(baseOffset, names))
      else if (/\.(index|timeindex|txnindex)$/.test(name) && !names.has(segmentFileName(baseOffset, LOG_SUFFIX))) {
        logger.warn(`Found an orphaned index file ${this.directory}/${name}, with no corresponding log file.`)
        fileSystem.remove(`${this.directory}/${name}`)
      }
    }
  }

  /** Segments that the scan won't reach, with an index missing or torn, get new ones (what else is wrong shows on use). */
  async #rebuildBrokenIndexes(): Promise<void> {
    const { fileSystem, logger } = this.context
    for (const segment of this.segments.all) {
      if (this.#isToBeRecovered(segment)) continue
      try {
        for (const { file } of [segment.offsetIndex, segment.timeIndex]) {
          const found = fileSystem.stat(file.path)
          if (segment.sizeBytes > 0 && (found === undefined || found.sizeBytes % file.entryBytes !== 0)) {
            throw new CorruptIndexError(`The index file ${file.path} is missing or torn.`)
          }
        }
        segment.txnIndex.all()
        segment.txnIndex.file.evict()
      } catch (error) {
        if (!(error instanceof CorruptIndexError)) throw error
        logger.warn(`${error.message} The segment is recovered and its indexes are rebuilt.`)
        await this.#recoverSegment(segment)
      }
    }
  }

  #isToBeRecovered(segment: LogSegment): boolean {
    if (this.isClean) return false
    const { all } = this.segments
    const next = all[all.indexOf(segment) + 1]
    return next === undefined || next.baseOffset > this.recoveryPoint
  }

  /** Re-scans what may not have been flushed; at the first bad batch the log ends. */
  async #recover(): Promise<void> {
    const { logger } = this.context
    const unflushed = this.segments.all.filter((segment) => this.#isToBeRecovered(segment))
    for (const [index, segment] of unflushed.entries()) {
      const wasTruncated = await this.#recoverSegment(segment)
      if (!wasTruncated) continue
      for (const later of unflushed.slice(index + 1)) {
        logger.warn(`Deleting ${later.path}: it follows a corrupt batch in ${segment.path}.`)
        this.segments.remove(later)
        later.remove()
      }
      break
    }
  }

  /** Checks every batch of a segment and rebuilds indexes, epochs and producers; returns whether it had to be cut. */
  async #recoverSegment(segment: LogSegment): Promise<boolean> {
    const { clock, logger } = this.context
    const producers = this.#newProducers()
    const start = Math.max(this.logStartOffset, this.segments.first?.baseOffset ?? 0)
    const base = segment.baseOffset
    rebuildProducerState(producers, this.segments, Math.min(start, base), base, clock.nowMs(), this.name)
    const endPosition = segment.sizeBytes
    segment.resetIndexes()
    segment.txnIndex.file.reset()
    let validEnd = 0
    let nextOffset = base
    try {
      for (const { header, buffer, filePosition } of segment.scan(0, true, endPosition)) {
        if (header.baseOffset < nextOffset || !segment.canHold(header.baseOffset + header.lastOffsetDelta)) {
          throw new CorruptBatchError(
            `${segment.path} is corrupt at byte ${filePosition}: offset ${header.baseOffset} follows ${nextOffset - 1}.`,
          )
        }
        if (header.partitionLeaderEpoch > (this.epochs.latestEpoch ?? -1)) {
          this.epochs.assign(header.partitionLeaderEpoch, header.baseOffset)
        }
        replayBatch(producers, buffer, header, this.name, segment)
        segment.noteBatch(header, filePosition, this.config.indexIntervalBytes)
        nextOffset = header.baseOffset + header.lastOffsetDelta + 1
        validEnd = filePosition + header.sizeBytes
        if (this.#isTurnOver(header.sizeBytes)) await new Promise((resolve) => setImmediate(resolve))
      }
    } catch (error) {
      // A control batch that can't be read is as bad as one that fails its checksum.
      if (!(error instanceof LogError) && !(error instanceof Error && error.name === 'CorruptRecordError')) throw error
      const lost = endPosition - validEnd
      logger.warn(`${error.message} The log is truncated to offset ${nextOffset}; ${lost} bytes are lost.`)
    }
    const wasTruncated = validEnd < endPosition
    if (wasTruncated) segment.truncateToPosition(validEnd, nextOffset)
    segment.finishIndexes()
    // What was scanned may be in the page cache only: the next flush has to sync it.
    segment.isUnsynced = true
    producers.commit()
    producers.takeSnapshot()
    return wasTruncated
  }

  #isTurnOver(bytes: number): boolean {
    this.#scannedBytes += bytes
    if (this.#scannedBytes < YIELD_BYTES) return false
    this.#scannedBytes = 0
    return true
  }

  /** Makes sure there is an active segment; returns the log end offset. */
  #ensureActive(): number {
    const { logger, fileSystem } = this.context
    if (this.segments.count > 0) {
      const endOffset = this.segments.active.readNextOffset()
      if (endOffset >= this.logStartOffset) return endOffset
      logger.warn(
        `The log ${this.directory} ends at ${endOffset}, below its start offset ${this.logStartOffset}: all its segments are deleted. Segment files were removed from outside.`,
      )
      for (const segment of this.segments.all) segment.remove()
      this.segments.clear()
      this.epochs.clear()
      for (const name of fileSystem.list(this.directory)) {
        if (name.endsWith(SNAPSHOT_SUFFIX)) fileSystem.remove(`${this.directory}/${name}`)
      }
    }
    const segment = new LogSegment(this.context, this.directory, this.logStartOffset, NO_FILES)
    segment.create()
    this.segments.add(segment)
    return this.logStartOffset
  }
}

/**
 * Loads the segments, producers and epochs of a directory, and recovers what an unclean shutdown may have damaged.
 * Throws StorageError when the directory can't be read or written.
 */
export async function loadLog(
  context: StorageContext,
  directory: string,
  topicPartition: TopicPartition,
  config: LogConfig,
  options: LoadOptions,
): Promise<LogParts> {
  try {
    return await new Loader(context, directory, topicPartition, config, options).load()
  } catch (error) {
    if (error instanceof LogError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new StorageError(`The log in ${directory} can't be loaded: ${reason}`, error)
  }
}
