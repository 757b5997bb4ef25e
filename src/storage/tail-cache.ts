import { baseOffsetAt, batchSizeAt, lastOffsetAt } from './batch-walk.ts'
import type { ReadMemory } from './read-memory.ts'

const DEFAULT_TOTAL_BYTES = 32 * 1024 * 1024
const DEFAULT_BYTES_PER_LOG = 8 * 1024 * 1024
/** Slabs are this part of the whole cache: 1 MiB by default. */
const SLABS = 32
/** What is written in one piece of up to this part of a slab is copied into it; larger pieces are kept as they are. */
const PIECES_PER_SLAB = 8
/** Slabs kept for the next writes when nothing is left in them. */
const MAX_IDLE_SLABS = 2

/** Memory that small writes share, filled from front to back and used again once all its chunks are dropped. */
interface Slab {
  readonly memory: Buffer
  usedBytes: number
  chunkCount: number
}

interface Chunk {
  tail: LogTail
  buffer: Buffer
  /** What `buffer` is a part of, unless it is the writer's own. */
  slab: Slab | undefined
  baseOffset: number
  nextOffset: number
}

/**
 * The most recently written bytes of all logs, so that consumers at the tail are served from memory. Bounded per log and
 * in all; the oldest chunk goes first, whichever log it belongs to.
 *
 * Small writes are copied into slabs that are used over and over: a busy broker would otherwise keep the garbage collector busy
 * with buffers that live just long enough to be moved among the old ones.
 */
export class TailCache {
  readonly #maxBytes: number
  readonly maxBytesPerLog: number
  readonly #slabBytes: number
  /** In order of age. */
  readonly #chunks = new Set<Chunk>()
  readonly #idleSlabs: Slab[] = []
  #slab: Slab | undefined
  #slabCount = 0
  /** Of chunks that are in no slab. */
  #ownBytes = 0

  constructor(maxBytes = DEFAULT_TOTAL_BYTES, maxBytesPerLog = DEFAULT_BYTES_PER_LOG) {
    this.#maxBytes = maxBytes
    this.maxBytesPerLog = maxBytesPerLog
    this.#slabBytes = Math.floor(maxBytes / SLABS)
  }

  /** Memory held for all logs, slabs counted whole. */
  get sizeBytes(): number {
    return this.#ownBytes + this.#slabCount * this.#slabBytes
  }

  /** Takes a chunk for a log; `buffer` is copied if it is small. */
  add(tail: LogTail, buffer: Buffer, baseOffset: number, nextOffset: number): Chunk {
    const slab = buffer.length * PIECES_PER_SLAB <= this.#slabBytes ? this.#slabFor(buffer.length) : undefined
    const chunk = { tail, buffer: slab ? copied(buffer, slab) : ownOf(buffer), slab, baseOffset, nextOffset }
    this.#chunks.add(chunk)
    if (!slab) this.#ownBytes += chunk.buffer.length
    return chunk
  }

  /** Drops the oldest chunks until the rest is within the limit. */
  shrink(): void {
    while (this.sizeBytes > this.#maxBytes) {
      const [oldest] = this.#chunks
      if (oldest === undefined) break
      oldest.tail.dropOldest()
    }
  }

  remove(chunk: Chunk): void {
    if (!this.#chunks.delete(chunk)) return
    const { slab } = chunk
    if (!slab) this.#ownBytes -= chunk.buffer.length
    else if (--slab.chunkCount === 0) this.#recycle(slab)
  }

  #slabFor(sizeBytes: number): Slab {
    const current = this.#slab
    if (current && current.usedBytes + sizeBytes <= this.#slabBytes) return current
    this.#slab = this.#idleSlabs.pop() ?? this.#newSlab()
    return this.#slab
  }

  #newSlab(): Slab {
    this.#slabCount++
    return { memory: Buffer.allocUnsafeSlow(this.#slabBytes), usedBytes: 0, chunkCount: 0 }
  }

  /** Nobody else has a view of a slab: readers get copies. */
  #recycle(slab: Slab): void {
    slab.usedBytes = 0
    if (slab === this.#slab) return
    if (this.#idleSlabs.length < MAX_IDLE_SLABS) this.#idleSlabs.push(slab)
    else this.#slabCount--
  }
}

function copied(buffer: Buffer, slab: Slab): Buffer {
  const { usedBytes } = slab
  buffer.copy(slab.memory, usedBytes)
  slab.usedBytes += buffer.length
  slab.chunkCount++
  return slab.memory.subarray(usedBytes, slab.usedBytes)
}

/** A slice of a much larger buffer would keep all of that alive. */
function ownOf(buffer: Buffer): Buffer {
  return buffer.buffer.byteLength > 2 * buffer.length + 8192 ? Buffer.from(buffer) : buffer
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
    this.#chunks.push(this.#cache.add(this, buffer, baseOffset, nextOffset))
    this.#bytes += buffer.length
    while (this.#bytes > this.#cache.maxBytesPerLog) this.dropOldest()
    this.#cache.shrink()
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
   * batch when `minOneBatch`. The caller has checked that `startOffset` is at or above `baseOffset`. Copied into `memory`, unless they
   * are one piece that is in no slab.
   */
  read(
    startOffset: number,
    maxBytes: number,
    upperBoundOffset: number,
    minOneBatch: boolean,
    memory: ReadMemory,
  ): Buffer {
    const parts: Buffer[] = []
    let isInSlab = false
    let bytes = 0
    let first = minOneBatch
    for (let index = this.#chunkOf(startOffset); index < this.#chunks.length; index++) {
      const { buffer, nextOffset, slab } = this.#chunks[index]!
      const room = maxBytes - bytes
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
      isInSlab ||= slab !== undefined
      bytes += end - from
      if (end < buffer.length || bytes >= maxBytes) break
    }
    return parts.length === 1 && !isInSlab ? parts[0]! : joined(parts, bytes, memory)
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

function joined(parts: readonly Buffer[], sizeBytes: number, memory: ReadMemory): Buffer {
  const out = memory.take(sizeBytes)
  let at = 0
  for (const part of parts) at += part.copy(out, at)
  return out
}
