import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'

const row = z.strictObject({
  plugin: z.string().describe("The plugin's class name"),
  aliases: z.array(z.string()).describe('Shorter names it goes by'),
  version: z.string().describe('undefined where only a manifest names it'),
  type: z.string().describe('source, sink, converter, header_converter, transformation, predicate …'),
  isLoadable: z.boolean().describe('Can kt load it? False for what is in a jar'),
  hasManifest: z.boolean(),
  location: z.string(),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'connect-plugin-path-list', command: 'connect-plugin-path', action: 'list', row },
]
