import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'

const row = z.strictObject({
  hop: z.enum(['embedded', 'settings', 'dns', 'tcp', 'tls', 'kafka', 'sasl', 'cluster', 'advertised', 'rights']),
  target: z.string().describe('host:port, or what else was looked at'),
  status: z.enum(['ok', 'failed', 'skipped']),
  tookMs: z.number(),
  detail: z.string().describe('What was found'),
  cause: z.string().nullable().describe('Of a failure: what is likely behind it'),
  nextStep: z.string().nullable().describe('Of a failure: what mends it'),
})

export const documents: readonly DocumentSpec[] = [{ name: 'doctor', command: 'doctor', action: '', row }]
