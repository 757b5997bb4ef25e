import { isControl, readBatchHeader } from '../protocol/records/batch-header.ts'
import { ensureBatchCodecs } from '../protocol/records/batch-reader.ts'
import { RecordCursor } from '../protocol/records/record-cursor.ts'
import { type FilterOptions, filterBatch } from './batch-filter.ts'
import { CleanedTransactions } from './cleaned-transactions.ts'
import { readEndTransactionMarker } from './control-record.ts'
import { CLEANED_SUFFIX } from './file-names.ts'
import type { Log } from './log.ts'
import { LogSegment, NO_FILES } from './log-segment.ts'
import { OffsetMap } from './offset-map.ts'
import { replaceSegments } from './segment-removal.ts'

/** Bytes worked on before the event loop gets a turn. */
const YIELD_BYTES = 1024 * 1024
const WRITE_BYTES = 1024 * 1024
const DEFAULT_DEDUPE_BYTES = 64 * 1024 * 1024

/** The log changed while it was being cleaned (truncated, deleted); the cleaning is given up. */
export class CleaningAbortedError extends Error {
  override name = 'CleaningAbortedError'
}

export interface Cleanable {
  firstDirtyOffset: number
  /** Cleaning stops before it: the active segment, an open transaction, min.compaction.lag.ms. */
  endOffset: number
  dirtyRatio: number
  /** max.compaction.lag.ms has passed for a dirty segment. */
  isOverdue: boolean
}

/**
 * What there is to clean in a compacted log (Kafka's LogCleanerManager).
 *
 * @param cleanedOffset from cleaner-offset-checkpoint, if the log was cleaned before
 */
export function cleanableOf(log: Log, cleanedOffset: number | undefined): Cleanable {
  const { minCompactionLagMs, maxCompactionLagMs } = log.config
  const nowMs = log.context.clock.nowMs()
  const segments = log.segments.all
  let firstDirtyOffset = Math.max(cleanedOffset ?? 0, log.logStartOffset, segments[0]!.baseOffset)
  if (firstDirtyOffset > log.writtenOffset) firstDirtyOffset = log.logStartOffset
  let endOffset = Math.min(log.lastStableOffset, log.segments.active.baseOffset)
  let isOverdue = false
  let cleanBytes = 0
  let dirtyBytes = 0
  for (const segment of segments.slice(0, -1)) {
    const isDirty = segment.baseOffset >= firstDirtyOffset
    if (isDirty && minCompactionLagMs > 0 && segment.largestTimestamp > nowMs - minCompactionLagMs) {
      endOffset = Math.min(endOffset, segment.baseOffset)
    }
    if (segment.baseOffset >= endOffset) break
    if (isDirty) dirtyBytes += segment.sizeBytes
    else cleanBytes += segment.sizeBytes
    if (isDirty && nowMs - segment.largestTimestamp > maxCompactionLagMs) isOverdue = true
  }
  const dirtyRatio = dirtyBytes === 0 ? 0 : dirtyBytes / (cleanBytes + dirtyBytes)
  return { firstDirtyOffset, endOffset, dirtyRatio, isOverdue }
}

/** Compacts one log: keeps the last value of every key, and all offsets (Kafka's Cleaner). */
export class LogCleaning {
  readonly #log: Log
  readonly #cleanable: Cleanable
  readonly #dedupeBytes: number
  readonly #truncationCount: number
  #workedBytes = 0

  constructor(log: Log, cleanable: Cleanable, dedupeBytes = DEFAULT_DEDUPE_BYTES) {
    this.#log = log
    this.#cleanable = cleanable
    this.#dedupeBytes = dedupeBytes
    this.#truncationCount = log.truncationCount
  }

  /** Returns the offset up to which the log is clean now. Rejects with CleaningAbortedError or the system's error. */
  async run(): Promise<number> {
    const { firstDirtyOffset, endOffset } = this.#cleanable
    const offsets = new OffsetMap(this.#dedupeBytes)
    const mapEndOffset = await this.#fill(offsets, firstDirtyOffset, endOffset)
    this.#checkUntouched()
    const segments = this.#log.segments.all.slice(0, -1).filter((segment) => segment.baseOffset < mapEndOffset)
    const transactions = this.#transactions(segments[0]?.baseOffset ?? 0)
    const options: FilterOptions = {
      offsets,
      mapEndOffset,
      transactions,
      producers: new Map(this.#log.producers.producers),
      nowMs: this.#log.context.clock.nowMs(),
      deleteRetentionMs: this.#log.config.deleteRetentionMs,
    }
    for (const group of this.#grouped(segments)) await this.#cleanGroup(group, options)
    return mapEndOffset
  }

  /** All aborted ones from there on: the last segment may reach beyond what is cleaned, and keeps its own. */
  #transactions(from: number): CleanedTransactions {
    return new CleanedTransactions(this.#log.abortedTransactions(from, Number.POSITIVE_INFINITY))
  }

  /** Notes the last offset of each key in [from, to); returns where it had to stop. */
  async #fill(offsets: OffsetMap, from: number, to: number): Promise<number> {
    const transactions = this.#transactions(from)
    for (const segment of this.#log.segments.range(from, to)) {
      const position = segment.withIndexes(() => segment.offsetIndex.lookup(from).position)
      for (const { header, buffer } of segment.scan(position, false)) {
        const lastOffset = header.baseOffset + header.lastOffsetDelta
        if (lastOffset < from) continue
        if (header.baseOffset >= to) return to
        if (isControl(header.attributes)) {
          transactions.isMarkerOfNothing(header, readEndTransactionMarker(buffer, header))
        } else if (!transactions.isAborted(header)) {
          const batch = buffer.subarray(header.position, header.position + header.sizeBytes)
          await ensureBatchCodecs(batch)
          const cursor = new RecordCursor(buffer, header)
          while (cursor.next()) {
            if (cursor.keyStart >= 0) offsets.put(cursor.data.subarray(cursor.keyStart, cursor.keyEnd), cursor.offset)
          }
        }
        if (offsets.isFull) return lastOffset + 1
        await this.#yieldAfter(header.sizeBytes)
      }
    }
    return to
  }

  async #yieldAfter(bytes: number): Promise<void> {
    this.#workedBytes += bytes
    if (this.#workedBytes < YIELD_BYTES) return
    this.#workedBytes = 0
    await new Promise((resolve) => setImmediate(resolve))
    this.#checkUntouched()
  }

  /** After a truncation the offsets noted may be those of records that are gone: nothing must be dropped for them. */
  #checkUntouched(): void {
    const log = this.#log
    if (log.isClosed || log.truncationCount !== this.#truncationCount) {
      throw new CleaningAbortedError(`The log ${log.name} was closed or truncated while being cleaned.`)
    }
  }

  /** Neighbours that fit into one segment together are joined. */
  #grouped(segments: readonly LogSegment[]): LogSegment[][] {
    const { segmentBytes, segmentIndexBytes } = this.#log.config
    const groups: LogSegment[][] = []
    let bytes = 0
    let indexBytes = 0
    for (const [index, segment] of segments.entries()) {
      const group = groups.at(-1)
      const segmentIndexSize = segment.withIndexes(() => segment.offsetIndex.file.sizeBytes)
      const lastOffset = (segments[index + 1]?.baseOffset ?? segment.readNextOffset()) - 1
      bytes += segment.sizeBytes
      indexBytes += segmentIndexSize
      if (group && bytes <= segmentBytes && indexBytes <= segmentIndexBytes && group[0]!.canHold(lastOffset)) {
        group.push(segment)
      } else {
        groups.push([segment])
        bytes = segment.sizeBytes
        indexBytes = segmentIndexSize
      }
    }
    return groups
  }

  async #cleanGroup(sources: LogSegment[], options: FilterOptions): Promise<void> {
    const log = this.#log
    const sizes = sources.map((segment) => segment.sizeBytes)
    const cleaned = new LogSegment(log.context, log.directory, sources[0]!.baseOffset, NO_FILES, CLEANED_SUFFIX)
    const checkUnchanged = (): void => {
      this.#checkUntouched()
      const isSound = sources.every(
        (segment, index) => log.segments.all.includes(segment) && segment.sizeBytes === sizes[index],
      )
      if (!isSound) throw new CleaningAbortedError(`Segments of ${log.name} were deleted while being cleaned.`)
    }
    try {
      cleaned.create()
      options.transactions.onKept = (txn) => cleaned.txnIndex.append(txn)
      for (const source of sources) await this.#copyKept(source, cleaned, options, checkUnchanged)
      cleaned.finishIndexes()
      await cleaned.sync()
      checkUnchanged()
    } catch (error) {
      cleaned.remove()
      throw error
    }
    replaceSegments(log, sources, cleaned)
  }

  async #copyKept(
    source: LogSegment,
    cleaned: LogSegment,
    options: FilterOptions,
    checkUnchanged: () => void,
  ): Promise<void> {
    let kept: Buffer[] = []
    let keptBytes = 0
    const write = (): void => {
      if (keptBytes === 0) return
      const headers = kept.map((buffer) => readBatchHeader(buffer, 0))
      cleaned.append(kept, headers, this.#log.config.indexIntervalBytes)
      kept = []
      keptBytes = 0
    }
    for (const { header, buffer } of source.scan(0, true)) {
      await ensureBatchCodecs(buffer.subarray(header.position, header.position + header.sizeBytes))
      const result = filterBatch(buffer, header, options)
      if (result) {
        kept.push(result)
        keptBytes += result.length
      }
      if (keptBytes >= WRITE_BYTES) write()
      await this.#yieldAfter(header.sizeBytes)
      checkUnchanged()
    }
    write()
  }
}
