import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import { type OwnModule, openOwnModule, ownBytes } from '../shared/own-module.ts'
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

type Format = (record: FormatterRecord) => unknown

/**
 * A formatter of the user's own: a module whose default export is `(record) => text or bytes`, or an object with such a function as
 * `format`, and if it likes `configure(properties)` before and `close()` after all records. What they give is printed as it is.
 */
class OwnModuleFormatter implements Formatter {
  readonly needsTimestampType = true
  readonly #path: string
  readonly #module: OwnModule<Format>

  constructor(path: string, module: OwnModule<Format>) {
    this.#path = path
    this.#module = module
  }

  write(cursor: RecordCursor, origin: RecordOrigin, sink: ByteSink): void {
    const { offset, timestamp } = cursor
    const fields = { key: cursor.key(), value: cursor.value(), headers: cursor.headers() }
    const bytes = ownBytes(this.#module.call({ ...origin, offset, timestamp, ...fields }), this.#path)
    if (bytes !== null) sink.bytes(bytes)
  }

  end(sink: ByteSink): void {
    const bytes = ownBytes(this.#module.close?.(), `close of ${this.#path}`)
    if (bytes !== null) sink.bytes(bytes)
  }
}

/** @throws OwnModuleError */
export async function ownModuleFormatter(path: string, properties: Properties): Promise<Formatter> {
  const use = { what: 'formatter', name: 'format', example: "export default (record) => record.value + '\\n'" }
  return new OwnModuleFormatter(path, await openOwnModule(path, use, properties))
}

/**
 * A deserializer of the user's own: a module whose default export is `(bytes) => text`.
 * @throws OwnModuleError
 */
export async function ownModuleDeserializer(path: string): Promise<Deserializer> {
  const use = { what: 'deserializer', name: 'deserialize', example: 'export default (bytes) => bytes.toString()' }
  const { call } = await openOwnModule<(bytes: Buffer) => unknown>(path, use)
  return (bytes) => ownBytes(call(bytes), path)?.toString('utf8') ?? 'null'
}
