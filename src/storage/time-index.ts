import { readInt64, writeInt64 } from '../base/bytes.ts'
import type { FileSystem } from './file-system.ts'
import { CorruptIndexError, IndexFile } from './index-file.ts'

const ENTRY_BYTES = 12

export interface TimestampOffset {
  timestamp: number
  offset: number
}

/** Maps timestamps to offsets, sparsely: timestamp int64, relative offset int32 (Kafka's .timeindex). */
export class TimeIndex {
  readonly baseOffset: number
  readonly file: IndexFile

  constructor(fileSystem: FileSystem, path: string, baseOffset: number, fileExists: boolean) {
    this.baseOffset = baseOffset
    this.file = new IndexFile(fileSystem, path, ENTRY_BYTES, fileExists, (entries, count) =>
      validate(path, entries, count),
    )
  }

  /** The last entry; timestamp -1 at the base offset when there is none. */
  get lastEntry(): TimestampOffset {
    return this.file.count === 0 ? { timestamp: -1, offset: this.baseOffset } : this.#entry(this.file.count - 1)
  }

  isFull(maxBytes: number): boolean {
    // One entry is kept free for the largest timestamp, which is added when the segment is closed.
    return this.file.count >= Math.floor(maxBytes / ENTRY_BYTES) - 1
  }

  /** The entry with the greatest timestamp not above `timestamp`; timestamp -1 when all are above. */
  lookup(timestamp: number): TimestampOffset {
    const { entries, count } = this.file
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (readInt64(entries, middle * ENTRY_BYTES) <= timestamp) low = middle + 1
      else high = middle
    }
    return low === 0 ? { timestamp: -1, offset: this.baseOffset } : this.#entry(low - 1)
  }

  /** Adds an entry if its timestamp is above the last one's. */
  maybeAppend(timestamp: number, offset: number): void {
    const last = this.lastEntry
    if (timestamp <= last.timestamp || (this.file.count > 0 && offset < last.offset)) return
    const at = this.file.append()
    writeInt64(this.file.entries, at, timestamp)
    this.file.entries.writeInt32BE(offset - this.baseOffset, at + 8)
  }

  /** Removes entries whose offset is at or above `offset`. */
  truncateTo(offset: number): void {
    let count = this.file.count
    while (count > 0 && this.#entry(count - 1).offset >= offset) count--
    this.file.truncateEntries(count)
  }

  #entry(slot: number): TimestampOffset {
    const { entries } = this.file
    return {
      timestamp: readInt64(entries, slot * ENTRY_BYTES),
      offset: this.baseOffset + entries.readInt32BE(slot * ENTRY_BYTES + 8),
    }
  }
}

function validate(path: string, entries: Buffer, count: number): void {
  let lastTimestamp = -1
  let lastOffset = -1
  for (let slot = 0; slot < count; slot++) {
    const timestamp = readInt64(entries, slot * ENTRY_BYTES)
    const offset = entries.readInt32BE(slot * ENTRY_BYTES + 8)
    if (timestamp <= lastTimestamp || offset < lastOffset) {
      throw new CorruptIndexError(
        `The time index ${path} is corrupt: entry ${slot} (timestamp ${timestamp}, offset ${offset}) follows timestamp ${lastTimestamp}, offset ${lastOffset}.`,
      )
    }
    lastTimestamp = timestamp
    lastOffset = offset
  }
}
