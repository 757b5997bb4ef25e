const lf = 10
const cr = 13

/** Gets one line: the bytes of `source` from `start` to `end`, valid during the call only. */
export type OnLine = (source: Buffer, start: number, end: number) => void

/** A line is longer than it may be; thrown before it is read to its end. */
export class LineTooLongError extends Error {
  override name = 'LineTooLongError'
}

/**
 * Cuts chunks of bytes into lines at \n, \r and \r\n, as Java's BufferedReader does. Lines are not copied, only one that spans
 * two chunks is.
 */
export class LineSplitter {
  readonly #onLine: OnLine
  readonly #maxLineBytes: number
  #carry: Buffer[] = []
  #carryBytes = 0
  #skipLf = false

  /** @param maxLineBytes how much of a line that spans chunks is kept at most */
  constructor(onLine: OnLine, maxLineBytes = Number.POSITIVE_INFINITY) {
    this.#onLine = onLine
    this.#maxLineBytes = maxLineBytes
  }

  /**
   * Cuts a chunk from `from` on.
   * @param goOn asked after each line; false stops there
   * @returns where to go on in the chunk, or its length when it is used up
   * @throws LineTooLongError
   */
  push(chunk: Buffer, from: number, goOn: () => boolean): number {
    const hasCr = chunk.indexOf(cr, from) >= 0
    let start = from
    while (start < chunk.length) {
      if (this.#skipLf) {
        this.#skipLf = false
        if (chunk[start] === lf) {
          start++
          continue
        }
      }
      const end = hasCr ? this.#lineEnd(chunk, start) : chunk.indexOf(lf, start)
      if (end < 0) {
        this.#keep(chunk, start)
        return chunk.length
      }
      this.#emit(chunk, start, end)
      if (chunk[end] === cr) this.#skipLf = true
      start = end + 1
      if (!goOn()) return start
    }
    return start
  }

  /** Emits what is left when the input ends without a line break. */
  end(): void {
    if (this.#carryBytes === 0) return
    const line = Buffer.concat(this.#carry)
    this.#carry = []
    this.#carryBytes = 0
    this.#onLine(line, 0, line.length)
  }

  #lineEnd(chunk: Buffer, start: number): number {
    const atLf = chunk.indexOf(lf, start)
    const atCr = chunk.indexOf(cr, start)
    return atCr < 0 ? atLf : atLf < 0 ? atCr : Math.min(atLf, atCr)
  }

  #keep(chunk: Buffer, start: number): void {
    if (this.#carryBytes + chunk.length - start > this.#maxLineBytes) {
      throw new LineTooLongError(`it is longer than ${this.#maxLineBytes} bytes`)
    }
    const rest = Buffer.from(chunk.subarray(start))
    this.#carry.push(rest)
    this.#carryBytes += rest.length
  }

  #emit(chunk: Buffer, start: number, end: number): void {
    if (this.#carryBytes === 0) {
      this.#onLine(chunk, start, end)
      return
    }
    const line = Buffer.concat([...this.#carry, chunk.subarray(start, end)])
    this.#carry = []
    this.#carryBytes = 0
    this.#onLine(line, 0, line.length)
  }
}
