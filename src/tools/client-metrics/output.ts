import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'

const subscription = z.string().describe('Name of the client metrics subscription')

export const documents: readonly DocumentSpec[] = [
  { name: 'client-metrics-list', command: 'client-metrics', action: '--list', row: z.strictObject({ subscription }) },
  {
    name: 'client-metrics-describe',
    command: 'client-metrics',
    action: '--describe',
    row: z.strictObject({ subscription, name: z.string(), value: z.string().nullable() }),
  },
]
