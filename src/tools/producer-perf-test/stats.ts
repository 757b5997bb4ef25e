import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { latencyRow, throughputRow } from '../shared/measurement.ts'
import type { Row } from '../shared/structured.ts'

const MAX_SAMPLES = 500_000
const MIB = 1024 * 1024

/** Counts of records and how long they took, as Kafka's ProducerPerformance keeps and prints them. */
export class Stats {
  readonly #io: Io
  readonly #startMs = Date.now()
  readonly #latencies: Int32Array
  readonly #sampling: number
  readonly #intervalMs: number
  readonly #isSteadyState: boolean
  #iteration = 0
  #samples = 0
  #count = 0
  #bytes = 0
  #maxLatencyMs = 0
  #totalLatencyMs = 0
  #windowCount = 0
  #windowBytes = 0
  #windowMaxLatencyMs = 0
  #windowTotalLatencyMs = 0
  #windowStartMs = Date.now()
  #isQuiet = false

  constructor(recordCount: number, intervalMs: number, isSteadyState: boolean, io: Io) {
    this.#io = io
    this.#intervalMs = intervalMs
    this.#isSteadyState = isSteadyState
    this.#sampling = Math.trunc(recordCount / Math.min(recordCount, MAX_SAMPLES))
    this.#latencies = new Int32Array(Math.trunc(recordCount / this.#sampling) + 1)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  get averageLatencyMs(): number {
    return this.#totalLatencyMs / this.#count
  }

  get maxLatencyMs(): number {
    return this.#maxLatencyMs
  }

  /** Takes in `count` records of `bytes` together that took the same time. */
  record(count: number, bytes: number, latencyMs: number, nowMs: number): void {
    this.#count += count
    this.#bytes += bytes
    this.#totalLatencyMs += latencyMs * count
    this.#maxLatencyMs = Math.max(this.#maxLatencyMs, latencyMs)
    this.#windowCount += count
    this.#windowBytes += bytes
    this.#windowTotalLatencyMs += latencyMs * count
    this.#windowMaxLatencyMs = Math.max(this.#windowMaxLatencyMs, latencyMs)
    for (const end = this.#iteration + count; this.#iteration < end; this.#iteration++) {
      if (this.#iteration % this.#sampling === 0) this.#latencies[this.#samples++] = latencyMs
    }
    if (nowMs - this.#windowStartMs >= this.#intervalMs) this.#endWindow()
  }

  #endWindow(): void {
    if (this.#isSteadyState && this.#count === this.#windowCount) println(this.#io.out, 'In steady state.')
    const elapsedMs = Date.now() - this.#windowStartMs
    const perSecond = (1000 * this.#windowCount) / elapsedMs
    const mibPerSecond = (1000 * this.#windowBytes) / elapsedMs / MIB
    const averageMs = this.#windowTotalLatencyMs / this.#windowCount
    if (!this.#isQuiet) {
      println(
        this.#io.out,
        `${this.#windowCount} records sent, ${perSecond.toFixed(1)} records/sec (${mibPerSecond.toFixed(2)} MB/sec), ${averageMs.toFixed(1)} ms avg latency, ${this.#windowMaxLatencyMs.toFixed(1)} ms max latency.`,
      )
    }
    this.#windowStartMs = Date.now()
    this.#windowCount = 0
    this.#windowBytes = 0
    this.#windowMaxLatencyMs = 0
    this.#windowTotalLatencyMs = 0
  }

  /** Prints no more windows. */
  silence(): void {
    this.#isQuiet = true
  }

  /** The summary as a row of a document. */
  row(): Row {
    const latencies = latencyRow(this.averageLatencyMs, this.#maxLatencyMs, this.#sorted())
    const throughput = throughputRow(this.#count, this.#bytes, this.#startMs, Date.now())
    return { isSteadyState: this.#isSteadyState, ...throughput, ...latencies }
  }

  #sorted(): Int32Array {
    return this.#latencies.subarray(0, this.#samples).sort()
  }

  /** Prints the summary. */
  printTotal(): void {
    const elapsedMs = Date.now() - this.#startMs
    const perSecond = (1000 * this.#count) / elapsedMs
    const mibPerSecond = (1000 * this.#bytes) / elapsedMs / MIB
    const sorted = this.#sorted()
    const at = (part: number): number => sorted[Math.trunc(part * sorted.length)] ?? 0
    println(
      this.#io.out,
      `${this.#count}${this.#isSteadyState ? ' steady state' : ''} records sent, ${perSecond.toFixed(6)} records/sec (${mibPerSecond.toFixed(2)} MB/sec), ` +
        `${this.averageLatencyMs.toFixed(2)} ms avg latency, ${this.#maxLatencyMs.toFixed(2)} ms max latency, ` +
        `${at(0.5)} ms 50th, ${at(0.95)} ms 95th, ${at(0.99)} ms 99th, ${at(0.999)} ms 99.9th.`,
    )
  }
}
