import type { BatchHeader } from '../protocol/records/batch-header.ts'
import { INDEX_SUFFIX, LOG_SUFFIX, segmentFileName, TIME_INDEX_SUFFIX, TXN_INDEX_SUFFIX } from './file-names.ts'
import { readFully, readFullyAsync, writeFully } from './file-system.ts'
import { CorruptIndexError } from './index-file.ts'
import { OffsetIndex } from './offset-index.ts'
import type { ReadMemory } from './read-memory.ts'
import { readSegment, type SegmentReadOptions, type SegmentReadResult } from './segment-read.ts'
import { type ScannedBatch, scanBatches } from './segment-scan.ts'
import type { StorageContext } from './storage-context.ts'
import { TimeIndex, type TimestampOffset } from './time-index.ts'
import { TransactionIndex } from './transaction-index.ts'

const MAX_RELATIVE_OFFSET = 2 ** 31 - 1
/** Positions remembered for readers that go on where they stopped. */
const READ_HINTS = 8

/** The files of a segment that is new. */
export const NO_FILES = { log: false, index: false, timeIndex: false, txnIndex: false }

export interface SegmentRead {
  startOffset: number
  maxBytes: number
  upperBoundOffset: number
  minOneBatch: boolean
  memory: ReadMemory
}

/** Memory for the next read of a dialogue, which keeps nothing of the one before. */
function anew(memory: ReadMemory, previous: Buffer | undefined, sizeBytes: number): Buffer {
  if (previous) memory.giveBack(previous)
  return memory.take(sizeBytes)
}

/** The header fields that appending needs. */
export type AppendedBatch = Pick<BatchHeader, 'baseOffset' | 'sizeBytes' | 'lastOffsetDelta' | 'maxTimestamp'>

/**
 * A log file with its indexes (Kafka's LogSegment). Files are opened on first use. The offset and time indexes get an entry
 * each `index.interval.bytes`; they live in memory while in use and are written on roll, flush and close.
 */
export class LogSegment {
  readonly baseOffset: number
  readonly #context: StorageContext
  #directory: string
  #suffix = ''
  #fd: number | undefined
  #sizeBytes: number
  readonly offsetIndex: OffsetIndex
  readonly timeIndex: TimeIndex
  readonly txnIndex: TransactionIndex
  readonly createdMs: number
  #hasTxnFile: boolean
  #bytesSinceIndexEntry = 0
  #largest: TimestampOffset | undefined
  /** Largest timestamp of the first batch: segment.ms counts from it. */
  #rollingBasedTimestamp: number | undefined
  /** Whether bytes were written that fdatasync hasn't covered yet. */
  isUnsynced = false
  #users = 0
  #closeWhenIdle = false
  readonly #hints: { offset: number; position: number }[] = []

  /** @param files names of the segment's files on disk; empty for a new segment. */
  constructor(
    context: StorageContext,
    directory: string,
    baseOffset: number,
    files: { log: boolean; index: boolean; timeIndex: boolean; txnIndex: boolean },
    suffix = '',
  ) {
    this.#context = context
    this.#directory = directory
    this.baseOffset = baseOffset
    this.#suffix = suffix
    const { fileSystem } = context
    this.#sizeBytes = files.log ? (fileSystem.stat(this.path)?.sizeBytes ?? 0) : 0
    // A missing index of a segment with content is corrupt, not empty: reading it says so and it gets rebuilt.
    const expectIndex = this.#sizeBytes > 0
    this.offsetIndex = new OffsetIndex(
      fileSystem,
      this.#pathOf(INDEX_SUFFIX),
      baseOffset,
      files.index || expectIndex,
      () => this.#sizeBytes,
    )
    this.timeIndex = new TimeIndex(
      fileSystem,
      this.#pathOf(TIME_INDEX_SUFFIX),
      baseOffset,
      files.timeIndex || expectIndex,
    )
    this.txnIndex = new TransactionIndex(fileSystem, this.#pathOf(TXN_INDEX_SUFFIX), baseOffset, files.txnIndex)
    this.#hasTxnFile = files.txnIndex
    this.createdMs = context.clock.nowMs()
  }

  #pathOf(kind: string): string {
    return `${this.#directory}/${segmentFileName(this.baseOffset, kind)}${this.#suffix}`
  }

  get path(): string {
    return this.#pathOf(LOG_SUFFIX)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Creates the files of a new segment, empty; what an earlier one of that name left is emptied too. */
  create(): void {
    this.#context.fileSystem.truncate(this.#open(), 0)
    this.offsetIndex.file.reset()
    this.timeIndex.file.reset()
    this.offsetIndex.file.persist()
    this.timeIndex.file.persist()
  }

  #open(): number {
    this.#fd ??= this.#context.fileSystem.openReadWrite(this.path)
    return this.#fd
  }

  canHold(offset: number): boolean {
    return offset - this.baseOffset <= MAX_RELATIVE_OFFSET && offset >= this.baseOffset
  }

  /**
   * Appends whole batches; `batches` names them in order. On a failed write the file is cut back to where it was and the
   * system error goes on.
   */
  append(buffers: readonly Buffer[], batches: readonly AppendedBatch[], indexIntervalBytes: number): void {
    const { fileSystem } = this.#context
    const fd = this.#open()
    try {
      writeFully(fileSystem, fd, buffers, this.#sizeBytes)
    } catch (error) {
      try {
        fileSystem.truncate(fd, this.#sizeBytes)
      } catch {
        // The torn bytes stay behind the end that the log knows: the next write covers them, recovery cuts them off.
      }
      throw error
    }
    this.isUnsynced = true
    for (const batch of batches) this.noteBatch(batch, this.#sizeBytes, indexIntervalBytes)
  }

  /** Takes a batch at `position` into the size, the largest timestamp and, if it is due, the indexes. */
  noteBatch(batch: AppendedBatch, position: number, indexIntervalBytes: number): void {
    const lastOffset = batch.baseOffset + batch.lastOffsetDelta
    this.#rollingBasedTimestamp ??= batch.maxTimestamp
    if (batch.maxTimestamp > (this.#largest?.timestamp ?? -1)) {
      this.#largest = { timestamp: batch.maxTimestamp, offset: lastOffset }
    }
    if (this.#bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(lastOffset, position)
      if (this.#largest) this.timeIndex.maybeAppend(this.#largest.timestamp, this.#largest.offset)
      this.#bytesSinceIndexEntry = 0
    }
    this.#bytesSinceIndexEntry += batch.sizeBytes
    this.#sizeBytes = position + batch.sizeBytes
  }

  /** Largest timestamp and the last offset of its batch; timestamp -1 for an empty segment. */
  get largest(): TimestampOffset {
    if (this.#largest === undefined) {
      const last = this.withIndexes(() => this.#lastTimeEntry())
      this.#largest ??= last
    }
    return this.#largest
  }

  #lastTimeEntry(): TimestampOffset {
    const last = this.timeIndex.lastEntry
    // A segment with content is never left without a time index entry, unless its records have no timestamps.
    if (last.timestamp < 0 && this.#sizeBytes > 0 && this.#firstTimestamp() >= 0) {
      throw new CorruptIndexError(`The time index ${this.timeIndex.file.path} is empty.`)
    }
    return last
  }

  #firstTimestamp(): number {
    const first = this.scan(0, false).next()
    return first.done ? -1 : first.value.header.maxTimestamp
  }

  /** Largest record timestamp, or the file's time when no record has one: what retention.ms compares with. */
  get largestTimestamp(): number {
    const { timestamp } = this.largest
    return timestamp >= 0 ? timestamp : (this.#context.fileSystem.stat(this.path)?.modifiedMs ?? this.createdMs)
  }

  /**
   * Time that counts towards segment.ms, given the time and the timestamp of the batches about to be appended.
   *
   * @param unwrittenTimestamp of the first batch that waits to be written: it counts while the segment is empty.
   */
  timeWaitedForRoll(nowMs: number, batchTimestamp: number, unwrittenTimestamp?: number): number {
    if (this.#rollingBasedTimestamp === undefined && this.#sizeBytes > 0) {
      this.#rollingBasedTimestamp = this.#firstTimestamp()
    }
    const base = this.#rollingBasedTimestamp ?? unwrittenTimestamp ?? -1
    return base >= 0 ? batchTimestamp - base : nowMs - this.createdMs
  }

  /** The batches from the one at `fromPosition` on. */
  scan(fromPosition: number, verifyCrc: boolean, endPosition = this.#sizeBytes): Generator<ScannedBatch, void> {
    return scanBatches(this.#context.fileSystem, this.#open(), {
      path: this.path,
      fromPosition,
      endPosition,
      verifyCrc,
    })
  }

  /** Offset after the last batch, found from the last index entry on. */
  readNextOffset(): number {
    const from = this.withIndexes(() => this.offsetIndex.lookup(Number.MAX_SAFE_INTEGER).position)
    let nextOffset = this.baseOffset
    let position = from
    for (const { header, filePosition } of this.scan(from, false)) {
      nextOffset = header.baseOffset + header.lastOffsetDelta + 1
      position = filePosition
      if (header.maxTimestamp > this.largest.timestamp) {
        this.#largest = { timestamp: header.maxTimestamp, offset: nextOffset - 1 }
      }
    }
    this.#bytesSinceIndexEntry = Math.max(0, position - from)
    return nextOffset
  }

  /** Position of a batch at or before the one that holds `offset`, and how far it may be off. */
  #locate(offset: number): { position: number; isExact: boolean } {
    const hint = this.#hints.find((candidate) => candidate.offset === offset)
    if (hint) return { position: hint.position, isExact: true }
    const position = this.withIndexes(() => this.offsetIndex.lookup(offset).position)
    this.#context.indexCache.touch(this)
    return { position, isExact: false }
  }

  #readOptions(read: SegmentRead, slackBytes: number): SegmentReadOptions {
    const { position, isExact } = this.#locate(read.startOffset)
    return {
      ...read,
      path: this.path,
      fromPosition: position,
      slackBytes: isExact ? 0 : slackBytes,
      endPosition: this.#sizeBytes,
    }
  }

  /** Whole batches from the file; undefined when all are below the start offset. Throws CorruptBatchError. */
  read(read: SegmentRead, slackBytes: number): SegmentReadResult | undefined {
    const dialogue = readSegment(this.#readOptions(read, slackBytes))
    let step = dialogue.next()
    let bytes: Buffer | undefined
    while (!step.done) {
      const { position, length } = step.value
      bytes = anew(read.memory, bytes, length)
      step = dialogue.next(readFully(this.#context.fileSystem, this.#open(), bytes, position))
    }
    return step.value
  }

  /** As `read`, off the event loop. */
  async readAsync(read: SegmentRead, slackBytes: number): Promise<SegmentReadResult | undefined> {
    return this.#whileOpen(async (fd) => {
      const dialogue = readSegment(this.#readOptions(read, slackBytes))
      let step = dialogue.next()
      let bytes: Buffer | undefined
      while (!step.done) {
        const { position, length } = step.value
        bytes = anew(read.memory, bytes, length)
        step = dialogue.next(await readFullyAsync(this.#context.fileSystem, fd, bytes, position))
      }
      return step.value
    })
  }

  /** Remembers where a reader that stopped before `offset` will go on. */
  addReadHint(offset: number, position: number): void {
    if (this.#hints.length >= READ_HINTS) this.#hints.shift()
    this.#hints.push({ offset, position })
  }

  /** Runs a lookup; indexes found corrupt are rebuilt from the log first. */
  withIndexes<T>(lookup: () => T): T {
    try {
      return lookup()
    } catch (error) {
      if (!(error instanceof CorruptIndexError)) throw error
      this.#context.logger.warn(`${error.message} The offset and time indexes of ${this.path} are rebuilt.`)
      this.rebuildIndexes()
      return lookup()
    }
  }

  /** Rebuilds the offset and time index from the batch headers. */
  rebuildIndexes(indexIntervalBytes = 4096): void {
    const endPosition = this.#sizeBytes
    this.resetIndexes()
    for (const { header, filePosition } of this.scan(0, false, endPosition)) {
      this.noteBatch(header, filePosition, indexIntervalBytes)
    }
    this.finishIndexes()
  }

  /** Empties the indexes and counters, for a scan that fills them again by `noteBatch`. */
  resetIndexes(): void {
    this.offsetIndex.file.reset()
    this.timeIndex.file.reset()
    this.#bytesSinceIndexEntry = 0
    this.#largest = undefined
    this.#rollingBasedTimestamp = undefined
    this.#hints.length = 0
  }

  /** Adds the largest timestamp, as a segment that is complete has it, and writes the indexes. Throws the system error. */
  finishIndexes(): void {
    const { timestamp, offset } = this.largest
    this.withIndexes(() => this.timeIndex.maybeAppend(timestamp, offset))
    this.offsetIndex.file.persist()
    this.timeIndex.file.persist()
    if (this.#needsTxnFile()) this.txnIndex.file.persist()
  }

  #needsTxnFile(): boolean {
    this.#hasTxnFile ||= this.txnIndex.file.count > 0
    return this.#hasTxnFile
  }

  /** Cuts the file and the indexes so that everything at or above `offset` goes. */
  truncateTo(offset: number): void {
    let end = this.#sizeBytes
    const from = this.withIndexes(() => this.offsetIndex.lookup(offset).position)
    for (const { header, filePosition } of this.scan(from, false)) {
      if (header.baseOffset + header.lastOffsetDelta < offset) continue
      end = filePosition
      break
    }
    this.truncateToPosition(end, offset)
  }

  /** As `truncateTo`, with the position of the first batch to go known. */
  truncateToPosition(position: number, offset: number): void {
    this.withIndexes(() => this.offsetIndex.truncateTo(offset))
    this.withIndexes(() => this.timeIndex.truncateTo(offset))
    this.txnIndex.truncateTo(offset)
    this.#context.fileSystem.truncate(this.#open(), position)
    this.#sizeBytes = position
    this.#hints.length = 0
    this.#largest = undefined
    if (position === 0) this.#rollingBasedTimestamp = undefined
    this.#bytesSinceIndexEntry = 0
    // The largest timestamp behind the last time index entry.
    if (position > 0) this.readNextOffset()
    this.isUnsynced = true
  }

  /** Makes log and indexes durable, off the event loop. */
  async sync(): Promise<void> {
    const wasUnsynced = this.isUnsynced
    this.isUnsynced = false
    try {
      if (wasUnsynced) await this.#whileOpen((fd) => this.#context.fileSystem.sync(fd))
      await this.offsetIndex.file.persistDurably()
      await this.timeIndex.file.persistDurably()
      if (this.#needsTxnFile()) await this.txnIndex.file.persistDurably()
    } catch (error) {
      this.isUnsynced = true
      throw error
    }
  }

  /** Bytes of memory that the indexes take now. */
  get residentIndexBytes(): number {
    return this.offsetIndex.file.residentBytes + this.timeIndex.file.residentBytes + this.txnIndex.file.residentBytes
  }

  /** Gives back the memory of indexes that their files hold. */
  evictIndexes(): void {
    this.offsetIndex.file.evict()
    this.timeIndex.file.evict()
    if (this.#hasTxnFile) this.txnIndex.file.evict()
  }

  /** Paths of the files there are. */
  files(): string[] {
    return [LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, TXN_INDEX_SUFFIX]
      .map((kind) => this.#pathOf(kind))
      .filter((path) => this.#context.fileSystem.stat(path) !== undefined)
  }

  /** Renames all files from the present suffix to another (`.deleted`, `.swap`, none). */
  changeSuffix(suffix: string): void {
    for (const path of this.files()) {
      this.#context.fileSystem.rename(path, path.slice(0, path.length - this.#suffix.length) + suffix)
    }
    this.#suffix = suffix
    this.#updatePaths()
  }

  /** The directory was renamed; files already open stay so. */
  moveTo(directory: string): void {
    this.#directory = directory
    this.#updatePaths()
  }

  #updatePaths(): void {
    this.offsetIndex.file.path = this.#pathOf(INDEX_SUFFIX)
    this.timeIndex.file.path = this.#pathOf(TIME_INDEX_SUFFIX)
    this.txnIndex.file.path = this.#pathOf(TXN_INDEX_SUFFIX)
  }

  /** Work off the event loop with the file, which isn't closed before that is done. */
  async #whileOpen<T>(work: (fd: number) => Promise<T>): Promise<T> {
    this.#users++
    try {
      return await work(this.#open())
    } finally {
      this.#users--
      if (this.#closeWhenIdle) this.close()
    }
  }

  /** Closes the file, once reads under way are done; a later use opens it again. */
  close(): void {
    this.#closeWhenIdle = this.#users > 0
    if (this.#fd === undefined || this.#closeWhenIdle) return
    this.#context.fileSystem.close(this.#fd)
    this.#fd = undefined
  }

  /** Closes and removes all files. */
  remove(): void {
    this.close()
    this.#context.indexCache.forget(this)
    for (const path of this.files()) this.#context.fileSystem.remove(path)
  }
}
