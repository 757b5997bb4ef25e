import { z } from 'zod'
import { documents as acls } from '../acls/output.ts'
import { documents as broker } from '../broker/output.ts'
import { documents as brokerApiVersions } from '../broker-api-versions/output.ts'
import { documents as clientMetrics } from '../client-metrics/output.ts'
import { documents as cluster } from '../cluster/output.ts'
import { documents as configs } from '../configs/output.ts'
import { documents as connectPluginPath } from '../connect-plugin-path/output.ts'
import { documents as consumerGroups } from '../consumer-groups/output.ts'
import { documents as consumerPerfTest } from '../consumer-perf-test/output.ts'
import { documents as delegationTokens } from '../delegation-tokens/output.ts'
import { documents as deleteRecords } from '../delete-records/output.ts'
import { documents as doctor } from '../doctor/output.ts'
import { documents as dumpLog } from '../dump-log/output.ts'
import { documents as e2eLatency } from '../e2e-latency/output.ts'
import { documents as features } from '../features/output.ts'
import { documents as getOffsets } from '../get-offsets/output.ts'
import { documents as groups } from '../groups/output.ts'
import { documents as lag } from '../lag/output.ts'
import { documents as leaderElection } from '../leader-election/output.ts'
import { documents as logDirs } from '../log-dirs/output.ts'
import { documents as metadataQuorum } from '../metadata-quorum/output.ts'
import { documents as producerPerfTest } from '../producer-perf-test/output.ts'
import { documents as profile } from '../profile/output.ts'
import { documents as reassignPartitions } from '../reassign-partitions/output.ts'
import { documents as schema } from '../schema/output.ts'
import { documents as shareConsumerPerfTest } from '../share-consumer-perf-test/output.ts'
import { documents as shareGroups } from '../share-groups/output.ts'
import { type DocumentSpec, errorDocumentSchema } from '../shared/document-fields.ts'
import { documents as storage } from '../storage/output.ts'
import { documents as streamsGroups } from '../streams-groups/output.ts'
import { documents as topics } from '../topics/output.ts'
import { documents as transactions } from '../transactions/output.ts'
import { documents as undo } from '../undo/output.ts'

/** What every action with a document of its own prints; every command with `--output` is here. */
export const documents: readonly DocumentSpec[] = [
  ...topics,
  ...consumerPerfTest,
  ...e2eLatency,
  ...producerPerfTest,
  ...shareConsumerPerfTest,
  ...configs,
  ...getOffsets,
  ...deleteRecords,
  ...consumerGroups,
  ...shareGroups,
  ...streamsGroups,
  ...groups,
  ...transactions,
  ...clientMetrics,
  ...features,
  ...acls,
  ...delegationTokens,
  ...cluster,
  ...metadataQuorum,
  ...leaderElection,
  ...reassignPartitions,
  ...logDirs,
  ...brokerApiVersions,
  ...dumpLog,
  ...storage,
  ...broker,
  ...lag,
  ...doctor,
  ...profile,
  ...connectPluginPath,
  ...undo,
  ...schema,
]

const message = z.strictObject({ message: z.string() })

/** A schema by its name. */
export interface NamedSchema {
  name: string
  /** Where such a document comes from. */
  printedBy: string
  schema: z.ZodType
}

const printedBy = ({ command, action }: DocumentSpec): string => `kt ${command} ${action}`.trim()

/** All schemas: those of the documents, of what actions without one print, and of errors. */
export const namedSchemas = (): NamedSchema[] => [
  ...documents.map((one) => ({
    name: one.name,
    printedBy: printedBy(one),
    schema: one.isStream ? one.row : z.array(one.row),
  })),
  { name: 'messages', printedBy: 'actions without a schema of their own', schema: z.array(message) },
  { name: 'error', printedBy: 'failed commands, on standard error', schema: errorDocumentSchema },
]

/**
 * What is published says less than what is tested: the bounds that zod gives every integer say nothing of Kafka's, and a later version
 * may add fields.
 */
const relax = (json: Record<string, unknown>): void => {
  if (json.additionalProperties === false) delete json.additionalProperties
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum
}

/** A schema as JSON Schema, draft 2020-12. */
export const jsonSchema = ({ name, printedBy: by, schema }: NamedSchema): Record<string, unknown> => ({
  ...z.toJSONSchema(schema, { override: ({ jsonSchema: json }) => relax(json) }),
  title: name,
  description: by,
})
