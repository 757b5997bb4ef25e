import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'
import { throughput } from '../shared/measurement-output.ts'

const row = z.strictObject({
  ...throughput,
  rebalanceTimeMs: z.int().describe('How long the consumer had no partitions'),
  fetchTimeMs: z.int().describe('The rest of the time'),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'consumer-perf-test', command: 'consumer-perf-test', action: '', row },
]
