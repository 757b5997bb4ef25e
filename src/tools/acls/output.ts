import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'

const row = z.strictObject({
  resourceType: z.enum(['TOPIC', 'GROUP', 'CLUSTER', 'TRANSACTIONAL_ID', 'DELEGATION_TOKEN', 'USER']),
  resourceName: z.string().describe('Name, or what names begin with'),
  patternType: z.enum(['LITERAL', 'PREFIXED']),
  principal: z.string().describe('Who: User:alice'),
  host: z.string().describe('From where; * for anywhere'),
  operation: z.string().describe("What, in Kafka's words: READ …"),
  permissionType: z.enum(['ALLOW', 'DENY']),
})

export const documents: readonly DocumentSpec[] = [{ name: 'acls-list', command: 'acls', action: '--list', row }]
