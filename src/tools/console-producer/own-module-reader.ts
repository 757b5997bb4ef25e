import { type OwnModule, OwnModuleError, openOwnModule, ownBytes } from '../shared/own-module.ts'
import type { LineRecord, RecordReader } from './line-reader.ts'

type Properties = ReadonlyMap<string, string>

/** Answers what a line is: nothing, a value, a record, or several of them. */
type Read = (line: string, bytes: Buffer) => unknown

const FIELDS = new Set(['key', 'value', 'headers', 'partition', 'timestamp'])

/**
 * A reader of the user's own: a module whose default export is `(line, bytes) => record`, or an object with such a function as `read`, and
 * if it likes `configure(properties)` before all lines and `close()` after them, which may give records too. A record is a value (text or bytes), or
 * `{ key, value, headers, partition, timestamp }`; a list is several, null none.
 */
class OwnModuleReader implements RecordReader {
  readonly isPlain = false
  readonly #path: string
  readonly #module: OwnModule<Read>
  #lineNumber = 0

  constructor(path: string, module: OwnModule<Read>) {
    this.#path = path
    this.#module = module
  }

  records(source: Buffer, start: number, end: number): LineRecord[] {
    this.#lineNumber++
    const bytes = source.subarray(start, end)
    return this.#recordsOf(this.#module.call(bytes.toString('utf8'), bytes), `${this.#path}, line ${this.#lineNumber}`)
  }

  rest(): LineRecord[] {
    return this.#recordsOf(this.#module.close?.(), `close of ${this.#path}`)
  }

  #recordsOf(answer: unknown, what: string): LineRecord[] {
    if (Array.isArray(answer)) return answer.map((one) => recordOf(one, what))
    return answer === null || answer === undefined ? [] : [recordOf(answer, what)]
  }
}

function recordOf(given: unknown, what: string): LineRecord {
  const isRecord =
    typeof given === 'object' && given !== null && !(given instanceof Uint8Array) && !(given instanceof Promise)
  if (!isRecord) return { key: null, value: ownBytes(given, what), headers: null }
  const stranger = Object.keys(given).find((name) => !FIELDS.has(name))
  if (stranger !== undefined) {
    throw new OwnModuleError(`${what} gave a record with ${stranger}; a record has ${[...FIELDS].join(', ')}.`)
  }
  const { key, value, headers, partition, timestamp } = given as Record<string, unknown>
  return {
    key: ownBytes(key, `${what}: key`),
    value: ownBytes(value, `${what}: value`),
    headers: headersOf(headers, what),
    partition: integerOf(partition, `${what}: partition`),
    timestamp: integerOf(timestamp, `${what}: timestamp`),
  }
}

function headersOf(given: unknown, what: string): LineRecord['headers'] {
  if (given === undefined || given === null) return null
  if (!Array.isArray(given)) throw new OwnModuleError(`${what}: headers is a list of { key, value }.`)
  return given.map((header: unknown) => {
    const { key, value } = (header ?? {}) as Record<string, unknown>
    if (typeof key !== 'string') throw new OwnModuleError(`${what}: a header has no key that is text.`)
    return { key, value: ownBytes(value, `${what}: header ${key}`) }
  })
}

function integerOf(given: unknown, what: string): number | undefined {
  if (given === undefined || given === null) return undefined
  if (Number.isSafeInteger(given) && (given as number) >= 0) return given as number
  throw new OwnModuleError(`${what} is a whole number, not ${String(given)}.`)
}

/** @throws OwnModuleError */
export async function ownModuleReader(path: string, properties: Properties): Promise<RecordReader> {
  const use = { what: 'line reader', name: 'read', example: 'export default (line) => ({ value: line })' }
  return new OwnModuleReader(path, await openOwnModule(path, use, properties))
}
