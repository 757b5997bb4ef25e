import { readInt64, writeInt64 } from '../base/bytes.ts'
import type { FileSystem } from './file-system.ts'
import { CorruptIndexError, IndexFile } from './index-file.ts'

const ENTRY_BYTES = 34
const VERSION = 0

/** An aborted transaction, as read_committed consumers need it to skip its records. */
export interface AbortedTransaction {
  producerId: number
  firstOffset: number
  /** Offset of the abort marker. */
  lastOffset: number
  /** The last stable offset when the marker was written. */
  lastStableOffset: number
}

/**
 * The aborted transactions of a segment (Kafka's .txnindex): version int16, producer id, first, last and last stable
 * offset int64 each. The file exists only when there is an entry.
 */
export class TransactionIndex {
  readonly file: IndexFile

  constructor(fileSystem: FileSystem, path: string, baseOffset: number, fileExists: boolean) {
    this.file = new IndexFile(fileSystem, path, ENTRY_BYTES, fileExists, (entries, count) =>
      validate(path, entries, count, baseOffset),
    )
  }

  append(txn: AbortedTransaction): void {
    const at = this.file.append()
    const { entries } = this.file
    entries.writeInt16BE(VERSION, at)
    writeInt64(entries, at + 2, txn.producerId)
    writeInt64(entries, at + 10, txn.firstOffset)
    writeInt64(entries, at + 18, txn.lastOffset)
    writeInt64(entries, at + 26, txn.lastStableOffset)
  }

  all(): AbortedTransaction[] {
    return Array.from({ length: this.file.count }, (_, slot) => readEntry(this.file.entries, slot))
  }

  /**
   * Adds to `into` the transactions that overlap [fetchOffset, upperBoundOffset). Returns true when no later segment can
   * hold any more of them.
   */
  collect(fetchOffset: number, upperBoundOffset: number, into: AbortedTransaction[]): boolean {
    for (const txn of this.all()) {
      if (txn.lastOffset >= fetchOffset && txn.firstOffset < upperBoundOffset) into.push(txn)
      if (txn.lastStableOffset >= upperBoundOffset) return true
    }
    return false
  }

  /** Removes transactions that ended at or after `offset`. */
  truncateTo(offset: number): void {
    let count = this.file.count
    while (count > 0 && readEntry(this.file.entries, count - 1).lastOffset >= offset) count--
    this.file.truncateEntries(count)
  }
}

function readEntry(entries: Buffer, slot: number): AbortedTransaction {
  const at = slot * ENTRY_BYTES
  return {
    producerId: readInt64(entries, at + 2),
    firstOffset: readInt64(entries, at + 10),
    lastOffset: readInt64(entries, at + 18),
    lastStableOffset: readInt64(entries, at + 26),
  }
}

function validate(path: string, entries: Buffer, count: number, baseOffset: number): void {
  let last = baseOffset - 1
  for (let slot = 0; slot < count; slot++) {
    const txn = readEntry(entries, slot)
    const version = entries.readInt16BE(slot * ENTRY_BYTES)
    if (version !== VERSION || txn.lastOffset <= last || txn.firstOffset > txn.lastOffset) {
      throw new CorruptIndexError(`The transaction index ${path} is corrupt at entry ${slot}.`)
    }
    last = txn.lastOffset
  }
}
