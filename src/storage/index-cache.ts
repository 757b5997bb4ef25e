const DEFAULT_MAX_BYTES = 16 * 1024 * 1024

/** A holder of indexes that can be read again from their files. */
export interface IndexHolder {
  readonly residentIndexBytes: number
  evictIndexes(): void
}

/** Bounds the memory of indexes read for old offsets: the least recently used are given back. */
export class IndexCache {
  readonly #maxBytes: number
  readonly #bytesOf = new Map<IndexHolder, number>()
  #bytes = 0

  constructor(maxBytes = DEFAULT_MAX_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** Notes a use. */
  touch(holder: IndexHolder): void {
    this.forget(holder)
    const bytes = holder.residentIndexBytes
    this.#bytesOf.set(holder, bytes)
    this.#bytes += bytes
    for (const other of this.#bytesOf.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      if (other === holder) continue
      other.evictIndexes()
      this.forget(other)
    }
  }

  forget(holder: IndexHolder): void {
    this.#bytes -= this.#bytesOf.get(holder) ?? 0
    this.#bytesOf.delete(holder)
  }
}
