import type { BatchHeader } from '../protocol/records/batch-header.ts'
import { lastOffsetOf } from './append-batches.ts'
import type { EpochEntry } from './leader-epoch-cache.ts'
import type { LogTail } from './tail-cache.ts'
import type { AbortedTransaction } from './transaction-index.ts'

const JOIN_BELOW_BYTES = 4 * 1024

/** What was appended in one turn of the event loop and goes to the file in one write. */
export class PendingWrite {
  readonly buffers: Buffer[] = []
  readonly headers: BatchHeader[] = []
  readonly aborted: AbortedTransaction[] = []
  readonly epochsBefore: readonly EpochEntry[]
  sizeBytes = 0
  messages = 0
  nextOffset = 0
  /** Fulfilled when the bytes are written (and synced, where flush.messages asks for it); rejected with StorageError. */
  readonly written: Promise<void>
  resolve!: () => void
  reject!: (error: Error) => void

  /** @param epochsBefore what to go back to when the write fails */
  constructor(epochsBefore: readonly EpochEntry[]) {
    this.epochsBefore = epochsBefore
    this.written = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // An appender that doesn't wait must not bring the process down.
    this.written.catch(() => {})
  }

  add(buffer: Buffer, headers: readonly BatchHeader[], nextOffset: number): void {
    this.buffers.push(buffer)
    for (const header of headers) {
      this.headers.push(header)
      this.messages += header.lastOffsetDelta + 1
    }
    this.sizeBytes += buffer.length
    this.nextOffset = nextOffset
  }

  /** What to write. Copying small batches into one buffer costs less than a long iovec. */
  joined(): readonly Buffer[] {
    const { buffers, sizeBytes } = this
    return buffers.length > 1 && sizeBytes / buffers.length < JOIN_BELOW_BYTES ? [Buffer.concat(buffers)] : buffers
  }

  /** Puts the written buffers into the log's tail in memory. */
  cacheIn(tail: LogTail, buffers: readonly Buffer[]): void {
    let index = 0
    for (const buffer of buffers) {
      const first = this.headers[index]!
      let last = first
      for (let bytes = 0; bytes < buffer.length; index++) {
        last = this.headers[index]!
        bytes += last.sizeBytes
      }
      tail.add(buffer, first.baseOffset, lastOffsetOf(last) + 1)
    }
  }
}
