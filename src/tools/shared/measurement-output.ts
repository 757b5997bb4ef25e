import { z } from 'zod'
import { timestampMs } from './document-fields.ts'

/** Fields of `throughputRow`. */
export const throughput = {
  startTimestampMs: timestampMs('When the measurement began'),
  endTimestampMs: timestampMs('When it ended'),
  recordCount: z.int().describe('Records that went through'),
  sizeBytes: z.int().describe('Their keys and values together'),
  recordsPerSecond: z.number(),
  bytesPerSecond: z.number(),
}

/** Fields of `latencyRow`. */
export const latencies = {
  averageLatencyMs: z.number(),
  maxLatencyMs: z.number(),
  latencyPercentiles: z
    .array(z.strictObject({ percentile: z.number(), latencyMs: z.number() }))
    .describe('So many percent of the records took no longer: 50, 95, 99, 99.9'),
}
