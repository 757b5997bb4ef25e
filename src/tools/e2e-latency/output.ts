import { z } from 'zod'
import { type DocumentSpec, topic } from '../shared/document-fields.ts'
import { latencies } from '../shared/measurement-output.ts'

const row = z.strictObject({ topic, recordCount: z.int().describe('Records that came back'), ...latencies })

export const documents: readonly DocumentSpec[] = [{ name: 'e2e-latency', command: 'e2e-latency', action: '', row }]
