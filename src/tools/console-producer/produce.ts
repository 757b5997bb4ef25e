import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { errorHints, javaText } from '../../cli/run-command.ts'
import { changeGuard } from '../../client/change-guard.ts'
import type { FailedRecord } from '../../client/producer/settings.ts'
import type { Properties } from '../shared/connect.ts'
import { constructProducer } from '../shared/constructed.ts'
import { LineReader, type LineRecord, type RecordReader } from './line-reader.ts'
import { LineSplitter } from './line-splitter.ts'
import type { RecordProducer } from './produce-json.ts'

/** The part of a topic's writer that lines need; Kafka's clients have no such thing, see src/client/producer/topic-writer.ts. */
export interface LineWriter {
  appendValue(source: Buffer, start: number, end: number, timestamp: number): void
  appendKeyValue(
    source: Buffer,
    key: readonly [number, number],
    value: readonly [number, number],
    timestamp: number,
  ): void
  append(
    key: Buffer | null,
    value: Buffer | null,
    headers: readonly { key: string; value: Buffer | null }[] | null,
    timestamp: number,
    partition?: number,
  ): unknown
}

/** The part of the producer that lines need. */
export interface LineProducer {
  readonly hasRoom: boolean
  topic(name: string): Promise<LineWriter>
  send(record: {
    topic: string
    key: Buffer | null
    value: Buffer | null
    headers?: readonly { key: string; value: Buffer | null }[]
    partition?: number
    timestamp?: number
  }): Promise<unknown>
  drained(): Promise<void>
  close(): Promise<void>
}

/** Hears of a record that could not be written. */
export type OnFailure = (error: unknown, record: FailedRecord) => void

/** Opens a producer with Java properties; tests give their own. Failures are printed unless somebody else hears of them. */
export type OpenProducer = (
  properties: Properties,
  io: Io,
  onFailure?: OnFailure,
) => Promise<LineProducer & RecordProducer>

export interface ProduceOptions {
  topic: string
  /** Aborted: no further line is taken in. */
  signal?: AbortSignal
}

const sizeText = (bytes: Buffer | null): string => (bytes === null ? 'null' : `${bytes.length} bytes`)

export const reportFailure = (io: Io, error: unknown, record: FailedRecord): void => {
  println(
    io.err,
    `ERROR Error when sending message to topic ${record.topic} with key: ${sizeText(record.key)}, value: ${sizeText(record.value)} with error: ${javaText(error)}`,
  )
}

/** Java's client names the topic when it can't exist. */
const named = (error: unknown, topic: string): unknown => {
  if ((error as { errorName?: string }).errorName !== 'INVALID_TOPIC_EXCEPTION') return error
  const { exceptionClass } = error as { exceptionClass?: string }
  return Object.assign(new Error(`Invalid topics: [${topic}]`, { cause: error }), { exceptionClass })
}

/** The producer of src/client. */
export const openProducer: OpenProducer = async (properties, io, onFailure) => {
  const [{ Producer }, config] = await Promise.all([
    import('../../client/producer/producer.ts'),
    constructProducer(properties),
  ])
  // Asked now, if at all: later the answer would be read as a record.
  await changeGuard()?.beforeChange('produce')
  const levels: Partial<Record<string, string>> = {
    gzip: 'compression.gzip.level',
    lz4: 'compression.lz4.level',
    zstd: 'compression.zstd.level',
  }
  const levelName = levels[config.compressionType]
  const isLevelGiven = levelName !== undefined && properties.has(levelName)
  return new Producer({
    ...config,
    compressionLevel: isLevelGiven ? config.values.int(levelName) : undefined,
    partitionerIgnoreKeys: config.values.boolean('partitioner.ignore.keys'),
    warn: (message) => println(io.err, message),
    onError: onFailure ?? ((error, record) => reportFailure(io, error, record)),
  })
}

/** How lines go into the topic: the cheapest way the reader's configuration allows. */
const appender = (reader: RecordReader, writer: LineWriter, now: () => number) => {
  if (reader.isPlain) {
    return (source: Buffer, start: number, end: number): void => writer.appendValue(source, start, end, now())
  }
  if (reader instanceof LineReader && reader.isKeyValue) {
    const skip = reader.keySeparator.length
    return (source: Buffer, start: number, end: number): void => {
      const keyEnd = reader.keyEnd(source, start, end)
      if (keyEnd < 0) writer.appendValue(source, start, end, now())
      else writer.appendKeyValue(source, [start, keyEnd], [keyEnd + skip, end], now())
    }
  }
  return (source: Buffer, start: number, end: number): void => {
    for (const record of reader.records(source, start, end)) append(writer, record, now())
  }
}

const append = (writer: LineWriter, record: LineRecord, nowMs: number): void => {
  const { key, value, headers, timestamp, partition } = record
  writer.append(key, value, headers, timestamp ?? nowMs, partition)
}

const produceAsync = async (
  producer: LineProducer,
  reader: RecordReader,
  { topic, signal }: ProduceOptions,
  io: Io,
): Promise<void> => {
  const isInteractive = io.stdinIsTTY && io.isTTY
  const prompt = (): void => {
    if (isInteractive) io.out.write('>')
  }
  let splitter: LineSplitter | undefined
  let writer: LineWriter | undefined
  let nowMs = 0
  prompt()
  for await (const chunk of io.stdin()) {
    nowMs = Date.now()
    if (splitter === undefined) {
      try {
        writer = await producer.topic(topic)
      } catch (error) {
        if (error instanceof CommandExit) throw error
        reportFailure(io, named(error, topic), { topic, partition: -1, key: null, value: null })
        for (const hint of errorHints(error)) println(io.err, hint)
        return
      }
      const take = appender(reader, writer, () => nowMs)
      splitter = new LineSplitter((source, start, end) => {
        take(source, start, end)
        prompt()
      })
    }
    for (let at = 0; at < chunk.length; ) {
      if (signal?.aborted) return
      at = splitter.push(chunk, at, () => producer.hasRoom)
      if (!producer.hasRoom) await producer.drained()
    }
  }
  if (signal?.aborted) return
  splitter?.end()
  for (const record of reader.rest?.() ?? []) if (writer !== undefined) append(writer, record, nowMs)
  // Whoever ends the input with Ctrl-D gets the shell's prompt on a line of its own.
  if (isInteractive) io.out.write('\n')
}

const produceSync = async (
  producer: LineProducer,
  reader: RecordReader,
  { topic, signal }: ProduceOptions,
  io: Io,
): Promise<void> => {
  const isInteractive = io.stdinIsTTY && io.isTTY
  const lines: Buffer[] = []
  const splitter = new LineSplitter((source, start, end) => lines.push(Buffer.from(source.subarray(start, end))))
  const send = async ({ headers, partition, timestamp, ...record }: LineRecord): Promise<void> => {
    const placed = {
      ...(partition === undefined ? {} : { partition }),
      ...(timestamp === undefined ? {} : { timestamp }),
    }
    try {
      await producer.send({ topic, ...record, ...placed, ...(headers === null ? {} : { headers }) })
    } catch (error) {
      if (error instanceof CommandExit) throw error
      const wrapped = new Error(`java.util.concurrent.ExecutionException: ${javaText(named(error, topic))}`, {
        cause: error,
      })
      throw Object.assign(wrapped, { detail: errorHints(error).join(' ') })
    }
    if (isInteractive) io.out.write('>')
  }
  const sendLines = async (): Promise<void> => {
    for (const line of lines.splice(0)) {
      if (signal?.aborted) return
      for (const record of reader.records(line, 0, line.length)) await send(record)
    }
  }
  if (isInteractive) io.out.write('>')
  for await (const chunk of io.stdin()) {
    splitter.push(chunk, 0, () => true)
    await sendLines()
  }
  splitter.end()
  await sendLines()
  for (const record of reader.rest?.() ?? []) await send(record)
  if (isInteractive) io.out.write('\n')
}

/**
 * Writes the lines of standard input to a topic.
 * @throws LineReaderError for a line that can't be read, and with `sync` the error of the first record that can't be written
 */
export const produceLines = (
  producer: LineProducer,
  reader: RecordReader,
  options: ProduceOptions & { sync: boolean },
  io: Io,
): Promise<void> => (options.sync ? produceSync : produceAsync)(producer, reader, options, io)
