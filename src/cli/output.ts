import { write, writeSync } from 'node:fs'

/** Where a command writes. `write` never blocks for long and keeps order; `drain` resolves when little is waiting. */
export interface Output {
  write(data: string | Buffer): void
  /** Resolves at once while less than the high-water mark is waiting; to be awaited in loops that write a lot. */
  drain(): Promise<void>
  /** Resolves when everything is written. */
  flush(): Promise<void>
  /** True once the reader has gone away (`| head`); what is written after that vanishes. */
  readonly closed: boolean
}

const chunkBytes = 256 * 1024
const highWaterBytes = 4 * 1024 * 1024
const retryMs = 2

const isBrokenPipe = (error: NodeJS.ErrnoException): boolean => error.code === 'EPIPE' || error.code === 'ECONNRESET'

const pause = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/**
 * A buffered writer on a file descriptor. Small pieces are gathered into chunks, chunks are written one at a time off the event
 * loop, so that a slow reader of stdout stops neither heartbeats nor fetches; `drain` gives backpressure. process.stdout is not
 * used because loading it costs start-up time and its writes to pipes block.
 */
export class FdOutput implements Output {
  readonly #fd: number
  #closed = false
  #chunk = Buffer.allocUnsafe(0)
  #used = 0
  #queue: Buffer[] = []
  #queuedBytes = 0
  #writing = false
  #waiters: { limit: number; resolve: () => void; reject: (error: Error) => void }[] = []
  #error: Error | undefined
  #scheduled = false

  constructor(fd: number) {
    this.#fd = fd
  }

  get closed(): boolean {
    return this.#closed
  }

  get #pendingBytes(): number {
    return this.#queuedBytes + this.#used
  }

  write(data: string | Buffer): void {
    if (this.#closed || this.#error !== undefined) return
    if (typeof data === 'string') {
      if (data.length === 0) return
      this.#append(Buffer.from(data, 'utf8'))
    } else if (data.length >= chunkBytes) {
      this.#sealChunk()
      this.#enqueue(data)
    } else if (data.length > 0) this.#append(data)
  }

  drain(): Promise<void> {
    return this.#whenBelow(highWaterBytes)
  }

  flush(): Promise<void> {
    this.#sealChunk()
    return this.#whenBelow(0)
  }

  #append(data: Buffer): void {
    if (this.#used + data.length > this.#chunk.length) {
      this.#sealChunk()
      this.#chunk = Buffer.allocUnsafe(Math.max(data.length, this.#chunk.length === 0 ? 4096 : chunkBytes))
    }
    data.copy(this.#chunk, this.#used)
    this.#used += data.length
    if (this.#used >= chunkBytes / 2) this.#sealChunk()
    else this.#scheduleFlush()
  }

  /** Lines that trickle in appear at the end of the turn, as they do with a line-buffered terminal program. */
  #scheduleFlush(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#sealChunk()
    })
  }

  #sealChunk(): void {
    if (this.#used === 0) return
    const full = this.#chunk.subarray(0, this.#used)
    this.#chunk = this.#chunk.subarray(this.#used)
    this.#used = 0
    this.#enqueue(full)
  }

  #enqueue(buffer: Buffer): void {
    this.#queue.push(buffer)
    this.#queuedBytes += buffer.length
    if (!this.#writing) this.#writeNext()
  }

  #writeNext(): void {
    const buffer = this.#queue[0]
    if (buffer === undefined || this.#closed) {
      this.#writing = false
      return
    }
    this.#writing = true
    write(this.#fd, buffer, 0, buffer.length, null, (error, written) => {
      if (error === null) {
        this.#advance(written)
        this.#writeNext()
      } else if (error.code === 'EAGAIN') setTimeout(() => this.#writeNext(), retryMs)
      else this.#fail(error)
    })
  }

  #advance(written: number): void {
    const buffer = this.#queue[0]!
    if (written >= buffer.length) this.#queue.shift()
    else this.#queue[0] = buffer.subarray(written)
    this.#queuedBytes -= written
    this.#wake()
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#writing = false
    this.#queue = []
    this.#queuedBytes = 0
    this.#used = 0
    if (isBrokenPipe(error)) this.#closed = true
    else this.#error = new Error(`cannot write to file descriptor ${this.#fd}: ${error.message}`, { cause: error })
    this.#wake()
  }

  #whenBelow(limit: number): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#closed || this.#pendingBytes <= limit) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiters.push({ limit, resolve, reject }))
  }

  #wake(): void {
    if (this.#waiters.length === 0) return
    const waiting = this.#waiters
    this.#waiters = []
    for (const waiter of waiting) {
      if (this.#error !== undefined) waiter.reject(this.#error)
      else if (this.#closed || this.#pendingBytes <= waiter.limit) waiter.resolve()
      else this.#waiters.push(waiter)
    }
  }
}

/** Unbuffered writes: diagnostics must be out before anything that follows can go wrong. */
export class SyncOutput implements Output {
  readonly #fd: number
  #closed = false

  constructor(fd: number) {
    this.#fd = fd
  }

  get closed(): boolean {
    return this.#closed
  }

  write(data: string | Buffer): void {
    let rest = typeof data === 'string' ? Buffer.from(data, 'utf8') : data
    while (rest.length > 0 && !this.#closed) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#closed = true
        else pause(retryMs)
      }
    }
  }

  drain(): Promise<void> {
    return Promise.resolve()
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }
}
