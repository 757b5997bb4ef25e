/** Standard input in pieces, as they come. It is one for the whole process: what one task took, no other gets. */
export class StandardInput {
  readonly #chunks: Buffer[] = []
  #ended = false
  #wake: (() => void) | null = null
  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    // The rest waits in the pipe until these are read.
    process.stdin.pause()
    this.#wake?.()
  }
  readonly #onEnd = (): void => {
    this.#ended = true
    this.#wake?.()
  }

  constructor() {
    process.stdin.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onEnd)
  }

  /** @returns what has come, waiting up to `timeoutMs` for it; null: nothing */
  async read(signal: AbortSignal, timeoutMs: number): Promise<Buffer | null> {
    if (this.#chunks.length === 0) await this.#wait(signal, timeoutMs)
    return this.#chunks.shift() ?? null
  }

  #wait(signal: AbortSignal, timeoutMs: number): Promise<void> {
    if (timeoutMs === 0 || signal.aborted) return Promise.resolve()
    if (!this.#ended) process.stdin.resume()
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#wake = null
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      signal.addEventListener('abort', done)
      this.#wake = done
    })
  }

  close(): void {
    process.stdin.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onEnd)
    process.stdin.pause()
  }
}
