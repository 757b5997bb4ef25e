/** Smaller buffers are cheap to make anew. */
const MIN_POOLED_BYTES = 32 * 1024
/** Bytes of buffers that wait to be used again. */
const MAX_IDLE_BYTES = 8 * 1024 * 1024
/** Sizes between two powers of two that buffers come in: at most a fifth of one is wasted. */
const SIZES_PER_DOUBLING = 4

/** The size that a buffer is made in. */
function pooledSize(sizeBytes: number): number {
  const step = 2 ** Math.floor(Math.log2(sizeBytes)) / SIZES_PER_DOUBLING
  return Math.ceil(sizeBytes / step) * step
}

/**
 * Buffers that records are read into on their way to clients. They are large and short-lived, so that making each anew would have the
 * garbage collector run for every few megabytes sent.
 */
export class ReadBuffers {
  /** By size; the sizes used last come last. */
  private readonly idle = new Map<number, ArrayBufferLike[]>()
  private idleBytes = 0

  /** A buffer of that many bytes, of any content. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes < MIN_POOLED_BYTES) return Buffer.allocUnsafe(sizeBytes)
    const size = pooledSize(sizeBytes)
    const found = this.idle.get(size)?.pop()
    if (found === undefined) return Buffer.allocUnsafeSlow(size).subarray(0, sizeBytes)
    this.idleBytes -= size
    return Buffer.from(found, 0, sizeBytes)
  }

  /** Takes back what `take` returned; nobody may look at it any more. */
  giveBack(buffer: Buffer): void {
    if (buffer.length < MIN_POOLED_BYTES) return
    const memory = buffer.buffer
    const size = memory.byteLength
    const sameSize = this.idle.get(size) ?? []
    sameSize.push(memory)
    this.idle.delete(size)
    this.idle.set(size, sameSize)
    this.idleBytes += size
    this.shrink()
  }

  /** Leaves what is too much to the garbage collector, sizes not used for long first. */
  private shrink(): void {
    for (const [size, buffers] of this.idle) {
      while (this.idleBytes > MAX_IDLE_BYTES && buffers.pop()) this.idleBytes -= size
      if (this.idleBytes <= MAX_IDLE_BYTES) return
      this.idle.delete(size)
    }
  }
}
