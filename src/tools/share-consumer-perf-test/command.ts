import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { plainly } from '../../cli/run-command.ts'
import { mayOmitBootstrap, resolveBootstrap } from '../../cli/session.ts'
import { forbidTogether, helpOrVersion, parseOrUsage, requireOneOf, requireOptions } from '../../cli/usage.ts'
import type { ShareConsumer } from '../../client/share-consumer/share-consumer.ts'
import type { Reading } from '../consumer-perf-test/report.ts'
import { type PerfOptions, perfOptions, perfProperties, warnOfDeprecated } from '../consumer-perf-test/settings.ts'
import type { Properties } from '../shared/connect.ts'
import { ConsumerMetrics } from '../shared/consumer-metrics.ts'
import { throughputRow } from '../shared/measurement.ts'
import { printMetrics } from '../shared/metrics.ts'
import { openShareConsumer } from '../shared/open-share-consumer.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { spec } from './options.ts'

export { spec }

/** The part of the share consumer of src/client that a measurement needs. */
export type PerfShareConsumer = Pick<ShareConsumer, 'cluster' | 'subscribe' | 'poll' | 'read' | 'commit' | 'close'>

/** Opens a share consumer with Java properties; tests give their own. */
export type OpenPerfShareConsumer = (properties: Properties, io: Io) => Promise<PerfShareConsumer>

const POLL_MS = 100
const MIB = 1024 * 1024

const figures = (perf: PerfOptions, read: Reading, rate: Reading, startMs: number, endMs: number): string => {
  const seconds = (endMs - startMs) / 1000
  return [
    perf.dates(startMs),
    perf.dates(endMs),
    (read.bytes / MIB).toFixed(4),
    (rate.bytes / MIB / seconds).toFixed(4),
    (rate.records / seconds).toFixed(4),
    read.records,
    endMs - startMs,
  ].join(', ')
}

const consumeWith = async (
  consumer: PerfShareConsumer,
  index: number,
  perf: PerfOptions,
  total: Reading,
  metrics: ConsumerMetrics,
  io: Io,
): Promise<Reading> => {
  const own: Reading = { records: 0, bytes: 0 }
  let last: Reading = { ...own }
  let nowMs = Date.now()
  let lastReportMs = nowMs
  let lastConsumedMs = nowMs
  while (total.records < perf.recordCount && nowMs - lastConsumedMs <= perf.timeoutMs) {
    const polled = await consumer.poll(POLL_MS)
    nowMs = Date.now()
    if (polled.length === 0) continue
    lastConsumedMs = nowMs
    for (const records of polled) {
      const before = own.records
      let sizeBytes = 0
      consumer.read(records, (cursor) => {
        const bytes = cursor.keyEnd - cursor.keyStart + cursor.valueEnd - cursor.valueStart
        own.records++
        sizeBytes += cursor.recordEnd - cursor.recordStart
        own.bytes += bytes
        total.records++
        total.bytes += bytes
        return undefined
      })
      metrics.note(records.topic, own.records - before, sizeBytes)
    }
    if (nowMs - lastReportMs < perf.intervalMs) continue
    if (perf.isDetailed) {
      const rate = { records: own.records - last.records, bytes: own.bytes - last.bytes }
      println(io.out, `${figures(perf, own, rate, lastReportMs, nowMs)} for share consumer ${index}`)
    }
    lastReportMs = nowMs
    last = { ...own }
  }
  return own
}

const check = (options: OptionSet, io: Io): void => {
  requireOptions(spec, options, 'topic')
  if (!mayOmitBootstrap(io)) requireOptions(spec, options, 'bootstrap-server')
  requireOneOf(spec, options, 'messages', 'num-records')
  forbidTogether(spec, options, 'consumer.config', ['command-config'])
  warnOfDeprecated(options, io)
}

const propertiesOf = async (options: OptionSet, io: Io): Promise<Properties> => {
  const decided = {
    'bootstrap.servers': await resolveBootstrap(io, options.text('bootstrap-server')),
    'group.id': options.text('group') ?? '',
    'receive.buffer.bytes': String(options.int('socket-buffer-size')),
    'fetch.max.bytes': String(options.int('fetch-size')),
    'check.crcs': 'false',
  }
  return perfProperties(options, io, decided, 'perf-share-consumer-client')
}

const measure = async (options: OptionSet, io: Io, open: OpenPerfShareConsumer): Promise<void> => {
  const format = outputFormat(options, io)
  if (!options.has('hide-header') && format === undefined) {
    const names = 'start.time, end.time, data.consumed.in.MB, MB.sec, nMsg.sec, data.consumed.in.nMsg, fetch.time.ms'
    println(io.out, names)
  }
  const perf = perfOptions(options)
  const properties = await propertiesOf(options, io)
  const count = options.int('threads') ?? 1
  if (count < 1) {
    // Java's pool of threads has no words for it.
    throw Object.assign(new Error('null'), { detail: '--threads must be 1 or more.' })
  }
  const base = properties.get('client.id') ?? ''
  const clientIds = Array.from({ length: count }, (_, i) => (count === 1 ? base : `${base}-${i + 1}`))
  const consumers: PerfShareConsumer[] = []
  try {
    for (const clientId of clientIds) consumers.push(await open(new Map(properties).set('client.id', clientId), io))
    const startMs = Date.now()
    const metrics = consumers.map(() => new ConsumerMetrics())
    const total: Reading = { records: 0, bytes: 0 }
    for (const consumer of consumers) consumer.subscribe([options.text('topic') ?? ''])
    const parts = await Promise.all(consumers.map((one, i) => consumeWith(one, i + 1, perf, total, metrics[i]!, io)))
    // Shorter than a millisecond would be no time to divide by.
    const endMs = Math.max(Date.now(), startMs + 1)
    if (options.has('show-consumer-stats') && format === undefined) {
      parts.forEach((part, i) => {
        const line = figures(perf, part, part, startMs, endMs)
        println(io.out, `Share consumer ${i + 1} having client id ${clientIds[i]} consumption metrics- ${line}`)
      })
    }
    if (total.records < perf.recordCount) {
      println(
        io.out,
        `WARNING: Exiting before consuming the expected number of records: timeout (${perf.timeoutMs} ms) exceeded. You can use the --timeout option to increase the timeout.`,
      )
    }
    for (const consumer of consumers) await consumer.commit()
    if (format === undefined) println(io.out, figures(perf, total, total, startMs, endMs))
    else {
      const shown = options.has('show-consumer-stats')
        ? parts.map((part, i) => ({ part, clientId: clientIds[i]! }))
        : []
      const rows = [...shown, { part: total, clientId: null }].map(({ part, clientId }) => ({
        clientId,
        ...throughputRow(part.records, part.bytes, startMs, endMs),
      }))
      await printStructured(io, format, rows, Object.keys(rows[0]!))
    }
    if (!perf.shouldPrintMetrics) return
    consumers.forEach(({ cluster }, i) => {
      printMetrics(io, clientIds[i]!, metrics[i]!.list(cluster, 'consumer-share-fetch-manager-metrics', false))
    })
  } finally {
    for (const consumer of consumers) await consumer.close()
  }
}

/** `kafka-share-consumer-perf-test.sh` with these arguments; resolves with the exit code. */
export const run = async (
  args: readonly string[],
  io: Io,
  open: OpenPerfShareConsumer = openShareConsumer,
): Promise<number> => {
  const options = parseOrUsage(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  check(options, io)
  return plainly(io, () => measure(options, io, open))
}
