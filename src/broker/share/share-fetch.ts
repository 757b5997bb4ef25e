import type { Clock } from '../../base/clock.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { BATCH_OVERHEAD, isControl, isTransactional, readBatchHeader } from '../../protocol/records/batch-header.ts'
import type { Logger } from '../logger.ts'
import { asKafkaError, type Partition } from '../partition.ts'
import type { Purgatory } from '../purgatory.ts'
import type { AnswerMemory, AnswerReservation } from '../quota/answer-memory.ts'
import { abortedBatches, type TransactionalBatch } from './aborted.ts'
import type { Acquired } from './acquire.ts'
import type { SharePartition } from './share-partition.ts'
import { purgatoryKey, type SharePartitions } from './share-partitions.ts'
import type { SessionPartition } from './share-sessions.ts'

export interface ShareFetchOptions {
  readonly groupId: string
  readonly memberId: string
  readonly partitions: readonly SessionPartition[]
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly maxRecords: number
  readonly batchSize: number
  readonly isRecordLimit: boolean
  /** Aborted when the client is gone. */
  readonly closed: AbortSignal
  /** Charges an answer of so many bytes of records; true: it must not be given now. */
  mustHoldBack?(recordsBytes: number): boolean
}

export interface ShareFetchServices {
  readonly clock: Clock
  readonly purgatory: Purgatory
  readonly logger: Logger
  readonly answerMemory: AnswerMemory
}

/** What is to be said of one partition. */
export interface ShareFetchResult extends SessionPartition {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly records: Buffer
  readonly acquired: readonly Acquired[]
}

/** A partition of the request, with what was seen of it: more than that is a reason to look again. */
interface Source {
  readonly id: SessionPartition
  readonly partition: Partition
  readonly share: SharePartition
  seenEnd: number
  seenChanges: number
}

interface Read {
  readonly source: Source
  readonly fetchOffset: number
  readonly records: Buffer
  readonly batches: readonly BatchAt[]
  /** There is more than the member may acquire at once. */
  readonly isMore: boolean
}

interface BatchAt extends TransactionalBatch {
  readonly position: number
  readonly sizeBytes: number
}

const EMPTY = Buffer.alloc(0)

/** Fetches records for a member of a share group: reads, acquires, and waits while there is nothing to acquire. */
export class ShareFetch {
  readonly #shares: SharePartitions
  readonly #services: ShareFetchServices
  readonly #options: ShareFetchOptions
  readonly #sources: Source[] = []
  readonly #failed: ShareFetchResult[] = []
  #memory: AnswerReservation | undefined
  /** The answer was withheld by the quota: it is empty, and nothing was acquired for it. */
  isHeldBack = false

  constructor(shares: SharePartitions, services: ShareFetchServices, options: ShareFetchOptions) {
    this.#shares = shares
    this.#services = services
    this.#options = options
  }

  /** @returns something for each partition that there is something to say of */
  async run(): Promise<ShareFetchResult[]> {
    const { clock, purgatory } = this.#services
    const deadlineMs = clock.monotonicMs() + this.#options.maxWaitMs
    await Promise.all(this.#options.partitions.map((id) => this.#open(id)))
    const keys = this.#sources.flatMap(({ partition, share }) => [partition.key, purgatoryKey(share.key)])
    for (;;) {
      const leftMs = deadlineMs - clock.monotonicMs()
      const isLast = leftMs <= 0 || this.#failed.length > 0
      const results = await this.#attempt(isLast)
      if (results !== undefined) return [...this.#failed, ...results]
      if (isLast || this.#sources.length === 0) return this.#failed
      await purgatory.wait(keys, leftMs, () => this.#hasNews(), this.#options.closed)
      if (this.#options.closed.aborted) return this.#failed
    }
  }

  /** The records aren't needed any more. */
  release(): void {
    this.#memory?.release()
  }

  #hasNews(): boolean {
    const { isolation } = this.#shares.groupConfig(this.#options.groupId)
    return this.#sources.some(({ partition, share, seenEnd, seenChanges }) => {
      const isNew = share.changes !== seenChanges || partition.readableEnd(isolation) > seenEnd
      return isNew || partition.log.isClosed || share.isClosed
    })
  }

  async #open(id: SessionPartition): Promise<void> {
    const { groupId } = this.#options
    try {
      const share = await this.#shares.get({ groupId, ...id })
      this.#sources.push({ id, partition: this.#shares.partition(id), share, seenEnd: -1, seenChanges: -1 })
    } catch (error) {
      this.#fail(id, error)
    }
  }

  #fail(id: SessionPartition, error: unknown): void {
    const known = asKafkaError(error)
    if (!(known instanceof KafkaError)) this.#services.logger.error({ err: error, ...id }, 'a share fetch failed')
    const { code, message } = known instanceof KafkaError ? known : new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
    const errorMessage = code === ErrorCode.UNKNOWN_SERVER_ERROR ? null : message
    this.#failed.push({ ...id, errorCode: code, errorMessage, records: EMPTY, acquired: [] })
  }

  /** Reads and acquires; undefined when that is to be tried again later. */
  async #attempt(isLast: boolean): Promise<ShareFetchResult[] | undefined> {
    const { isolation } = this.#shares.groupConfig(this.#options.groupId)
    this.#dropClosed()
    for (const source of this.#sources) {
      source.seenEnd = source.partition.readableEnd(isolation)
      source.seenChanges = source.share.changes
      source.share.logStartMoved(source.partition.log.logStartOffset)
    }
    const locked = this.#sources.filter(({ share }) => share.tryRead())
    const found = new Set<Source>()
    this.release()
    const memory = this.#services.answerMemory.reserve(this.#options.maxBytes)
    this.#memory = memory
    try {
      const reads = await this.#readAll(locked, memory.bytes)
      const sizeBytes = reads.reduce((sum, { records }) => sum + records.length, 0)
      memory.use(sizeBytes)
      const enoughBytes = Math.min(this.#options.minBytes, memory.bytes)
      const isEnough = sizeBytes > 0 && (sizeBytes >= enoughBytes || reads.some(({ isMore }) => isMore))
      if (!isEnough && !isLast && this.#failed.length === 0) {
        memory.release()
        return undefined
      }
      this.isHeldBack = this.#options.mustHoldBack?.(sizeToSend(reads, this.#options.maxRecords)) ?? false
      if (!this.isHeldBack) return this.#acquireAll(reads, found)
      memory.release()
      return []
    } finally {
      for (const source of locked) source.share.endRead(found.has(source))
    }
  }

  /** Partitions that were taken away while the request waited: the client has to look for them anew. */
  #dropClosed(): void {
    for (const source of [...this.#sources]) {
      const { id, partition, share } = source
      if (!share.isClosed && !partition.log.isClosed) continue
      this.#sources.splice(this.#sources.indexOf(source), 1)
      try {
        this.#shares.partition(id)
        this.#fail(id, new KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER))
      } catch (error) {
        this.#fail(id, error)
      }
    }
  }

  /** As many bytes of each partition; only the first may have a batch that is larger. */
  async #readAll(sources: readonly Source[], maxBytes: number): Promise<Read[]> {
    const shareBytes = Math.floor(maxBytes / Math.max(1, sources.length))
    const reads: Read[] = []
    let leftBytes = maxBytes
    for (const source of sources) {
      const read = await this.#read(source, Math.min(shareBytes, leftBytes), reads.length === 0)
      if (read === undefined || read.records.length === 0) continue
      leftBytes = Math.max(0, leftBytes - read.records.length)
      reads.push(read)
    }
    return reads
  }

  async #read(source: Source, maxBytes: number, minOneBatch: boolean): Promise<Read | undefined> {
    const { partition, share, id, seenEnd } = source
    const startOffset = share.nextFetchOffset
    // What was never readable here, or is no more after an unclean stop, may come yet.
    if (startOffset >= seenEnd) return undefined
    try {
      // Not everything there is: with a long backlog that would be megabytes for each few records.
      const readEnd = Math.min(seenEnd, share.readEnd(Math.max(1, this.#options.maxRecords)))
      const read = { startOffset, maxBytes, upperBoundOffset: readEnd, minOneBatch }
      let records = await partition.log.readAsync(read)
      // Compaction may have left nothing there.
      if (records.length === 0 && readEnd < seenEnd) {
        records = await partition.log.readAsync({ ...read, upperBoundOffset: seenEnd })
      }
      return { source, fetchOffset: startOffset, records, batches: batchesOf(records), isMore: readEnd < seenEnd }
    } catch (error) {
      const known = asKafkaError(error)
      // The log start has moved since: the next attempt begins there.
      if (known instanceof KafkaError && known.code === ErrorCode.OFFSET_OUT_OF_RANGE) source.seenChanges = -1
      else this.#fail(id, error)
      return undefined
    }
  }

  #acquireAll(reads: readonly Read[], found: Set<Source>): ShareFetchResult[] {
    const { memberId, batchSize, isRecordLimit } = this.#options
    let left = this.#options.maxRecords
    // Nobody would get what a client that is gone acquires now.
    if (this.#options.closed.aborted) return []
    return reads.map(({ source, fetchOffset, records, batches }) => {
      const read = { memberId, fetchOffset, batches, maxRecords: left, batchSize, isRecordLimit }
      const acquired = this.#withoutAborted(source, batches, source.share.acquire(read))
      left -= acquired.reduce((sum, { first, last }) => sum + last - first + 1, 0)
      found.add(source)
      const { id } = source
      return { ...id, errorCode: 0, errorMessage: null, records: slice(records, batches, acquired), acquired }
    })
  }

  /** read_committed: nobody gets records of aborted transactions. */
  #withoutAborted({ partition, share }: Source, batches: readonly BatchAt[], acquired: Acquired[]): Acquired[] {
    const { isolation } = this.#shares.groupConfig(this.#options.groupId)
    const first = batches[0]
    if (isolation !== 'read_committed' || acquired.length === 0 || first === undefined) return acquired
    const transactions = partition.log.abortedTransactions(first.baseOffset, batches.at(-1)!.lastOffset + 1)
    if (transactions.length === 0) return acquired
    let kept = acquired
    for (const { baseOffset, lastOffset } of abortedBatches(batches, transactions)) {
      share.archive(baseOffset, lastOffset, this.#options.memberId)
      kept = kept.flatMap((range) => without(range, baseOffset, lastOffset))
    }
    return kept
  }
}

function batchesOf(records: Buffer): BatchAt[] {
  const batches: BatchAt[] = []
  for (let position = 0; position + BATCH_OVERHEAD <= records.length; ) {
    const { baseOffset, lastOffsetDelta, sizeBytes, attributes, producerId } = readBatchHeader(records, position)
    batches.push({
      position,
      sizeBytes,
      baseOffset,
      lastOffset: baseOffset + lastOffsetDelta,
      producerId,
      isTransactional: isTransactional(attributes),
      isControl: isControl(attributes),
    })
    position += sizeBytes
  }
  return batches
}

/** Bytes of the batches that `maxRecords` records are in. */
function sizeToSend(reads: readonly Read[], maxRecords: number): number {
  let bytes = 0
  let left = maxRecords
  for (const { batches } of reads) {
    for (const { sizeBytes, baseOffset, lastOffset } of batches) {
      if (left <= 0) return bytes
      bytes += sizeBytes
      left -= lastOffset - baseOffset + 1
    }
  }
  return bytes
}

/** The parts of a range outside of `first`-`last`. */
function without(range: Acquired, first: number, last: number): Acquired[] {
  if (range.last < first || range.first > last) return [range]
  const parts: Acquired[] = []
  if (range.first < first) parts.push({ ...range, last: first - 1 })
  if (range.last > last) parts.push({ ...range, first: last + 1 })
  return parts
}

/** The batches from the first acquired record to the last. */
function slice(records: Buffer, batches: readonly BatchAt[], acquired: readonly Acquired[]): Buffer {
  const first = acquired[0]
  if (first === undefined) return EMPTY
  const { last } = acquired.at(-1)!
  const wanted = batches.filter(({ baseOffset, lastOffset }) => lastOffset >= first.first && baseOffset <= last)
  const end = wanted.at(-1)
  return end === undefined ? EMPTY : records.subarray(wanted[0]!.position, end.position + end.sizeBytes)
}
