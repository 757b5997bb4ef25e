import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { errorHints, errorMessage } from '../../cli/run-command.ts'
import { isBlankLine, type JsonHeader, type JsonRecord, JsonRecordError, readJsonRecord } from './json-record.ts'
import { LineSplitter, LineTooLongError } from './line-splitter.ts'

/** The part of a topic's writer that JSON records need. */
export interface RecordWriter {
  readonly partitionCount: number
  append(
    key: Buffer | null,
    value: Buffer | null,
    headers: readonly JsonHeader[] | null,
    timestamp: number,
    partition?: number,
  ): unknown
}

/** The part of the producer that JSON records need. */
export interface RecordProducer {
  readonly hasRoom: boolean
  readonly counts: { readonly acknowledged: number; readonly failed: number }
  topic(name: string): Promise<RecordWriter>
  drained(): Promise<void>
  flush(): Promise<void>
}

export interface JsonProduceOptions {
  /** Where all records go; undefined: where each says it belongs. */
  topic: string | undefined
  /** What is kept of what a record says; else it is chosen as for any record. */
  keep: { partition: boolean; timestamp: boolean }
  /** Wait for each record to be written before the next one. */
  sync: boolean
  /** A longer line is refused before it is read to its end. */
  maxLineBytes: number
  /** Aborted: no further line is taken in. */
  signal?: AbortSignal
}

/** What a record becomes: what it said, with what is not kept left out. */
const placed = (record: JsonRecord, { topic, keep }: JsonProduceOptions): JsonRecord => ({
  ...record,
  topic: topic ?? record.topic,
  partition: keep.partition ? record.partition : undefined,
  timestamp: keep.timestamp ? record.timestamp : undefined,
})

/** Sends records line by line; knows how many lines it has read. */
class JsonLines {
  lineNumber = 0
  readonly #producer: RecordProducer
  readonly #options: JsonProduceOptions
  readonly #writers = new Map<string, RecordWriter>()
  readonly #onRecord: () => void
  readonly splitter: LineSplitter
  /** A record of a topic that is to be looked up first. */
  #pending: JsonRecord | undefined
  #nowMs = Date.now()

  constructor(producer: RecordProducer, options: JsonProduceOptions, onRecord: () => void) {
    this.#producer = producer
    this.#options = options
    this.#onRecord = onRecord
    this.splitter = new LineSplitter((source, start, end) => this.#take(source, start, end), options.maxLineBytes)
  }

  /** Takes in a chunk, waiting wherever the producer has to. */
  async push(chunk: Buffer): Promise<void> {
    const { sync, signal } = this.#options
    this.#nowMs = Date.now()
    const goOn = (): boolean => this.#pending === undefined && !sync && this.#producer.hasRoom
    for (let at = 0; at < chunk.length && !this.hasFailed; ) {
      if (signal?.aborted) return
      try {
        at = this.splitter.push(chunk, at, goOn)
      } catch (error) {
        if (!(error instanceof LineTooLongError)) throw error
        this.lineNumber++
        throw new JsonRecordError(error.message)
      }
      await this.settle()
    }
  }

  /** What has to be waited for between lines. */
  async settle(): Promise<void> {
    const record = this.#pending
    if (record !== undefined) {
      this.#pending = undefined
      await this.#open(record.topic as string)
      this.#append(record)
    }
    if (this.#options.sync) await this.#producer.flush()
    if (!this.#producer.hasRoom) await this.#producer.drained()
  }

  /** After a record that could not be written others would only make the hole harder to see. */
  get hasFailed(): boolean {
    return this.#producer.counts.failed > 0
  }

  async #open(topic: string): Promise<void> {
    try {
      this.#writers.set(topic, await this.#producer.topic(topic))
    } catch (error) {
      throw new JsonRecordError([`topic ${topic}: ${errorMessage(error)}`, ...errorHints(error)].join('\n'))
    }
  }

  #take(source: Buffer, start: number, end: number): void {
    this.lineNumber++
    if (isBlankLine(source, start, end)) return
    const record = placed(readJsonRecord(source, start, end), this.#options)
    if (record.topic === undefined) {
      throw new JsonRecordError('it names no topic; add "topic", or say where all records go with --topic')
    }
    if (this.#writers.has(record.topic)) this.#append(record)
    else this.#pending = record
  }

  #append({ topic = '', partition, timestamp = this.#nowMs, key, value, headers }: JsonRecord): void {
    const writer = this.#writers.get(topic) as RecordWriter
    if (partition !== undefined && partition >= writer.partitionCount) {
      const { partitionCount } = writer
      const has = partitionCount === 1 ? 'only partition 0' : `only partitions 0 to ${partitionCount - 1}`
      throw new JsonRecordError(
        `it belongs to partition ${partition}, but topic ${topic} has ${has}; create the topic with as many as the records come from, ` +
          'or let them be spread anew with --keep timestamp',
      )
    }
    if (writer.append(key, value, headers, timestamp, partition) === null) throw new JsonRecordError('it was refused')
    this.#onRecord()
  }
}

const recordsText = (count: number): string => (count === 1 ? '1 record' : `${count} records`)

/** Reads lines until the input ends, something fails or a signal comes. */
const readAll = async (lines: JsonLines, { signal }: JsonProduceOptions, io: Io): Promise<void> => {
  for await (const chunk of io.stdin()) {
    await lines.push(chunk)
    if (signal?.aborted || lines.hasFailed) return
  }
  lines.splitter.end()
  await lines.settle()
}

/**
 * Writes the JSON lines of standard input as records, up to the first that is none or can't be written. All before that one are sent,
 * and waited for.
 *
 * @returns the exit code: 1 when it did not get to the end, with the line, the reason and how many were sent on standard error
 */
export const produceJson = async (producer: RecordProducer, options: JsonProduceOptions, io: Io): Promise<number> => {
  const isInteractive = io.stdinIsTTY && io.isTTY
  const prompt = (): void => {
    if (isInteractive) io.out.write('>')
  }
  const lines = new JsonLines(producer, options, prompt)
  let complaint: string | undefined
  prompt()
  try {
    await readAll(lines, options, io)
  } catch (error) {
    complaint = error instanceof JsonRecordError ? `line ${lines.lineNumber}: ${error.message}` : errorMessage(error)
  }
  await producer.flush()
  if (isInteractive) io.out.write('\n')
  const { acknowledged, failed } = producer.counts
  if (complaint === undefined && failed === 0) return 0
  if (complaint !== undefined) println(io.err, complaint)
  println(io.err, `Stopped: ${recordsText(acknowledged)} sent${failed === 0 ? '' : `, ${failed} not written`}.`)
  return 1
}
