import { z } from 'zod'
import { type DocumentSpec, partition, rowError, topic } from '../shared/document-fields.ts'

const row = z.strictObject({
  topic,
  partition,
  isElected: z.boolean().describe('False without an error: the right leader was there already'),
  error: rowError,
})

export const documents: readonly DocumentSpec[] = [
  { name: 'leader-election', command: 'leader-election', action: '', row },
]
