import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import type { OffsetMap } from '../api/record.ts'
import { ConnectError } from '../data/errors.ts'
import { readJavaMap, writeJavaMap } from './java-map.ts'
import { canonicalJson, type Json, parseJson, writeJson } from './json.ts'

interface Entry {
  readonly connector: string
  readonly partition: OffsetMap
  /** As it stands in the file: Java looks offsets up by these bytes. */
  readonly key: Buffer
  value: Buffer | null
}

const isMap = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `["connector",{partition}]`, as the stand-alone worker of Java has its keys. */
const readKey = (key: Buffer): { connector: string; partition: OffsetMap } | null => {
  try {
    const [connector, partition] = parseJson(key.toString('utf8')) as [Json, Json]
    if (typeof connector === 'string' && isMap(partition)) return { connector, partition: partition as OffsetMap }
  } catch {
    // Some other program's entry; it is kept as it is.
  }
  return null
}

const offsetOf = (value: Buffer): OffsetMap => parseJson(value.toString('utf8')) as OffsetMap

/**
 * The offsets of sources in a file (org.apache.kafka.connect.storage.FileOffsetBackingStore): read whole at the start, written whole at every
 * flush, beside the old one and then in its place, so that a crash leaves one of both.
 */
export class OffsetStore {
  readonly #path: string
  readonly #entries = new Map<string, Entry>()
  readonly #foreign: [Buffer, Buffer | null][] = []
  #writing: Promise<void> = Promise.resolve()

  private constructor(path: string) {
    this.#path = path
  }

  /**
   * Reads the file; one that is missing or empty has no offsets.
   * @throws ConnectError when it is something else, or can't be read
   */
  static open(path: string): OffsetStore {
    const store = new OffsetStore(path)
    let bytes: Buffer
    try {
      bytes = readFileSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return store
      throw new ConnectError(`The offsets in ${path} can't be read: ${(error as Error).message}`, { cause: error })
    }
    if (bytes.length === 0) return store
    try {
      for (const [key, value] of readJavaMap(bytes)) store.#take(key, value)
    } catch (error) {
      const next = 'See whether offset.storage.file.filename names the right file.'
      throw new ConnectError(`${path} holds no offsets: ${(error as Error).message}. ${next}`, { cause: error })
    }
    return store
  }

  #take(key: Buffer, value: Buffer | null): void {
    const read = readKey(key)
    if (read === null) this.#foreign.push([key, value])
    else this.#entries.set(canonicalJson([read.connector, read.partition]), { ...read, key, value })
  }

  /** The offset stored for a partition; null: none. */
  get(connector: string, partition: OffsetMap): OffsetMap | null {
    const value = this.#entries.get(canonicalJson([connector, partition]))?.value ?? null
    return value === null ? null : offsetOf(value)
  }

  /** All partitions of a connector that have an offset. */
  ofConnector(connector: string): [OffsetMap, OffsetMap][] {
    return [...this.#entries.values()].flatMap((entry): [OffsetMap, OffsetMap][] =>
      entry.connector === connector && entry.value !== null ? [[entry.partition, offsetOf(entry.value)]] : [],
    )
  }

  /** Stores offsets and resolves once they are in the file; null takes one away. */
  async set(connector: string, offsets: Iterable<readonly [OffsetMap, OffsetMap | null]>): Promise<void> {
    for (const [partition, offset] of offsets) {
      const name = canonicalJson([connector, partition])
      const value = offset === null ? null : Buffer.from(writeJson(offset))
      const entry = this.#entries.get(name)
      if (entry) entry.value = value
      else {
        const key = Buffer.from(writeJson([connector, partition]))
        this.#entries.set(name, { connector, partition, key, value })
      }
    }
    await this.#write()
  }

  /** One write after the other; what changes while one is under way is in the next. */
  #write(): Promise<void> {
    const write = async (): Promise<void> => {
      const entries = [...this.#entries.values()].map(({ key, value }) => [key, value] as const)
      const temporary = `${this.#path}.tmp`
      await writeFile(temporary, writeJavaMap([...this.#foreign, ...entries]))
      await rename(temporary, this.#path)
    }
    const writing = this.#writing.then(write)
    this.#writing = writing.catch(() => {})
    return writing
  }
}
