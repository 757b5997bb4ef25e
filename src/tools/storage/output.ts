import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'
import { featureDocuments } from '../shared/feature-documents.ts'

const info = z.strictObject({
  logDirs: z.array(z.string()).describe('Log directories that are there'),
  metadata: z
    .record(z.string(), z.string())
    .nullable()
    .describe('meta.properties of the first; null when none is formatted'),
  problems: z.array(z.string()).describe('What is wrong, a sentence each'),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'storage-info', command: 'storage', action: 'info', row: info },
  ...featureDocuments('storage'),
]
