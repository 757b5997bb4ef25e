import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import type { ByteSink } from './byte-sink.ts'
import { type Deserializer, findDeserializer } from './deserializers.ts'
import type { Formatter, RecordOrigin } from './formatter.ts'

type WriteField = (cursor: RecordCursor, origin: RecordOrigin, sink: ByteSink) => void

const notPresent = 'NOT_PRESENT'

/** Kafka's DefaultMessageFormatter: the parts of a record that are wanted, with separators between them. */
export class DefaultFormatter implements Formatter {
  readonly needsTimestampType: boolean
  readonly #properties: ReadonlyMap<string, string>
  readonly #lineSeparator: Buffer
  readonly #headersSeparator: Buffer
  readonly #nullLiteral: Buffer
  readonly #fields: readonly WriteField[]
  readonly #separators: readonly Buffer[]
  readonly #isPlain: boolean
  readonly #own: ReadonlyMap<string, Deserializer>

  /** @param own deserializers by the name that a property gives them, where that is none of Kafka's classes */
  constructor(
    properties: ReadonlyMap<string, string>,
    io: Pick<Io, 'err'>,
    own: ReadonlyMap<string, Deserializer> = new Map(),
  ) {
    this.#properties = properties
    this.#own = own
    const keySeparator = this.#bytes('key.separator', '\t')
    this.#lineSeparator = this.#bytes('line.separator', '\n')
    this.#headersSeparator = this.#bytes('headers.separator', ',')
    this.#nullLiteral = this.#bytes('null.literal', 'null')
    this.needsTimestampType = this.#flag('print.timestamp', false)
    const key = this.#deserializer('key.deserializer', true, io)
    const value = this.#deserializer('value.deserializer', false, io)
    const headers = this.#deserializer('headers.deserializer', false, io)
    const all: readonly (readonly [wanted: boolean, write: WriteField])[] = [
      [this.needsTimestampType, (c, origin, sink) => sink.text(`${origin.timestampType}:${c.timestamp}`)],
      [this.#flag('print.partition', false), (_, origin, sink) => sink.text(`Partition:${origin.partition}`)],
      [this.#flag('print.offset', false), (cursor, _, sink) => sink.text(`Offset:${cursor.offset}`)],
      [
        this.#flag('print.delivery', false),
        (_, origin, sink) => sink.text(`Delivery:${origin.deliveryCount ?? notPresent}`),
      ],
      [this.#flag('print.epoch', false), (_cursor, _origin, sink) => sink.text(`Epoch:${notPresent}`)],
      [this.#flag('print.headers', false), (cursor, _, sink) => this.#writeHeaders(cursor, sink, headers)],
      [this.#flag('print.key', false), (c, _, sink) => this.#writeBytes(c.data, c.keyStart, c.keyEnd, sink, key)],
      [
        this.#flag('print.value', true),
        (c, _, sink) => this.#writeBytes(c.data, c.valueStart, c.valueEnd, sink, value),
      ],
    ]
    const wanted = all.filter(([isWanted]) => isWanted)
    this.#fields = wanted.map(([, write]) => write)
    this.#separators = wanted.map((_, i) => (i === wanted.length - 1 ? this.#lineSeparator : keySeparator))
    const hasValue = all.at(-1)![0]
    this.#isPlain = hasValue && wanted.length === 1 && value === undefined
  }

  write(cursor: RecordCursor, origin: RecordOrigin, sink: ByteSink): void {
    if (this.#isPlain) {
      if (cursor.valueStart < 0) sink.bytes(this.#nullLiteral)
      else sink.copy(cursor.data, cursor.valueStart, cursor.valueEnd)
      sink.bytes(this.#lineSeparator)
      return
    }
    for (let i = 0; i < this.#fields.length; i++) {
      this.#fields[i]!(cursor, origin, sink)
      sink.bytes(this.#separators[i]!)
    }
  }

  #writeBytes(data: Buffer, start: number, end: number, sink: ByteSink, deserializer: Deserializer | undefined): void {
    if (deserializer !== undefined) {
      sink.text(deserializer(start < 0 ? this.#nullLiteral : data.subarray(start, end)))
    } else if (start < 0) sink.bytes(this.#nullLiteral)
    else sink.copy(data, start, end)
  }

  #writeHeaders(cursor: RecordCursor, sink: ByteSink, deserializer: Deserializer | undefined): void {
    const headers = cursor.headers()
    if (headers.length === 0) sink.text('NO_HEADERS')
    headers.forEach(({ key, value }, i) => {
      if (i > 0) sink.bytes(this.#headersSeparator)
      sink.text(`${key}:`)
      const bytes = value ?? this.#nullLiteral
      if (deserializer === undefined) sink.bytes(bytes)
      else sink.text(deserializer(bytes))
    })
  }

  #flag(name: string, fallback: boolean): boolean {
    const text = this.#properties.get(name)
    return text === undefined ? fallback : text.trim().toLowerCase() === 'true'
  }

  #bytes(name: string, fallback: string): Buffer {
    return Buffer.from(this.#properties.get(name) ?? fallback, 'utf8')
  }

  #deserializer(name: string, isKey: boolean, io: Pick<Io, 'err'>): Deserializer | undefined {
    const className = this.#properties.get(name)
    if (className === undefined) return undefined
    const found = this.#own.get(className) ?? findDeserializer(className, this.#properties, name, isKey)
    if (found === undefined) {
      println(
        io.err,
        `ERROR Unable to instantiate a deserializer from ${className}: kt has those of org.apache.kafka.common.serialization. The bytes are printed as they are.`,
      )
    }
    return found
  }
}
