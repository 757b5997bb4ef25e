import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'

const row = z.strictObject({
  name: z.string(),
  isCurrent: z.boolean().describe('Do commands use it that are told nothing else?'),
  bootstrap: z.string().describe('host:port, several with commas'),
  description: z.string().nullable(),
  isProtected: z.boolean().describe('Have changes to be confirmed?'),
  isReadOnly: z.boolean().describe('Are changes refused?'),
  colour: z.string().nullable(),
  properties: z.record(z.string(), z.string()).describe('Properties of the client; secrets masked'),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'profile-list', command: 'profile', action: 'list', row },
  { name: 'profile-show', command: 'profile', action: 'show', row },
]
