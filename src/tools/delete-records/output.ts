import { z } from 'zod'
import { type DocumentSpec, offsetOrNull, partition, rowError, topic } from '../shared/document-fields.ts'

const row = z.strictObject({
  topic,
  partition,
  lowWatermark: offsetOrNull('Where the log starts now; null when it failed'),
  error: rowError,
})

export const documents: readonly DocumentSpec[] = [
  { name: 'delete-records', command: 'delete-records', action: '', row },
]
