import { baseOffsetAt, batchSizeAt, lastOffsetAt } from './batch-walk.ts'

const DEFAULT_TOTAL_BYTES = 32 * 1024 * 1024
const DEFAULT_BYTES_PER_LOG = 8 * 1024 * 1024

interface Chunk {
  tail: LogTail
  buffer: Buffer
  baseOffset: number
  nextOffset: number
}

/**
 * The most recently written bytes of all logs, so that consumers at the tail are served from memory. Bounded per log and
 * in all; the oldest chunk goes first, whichever log it belongs to.
 */
export class TailCache {
  readonly #maxBytes: number
  readonly maxBytesPerLog: number
  /** In order of age; also holds chunks already dropped by their log (`buffer` empty) until they come to the front. */
  readonly #chunks = new Set<Chunk>()
  #bytes = 0

  constructor(maxBytes = DEFAULT_TOTAL_BYTES, maxBytesPerLog = DEFAULT_BYTES_PER_LOG) {
    this.#maxBytes = maxBytes
    this.maxBytesPerLog = maxBytesPerLog
  }

  /** Bytes held for all logs. */
  get sizeBytes(): number {
    return this.#bytes
  }

  add(chunk: Chunk): void {
    this.#chunks.add(chunk)
    this.#bytes += chunk.buffer.length
    while (this.#bytes > this.#maxBytes) {
      const [oldest] = this.#chunks
      oldest!.tail.dropOldest()
    }
  }

  remove(chunk: Chunk): void {
    if (this.#chunks.delete(chunk)) this.#bytes -= chunk.buffer.length
  }
}

/** The cached end of one log: contiguous chunks of whole batches, up to the last written offset. */
export class LogTail {
  readonly #cache: TailCache
  #chunks: Chunk[] = []
  #bytes = 0

  constructor(cache: TailCache) {
    this.#cache = cache
  }

  /** First offset in memory, Infinity when nothing is. */
  get baseOffset(): number {
    return this.#chunks[0]?.baseOffset ?? Number.POSITIVE_INFINITY
  }

  /** Takes whole batches that continue the log. */
  add(buffer: Buffer, baseOffset: number, nextOffset: number): void {
    // A slice of a much larger buffer would keep all of that alive.
    const own = buffer.buffer.byteLength > 2 * buffer.length + 8192 ? Buffer.from(buffer) : buffer
    const chunk = { tail: this, buffer: own, baseOffset, nextOffset }
    this.#chunks.push(chunk)
    this.#bytes += own.length
    while (this.#bytes > this.#cache.maxBytesPerLog) this.dropOldest()
    if (this.#chunks.length > 0) this.#cache.add(chunk)
  }

  dropOldest(): void {
    const chunk = this.#chunks.shift()
    if (chunk === undefined) return
    this.#bytes -= chunk.buffer.length
    this.#cache.remove(chunk)
  }

  /** Forgets what begins below `offset`: compaction has rewritten it. */
  dropBelow(offset: number): void {
    while (this.baseOffset < offset) this.dropOldest()
  }

  clear(): void {
    while (this.#chunks.length > 0) this.dropOldest()
  }

  /**
   * Whole batches from the one holding `startOffset`, below `upperBoundOffset`; at most `maxBytes`, except for the first
   * batch when `minOneBatch`. The caller has checked that `startOffset` is at or above `baseOffset`.
   */
  read(startOffset: number, maxBytes: number, upperBoundOffset: number, minOneBatch: boolean): Buffer[] {
    const parts: Buffer[] = []
    let room = maxBytes
    let first = minOneBatch
    for (let index = this.#chunkOf(startOffset); index < this.#chunks.length; index++) {
      const { buffer, nextOffset } = this.#chunks[index]!
      let from = 0
      if (parts.length === 0)
        while (from < buffer.length && lastOffsetAt(buffer, from) < startOffset) from += batchSizeAt(buffer, from)
      let end = from
      if (!first && nextOffset <= upperBoundOffset && buffer.length - from <= room) end = buffer.length
      while (end < buffer.length && baseOffsetAt(buffer, end) < upperBoundOffset) {
        const next = end + batchSizeAt(buffer, end)
        if (next - from > room && !first) break
        first = false
        end = next
      }
      if (end > from) parts.push(from === 0 && end === buffer.length ? buffer : buffer.subarray(from, end))
      room -= end - from
      if (end < buffer.length || room <= 0) break
    }
    return parts
  }

  #chunkOf(offset: number): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#chunks[middle]!.nextOffset <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
