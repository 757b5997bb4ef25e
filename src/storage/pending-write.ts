import type { BatchHeader } from '../protocol/records/batch-header.ts'
import type { AbortedTransaction } from './transaction-index.ts'

/** What was appended in one turn of the event loop and goes to the file in one write. */
export class PendingWrite {
  readonly buffers: Buffer[] = []
  readonly headers: BatchHeader[] = []
  readonly aborted: AbortedTransaction[] = []
  sizeBytes = 0
  messages = 0
  nextOffset = 0
  /** Fulfilled when the bytes are written (and synced, where flush.messages asks for it); rejected with StorageError. */
  readonly written: Promise<void>
  resolve!: () => void
  reject!: (error: Error) => void

  constructor() {
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
}
