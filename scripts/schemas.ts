/**
 * Writes docs/schemas (`npm run schemas`): a JSON schema for everything that `--output json` prints, from the zod schemas beside the
 * commands. Generating it again changes nothing; a test checks that.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { jsonSchema, namedSchemas } from '../src/tools/schema/documents.ts'
import { root } from './paths.ts'

export const SCHEMA_FOLDER = join(root, 'docs', 'schemas')

/** Texts of the files, by their names. */
export const schemaFiles = (): Map<string, string> =>
  new Map(namedSchemas().map((one) => [`${one.name}.json`, `${JSON.stringify(jsonSchema(one), null, 2)}\n`]))

function main(): void {
  const files = schemaFiles()
  mkdirSync(SCHEMA_FOLDER, { recursive: true })
  for (const name of readdirSync(SCHEMA_FOLDER)) if (!files.has(name)) rmSync(join(SCHEMA_FOLDER, name))
  for (const [name, text] of files) writeFileSync(join(SCHEMA_FOLDER, name), text)
  console.error(`schemas: ${files.size} files`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
