import { z } from 'zod'
import { clientId, type DocumentSpec } from '../shared/document-fields.ts'
import { throughput } from '../shared/measurement-output.ts'

const row = z.strictObject({
  clientId: clientId.nullable().describe('A consumer, with --show-consumer-stats; null: all together'),
  ...throughput,
})

export const documents: readonly DocumentSpec[] = [
  { name: 'share-consumer-perf-test', command: 'share-consumer-perf-test', action: '', row },
]
