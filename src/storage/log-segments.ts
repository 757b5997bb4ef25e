import type { LogSegment } from './log-segment.ts'

/** The segments of a log, by base offset; the last one is active. */
export class LogSegments {
  #segments: LogSegment[] = []

  get all(): readonly LogSegment[] {
    return this.#segments
  }

  get count(): number {
    return this.#segments.length
  }

  get active(): LogSegment {
    const active = this.#segments.at(-1)
    if (active === undefined) throw new Error('A log always has an active segment, but this one has none.')
    return active
  }

  get first(): LogSegment | undefined {
    return this.#segments[0]
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0)
  }

  /** Adds a segment in its place; one of the same base offset is replaced. */
  add(segment: LogSegment): void {
    const at = this.#segments.findIndex((other) => other.baseOffset >= segment.baseOffset)
    if (at < 0) this.#segments.push(segment)
    else this.#segments.splice(at, this.#segments[at]!.baseOffset === segment.baseOffset ? 1 : 0, segment)
  }

  remove(segment: LogSegment): void {
    this.#segments = this.#segments.filter((other) => other !== segment)
  }

  clear(): void {
    this.#segments = []
  }

  /** Index of the segment with the greatest base offset not above `offset`, -1 if there is none. */
  floorIndex(offset: number): number {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#segments[middle]!.baseOffset <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** The segments that can hold offsets in [from, to). */
  range(from: number, to: number): LogSegment[] {
    const start = Math.max(0, this.floorIndex(from))
    return this.#segments.slice(start).filter((segment) => segment.baseOffset < to)
  }
}
