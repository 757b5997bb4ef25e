import type { Output } from '../../cli/output.ts'

const initialBytes = 64 * 1024
const fullBytes = 1024 * 1024
const windowBytes = 256 * 1024
/** Below this a loop is faster than a call of the runtime. */
const loopBytes = 24

/**
 * Gathers many small pieces of bytes into large buffers for an Output.
 *
 * A copy from one buffer to a part of another costs the runtime an object each time, one within a buffer costs a third of that and
 * leaves no garbage. So pieces of a source that go by in order come from a window on it, loaded into the same memory at once.
 */
export class ByteSink {
  readonly #out: Output
  #buffer = Buffer.allocUnsafe(initialBytes)
  /** What is gathered lies from here to `#used`. */
  #start = 0
  #used = 0
  /** Where gathered bytes have to end: the window comes after them. */
  #limit = initialBytes
  /** What the window shows. */
  #source: Buffer | undefined
  #windowStart = 0
  #windowEnd = 0

  constructor(out: Output) {
    this.#out = out
  }

  /** Appends the bytes of `source` from `start` to `end`. Cheap for pieces of one source in the order they lie there. */
  copy(source: Buffer, start: number, end: number): void {
    const length = end - start
    if (this.#used + length > this.#limit) {
      this.#next(length)
      if (length > this.#limit) {
        this.#out.write(Buffer.from(source.subarray(start, end)))
        return
      }
    }
    if (length <= loopBytes) {
      const target = this.#buffer
      let at = this.#used
      for (let i = start; i < end; i++) target[at++] = source[i]!
    } else if (length > windowBytes || this.#limit === this.#buffer.length) {
      source.copy(this.#buffer, this.#used, start, end)
    } else {
      if (source !== this.#source || start < this.#windowStart || end > this.#windowEnd) this.#show(source, start)
      const shift = this.#limit - this.#windowStart
      this.#buffer.copyWithin(this.#used, start + shift, end + shift)
    }
    this.#used += length
  }

  /** Appends all of `bytes`. */
  bytes(bytes: Buffer): void {
    // Not through the window, which stays where the other pieces come from.
    if (bytes.length <= loopBytes || this.#used + bytes.length > this.#limit) this.copy(bytes, 0, bytes.length)
    else {
      bytes.copy(this.#buffer, this.#used)
      this.#used += bytes.length
    }
  }

  /** Appends text as UTF-8. */
  text(text: string): void {
    this.bytes(Buffer.from(text, 'utf8'))
  }

  /**
   * The memory to write the next bytes into directly, from `position` on; `advance` tells how far it went.
   * @param least how many bytes there has to be room for, at most 64 KiB
   */
  room(least: number): Buffer {
    if (this.#used + least > this.#limit) this.#next(least)
    return this.#buffer
  }

  get position(): number {
    return this.#used
  }

  advance(position: number): void {
    this.#used = position
  }

  /** Hands what is gathered to the output, and lets go of the source. */
  flush(): void {
    this.#source = undefined
    if (this.#used === this.#start) return
    this.#out.write(this.#buffer.subarray(this.#start, this.#used))
    this.#start = this.#used
  }

  #show(source: Buffer, start: number): void {
    const end = Math.min(source.length, start + windowBytes)
    source.copy(this.#buffer, this.#limit, start, end)
    this.#source = source
    this.#windowStart = start
    this.#windowEnd = end
  }

  /** A new buffer, unless a piece is too large for any. The output still holds the last one. */
  #next(least: number): void {
    this.flush()
    if (least > fullBytes) return
    this.#buffer = Buffer.allocUnsafe(fullBytes + windowBytes)
    this.#start = 0
    this.#used = 0
    this.#limit = fullBytes
  }
}
