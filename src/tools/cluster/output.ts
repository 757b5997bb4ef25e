import { z } from 'zod'
import { type DocumentSpec, host, nodeId, port, rack } from '../shared/document-fields.ts'

const endpoints = z.strictObject({
  nodeId,
  host,
  port,
  rack,
  isFenced: z.boolean().nullable().describe('Null for controllers'),
  type: z.enum(['broker', 'controller']),
})

export const documents: readonly DocumentSpec[] = [
  {
    name: 'cluster-id',
    command: 'cluster',
    action: 'cluster-id',
    row: z.strictObject({ clusterId: z.string().nullable() }),
  },
  { name: 'cluster-list-endpoints', command: 'cluster', action: 'list-endpoints', row: endpoints },
]
