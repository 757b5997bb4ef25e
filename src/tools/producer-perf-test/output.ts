import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'
import { latencies, throughput } from '../shared/measurement-output.ts'

const row = z.strictObject({
  isSteadyState: z.boolean().describe('Only what came after the warm-up?'),
  ...throughput,
  ...latencies,
})

export const documents: readonly DocumentSpec[] = [
  { name: 'producer-perf-test', command: 'producer-perf-test', action: '', row },
]
