/** Rows about features, of `features` and `storage`. */
import { z } from 'zod'
import type { DocumentSpec } from './document-fields.ts'

export const feature = z.string().describe('Name of the feature')
const version = z.int().describe('Level of the feature')
export const release = z
  .string()
  .nullable()
  .describe('The release a level of metadata.version stands for; null for other features')

const mapping = z.strictObject({ feature, version, release })
const dependencies = z.strictObject({ feature, version, requires: z.array(mapping) })

/** The documents that both commands have. */
export const featureDocuments = (command: string): DocumentSpec[] => [
  { name: `${command}-version-mapping`, command, action: 'version-mapping', row: mapping },
  { name: `${command}-feature-dependencies`, command, action: 'feature-dependencies', row: dependencies },
]
