import { createHash } from 'node:crypto'

/** What an entry costs beside its key, roughly. */
const ENTRY_BYTES = 64
const LONG_KEY_BYTES = 32

/** The last offset of each key, for compaction. Bounded; long keys are kept as their MD5, as Kafka keeps all. */
export class OffsetMap {
  readonly #maxBytes: number
  readonly #offsets = new Map<string, number>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes
  }

  put(key: Buffer, offset: number): void {
    const text = textOf(key)
    if (!this.#offsets.has(text)) this.#bytes += ENTRY_BYTES + text.length
    this.#offsets.set(text, offset)
  }

  /** The last offset of the key, -1 when it isn't here. */
  get(key: Buffer): number {
    return this.#offsets.get(textOf(key)) ?? -1
  }
}

function textOf(key: Buffer): string {
  if (key.length <= LONG_KEY_BYTES) return key.toString('latin1')
  // Longer than any key that stands for itself: the length tells them apart.
  return `${'#'.repeat(LONG_KEY_BYTES)}${createHash('md5').update(key).digest().toString('latin1')}`
}
