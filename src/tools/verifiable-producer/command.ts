import { type ArgparseValues, argparseExit } from '../../cli/argparse.ts'
import { helpText } from '../../cli/argparse-text.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { errorMessage } from '../../cli/run-command.ts'
import { mayOmitBootstrap, resolveBootstrap, sessionProperties } from '../../cli/session.ts'
import type { Producer } from '../../client/producer/producer.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import { loadProperties, type Properties } from '../shared/connect.ts'
import { constructProducer } from '../shared/constructed.ts'
import { printEvent } from '../shared/events.ts'
import { Throttle } from '../shared/throttle.ts'
import { connectionGroup, parser, spec } from './options.ts'

export { spec }

/** The part of the producer of src/client that is needed. */
export type VerifiableClient = Pick<Producer, 'send' | 'close' | 'hasRoom' | 'drained'>

/** Opens a producer with Java properties; tests give their own. */
export type OpenVerifiableProducer = (properties: Properties, io: Io) => Promise<VerifiableClient>

/** So many records may wait for their answers. */
const MAX_OUTSTANDING = 10_000
const RECORDS_PER_TURN = 500
const interruptCodes = { SIGINT: 130, SIGTERM: 143 } as const

const openProducer: OpenVerifiableProducer = async (properties, io) => {
  const [{ Producer: Client }, config] = await Promise.all([
    import('../../client/producer/producer.ts'),
    constructProducer(properties),
  ])
  return new Client({ ...config, warn: (message) => println(io.err, `WARN ${message}`) })
}

const propertiesOf = async (values: ArgparseValues, io: Io): Promise<Properties> => {
  const [old, file] = [values.text('producer.config'), values.text('command-config')]
  if (old !== undefined && file !== undefined) {
    argparseExit(parser, 'Options --producer.config and --command-config are mutually exclusive.')
  }
  if (old !== undefined) {
    println(
      io.out,
      'Option --producer.config has been deprecated and will be removed in a future version. Use --command-config instead.',
    )
  }
  const path = old ?? file
  const fromFile: Properties =
    path === undefined
      ? new Map()
      : await loadProperties(path).catch((error: unknown) => argparseExit(parser, errorMessage(error)))
  return new Map([
    ['bootstrap.servers', await resolveBootstrap(io, values.text('bootstrap-server'))],
    ['acks', String(values.number('acks') ?? -1)],
    ['retries', '0'],
    ...(await sessionProperties(io, values.text('bootstrap-server'))),
    ...fromFile,
  ])
}

/** Java's text of a double. */
const doubleText = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value))

class VerifiableRun {
  acked = 0
  sent = 0
  stopped = false
  readonly abort = new AbortController()
  readonly #client: VerifiableClient
  readonly #values: ArgparseValues
  readonly #io: Io
  readonly #startMs = Date.now()
  #createTime: number | null
  #keyCounter = 0
  #outstanding = 0
  #whenIdle: (() => void) | undefined

  constructor(client: VerifiableClient, values: ArgparseValues, io: Io) {
    this.#client = client
    this.#values = values
    this.#io = io
    const time = values.number('message-create-time') ?? -1
    this.#createTime = time === -1 ? null : time
  }

  async run(): Promise<void> {
    printEvent(this.#io, 'startup_complete')
    const max = this.#values.number('max-messages') ?? -1
    const limit = max < 0 ? Number.POSITIVE_INFINITY : max
    const throttle = new Throttle(this.throughput, Date.now(), this.abort.signal)
    for (let i = 0; i < limit && !this.stopped; i++) {
      const nowMs = Date.now()
      this.#send(this.#key(), this.#value(i))
      if (!this.#client.hasRoom) await this.#client.drained()
      do {
        if (i % RECORDS_PER_TURN === 0 || this.#outstanding >= MAX_OUTSTANDING) {
          await new Promise((resolve) => setImmediate(resolve))
        }
      } while (this.#outstanding >= MAX_OUTSTANDING)
      if (throttle.isAhead(i + 1, nowMs)) await throttle.wait(i + 1, nowMs)
    }
  }

  get throughput(): number {
    return this.#values.number('throughput') ?? -1
  }

  #value(index: number): string {
    const prefix = this.#values.number('value-prefix')
    return prefix === undefined ? String(index) : `${prefix}.${index}`
  }

  #key(): string | null {
    const count = this.#values.number('repeating-keys')
    if (count === undefined) return null
    const key = String(this.#keyCounter++)
    if (this.#keyCounter === count) this.#keyCounter = 0
    return key
  }

  #send(key: string | null, value: string): void {
    const topic = this.#values.text('topic')!
    this.sent++
    this.#outstanding++
    const timestamp = this.#createTime === null ? {} : { timestamp: this.#createTime }
    if (this.#createTime !== null) this.#createTime += Date.now() - this.#startMs
    const record = { topic, key: key === null ? null : Buffer.from(key), value: Buffer.from(value), ...timestamp }
    this.#client
      .send(record)
      .then(({ offset, partition }) => {
        this.acked++
        printEvent(this.#io, 'producer_send_success', { key, value, offset, topic, partition })
      })
      .catch((error: unknown) => {
        const exception = `class ${(error as { exceptionClass?: string }).exceptionClass ?? 'java.lang.RuntimeException'}`
        printEvent(this.#io, 'producer_send_error', { topic, key, value, exception, message: errorMessage(error) })
      })
      .finally(() => {
        this.#outstanding--
        if (this.#outstanding === 0) this.#whenIdle?.()
      })
  }

  /** Resolves when every record has its answer. */
  async settled(): Promise<void> {
    if (this.#outstanding === 0) return
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve
    })
  }

  printSummary(): void {
    const average = (1000 * this.acked) / (Date.now() - this.#startMs)
    const fields = `"sent":${this.sent},"acked":${this.acked},"target_throughput":${this.throughput}`
    println(
      this.#io.out,
      `{"timestamp":${Date.now()},"name":"tool_data",${fields},"avg_throughput":${doubleText(average)}}`,
    )
  }
}

/** `kafka-verifiable-producer.sh` with these arguments; resolves with the exit code. */
export const run = async (
  args: readonly string[],
  io: Io,
  open: OpenVerifiableProducer = openProducer,
): Promise<number> => {
  if (args.length === 0) {
    io.out.write(helpText(parser))
    return 0
  }
  const groups = mayOmitBootstrap(io) ? [connectionGroup] : parser.groups
  const values = parseCommand(groups === undefined ? parser : { ...parser, groups }, args, io)
  if (typeof values === 'number') return values
  const client = await open(await propertiesOf(values, io), io)
  const work = new VerifiableRun(client, values, io)
  let code = 0
  const restore = io.onInterrupt((signal) => {
    code = interruptCodes[signal]
    work.stopped = true
    work.abort.abort()
    restore()
  })
  try {
    await work.run()
    await work.settled()
  } finally {
    await client.close()
    restore()
  }
  printEvent(io, 'shutdown_complete')
  work.printSummary()
  return code
}
