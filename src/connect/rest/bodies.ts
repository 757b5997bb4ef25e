/** Bodies of requests, checked. */
import { z } from 'zod'
import type { OffsetMap } from '../api/record.ts'
import { RequestError } from '../runtime/request-error.ts'

/** Configs may be written as numbers and booleans; Kafka takes them as text. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)

const configs = z.record(z.string(), text)
const changes = z.record(z.string(), text.nullable())
const connector = z.strictObject({
  name: z.string().nullish(),
  config: configs,
  initial_state: z.enum(['RUNNING', 'PAUSED', 'STOPPED'], 'initial_state must be RUNNING, PAUSED or STOPPED').nullish(),
})
const offsetMap = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
const offsets = z.strictObject({
  offsets: z.array(z.strictObject({ partition: offsetMap.nullish(), offset: offsetMap.nullish() })).nullish(),
})
const level = z.object({ level: z.string().nullish() })

const checked = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const where = issue.path.length === 0 ? 'The body' : issue.path.join('.')
  // Kafka answers a body of the wrong shape with 500.
  throw new RequestError(500, `${where}: ${issue.message}`)
}

export const configsBody = (body: unknown): Record<string, string> => checked(configs, body)
export const changesBody = (body: unknown): Record<string, string | null> => checked(changes, body)
export const connectorBody = (body: unknown): z.infer<typeof connector> => checked(connector, body)
export const levelBody = (body: unknown): string | null => checked(level, body).level ?? null
export const offsetsBody = (body: unknown): { partition?: OffsetMap | null; offset?: OffsetMap | null }[] =>
  checked(offsets, body).offsets ?? []
