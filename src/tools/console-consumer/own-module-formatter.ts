import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import { loadOwnModule, OwnModuleError, ownBytes, ownFunction } from '../shared/own-module.ts'
import type { ByteSink } from './byte-sink.ts'
import type { Deserializer } from './deserializers.ts'
import type { Formatter, RecordOrigin } from './formatter.ts'

type Properties = ReadonlyMap<string, string>

/** A record as a user's formatter gets it. Bytes are views, good until the function returns. */
export interface FormatterRecord {
  topic: string
  partition: number
  offset: number
  /** Milliseconds since 1970. */
  timestamp: number
  timestampType: 'CreateTime' | 'LogAppendTime'
  key: Buffer | null
  value: Buffer | null
  headers: readonly { key: string; value: Buffer | null }[]
  /** In share groups: how often it was handed out. */
  deliveryCount?: number
}

/**
 * A formatter of the user's own: a module whose default export is `(record) => text or bytes`, or an object with such a function as
 * `format`, and if it likes `configure(properties)` before and `close()` after all records. What they give is printed as it is.
 */
class OwnModuleFormatter implements Formatter {
  readonly needsTimestampType = true
  readonly #path: string
  readonly #format: (record: FormatterRecord) => unknown
  readonly #close: (() => unknown) | undefined

  constructor(path: string, format: (record: FormatterRecord) => unknown, close: (() => unknown) | undefined) {
    this.#path = path
    this.#format = format
    this.#close = close
  }

  write(cursor: RecordCursor, origin: RecordOrigin, sink: ByteSink): void {
    const { offset, timestamp } = cursor
    const fields = { key: cursor.key(), value: cursor.value(), headers: cursor.headers() }
    const bytes = ownBytes(this.#format({ ...origin, offset, timestamp, ...fields }), this.#path)
    if (bytes !== null) sink.bytes(bytes)
  }

  end(sink: ByteSink): void {
    const bytes = ownBytes(this.#close?.(), `close of ${this.#path}`)
    if (bytes !== null) sink.bytes(bytes)
  }
}

/** @throws OwnModuleError */
export async function ownModuleFormatter(path: string, properties: Properties): Promise<Formatter> {
  const exported = await loadOwnModule(path)
  const format = ownFunction<(record: FormatterRecord) => unknown>(exported, 'format')
  if (format === undefined) {
    throw new OwnModuleError(`${path} exports no formatter.`, "export default (record) => record.value + '\\n'")
  }
  if (typeof exported === 'function') return new OwnModuleFormatter(path, format, undefined)
  ownFunction<(properties: object) => void>(exported, 'configure')?.(Object.fromEntries(properties))
  return new OwnModuleFormatter(path, format, ownFunction(exported, 'close'))
}

/**
 * A deserializer of the user's own: a module whose default export is `(bytes) => text`.
 * @throws OwnModuleError
 */
export async function ownModuleDeserializer(path: string): Promise<Deserializer> {
  const deserialize = ownFunction<(bytes: Buffer) => unknown>(await loadOwnModule(path), 'deserialize')
  if (deserialize === undefined) {
    throw new OwnModuleError(`${path} exports no deserializer.`, 'export default (bytes) => bytes.toString()')
  }
  return (bytes) => ownBytes(deserialize(bytes), path)?.toString('utf8') ?? 'null'
}
