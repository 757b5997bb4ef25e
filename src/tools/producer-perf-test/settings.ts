import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ArgparseValues, argparseExit } from '../../cli/argparse.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { clientProperties, type Properties } from '../shared/connect.ts'
import { javaSplit } from '../shared/java.ts'
import { type OutputFormat, outputFormat } from '../shared/structured.ts'
import { parser } from './options.ts'

const DEFAULT_TRANSACTION_MS = 3000

/** What a run of the command is to do. */
export interface PerfSettings {
  topic: string
  recordCount: number
  warmupCount: number
  /** Null: not of a fixed size. */
  recordSize: number | null
  throughput: number
  isMonotonic: boolean
  payloads: Buffer[]
  intervalMs: number
  /** Null: no transactions. */
  transactionMs: number | null
  shouldPrintMetrics: boolean
  /** Undefined: as Kafka's tool prints it. */
  format: OutputFormat | undefined
  properties: Properties
}

const fail = (message: string): never => argparseExit(parser, message)

const check = (values: ArgparseValues, io: Io): void => {
  if (values.number('num-records')! <= 0) fail('--num-records should be greater than zero.')
  if (Math.max(values.number('warmup-records') ?? 0, 0) >= values.number('num-records')!) {
    fail('The value for --warmup-records must be strictly fewer than the number of records in the test, --num-records.')
  }
  const size = values.number('record-size')
  if (size !== undefined && size <= 0) fail('--record-size should be greater than zero.')
  const sources = ['bootstrap-server', 'command-property', 'producer-props', 'producer.config', 'command-config']
  if (!sources.some((name) => values.has(name)) && !mayOmitBootstrap(io)) {
    fail(
      'At least one of --bootstrap-server, --command-property, --producer-props, --producer.config or --command-config must be specified.',
    )
  }
  if (values.has('command-property') && values.has('producer-props')) {
    fail('--command-property and --producer-props cannot be specified together.')
  }
  if (values.has('command-config') && values.has('producer.config')) {
    fail('--command-config and --producer.config cannot be specified together.')
  }
  const duration = values.number('transaction-duration-ms')
  if (duration !== undefined && duration <= 0) fail('--transaction-duration-ms should be greater than zero.')
  if ((values.number('reporting-interval') ?? 1) <= 0) fail('--reporting-interval should be greater than zero.')
}

const readPayloads = (path: string | undefined, delimiter: string, io: Io): Buffer[] => {
  if (path === undefined) return []
  println(io.out, `Reading payloads from: ${resolve(path)}`)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (text === '') throw new Error('File does not exist or empty file provided.')
  // Java's Scanner reads the delimiter as a regular expression; an end of the file is one too.
  const pieces = text.split(new RegExp(delimiter))
  if (pieces.at(-1) === '') pieces.pop()
  const payloads = pieces.map((piece) => Buffer.from(piece))
  println(io.out, `Number of records read: ${payloads.length}`)
  return payloads
}

const readProperties = async (
  given: readonly string[],
  file: string | undefined,
  server: string | undefined,
  io: Io,
): Promise<Properties> => {
  const properties = await clientProperties(io, file, server)
  for (const text of given) {
    const [name, value, ...more] = javaSplit(text, '=')
    if (name === undefined || value === undefined || more.length > 0) throw new Error(`Invalid property: ${text}`)
    properties.set(name, value)
  }
  if (!properties.has('client.id')) properties.set('client.id', 'perf-producer-client')
  return properties
}

const setTransactions = (values: ArgparseValues, properties: Properties): number | null => {
  const duration = values.number('transaction-duration-ms')
  const given = values.text('transactional-id') ?? properties.get('transactional.id')
  if (duration === undefined && given === undefined) return null
  const uuid = (): string => randomBytes(16).toString('base64url')
  properties.set('transactional.id', given ?? `performance-producer-${uuid()}`)
  return duration ?? DEFAULT_TRANSACTION_MS
}

/** Reads the options in the order of Kafka's tool, printing what it prints on the way. */
export const perfSettings = async (values: ArgparseValues, io: Io): Promise<PerfSettings> => {
  check(values, io)
  const delimiter = values.text('payload-delimiter') ?? '\\n'
  const payloads = readPayloads(values.text('payload-file'), delimiter, io)
  const deprecated = (old: string, name: string): void => {
    if (!values.has(old)) return
    println(
      io.out,
      `Option --${old} has been deprecated and will be removed in a future version. Use --${name} instead.`,
    )
  }
  deprecated('producer-props', 'command-property')
  deprecated('producer.config', 'command-config')
  const given = values.has('producer-props') ? values.list('producer-props') : values.list('command-property')
  const server = values.text('bootstrap-server')
  const properties = await readProperties(
    given,
    values.text('producer.config') ?? values.text('command-config'),
    server ?? given.find((pair) => pair.startsWith('bootstrap.servers=')),
    io,
  )
  if (server !== undefined) properties.set('bootstrap.servers', server)
  return {
    topic: values.text('topic')!,
    recordCount: values.number('num-records')!,
    format: outputFormat(values, io),
    warmupCount: Math.max(values.number('warmup-records') ?? 0, 0),
    recordSize: values.number('record-size') ?? null,
    throughput: values.number('throughput')!,
    isMonotonic: values.has('payload-monotonic'),
    payloads,
    intervalMs: values.number('reporting-interval') ?? 5000,
    transactionMs: setTransactions(values, properties),
    shouldPrintMetrics: values.has('print-metrics'),
    properties,
  }
}
