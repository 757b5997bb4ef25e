import { z } from 'zod'
import { type DocumentSpec, timestampMs } from '../shared/document-fields.ts'

const row = z.strictObject({
  timestampMs: timestampMs('When the change was made'),
  change: z.string().describe('What was changed'),
  cluster: z.string().describe('Profile or address of the cluster'),
  file: z.string().describe('Path of the undo file'),
})

export const documents: readonly DocumentSpec[] = [{ name: 'undo-list', command: 'undo', action: '--list', row }]
