/** The zod schema of client configurations: what holds for the built object, whatever it was built from. */
import { z } from 'zod'
import type { ClientConfig } from './client-config.ts'
import type { ClientKind } from './client-definitions.ts'
import { ConfigError } from './config-error.ts'

const timeMs = z.number().min(-1)
const credentials = { username: z.string().min(1), password: z.string() }

const sasl = z.discriminatedUnion('mechanism', [
  z.object({ mechanism: z.literal('PLAIN'), ...credentials }),
  z.object({ mechanism: z.literal('SCRAM-SHA-256'), ...credentials, tokenAuth: z.boolean() }),
  z.object({ mechanism: z.literal('SCRAM-SHA-512'), ...credentials, tokenAuth: z.boolean() }),
  z.object({
    mechanism: z.literal('OAUTHBEARER'),
    tokenEndpointUrl: z.url({ protocol: /^(?:https?|file)$/ }).nullable(),
    unsecuredLifetimeSeconds: z.number().positive(),
  }),
])

const common = z.object({
  bootstrapServers: z.array(z.object({ host: z.string().min(1), port: z.int().min(0).max(65_535) })).min(1),
  clientId: z.string().min(1),
  requestTimeoutMs: timeMs,
  defaultApiTimeoutMs: timeMs,
  retryBackoffMs: timeMs,
  retryBackoffMaxMs: timeMs,
  reconnectBackoffMs: timeMs,
  reconnectBackoffMaxMs: timeMs,
  connectionsMaxIdleMs: timeMs,
  metadataMaxAgeMs: timeMs,
  socketConnectionSetupTimeoutMs: timeMs,
  socketConnectionSetupTimeoutMaxMs: timeMs,
  security: z.object({
    protocol: z.enum(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']),
    sasl: sasl.nullable(),
  }),
})

const schemas: Readonly<Record<ClientKind, z.ZodType>> = {
  admin: common,
  producer: common.extend({ acks: z.union([z.literal(-1), z.literal(0), z.literal(1)]) }),
  consumer: common.extend({
    autoOffsetReset: z.union([z.enum(['earliest', 'latest', 'none']), z.object({ durationMs: z.number().min(0) })]),
  }),
}

/** @throws ConfigError naming the field that doesn't hold */
export function checkClientConfig(kind: ClientKind, config: ClientConfig): void {
  const result = schemas[kind].safeParse(config)
  if (result.success) return
  const issue = result.error.issues[0]!
  throw new ConfigError(`Invalid client configuration: ${issue.path.join('.')}: ${issue.message}`)
}
