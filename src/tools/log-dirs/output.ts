import { z } from 'zod'
import { type DocumentSpec, nodeId, partition, rowError, topic } from '../shared/document-fields.ts'

const row = z.strictObject({
  nodeId,
  logDir: z.string(),
  error: rowError,
  totalBytes: z.int().nullable().describe('Size of the volume; null when unknown'),
  usableBytes: z.int().nullable().describe('What is free of it; null when unknown'),
  replicas: z.array(
    z.strictObject({
      topic,
      partition,
      sizeBytes: z.int(),
      offsetLag: z.int().describe('How far behind the high watermark, or a future replica behind the present one'),
      isFuture: z.boolean().describe('Is it on its way here from another directory?'),
    }),
  ),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'log-dirs-describe', command: 'log-dirs', action: '--describe', row },
]
