import { helpText } from '../../cli/argparse-text.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { javaText } from '../../cli/run-command.ts'
import { resolveBootstrap } from '../../cli/session.ts'
import type { ProducerBatch } from '../../client/producer/batch.ts'
import type { Producer } from '../../client/producer/producer.ts'
import type { ProducerSettings } from '../../client/producer/settings.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import type { Properties } from '../shared/connect.ts'
import { constructProducer } from '../shared/constructed.ts'
import { printMetrics } from '../shared/metrics.ts'
import { printStructured } from '../shared/structured.ts'
import { Throttle } from '../shared/throttle.ts'
import { parser, spec } from './options.ts'
import { payloadSource } from './payloads.ts'
import { type PerfSettings, perfSettings } from './settings.ts'
import { Stats } from './stats.ts'

export { spec }

/** The part of the producer of src/client that a measurement needs. */
export type PerfProducer = Pick<
  Producer,
  'hasRoom' | 'topic' | 'drained' | 'flush' | 'close' | 'transactions' | 'commitTransaction' | 'listMetrics'
>

/** Opens a producer; tests give their own. */
export type OpenPerfProducer = (
  properties: Properties,
  hooks: Pick<ProducerSettings, 'onBatchDone' | 'onError'>,
  io: Io,
) => Promise<PerfProducer>

const openProducer: OpenPerfProducer = async (properties, hooks, io) => {
  const [{ Producer: Client }, config] = await Promise.all([
    import('../../client/producer/producer.ts'),
    constructProducer(properties),
  ])
  return new Client({ ...config, ...hooks, warn: (message) => println(io.err, `WARN ${message}`) })
}

/** Records of one batch that were handed over in the same millisecond. */
interface Run {
  timeMs: number
  count: number
  bytes: number
  /** Of these, after the warm-up. */
  steadyCount: number
  steadyBytes: number
}

/** So often the loop lets answers in. */
const BYTES_PER_TURN = 64 * 1024
const RECORDS_PER_TURN = 1000

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

class Measurement {
  readonly stats: Stats
  steady: Stats | undefined
  readonly #settings: PerfSettings
  readonly #io: Io
  #hasFailed = false
  readonly #runs = new Map<ProducerBatch, Run[]>()

  constructor(settings: PerfSettings, io: Io) {
    this.#settings = settings
    this.#io = io
    this.stats = new Stats(settings.recordCount, settings.intervalMs, false, io)
  }

  readonly hooks: Pick<ProducerSettings, 'onBatchDone' | 'onError'> = {
    onBatchDone: (batch, error) => {
      const runs = this.#runs.get(batch)
      this.#runs.delete(batch)
      if (runs === undefined || error !== undefined) return
      const nowMs = Date.now()
      for (const { timeMs, count, bytes, steadyCount, steadyBytes } of runs) {
        this.stats.record(count, bytes, nowMs - timeMs, nowMs)
        if (steadyCount > 0) this.steady?.record(steadyCount, steadyBytes, nowMs - timeMs, nowMs)
      }
    },
    onError: (error) => {
      if (!this.#hasFailed) this.#io.failed?.(error)
      this.#hasFailed = true
      println(this.#io.err, javaText(error))
    },
  }

  #note(batch: ProducerBatch, timeMs: number, bytes: number): void {
    let runs = this.#runs.get(batch)
    if (runs === undefined) {
      runs = []
      this.#runs.set(batch, runs)
    }
    let run = runs.at(-1)
    if (run === undefined || run.timeMs !== timeMs) {
      run = { timeMs, count: 0, bytes: 0, steadyCount: 0, steadyBytes: 0 }
      runs.push(run)
    }
    run.count++
    run.bytes += bytes
    if (this.steady === undefined) return
    run.steadyCount++
    run.steadyBytes += bytes
  }

  async run(producer: PerfProducer): Promise<void> {
    const { topic, recordCount, warmupCount, throughput, intervalMs, transactionMs } = this.#settings
    const payload = payloadSource(this.#settings)
    const writer = await producer.topic(topic)
    const throttle = new Throttle(throughput, Date.now())
    let openedMs: number | null = null
    let [turnBytes, turnRecords] = [0, 0]
    for (let i = 0; i < recordCount; i++) {
      if (transactionMs !== null && openedMs === null) {
        producer.transactions?.begin()
        openedMs = Date.now()
      }
      const { source, start, end } = payload(i)
      const nowMs = Date.now()
      if (warmupCount > 0 && i === warmupCount) {
        this.steady = new Stats(recordCount - warmupCount, intervalMs, true, this.#io)
        this.stats.silence()
      }
      const batch = writer.appendValue(source, start, end, nowMs)
      if (batch !== null) this.#note(batch, nowMs, end - start)
      turnBytes += end - start
      if (!producer.hasRoom) await producer.drained()
      else if (turnBytes >= BYTES_PER_TURN || ++turnRecords >= RECORDS_PER_TURN) {
        ;[turnBytes, turnRecords] = [0, 0]
        await nextTurn()
      }
      if (transactionMs !== null && openedMs !== null && transactionMs <= nowMs - openedMs) {
        await producer.commitTransaction()
        openedMs = null
      }
      if (throttle.isAhead(i + 1, nowMs)) await throttle.wait(i + 1, nowMs)
    }
    if (openedMs !== null) await producer.commitTransaction()
  }

  async printTotals(): Promise<void> {
    const { format } = this.#settings
    if (format !== undefined) {
      const rows = [this.stats.row(), ...(this.steady === undefined ? [] : [this.steady.row()])]
      return printStructured(this.#io, format, rows, Object.keys(rows[0]!))
    }
    this.stats.printTotal()
    this.steady?.printTotal()
  }
}

/** `kafka-producer-perf-test.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, open: OpenPerfProducer = openProducer): Promise<number> => {
  if (args.length === 0) {
    io.out.write(helpText(parser))
    return 0
  }
  const values = parseCommand(parser, args, io)
  if (typeof values === 'number') return values
  const settings = await perfSettings(values, io)
  const { properties } = settings
  if (!properties.has('bootstrap.servers')) {
    properties.set('bootstrap.servers', await resolveBootstrap(io, undefined))
  }
  if (settings.warmupCount > 0) {
    println(
      io.out,
      `Warmup first ${settings.warmupCount} records. Steady state results will print after the complete test summary.`,
    )
  }
  const measurement = new Measurement(settings, io)
  const producer = await open(properties, measurement.hooks, io)
  try {
    await measurement.run(producer)
    if (settings.shouldPrintMetrics) {
      await producer.flush()
      await measurement.printTotals()
      const { stats } = measurement
      const clientId = properties.get('client.id') ?? ''
      printMetrics(io, clientId, [
        ...producer.listMetrics(),
        { group: 'producer-metrics', name: 'record-size-avg', value: stats.bytes / stats.count },
      ])
      return 0
    }
  } finally {
    await producer.close()
  }
  await measurement.printTotals()
  return 0
}
