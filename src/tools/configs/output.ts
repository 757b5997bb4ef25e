import { z } from 'zod'
import { clientId, type DocumentSpec } from '../shared/document-fields.ts'

const name = z.string().describe('Name of the config')
const value = z.string().nullable().describe('Value; null when it is secret or not set')
const source = z.string().describe("Where the value comes from, in Kafka's words: DYNAMIC_TOPIC_CONFIG …")

const describe = z.strictObject({
  entityType: z.enum(['topics', 'brokers', 'broker-loggers', 'groups', 'client-metrics']),
  entityName: z.string().nullable().describe('Null for the default of all'),
  name,
  value,
  source,
  isSensitive: z.boolean(),
  isReadOnly: z.boolean(),
  synonyms: z
    .array(z.strictObject({ source, name, value }))
    .describe('Where the value may come from, in order of precedence'),
})

const user = z.string().describe('Name of the user')

const quota = z.strictObject({
  kind: z.literal('quota'),
  user: user.nullable(),
  clientId: clientId.nullable(),
  ip: z.string().nullable(),
  defaults: z
    .array(z.enum(['user', 'clientId', 'ip']))
    .describe('Which of them stands for all without an entry of their own'),
  quotas: z.record(z.string(), z.number()).describe('Limits by their Kafka names: producer_byte_rate …'),
})

const scram = z.strictObject({
  kind: z.literal('scram'),
  user,
  mechanism: z.enum(['SCRAM-SHA-256', 'SCRAM-SHA-512']),
  iterations: z.int(),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'configs-describe', command: 'configs', action: '--describe', row: describe },
  {
    name: 'configs-describe-quotas',
    command: 'configs',
    action: '--describe --entity-type users|clients|ips',
    row: z.discriminatedUnion('kind', [quota, scram]),
  },
]
