/** Where the bytes of a read go. Whoever reads often can use the same memory again. */
export interface ReadMemory {
  /** A buffer of exactly that many bytes, of any content. */
  take(sizeBytes: number): Buffer
  /** The reader needs a buffer that it took no longer, and has given it to nobody. */
  giveBack(buffer: Buffer): void
}

/** New memory each time. */
export const FRESH_MEMORY: ReadMemory = {
  take: (sizeBytes) => Buffer.allocUnsafe(sizeBytes),
  giveBack: () => {},
}
