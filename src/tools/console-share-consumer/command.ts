import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { errorHints, errorMessage, javaText, printError } from '../../cli/run-command.ts'
import { resolveBootstrap } from '../../cli/session.ts'
import { helpOrVersion, parseOrUsage } from '../../cli/usage.ts'
import { Acknowledge, type AcknowledgeType } from '../../client/share-consumer/acknowledgements.ts'
import type { ShareConsumer, SharedRecords } from '../../client/share-consumer/share-consumer.ts'
import { buildFormatter } from '../console-consumer/build-formatter.ts'
import { ByteSink } from '../console-consumer/byte-sink.ts'
import { type Formatter, printToEnd, type RecordOrigin } from '../console-consumer/formatter.ts'
import { ownFormatter } from '../console-consumer/own-format.ts'
import { timestampTypes } from '../console-consumer/timestamp-types.ts'
import type { Properties } from '../shared/connect.ts'
import { openShareConsumer } from '../shared/open-share-consumer.ts'
import { spec } from './options.ts'
import { consumerProperties } from './settings.ts'
import type { ShareEnd } from './share-end.ts'

export { spec }

/** The part of the share consumer of src/client that printing needs. */
export type ShareSource = Pick<ShareConsumer, 'subscribe' | 'poll' | 'read' | 'wakeup' | 'close'>

/** Opens a share consumer with Java properties; tests give their own. */
export type OpenShareConsumer = (properties: Properties, io: Io) => Promise<ShareSource>

/** How long one poll may take when there is no limit; polls are repeated. */
const LONG_POLL_MS = 1000
/** How long one may take when an end is looked for. */
const LOOK_MS = 100
const interruptCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** Prints and acknowledges records until a limit, a timeout, an error or an interrupt. */
class SharePrinter {
  count = 0
  readonly #source: ShareSource
  readonly #formatter: Formatter
  readonly #io: Io
  readonly #sink: ByteSink
  readonly #limit: number
  readonly #timeoutMs: number
  readonly #rejectOnError: boolean
  readonly #type: AcknowledgeType
  readonly #end: ShareEnd | undefined

  constructor(source: ShareSource, formatter: Formatter, options: OptionSet, io: Io, end: ShareEnd | undefined) {
    this.#end = end
    this.#source = source
    this.#formatter = formatter
    this.#io = io
    this.#sink = new ByteSink(io.out)
    const max = options.int('max-messages') ?? -1
    this.#limit = max === -1 ? Number.POSITIVE_INFINITY : max
    const timeout = options.int('timeout-ms') ?? -1
    this.#timeoutMs = timeout >= 0 ? timeout : Number.POSITIVE_INFINITY
    this.#rejectOnError = options.has('reject-message-on-error')
    const released = options.has('release') ? Acknowledge.RELEASE : Acknowledge.ACCEPT
    this.#type = options.has('reject') ? Acknowledge.REJECT : released
  }

  run(): Promise<void> {
    return printToEnd(this.#formatter, this.#sink, () => this.#run())
  }

  async #run(): Promise<void> {
    let quietSinceMs = performance.now()
    while (this.count < this.#limit && !this.#end?.isReached) {
      this.#end?.check()
      const waitMs = Math.min(
        this.#end === undefined ? LONG_POLL_MS : LOOK_MS,
        this.#timeoutMs - (performance.now() - quietSinceMs),
      )
      let polled: SharedRecords[]
      try {
        polled = await this.#source.poll(Math.max(0, waitMs))
      } catch (error) {
        if ((error as { reason?: string }).reason !== 'wakeup') this.#reportEnd(javaText(error), errorHints(error))
        return
      }
      if (polled.length === 0) {
        if (this.#end?.isReached || performance.now() - quietSinceMs < this.#timeoutMs) continue
        return this.#reportEnd('org.apache.kafka.common.errors.TimeoutException')
      }
      for (const records of polled) if (this.count < this.#limit) this.#print(records)
      await this.#io.out.drain()
      if (this.#io.out.closed) {
        println(this.#io.err, 'Unable to write to standard out, closing consumer.')
        return
      }
      quietSinceMs = performance.now()
    }
  }

  #print(records: SharedRecords): void {
    const { topic, partition, buffer } = records
    const origin: RecordOrigin = { topic, partition, timestampType: 'CreateTime' }
    const typeOf = this.#formatter.needsTimestampType ? timestampTypes(buffer) : undefined
    try {
      this.#source.read(records, (cursor, deliveryCount) => {
        if (this.count >= this.#limit || this.#end?.covers(records, cursor.offset) === false) return false
        this.count++
        origin.deliveryCount = deliveryCount
        if (typeOf !== undefined) origin.timestampType = typeOf(cursor.offset)
        if (!this.#rejectOnError) {
          this.#formatter.write(cursor, origin, this.#sink)
          return this.#type
        }
        try {
          this.#formatter.write(cursor, origin, this.#sink)
          return this.#type
        } catch (error) {
          println(this.#io.err, `ERROR Error processing message, rejecting this message: ${javaText(error)}`)
          return Acknowledge.REJECT
        }
      })
      this.#end?.saw(records)
    } finally {
      this.#sink.flush()
    }
  }

  /** Whether it ended before it had printed all that was asked for, and not because nobody reads on. */
  get isCutShort(): boolean {
    return this.#end?.isReached === false && this.count < this.#limit && !this.#io.out.closed
  }

  #reportEnd(text: string, hints: readonly string[] = []): void {
    println(this.#io.err, `ERROR Error processing message, terminating consumer process: ${text}`)
    for (const hint of hints) println(this.#io.err, hint)
  }
}

const consume = async (
  source: ShareSource,
  formatter: Formatter,
  options: OptionSet,
  io: Io,
  end: ShareEnd | undefined,
): Promise<number> => {
  let code = 0
  const restore = io.onInterrupt((signal) => {
    // A second Ctrl-C ends the process at once.
    code = interruptCodes[signal]
    restore()
    source.wakeup()
  })
  let printer: SharePrinter | undefined
  try {
    printer = new SharePrinter(source, formatter, options, io, end)
    await printer.run()
    if (printer.isCutShort && code === 0) code = 1
  } catch (error) {
    printError(io, error)
    code = 1
  } finally {
    await source.close().catch((error: unknown) => println(io.err, `WARN ${errorMessage(error)}`))
    restore()
  }
  await io.out.flush()
  println(io.err, `Processed a total of ${printer?.count ?? 0} messages`)
  if (options.has('enable-systest-events')) println(io.out, 'shutdown_complete')
  return code
}

/** `kafka-console-share-consumer.sh` with these arguments; resolves with the exit code. */
export const run = async (
  args: readonly string[],
  io: Io,
  open: OpenShareConsumer = openShareConsumer,
): Promise<number> => {
  const options = parseOrUsage(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  const properties = await consumerProperties(options, io)
  const formatter = (await ownFormatter(spec, options)) ?? (await buildFormatter(spec, options, io))
  properties.set('bootstrap.servers', await resolveBootstrap(io, options.text('bootstrap-server')))
  let source: ShareSource | undefined
  let end: ShareEnd | undefined
  try {
    source = await open(properties, io)
    const topic = options.text('topic') ?? ''
    if (options.has('exit')) {
      const { shareEnd } = await import('./share-end.ts')
      end = await shareEnd(source as ShareConsumer, topic, properties.get('group.id') ?? '', io)
    }
    if (!end?.isReached) source.subscribe([topic])
  } catch (error) {
    await source?.close()
    printError(io, error)
    return 1
  }
  return consume(source, formatter, options, io, end)
}
