/**
 * Writes the JSON Schemas of `--output json` and `--input json` to docs (`npm run record-schema`), from the zod schemas of
 * src/tools/shared/record-schema.ts. Generating them again changes nothing; a test checks that.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { inputLine, recordLine } from '../src/tools/shared/record-schema.ts'
import { root } from './paths.ts'

const text = (schema: z.ZodType): string => `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`

/** Text of each file by its path. */
export const recordSchemas = (): Map<string, string> =>
  new Map([
    [join(root, 'docs', 'record.schema.json'), text(recordLine)],
    [join(root, 'docs', 'record-input.schema.json'), text(inputLine)],
  ])

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, schema] of recordSchemas()) writeFileSync(path, schema)
}
