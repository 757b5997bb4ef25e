import { javaRegex } from '../../base/java-regex.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { plainly } from '../../cli/run-command.ts'
import { mayOmitBootstrap, resolveBootstrap } from '../../cli/session.ts'
import { forbidTogether, helpOrVersion, parseOrUsage, requireOneOf, requireOptions } from '../../cli/usage.ts'
import type { Consumer } from '../../client/consumer/consumer.ts'
import type { Properties } from '../shared/connect.ts'
import { constructConsumer } from '../shared/constructed.ts'
import { ConsumerMetrics } from '../shared/consumer-metrics.ts'
import { throughputRow } from '../shared/measurement.ts'
import { printMetrics } from '../shared/metrics.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { spec } from './options.ts'
import { printSummary, progressLine, type Reading } from './report.ts'
import { type PerfOptions, perfOptions, perfProperties, warnOfDeprecated } from './settings.ts'

export { spec }

/** The part of the consumer of src/client that a measurement needs. */
export type PerfConsumer = Pick<Consumer, 'cluster' | 'subscribe' | 'poll' | 'consume' | 'close' | 'assignedPartitions'>

/** Opens a consumer with Java properties; tests give their own. */
export type OpenPerfConsumer = (properties: Properties, io: Io) => Promise<PerfConsumer>

const POLL_MS = 100
/** Java's consumer hands out so many at a time, and its tool counts them whole. */
const POLL_RECORDS = 500

const openConsumer: OpenPerfConsumer = async (properties, io) => {
  const [{ Consumer: Client }, config] = await Promise.all([
    import('../../client/consumer/consumer.ts'),
    constructConsumer(properties),
  ])
  return new Client({ ...config, warn: (message) => println(io.err, `WARN ${message}`) })
}

/** How long the consumer was without partitions. */
class JoinTime {
  totalMs = 0
  /** Since it was last asked for. */
  roundMs = 0
  #sinceMs: number | null

  constructor(startMs: number) {
    this.#sinceMs = startMs
  }

  look(consumer: PerfConsumer): void {
    const hasSome = consumer.assignedPartitions().length > 0
    if (hasSome && this.#sinceMs !== null) {
      const elapsedMs = Date.now() - this.#sinceMs
      this.totalMs += elapsedMs
      this.roundMs += elapsedMs
      this.#sinceMs = null
    } else if (!hasSome) this.#sinceMs ??= Date.now()
  }
}

const consume = async (
  consumer: PerfConsumer,
  options: PerfOptions,
  join: JoinTime,
  metrics: ConsumerMetrics,
  io: Io,
): Promise<Reading> => {
  const { recordCount, timeoutMs, intervalMs, isDetailed, dates } = options
  const read: Reading = { records: 0, bytes: 0 }
  let last: Reading = { ...read }
  let nowMs = Date.now()
  let lastReportMs = nowMs
  let lastConsumedMs = nowMs
  while (read.records < recordCount && nowMs - lastConsumedMs <= timeoutMs) {
    const fetched = await consumer.poll(POLL_MS)
    nowMs = Date.now()
    join.look(consumer)
    const before = read.records
    for (const one of fetched) {
      const { records } = read
      let sizeBytes = 0
      consumer.consume(one, (cursor) => {
        read.records++
        sizeBytes += cursor.recordEnd - cursor.recordStart
        // A missing key or value has -1 for both its ends.
        read.bytes += cursor.keyEnd - cursor.keyStart + cursor.valueEnd - cursor.valueStart
        return read.records < recordCount || read.records % POLL_RECORDS !== 0
      })
      metrics.note(one.topic, read.records - records, sizeBytes)
    }
    if (read.records === before) continue
    lastConsumedMs = nowMs
    if (nowMs - lastReportMs < intervalMs) continue
    if (isDetailed) {
      const rebalance = { ms: join.roundMs }
      println(io.out, progressLine(dates(nowMs), read, last, nowMs - lastReportMs, rebalance))
    }
    join.roundMs = 0
    lastReportMs = nowMs
    last = { ...read }
  }
  if (read.records < recordCount) {
    println(
      io.out,
      `WARNING: Exiting before consuming the expected number of records: timeout (${timeoutMs} ms) exceeded. You can use the --timeout option to increase the timeout.`,
    )
  }
  return read
}

const check = (options: OptionSet, io: Io): void => {
  if (!mayOmitBootstrap(io)) requireOptions(spec, options, 'bootstrap-server')
  requireOneOf(spec, options, 'topic', 'include')
  requireOneOf(spec, options, 'messages', 'num-records')
  forbidTogether(spec, options, 'consumer.config', ['command-config'])
  warnOfDeprecated(options, io)
}

const printHeader = (isDetailed: boolean, io: Io): void => {
  const times = isDetailed ? 'time, threadId' : 'start.time, end.time'
  println(
    io.out,
    `${times}, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec`,
  )
}

const measure = async (options: OptionSet, io: Io, open: OpenPerfConsumer): Promise<void> => {
  if (!options.has('hide-header') && outputFormat(options, io) === undefined)
    printHeader(options.has('show-detailed-stats'), io)
  const perf = perfOptions(options)
  if (perf.intervalMs <= 0) throw new Error('Reporting interval must be greater than 0.')
  const properties = await perfProperties(
    options,
    io,
    {
      'bootstrap.servers': await resolveBootstrap(io, options.text('bootstrap-server')),
      'group.id': options.text('group') ?? `perf-consumer-${Math.floor(Math.random() * 100_000)}`,
      'receive.buffer.bytes': String(options.int('socket-buffer-size')),
      'max.partition.fetch.bytes': String(options.int('fetch-size')),
      'auto.offset.reset': options.has('from-latest') ? 'latest' : 'earliest',
      'check.crcs': 'false',
    },
    'perf-consumer-client',
  )
  const topic = options.text('topic')
  const consumer = await open(properties, io)
  try {
    const startMs = Date.now()
    const metrics = new ConsumerMetrics()
    const join = new JoinTime(startMs)
    consumer.subscribe(
      topic === undefined ? { pattern: javaRegex(options.text('include') ?? '') } : { topics: [topic] },
    )
    const read = await consume(consumer, perf, join, metrics, io)
    // Shorter than a millisecond would be no time to divide by.
    const endMs = Math.max(Date.now(), startMs + 1)
    const format = outputFormat(options, io)
    if (format !== undefined) {
      const fetchTimeMs = endMs - startMs - join.totalMs
      const row = {
        ...throughputRow(read.records, read.bytes, startMs, endMs),
        rebalanceTimeMs: join.totalMs,
        fetchTimeMs,
      }
      await printStructured(io, format, [row], Object.keys(row))
    } else if (!perf.isDetailed) printSummary(io, perf.dates, read, startMs, endMs, join.totalMs)
    if (perf.shouldPrintMetrics) {
      const assigned = consumer.assignedPartitions().length
      printMetrics(io, properties.get('client.id') ?? '', [
        ...metrics.list(consumer.cluster, 'consumer-fetch-manager-metrics', true),
        { group: 'consumer-coordinator-metrics', name: 'assigned-partitions', value: assigned },
      ])
    }
  } finally {
    await consumer.close()
  }
}

/** `kafka-consumer-perf-test.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, open: OpenPerfConsumer = openConsumer): Promise<number> => {
  const options = parseOrUsage(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  check(options, io)
  return plainly(io, () => measure(options, io, open))
}
