import { z } from 'zod'
import { type DocumentSpec, group, groupType } from '../shared/document-fields.ts'

const row = z.strictObject({
  group,
  type: groupType,
  protocol: z
    .string()
    .nullable()
    .describe('Protocol type: consumer, share, streams, connect …; null when there is none'),
})

export const documents: readonly DocumentSpec[] = [{ name: 'groups-list', command: 'groups', action: '--list', row }]
