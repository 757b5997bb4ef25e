import { type ArgparseValues, argparseExit } from '../../cli/argparse.ts'
import { helpText } from '../../cli/argparse-text.ts'
import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { errorMessage, javaText } from '../../cli/run-command.ts'
import { resolveBootstrap, sessionProperties } from '../../cli/session.ts'
import type { Consumer } from '../../client/consumer/consumer.ts'
import type { FetchedPartition } from '../../client/consumer/fetched.ts'
import { type OffsetAndMetadata, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import { loadProperties, type Properties } from '../shared/connect.ts'
import { constructConsumer } from '../shared/constructed.ts'
import { printEvent } from '../shared/events.ts'
import { parser, spec } from './options.ts'

export { spec }

/** The part of the consumer of src/client that is needed. */
export type VerifiableSource = Pick<
  Consumer,
  'subscribe' | 'poll' | 'consume' | 'commitSync' | 'assignedPartitions' | 'wakeup' | 'close'
>

/** Opens a consumer with Java properties; tests give their own. */
export type OpenVerifiableConsumer = (properties: Properties, io: Io) => Promise<VerifiableSource>

const POLL_MS = 200
const interruptCodes = { SIGINT: 130, SIGTERM: 143 } as const

const openConsumer: OpenVerifiableConsumer = async (properties, io) => {
  const [{ Consumer: Client }, config] = await Promise.all([
    import('../../client/consumer/consumer.ts'),
    constructConsumer(properties),
  ])
  return new Client({ ...config, warn: (message) => println(io.err, `WARN ${message}`) })
}

const propertiesOf = async (values: ArgparseValues, io: Io): Promise<Properties> => {
  const [old, file] = [values.text('consumer.config'), values.text('command-config')]
  if (old !== undefined && file !== undefined) {
    argparseExit(parser, 'Options --consumer.config and --command-config are mutually exclusive.')
  }
  if (old !== undefined) {
    println(
      io.out,
      'Option --consumer.config has been deprecated and will be removed in a future version. Use --command-config instead.',
    )
  }
  const path = old ?? file
  const fromFile: Properties =
    path === undefined
      ? new Map()
      : await loadProperties(path).catch((error: unknown) => argparseExit(parser, errorMessage(error)))
  const server = values.text('bootstrap-server')
  const properties: Properties = new Map([...(await sessionProperties(io, server)), ...fromFile])
  const protocol = values.text('group-protocol') ?? 'classic'
  if (!['CLASSIC', 'CONSUMER'].includes(protocol.toUpperCase())) {
    throw new Error(`No enum constant org.apache.kafka.clients.consumer.GroupProtocol.${protocol.toUpperCase()}`)
  }
  properties.set('group.protocol', protocol)
  const assignor = values.text('group-remote-assignor')
  if (protocol.toLowerCase() !== 'consumer') {
    const strategy = values.text('assignment-strategy') ?? 'org.apache.kafka.clients.consumer.RangeAssignor'
    properties.set('partition.assignment.strategy', strategy)
  } else if (assignor !== undefined) properties.set('group.remote.assignor', assignor)
  const sessionTimeout = values.text('session-timeout')
  if (sessionTimeout !== undefined) properties.set('session.timeout.ms', sessionTimeout)
  properties.set('group.id', values.text('group-id')!)
  const instance = values.text('group-instance-id')
  if (instance !== undefined) properties.set('group.instance.id', instance)
  return properties
    .set('bootstrap.servers', await resolveBootstrap(io, server))
    .set('enable.auto.commit', String(values.has('enable-autocommit')))
    .set('auto.offset.reset', values.text('reset-policy') ?? 'earliest')
}

interface Summary extends TopicPartition {
  count: number
  minOffset: number
  maxOffset: number
}

const textOf = (bytes: Buffer | null): string | null => bytes?.toString('utf8') ?? null

class VerifiableRun {
  readonly #source: VerifiableSource
  readonly #values: ArgparseValues
  readonly #io: Io
  readonly #limit: number
  #consumed = 0
  /** Records of the last poll, also those beyond the limit: Kafka's tool tells so many. */
  #polled = 0
  #assigned: TopicPartition[] = []

  constructor(source: VerifiableSource, values: ArgparseValues, io: Io) {
    this.#source = source
    this.#values = values
    this.#io = io
    const max = values.number('max-messages') ?? -1
    this.#limit = max < 0 ? Number.POSITIVE_INFINITY : max
  }

  async run(): Promise<void> {
    printEvent(this.#io, 'startup_complete')
    this.#source.subscribe({ topics: [this.#values.text('topic')!] })
    try {
      while (this.#consumed < this.#limit) {
        const fetched = await this.#source.poll(POLL_MS)
        this.#lookAtAssignment()
        this.#polled = 0
        const summaries = fetched.map((one) => this.#read(one)).filter(({ count }) => count > 0)
        if (summaries.length === 0) continue
        printEvent(this.#io, 'records_consumed', { count: this.#polled, partitions: summaries })
        if (!this.#values.has('enable-autocommit')) await this.#commit(summaries)
      }
    } catch (error) {
      if ((error as { reason?: string }).reason === 'wakeup') return
      if (error instanceof CommandExit) throw error
      println(this.#io.err, `ERROR Error during processing, terminating consumer process: ${javaText(error)}`)
    }
  }

  #read(fetched: FetchedPartition): Summary {
    const { topic, partition } = fetched
    const summary: Summary = { topic, partition, count: 0, minOffset: -1, maxOffset: -1 }
    this.#source.consume(fetched, (cursor) => {
      this.#polled++
      if (this.#consumed >= this.#limit) return
      this.#consumed++
      if (summary.count === 0) summary.minOffset = cursor.offset
      summary.maxOffset = cursor.offset
      summary.count++
      if (this.#values.has('verbose')) {
        const [key, value] = [textOf(cursor.key()), textOf(cursor.value())]
        printEvent(this.#io, 'record_data', { key, value, topic, partition, offset: cursor.offset })
      }
    })
    return summary
  }

  async #commit(summaries: readonly Summary[]): Promise<void> {
    const offsets = summaries.map(({ topic, partition, maxOffset }) => ({ topic, partition, offset: maxOffset + 1 }))
    const commit = new Map<TopicPartition, OffsetAndMetadata>(
      offsets.map(({ topic, partition, offset }) => [
        { topic, partition },
        { offset, leaderEpoch: null, metadata: '' },
      ]),
    )
    try {
      await this.#source.commitSync(commit)
      printEvent(this.#io, 'offsets_committed', { offsets, success: true })
    } catch (error) {
      if ((error as { errorName?: string }).errorName === 'FENCED_INSTANCE_ID') throw error
      printEvent(this.#io, 'offsets_committed', { offsets, error: errorMessage(error), success: false })
    }
  }

  /** Tells which partitions came and went since the last look. */
  #lookAtAssignment(): void {
    const now = this.#source.assignedPartitions()
    const keys = (list: readonly TopicPartition[]): string => list.map(topicPartitionKey).sort().join()
    if (keys(now) === keys(this.#assigned)) return
    if (this.#assigned.length > 0) printEvent(this.#io, 'partitions_revoked', { partitions: this.#assigned })
    this.#assigned = now.map(({ topic, partition }) => ({ topic, partition }))
    printEvent(this.#io, 'partitions_assigned', { partitions: this.#assigned })
  }

  async close(): Promise<void> {
    if (this.#assigned.length > 0) printEvent(this.#io, 'partitions_revoked', { partitions: this.#assigned })
    await this.#source.close()
    printEvent(this.#io, 'shutdown_complete')
  }
}

/** `kafka-verifiable-consumer.sh` with these arguments; resolves with the exit code. */
export const run = async (
  args: readonly string[],
  io: Io,
  open: OpenVerifiableConsumer = openConsumer,
): Promise<number> => {
  if (args.length === 0) {
    io.out.write(helpText(parser))
    return 0
  }
  const values = parseCommand(parser, args, io)
  if (typeof values === 'number') return values
  const source = await open(await propertiesOf(values, io), io)
  let code = 0
  let isAsked = false
  const restore = io.onInterrupt((signal) => {
    code = interruptCodes[signal]
    isAsked = true
    printEvent(io, 'shutdown_requested')
    source.wakeup()
    restore()
  })
  const work = new VerifiableRun(source, values, io)
  try {
    await work.run()
  } finally {
    await work.close()
    restore()
  }
  if (!isAsked) printEvent(io, 'shutdown_requested')
  return code
}
