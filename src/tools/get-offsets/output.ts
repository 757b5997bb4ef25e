import { z } from 'zod'
import { type DocumentSpec, offset, partition, topic } from '../shared/document-fields.ts'

const row = z.strictObject({
  topic,
  partition,
  offset: offset('The offset asked for; partitions without one are left out'),
})

export const documents: readonly DocumentSpec[] = [{ name: 'get-offsets', command: 'get-offsets', action: '', row }]
