import { type FileHandle, open } from 'node:fs/promises'
import { pause } from '../../client/backoff.ts'
import type { Props } from '../api/config.ts'
import type { PluginLog, SourceTask, SourceTaskContext } from '../api/connector.ts'
import type { Schema } from '../api/data.ts'
import type { OffsetMap, SourceRecord } from '../api/record.ts'
import { ConnectError } from '../data/errors.ts'
import { BATCH_SIZE, DEFAULT_BATCH_SIZE, FILE, TOPIC } from './configs.ts'
import { StandardInput } from './standard-input.ts'

export const FILENAME = 'filename'
export const POSITION = 'position'

/** How long a poll waits when there is nothing to read. */
const IDLE_MS = 1000
const CHUNK_BYTES = 64 * 1024
const NEW_LINE = 0x0a
const RETURN = 0x0d

const STRING_SCHEMA: Schema = {
  type: 'STRING',
  optional: false,
  name: null,
  version: null,
  doc: null,
  defaultValue: undefined,
  parameters: null,
  fields: [],
  keySchema: null,
  valueSchema: null,
}

/** Where the first line of `bytes` ends: [end of its text, start of the next]; null while it may go on. */
const lineEnd = (bytes: Buffer, from: number): readonly [number, number] | null => {
  const newLine = bytes.indexOf(NEW_LINE, from)
  const end = newLine < 0 ? bytes.length : newLine
  const carriage = bytes.subarray(from, end).indexOf(RETURN)
  if (carriage < 0) return newLine < 0 ? null : [newLine, newLine + 1]
  const at = from + carriage
  // After the last byte there may come the \n of \r\n.
  if (at + 1 >= bytes.length) return null
  return [at, bytes[at + 1] === NEW_LINE ? at + 2 : at + 1]
}

/** Reads on where the last stored offset ends; a line that has no end yet waits for it. The offset counts bytes. */
export class FileSourceTask implements SourceTask {
  #path: string | null = null
  #topic = ''
  #batchSize = DEFAULT_BATCH_SIZE
  #partition: OffsetMap = {}
  /** Offset of the first byte that no record has; null for standard input. */
  #position: number | null = null
  #file: FileHandle | null = null
  #input: StandardInput | null = null
  #log: PluginLog | null = null
  /** Read, and not yet made into records; `#next` is where they begin. */
  #bytes: Buffer = Buffer.alloc(0)
  #next = 0

  async start(props: Props, context: SourceTaskContext): Promise<void> {
    this.#log = context.log
    this.#path = props[FILE] || null
    this.#topic = props[TOPIC] ?? ''
    this.#batchSize = Number(props[BATCH_SIZE] ?? DEFAULT_BATCH_SIZE)
    this.#partition = { [FILENAME]: this.#path }
    if (this.#path === null) {
      this.#input = new StandardInput()
      return
    }
    const position = (await context.offsets.offset(this.#partition))?.[POSITION] ?? 0
    if (typeof position !== 'number' && typeof position !== 'bigint') {
      throw new ConnectError('Offset position is the incorrect type')
    }
    this.#position = Number(position)
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[] | null> {
    const records: SourceRecord[] = []
    while (records.length < this.#batchSize && !signal.aborted) {
      this.#take(records)
      if (records.length > 0 && (records.length >= this.#batchSize || !(await this.#read(signal, false)))) break
      if (records.length === 0 && !(await this.#read(signal, true))) break
    }
    this.#take(records)
    return records.length === 0 ? null : records
  }

  /** Makes records of the whole lines there are. */
  #take(records: SourceRecord[]): void {
    const timestamp = Date.now()
    while (records.length < this.#batchSize) {
      const end = lineEnd(this.#bytes, this.#next)
      if (end === null) return
      const value = this.#bytes.toString('utf8', this.#next, end[0])
      if (this.#position !== null) this.#position += end[1] - this.#next
      this.#next = end[1]
      records.push({
        sourcePartition: this.#partition,
        sourceOffset: { [POSITION]: this.#position },
        topic: this.#topic,
        kafkaPartition: null,
        keySchema: null,
        key: null,
        valueSchema: STRING_SCHEMA,
        value,
        timestamp,
        headers: [],
      })
    }
  }

  /** Reads more bytes. @param wait wait a while when there are none @returns whether there were any */
  async #read(signal: AbortSignal, wait: boolean): Promise<boolean> {
    const chunk = this.#input ? await this.#input.read(signal, wait ? IDLE_MS : 0) : await this.#readFile()
    if (chunk === null) {
      if (wait && this.#input === null) await pause(IDLE_MS, signal)
      return false
    }
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#next), chunk])
    this.#next = 0
    return true
  }

  async #readFile(): Promise<Buffer | null> {
    this.#file ??= await this.#open()
    if (this.#file === null) return null
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const at = this.#position! + this.#bytes.length - this.#next
    const { bytesRead } = await this.#file.read(chunk, 0, CHUNK_BYTES, at)
    return bytesRead === 0 ? null : chunk.subarray(0, bytesRead)
  }

  async #open(): Promise<FileHandle | null> {
    try {
      return await open(this.#path!, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw new ConnectError(`Error while trying to open file ${this.#path}: ${(error as Error).message}`, {
          cause: error,
        })
      }
      this.#log?.warn(
        `Couldn't find file ${this.#path} for FileStreamSourceTask, sleeping to wait for it to be created`,
      )
      return null
    }
  }

  async stop(): Promise<void> {
    this.#input?.close()
    await this.#file?.close()
    this.#file = null
  }
}
