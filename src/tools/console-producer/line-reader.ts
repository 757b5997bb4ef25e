import { javaSplit } from '../shared/java.ts'

export interface LineHeader {
  key: string
  value: Buffer | null
}

export interface LineRecord {
  key: Buffer | null
  value: Buffer | null
  headers: LineHeader[] | null
  /** Chosen by the producer unless given. */
  partition?: number | undefined
  /** Milliseconds since 1970; now unless given. */
  timestamp?: number | undefined
}

/** Makes records of lines. */
export interface RecordReader {
  /** True when every line is a value as it is: nothing to look for in it. */
  readonly isPlain: boolean
  /** The records that a line holds; key and value may be views of `source`. */
  records(source: Buffer, start: number, end: number): readonly LineRecord[]
  /** After the last line: records it held back. */
  rest?(): readonly LineRecord[]
}

const isTrue = (text: string | undefined): boolean => text?.trim().toLowerCase() === 'true'

/** A line that can't be read, or a configuration of the reader that can't work. */
export class LineReaderError extends Error {
  override name = 'LineReaderError'
  readonly exceptionClass = 'org.apache.kafka.common.KafkaException'
}

/**
 * Turns lines into records as Kafka's LineMessageReader does. It works on bytes, so that lines that are no valid UTF-8 keep
 * their bytes.
 */
export class LineReader implements RecordReader {
  readonly parsesKey: boolean
  readonly parsesHeaders: boolean
  readonly keySeparator: Buffer
  readonly #headersDelimiter: Buffer
  readonly #headersSeparator: RegExp
  readonly #headersKeySeparator: string
  readonly #ignoreError: boolean
  readonly #nullMarker: Buffer | undefined
  #lineNumber = 0

  /** @throws LineReaderError when two of the separators are the same */
  constructor(properties: ReadonlyMap<string, string>) {
    const get = (name: string, fallback: string): string => properties.get(name) ?? fallback
    const keySeparator = get('key.separator', '\t')
    const delimiter = get('headers.delimiter', '\t')
    const separator = get('headers.separator', ',')
    const headerKeySeparator = get('headers.key.separator', ':')
    const marker = properties.get('null.marker')
    const differ = (a: string, b: string | undefined, names: string): void => {
      if (a === b) throw new LineReaderError(`${names} may not be equal`)
    }
    differ(delimiter, separator, 'headers.delimiter and headers.separator')
    differ(delimiter, headerKeySeparator, 'headers.delimiter and headers.key.separator')
    differ(separator, headerKeySeparator, 'headers.separator and headers.key.separator')
    differ(keySeparator, marker, 'null.marker and key.separator')
    differ(separator, marker, 'null.marker and headers.separator')
    differ(delimiter, marker, 'null.marker and headers.delimiter')
    differ(headerKeySeparator, marker, 'null.marker and headers.key.separator')
    this.parsesKey = isTrue(properties.get('parse.key'))
    this.parsesHeaders = isTrue(properties.get('parse.headers'))
    this.keySeparator = Buffer.from(keySeparator)
    this.#headersDelimiter = Buffer.from(delimiter)
    this.#headersSeparator = new RegExp(separator, 'u')
    this.#headersKeySeparator = headerKeySeparator
    this.#ignoreError = isTrue(properties.get('ignore.error'))
    this.#nullMarker = marker === undefined ? undefined : Buffer.from(marker)
  }

  /** True when every line is a value as it is: nothing to look for in it. */
  get isPlain(): boolean {
    return !this.parsesKey && !this.parsesHeaders && this.#nullMarker === undefined
  }

  /** True when a line is a key and a value and nothing can be null. */
  get isKeyValue(): boolean {
    return this.parsesKey && !this.parsesHeaders && this.#nullMarker === undefined
  }

  /**
   * Where the key of a line ends, for `isKeyValue` readers.
   * @returns -1 when there is no key and that is ignored
   * @throws LineReaderError when there is none
   */
  keyEnd(source: Buffer, start: number, end: number): number {
    this.#lineNumber++
    return this.#findEnd(source, start, start, end, this.keySeparator, 'key separator')
  }

  records(source: Buffer, start: number, end: number): readonly LineRecord[] {
    return [this.read(source, start, end)]
  }

  /**
   * One line as a record; key and value are views of `source`.
   * @throws LineReaderError naming the line
   */
  read(source: Buffer, start: number, end: number): LineRecord {
    this.#lineNumber++
    let position = start
    let headers: LineHeader[] | null = null
    let key: Buffer | null = null
    if (this.parsesHeaders) {
      const headersEnd = this.#findEnd(source, start, position, end, this.#headersDelimiter, 'headers delimiter')
      if (headersEnd >= 0) {
        const text = source.subarray(position, headersEnd)
        if (!this.#isNull(text)) headers = this.#readHeaders(text.toString('utf8'))
        position = headersEnd + this.#headersDelimiter.length
      }
    }
    if (this.parsesKey) {
      const keyEnd = this.#findEnd(source, start, position, end, this.keySeparator, 'key separator')
      if (keyEnd >= 0) {
        key = source.subarray(position, keyEnd)
        position = keyEnd + this.keySeparator.length
      }
    }
    const value = source.subarray(position, end)
    return {
      key: key === null || this.#isNull(key) ? null : key,
      value: this.#isNull(value) ? null : value,
      headers,
    }
  }

  #isNull(bytes: Buffer): boolean {
    return this.#nullMarker?.equals(bytes) ?? false
  }

  #findEnd(source: Buffer, lineStart: number, from: number, end: number, separator: Buffer, what: string): number {
    const found = source.subarray(from, end).indexOf(separator)
    if (found >= 0) return from + found
    if (this.#ignoreError) return -1
    const line = source.toString('utf8', lineStart, end)
    throw new LineReaderError(`No ${what} found on line number ${this.#lineNumber}: '${line}'`)
  }

  #readHeaders(text: string): LineHeader[] {
    return javaSplit(text, this.#headersSeparator).map((pair) => {
      const at = pair.indexOf(this.#headersKeySeparator)
      if (at < 0) {
        if (this.#ignoreError) return { key: pair, value: null }
        throw new LineReaderError(`No header key separator found in pair '${pair}' on line number ${this.#lineNumber}`)
      }
      const key = pair.slice(0, at)
      const marker = this.#nullMarker?.toString('utf8')
      if (key === marker) {
        throw new LineReaderError(
          `Header keys should not be equal to the null marker '${marker}' as they can't be null`,
        )
      }
      const value = pair.slice(at + this.#headersKeySeparator.length)
      return { key, value: value === marker ? null : Buffer.from(value, 'utf8') }
    })
  }
}
