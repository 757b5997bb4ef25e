import { AbortedTransactions, type FetchedPartition } from '../../../client/consumer/fetched.ts'
import { type TopicPartition, topicPartitionKey } from '../../../client/types.ts'
import { type BatchHeader, isControl } from '../../../protocol/records/batch-header.ts'
import { batchAt } from '../../../protocol/records/batch-reader.ts'
import { RecordCursor } from '../../../protocol/records/record-cursor.ts'
import { type BoundedConsumer, hasReached } from './consumer-source.ts'

/** Part of a partition's log, and how many of its last records are wanted. */
export interface TailRange {
  tp: TopicPartition
  start: number
  end: number
  count: number
  readCommitted: boolean
}

/** A batch with records in the range: the first offset of it there, how many there are, and whether no offset is missing. */
interface Batch {
  offset: number
  records: number
  isDense: boolean
}

/** Where the wanted records begin: so many records after an offset. */
export interface TailStart {
  offset: number
  skip: number
}

const POLL_MS = 200
/** How long nothing may come before it is given up. */
const QUIET_MS = 60_000
/** The least a step backwards takes, in offsets. */
const MIN_STEP = 100

/**
 * Walks backwards through a partition until it has seen enough records: offsets may be those of transaction markers, of aborted records
 * or of none at all. It counts by the headers of batches, so that records are decoded only where a bound cuts a batch.
 */
class TailSearch {
  readonly range: TailRange
  /** What the pass under way covers. */
  low: number
  high: number
  #step: number
  /** Batches that hold the last records, in order. */
  #found: Batch[] = []
  #total = 0
  /** Those of the pass under way, from `#head` on. */
  #pass: Batch[] = []
  #head = 0
  #passTotal = 0

  constructor(range: TailRange) {
    this.range = range
    this.#step = Math.max(MIN_STEP, range.count)
    this.high = range.end
    this.low = Math.max(range.start, range.end - this.#step)
  }

  /** Counts what a fetch of the pass brought. */
  add(fetched: FetchedPartition): void {
    const aborted = this.range.readCommitted ? new AbortedTransactions(fetched.abortedTransactions) : undefined
    const { buffer } = fetched
    let position = 0
    for (let header = batchAt(buffer, position); header !== undefined; header = batchAt(buffer, position)) {
      position += header.sizeBytes
      const isHidden = aborted?.covers(buffer, header) === true || isControl(header.attributes)
      if (isHidden || header.baseOffset >= this.high) continue
      if (header.baseOffset + header.lastOffsetDelta < fetched.fetchOffset) continue
      this.#note({
        offset: Math.max(this.range.start, header.baseOffset),
        records: this.#recordsOf(buffer, header),
        isDense: header.recordCount === header.lastOffsetDelta + 1,
      })
    }
  }

  /** Ends the pass; true when another one has to go further back. */
  goBack(): boolean {
    this.#found = [...this.#pass.slice(this.#head), ...this.#found]
    this.#total += this.#passTotal
    // A batch that the pass began within was counted whole.
    const lowest = Math.min(this.low, this.#pass[this.#head]?.offset ?? this.low)
    this.#pass = []
    this.#head = 0
    this.#passTotal = 0
    if (this.#total >= this.range.count || lowest <= this.range.start) return false
    this.#step *= 2
    this.high = lowest
    this.low = Math.max(this.range.start, lowest - this.#step)
    return true
  }

  get start(): TailStart {
    const skip = Math.max(0, this.#total - this.range.count)
    const [first] = this.#found
    if (first === undefined) return { offset: this.range.end, skip: 0 }
    return first.isDense ? { offset: first.offset + skip, skip: 0 } : { offset: first.offset, skip }
  }

  #note(batch: Batch): void {
    if (batch.records === 0) return
    this.#pass.push(batch)
    this.#passTotal += batch.records
    const wanted = this.range.count - this.#total
    while (this.#passTotal - this.#pass[this.#head]!.records >= wanted) {
      this.#passTotal -= this.#pass[this.#head]!.records
      this.#head++
    }
    if (this.#head < 10_000) return
    this.#pass = this.#pass.slice(this.#head)
    this.#head = 0
  }

  #recordsOf(buffer: Buffer, header: BatchHeader): number {
    const { start, end } = this.range
    if (header.baseOffset >= start && header.baseOffset + header.lastOffsetDelta < end) return header.recordCount
    let records = 0
    const cursor = new RecordCursor(buffer, header)
    while (cursor.next()) if (cursor.offset >= start && cursor.offset < end) records++
    return records
  }
}

/**
 * Finds where the last records of partitions begin. The consumer is assigned these partitions meanwhile.
 * @returns by topicPartitionKey
 * @throws what polling throws; Error when nothing comes for a minute
 */
export const findTails = async (
  consumer: BoundedConsumer,
  ranges: readonly TailRange[],
): Promise<Map<string, TailStart>> => {
  const found = new Map<string, TailStart>()
  let open = new Map<string, TailSearch>()
  for (const range of ranges) {
    const key = topicPartitionKey(range.tp)
    if (range.count === 0) found.set(key, { offset: range.end, skip: 0 })
    else if (range.end - range.start <= range.count) found.set(key, { offset: range.start, skip: 0 })
    else open.set(key, new TailSearch(range))
  }
  while (open.size > 0) {
    await scan(consumer, open)
    const next = new Map<string, TailSearch>()
    for (const [key, search] of open) {
      if (search.goBack()) next.set(key, search)
      else found.set(key, search.start)
    }
    open = next
  }
  return found
}

/** One pass over each partition, from `low` to `high`. */
const scan = async (consumer: BoundedConsumer, searches: ReadonlyMap<string, TailSearch>): Promise<void> => {
  const partitions = [...searches.values()].map(({ range }) => range.tp)
  consumer.assign(partitions)
  consumer.resume(partitions)
  for (const { range, low } of searches.values()) consumer.seek(range.tp, { offset: low })
  let open = [...searches.values()]
  let quietSinceMs = performance.now()
  while (open.length > 0) {
    const polled = await consumer.poll(POLL_MS)
    if (polled.length > 0) quietSinceMs = performance.now()
    for (const fetched of polled) {
      searches.get(topicPartitionKey(fetched))?.add(fetched)
      consumer.advance(fetched, fetched.nextOffset)
    }
    const done = open.filter(({ range, high }) => hasReached(consumer, range.tp, high))
    if (done.length > 0) consumer.pause(done.map(({ range }) => range.tp))
    open = open.filter((search) => !done.includes(search))
    if (performance.now() - quietSinceMs > QUIET_MS) {
      const names = open.slice(0, 3).map(({ range }) => topicPartitionKey(range.tp))
      throw new Error(`Nothing came of ${names.join(', ')} for a minute while looking for the last records.`)
    }
  }
}
