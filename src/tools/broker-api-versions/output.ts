import { z } from 'zod'
import { type DocumentSpec, nodeId } from '../shared/document-fields.ts'

const row = z.strictObject({
  nodeId,
  apiKey: z.int(),
  apiName: z.string().nullable().describe('Null for an API that Kafka 4.3 does not know'),
  minVersion: z.int().nullable().describe('Oldest version of the node; null when it lacks the API'),
  maxVersion: z.int().nullable().describe('Newest version of the node; null when it lacks the API'),
  usableVersion: z
    .int()
    .nullable()
    .describe("Newest version that Kafka 4.3's clients have too; null when there is none"),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'broker-api-versions', command: 'broker-api-versions', action: '', row },
]
