import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { debugStack, errorHints, javaText } from '../../cli/run-command.ts'
import type { FetchedPartition } from '../../client/consumer/fetched.ts'
import type { TopicSelection } from '../../client/consumer/subscription.ts'
import type { TopicPartition } from '../../client/types.ts'
import type { RecordCursor } from '../../protocol/records/record-cursor.ts'
import { ByteSink } from './byte-sink.ts'
import { type Formatter, printToEnd, type RecordOrigin } from './formatter.ts'
import { timestampTypes } from './timestamp-types.ts'

/** The part of the consumer of src/client that printing needs. */
export interface RecordSource {
  assign(partitions: readonly TopicPartition[]): void
  subscribe(subscription: TopicSelection): void
  seek(partition: TopicPartition, to: 'earliest' | 'latest' | { offset: number }): void
  poll(timeoutMs: number): Promise<FetchedPartition[]>
  consume(fetched: FetchedPartition, visitor: (cursor: RecordCursor) => unknown): number
  wakeup(): void
  close(): Promise<void>
  /** Of a source that ends: whether everything before its end was handed out. */
  readonly isComplete?: boolean | undefined
}

export interface ConsumeOptions {
  /** -1: no limit. */
  maxMessages: number
  timeoutMs: number
  skipOnError: boolean
}

/** How long one poll may take when there is no limit; polls are repeated. */
const longPollMs = 1000

/** Counts and prints records until a limit, a timeout, an error or an interrupt. */
export class Printer {
  count = 0
  readonly #source: RecordSource
  readonly #formatter: Formatter
  readonly #options: ConsumeOptions
  readonly #io: Io
  readonly #sink: ByteSink

  constructor(source: RecordSource, formatter: Formatter, options: ConsumeOptions, io: Io) {
    this.#source = source
    this.#formatter = formatter
    this.#options = options
    this.#io = io
    this.#sink = new ByteSink(io.out)
  }

  /**
   * Kafka's ConsoleConsumer.process. Errors of polling are reported and end it; those of printing a record are thrown unless
   * they are to be skipped.
   */
  run(): Promise<void> {
    return printToEnd(this.#formatter, this.#sink, () => this.#run())
  }

  async #run(): Promise<void> {
    let quietSinceMs = performance.now()
    while (!this.#isDone()) {
      if (this.#io.out.closed) {
        println(this.#io.err, 'Unable to write to standard out, closing consumer.')
        return
      }
      let fetched: FetchedPartition[]
      try {
        const waitMs = Math.min(longPollMs, this.#options.timeoutMs - (performance.now() - quietSinceMs))
        fetched = await this.#source.poll(Math.max(0, waitMs))
      } catch (error) {
        if ((error as { reason?: string }).reason !== 'wakeup') this.#reportPollError(error)
        return
      }
      if (fetched.length === 0) {
        if (this.#isDone()) return
        if (performance.now() - quietSinceMs < this.#options.timeoutMs) continue
        println(
          this.#io.err,
          'ERROR Error processing message, terminating consumer process: org.apache.kafka.common.errors.TimeoutException',
        )
        return
      }
      await this.#printAll(fetched)
      quietSinceMs = performance.now()
    }
  }

  /** Whether it ended before it had printed all that was asked for, and not because nobody reads on. */
  get isCutShort(): boolean {
    return this.#source.isComplete === false && !this.#isDone() && !this.#io.out.closed
  }

  #isDone(): boolean {
    if (this.#source.isComplete) return true
    return this.#options.maxMessages !== -1 && this.count >= this.#options.maxMessages
  }

  async #printAll(fetched: readonly FetchedPartition[]): Promise<void> {
    try {
      for (const one of fetched) {
        if (this.#isDone()) return
        this.#print(one)
        this.#sink.flush()
        await this.#io.out.drain()
        if (this.#io.out.closed) return
      }
    } finally {
      this.#sink.flush()
    }
  }

  #print(fetched: FetchedPartition): void {
    const { maxMessages, skipOnError } = this.#options
    const { topic, partition } = fetched
    const origin: RecordOrigin = { topic, partition, timestampType: 'CreateTime' }
    const typeOf = this.#formatter.needsTimestampType ? timestampTypes(fetched.buffer) : undefined
    const limit = maxMessages === -1 ? Number.POSITIVE_INFINITY : maxMessages
    this.#source.consume(fetched, (cursor) => {
      this.count++
      if (typeOf !== undefined) origin.timestampType = typeOf(cursor.offset)
      if (skipOnError) this.#writeOrSkip(cursor, origin)
      else this.#formatter.write(cursor, origin, this.#sink)
      return this.count < limit
    })
  }

  #writeOrSkip(cursor: RecordCursor, origin: RecordOrigin): void {
    try {
      this.#formatter.write(cursor, origin, this.#sink)
    } catch (error) {
      println(this.#io.err, `ERROR Error processing message, skipping this message: ${javaText(error)}`)
    }
  }

  #reportPollError(error: unknown): void {
    println(this.#io.err, `ERROR Error processing message, terminating consumer process: ${javaText(error)}`)
    for (const hint of errorHints(error)) println(this.#io.err, hint)
    debugStack(this.#io, error)
  }
}
