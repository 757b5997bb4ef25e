import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'

const row = z.strictObject({ schema: z.string().describe('Name of the schema'), printedBy: z.string() })

export const documents: readonly DocumentSpec[] = [{ name: 'schema-list', command: 'schema', action: '', row }]
