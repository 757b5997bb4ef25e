import type { FileSystem } from './file-system.ts'
import { CorruptIndexError, IndexFile } from './index-file.ts'

const ENTRY_BYTES = 8

/** Maps offsets to byte positions, sparsely: relative offset int32, position int32 (Kafka's .index). */
export class OffsetIndex {
  readonly baseOffset: number
  readonly file: IndexFile

  /** @param logSizeBytes size of the segment, to tell entries that point beyond it; called when the file is loaded. */
  constructor(
    fileSystem: FileSystem,
    path: string,
    baseOffset: number,
    fileExists: boolean,
    logSizeBytes: () => number,
  ) {
    this.baseOffset = baseOffset
    this.file = new IndexFile(fileSystem, path, ENTRY_BYTES, fileExists, (entries, count) =>
      validate(path, entries, count, logSizeBytes()),
    )
  }

  /** The offset of the last entry, the base offset when there is none. */
  get lastOffset(): number {
    const { count, entries } = this.file
    return count === 0 ? this.baseOffset : this.baseOffset + entries.readInt32BE((count - 1) * ENTRY_BYTES)
  }

  isFull(maxBytes: number): boolean {
    return this.file.count >= Math.floor(maxBytes / ENTRY_BYTES)
  }

  /** The entry with the greatest offset not above `offset`; position 0 when all are above. */
  lookup(offset: number): { offset: number; position: number } {
    const slot = this.#slotFor(offset)
    if (slot < 0) return { offset: this.baseOffset, position: 0 }
    const { entries } = this.file
    return {
      offset: this.baseOffset + entries.readInt32BE(slot * ENTRY_BYTES),
      position: entries.readInt32BE(slot * ENTRY_BYTES + 4),
    }
  }

  append(offset: number, position: number): void {
    if (this.file.count > 0 && offset <= this.lastOffset) return
    const at = this.file.append()
    this.file.entries.writeInt32BE(offset - this.baseOffset, at)
    this.file.entries.writeInt32BE(position, at + 4)
  }

  /** Removes entries at or above `offset`. */
  truncateTo(offset: number): void {
    this.file.truncateEntries(this.#slotFor(offset - 1) + 1)
  }

  #slotFor(offset: number): number {
    const { entries, count } = this.file
    const relative = offset - this.baseOffset
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (entries.readInt32BE(middle * ENTRY_BYTES) <= relative) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

function validate(path: string, entries: Buffer, count: number, logSizeBytes: number): void {
  let lastOffset = -1
  let lastPosition = -1
  for (let slot = 0; slot < count; slot++) {
    const offset = entries.readInt32BE(slot * ENTRY_BYTES)
    const position = entries.readInt32BE(slot * ENTRY_BYTES + 4)
    if (offset <= lastOffset || position <= lastPosition || position >= logSizeBytes) {
      throw new CorruptIndexError(
        `The offset index ${path} is corrupt: entry ${slot} (offset ${offset}, position ${position}) follows offset ${lastOffset}, position ${lastPosition} in a log of ${logSizeBytes} bytes.`,
      )
    }
    lastOffset = offset
    lastPosition = position
  }
}
