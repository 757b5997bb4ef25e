import type { Output } from '../../cli/output.ts'

const initialBytes = 64 * 1024
const fullBytes = 1024 * 1024
/** Below this a loop is faster than the copy of the runtime, which makes an object for every call. */
const loopBytes = 24

/** Gathers many small pieces of bytes into large buffers for an Output. */
export class ByteSink {
  readonly #out: Output
  #buffer = Buffer.allocUnsafe(initialBytes)
  #used = 0

  constructor(out: Output) {
    this.#out = out
  }

  /** Appends the bytes of `source` from `start` to `end`. */
  copy(source: Buffer, start: number, end: number): void {
    const length = end - start
    if (this.#used + length > this.#buffer.length) {
      this.#next(length)
      if (length >= fullBytes) {
        this.#out.write(Buffer.from(source.subarray(start, end)))
        return
      }
    }
    if (length > loopBytes) source.copy(this.#buffer, this.#used, start, end)
    else {
      const target = this.#buffer
      let at = this.#used
      for (let i = start; i < end; i++) target[at++] = source[i]!
    }
    this.#used += length
  }

  /** Appends all of `bytes`. */
  bytes(bytes: Buffer): void {
    this.copy(bytes, 0, bytes.length)
  }

  /** Appends text as UTF-8. */
  text(text: string): void {
    this.bytes(Buffer.from(text, 'utf8'))
  }

  /** Hands what is gathered to the output. */
  flush(): void {
    if (this.#used === 0) return
    this.#out.write(this.#buffer.subarray(0, this.#used))
    this.#buffer = this.#buffer.subarray(this.#used)
    this.#used = 0
  }

  #next(least: number): void {
    this.flush()
    if (this.#buffer.length < least) this.#buffer = Buffer.allocUnsafe(Math.max(fullBytes, Math.min(least, fullBytes)))
  }
}
