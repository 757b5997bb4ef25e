import { javaTrim } from '../../config/java-number.ts'

const DELIMITERS = new Set(['"', ',', ':', '[', ']', '{', '}'])

/** Cuts a text at the delimiters of lists and maps; a backslash takes a delimiter its meaning (Values.Parser). */
export class ValueTokens {
  readonly original: string
  private position = 0
  private peeked: string | null = null
  private last: string | null = null

  constructor(original: string) {
    this.original = original
  }

  /** Where the tokens read so far end, a peeked one included. */
  get end(): number {
    return this.position
  }

  get previous(): string | null {
    return this.last
  }

  /** @returns a place for `rewind` */
  mark(): number {
    return this.position - (this.peeked?.length ?? 0)
  }

  rewind(position: number): void {
    this.position = position
    this.peeked = null
    this.last = null
  }

  hasNext(): boolean {
    return this.peeked !== null || this.position < this.original.length
  }

  next(): string {
    this.last = this.peeked ?? this.read()
    this.peeked = null
    return this.last
  }

  /** @returns the next tokens as one text; null, and nothing read, if there are fewer */
  take(count: number): string | null {
    const start = this.mark()
    for (let i = 0; i < count; i++) {
      if (!this.hasNext()) {
        this.rewind(start)
        return null
      }
      this.next()
    }
    return this.original.slice(start, this.position)
  }

  /** Reads the next token if it is this one, blanks before and around it aside. */
  consume(expected: string): boolean {
    if (this.peeked === null) {
      if (!this.hasNext()) return false
      this.peeked = this.read()
    }
    while (javaTrim(this.peeked) === '' && this.position < this.original.length) this.peeked = this.read()
    if (javaTrim(this.peeked) !== expected) return false
    this.peeked = null
    return true
  }

  private read(): string {
    const start = this.position
    let isEscaped = false
    for (; this.position < this.original.length; this.position++) {
      const char = this.original[this.position]!
      if (DELIMITERS.has(char) && !isEscaped) {
        if (this.position === start) this.position++
        return this.original.slice(start, this.position)
      }
      isEscaped = char === '\\' && !isEscaped
    }
    return this.original.slice(start)
  }
}
