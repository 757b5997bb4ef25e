/** Results of measurements as rows of a document. */
import type { Row } from './structured.ts'

/** Digits beyond these are noise. */
const rounded = (value: number): number => (Number.isFinite(value) ? Number(value.toFixed(3)) : 0)

/** How much went through between two times, and how fast. */
export const throughputRow = (records: number, bytes: number, startMs: number, endMs: number): Row => {
  const seconds = (endMs - startMs) / 1000
  return {
    startTimestampMs: startMs,
    endTimestampMs: endMs,
    recordCount: records,
    sizeBytes: bytes,
    recordsPerSecond: rounded(records / seconds),
    bytesPerSecond: rounded(bytes / seconds),
  }
}

/**
 * @param sorted latencies in ms, in order; percentiles are the value at that part of the list, as Kafka's tools take them
 */
export const latencyRow = (averageMs: number, maxMs: number, sorted: ArrayLike<number>): Row => {
  const latencyPercentiles = [50, 95, 99, 99.9].map((percentile) => ({
    percentile,
    latencyMs: sorted[Math.trunc((percentile / 100) * sorted.length)] ?? 0,
  }))
  return { averageLatencyMs: rounded(averageMs), maxLatencyMs: rounded(maxMs), latencyPercentiles }
}
